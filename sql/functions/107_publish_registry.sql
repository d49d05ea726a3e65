-- The registry: a row, a wrapper, a part of the catalogue and the doors of the
-- gate for each published thing, made together.

CREATE FUNCTION publish.object_of(p publish.procedure) RETURNS oid
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v	oid;
BEGIN
	IF NOT p.is_table THEN
		RETURN publish.function_of(p.schema, p.object);
	END IF;
	SELECT c.oid INTO v FROM pg_class c JOIN pg_namespace s
	    ON s.oid = c.relnamespace
	WHERE s.nspname = p.schema AND c.relname = p.object
	AND c.relkind IN ('r', 'p', 'v', 'm', 'f');
	IF v IS NULL THEN
		PERFORM publish.fail(format('there is no table %I.%I', p.schema,
		    p.object), '', '42P01');
	END IF;
	RETURN v;
END
$$;

-- Values that can be offered for an argument: of enums, and from @complete.
CREATE FUNCTION publish.completions(p_function oid, p_words jsonb)
RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce((SELECT jsonb_object_agg(a.name, (
		SELECT jsonb_agg(e.enumlabel ORDER BY e.enumsortorder)
		FROM pg_enum e WHERE e.enumtypid = t.oid))
	    FROM publish.arguments(p_function) a
	    JOIN pg_type t ON t.oid = publish.base_type(a.type)
	    WHERE t.typtype = 'e'), '{}') || p_words);
END
$$;

-- Whether all arguments fit into a query string.
CREATE FUNCTION publish.plain_arguments(p_function oid) RETURNS boolean
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT coalesce(bool_and(e.typtype <> 'c' AND e.typcategory <> 'A'
	    AND e.oid NOT IN ('json'::regtype, 'jsonb'::regtype)), true)
	FROM publish.arguments(p_function) a
	JOIN pg_type t ON t.oid = publish.base_type(a.type)
	JOIN pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0
	    THEN publish.base_type(t.typelem) ELSE t.oid END);
END
$$;

-- Its part of the catalogue; docs/PUBLISHING.md says what is in it.
CREATE FUNCTION publish.entry(p publish.procedure, p_object oid) RETURNS json
LANGUAGE plpgsql STABLE AS $$
DECLARE
	w	record;
	v_path	text[] := string_to_array(p.name, '.');
	v_shape	text := 'resource';
	v_arguments json;
	v_plain	boolean := true;
	v_complete jsonb := '{}';
BEGIN
	SELECT * INTO w FROM publish.words(obj_description(p_object,
	    CASE WHEN p.is_table THEN 'pg_class' ELSE 'pg_proc' END));
	IF p.is_table THEN
		SELECT json_build_object('type', 'object', 'properties',
		    coalesce(json_object_agg(v.name, publish.type_schema(a.atttypid,
			a.atttypmod, false, true, false))
			FILTER (WHERE v.name IS NOT NULL), '{}'),
		    'required', coalesce(json_agg(v.name)
			FILTER (WHERE v.name IS NOT NULL), '[]'),
		    'additionalProperties', false)
		INTO v_arguments
		FROM (SELECT) AS one
		LEFT JOIN publish.uri_variables(p.uri) v ON true
		LEFT JOIN pg_attribute a ON a.attrelid = p_object
		    AND a.attname = v.name;
		v_complete := w.complete;
	ELSE
		v_arguments := publish.arguments_schema(p_object, w.params);
		v_plain := publish.plain_arguments(p_object);
		v_complete := publish.completions(p_object, w.complete);
		IF p.kind = 'procedure' THEN
			v_shape := publish.shape(p_object);
		ELSIF p.kind = 'prompt' THEN
			v_shape := 'messages';
		END IF;
	END IF;
	RETURN json_build_object('name', p.name, 'kind', p.kind,
	    'group', v_path[1], 'procedure', v_path[2], 'tool', p.tool,
	    'path', '/api/' || v_path[1] || '/' || v_path[2],
	    'title', coalesce(w.title, replace(v_path[2], '_', ' ')),
	    'description', coalesce(w.description, ''), 'scope', p.scope,
	    'kinds', to_json(p.kinds), 'read_only', p.class = 'read',
	    'destructive', p.destructive, 'idempotent', p.idempotent,
	    'open_world', p.open_world, 'timeout_ms', p.timeout_ms,
	    'get', p.class = 'read' AND v_plain, 'http', p.http, 'mcp', p.mcp,
	    'hidden', p.hidden, 'deprecated', w.deprecated,
	    'arguments', v_arguments, 'result', CASE WHEN p.kind = 'procedure'
		THEN publish.result_schema(p_object, p.exact_text,
		    p.page_key IS NOT NULL) END,
	    'shape', v_shape, 'max_rows', p.max_rows,
	    'paged', p.page_key IS NOT NULL, 'examples', w.examples,
	    'uri', p.uri, 'template', EXISTS (SELECT FROM
		publish.uri_variables(p.uri)), 'mime', p.mime,
	    'complete', v_complete, 'confirm', p.confirm);
