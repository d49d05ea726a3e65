-- What foreign SQL leaves for later: deferred triggers, cursors, and a search
-- path that the rest of the call would look names up by.
SELECT * FROM no_plan();
\ir publish.psql
SET client_min_messages = warning;
SELECT is(concat(t.owner($$CREATE TABLE w.entry (n int4, who text)$$), t.owner($$SELECT grantd.protect('w.entry', open => true, rights => '{select,insert,update}')$$),
    t.owner($$ALTER POLICY grantd_insert ON w.entry WITH CHECK (true)$$), t.owner($$ALTER POLICY grantd_update ON w.entry USING (true) WITH CHECK (true)$$),
    t.owner($o$CREATE FUNCTION w.noted() RETURNS trigger LANGUAGE plpgsql AS $f$
	BEGIN
		IF new.n = 13 THEN
			RAISE 'never' USING ERRCODE = '23514';
		ELSIF new.n = 14 THEN
			RESET ROLE;
		ELSIF new.n = 15 THEN
			SET search_path = w, pg_catalog;
		END IF;
		UPDATE w.entry SET who = current_user WHERE n = new.n;
		RETURN NULL;
	END $f$ $o$),
    t.owner($$CREATE CONSTRAINT TRIGGER noted AFTER INSERT ON w.entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION w.noted()$$),
    t.owner($$CREATE FUNCTION w.put(n int4) RETURNS int4 LANGUAGE sql AS 'INSERT INTO w.entry VALUES (n) RETURNING n'$$),
    t.owner($$SELECT grantd.publish('w.put', 'thing:write')$$)), '', 'a table whose check waits for the end');
SELECT is(t.got('ann', 'w.put', '{"n": 1}'), '{"result": 1}', 'a row is put there');
SELECT is((SELECT who FROM w.entry WHERE n = 1), 'grantd_app', 'the check was done in the call, by the role of applications');
SELECT is(t.got('ann', 'w.put', '{"n": 13}'), '23514', 'what it refuses the caller is told');
SELECT is(t.got('ann', 'w.put', '{"n": 14}'), '42501', 'it takes no other role');
SELECT is(t.got('ann', 'w.put', '{"n": 15}'), 'GX001', 'and leaves no search path');
SELECT is((SELECT count(*) FROM w.entry), 1::bigint, 'nothing is left of those');

