-- What the frontend could not use is refused when it is published.
SELECT * FROM no_plan();
\ir publish.psql

-- A function of one argument, of a domain with this @schema.
CREATE OR REPLACE FUNCTION t.try_schema(p_schema text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce(t.owner(format($q$
	    DROP DOMAIN IF EXISTS w.said CASCADE;
	    CREATE DOMAIN w.said AS jsonb;
	    COMMENT ON DOMAIN w.said IS %L;
	    CREATE FUNCTION w.say(a w.said) RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1';
	    SELECT grantd.publish('w.say', 'thing:read') $q$, E'Said\n@schema ' || p_schema)), 'published');
END $$;
SELECT alike(t.try_schema(s), '%' || want || '%', '@schema ' || left(s, 60)) FROM (VALUES
    ('{"type": "objct"}', '"type" cannot be "objct"'), ('{"type": []}', '"type"'), ('{"type": ["string", 1]}', '"type"'), ('{"type": {}}', '"type"'),
    ('{"type": [["string"]]}', '"type"'), ('{"type": null}', '"type"'),
    ('{"$ref": "#/x"}', '"$ref" is not checked'), ('{"pattern": "^x"}', '"pattern" is not checked'), ('{"oneOf": []}', '"oneOf" is not checked'),
    ('{"multipleOf": 3}', '"multipleOf" is not checked'), ('{"uniqueItems": true}', '"uniqueItems" is not checked'), ('{"nosuch": 1}', '"nosuch" is not checked'),
    ('{"properties": {"a": {"items": {"minProperties": 1}}}}', '"minProperties" is not checked'), ('{"additionalProperties": {"not": {}}}', '"not" is not checked'),
    ('{"properties": []}', '"properties"'), ('{"properties": {"a": 1}}', 'a schema is an object'), ('{"items": [{}]}', 'a schema is an object'), ('true', 'a schema is an object'), ('[]', 'a schema is an object'),
    ('{"enum": []}', '"enum"'), ('{"enum": {}}', '"enum"'), ('{"required": [1]}', '"required"'), ('{"required": "a"}', '"required"'), ('{"required": [["a"]]}', '"required"'),
    ('{"minLength": -1}', '"minLength"'), ('{"maxLength": 1.5}', '"maxLength"'), ('{"minItems": "1"}', '"minItems"'), ('{"maxItems": 99999999999999999999}', '"maxItems"'),
    ('{"minimum": "1"}', '"minimum"'), ('{"exclusiveMaximum": null}', '"exclusiveMaximum"'), ('{"maximum": 1e400}', '64 characters'), ('{"maximum": ' || repeat('1', 80) || '}', '64 characters'),
    ('{"format": 1}', '"format"'), ('{"title": 1}', '"title"'), ('{"description": []}', '"description"'), ('{"deprecated": 1}', '"deprecated"'), ('{"examples": 1}', '"examples"'),
    ('{"title": "\u0001"}', 'control character'), ('{"title": "\ud800"}', ''), ('{"title": "\u0000"}', ''), ('{"title": ', ''),
    (repeat('{"items":', 20) || '{}' || repeat('}', 20), 'nested'), ('{"default":' || repeat('[', 60) || repeat(']', 60) || '}', 'nested'), ('{"const": ' || repeat('1', 70) || '}', '64 characters'))
    AS v(s, want);
SELECT isnt(t.try_schema(s), 'published', 'refused: ' || s) FROM (VALUES ('{"title": "\ud800"}'), ('{"title": "\u0000"}'), ('{"title": ')) AS v(s);
SELECT is(t.try_schema(s), 'published', '@schema ' || left(s, 60)) FROM (VALUES
    ('{}'), ('{"type": "string", "minLength": 0, "maxLength": 9, "format": "uuid", "contentEncoding": "base64"}'),
    ('{"type": ["object", "null"], "title": "T", "description": "tab\tand\nline", "$comment": "", "deprecated": true, "default": {}, "examples": [1],
	"properties": {"a": {"enum": [1, "x", null]}, "b": true, "oneOf": {"const": {"$ref": 1}}}, "required": ["a"], "additionalProperties": {"items": false}}'),
    ('{"items": {"minimum": -1.5, "maximum": 1e20, "exclusiveMinimum": 1e-7, "exclusiveMaximum": 5}, "minItems": 0, "maxItems": 3, "additionalProperties": false}'),
    (repeat('{"items":', 14) || '{}' || repeat('}', 14))) AS v(s);

-- Examples, texts, names, defaults.
CREATE OR REPLACE FUNCTION t.try_comment(p_comment text, p_argument text DEFAULT 'a int4 DEFAULT 1') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN coalesce(t.owner(format($q$
	    DROP FUNCTION IF EXISTS w.told;
	    CREATE FUNCTION w.told(%s) RETURNS int4 LANGUAGE sql STABLE AS 'SELECT 1';
	    COMMENT ON FUNCTION w.told IS %L;
	    SELECT grantd.publish('w.told', 'thing:read') $q$, p_argument, p_comment)), 'published');
END $$;
SELECT alike(t.try_comment(c), '%' || want || '%', 'comment ' || left(c, 60)) FROM (VALUES
    (E'T\n@example {"result": 1, "result": 2}', '"result" twice'), (E'T\n@example {"result": [{"a": {"b": 1, "b": 1}}]}', '"b" twice'), (E'T\n@example {"result": {"a": 1, "\\u0061": 2}}', '"a" twice'),
    (E'T\n@example {"result": 1e400}', 'out of range'), (E'T\n@example {"result": -1e-400}', 'out of range'), (E'T\n@example {"result": ' || repeat('9', 80) || '}', '64 characters'),
    (E'T\n@example {"result": ' || repeat('[', 60) || repeat(']', 60) || '}', 'nested'), (E'T\n@example {"result": "\\u0001"}', 'control character'), (E'T\n@example {"result": "\\b"}', 'control character'),
    (E'T\x01', 'control character'), (E'T\nMore\x1b[31m', 'control character'), (E'T\n@param a \x02', 'control character'), (E'T\n@complete a x, \x03', 'control character')) AS v(c, want);
SELECT isnt(t.try_comment(E'T\n@example {"result": "\\ud800"}'), 'published', 'half a pair of surrogates');
SELECT isnt(t.try_comment(E'T\n@example ' || repeat('[', 9000) || repeat(']', 9000)), 'published', 'what PostgreSQL itself would rather not read');
SELECT is(t.try_comment(c), 'published', 'comment ' || left(c, 60)) FROM (VALUES
    (E'T\ttab\nline\r\nmore \\u0001 \x7f'), (E'T\n@example {"result": [1e300, 1.5e-300, 0e999, -0.5, "\\\\b \\\\u0001 99999e999 [[[{"]}'), (E'T\n@example {"arguments": {"a": 1}, "result": {"b": {"a": 1}}}'),
    (E'T\n@example {"result": ' || repeat('9', 64) || '}'), (E'T\n@example ' || repeat('[', 57) || repeat(']', 57))) AS v(c);
SELECT is(t.try_comment('T', 'a numeric DEFAULT ' || repeat('9', 80)), 'published', 'a default of 80 digits');
SELECT is((SELECT entry #> '{arguments,properties,a,default}' IS NULL AND entry #>> '{arguments,properties,a,description}' = 'Default: ''' || repeat('9', 80) || '''::numeric' OR entry #>> '{arguments,properties,a,description}' = 'Default: ' || repeat('9', 80) FROM publish.procedure WHERE name = 'w.told'), true, 'is told in words');
SELECT alike(t.try_comment('T', E'"a\x01" int4'), '%control character%', 'a name with a control character');
SELECT is(concat(t.owner('CREATE TYPE w.none AS ENUM ()'), t.owner($$CREATE TYPE w.odd AS ENUM (E'a\x01')$$)), '', 'an enum of nothing, and one of something odd');
SELECT is(t.try_comment('T', 'a w.none DEFAULT NULL'), 'published', 'the first can be null');
SELECT is((SELECT entry #>> '{arguments,properties,a,enum}' FROM publish.procedure WHERE name = 'w.told'), '[null]', 'only');
SELECT alike(t.try_comment('T', 'a w.odd'), '%control character%', 'the other cannot be shown');
SELECT alike(t.owner($$SELECT grantd.publish('w.told', 'thing:read', confirm => E'Sure?\x07')$$), '%control character%', 'nor a question');
SELECT alike(t.owner($$SELECT grantd.describe(E'The\x01Shop')$$), '%control character%', 'nor the title of all');

-- What becomes so later is closed, and nothing else.
SELECT is(t.try_comment('T'), 'published', 'one more');
SELECT is(concat(t.try_schema('{}'), t.owner($$COMMENT ON DOMAIN w.said IS '@schema {"type": "objct"}'$$)), 'published', 'a domain changes');
SELECT is(t.owner('SELECT grantd.refresh()'), NULL, 'refreshed');
SELECT is((SELECT array_agg(name ORDER BY name) FROM publish.procedure WHERE schema = 'w' AND problem LIKE '%objct%'), '{w.say}', 'what uses it is closed');
SELECT is((SELECT array_agg(e ->> 'name') FROM gate.catalogue() c, jsonb_array_elements(c.body::jsonb -> 'procedures') e WHERE e ->> 'group' = 'w'), '{w.told}', 'the other is there');

-- Printed under one setting, whoever publishes, and run and compared under another.
CREATE OR REPLACE FUNCTION t.dated() RETURNS text LANGUAGE plpgsql
SET datestyle = 'SQL, DMY' SET intervalstyle = 'sql_standard' SET timezone = 'Asia/Tokyo' SET extra_float_digits = -10 SET bytea_output = 'escape' SET search_path = w, public SET quote_all_identifiers = on AS $$
BEGIN
	RETURN coalesce(t.owner($q$
	    CREATE TYPE w.mood AS ENUM ('good', 'bad');
	    CREATE FUNCTION w.dated(d date DEFAULT '04/03/2020', i interval DEFAULT '1 2:03:04', z timestamptz DEFAULT '04/03/2020 12:00',
		f float8 DEFAULT '0.12345678901234566', b bytea DEFAULT '\001a', m w.mood DEFAULT 'bad', t text DEFAULT 'back\slash', n int4 DEFAULT -5)
	    RETURNS TABLE (d1 date, i1 interval, z1 timestamptz, f1 float8, b1 bytea, m1 w.mood, t1 text, n1 int4) LANGUAGE sql STABLE AS 'SELECT d, i, z, f, b, m, t, n';
	    COMMENT ON FUNCTION w.dated IS 'Dated';
	    SELECT grantd.publish('w.dated', 'thing:read') $q$), 'published');
END $$;
SELECT is(t.dated(), 'published', 'published with settings of its owner');
SET intervalstyle = 'iso_8601';
SELECT is(t.got('ann', 'w.dated')::jsonb -> 'items' -> 0, '{"d1": "2020-03-04", "i1": "P1DT2H3M4S", "z1": "2020-03-04T03:00:00+00:00", "f1": 0.12345678901234566, "b1": "\\x0161", "m1": "bad", "t1": "back\\slash", "n1": -5}', 'and called by the gate');
SELECT is((SELECT jsonb_object_agg(k, v -> 'default') FROM publish.procedure, jsonb_each(entry::jsonb #> '{arguments,properties}') AS e(k, v) WHERE name = 'w.dated' AND v ? 'default'), '{"d": "2020-03-04", "m": "bad", "n": -5, "t": "back\\slash", "f": 0.12345678901234566}', 'as its schema says');
SELECT is((SELECT count(*)::int FROM grantd.lint() WHERE object = 'w.dated' AND problem LIKE '%changed%'), 0, 'it did not change');
SET intervalstyle = 'postgres_verbose';
SET datestyle = 'German';
SELECT is((SELECT count(*)::int FROM grantd.lint() WHERE object = 'w.dated' AND problem LIKE '%changed%'), 0, 'under whatever settings one looks');
SELECT is((SELECT publish.refresh()), 0, 'or makes it again');
RESET intervalstyle;
RESET datestyle;
SELECT * FROM finish();
