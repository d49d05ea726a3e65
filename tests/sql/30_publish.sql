-- What may be published, by whom, and what becomes of it.
SELECT * FROM no_plan();
\ir publish.psql
SELECT t.owner($$CREATE TABLE w.open (id int4 PRIMARY KEY, name text)$$),
    t.owner($$CREATE TABLE w.closed (id int4 PRIMARY KEY, name text)$$),
    t.owner($$ALTER TABLE w.closed ENABLE ROW LEVEL SECURITY$$) \g /dev/null

-- Bodies.  Hostile first: each has to be seen through comments and quotes.
SELECT is(t.try_body(body), want, 'body: ' || replace(left(body, 60), E'\n', ' ')) FROM (VALUES
    ('BEGIN SET LOCAL grantd.organization = ''x''; END', 'SET'),
    ('BEGIN sEt grantd.organization = ''x''; END', 'SET'),
    ('BEGIN/* ; */SET ROLE grantd_api; END', 'SET'),
    (E'BEGIN -- all well\nSET ROLE grantd_api; END', 'SET'),
    ('BEGIN /* /* nested */ */ SET ROLE x; END', 'SET'),
    ('BEGIN IF true THEN SET ROLE x; END IF; END', 'SET'),
    ('BEGIN IF true THEN NULL; ELSE RESET ALL; END IF; END', 'RESET'),
    ('<<a>> BEGIN LOOP SET x.y = 1; EXIT; END LOOP; END', 'SET'),
    ('BEGIN PERFORM ''--''; SET ROLE x; END', 'SET'),
    ('BEGIN PERFORM E''\''--''; SET ROLE x; END', 'SET'),
    ('BEGIN PERFORM $a$--$a$; SET ROLE x; END', 'SET'),
    ('BEGIN PERFORM "x--"(1); SET ROLE x; END', 'SET'),
    ('BEGIN EXECUTE ''SELECT 1''; END', 'EXECUTE'),
    ('BEGIN RETURN; EXECUTE format(''SET %s'', ''x''); END', 'EXECUTE'),
    ('DECLARE r record; BEGIN FOR r IN EXECUTE ''SELECT 1'' LOOP NULL; END LOOP; END', 'EXECUTE'),
    ('BEGIN PERFORM set_config(''grantd.organization'', '''', true); END', 'SET_CONFIG'),
    ('BEGIN PERFORM pg_catalog."set_config"(''a.b'', '''', true); END', 'SET_CONFIG'),
    ('BEGIN PERFORM U&"set\005Fconfig"(''a.b'', '''', true); END', 'U&""'),
    ('BEGIN DISCARD ALL; END', 'DISCARD'), ('BEGIN LISTEN x; END', 'LISTEN'),
    ('BEGIN COPY w.open TO STDOUT; END', 'COPY'), ('BEGIN COMMIT; END', 'COMMIT'),
    ('BEGIN CREATE TABLE w.x (); END', 'CREATE'), ('BEGIN ALTER FUNCTION w.x() SECURITY DEFINER; END', 'ALTER'),
    ('BEGIN GRANT ALL ON w.open TO PUBLIC; END', 'GRANT'), ('BEGIN LOAD ''x''; END', 'LOAD'),
    ('BEGIN UPDATE w.open SET name = ''SET ROLE''; END', 'published'),
    (E'BEGIN -- ; SET ROLE x\nNULL; END', 'published'),
    ('BEGIN PERFORM ''; SET ROLE x''; END', 'published'),
    ('BEGIN PERFORM $q$; EXECUTE $q$; END', 'published'),
    ('DECLARE reset int4; BEGIN reset := 1; END', 'published'),
    ('BEGIN INSERT INTO w.open VALUES (1) ON CONFLICT (id) DO UPDATE SET name = ''x''; END', 'published')) v(body, want);
SELECT is(t.try_body('BEGIN EXECUTE ''SELECT 1''; END', 'STABLE'), 'EXECUTE', 'no text is run by readers either');
SELECT alike(t.try_body('BEGIN NULL; END', 'SECURITY DEFINER'), '%SECURITY DEFINER%', 'no definer');
SELECT alike(t.try_body('BEGIN NULL; END', 'SET row_security = off'), '%SET clause%', 'no SET clause');
SELECT alike(t.try_body('BEGIN NULL; END', 'SET grantd.organization = ''x'''), '%SET clause%', 'of no kind');
SELECT is(t.try_body('BEGIN NULL; END', 'SET search_path = w, pg_temp SET work_mem = ''8MB'''), 'published', 'but how it finds names and plans');

-- Forms.
CREATE OR REPLACE FUNCTION t.try_function(p_sql text, p_more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE v text;
BEGIN
	PERFORM t.owner('DROP FUNCTION IF EXISTS w.form CASCADE');
	v := t.owner('CREATE FUNCTION w.form' || p_sql);
	RETURN coalesce(v, t.owner(format('SELECT grantd.publish(''w.form'', ''thing:read''%s)', p_more)), 'published');
END $$;
SELECT alike(t.try_function(f, m), '%' || want || '%', 'form: ' || f) FROM (VALUES
    ('(VARIADIC a int4[]) RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', '', 'VARIADIC'),
    ('(a anyelement) RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', '', 'polymorphic'),
    ('(int4) RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', '', 'without a name'),
    ('() RETURNS record LANGUAGE sql STABLE AS ''SELECT 1, 2''', '', 'bare records'),
    ('() RETURNS SETOF record LANGUAGE sql STABLE AS ''SELECT 1, 2''', '', 'bare records'),
    ('() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN END''', '', 'trigger'),
    ('() RETURNS int4 LANGUAGE internal AS ''pg_backend_pid''', '', 'permission denied'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', page_key => ''{x}''', 'page_key'),
    ('() RETURNS TABLE (x int4) LANGUAGE sql STABLE AS ''SELECT 1''', ', page_key => ''{y}''', 'does not have'),
    ('() RETURNS TABLE (x int4, y int4) LANGUAGE sql STABLE AS ''SELECT 1, 1''', ', page_key => ''{x,y desc}''', 'one way'),
    ('() RETURNS TABLE (x int4, y int4) LANGUAGE sql STABLE AS ''SELECT 1, 1''', ', page_key => ''{x desc,y desc}''', 'published'),
    ('(cursor text) RETURNS TABLE (x int4) LANGUAGE sql STABLE AS ''SELECT 1''', ', page_key => ''{x}''', 'those of the page'),
    ('(page_size int4 DEFAULT 1) RETURNS TABLE (x int4) LANGUAGE sql STABLE AS ''SELECT 1''', ', page_key => ''{x}''', 'those of the page'),
    ('(cursor text, page_size int4) RETURNS TABLE (x int4) LANGUAGE sql STABLE AS ''SELECT 1''', '', 'published'),
    ('() RETURNS TABLE (cursor int4) LANGUAGE sql STABLE AS ''SELECT 1''', ', page_key => ''{cursor}''', 'published'),
    ('() RETURNS TABLE (x w.open) LANGUAGE sql STABLE AS ''SELECT 1, ''''x''''''', ', page_key => ''{x}''', 'is a row'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', "group" => ''docs''', 'console'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', "group" => ''openapi.json''', 'group'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', max_rows => 1001', 'max_rows'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', timeout => ''2 hours''', 'timeout'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', kinds => ''{none}''', 'kinds'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', kinds => ''{organization}''', 'kinds'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', tool => ''a b''', 'tool name'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', "group" => ''a/b''', 'group'),
    ('() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', ', http => false, mcp => false', 'neither')) v(f, m, want);
SELECT is(t.owner($$CREATE FUNCTION w.twice() RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1'$$), NULL, 'a function');
SELECT is(t.owner($$CREATE FUNCTION w.twice(a int4) RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1'$$), NULL, 'and another of that name');
SELECT alike(t.owner($$SELECT grantd.publish('w.twice', 'thing:read')$$), 'there are 2 functions%', 'neither is published');
SELECT alike(t.owner($$SELECT grantd.publish('w.none', 'thing:read')$$), 'there is no function%', 'nor what is not there');
SELECT alike(t.owner($$SELECT grantd.publish('twice', 'thing:read')$$), 'name it as schema.name%', 'nor what has no schema');

-- Scopes and owners.
SELECT is(t.owner($$CREATE FUNCTION w.f() RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1'$$), NULL, 'a function');
SELECT alike(t.owner($$SELECT grantd.publish('w.f', NULL)$$), 'a scope is needed', 'a scope has to be said');
SELECT alike(t.owner($$SELECT grantd.publish('w.f', 'users:edit')$$), 'no scope of an application%', 'of an application');
SELECT alike(t.owner($$SELECT grantd.publish('gate.maintain', 'thing:read')$$), 'permission denied%', 'not of grantd itself');
SELECT alike(t.owner($$SELECT grantd.publish('pg_catalog.pg_sleep', 'thing:read')$$), 'pg_catalog is a schema of the system', 'nor of PostgreSQL');
SELECT alike(t.owner($$SELECT grantd.define_scope('users:edit', 'mine')$$), '%scope of grantd itself', 'scopes of grantd are not the owner''s');
SELECT alike(t.owner($$SELECT grantd.define_scope('thing:all', 'mine', '{organizations:edit}')$$), 'no scope of an application%', 'nor implied by his');
SELECT alike(t.owner($$SELECT grantd.define_role('administrator', '{thing:read}', 'x')$$), '%role of grantd itself', 'nor are its roles');
SELECT alike(t.owner($$SELECT grantd.define_role('clerk', '{organizations:edit}', 'x')$$), 'no scope of an application%', 'nor do his give them');
SELECT is(t.owner($$SELECT grantd.define_role('clerk', '{thing:write}', 'Works')$$), NULL, 'a role');
SELECT is((SELECT count(*)::int FROM core.role WHERE permission_set = 'clerk' AND scopes = '{thing:read,thing:write}'), (SELECT count(*)::int FROM core.organization), 'which every organization has, with what is implied');
SELECT is(t.owner($$SELECT grantd.publish('w.f', 'thing:read')$$), NULL, 'published');
SELECT alike(t.owner($$SELECT grantd.drop_scope('thing:read')$$), 'still needed%', 'its scope stays');
CREATE OR REPLACE FUNCTION t.other(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	PERFORM set_config('session_authorization', 'w_other', true);
	EXECUTE p_sql;
	RESET SESSION AUTHORIZATION;
	RETURN NULL;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLERRM;
END $$;
GRANT USAGE ON SCHEMA w TO w_other;
SELECT alike(t.other($$SELECT grantd.publish('w.f', 'public')$$), '% belongs to w_owner', 'another owner publishes only his own');
SELECT alike(t.other($$SELECT grantd.register('{"kind": "procedure", "name": "w.f", "schema": "w", "object": "f", "is_table": false, "scope": "public", "kinds": ["user"], "tool": "f", "timeout_ms": 1, "max_rows": 1, "http": true, "mcp": true, "hidden": false, "trusted": true, "exact_text": false}')$$), '% belongs to w_owner', 'not by the inner door either');
SELECT alike(t.other($$SELECT grantd.unpublish('w.f')$$), '% belongs to w_owner', 'nor takes it back');
SELECT is((SELECT owner FROM core.scope WHERE name = 'thing:read'), 'w_owner', 'a scope has an owner');
SELECT alike(t.other($$SELECT grantd.define_scope('thing:read', 'harmless')$$), '% belongs to w_owner', 'who alone says what it is');
SELECT alike(t.other($$SELECT grantd.define_scope('other:all', 'mine', '{thing:write}')$$), '% belongs to w_owner', 'no scope of others implies it');
SELECT alike(t.other($$SELECT grantd.drop_scope('thing:write')$$), '% belongs to w_owner', 'nor is it dropped');
SELECT alike(t.other($$SELECT grantd.define_role('clerk', '{thing:write}', 'Works')$$), '% belongs to w_owner', 'nor his role redefined');
SELECT alike(t.other($$SELECT grantd.define_role('spy', '{thing:read}', 'Looks')$$), '% belongs to w_owner', 'nor his scopes given by another role');
SELECT is(t.other($$SELECT grantd.define_scope('other:read', 'mine')$$), NULL, 'the other has his own');
SELECT is(t.other($$SELECT grantd.define_scope('other:all', 'mine', '{other:read}')$$), NULL, 'which may imply each other');
SELECT is(t.other($$SELECT grantd.drop_scope('other:all')$$), NULL, 'and go');
SELECT is(t.other($$SELECT grantd.drop_scope('other:read')$$), NULL, 'all of them');
UPDATE core.scope SET owner = NULL WHERE name = 'thing:write';
SELECT alike(t.owner($$SELECT grantd.define_scope('thing:write', 'x', '{thing:read}')$$), '% belongs to grantd_owner', 'of former days: the operator''s');
UPDATE core.scope SET owner = 'w_owner' WHERE name = 'thing:write';
SELECT alike(t.other($$SELECT published.make(1, '')$$), 'permission denied%', 'makes no wrapper');
SELECT alike(t.other(format($$SELECT published.p_%s('{}', '{}')$$, (SELECT number FROM publish.procedure WHERE name = 'w.f'))), 'permission denied%', 'and calls none');
SELECT alike(t.other($$DELETE FROM gate.operation$$), 'permission denied%', 'nor writes operations');
SELECT is(t.owner($$SELECT grantd.publish('w.f', 'thing:read', tool => 'same')$$), NULL, 'published again, with another tool name');
SELECT is(t.owner($$CREATE FUNCTION w.g() RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1'$$), NULL, 'one more');
SELECT alike(t.owner($$SELECT grantd.publish('w.g', 'thing:read', tool => 'same')$$), 'w.f has that tool name%', 'tool names are unique');

-- Tables.
SELECT alike(t.owner($$SELECT grantd.publish_table('w.open', 'thing:read', 'w://open')$$), '%no row-level security', 'an open table is not published');
SELECT is(t.owner($$SELECT grantd.publish_table('w.closed', 'thing:read', 'w://closed/{id}')$$), NULL, 'a protected one is');
SELECT alike(t.owner($$SELECT grantd.publish_table('w.closed', 'thing:read', 'w://closed/{x}')$$), '%does not have', 'by columns that it has');
SELECT alike(t.owner($$SELECT grantd.publish_table('w.closed', 'thing:read', 'x')$$), 'a resource has a URI%', 'at a URI');

-- What is written down, and the end.
SELECT is(t.got('ann', 'w.f'), '{"result": 1}', 'it runs');
SELECT is((SELECT array_agg(DISTINCT o.door::text || o.class) FROM gate.operation o JOIN publish.procedure p ON p.number = o.number WHERE p.name = 'w.f'), '{4read,8read}', 'by two doors');
SELECT is(t.owner($$ALTER FUNCTION w.f() VOLATILE$$), NULL, 'it changes');
SELECT isnt_empty($$SELECT FROM grantd.lint() WHERE object = 'w.f' AND problem LIKE '%changed%'$$, 'lint sees that');
SELECT is(t.owner($$SELECT grantd.refresh()$$), NULL, 'refreshed');
SELECT is((SELECT class FROM gate.operation WHERE name = 'api:w.f'), 'write', 'it writes now');
SELECT is(t.owner($$DROP FUNCTION w.f()$$), NULL, 'it goes');
SELECT is(t.owner($$SELECT grantd.refresh()$$), NULL, 'refreshed');
SELECT is(t.got('ann', 'w.f'), 'OA404 unknown_operation', 'what is gone is closed');
SELECT isnt_empty($$SELECT FROM grantd.lint() WHERE object = 'w.f' AND severity = 'error'$$, 'and told');
SELECT is((SELECT count(*)::int FROM gate.catalogue() c, jsonb_array_elements(c.body::jsonb -> 'procedures') e WHERE e ->> 'name' = 'w.f'), 0, 'and not in the catalogue');
SELECT is(t.other($$SELECT grantd.unpublish('w.f')$$), 'w.f was published by w_owner', 'who did not publish it does not take it back');
SELECT is(t.other($$SELECT grantd.forget('w.f')$$), 'w.f was published by w_owner', 'nor has it forgotten');
SELECT is(t.owner($$SELECT grantd.unpublish('w.f')$$), NULL, 'it is taken back');
SELECT is(concat(t.owner($$SELECT grantd.publish('w.g', 'thing:read')$$), t.owner($$CREATE FUNCTION w.g(a int4) RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1'$$)), '', 'one becomes two');
SELECT is(t.other($$SELECT grantd.forget('w.g')$$), 'w.g was published by w_owner', 'which makes it nobody else''s');
SELECT is(t.owner($$SELECT grantd.forget('w.g')$$), NULL, 'but it is taken back');
SELECT is(t.owner($$DROP TABLE w.closed$$), NULL, 'a table goes');
SELECT is(t.other($$SELECT grantd.forget('w.closed_table')$$), 'w.closed_table was published by w_owner', 'nobody else takes that back');
UPDATE publish.procedure SET published_by = 'who was dropped' WHERE name = 'w.closed_table';
SELECT is(t.other($$SELECT grantd.forget('w.closed_table')$$), 'w.closed_table was published by who was dropped', 'also when who published it is gone');
SELECT is(t.owner($$SELECT grantd.forget('w.closed_table')$$), NULL, 'but the owner of its schema');
INSERT INTO publish.procedure SELECT (jsonb_populate_record(p, '{"name": "gone.x", "schema": "gone", "object": "x", "number": 999999, "tool": "gone"}')).* FROM publish.procedure p WHERE p.kind = 'procedure' LIMIT 1;
SELECT alike(t.other($$SELECT grantd.forget('gone.x')$$), 'gone.x was published by %', 'of a schema that is gone, too');
SELECT lives_ok($$SELECT grantd.forget('gone.x')$$, 'and a superuser takes back all');
SELECT hasnt_function('published', 'p_' || (SELECT max(substr(proname, 3)::int) + 1 FROM pg_proc WHERE proname ~ '^p_\d+$'), 'no wrapper is left');
SELECT is((SELECT count(*)::int FROM audit.event WHERE actor_kind = 'database' AND target = 'w.f' AND operation IN ('publish.publish', 'publish.unpublish') AND detail ->> 'role' = 'w_owner'), 3, 'each change is an event');
SELECT is((SELECT count(*)::int FROM audit.event WHERE operation IN ('publish.define_scope', 'publish.define_role', 'publish.refresh') AND detail ->> 'role' = 'w_owner'), 5, 'of scopes, roles and refreshing, too');

-- The words of a comment.
SELECT is((SELECT (w.title, w.description, w.params, w.complete, w.deprecated)::text FROM publish.words(E'Title\nMore.\n\nStill.\n@param a the a\n  goes on\n@complete a x, y\n@deprecated\n') w), '(Title,"More.

Still.","{""a"": ""the a goes on""}","{""a"": [""x"", ""y""]}",t)', 'title, description, arguments');
SELECT throws_ok($$SELECT publish.words('x' || chr(10) || '@example {')$$, '22023', NULL, 'an example is JSON');
SELECT throws_ok($$SELECT publish.words('x' || chr(10) || '@exmaple {}')$$, '22023', NULL, 'and no word is mistaken silently');
SELECT * FROM finish();
