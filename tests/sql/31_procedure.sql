-- Calls of published procedures: arguments, results, pages, doors.
SELECT * FROM no_plan();
\ir publish.psql

SELECT t.owner($$CREATE TYPE w.colour AS ENUM ('red', 'green')$$),
    t.owner($$CREATE DOMAIN w.short AS text CHECK (length(VALUE) BETWEEN 1 AND 10)$$),
    t.owner($$CREATE DOMAIN w.must AS int4 NOT NULL CHECK (VALUE > 0)$$),
    t.owner($$CREATE TYPE w.part AS (street text, zip int8)$$),
    t.owner($$CREATE TABLE w.things (organization uuid NOT NULL, id int8 PRIMARY KEY, name text NOT NULL,
	colour w.colour NOT NULL DEFAULT 'red', price numeric(12,2), made timestamptz NOT NULL DEFAULT '2026-01-02 03:04:05.678901+00')$$),
    t.owner($$ALTER TABLE w.things ENABLE ROW LEVEL SECURITY$$),
    t.owner($$CREATE POLICY p ON w.things TO grantd_app USING (organization = (SELECT grantd.organization()))$$),
    t.owner($$GRANT SELECT, INSERT, UPDATE, DELETE ON w.things TO grantd_app$$) \g /dev/null
INSERT INTO w.things (organization, id, name, price)
SELECT o.id, n + CASE o.name WHEN 'one' THEN 0 ELSE 1000 END, 'thing ' || n, 1.5
FROM core.organization o, generate_series(1, 45) n WHERE o.name IN ('one', 'two');

SELECT is(concat(
    t.owner($$CREATE FUNCTION w.list(search text DEFAULT NULL) RETURNS SETOF w.things LANGUAGE sql STABLE
	BEGIN ATOMIC SELECT * FROM w.things t WHERE list.search IS NULL OR t.name LIKE list.search; END$$),
    t.owner($$CREATE FUNCTION w.names(n int4 DEFAULT 3) RETURNS SETOF text LANGUAGE sql STABLE AS 'SELECT name FROM w.things ORDER BY id LIMIT n'$$),
    t.owner($$CREATE FUNCTION w.get(id int8) RETURNS w.things LANGUAGE plpgsql STABLE AS 'DECLARE r w.things; BEGIN SELECT * INTO r FROM w.things t WHERE t.id = get.id; RETURN r; END'$$),
    t.owner($$CREATE FUNCTION w.add(a int4, b int4 DEFAULT 2) RETURNS int4 LANGUAGE sql IMMUTABLE AS 'SELECT a + b'$$),
    t.owner($$CREATE FUNCTION w.strict(a int4, b text DEFAULT 'x') RETURNS text LANGUAGE sql IMMUTABLE STRICT AS 'SELECT a || b'$$),
    t.owner($$CREATE FUNCTION w.nothing() RETURNS void LANGUAGE plpgsql STABLE AS 'BEGIN END'$$),
    t.owner($$CREATE FUNCTION w.rename(id int8, name w.short) RETURNS int8 LANGUAGE sql
	BEGIN ATOMIC UPDATE w.things SET name = rename.name WHERE things.id = rename.id RETURNING things.id; END$$),
    t.owner($$CREATE FUNCTION w.one_column() RETURNS TABLE (x int4) LANGUAGE sql STABLE AS 'SELECT 1'$$),
    t.owner($$CREATE FUNCTION w.outs(OUT a int4, OUT b text) LANGUAGE sql STABLE AS 'SELECT 1, NULL::text'$$),
    t.owner($$CREATE FUNCTION w.who() RETURNS jsonb LANGUAGE sql STABLE AS $f$
	SELECT jsonb_build_object('person', grantd.person() IS NOT NULL, 'organization', grantd.organization() IS NOT NULL,
	    'client', grantd.client() IS NOT NULL, 'scopes', grantd.scopes(), 'write', grantd.has_scope('thing:write'), 'user', current_user) $f$ $$),
    t.owner($$CREATE FUNCTION w.hello() RETURNS text LANGUAGE sql STABLE AS $f$SELECT 'hello ' || coalesce(grantd.person()::text, 'nobody')$f$ $$),
    t.owner($$CREATE FUNCTION w.types(b bool DEFAULT NULL, i2 int2 DEFAULT NULL, i8 int8 DEFAULT NULL, f float8 DEFAULT NULL, n numeric DEFAULT NULL,
	t text DEFAULT NULL, vc varchar(3) DEFAULT NULL, u uuid DEFAULT NULL, d date DEFAULT NULL, tz timestamptz DEFAULT NULL, iv interval DEFAULT NULL,
	by bytea DEFAULT NULL, j jsonb DEFAULT NULL, js json DEFAULT NULL, c w.colour DEFAULT NULL, s w.short DEFAULT NULL, p w.part DEFAULT NULL,
	a int4[] DEFAULT NULL, ps w.part[] DEFAULT NULL, r int4range DEFAULT NULL, m w.must DEFAULT 7)
	RETURNS TABLE (b2 bool, i22 int2, i82 int8, f2 float8, n2 numeric, t2 text, vc2 varchar, u2 uuid, d2 date, tz2 timestamptz, iv2 interval,
	by2 bytea, j2 jsonb, js2 json, c2 w.colour, s2 w.short, p2 w.part, a2 int4[], ps2 w.part[], r2 int4range, m2 w.must) LANGUAGE plpgsql STABLE AS $f$
	BEGIN RETURN QUERY SELECT b, i2, i8, f, n, t, vc, u, d, tz, iv, by, j, js, c, s, p, a, ps, r, m; END $f$ $$)), '', 'functions of an application');