END
$$;

-- The doors: operations of the gate.  What has a problem has none.
CREATE FUNCTION publish.open_doors(p publish.procedure) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	DELETE FROM gate.operation o WHERE o.number = p.number;
	IF p.problem IS NULL THEN
		INSERT INTO gate.operation (name, kinds, scope, class, timeout_ms,
		    description, door, number, confirm)
		SELECT d.prefix || p.name, d.kinds, p.scope, p.class, p.timeout_ms,
		    coalesce(p.entry ->> 'title', p.name), d.door, p.number, d.confirm
		FROM (VALUES ('api:', 4, p.http, p.kinds, NULL),
		    ('mcp:', 8, p.mcp, ARRAY(SELECT unnest(p.kinds) INTERSECT
			SELECT unnest('{user,client}'::text[])), p.confirm))
		    AS d(prefix, door, wanted, kinds, confirm)
		WHERE d.wanted AND d.kinds <> '{}';
	END IF;
END
$$;

-- What made_of would be now; empty: what it was made of is gone.  Defaults and
-- checks are printed here and in make() under settings that are nobody's own:
-- what they print is read, and compared, in other sessions.
CREATE FUNCTION publish.made_now(p publish.procedure) RETURNS text
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
SET intervalstyle = iso_8601 SET timezone = 'UTC' SET extra_float_digits = 1
SET bytea_output = hex SET standard_conforming_strings = on
SET quote_all_identifiers = off AS $$
BEGIN
	RETURN publish.made_of(publish.object_of(p), p.is_table);
EXCEPTION WHEN undefined_function OR undefined_table OR ambiguous_function THEN
	RETURN '';
END
$$;

-- Makes what belongs to a row anew; the row comes back as it is to be kept.
CREATE FUNCTION publish.make(p publish.procedure, p_always boolean DEFAULT false)
RETURNS publish.procedure LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp SET datestyle = 'ISO, YMD'
SET intervalstyle = iso_8601 SET timezone = 'UTC' SET extra_float_digits = 1
SET bytea_output = hex SET standard_conforming_strings = on
SET quote_all_identifiers = off AS $$
DECLARE
	v_object oid := publish.object_of(p);
	v_before text := p.wrapper;
	v_unfit	text;
BEGIN
	IF p.is_table THEN
		p.class := 'read';
		p.wrapper := publish.wrapper_table(v_object, p.uri, p.mime, p.max_rows);
	ELSE
		PERFORM publish.check_function(v_object, p.trusted);
		p.class := CASE WHEN (SELECT f.provolatile FROM pg_proc f
		    WHERE f.oid = v_object) = 'v' THEN 'write' ELSE 'read' END;
		p.wrapper := publish.wrapper_text(v_object, p.name, p.kind, p.mime,
		    p.max_rows, p.page_key, p.exact_text);
	END IF;
	p.made_of := publish.made_of(v_object, p.is_table);
	p.entry := publish.entry(p, v_object);
	v_unfit := publish.entry_problem(p.entry);
	IF v_unfit IS NOT NULL THEN
		PERFORM publish.fail(format('%s cannot be published: %s',
		    p.name, v_unfit), 'Look at its comments, defaults and '
		    'names, and at those of the types that it uses.');
	END IF;
	p.problem := NULL;
	IF p_always OR p.wrapper IS DISTINCT FROM v_before OR to_regprocedure(format(
	    'published.p_%s(jsonb,jsonb)', p.number)) IS NULL THEN
		PERFORM published.make(p.number, p.wrapper);
	END IF;
	RETURN p;
