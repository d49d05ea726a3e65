-- What foreign SQL leaves for later: deferred triggers, and a search path that
-- the rest of the call would look names up by.
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
    'SET synchronous_commit = off', 'SET default_transaction_read_only = on', 'SET bytea_output = ''escape''']) b;
SELECT is(t.setting('NULL', false), '204', 'one that sets nothing');
SELECT is(t.setting('SET synchronous_commit = off', true), '204', 'and one that may');
RESET synchronous_commit;

-- What another owner wrote of his table is a name, if anything, in mine.
SELECT is(concat(t.owner($$CREATE TABLE w.above (id int4 PRIMARY KEY, person uuid)$$), t.owner($$CREATE TABLE w.below (id int4, above int4 REFERENCES w.above)$$),
    t.owner($$SELECT grantd.protect('w.above', person => 'person')$$),
    t.owner($$COMMENT ON POLICY grantd_owner ON w.above IS '{"group":"id","membership":"(SELECT 1 AS id, gen_random_uuid() AS person)","member":"person","member_group":"id"}'$$)),
    '', 'a declaration that holds SQL');
SELECT matches(t.owner($$SELECT grantd.protect('w.below', parent => 'above')$$), '^invalid name syntax|does not exist', 'is not run below');
DROP TABLE w.below, w.above, w.entry;
SELECT * FROM finish();