SELECT is(concat(
    t.owner($$SELECT grantd.publish('w.list', 'thing:read', page_key => '{id}', max_rows => 20)$$),
    t.owner($$SELECT grantd.publish('w.names', 'thing:read', max_rows => 5)$$),
    t.owner($$SELECT grantd.publish('w.get', 'thing:read')$$), t.owner($$SELECT grantd.publish('w.add', 'thing:read')$$),
    t.owner($$SELECT grantd.publish('w.strict', 'thing:read')$$), t.owner($$SELECT grantd.publish('w.nothing', 'thing:read')$$),
    t.owner($$SELECT grantd.publish('w.rename', 'thing:write')$$), t.owner($$SELECT grantd.publish('w.one_column', 'thing:read')$$),
    t.owner($$SELECT grantd.publish('w.outs', 'thing:read')$$), t.owner($$SELECT grantd.publish('w.who', 'thing:read')$$),
    t.owner($$SELECT grantd.publish('w.hello', 'public')$$), t.owner($$SELECT grantd.publish('w.types', 'thing:read')$$)), '', 'are published');

-- Results.
SELECT is(t.got('ann', 'w.add', '{"a": 40}'), '{"result": 42}', 'a scalar, with a default');
SELECT is(t.got('ann', 'w.add', '{"a": 40, "b": null}'), '{"result": null}', 'null is null');
SELECT is(t.got('ann', 'w.get', '{"id": 1}')::jsonb ->> 'name', 'thing 1', 'a row');
SELECT is(t.got('ann', 'w.get', '{"id": 1}')::jsonb ->> 'made', '2026-01-02T03:04:05.678901+00:00', 'times as RFC 3339');
SELECT is(t.got('ann', 'w.get', '{"id": 1001}'), '{"result": null}', 'a row of another organization is none');
SELECT is(t.got('ann', 'w.names'), '{"items": ["thing 1", "thing 2", "thing 3"], "next_cursor": null}', 'values');
SELECT is(t.got('ann', 'w.names', '{"n": 50}')::jsonb ->> 'truncated', 'true', 'cut at the most rows');
SELECT is(jsonb_array_length(t.got('ann', 'w.names', '{"n": 50}')::jsonb -> 'items'), 5, 'so many');
SELECT is(t.got('ann', 'w.names', '{"n": 0}'), '{"items": [], "next_cursor": null}', 'no rows');
SELECT is(t.got('ann', 'w.nothing'), '204', 'void');
SELECT is(t.got('ann', 'w.one_column'), '{"items": [{"x": 1}], "next_cursor": null}', 'a table of one column has objects');
SELECT is(t.got('ann', 'w.outs'), '{"a": 1, "b": null}', 'OUT arguments');
SELECT is(t.got('ann', 'w.add', '{"a": 1}', '{"minimal": true}'), '204', 'nothing, if that is asked for');

