-- The pure helpers.
BEGIN;
SELECT * FROM no_plan();
SET LOCAL TimeZone = 'Asia/Tokyo';

SELECT is(lib.duration(t), s::int8, 'duration ' || coalesce(t, 'null')) FROM (VALUES ('24h', 86400), ('24h0m0s', 86400), ('1h30m', 5400), ('10m', 600), ('90s', 90),
    ('0s', 0), ('', NULL), ('5', NULL), ('1d', NULL), ('-1h', NULL), ('1m1h', NULL), ('1.5h', NULL), ('h', NULL), ('99999999999h', NULL), (' 1h', NULL), (NULL, NULL)) v(t, s);
SELECT is(lib.duration_text(s), t, 'duration of ' || s) FROM (VALUES (86400, '24h0m0s'), (5400, '1h30m0s'), (600, '10m0s'), (61, '1m1s'), (5, '5s')) v(s, t);
SELECT is(lib.rfc3339('2026-01-31 12:00:00.5+00'), '2026-01-31T12:00:00.500000Z', 'times are UTC in any zone');
SELECT matches(lib.uuid7()::text, '^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$', 'a UUID of version 7');
SELECT ok(abs(extract(epoch FROM now()) * 1000 - ('x' || left(replace(lib.uuid7()::text, '-', ''), 12))::bit(48)::int8) < 60000, 'begins with the time');
SELECT is((SELECT count(DISTINCT lib.uuid7()) FROM generate_series(1, 1000)), 1000::int8, 'and never comes twice');
SELECT is(lib.to_uuid('01A1FFD6-1763-7361-a521-0239d805b47c'), '01a1ffd6-1763-7361-a521-0239d805b47c', 'a UUID');
SELECT is(lib.to_uuid(x), NULL, 'no UUID: ' || x) FROM unnest(ARRAY['', 'x', '{01a1ffd6-1763-7361-a521-0239d805b47c}', '01a1ffd617637361a5210239d805b47c', '01a1ffd6-1763-7361-a521-0239d805b47c ']) x;
SELECT is(lib.like_pattern('a*b_c%d\e'), 'a%b\_c%d\\e', 'patterns');
SELECT is(lib.name_from(t), n, 'name of ' || t) FROM (VALUES ('Acme & Söhne GmbH', 'acme-s-hne-gmbh'), ('--x--', 'x'), ('A_b', 'a_b'), ('!!!', NULL), (repeat('A', 200), repeat('a', 128))) v(t, n);
SELECT is(lib.from_base64url(lib.base64url(convert_to(t, 'UTF8'))), convert_to(t, 'UTF8'), 'base64url of ' || length(t)) FROM unnest(ARRAY['', 'a', 'ab', 'abc', repeat('ÿ?>', 100)]) t;
SELECT is(lib.peer_net(p), n, 'network of ' || p) FROM (VALUES ('192.0.2.1', '192.0.2.1'), ('2001:db8::1', '2001:db8::/64'), ('::1', '::/64'), (':::', ':::'), ('', ''), (repeat('x', 99), repeat('x', 63))) v(p, n);
SELECT is(lib.has_control(v::jsonb), x, 'control characters in ' || v) FROM (VALUES ('"a\tb\n"', false), ('"\u0001"', true), ('"\\u0001"', false), ('["\u007f"]', true), ('{"k\u001f": 1}', true), ('"\b"', true), ('"\\b"', false), ('"ü"', false)) v(v, x);
SELECT throws_ok($$SELECT '"\u0000"'::jsonb$$, '22P05', NULL, 'jsonb itself refuses NUL');

