-- What owners call to publish.  These run with the rights of who calls them:
-- the grants to grantd_app are the owner's to make.  What they record is done
-- by grantd.register and grantd.forget, which look at the owner, too.

-- Whether the session may speak for an object.
CREATE FUNCTION publish.require_owner(p_owner oid, p_what text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF NOT pg_has_role(session_user, p_owner, 'MEMBER') THEN
		PERFORM publish.fail(format('%s belongs to %s', p_what,
		    p_owner::regrole), 'Its owner publishes it.', '42501');
	END IF;
END
$$;

-- The same for what was published and is not there any more, or not alone.
CREATE FUNCTION publish.require_publisher(p publish.procedure) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles r
	    WHERE pg_has_role(session_user, r.oid, 'MEMBER')
	    AND (r.rolname = p.published_by OR r.oid = (SELECT s.nspowner
		FROM pg_namespace s WHERE s.nspname = p.schema))) THEN
		PERFORM publish.fail(format('%s was published by %s', p.name,
		    p.published_by),
		    'He takes it back, or the owner of its schema.', '42501');
	END IF;
END
$$;

-- Refuses options that do not fit together.
CREATE FUNCTION publish.check_options(p publish.procedure, p_object oid)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	v_shape	text := CASE WHEN NOT p.is_table THEN publish.shape(p_object) END;
	v	text;
BEGIN
	v := CASE
	    WHEN p.name !~ '^[A-Za-z0-9_-]{1,63}\.[A-Za-z0-9_-]{1,63}$'
		THEN 'group and name are of A-Z, a-z, 0-9, _ and -: ' || p.name
	    WHEN split_part(p.name, '.', 1) = 'docs'
		THEN '/api/docs is the console: give another name with "group"'
	    WHEN p.tool !~ '^[A-Za-z0-9_-]{1,64}$'
		THEN 'a tool name is of A-Z, a-z, 0-9, _ and -, at most 64'
	    WHEN cardinality(p.kinds) = 0 OR NOT p.kinds
		<@ '{user,client,session,visitor,none}' THEN 'kinds are user, client and session'
	    WHEN p.timeout_ms NOT BETWEEN 1 AND 3600000
		THEN 'timeout is from a millisecond to an hour'
	    WHEN p.max_rows NOT BETWEEN 1 AND 1000 THEN 'max_rows is from 1 to 1000'
	    WHEN length(p.confirm) > 1000 OR p.confirm = ''
		THEN 'confirm is a question of at most 1000 characters'
	    WHEN NOT p.http AND NOT p.mcp THEN 'neither http nor mcp'
	    WHEN NOT p.http AND NOT p.kinds && '{user,client}'
		THEN 'sessions do not come by mcp: nobody could call it'
	    WHEN p.page_key IS NOT NULL AND (p.is_table OR v_shape <> 'list'
		OR p.kind <> 'procedure') THEN 'page_key is for functions that return rows'
	    WHEN p.page_key IS NOT NULL AND (cardinality(p.page_key) = 0
		OR EXISTS (SELECT FROM publish.page_keys(p.page_key, p_object) k
		    WHERE k.type IS NULL)) THEN 'page_key names a column that the result does not have'
	    WHEN EXISTS (SELECT FROM publish.page_keys(p.page_key, p_object) k
		JOIN pg_type t ON t.oid = publish.base_type(k.type)
		WHERE t.typtype = 'c') THEN 'a page_key column is a row: name one of a plain type'
	    WHEN p.page_key IS NOT NULL AND EXISTS (
		SELECT FROM publish.arguments(p_object) a
		WHERE a.name IN ('cursor', 'page_size'))
		THEN 'with page_key the arguments "cursor" and "page_size" are those of the page: call its own ones otherwise'
	    WHEN (SELECT count(DISTINCT k.down) FROM publish.page_keys(
		p.page_key, p_object) k) > 1 THEN 'page_key columns all go one way: asc or desc'
	    WHEN p.kind = 'resource' AND NOT coalesce(p.uri
		~ '^[a-z][a-z0-9+.-]*:[A-Za-z0-9._~:/?#@!$&''()*+,;=%{}-]+$'
		AND length(p.uri) <= 500 AND regexp_replace(p.uri,
		    '\{[A-Za-z_][A-Za-z0-9_]*\}', '', 'g') !~ '[{}]', false)
		THEN 'a resource has a URI such as shop://orders/{id}'
	    WHEN p.kind = 'resource' AND p.is_table AND EXISTS (
		SELECT FROM publish.uri_variables(p.uri) u WHERE NOT EXISTS (
		    SELECT FROM pg_attribute a WHERE a.attrelid = p_object
		    AND a.attname = u.name AND a.attnum > 0 AND NOT a.attisdropped))
		THEN 'the URI names a column that the table does not have'
	    WHEN p.kind = 'resource' AND NOT p.is_table AND (EXISTS (
		SELECT FROM publish.uri_variables(p.uri) u WHERE NOT EXISTS (
		    SELECT FROM publish.arguments(p_object) a WHERE a.name = u.name))
		OR EXISTS (SELECT FROM publish.arguments(p_object) a
		    WHERE a.def IS NULL AND NOT EXISTS (
			SELECT FROM publish.uri_variables(p.uri) u
			WHERE u.name = a.name)))
		THEN 'the variables of the URI are not the arguments of the function'
	    WHEN p.kind = 'resource' AND v_shape IN ('void', 'content', 'messages')
		THEN 'a resource is text, bytea, JSON or rows'
	    WHEN p.kind = 'prompt' AND NOT (v_shape = 'messages' OR (
		v_shape = 'scalar' AND EXISTS (SELECT FROM pg_proc f
		    JOIN pg_type t ON t.oid = f.prorettype
		    WHERE f.oid = p_object AND t.typcategory = 'S')))
		THEN 'a prompt returns text or grantd.messages'
	    WHEN p.kind = 'procedure' AND v_shape = 'messages'
		THEN 'grantd.messages is what prompts return'
	    WHEN p.kind <> 'procedure' AND NOT p.is_table AND EXISTS (
		SELECT FROM pg_proc f WHERE f.oid = p_object AND f.provolatile = 'v')
		THEN 'resources and prompts are read: the function must be STABLE or IMMUTABLE'
	    END;
	IF v IS NOT NULL THEN
		PERFORM publish.fail(v);
	END IF;
