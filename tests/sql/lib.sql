-- Helpers of the SQL tests, installed by a superuser in schema t.  t.call
-- does what broker and signer do for one request: the units of the gate, as
-- grantd_broker, and a make-believe signer between plan and commit.

CREATE SCHEMA t;

CREATE TABLE t.credential (
	name	text PRIMARY KEY,
	kind	int4 NOT NULL,
	secret	text NOT NULL,
	expiry	int8,
	family	uuid
);
INSERT INTO t.credential VALUES ('none', 0, '', 0, NULL), ('control', 3, '', 0, NULL);

-- Statements of queries.sql that say where their parameters come from.
CREATE TABLE t.statement (
	operation	text,
	class		text,
	params		text,
	binds		text,
	sql		text,
	PRIMARY KEY (operation, class)
);

CREATE FUNCTION t.fn(p_operation text) RETURNS text LANGUAGE sql AS $$
	SELECT CASE WHEN p_operation ~ '^(api|mcp):' THEN 'api.procedure_call'
	    ELSE CASE WHEN to_regproc('api.' || f) IS NULL
	    AND to_regproc('gate.' || f) IS NOT NULL THEN 'gate.' ELSE 'api.' END
	    || f END FROM replace(p_operation, '.', '_') f
$$;

CREATE FUNCTION t.hash(p_text text) RETURNS bytea LANGUAGE sql AS $$
	SELECT sha256(convert_to(p_text, 'UTF8'))
$$;