-- Who it is, and as whom it runs.
SELECT is(t.got('ann', 'w.who'), '{"result": {"user": "grantd_app", "write": true, "client": true, "person": true, "scopes": ["thing:read", "thing:write"], "organization": true}}', 'a person with a client');
SELECT is(t.got('robot', 'w.who')::jsonb #> '{result,person}', 'false', 'a client itself');
SELECT is(t.got('page', 'w.who')::jsonb #> '{result,client}', 'false', 'a page session');
SELECT is(t.got('nobody', 'w.hello'), '{"result": "hello nobody"}', 'nobody, where it is public');
SELECT alike(t.got('ann', 'w.hello'), '%hello ________-%', 'somebody there');

-- Types, both ways.
CREATE OR REPLACE FUNCTION t.same(p_name text, p_value text, p_want text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT is(coalesce(((r)::jsonb #> ARRAY['items', '0', p_name || '2'])::text, r), coalesce(p_want, p_value::jsonb::text), p_name || ' ' || left(p_value, 40))
	FROM t.got('ann', 'w.types', format('{"%s": %s}', p_name, p_value)) r $$;
CREATE OR REPLACE FUNCTION t.refused(p_name text, p_value text, p_want text) RETURNS text LANGUAGE sql AS $$
	SELECT is(t.got('ann', 'w.types', format('{"%s": %s}', p_name, p_value)), p_want, p_name || ' refuses ' || left(p_value, 40)) $$;
SELECT t.same(n, v) FROM (VALUES ('b', 'true'), ('i2', '-32768'), ('i8', '9223372036854775807'), ('f', '1.5'), ('n', '123456789012345678901234567890.123456789'),
    ('t', '"a\"b\\c \u00e4 \ud83d\ude00"'), ('vc', '"longer"'), ('u', '"00000000-0000-0000-0000-000000000001"'), ('d', '"2026-02-28"'), ('by', '"\\x00ff"'),
    ('j', '{"a": [1, null, {"b": 2}]}'), ('j', '"text"'), ('js', '[1, 2]'), ('c', '"green"'), ('s', '"short"'), ('p', '{"zip": 5, "street": "A"}'),
    ('a', '[1, null, 3]'), ('a', '[]'), ('a', '[[1, 2], [3, 4]]'), ('ps', '[{"zip": null, "street": "B"}]'), ('r', '"[1,5)"')) v(n, v);
SELECT t.same('i8', '"9007199254740993"', '9007199254740993');
SELECT t.same('i2', '5.0', '5');
SELECT t.same('n', '"0.10"', '0.10');
SELECT t.same('tz', '"2026-01-01T00:00:00+02:00"', '"2025-12-31T22:00:00+00:00"');
SELECT t.same('f', '"NaN"');
SELECT t.same('p', '{"street": "only"}', '{"zip": null, "street": "only"}');
SELECT t.same('m', '8');
SELECT is(t.got('ann', 'w.types')::jsonb #>> '{items,0,m2}', '7', 'a default of a domain');
SELECT is(t.got('ann', 'w.types', (SELECT jsonb_object_agg(k, NULL)::text FROM unnest('{b,i2,i8,f,n,t,vc,u,d,tz,iv,by,j,js,c,s,p,a,ps,r}'::text[]) k))::jsonb #>> '{items,0,t2}', NULL, 'null everywhere');
SELECT t.refused(n, v, w) FROM (VALUES ('b', '"maybe"', 'HT422 invalid_value /b'), ('i2', '32768', 'HT422 invalid_value /i2'), ('i2', '5.5', 'HT422 invalid_value /i2'), ('i2', '"NaN"', 'HT422 invalid_value /i2'), ('i2', '1e400', 'HT422 invalid_value /i2'),
    ('i8', '9223372036854775808', 'HT422 invalid_value /i8'), ('f', '1e400', 'HT422 invalid_value /f'), ('u', '"x"', 'HT422 invalid_value /u'), ('d', '"2026-02-30"', 'HT422 invalid_value /d'), ('c', '"blue"', 'HT422 invalid_value /c'),
    ('s', '"much too long"', 'HT422 invalid_value /s'), ('s', '""', 'HT422 invalid_value /s'), ('m', '0', 'HT422 invalid_value /m'), ('m', 'null', 'HT422 invalid_value /m'), ('p', '"x"', 'HT422 invalid_value /p'), ('p', '{"zip": "x"}', 'HT422 invalid_value /p'),
    ('a', '5', 'HT422 invalid_value /a'), ('a', '{"a": 1}', 'HT422 invalid_value /a'), ('r', '"[5,1)"', 'HT422 invalid_value /r'), ('by', '"\\xzz"', 'HT422 invalid_value /by'), ('t', '"' || repeat('x', 10) || '", "t9": 1, "t": "y"', 'HT422 invalid_argument /t9')) v(n, v, w);
-- A value that an argument of two cannot be, and a fault of the function itself.
SELECT is(t.owner($$CREATE FUNCTION w.parted(a int4, b inet DEFAULT NULL) RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 10 / a'$$), NULL, 'one that divides');
SELECT is(t.owner($$SELECT grantd.publish('w.parted', 'thing:read')$$), NULL, 'and is published');
SELECT is(t.got('ann', 'w.parted', '{"a": 5, "b": "::1"}')::jsonb, '{"result": 2}', 'it divides');
SELECT is(t.got('ann', 'w.parted', '{"a": 5, "b": "x"}'), 'HT422 invalid_value /b', 'the argument is named');
SELECT is(t.got('ann', 'w.parted', '{"a": 0, "b": "::1"}'), '22012', 'what it does wrong itself is no argument''s');
SELECT is(t.got('ann', 'w.parted', '{"a": 0, "b": "x"}'), 'HT422 invalid_value /b', 'arguments first');
SELECT is(t.got('ann', 'w.parted', '{"a": "x", "": "x"}'), 'HT422 invalid_value /a', 'whatever stands beside it');
-- Types whose texts have a grammar, or name something: their errors are of class 42.
SELECT is(t.owner($$CREATE FUNCTION w.grammar("a ""b" tsquery DEFAULT NULL, p jsonpath DEFAULT NULL, c regclass DEFAULT NULL, s w.short[] DEFAULT NULL, n int4 DEFAULT 1)
	RETURNS w.must LANGUAGE plpgsql STABLE AS 'BEGIN IF n = 42 THEN PERFORM nowhere.nothing(); END IF; RETURN n; END'$$), NULL, 'one with such arguments');
SELECT is(t.owner($$SELECT grantd.publish('w.grammar', 'thing:read')$$), NULL, 'is published');
SELECT is(t.got('ann', 'w.grammar', v), w, 'grammar ' || v) FROM (VALUES ('{"p": "$.a", "c": "pg_class"}', '{"result": 1}'), ('{"a \"b": "a &"}', 'HT422 invalid_value /a "b'),
    ('{"p": "("}', 'HT422 invalid_value /p'), ('{"c": "nowhere"}', 'HT422 invalid_value /c'), ('{"c": "core.member"}', 'HT422 invalid_value /c'), ('{"n": 1, "p": "("}', 'HT422 invalid_value /p'),
    ('{"s": ["good", ""]}', 'HT422 invalid_value /s'), ('{"n": 42, "p": "$"}', '3F000'), ('{"n": 0, "s": []}', '23514 must_check')) v(v, w);
SELECT throws_ok($$SELECT t.got('ann', 'w.types', '{"t": "\u0000"}')$$, '22P05', NULL, 'no zero byte');

-- Rows in domains, and rows as a column.
SELECT is(concat(t.owner($$CREATE TYPE w.point AS (x int4, y int8)$$), t.owner($$CREATE DOMAIN w.dpoint AS w.point CHECK ((VALUE).x IS DISTINCT FROM 13)$$),
    t.owner($$CREATE DOMAIN w.ddpoint AS w.dpoint$$), t.owner($$COMMENT ON COLUMN w.point.x IS 'the x'$$), t.owner($$CREATE TYPE w.t AS (t int4, v text)$$)), '', 'types');
CREATE OR REPLACE FUNCTION t.given(p_returns text, p_body text, p_more text DEFAULT '') RETURNS text LANGUAGE plpgsql AS $$
DECLARE v text;
BEGIN
	v := concat(t.owner('DROP FUNCTION IF EXISTS w.given'), t.owner(format('CREATE FUNCTION w.given%s LANGUAGE sql STABLE AS %L', p_returns, p_body)),
	    t.owner(format('SELECT grantd.publish(''w.given'', ''thing:read''%s)', p_more)));
	RETURN CASE v WHEN '' THEN t.got('ann', 'w.given') ELSE v END;
END $$;
SELECT is(t.given(r, b, m), want, r || m) FROM (VALUES
    ('() RETURNS w.dpoint', 'SELECT ROW(1, 2)::w.dpoint', '', '{"x": 1, "y": 2}'),
    ('() RETURNS w.ddpoint', 'SELECT ROW(1, 2)::w.ddpoint', '', '{"x": 1, "y": 2}'),
    ('() RETURNS w.dpoint', 'SELECT NULL::w.dpoint', '', '{"result": null}'),
    ('() RETURNS w.dpoint', 'SELECT ROW(1, 2)::w.dpoint', ', exact_text => true', '{"x": 1, "y": "2"}'),
    ('() RETURNS SETOF w.dpoint', 'SELECT ROW(n, n * 2)::w.dpoint FROM generate_series(1, 2) n', '', '{"items": [{"x": 1, "y": 2}, {"x": 2, "y": 4}], "next_cursor": null}'),
    ('() RETURNS SETOF w.ddpoint', 'SELECT ROW(n, n * 2)::w.ddpoint FROM generate_series(1, 2) n', ', exact_text => true, page_key => ''{x desc}''', '{"items": [{"x": 2, "y": "4"}, {"x": 1, "y": "2"}], "next_cursor": null}'),
    ('() RETURNS w.dpoint[]', 'SELECT ARRAY[ROW(1, 2)::w.dpoint]', '', '{"result": [{"x": 1, "y": 2}]}'),
    ('(OUT p w.dpoint)', 'SELECT ROW(1, 2)::w.dpoint', '', '{"x": 1, "y": 2}'),
    ('(OUT p w.point, OUT n int4)', 'SELECT ROW(1, 2)::w.point, 3', '', '{"n": 3, "p": {"x": 1, "y": 2}}'),
    ('() RETURNS TABLE (p w.point)', 'SELECT ROW(1, 2)::w.point', '', '{"items": [{"p": {"x": 1, "y": 2}}], "next_cursor": null}'),
    ('() RETURNS TABLE (p w.point)', 'SELECT ROW(1, 2)::w.point UNION ALL SELECT NULL', ', exact_text => true', '{"items": [{"p": {"x": 1, "y": "2"}}, {"p": null}], "next_cursor": null}'),
    ('() RETURNS TABLE (p w.point)', 'SELECT NULL::w.point', '', '{"items": [{"p": null}], "next_cursor": null}'),
    ('() RETURNS TABLE (p w.dpoint)', 'SELECT ROW(1, 2)::w.dpoint', '', '{"items": [{"p": {"x": 1, "y": 2}}], "next_cursor": null}'),
    ('() RETURNS TABLE (t w.t)', 'SELECT ROW(1, ''a'')::w.t', '', '{"items": [{"t": {"t": 1, "v": "a"}}], "next_cursor": null}'),
    ('() RETURNS TABLE (p w.things)', 'SELECT t FROM w.things t WHERE id = 1000', '', '{"items": [], "next_cursor": null}'),
    ('() RETURNS TABLE (p w.point, n int4)', 'SELECT ROW(1, 2)::w.point, 3', '', '{"items": [{"n": 3, "p": {"x": 1, "y": 2}}], "next_cursor": null}'),
    ('() RETURNS SETOF w.point', 'SELECT ROW(1, 2)::w.point', '', '{"items": [{"x": 1, "y": 2}], "next_cursor": null}')) v(r, b, m, want);
SELECT is(t.given('() RETURNS w.dpoint', 'SELECT ROW(1, 2)::w.dpoint'), '{"x": 1, "y": 2}', 'a domain once more');
SELECT is((SELECT entry #>> '{result,anyOf,0,properties,x,description}' FROM publish.procedure WHERE name = 'w.given'), 'the x', 'its schema is the row''s');
SELECT is(t.given('() RETURNS TABLE (p w.point)', 'SELECT ROW(1, 2)::w.point'), '{"items": [{"p": {"x": 1, "y": 2}}], "next_cursor": null}', 'a column once more');
SELECT is((SELECT entry::jsonb #> '{result,properties,items,items,required}' FROM publish.procedure WHERE name = 'w.given'), '["p"]', 'its schema has that column alone');

-- Arguments that do not fit.
SELECT is(t.got('ann', 'w.add', '{}'), 'HT422 invalid_argument /a', 'missing');
SELECT is(t.got('ann', 'w.add', '{"a": 1, "x/y": 2}'), 'HT422 invalid_argument /x~1y', 'unknown');
SELECT is(t.got('ann', 'w.strict', '{"a": null}'), 'HT422 invalid_argument /a', 'null for a strict function');
SELECT is(t.got('ann', 'w.strict', '{"a": 1, "b": null}'), 'HT422 invalid_argument /b', 'or for any of its arguments');
SELECT is(t.got('ann', 'w.strict', '{"a": 1}'), '{"result": "1x"}', 'with its default');
SELECT is(t.got('ann', 'w.add', '[]'), 'HT422 invalid_argument', 'no array');
SELECT is(t.got('ann', 'w.add', '"x"'), 'HT422 invalid_argument', 'no text');
SELECT is(t.got('ann', 'w.names', '{"n": 1}', '{"page": {"size": 0}}'), 'HT400 invalid_page_size /page_size', 'a page of none');
SELECT is(t.got('ann', 'w.names', '{"n": 1}', '{"page": {"size": "1; DROP TABLE w.things"}}'), 'HT400 invalid_page_size /page_size', 'or of nonsense');

-- Pages.
CREATE OR REPLACE FUNCTION t.pages(p_credential text, p_size int4) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v jsonb; v_all int8[] := '{}'; v_n int4 := 0; v_page jsonb := jsonb_build_object('size', p_size);
BEGIN
	LOOP
		v := t.got(p_credential, 'w.list', '{}', jsonb_build_object('page', v_page)::text);
		v_all := v_all || ARRAY(SELECT (e ->> 'id')::int8 FROM jsonb_array_elements(v -> 'items') e);
		v_n := v_n + 1;
		EXIT WHEN v ->> 'next_cursor' IS NULL OR v_n > 100;
		v_page := v_page || jsonb_build_object('cursor', v -> 'next_cursor');
	END LOOP;
	RETURN format('%s pages, %s rows, %s, %s', v_n, cardinality(v_all), v_all = ARRAY(SELECT DISTINCT unnest(v_all) ORDER BY 1), v_all[1]);
END $$;
SELECT is(t.pages('ann', 7), '7 pages, 45 rows, t, 1', 'each row once, in order');
SELECT is(t.pages('bob', 15), '3 pages, 45 rows, t, 1001', 'of each organization its own');
SELECT is(t.pages('bob', 1000), '3 pages, 45 rows, t, 1001', 'no page is larger than max_rows');
SELECT t.got('bob', 'w.list', '{}', '{"page": {"size": 5}}')::jsonb ->> 'next_cursor' AS cursor \gset
SELECT is((SELECT count(*)::int FROM jsonb_array_elements(t.got('ann', 'w.list', '{}', jsonb_build_object('page', jsonb_build_object('cursor', :'cursor'::text))::text)::jsonb -> 'items')), 0, 'the cursor of another shows nothing of his');
SELECT is(t.got('ann', 'w.list', '{}', jsonb_build_object('page', jsonb_build_object('cursor', c))::text), 'HT400 invalid_cursor /cursor', 'no cursor: ' || left(c, 30))
FROM (VALUES (''), ('x'), ('%%%'), (left(:'cursor'::text, 10)), (lib.base64url('{"v":1,"name":"w.list","keys":[]}')), (lib.base64url('{"v":1,"name":"w.list","keys":[null]}')),
    (lib.base64url('{"v":1,"name":"w.list","keys":["x"]}')), (lib.base64url('{"v":1,"name":"w.list","keys":[[1]]}')), (lib.base64url('{"v":1,"name":"w.names","keys":[1]}')),
    (lib.base64url('{"v":2,"name":"w.list","keys":[1]}')), (lib.base64url('{"v":1,"name":"w.list","keys":["1) OR true --"]}')), (lib.base64url('{"v":1,"name":"w.list","keys":[1e99999]}')),
    (lib.base64url(decode('ff00', 'hex'))), (lib.base64url(convert_to('{"v":1,"name":"\u0000","keys":[1]}', 'UTF8'))), (lib.base64url(convert_to(repeat('[', 7000), 'UTF8'))), (repeat('A', 9000))) v(c);

-- Doors, scopes, kinds.
SELECT is(t.got('nothing', 'w.add', '{"a": 1}'), 'OA403 insufficient_scope', 'without the scope');
SELECT is(t.got('reader', 'w.rename', '{"id": 1, "name": "x"}'), 'OA403 insufficient_scope', 'with the lesser one');
SELECT is(t.got('nobody', 'w.add', '{"a": 1}'), 'OA401 missing_token authorization', 'without a credential');
SELECT is(t.got('only_mcp', 'w.add', '{"a": 1}'), 'OA401 wrong_audience authorization', 'a token for /mcp at /api');
SELECT is(t.got('only_api', 'w.add', '{"a": 1}', '{}', 'mcp'), 'OA401 wrong_audience authorization', 'and the other way round');
SELECT is(t.got('only_mcp', 'w.add', '{"a": 1}', '{}', 'mcp'), '{"result": 3}', 'each at its door');
SELECT is(t.got('page', 'w.add', '{"a": 1}', '{}', 'mcp'), 'OA403 wrong_token_kind', 'no page session at /mcp');
SELECT is(t.got('control', 'w.add', '{"a": 1}'), 'OA403 wrong_token_kind', 'nor the control socket at all');
SELECT is(t.got('nobody', 'w.hello', '{}', '{}', 'mcp'), 'OA401 missing_token authorization', 'nobody at /mcp, even what is public');
SELECT is(t.got('ann', 'w.secret'), 'OA404 unknown_operation', 'what was not published is not there');
SELECT throws_ok($$SELECT t.read('ann', 'api.visible', 'call', 'SELECT to_jsonb(r) FROM api.procedure_call($1) r', '{}')$$, '42501', NULL, 'no procedure by another operation');
SELECT is(t.got('page', 'w.rename', '{"id": 1, "name": "paged"}'), '{"result": 1}', 'a page session writes');
SET t.csrf = 'wrong';
SELECT is(t.got('page', 'w.rename', '{"id": 1, "name": "paged"}'), 'OA403 csrf_failed', 'with its CSRF token alone');
SELECT is(t.got('page', 'w.add', '{"a": 1}'), '{"result": 3}', 'and reads without');
RESET t.csrf;
UPDATE oauth.client SET status = 'suspended' WHERE name = 'reader';
SELECT is(t.got('reader', 'w.add', '{"a": 1}'), 'OA401 token_revoked authorization', 'revoked');
UPDATE oauth.client SET status = 'active' WHERE name = 'reader';

-- Writing leaves an event, reading does not.
SELECT is((SELECT count(*)::int FROM audit.event WHERE operation = 'api:w.rename' AND target = 'w.rename' AND target_kind = 'procedure'), 1, 'an event of the write');
SELECT is((SELECT count(*)::int FROM audit.event WHERE operation = 'api:w.add' AND outcome = 'success'), 0, 'none of reading');
SELECT is(t.got('ann', 'w.rename', '{"id": 1001, "name": "mine"}'), '{"result": null}', 'a row of another organization cannot be written');
SELECT is((SELECT name FROM w.things WHERE id = 1001), 'thing 1', 'and is as it was');
SELECT * FROM finish();