END
$$;

-- What stands before the entries in the catalogue's text.
CREATE FUNCTION publish.catalogue_head() RETURNS text
LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN (SELECT format('{"generation":%s,"title":%s,"version":%s,'
	    '"scopes":%s,"procedures":[', s.generation, to_json(s.title),
	    to_json(s.version), coalesce((SELECT json_agg(json_build_object(
		'name', c.name, 'description', c.description,
		'sensitive', c.sensitive, 'implies', to_json(c.implies))
		ORDER BY c.name) FROM core.scope c WHERE c.level = 'app'), '[]'))
	FROM publish.state s);
END
$$;

-- Which entries the servers can hold: 8 MiB, 9999 of them.  Those that were
-- there first go first; what has no room is passed over.
CREATE FUNCTION publish.served() RETURNS TABLE (number int4, served boolean)
LANGUAGE plpgsql STABLE AS $$
DECLARE
	v_room	int4 := 8 * 1024 * 1024 - 1024
		    - octet_length(publish.catalogue_head());
	v_rows	int4 := 0;
	v_bytes	int4;
BEGIN
	FOR number, v_bytes IN SELECT p.number, octet_length(p.entry::text) + 1
	    FROM publish.procedure p WHERE p.problem IS NULL
	    ORDER BY p.number LOOP
		served := v_bytes <= v_room AND v_rows < 9999;
		IF served THEN
			v_room := v_room - v_bytes;
			v_rows := v_rows + 1;
		END IF;
		RETURN NEXT;
	END LOOP;
END
$$;

-- Refuses a row that has no room, or takes that of another.
CREATE FUNCTION publish.check_room(p publish.procedure, p_before json)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF (p_before IS NULL OR octet_length(p.entry::text)
	    > octet_length(p_before::text))
	    AND EXISTS (SELECT FROM publish.served() s WHERE NOT s.served) THEN
		PERFORM publish.fail(format('%s cannot be published: everything '
		    'together would have more than 8 MiB, or 9999 entries', p.name),
		    'Publish less, or with shorter comments.', '54000');
	END IF;
END
$$;

-- grantd_app owns the wrappers, and no right on their schema but while they are
-- made: a procedure cannot change one.  It is lent by a role, since each change
-- of a schema's rights would make all plans of all sessions anew.
CREATE FUNCTION publish.may_create(p_may boolean) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
	IF p_may THEN
		GRANT grantd_maker TO grantd_app;
	ELSE
		REVOKE grantd_maker FROM grantd_app;
	END IF;
END
$$;

-- Stores a row and makes what belongs to it.
CREATE FUNCTION publish.put(p publish.procedure) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
	v_old	publish.procedure;
	v_clash	text;