-- A function that is called sets what the published one may not.
SELECT is(concat(t.owner($$CREATE FUNCTION w.concat_ws(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS $f$SELECT 'mine'$f$ $$),
    t.owner($$CREATE FUNCTION w.lead() RETURNS void LANGUAGE plpgsql AS 'BEGIN SET search_path = w, pg_catalog; END'$$), t.owner($$GRANT EXECUTE ON FUNCTION w.lead() TO grantd_app$$),
    t.owner($$CREATE FUNCTION w.astray() RETURNS void LANGUAGE plpgsql AS 'BEGIN PERFORM w.lead(); END'$$), t.owner($$SELECT grantd.publish('w.astray', 'thing:write')$$)),
    '', 'a function that leads astray');
SET search_path = pg_catalog, pg_temp;
SELECT t.got('ann', 'w.astray') AS got, current_setting('search_path') AS path \gset
RESET search_path;
SELECT is(:'got'::text, 'GX001', 'is refused');
SELECT is(:'path'::text, 'pg_catalog, pg_temp', 'and undone');

-- Nor what others' calls on the connection would feel, unless it is trusted:
-- then the connection is cleaned.
CREATE FUNCTION t.setting(p_set text, p_trusted boolean) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce(nullif(concat(t.owner('CREATE OR REPLACE FUNCTION w.lead() RETURNS void LANGUAGE plpgsql AS ' || quote_literal('BEGIN ' || p_set || '; END')),
	    t.owner(format($s$SELECT grantd.publish('w.astray', 'thing:write', trusted => %L)$s$, p_trusted))), ''), t.got('ann', 'w.astray'));
END $$;
SELECT is(t.setting(b, false), 'GX001', b) FROM unnest(ARRAY['SET timezone = ''Asia/Tokyo''', 'SET datestyle = ''SQL, DMY''', 'SET row_security = off',
    'SET synchronous_commit = off', 'SET default_transaction_read_only = on', 'SET bytea_output = ''escape''',
    'SET client_encoding = ''LATIN1''', 'SET default_transaction_isolation = ''serializable''', 'SET default_text_search_config = ''pg_catalog.german''', 'SET array_nulls = off']) b;
SELECT is(t.setting('NULL', false), '204', 'one that sets nothing');
SELECT is(t.setting('SET synchronous_commit = off', true), '204', 'and one that may');
RESET synchronous_commit;

-- A cursor WITH HOLD runs when the transaction ends, as the role of then: one
-- that a function of the owner opened is closed before, whatever was called.
SELECT is(concat(t.owner($$GRANT USAGE ON SCHEMA w TO PUBLIC$$),
    t.owner($$CREATE FUNCTION w.late() RETURNS text LANGUAGE plpgsql AS 'BEGIN EXECUTE format(''SET w.ran = %L'', current_user); RESET ROLE; EXECUTE format(''SET w.became = %L'', current_user); RETURN current_user; END'$$),
    t.owner($$CREATE FUNCTION w.hold() RETURNS text LANGUAGE plpgsql AS 'BEGIN EXECUTE ''DECLARE held CURSOR WITH HOLD FOR SELECT w.late()''; RETURN ''held''; END'$$), t.owner($$GRANT EXECUTE ON FUNCTION w.hold() TO grantd_app$$),
    t.owner($$CREATE FUNCTION w.hold_write() RETURNS text LANGUAGE sql AS 'SELECT w.hold()'$$), t.owner($$SELECT grantd.publish('w.hold_write', 'thing:read')$$),
    t.owner($$CREATE FUNCTION w.hold_read() RETURNS text LANGUAGE sql STABLE AS 'SELECT w.hold()'$$), t.owner($$SELECT grantd.publish('w.hold_read', 'thing:read')$$),
    t.owner($$CREATE FUNCTION w.hold_itself() RETURNS void LANGUAGE sql AS 'DECLARE held CURSOR WITH HOLD FOR SELECT w.late()'$$), t.owner($$SELECT grantd.publish('w.hold_itself', 'thing:read')$$),
    t.owner($$CREATE FUNCTION w.hold_page() RETURNS TABLE (id int4, v text) LANGUAGE sql STABLE AS 'SELECT n, w.hold() FROM generate_series(1, 1) n'$$), t.owner($$SELECT grantd.publish('w.hold_page', 'thing:read', page_key => '{id}')$$),
    t.owner($$CREATE FUNCTION w.hold_sheet() RETURNS text LANGUAGE sql STABLE AS 'SELECT w.hold()'$$), t.owner($$SELECT grantd.publish_resource('w.hold_sheet', 'thing:read', 'w://sheet')$$),
    t.owner($$CREATE FUNCTION w.hold_prompt() RETURNS text LANGUAGE sql STABLE AS 'SELECT w.hold()'$$), t.owner($$SELECT grantd.publish_prompt('w.hold_prompt', 'thing:read')$$),
    t.owner($$CREATE FUNCTION w.hold_asked() RETURNS text LANGUAGE plpgsql STABLE AS 'BEGIN PERFORM grantd.ask(''q'', ''?'', ''{"type": "object", "properties": {}}''); RETURN w.hold(); END'$$), t.owner($$SELECT grantd.publish('w.hold_asked', 'thing:read')$$)),
    '', 'functions that leave a cursor');
SELECT is(concat(t.owner($$CREATE FUNCTION w.hold_settled() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM w.hold(); RETURN NULL; END'$$),
    t.owner($$CREATE CONSTRAINT TRIGGER held AFTER UPDATE OF n ON w.entry DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION w.hold_settled()$$),
    t.owner($$CREATE FUNCTION w.hold_later() RETURNS void LANGUAGE sql AS 'UPDATE w.entry SET n = 2 WHERE n = 1'$$), t.owner($$SELECT grantd.publish('w.hold_later', 'thing:write')$$)),
    '', 'and one whose trigger does');
SELECT quote_literal(t.hash(secret)::text) || '::bytea' AS hash, kind, expiry FROM t.credential WHERE name = 'ann' \gset
\set enter 'SELECT gate.enter(:hash, :kind, :expiry, NULL, :name, ''call'', gen_random_uuid(), 5000, '''', '''', '''', NULL, NULL, NULL, NULL, 0, NULL, NULL), set_config(''search_path'', ''pg_catalog, pg_temp'', true), set_config(''role'', ''grantd_api'', true)'
\set said ''
SET SESSION AUTHORIZATION grantd_broker;
\set name '\'api:w.hold_write\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{}') \gset
COMMIT;
CLOSE ALL;
\set name '\'api:w.hold_read\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{}') \gset
COMMIT;
CLOSE ALL;
\set name '\'api:w.hold_itself\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{}') \gset
COMMIT;
CLOSE ALL;
\set name '\'api:w.hold_page\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{}') \gset
COMMIT;
CLOSE ALL;
\set name '\'mcp:w.hold_sheet\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{}') \gset
COMMIT;
CLOSE ALL;
\set name '\'mcp:w.hold_prompt\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{}') \gset
COMMIT;
CLOSE ALL;
\set name '\'api:w.hold_asked\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{"answers": {"q": {"action": "accept", "content": {}}}}') \gset
COMMIT;
CLOSE ALL;
\set name '\'api:w.hold_later\''
BEGIN;
:enter \g /dev/null
SELECT :'said' || status || ' ' AS said FROM api.procedure_call('{}') \gset
COMMIT;
CLOSE ALL;
RESET SESSION AUTHORIZATION;
SELECT is(:'said'::text, '200 200 204 200 200 200 200 204 ', 'are called');
SELECT is(current_setting('w.ran', true), NULL, 'and what they left does not run as another role');
SELECT is(current_setting('w.became', true), NULL, 'nor takes the role of the login');

-- What another owner wrote of his table is a name, if anything, in mine.
SELECT is(concat(t.owner($$CREATE TABLE w.above (id int4 PRIMARY KEY, person uuid)$$), t.owner($$CREATE TABLE w.below (id int4, above int4 REFERENCES w.above)$$),
    t.owner($$SELECT grantd.protect('w.above', person => 'person')$$),
    t.owner($$COMMENT ON POLICY grantd_owner ON w.above IS '{"group":"id","membership":"(SELECT 1 AS id, gen_random_uuid() AS person)","member":"person","member_group":"id"}'$$)),
    '', 'a declaration that holds SQL');
SELECT matches(t.owner($$SELECT grantd.protect('w.below', parent => 'above')$$), '^invalid name syntax|does not exist', 'is not run below');
DROP TABLE w.below, w.above, w.entry;
SELECT * FROM finish();