-- gate_enter as queries.sql has it, in the present transaction.
CREATE FUNCTION t.enter(p_credential text, p_operation text, p_phase text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
	c	t.credential;
	v_peer	text := coalesce(nullif(current_setting('t.peer', true), ''),
		    '192.0.2.1');
	v_csrf	text := current_setting('t.csrf', true);
	v_client text := nullif(current_setting('t.client', true), '');
	v_assertion text := nullif(current_setting('t.assertion', true), '');
BEGIN
	SELECT * INTO STRICT c FROM t.credential WHERE name = p_credential;
	PERFORM set_config('session_authorization', 'grantd_broker', true);
	PERFORM gate.enter(t_hash.h, c.kind, coalesce(c.expiry, 0),
	    c.family, p_operation, p_phase, gen_random_uuid(), 5000,
	    v_peer, 'GET', '/test', v_client,
	    CASE WHEN c.kind IN (4, 5) THEN sha256('csrf' || t_hash.h) END,
	    CASE v_csrf WHEN 'none' THEN NULL WHEN 'wrong' THEN sha256('x')
		ELSE sha256('csrf' || t_hash.h) END,
	    NULL, 0, NULL, v_assertion),
	    set_config('search_path', 'pg_catalog, pg_temp', true),
	    set_config('role', 'grantd_api', true)
	FROM (SELECT sha256(convert_to(c.secret, 'UTF8')) AS h) t_hash;
END
$$;

-- Runs a statement in a unit and takes back everything but its result:
-- settings, too, so that one test transaction can hold many units.
CREATE FUNCTION t.read(p_credential text, p_operation text, p_phase text,
    p_sql text, p_args jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb;
BEGIN
	BEGIN
		PERFORM t.enter(p_credential, p_operation, p_phase);
		EXECUTE p_sql INTO v USING p_args;
		RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ001';
	EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
		NULL;
	END;
	RETURN v;
END
$$;

CREATE FUNCTION t.access_text() RETURNS text LANGUAGE sql AS $$
	SELECT 'access-' || gen_random_uuid()
$$;

-- What the signer derives: the same for the same seed and generation.
CREATE FUNCTION t.refresh_text(p_family uuid, p_generation int4, p_seed bytea)
RETURNS text LANGUAGE sql AS $$
	SELECT format('refresh-%s-%s-%s', p_family, p_generation,
	    encode(p_seed, 'hex'))
$$;

CREATE FUNCTION t.mint(p_credential text, p_operation text, p_args jsonb,
    p_save text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	p	jsonb := t.read(p_credential, p_operation, 'plan', format(
		    'SELECT to_jsonb(p) FROM %s_plan($1) p',
		    t.fn(p_operation)), p_args);
	v_iat	int8 := floor(extract(epoch FROM clock_timestamp()));
	v_exp	int8 := v_iat + (p ->> 'ttl')::int8;
	v_access text := t.access_text();
	v_seed	bytea := CASE (p ->> 'refresh')::int4
		    WHEN 1 THEN uuid_send(gen_random_uuid())
		    WHEN 2 THEN (p ->> 'seed')::bytea END;
	v_refresh text := t.refresh_text((p ->> 'family')::uuid,
		    (p ->> 'generation')::int4, v_seed);
	v_sql	text := format('SELECT status, body FROM %s_commit('
		    '$1, $2, $3, $4, $5, $6, $7, $8, $9)', t.fn(p_operation));
	r	record;
BEGIN
	PERFORM t.enter(p_credential, p_operation, 'commit');
	EXECUTE v_sql INTO r USING p_args, p -> 'carry', gen_random_uuid(),
	    sha256(convert_to(v_access, 'UTF8')), v_iat, v_exp,
	    sha256(convert_to(v_refresh, 'UTF8')),
	    CASE WHEN p ->> 'refresh' = '1' THEN v_seed END,
	    CASE WHEN p ->> 'refresh' = '1' THEN 1 END;
	RESET SESSION AUTHORIZATION;
	IF p_save IS NOT NULL THEN
		INSERT INTO t.credential VALUES
		    (p_save, 1, v_access, v_exp, NULL),
		    (p_save || '.refresh', 2, v_refresh, 0, (p ->> 'family')::uuid)
		ON CONFLICT (name) DO UPDATE SET secret = excluded.secret,
		    expiry = excluded.expiry, family = excluded.family;
	END IF;
	RETURN jsonb_build_object('status', r.status, 'body', r.body::jsonb,
	    'plan', p - 'seed');
END
$$;

-- The shared plan of one element: its row.
CREATE FUNCTION t.issue_plan(p_credential text, p_args jsonb)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	c	t.credential;
	v	jsonb;
BEGIN
	SELECT * INTO STRICT c FROM t.credential WHERE name = p_credential;
	PERFORM set_config('session_authorization', 'grantd_broker', true);
	SELECT to_jsonb(p) || jsonb_build_object('carry', p.carry::jsonb)
	INTO STRICT v FROM gate.token_issue_plan(
	    ARRAY[sha256(convert_to(c.secret, 'UTF8'))], ARRAY[c.kind],
	    ARRAY[coalesce(c.expiry, 0)], ARRAY[c.family], ARRAY[p_args]) p;
	RESET SESSION AUTHORIZATION;
	RETURN v;
END
$$;

CREATE FUNCTION t.issue(p_credential text, p_operation text, p_args jsonb,
    p_save text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	p	jsonb := t.issue_plan(p_credential, p_args);
	c	t.credential;
	v_exp	int8 := floor(extract(epoch FROM clock_timestamp()))
		    + (p ->> 'ttl')::int8;
	v_access text := t.access_text();
	r	record;
BEGIN
	IF p ->> 'sqlstate' IS NOT NULL THEN
		RETURN p || jsonb_build_object('scope', p -> 'needs',
		    'status', right(p ->> 'sqlstate', 3)::int4);
	END IF;
	SELECT * INTO STRICT c FROM t.credential WHERE name = p_credential;
	PERFORM set_config('session_authorization', 'grantd_broker', true);
	SELECT * INTO r FROM gate.token_issue_batch(
	    ARRAY[sha256(convert_to(c.secret, 'UTF8'))], ARRAY[c.kind],
	    ARRAY[c.expiry], ARRAY[gen_random_uuid()], ARRAY['192.0.2.1'],
	    ARRAY[p -> 'carry'], ARRAY[gen_random_uuid()],
	    ARRAY[sha256(convert_to(v_access, 'UTF8'))], ARRAY[v_exp]);
	RESET SESSION AUTHORIZATION;
	IF r.sqlstate IS NOT NULL THEN
		RETURN jsonb_strip_nulls(to_jsonb(r));
	END IF;
	INSERT INTO t.credential VALUES (p_save, 1, v_access, v_exp, NULL)
	ON CONFLICT (name) DO UPDATE SET secret = excluded.secret,
	    expiry = excluded.expiry;
	RETURN jsonb_build_object('status', r.status, 'body', r.body::jsonb,
	    'plan', p);
END
$$;

-- The text of an operation's statement with its parameters in it.  p_values:
-- secret (its text), ok, hash; fresh secrets become credentials of p_save.
CREATE FUNCTION t.bound(p_operation text, p_class text, p_args jsonb,
    p_carry jsonb, p_values jsonb, p_save text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	s	t.statement;
	v_binds	text[];
	v_types	text[];
	v_value	text;
	v_fresh	text;
BEGIN
	SELECT * INTO STRICT s FROM t.statement
	WHERE operation = p_operation AND class = p_class;
	v_binds := regexp_split_to_array(coalesce(nullif(s.binds, ''), 'args'), ', *');
	v_types := regexp_split_to_array(s.params, ', *');
	FOR i IN REVERSE cardinality(v_types) .. 1 LOOP
		v_value := CASE
		    WHEN v_binds[i] = 'args' THEN p_args::text
		    WHEN v_binds[i] = 'carry' THEN p_carry::text
		    WHEN v_binds[i] IN ('secret', 'credential') THEN
			sha256(convert_to(p_values ->> v_binds[i], 'UTF8'))::text
		    WHEN v_binds[i] = 'shown' THEN
			sha256(convert_to(p_values ->> 'credential', 'UTF8'))::text
		    WHEN v_binds[i] = 'client' THEN p_values ->> 'client'
		    WHEN v_binds[i] = 'password_ok' THEN p_values ->> 'ok'
		    WHEN v_binds[i] = 'password_hash' THEN p_values ->> 'hash'
		    WHEN v_binds[i] = 'fresh_id' THEN gen_random_uuid()::text END;
		IF v_binds[i] LIKE 'fresh(%' THEN
			v_fresh := trim(TRAILING ')' FROM substr(v_binds[i], 7))
			    || gen_random_uuid();
			v_value := sha256(convert_to(v_fresh, 'UTF8'))::text;
			INSERT INTO t.credential VALUES (p_save,
			    CASE WHEN v_fresh LIKE 'gss%' THEN 4 ELSE 99 END,
			    v_fresh, 0, NULL)
			ON CONFLICT (name) DO UPDATE SET kind = excluded.kind,
			    secret = excluded.secret;
		END IF;
		s.sql := replace(s.sql, '$' || i, format('%L::%s', v_value, v_types[i]));
	END LOOP;
	RETURN rtrim(s.sql, E';\n');
END
$$;

-- Plan and commit of an operation that checks a password.  p_values: the
-- password and the new_password; the make-believe hasher puts "#" before.
CREATE FUNCTION t.password(p_credential text, p_operation text, p_args jsonb,
    p_values jsonb, p_save text)
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	p	jsonb := t.read(p_credential, p_operation, 'plan',
		    'SELECT to_jsonb(p) FROM (' || t.bound(p_operation, 'plan',
			p_args, NULL, p_values, NULL) || ') p', p_args);
	v_sql	text := t.bound(p_operation, 'commit', p_args, p -> 'carry',
		    p_values || jsonb_strip_nulls(jsonb_build_object(
			'ok', CASE WHEN p_values ? 'password' THEN coalesce(
			    p ->> 'password_hash' = '#' || (p_values ->> 'password'),
			    false) END,
			'hash', '#' || (p_values ->> 'new_password'))), p_save);
	r	record;
BEGIN
	PERFORM t.enter(p_credential, p_operation, 'commit');
	EXECUTE v_sql INTO r;
	RESET SESSION AUTHORIZATION;
	RETURN jsonb_build_object('status', r.status, 'body', r.body::jsonb);
END
$$;

-- One request.  The answer: {"status", "body"}, or the fields of a refusal.
CREATE FUNCTION t.call(p_credential text, p_operation text,
    p_args jsonb DEFAULT '{}', p_save text DEFAULT 'saved')
RETURNS jsonb LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v_class	text;
	-- Nothing of schema t is in reach inside a unit.
	v_sql	text := format('SELECT jsonb_build_object(''status'', status, '
		    '''body'', nullif(body, '''')::jsonb) FROM %s($1)',
		    t.fn(p_operation));
	v_values jsonb := coalesce(nullif(current_setting('t.values', true), ''),
		    '{}')::jsonb;
	v	jsonb;
	v_state text; v_message text; v_detail text; v_hint text; v_code text;
	v_column text; v_table text; v_type text; v_context text;
BEGIN
	SELECT class INTO v_class FROM gate.operation WHERE name = p_operation;
	IF v_class IN ('read', 'write') AND EXISTS (SELECT FROM t.statement
	    WHERE operation = p_operation) THEN
		v_sql := 'SELECT jsonb_build_object(''status'', r.status, '
		    '''body'', nullif(r.body, '''')::jsonb) FROM ('
		    || t.bound(p_operation, v_class, p_args, NULL, v_values, p_save)
		    || ') r';
	END IF;
	CASE v_class
	WHEN 'password' THEN
		RETURN t.password(p_credential, p_operation, p_args, v_values, p_save);
	WHEN 'mint' THEN
		RETURN t.mint(p_credential, p_operation, p_args, p_save);
	WHEN 'mintbatch' THEN
		RETURN t.issue(p_credential, p_operation, p_args, p_save);
	WHEN 'read' THEN
		RETURN t.read(p_credential, p_operation, 'call', v_sql, p_args);
	ELSE
		PERFORM t.enter(p_credential, p_operation, 'call');
		EXECUTE v_sql INTO v USING p_args;
		RESET SESSION AUTHORIZATION;
		RETURN v;
	END CASE;
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE,
	    v_message = MESSAGE_TEXT, v_detail = PG_EXCEPTION_DETAIL,
	    v_hint = PG_EXCEPTION_HINT, v_code = CONSTRAINT_NAME,
	    v_column = COLUMN_NAME, v_table = TABLE_NAME,
	    v_type = PG_DATATYPE_NAME, v_context = PG_EXCEPTION_CONTEXT;
	RETURN jsonb_build_object('sqlstate', v_state, 'status',
	    substring(v_state FROM '^(?:OA|HT)(\d{3})$')::int4,
	    'message', v_message, 'detail', v_detail, 'hint', v_hint,
	    'code', v_code, 'parameter', v_column, 'location', v_table,
	    'scope', v_type)
	    || CASE WHEN v_state !~ '^(OA|HT)' THEN
		jsonb_build_object('context', v_context) ELSE '{}' END;
END
$$;

-- Shorthands: the result, the status and code.
CREATE FUNCTION t.result(p_credential text, p_operation text,
    p_args jsonb DEFAULT '{}', p_save text DEFAULT 'saved')
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb := t.call(p_credential, p_operation, p_args, p_save);
BEGIN
	IF v ? 'sqlstate' THEN
		RAISE EXCEPTION '% failed: %', p_operation, v;
	END IF;
	RETURN v #> '{body,result}';
END
$$;

CREATE FUNCTION t.code(p_credential text, p_operation text,
    p_args jsonb DEFAULT '{}', p_save text DEFAULT 'saved')
RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', coalesce(c ->> 'status', c ->> 'sqlstate'),
	    nullif(c ->> 'code', ''))
	FROM t.call(p_credential, p_operation, p_args, p_save) c
$$;

-- A form: with passwords, or the secret that it is about.
CREATE FUNCTION t.form(p_credential text, p_operation text, p_args jsonb,
    p_values jsonb, p_save text DEFAULT 'saved')
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb;
BEGIN
	PERFORM set_config('t.values', p_values::text, false);
	v := t.call(p_credential, p_operation, p_args, p_save);
	PERFORM set_config('t.values', '', false);
	RETURN v;
END
$$;

CREATE FUNCTION t.form_code(p_credential text, p_operation text, p_args jsonb,
    p_values jsonb, p_save text DEFAULT 'saved')
RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', coalesce(c ->> 'status', c ->> 'sqlstate'),
	    nullif(coalesce(c ->> 'code', c #>> '{body,error,code}'), ''))
	FROM t.form(p_credential, p_operation, p_args, p_values, p_save) c
$$;

-- The body of a page; or an exception.
CREATE FUNCTION t.page(p_credential text, p_operation text,
    p_args jsonb DEFAULT '{}', p_save text DEFAULT 'saved')
RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb := t.call(p_credential, p_operation, p_args, p_save);
BEGIN
	IF v ? 'sqlstate' THEN
		RAISE EXCEPTION '% failed: %', p_operation, v;
	END IF;
	RETURN v -> 'body';
END
$$;