BEGIN
	SELECT * INTO v_old FROM publish.procedure o WHERE o.name = p.name;
	IF v_old.name IS NOT NULL AND (v_old.kind, v_old.is_table, v_old.schema)
	    IS DISTINCT FROM (p.kind, p.is_table, p.schema) THEN
		PERFORM publish.fail(format('%s is the name of a published %s already',
		    p.name, v_old.kind), 'Give another one with "group".', '42710');
	END IF;
	p.number := coalesce(v_old.number, nextval('publish.number'));
	p.wrapper := coalesce(v_old.wrapper, '');
	p.published_at := now();
	p.updated_at := now();
	SELECT o.name INTO v_clash FROM (
		SELECT t.name FROM publish.procedure t WHERE t.tool = p.tool
		    AND t.mcp AND t.kind = 'procedure' AND p.mcp AND p.kind = t.kind
		UNION ALL
		SELECT t.name FROM publish.procedure t WHERE t.tool = p.tool
		    AND t.kind = 'prompt' AND p.kind = t.kind
		UNION ALL
		SELECT t.name FROM publish.procedure t WHERE t.uri = p.uri
	) o WHERE o.name <> p.name;
	IF FOUND THEN
		PERFORM publish.fail(format('%s has that %s already', v_clash,
		    CASE WHEN p.uri IS NULL THEN format('tool name, "%s"', p.tool)
		    ELSE 'URI' END), CASE WHEN p.uri IS NULL
			THEN 'Give another one: tool => ''...''.' ELSE '' END, '42710');
	END IF;
	PERFORM publish.may_create(true);
	p := publish.make(p, true);
	PERFORM publish.may_create(false);
	INSERT INTO publish.procedure SELECT p.*
	ON CONFLICT (name) DO UPDATE SET (kind, schema, object, is_table, scope,
	    kinds, tool, destructive, idempotent, open_world, timeout_ms, max_rows,
	    page_key, confirm, http, mcp, hidden, trusted, exact_text, uri, mime,
	    class, wrapper, entry, made_of, problem, published_by, updated_at)
	    = (p.kind, p.schema, p.object, p.is_table, p.scope, p.kinds, p.tool,
	    p.destructive, p.idempotent, p.open_world, p.timeout_ms, p.max_rows,
	    p.page_key, p.confirm, p.http, p.mcp, p.hidden, p.trusted, p.exact_text,
	    p.uri, p.mime, p.class, p.wrapper, p.entry, p.made_of, NULL,
	    p.published_by, now());
	PERFORM publish.check_room(p, v_old.entry);
	PERFORM publish.open_doors(p);
	PERFORM publish.bump();
	PERFORM publish.audit('publish.publish', p.kind, p.name, jsonb_build_object(
	    'object', format('%I.%I', p.schema, p.object), 'scope', p.scope,
	    'kinds', to_jsonb(p.kinds), 'class', p.class, 'http', p.http,
	    'mcp', p.mcp, 'trusted', p.trusted));
END
$$;

-- All rows anew, or those alone whose types and functions are not what they
-- were.  One whose function is gone or may not be published any more keeps its
-- row, with the problem, and is closed.  What failed for want of a lock or of
-- memory says nothing about a row.
CREATE FUNCTION publish.refresh(p_all boolean DEFAULT true) RETURNS int4
LANGUAGE plpgsql AS $$
DECLARE
	p	publish.procedure;
	v_new	publish.procedure;
	v_changed int4 := 0;
BEGIN
	PERFORM publish.lock();
	PERFORM publish.may_create(true);
	FOR p IN SELECT * FROM publish.procedure o
	    WHERE p_all OR o.made_of <> publish.made_now(o) ORDER BY o.name LOOP
		BEGIN
			v_new := publish.make(p);
		EXCEPTION WHEN OTHERS THEN
			IF SQLSTATE ~ '^(40|53|55P03|57|58)' THEN
				RAISE;
			END IF;
			v_new := p;
			v_new.problem := left(SQLERRM, 1000);
			v_new.made_of := publish.made_now(p);
		END;
		IF v_new::text IS DISTINCT FROM p::text THEN
			v_changed := v_changed + 1;
			UPDATE publish.procedure o SET class = v_new.class,
			    wrapper = v_new.wrapper, entry = v_new.entry,
			    made_of = v_new.made_of, problem = v_new.problem,
			    updated_at = now()
			WHERE o.name = p.name;
		END IF;
		IF v_new::text IS DISTINCT FROM p::text OR NOT EXISTS (
		    SELECT FROM gate.operation o WHERE o.number = p.number) THEN
			PERFORM publish.open_doors(v_new);
		END IF;
	END LOOP;
	PERFORM publish.may_create(false);
	PERFORM publish.bump();
	RETURN v_changed;
END
$$;
