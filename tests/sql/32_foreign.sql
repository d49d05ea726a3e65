-- Foreign SQL inside a call: what it can reach, and what it leaves behind.
-- The functions are trusted, so that nothing but the walls holds them.
SELECT * FROM no_plan();
\ir publish.psql
CREATE OR REPLACE FUNCTION t.hostile(p_body text, p_class text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE v text;
BEGIN
	PERFORM t.owner('DROP FUNCTION IF EXISTS w.hostile()');
	v := concat(t.owner('CREATE FUNCTION w.hostile() RETURNS text LANGUAGE plpgsql ' || p_class || ' AS ' || quote_literal('DECLARE r text; BEGIN ' || p_body || ' RETURN r; END')),
	    t.owner($s$SELECT grantd.publish('w.hostile', 'thing:read', trusted => true)$s$));
	RETURN coalesce(nullif(v, ''), t.got('ann', 'w.hostile'));
END $$;
SET client_min_messages = warning;
SELECT is(t.hostile('r := current_user;'), '{"result": "grantd_app"}', 'it runs as grantd_app');
SELECT is(t.hostile(b), want, left(b, 70)) FROM (VALUES
    ('SET LOCAL ROLE grantd_api;', '42501'), ('SET ROLE grantd_broker;', '42501'), ('RESET ROLE;', '42501'), ('SET SESSION AUTHORIZATION DEFAULT;', '42501'),
    ('RESET SESSION AUTHORIZATION;', '42501'), ('EXECUTE ''SET ROLE none'';', '42501'),
    ('PERFORM set_config(''grantd.organization'', '''', true);', '42501'),
    ('UPDATE pg_settings SET setting = ''x'' WHERE name = ''grantd.organization'';', '42501'),
    ('PERFORM pg_advisory_lock(1);', '42501'), ('PERFORM pg_try_advisory_lock_shared(1, 2);', '42501'),
    ('CREATE TEMPORARY TABLE x (i int4);', '42501'), ('CREATE TABLE public.x (i int4);', '42501'), ('CREATE SCHEMA x;', '42501'),
    ('CREATE FUNCTION published.p_99(jsonb, jsonb) RETURNS text LANGUAGE sql AS ''SELECT 1'';', '42501'),
    ('CREATE OR REPLACE FUNCTION published.p_1(arguments jsonb, page jsonb) RETURNS text LANGUAGE sql AS ''SELECT 1'';', '42501'),
    ('ALTER FUNCTION published.p_1(jsonb, jsonb) SECURITY INVOKER;', '42501'), ('DROP FUNCTION published.p_1(jsonb, jsonb);', '42501'),
    ('PERFORM published.make(1, '''');', '42501'), ('PERFORM published.p_1(''{}'', ''{}'');', '42501'),
    ('SELECT count(*) INTO r FROM core.organization;', '42501'), ('SELECT count(*) INTO r FROM token.family;', '42501'),
    ('SELECT count(*) INTO r FROM oauth.client;', '42501'), ('SELECT count(*) INTO r FROM audit.event;', '42501'), ('SELECT count(*) INTO r FROM gate.operation;', '42501'),
    ('SELECT key INTO r FROM publish.seal;', '42501'), ('SELECT count(*) INTO r FROM publish.answer;', '42501'), ('UPDATE publish.state SET generation = 1;', '42501'),
    ('PERFORM gate.act_in(''{}'');', '42501'), ('PERFORM gate.audit(''x'', ''y'');', '42501'), ('PERFORM api.page_frame(''{}'');', '42501'), ('PERFORM lib.uuid7();', '42501'),
    ('PERFORM gate.state_seal(''x'', ''{}'', ''{}'', NULL);', '42501'), ('PERFORM grantd.publish(''w.hostile'', ''public'');', '42501'), ('PERFORM grantd.define_scope(''a:b'', ''c'');', '42501'),
    ('PERFORM pg_read_file(''/etc/passwd'');', '42501'), ('COPY (SELECT 1) TO PROGRAM ''id'';', '42501'), ('PERFORM pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND usename = ''postgres'';', '42501'),
    ('COMMIT;', '2D000'), ('ROLLBACK;', '2D000'),
    -- What can be set is seen after the call, and the whole call is undone.
    ('SET LOCAL grantd.organization = ''00000000-0000-0000-0000-000000000001'';', 'GX001'),
    ('SET grantd.organization = ''00000000-0000-0000-0000-000000000001'';', 'GX001'), ('SET grantd.person = '''';', 'GX001'), ('RESET grantd.unit;', 'GX001'),
    ('SET grantd.answers = ''{"confirmation": 1}'';', 'GX001'), ('EXECUTE ''SET LOCAL grantd.kind = control'';', 'GX001'), ('RESET ALL;', 'GX001'), ('DISCARD ALL;', '25001')) v(b, want);
SELECT is(t.hostile('SET LOCAL transaction_read_only = off;', 'STABLE'), '0A000', 'readers set nothing');
SELECT is(t.hostile('UPDATE core.organization SET name = ''x'';', 'STABLE'), '42501', 'and write nothing');
SELECT is((SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND objid IN (1, 2)), 0, 'no lock is left');

-- A search path that leads elsewhere.
SELECT is(concat(t.owner($$CREATE FUNCTION w.lower(text) RETURNS text LANGUAGE sql AS $f$SELECT 'mine'$f$ $$), t.owner($$CREATE FUNCTION w.path() RETURNS text LANGUAGE sql STABLE AS $f$SELECT lower('X') || current_setting('search_path')$f$ $$),
    t.owner($$SELECT grantd.publish('w.path', 'thing:read')$$)), '', 'a function with names of its own');
SET search_path = w, public, pg_catalog;
SELECT public.is(t.got('ann', 'w.path'), '{"result": "xpg_catalog, pg_temp"}', 'pg_catalog first, whatever the session had');
RESET search_path;

-- Injection: names and values that are SQL.
SELECT is(concat(t.owner($$CREATE TYPE w."odd "" ' % type" AS ENUM ('a''b', '";--')$$), t.owner($o$CREATE FUNCTION w."odd-name"("a "" ' % $$ x" text DEFAULT '''; DROP TABLE w.x; --', "select" w."odd "" ' % type" DEFAULT '";--')
    RETURNS TABLE ("from "" ' % $1" text, "t" text, "_v" text, "a1" text) LANGUAGE sql STABLE AS $f$SELECT $1, $2::text, '%s', NULL::text$f$ $o$),
    t.owner($$SELECT grantd.publish('w.odd-name', 'thing:read')$$), t.owner($$SELECT grantd.publish('w."odd-name"', 'thing:read', page_key => ARRAY['t'])$$)), 'string is not a valid identifier: "w.odd-name"', 'odd names are published, if they are quoted');
