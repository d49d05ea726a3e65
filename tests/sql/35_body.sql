-- What publish sees in a body is what PostgreSQL would run of it.
SELECT * FROM no_plan();
\ir publish.psql
SET client_min_messages = warning;
CREATE DOMAIN w."ée" AS text;

-- Runs a body, in which SET w.ran hides or seems to: what it did, and what
-- publish finds.
CREATE OR REPLACE FUNCTION t.run_body(p_body text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_seen	text;
BEGIN
	SET w.ran = 'no';
	SET LOCAL check_function_bodies = off;
	EXECUTE 'CREATE OR REPLACE FUNCTION w.body() RETURNS void LANGUAGE plpgsql AS ' || quote_literal(p_body);
	PERFORM w.body();
	RETURN concat_ws(' ', current_setting('w.ran'), publish.forbidden(p_body));
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
SELECT is(t.run_body(body), want, replace(replace(body, E'\n', '\n'), E'\r', '\r')) FROM (VALUES
    -- Tags of dollar quotes.
    ($body$BEGIN PERFORM $é$'$é$; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM $aé1$'$aé1$; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM $_1$'$_1$; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM 1 AS a$$b$; SET w.ran = 'yes'; PERFORM 1 AS z$$b$; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM 1 AS é$b$; SET w.ran = 'yes'; PERFORM 1 AS é$b$; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM 1 AS a1$é$; SET w.ran = 'yes'; PERFORM 1 AS a1$é$; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM $é$; SET w.ran = 'yes'; $é$; END$body$, 'no'),
    ($body$BEGIN PERFORM $é$; $e$ SET w.ran = 'yes'; $$ $É$ $é; $é$; END$body$, 'no'),
    ($body$BEGIN PERFORM $a$ $b$a$; SET w.ran = 'yes'; PERFORM $$a$a$$; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM $$ $a$$; SET w.ran = 'yes'; PERFORM '$a$'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM 1 WHERE 'x' = $$x$$AND true; SET w.ran = 'yes'; PERFORM '$$'; END$body$, 'yes SET'),
    -- Numbers end where a dollar begins.  What does not parse is never reached.
    ($body$BEGIN IF false THEN PERFORM 1$a$'$a$; END IF; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN IF false THEN PERFORM .5e+5$a$'$a$; END IF; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN IF false THEN PERFORM $1$a$'$a$; END IF; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN IF false THEN PERFORM $1.e5$a$; END IF; SET w.ran = 'yes'; PERFORM 1 AS e5$a$; END$body$, 'yes SET'),
    ($body$BEGIN IF false THEN PERFORM .1.e5$a$; END IF; SET w.ran = 'yes'; PERFORM 1 AS e5$a$; END$body$, 'yes SET'),
    ($body$BEGIN IF false THEN PERFORM 1e5.e5$a$; END IF; SET w.ran = 'yes'; PERFORM 1 AS e5$a$; END$body$, 'yes SET'),
    ($body$BEGIN IF false THEN PERFORM 1..e5$a$; END IF; SET w.ran = 'yes'; PERFORM 1 AS e5$a$; END$body$, 'yes SET'),
    -- Strings.
    ($body$BEGIN PERFORM E'\''; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM e'\\'; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM e'\'; SET w.ran = ''yes''; --'; END$body$, 'no'),
    ($body$BEGIN PERFORM '\'; SET w.ran = 'yes'; PERFORM '\'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM N'\'; SET w.ran = 'yes'; PERFORM '\'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM U&'\0041\\'; SET w.ran = 'yes'; PERFORM '\'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM U&'!0041' UESCAPE '!'; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM u&'\\''; SET w.ran = ''yes''; --'; END$body$, 'no'),
    ($body$BEGIN PERFORM B'1', X'1'; SET w.ran = 'yes'; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM w.éE'\'; SET w.ran = $$yes$$; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM w."ée"'\'; SET w.ran = $$yes$$; PERFORM ''; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM w.ée'\''; SET w.ran = ''yes''; --'; END$body$, 'no'),
    (E'BEGIN PERFORM E''a''\n''\\'' ''; SET w.ran = $$yes$$; PERFORM '' ''; END', 'yes SET'),
    (E'BEGIN PERFORM E''a'' -- ''\r \n''\\'' ''; SET w.ran = $$yes$$; PERFORM '' ''; END', 'yes SET'),
    (E'BEGIN PERFORM E''a''\n -- x\n\t''\\'' ''; SET w.ran = $$yes$$; PERFORM '' ''; END', 'yes SET'),
    (E'BEGIN PERFORM E''a''\n''\\''; SET w.ran = $$yes$$; PERFORM ''; END', 'no'),
    (E'BEGIN PERFORM ''a''\n''\\''; SET w.ran = $$yes$$; PERFORM ''''; END', 'yes SET'),
    (E'BEGIN PERFORM E''a'',\n''\\''; SET w.ran = $$yes$$; PERFORM ''''; END', 'yes SET'),
    (E'BEGIN IF false THEN PERFORM E''a''\n\u2003''\\''; END IF; SET w.ran = $$yes$$; PERFORM ''''; END', 'yes SET'),
    (E'BEGIN IF false THEN PERFORM E''a''/**/\n''\\''; END IF; SET w.ran = $$yes$$; PERFORM ''''; END', 'yes SET'),
    -- Comments.
    (E'BEGIN -- x\rSET w.ran = ''yes''; END', 'yes SET'),
    (E'BEGIN PERFORM 1 -- ''\r; SET w.ran = ''yes''; END', 'yes SET'),
    (E'BEGIN PERFORM 1+--\n1; SET--\nw.ran = ''yes''; END', 'yes SET'),
    ($body$BEGIN /* ' */ SET w.ran = 'yes'; END$body$, 'yes SET'),
    ($body$BEGIN /*/ */ SET w.ran = 'yes'; /**/ END$body$, 'yes SET'),
    ($body$BEGIN /* /* */ */SET w.ran = 'yes'; END$body$, 'yes SET'),
    ($body$BEGIN /*/**/ SET w.ran = 'yes'; */ END$body$, 'no'),
    ($body$BEGIN PERFORM 2*/* ' */1; SET w.ran = 'yes'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM '/*'; SET w.ran = 'yes'; PERFORM '*/'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM $$/*$$; SET w.ran = 'yes'; PERFORM $$*/$$; END$body$, 'yes SET'),
    (E'BEGIN /* -- */ SET w.ran = ''yes''; END', 'yes SET'),
    -- What is in double quotes stays a word of its own.
    ($body$BEGIN SET"w".ran = 'yes'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM"set_config"('w.ran', 'yes', false); END$body$, 'yes SET_CONFIG'),
    ($body$DECLARE v text := 'SET w.ran = yes'; BEGIN EXECUTE"v"; END$body$, 'yes EXECUTE'),
    ($body$BEGIN PERFORM 1 AS "a""; SET ' "; SET w.ran = 'yes'; END$body$, 'yes SET'),
    ($body$BEGIN PERFORM 1 AS "$a$"; SET w.ran = 'yes'; PERFORM 1 AS "$a$"; END$body$, 'yes SET')
    ) v(body, want);

-- Functions that run a text as SQL, or whatever a name or cursor says.
SELECT is(publish.forbidden(format('BEGIN PERFORM %s(''SELECT 1''); END', f)), upper(f), f) FROM unnest('{query_to_xml,
    query_to_xmlschema,query_to_xml_and_xmlschema,cursor_to_xml,cursor_to_xmlschema,table_to_xml,table_to_xmlschema,
    table_to_xml_and_xmlschema,schema_to_xml,schema_to_xmlschema,schema_to_xml_and_xmlschema,database_to_xml,
    database_to_xmlschema,database_to_xml_and_xmlschema,ts_stat,ts_rewrite,dblink,dblink_exec,crosstab,crosstab2,
    connectby,xpath_table}'::text[]) f;
SELECT is(publish.forbidden('SELECT pg_catalog.' || quote_ident(p.proname) || '()'), upper(p.proname), 'of PostgreSQL''s own: ' || p.proname)
FROM (SELECT DISTINCT proname FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace
    AND (proname ~ '_to_xml(schema|_and_xmlschema)?$' OR proargnames[1] = 'query' OR proname IN ('ts_rewrite', 'ts_stat'))) p;
SELECT is(t.try_body('BEGIN PERFORM query_to_xml(''SELECT 1'', true, true, ''''); END'), 'QUERY_TO_XML', 'such a body is refused');
SELECT is(publish.forbidden(E'SELECT E''a''\n\x0B''\\'''), 'A VERTICAL TAB', 'what versions of PostgreSQL read in two ways');
SELECT is(publish.forbidden('SELECT "Query_to_XML"()'), 'QUERY_TO_XML', 'in any spelling');
SELECT is(publish.forbidden('SELECT my_query_to_xml(), ts_statistics, xmltable_to'), NULL, 'others are not');
SELECT is(coalesce(t.owner('DROP FUNCTION IF EXISTS w.reads'), t.owner('CREATE FUNCTION w.reads() RETURNS xml LANGUAGE sql STABLE ' || b),
    substring(t.owner($$SELECT grantd.publish('w.reads', 'thing:read')$$) FROM 'its body has \w+')), 'its body has QUERY_TO_XML', 'nor by readers in sql: ' || b)
FROM unnest(ARRAY['AS $$SELECT query_to_xml(''SELECT 1'', true, true, '''')$$', 'BEGIN ATOMIC SELECT query_to_xml(''SELECT 1'', true, true, ''''); END']) b;
SELECT * FROM finish();
