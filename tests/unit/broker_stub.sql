-- A stand-in for the real schema: the same entry functions, and operations
-- that do what their arguments say.  So the broker's own conduct is tested
-- without anybody's rules: errors of every kind, slow calls, lost
-- connections, shared commits.
--
-- Arguments of an operation: {"raise": SQLSTATE}, {"sleep": seconds},
-- {"until": word} that comes into stub.go, {"size": bytes of the answer},
-- {"mark": text} to be found in stub.mark.

DO $$
BEGIN
	IF to_regrole('grantd_broker') IS NULL THEN
		CREATE ROLE grantd_api NOLOGIN;
		CREATE ROLE grantd_broker LOGIN NOINHERIT;
		GRANT grantd_api TO grantd_broker;
	END IF;
END
$$;
CREATE SCHEMA gate;
CREATE SCHEMA api;
CREATE SCHEMA stub;
GRANT USAGE ON SCHEMA gate, api, stub TO grantd_broker, grantd_api;

CREATE TABLE stub.mark (n bigint GENERATED ALWAYS AS IDENTITY, text text,
    txid bigint DEFAULT txid_current(), login name DEFAULT session_user,
    role name DEFAULT current_user);
CREATE TABLE stub.refusal (operation text, status int4, code text,
    txid bigint DEFAULT txid_current());
CREATE TABLE stub.key (kid text PRIMARY KEY, alg text, jwk text, mac bytea,
    stale boolean NOT NULL DEFAULT false);
CREATE TABLE stub.version (version int4);
CREATE TABLE stub.go (word text);
GRANT ALL ON ALL TABLES IN SCHEMA stub TO grantd_broker, grantd_api;

CREATE FUNCTION gate.version() RETURNS int4 LANGUAGE sql STABLE
SECURITY DEFINER AS 'SELECT version FROM stub.version';