END
$$;

-- Records what is published.  p_options: the columns of publish.procedure.
CREATE OR REPLACE FUNCTION grantd.register(options jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	p	publish.procedure := jsonb_populate_record(NULL::publish.procedure,
		    $1);
	v_object oid;
BEGIN
	PERFORM publish.lock();
	IF $1 ->> 'scope' IS NULL THEN
		PERFORM publish.fail('a scope is needed',
		    'Or say scope => ''public'': then nobody has to sign in.');
	ELSIF publish.own_schema(p.schema) THEN
		PERFORM publish.fail(format('%I is a schema of the system', p.schema),
		    '', '42501');
	ELSIF p.scope = 'public' THEN
		p.scope := NULL;
		p.kinds := '{user,client,session,visitor,none}';
	ELSIF NOT p.kinds <@ '{user,client,session}' THEN
		PERFORM publish.fail('kinds are user, client and session');
	ELSE
		PERFORM publish.check_app_scopes(ARRAY[p.scope]);
	END IF;
	p.published_by := session_user;
	v_object := publish.object_of(p);
	IF p.is_table THEN
		PERFORM publish.require_owner(c.relowner, c.oid::regclass::text)
		FROM pg_class c WHERE c.oid = v_object;
		IF NOT p.trusted AND NOT (SELECT c.relrowsecurity FROM pg_class c
		    WHERE c.oid = v_object) THEN
			PERFORM publish.fail(format('%s has no row-level security',
			    v_object::regclass),
			    'Protect it with grantd.protect(), or say trusted => true.');
		END IF;
	ELSE
		PERFORM publish.require_owner(f.proowner, f.oid::regprocedure::text)
		FROM pg_proc f WHERE f.oid = v_object;
	END IF;
	p.destructive := coalesce(p.destructive, NOT p.is_table AND (
	    SELECT f.provolatile = 'v' FROM pg_proc f WHERE f.oid = v_object));
	p.idempotent := coalesce(p.idempotent, p.is_table OR (
	    SELECT f.provolatile <> 'v' FROM pg_proc f WHERE f.oid = v_object));
	p.open_world := coalesce(p.open_world, false);
	IF p.kind = 'resource' THEN
		p.mime := coalesce(p.mime, CASE WHEN p.is_table THEN 'application/json'
		    ELSE (SELECT CASE publish.base_type(f.prorettype)
			WHEN 'text'::regtype THEN 'text/plain'
			WHEN 'bytea'::regtype THEN 'application/octet-stream'
			ELSE 'application/json' END
			FROM pg_proc f WHERE f.oid = v_object AND NOT f.proretset) END,
		    'application/json');
	END IF;
	PERFORM publish.check_options(p, v_object);
	PERFORM publish.put(p);
END
$$;

-- Takes back what was published; what it was of, if that still exists.
CREATE OR REPLACE FUNCTION grantd.forget(name text) RETURNS regprocedure
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	p	publish.procedure;
	v_object oid;
BEGIN
	PERFORM publish.lock();
	SELECT * INTO p FROM publish.procedure o WHERE o.name = $1;
	IF NOT FOUND THEN
		PERFORM publish.fail(format('nothing is published as "%s"', $1), '',
		    '42704');
	END IF;
	BEGIN
		v_object := publish.object_of(p);
	EXCEPTION WHEN undefined_function OR undefined_table
	    OR ambiguous_function THEN
		v_object := NULL;
	END;
	IF pg_has_role(session_user, 'grantd_owner', 'MEMBER') THEN
		NULL;
	ELSIF v_object IS NULL THEN
		PERFORM publish.require_publisher(p);
	ELSIF p.is_table THEN
		PERFORM publish.require_owner(c.relowner, c.oid::regclass::text)
		FROM pg_class c WHERE c.oid = v_object;
	ELSE
		PERFORM publish.require_owner(f.proowner, f.oid::regprocedure::text)
		FROM pg_proc f WHERE f.oid = v_object;
	END IF;
	DELETE FROM publish.procedure o WHERE o.name = $1;
	PERFORM publish.may_create(true);
	PERFORM published.drop(p.number);
	PERFORM publish.may_create(false);
	PERFORM publish.bump();
	PERFORM publish.audit('publish.unpublish', p.kind, p.name, '{}');
	IF NOT p.is_table AND NOT EXISTS (SELECT FROM publish.procedure o
	    WHERE o.schema = p.schema AND o.object = p.object) THEN
		RETURN v_object;
	END IF;
	RETURN NULL;
END
$$;

-- Schema and name of "schema.name".
CREATE OR REPLACE FUNCTION grantd.object_name(name text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	text[] := parse_ident($1);
BEGIN
	IF cardinality(v) <> 2 THEN
		RAISE EXCEPTION 'name it as schema.name: %', $1
		    USING ERRCODE = '22023';
	END IF;
	RETURN v;
END
$$;

-- Lets grantd_app run a function, or read a table.
CREATE OR REPLACE FUNCTION grantd.let_run(name text[], is_table boolean)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	f	regprocedure;
	n	int4 := 0;
BEGIN
	-- The lock of publish.lock(): two at once would grant past each other.
	PERFORM pg_advisory_xact_lock(hashtext('grantd publish'));
	IF NOT has_schema_privilege('grantd_app', $1[1], 'USAGE') THEN
		EXECUTE format('GRANT USAGE ON SCHEMA %I TO grantd_app', $1[1]);
	END IF;
	IF $2 THEN
		EXECUTE format('GRANT SELECT ON TABLE %I.%I TO grantd_app', $1[1], $1[2]);
		RETURN;
	END IF;
	FOR f IN SELECT p.oid FROM pg_proc p
	    WHERE p.pronamespace = to_regnamespace(quote_ident($1[1]))
	    AND p.proname = $1[2] AND p.prokind = 'f' LOOP
		n := n + 1;
		EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO grantd_app', f);
	END LOOP;
END
$$;

-- Publishes a function; docs/PUBLISHING.md tells what each option does.
CREATE OR REPLACE FUNCTION grantd.publish(function text, scope text,
    "group" text DEFAULT NULL, tool text DEFAULT NULL,
    kinds text[] DEFAULT '{user,client,session}',
    destructive boolean DEFAULT NULL, idempotent boolean DEFAULT NULL,
    open_world boolean DEFAULT NULL, timeout interval DEFAULT '10 s',
    max_rows int4 DEFAULT 100, page_key text[] DEFAULT NULL,
    confirm text DEFAULT NULL, http boolean DEFAULT true,
    mcp boolean DEFAULT true, hidden boolean DEFAULT false,
    trusted boolean DEFAULT false, exact_text boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	text[] := grantd.object_name(function);
BEGIN
	PERFORM grantd.let_run(v, false);
	PERFORM grantd.register(jsonb_build_object('kind', 'procedure',
	    'name', coalesce("group", v[1]) || '.' || v[2], 'schema', v[1],
	    'object', v[2], 'is_table', false, 'scope', scope, 'kinds', kinds,
	    'tool', coalesce(tool, v[2]), 'destructive', destructive,
	    'idempotent', idempotent, 'open_world', open_world,
	    'timeout_ms', (extract(epoch FROM timeout) * 1000)::int4,
	    'max_rows', max_rows, 'page_key', page_key, 'confirm', confirm,
	    'http', http, 'mcp', mcp, 'hidden', hidden, 'trusted', trusted,
	    'exact_text', exact_text));
END
$$;

-- A function whose result is a resource: text, bytea, JSON or rows.
CREATE OR REPLACE FUNCTION grantd.publish_resource(function text, scope text,
    uri text, mime_type text DEFAULT NULL, "group" text DEFAULT NULL,
    kinds text[] DEFAULT '{user,client}', timeout interval DEFAULT '10 s',
    max_rows int4 DEFAULT 100, hidden boolean DEFAULT false,
    trusted boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	text[] := grantd.object_name(function);
BEGIN
	PERFORM grantd.let_run(v, false);
	PERFORM grantd.register(jsonb_build_object('kind', 'resource',
	    'name', coalesce("group", v[1]) || '.' || v[2], 'schema', v[1],
	    'object', v[2], 'is_table', false, 'scope', scope, 'kinds', kinds,
	    'tool', v[2], 'timeout_ms', (extract(epoch FROM timeout) * 1000)::int4,
	    'max_rows', max_rows, 'http', false, 'mcp', true, 'hidden', hidden,
	    'trusted', trusted, 'exact_text', false, 'uri', uri,
	    'mime', mime_type));
END
$$;

-- Rows of a table as a resource, as far as row-level security shows them: all
-- (as many as max_rows), or the one that the variables of the URI name.
CREATE OR REPLACE FUNCTION grantd.publish_table("table" text, scope text,
    uri text, max_rows int4 DEFAULT 100, "group" text DEFAULT NULL,
    kinds text[] DEFAULT '{user,client}', timeout interval DEFAULT '10 s',
    hidden boolean DEFAULT false, trusted boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	text[] := grantd.object_name("table");
BEGIN
	PERFORM grantd.let_run(v, true);
	PERFORM grantd.register(jsonb_build_object('kind', 'resource',
	    'name', coalesce("group", v[1]) || '.' || v[2] || '_table',
	    'schema', v[1], 'object', v[2], 'is_table', true, 'scope', scope, 'kinds', kinds,
	    'tool', v[2], 'timeout_ms', (extract(epoch FROM timeout) * 1000)::int4,
	    'max_rows', max_rows, 'http', false, 'mcp', true, 'hidden', hidden,
	    'trusted', trusted, 'exact_text', false, 'uri', uri));
END
$$;

-- A function that makes a prompt: text, or grantd.messages.
CREATE OR REPLACE FUNCTION grantd.publish_prompt(function text, scope text,
    "group" text DEFAULT NULL, name text DEFAULT NULL,
    kinds text[] DEFAULT '{user,client}', timeout interval DEFAULT '10 s',
    hidden boolean DEFAULT false, trusted boolean DEFAULT false)
RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	text[] := grantd.object_name(function);
BEGIN
	PERFORM grantd.let_run(v, false);
	PERFORM grantd.register(jsonb_build_object('kind', 'prompt',
	    'name', coalesce("group", v[1]) || '.' || v[2], 'schema', v[1],
	    'object', v[2], 'is_table', false, 'scope', scope, 'kinds', kinds,
	    'tool', coalesce(name, v[2]),
	    'timeout_ms', (extract(epoch FROM timeout) * 1000)::int4,
	    'max_rows', 100, 'http', false, 'mcp', true, 'hidden', hidden,
	    'trusted', trusted, 'exact_text', false));
END
$$;

CREATE OR REPLACE FUNCTION grantd.unpublish(name text) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	f	regprocedure := grantd.forget($1);
BEGIN
	IF f IS NOT NULL THEN
		EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM grantd_app', f);
	END IF;
END
$$;

-- After changes of tables, types or functions: wrappers and schemas anew.
-- Returns how many changed.
CREATE OR REPLACE FUNCTION grantd.refresh() RETURNS int4
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	int4 := publish.refresh();
BEGIN
	PERFORM publish.audit('publish.refresh', 'catalogue', '',
	    jsonb_build_object('changed', v));
	RETURN v;
END
$$;

-- What the API is called in its descriptions.
CREATE OR REPLACE FUNCTION grantd.describe(title text, version text DEFAULT '1')
RETURNS void LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF lib.has_control(to_jsonb(concat($1, $2))) THEN
		PERFORM publish.fail('title and version are without control characters');
	END IF;
	UPDATE publish.state s SET title = $1, version = $2,
	    generation = s.generation + 1;
	PERFORM publish.audit('publish.describe', 'catalogue', '',
	    jsonb_build_object('title', $1, 'version', $2));
END
$$;