SELECT is(t.got('ann', 'w.odd-name'), $${"items": [{"t": "\";--", "_v": "%s", "a1": null, "from \" ' % $1": "'; DROP TABLE w.x; --"}], "next_cursor": null}$$, 'and called');
SELECT is(t.got('ann', 'w.odd-name', $${"a \" ' % $$ || '$$' || $$ x": "'; RESET ROLE; --"}$$)::jsonb #>> $${items,0,"from \" ' % $1"}$$, '''; RESET ROLE; --', 'values stay values');

-- Two units on one connection: nothing of the first is seen by the second.
SELECT is(concat(t.owner($$CREATE FUNCTION w.all_settings() RETURNS text LANGUAGE sql STABLE AS $f$SELECT concat_ws(',', grantd.person(), grantd.organization(), grantd.client(), grantd.scopes()::text, current_setting('grantd.answers', true), current_setting('transaction_read_only'))$f$ $$),
    t.owner($$SELECT grantd.publish('w.all_settings', 'public')$$)), '', 'a function that looks at all of it');
\set enter 'SELECT gate.enter(:hash, :kind, :expiry, NULL, ''api:w.all_settings'', ''call'', gen_random_uuid(), 5000, '''', '''', '''', NULL, NULL, NULL, NULL, 0, NULL, NULL), set_config(''search_path'', ''pg_catalog, pg_temp'', true), set_config(''role'', ''grantd_api'', true)'
SELECT quote_literal(t.hash(secret)::text) || '::bytea' AS hash, kind, expiry FROM t.credential WHERE name = 'ann' \gset
SELECT p.id AS person FROM core.person p WHERE p.email = 'ann@one' \gset
SET SESSION AUTHORIZATION grantd_broker;
BEGIN;
:enter \g /dev/null
SELECT body AS first FROM api.procedure_call('{}') \gset
COMMIT;
\set hash NULL
\set kind 0
BEGIN;
:enter \g /dev/null
SELECT body AS second FROM api.procedure_call('{}') \gset
COMMIT;
SELECT current_user AS role, current_setting('grantd.person') || current_setting('grantd.unit') AS left \gset
RESET SESSION AUTHORIZATION;
SELECT ok(strpos(:'first'::text, :'person'::text) > 0, 'the first is known');
SELECT is(:'second'::jsonb ->> 'result', '{},,on', 'the second is nobody');
SELECT is(:'role' || :'left'::text, 'grantd_broker', 'and between them there is nothing');

-- A wrapper that somebody made to run as its caller does not run.
SELECT number AS n FROM publish.procedure WHERE name = 'w.path' \gset
ALTER FUNCTION published.p_:n(jsonb, jsonb) SECURITY INVOKER;
SELECT is(t.got('ann', 'w.path'), '42501', 'a wrapper refuses any role but grantd_app');
SELECT isnt_empty($$SELECT FROM grantd.lint() WHERE object = 'w.path' AND severity = 'error'$$, 'and lint tells');
SELECT is(t.owner($$SELECT grantd.publish('w.path', 'thing:read')$$), NULL, 'published again');
SELECT is(t.got('ann', 'w.path'), '{"result": "xpg_catalog, pg_temp"}', 'it is whole');

-- Deep and large.
SELECT is(concat(t.owner($$CREATE FUNCTION w.size(j jsonb) RETURNS int4 LANGUAGE sql STABLE AS 'SELECT length(j::text)'$$), t.owner($$CREATE FUNCTION w.big(n int4) RETURNS text LANGUAGE sql STABLE AS $f$SELECT repeat('x', n)$f$ $$),
    t.owner($$SELECT grantd.publish('w.size', 'thing:read')$$), t.owner($$SELECT grantd.publish('w.big', 'thing:read')$$)), '', 'functions of size');
SELECT is(t.got('ann', 'w.size', '{"j": ' || repeat('[', 1000) || repeat(']', 1000) || '}'), '{"result": 2000}', 'a thousand levels');
SELECT is(t.got('ann', 'w.size', '{"j": 1e1000}'), '{"result": 1001}', 'a number of a thousand digits');
SELECT is(t.got('ann', 'w.big', '{"n": 7000000}'), 'HT422 result_too_large', 'a result that is too large');
SELECT * FROM finish();