-- JSON Schema.
CREATE FUNCTION t.errors(s jsonb, v jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(pointer || ' ' || problem, '; ') FROM lib.schema_errors(s, v) $$;
SELECT is(t.errors(s, v), e, 'schema ' || s::text || ' value ' || left(v::text, 40)) FROM (VALUES
    ('{"type": "string"}'::jsonb, '"a"'::jsonb, NULL), ('{"type": "string"}', '5', ' must be a string'),
    ('{"type": "integer"}', '5', NULL), ('{"type": "integer"}', '5.0', NULL), ('{"type": "integer"}', '5.5', ' must be an integer'), ('{"type": "number"}', '5.5', NULL),
    ('{"type": "integer", "maximum": 10}', '1e300', ' must be at most 10'), ('{"type": "number", "minimum": 1, "maximum": 2}', '0', ' must be at least 1 and at most 2'),
    ('{"type": "object"}', '[]', ' must be an object'), ('{"type": "array"}', '{}', ' must be an array'), ('{"type": "boolean"}', 'null', ' must be a boolean'), ('{"type": "null"}', 'null', NULL),
    ('{"const": 5}', '6', ' must be 5'), ('{"enum": ["a", "b"]}', '"c"', ' must be one of a, b'), ('{"enum": ["a", "b"]}', '["a"]', ' must be one of a, b'),
    ('{"minLength": 1}', '""', ' must not be empty'), ('{"minLength": 3}', '"ab"', ' must have at least 3 characters'), ('{"maxLength": 2}', '"äöü"', ' must have at most 2 characters'),
    ('{"pattern": "^a"}', '"b"', ' must match ^a'), ('{"format": "uuid"}', '"b"', ' must be a UUID'), ('{"format": "date-time"}', '"2026-01-31T12:00:00Z"', NULL), ('{"format": "date-time"}', '"2026-01-31"', ' must be a time with a zone, such as 2026-01-31T12:00:00Z'),
    ('{"items": {"type": "string"}, "minItems": 1}', '[]', ' must have at least 1 items'), ('{"items": {"type": "string"}}', '["a", 1, null]', '/1 must be a string; /2 must be a string'),
    ('{"required": ["a/b"], "properties": {}}', '{}', '/a~1b is required'), ('{"additionalProperties": false, "properties": {"a": {}}}', '{"a": 1, "b~": 2}', '/b~0 is not known here'),
    ('{"properties": {"a": {"properties": {"b": {"type": "array", "items": {"enum": [1]}}}}}}', '{"a": {"b": [1, 2]}}', '/a/b/1 must be one of 1')) v(s, v, e);

-- JSON Patch: examples of RFC 6902, appendix A, in our own words, and worse.
CREATE FUNCTION t.patch(d jsonb, p jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
	RETURN lib.json_patch(d, p)::text;
EXCEPTION WHEN OTHERS THEN
	RETURN SQLSTATE;
END $$;
SELECT is(t.patch(d::jsonb, p::jsonb), CASE WHEN r LIKE 'HT%' THEN r ELSE r::jsonb::text END, 'patch ' || p) FROM (VALUES
    ('{"a": 1}', '[{"op": "add", "path": "/b", "value": 2}]', '{"a": 1, "b": 2}'),
    ('{"a": [1, 3]}', '[{"op": "add", "path": "/a/1", "value": 2}]', '{"a": [1, 2, 3]}'),
    ('{"a": [1]}', '[{"op": "add", "path": "/a/-", "value": [2, 3]}]', '{"a": [1, [2, 3]]}'),
    ('{"a": []}', '[{"op": "add", "path": "/a/0", "value": 1}]', '{"a": [1]}'),
    ('{"a": []}', '[{"op": "add", "path": "/a/-", "value": 1}, {"op": "add", "path": "/a/-", "value": 2}]', '{"a": [1, 2]}'),
    ('{"a": [1]}', '[{"op": "add", "path": "/a/2", "value": 1}]', 'HT400'),
    ('{"a": [1]}', '[{"op": "add", "path": "/a/01", "value": 1}]', 'HT400'),
    ('{"a": [1]}', '[{"op": "add", "path": "/a/-1", "value": 1}]', 'HT400'),
    ('{"a": 1}', '[{"op": "add", "path": "/a", "value": {"x": null}}]', '{"a": {"x": null}}'),
    ('{"a": 1}', '[{"op": "add", "path": "/b/c", "value": 1}]', 'HT400'),
    ('{"a": 1}', '[{"op": "add", "path": "", "value": 5}]', '5'),
    ('{"a": 1, "b": 2}', '[{"op": "remove", "path": "/b"}]', '{"a": 1}'),
    ('{"a": [1, 2, 3]}', '[{"op": "remove", "path": "/a/1"}]', '{"a": [1, 3]}'),
    ('{"a": [1]}', '[{"op": "remove", "path": "/a/-1"}]', 'HT400'),
    ('{"a": 1}', '[{"op": "remove", "path": "/b"}]', 'HT400'),
    ('{"a": 1}', '[{"op": "remove", "path": ""}]', 'HT400'),
    ('{"a": 1}', '[{"op": "replace", "path": "/a", "value": 2}]', '{"a": 2}'),
    ('{"a": 1}', '[{"op": "replace", "path": "/b", "value": 2}]', 'HT400'),
    ('{"a": {"b": 1}}', '[{"op": "move", "from": "/a/b", "path": "/c"}]', '{"a": {}, "c": 1}'),
    ('{"a": [1, 2, 3]}', '[{"op": "move", "from": "/a/0", "path": "/a/2"}]', '{"a": [2, 3, 1]}'),
    ('{"a": {"b": 1}}', '[{"op": "move", "from": "/a", "path": "/a/b"}]', 'HT400'),
    ('{"a": {"b": 1}}', '[{"op": "copy", "from": "/a", "path": "/c"}]', '{"a": {"b": 1}, "c": {"b": 1}}'),
    ('{"a": 1}', '[{"op": "copy", "path": "/c"}]', 'HT400'),
    ('{"a": [1, {"b": "x"}]}', '[{"op": "test", "path": "/a/1/b", "value": "x"}]', '{"a": [1, {"b": "x"}]}'),
    ('{"a": 10}', '[{"op": "test", "path": "/a", "value": "10"}]', 'HT409'),
    ('{"a": 1}', '[{"op": "test", "path": "/b", "value": null}]', 'HT409'),
    ('{"a": 1}', '[{"op": "test", "path": "/a", "value": 1.0}]', '{"a": 1}'),
    ('{"/": 9, "~1": 10}', '[{"op": "test", "path": "/~01", "value": 10}, {"op": "replace", "path": "/~1", "value": 1}]', '{"/": 1, "~1": 10}'),
    ('{"": {"": 1}}', '[{"op": "test", "path": "//", "value": 1}]', '{"": {"": 1}}'),
    ('{"a": 1}', '[{"op": "add", "path": "/b", "value": 1, "junk": 2}]', '{"a": 1, "b": 1}'),
    ('{"a": 1}', '[{"op": "frob", "path": "/a"}]', 'HT400'), ('{"a": 1}', '[{"path": "/a"}]', 'HT400'), ('{"a": 1}', '[5]', 'HT400'), ('{"a": 1}', '{}', 'HT400'), ('{"a": 1}', 'null', 'HT400'),
    ('{"a": 1}', '[{"op": "add", "path": "a", "value": 1}]', 'HT400'), ('{"a": 1}', '[{"op": "add", "path": "/a~2", "value": 1}]', 'HT400'), ('{"a": 1}', '[{"op": "add", "path": 5, "value": 1}]', 'HT400'),
    ('{"a": 1}', '[{"op": "add", "path": "/b"}]', 'HT400'), ('{"a": 1}', '[{"op": "add", "path": "/b", "value": 2}, {"op": "remove", "path": "/zz"}]', 'HT400'),
    ('{"a": "text"}', '[{"op": "add", "path": "/a/b", "value": 1}]', 'HT400'), ('{"a": [1]}', '[{"op": "replace", "path": "/a/99999999999", "value": 1}]', 'HT400')) v(d, p, r);
SELECT is(t.patch('{}', (SELECT jsonb_agg('{"op": "test", "path": "", "value": {}}'::jsonb) FROM generate_series(1, 201))), 'HT400', 'too many operations');
SELECT is(lib.to_uuid(v), w::uuid, coalesce(v, 'null') || ' as an id') FROM (VALUES ('0198C0DE-0000-7000-8000-00000000000f', '0198c0de-0000-7000-8000-00000000000f'), (NULL, NULL), ('', NULL),
    ('0198c0de00007000800000000000000f', NULL), ('{0198c0de-0000-7000-8000-00000000000f}', NULL), ('0198c0de-0000-7000-8000-00000000000', NULL), ('0198c0de-0000-7000-8000-00000000000ff', NULL),
    ('0198c0de--000-7000-8000-00000000000f', NULL), ('--------------------------', NULL), ('0198c0de-0000-7000-8000-00000000000g', NULL), ('0198c0de-0000-7000-8000-00000000000' || chr(10), NULL),
    ('0198c0de-0000-7000-8000-0000000000' || 'ÄÖ', NULL), ('------------------------------------', NULL), ('0198c0de-0000-7000-8000-00000000000f' || chr(10), NULL)) v(v, w);
SELECT * FROM finish();
ROLLBACK;