CREATE FUNCTION gate.enter(p_hash bytea, p_kind int4, p_expiry int8,
    p_family uuid, p_operation text, p_phase text, p_request uuid,
    p_timeout int4, p_peer text, p_method text, p_path text, p_client text,
    p_csrf_want bytea, p_csrf_given bytea, p_secret bytea,
    p_secret_expiry int8, p_secret_family uuid, p_assertion text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF p_kind = 0 OR (p_kind IN (1, 2) AND p_hash
	    <> sha256('good'::bytea)) THEN
		RAISE EXCEPTION USING ERRCODE = 'OA401',
		    MESSAGE = 'not you', CONSTRAINT = 'invalid_token';
	END IF;
	PERFORM set_config('statement_timeout', p_timeout::text, true);
	IF p_phase = 'plan' OR p_operation ~ '^(api|mcp):r[.]' THEN
		PERFORM set_config('transaction_read_only', 'on', true);
	END IF;
END
$$;

CREATE FUNCTION gate.refusals(p_hash bytea[], p_kind int4[], p_expiry int8[],
    p_family uuid[], p_operation text[], p_request uuid[], p_peer text[],
    p_method text[], p_path text[], p_status int4[], p_code text[],
    p_client text[], p_secret bytea[], p_secret_family uuid[])
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF 'storage.file_delete' = ANY (p_operation) THEN
		RAISE EXCEPTION 'no audit today';
	END IF;
	INSERT INTO stub.refusal (operation, status, code)
	SELECT * FROM unnest(p_operation, p_status, p_code);
END
$$;

CREATE FUNCTION gate.assertion_key(p_client text, p_header text)
RETURNS TABLE (alg text, spki bytea) LANGUAGE sql
AS 'SELECT NULL::text, NULL::bytea WHERE false';

CREATE FUNCTION gate.maintain() RETURNS text LANGUAGE sql
AS 'SELECT ''{}''';

CREATE FUNCTION gate.publish_key(p_kid text, p_alg text, p_jwk text,
    p_mac bytea)
RETURNS void LANGUAGE sql AS $$
	INSERT INTO stub.key VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION gate.signing_keys() RETURNS SETOF stub.key LANGUAGE sql
AS 'SELECT * FROM stub.key';

CREATE FUNCTION stub.act(p jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	IF p ? 'mark' THEN
		INSERT INTO stub.mark (text) VALUES (p ->> 'mark');
	END IF;
	IF p ? 'sleep' THEN
		PERFORM pg_sleep((p ->> 'sleep')::float8);
	END IF;
	WHILE p ? 'until' AND NOT EXISTS (SELECT FROM stub.go g
	    WHERE g.word = p ->> 'until') LOOP
		PERFORM pg_sleep(0.05);
	END LOOP;
	IF p ? 'raise' THEN
		RAISE EXCEPTION USING ERRCODE = p ->> 'raise',
		    MESSAGE = 'as asked', CONSTRAINT = 'the_code';
	END IF;
END
$$;

CREATE FUNCTION stub.call(p jsonb, OUT status int4, OUT body text)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM stub.act(p);
	status := coalesce((p ->> 'status')::int4, 200);
	body := coalesce(repeat('x', (p ->> 'size')::int4), p::text);
END
$$;

CREATE FUNCTION stub.plan(p jsonb, OUT kind int4, OUT audience int4,
    OUT refresh int4, OUT ttl int4, OUT organization uuid, OUT family uuid,
    OUT generation int4, OUT subject text, OUT client_id text,
    OUT scope text, OUT seed_key int4, OUT seed bytea, OUT carry jsonb)
LANGUAGE plpgsql AS $$
BEGIN
	IF p ? 'plan' THEN
		PERFORM stub.act(p -> 'plan');
	END IF;
	kind := coalesce((p ->> 'kind')::int4, 2);
	audience := 2;
	refresh := coalesce((p ->> 'refresh')::int4, 0);
	ttl := 3600;
	organization := '0190163d-8694-739b-aea5-966c26f8ad90';
	family := '0190163d-8694-739b-aea5-966c26f8ad91';
	generation := 1;
	subject := '0190163d-8694-739b-aea5-966c26f8ad92';
	client_id := 'grantd-connectors';
	scope := 'sink:use';
	carry := p;
END
$$;

CREATE FUNCTION stub.commit(p jsonb, p_carry jsonb, p_jti uuid,
    p_hash bytea, p_iat int8, p_exp int8, p_refresh bytea, p_seed bytea,
    p_seed_key int4, OUT status int4, OUT body text)
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM stub.act(p);
	status := coalesce((p ->> 'status')::int4, 201);
	body := json_build_object('carry', p_carry, 'jti', p_jti,
	    'hash', encode(p_hash, 'hex'), 'iat', p_iat, 'exp', p_exp,
	    'refresh_hash', encode(p_refresh, 'hex'),
	    'seed', length(p_seed), 'seed_key', p_seed_key);
END
$$;

-- Shared plans: "refuse_plan" fails the element alone, an error in the plan
-- the whole call; "plans" of the carry says how many shared it.
CREATE FUNCTION gate.token_issue_plan(p_hash bytea[], p_kind int4[],
    p_expiry int8[], p_family uuid[], p_args jsonb[])
RETURNS TABLE (kind int4, audience int4, refresh int4, ttl int4,
    organization uuid, family uuid, generation int4, subject text,
    client_id text, scope text, seed_key int4, seed bytea, carry text,
    sqlstate text, message text, detail text, hint text, code text,
    parameter text, location text, needs text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	RETURN QUERY
	SELECT p.kind, p.audience, p.refresh, p.ttl, p.organization, p.family,
	    p.generation, p.subject, p.client_id, p.scope, p.seed_key, p.seed,
	    (p.carry || jsonb_build_object('plans', cardinality(p_args)))::text,
	    CASE WHEN h IS DISTINCT FROM sha256('good'::bytea) THEN 'OA401'
	    WHEN a ? 'refuse_plan' THEN 'HT403' END, 'not you', NULL, NULL,
	    'invalid_token', NULL, NULL, NULL
	FROM unnest(p_hash, p_args) WITH ORDINALITY u(h, a, n)
	CROSS JOIN LATERAL stub.plan(a) p ORDER BY n;
END
$$;

-- An element with "raise" in its arguments makes the whole call fail, one
-- with "refuse" only itself.
CREATE FUNCTION gate.token_issue_batch(p_hash bytea[], p_kind int4[],
    p_expiry int8[], p_request uuid[], p_peer text[], p_carry jsonb[],
    p_jti uuid[], p_access bytea[], p_exp int8[])
RETURNS TABLE (status int4, body text, sqlstate text, message text,
    detail text, hint text, code text, parameter text, location text,
    scope text)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
	PERFORM stub.act(a) FROM unnest(p_carry) a;
	RETURN QUERY
	SELECT CASE WHEN a ? 'refuse' THEN 404
	    ELSE coalesce((a ->> 'status')::int4, 200) END,
	    json_build_object('n', cardinality(p_carry), 'args', a)::text,
	    CASE WHEN a ? 'refuse' THEN 'HT404' END, 'there is none', NULL,
	    NULL, 'not_found', 'integrationId', 'path', NULL
	FROM unnest(p_carry) WITH ORDINALITY u(a, n) ORDER BY n;
END
$$;

-- Metadata documents: none is wanted.
CREATE FUNCTION gate.document_wanted(p_client text, p_peer text) RETURNS boolean
LANGUAGE sql AS 'SELECT false';
CREATE FUNCTION gate.document_store(p_url text, p_status int4, p_body bytea,
    p_seconds int4)
RETURNS text LANGUAGE sql AS $$SELECT 'stored'::text$$;

-- What is published: stub.catalogue says it; a body "broken" cannot be
-- loaded.  Names: r.* read, w.* write; arguments as above, and
-- {"notices": how many, "pause": seconds after each, "say": text},
-- {"dirty": anything}: leaves something in the session, {"detail": JSON}.
CREATE TABLE stub.catalogue (generation int8, routes jsonb, body text);
GRANT ALL ON stub.catalogue TO grantd_broker, grantd_api;
INSERT INTO stub.catalogue VALUES (1, '[
	{"name": "r.quick", "class": "read", "timeout_ms": 30000},
	{"name": "r.other", "class": "read", "timeout_ms": 30000},
	{"name": "r.fresh", "class": "read", "timeout_ms": 30000},
	{"name": "r.long", "class": "read", "timeout_ms": 60000},
	{"name": "w.stale", "class": "read", "timeout_ms": 30000},
	{"name": "w.write", "class": "write", "timeout_ms": 30000},
	{"name": "r.trusted", "class": "read", "timeout_ms": 30000,
	    "trusted": true}]', '{"generation": 1}');

CREATE FUNCTION gate.catalogue_generation() RETURNS int8 LANGUAGE sql STABLE
AS 'SELECT generation FROM stub.catalogue';
CREATE FUNCTION gate.catalogue()
RETURNS TABLE (generation int8, body text, name text, writes boolean,
    timeout_ms int4, trusted boolean) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
	IF EXISTS (SELECT FROM stub.catalogue c WHERE c.body = 'broken') THEN
		RAISE EXCEPTION 'a wrapper is missing';
	END IF;
	RETURN QUERY SELECT c.generation, c.body, NULL::text, NULL::boolean,
	    NULL::int4, NULL::boolean
	FROM stub.catalogue c;
	RETURN QUERY SELECT c.generation, NULL::text, door || (r ->> 'name'),
	    r ->> 'class' IS DISTINCT FROM 'read', (r ->> 'timeout_ms')::int4,
	    coalesce((r ->> 'trusted')::boolean, false)
	FROM stub.catalogue c, jsonb_array_elements(c.routes) r,
	    unnest('{api:,mcp:}'::text[]) door
	ORDER BY (door || (r ->> 'name')) COLLATE "C";
END
$$;
CREATE FUNCTION gate.session_clean() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	RESET ALL;
	UNLISTEN *;
	EXECUTE 'CLOSE ALL';
	PERFORM pg_advisory_unlock_all();
END
$$;
CREATE FUNCTION gate.catalogue_follow(p_versions text, OUT changed int4,
    OUT versions text) LANGUAGE sql
AS 'SELECT 0, p_versions';
CREATE FUNCTION gate.lint()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql AS $$
	VALUES ('warning', 'r.quick', E'it has no\ncomment', 'write one')
$$;

CREATE FUNCTION api.procedure_call(p jsonb, OUT status int4, OUT body text)
LANGUAGE plpgsql AS $$
DECLARE
	a jsonb := coalesce(p -> 'arguments', '{}');
BEGIN
	FOR i IN 1 .. coalesce((a ->> 'notices')::int4, 0) LOOP
		RAISE NOTICE USING ERRCODE = coalesce(a ->> 'state', 'GP001'),
		    MESSAGE = coalesce(a ->> 'say',
		    json_build_object('progress', i)::text);
		PERFORM pg_sleep((a ->> 'pause')::float8);
	END LOOP;
	IF a ? 'dirty' THEN
		PERFORM set_config('stub.dirty', 'yes', false),
		    set_config('work_mem', '123kB', false),
		    pg_advisory_lock(4711);
		LISTEN stub;
	END IF;
	IF a ? 'detail' THEN
		RAISE EXCEPTION USING ERRCODE = a ->> 'raise',
		    MESSAGE = 'as asked', DETAIL = a ->> 'detail',
		    SCHEMA = coalesce(a ->> 'data', ''), CONSTRAINT = 'its_code';
	END IF;
	PERFORM stub.act(a);
	status := 200;
	body := json_build_object('pid', pg_backend_pid(),
	    'lane', current_setting('stub.dirty', true),
	    'memory', current_setting('work_mem'),
	    'locks', (SELECT count(*) FROM pg_locks WHERE pid
		= pg_backend_pid() AND locktype = 'advisory'),
	    'listens', (SELECT count(*) FROM pg_listening_channels()),
	    'readonly', current_setting('transaction_read_only'));
END
$$;
