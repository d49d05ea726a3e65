-- What is said of a domain's CHECKs in its schema: what is surely so, alone.
SELECT * FROM no_plan();
\ir publish.psql

-- The schema of a domain over this type, but for what the type itself has.
CREATE OR REPLACE FUNCTION t.said(p_type text, p_check text, p_in boolean DEFAULT true, p_exact boolean DEFAULT false) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb;
	v_base	jsonb;
BEGIN
	EXECUTE format('CREATE DOMAIN w.said AS %s %s', p_type, p_check);
	v := publish.type_schema(to_regtype('w.said'), -1, false, p_in, p_exact);
	v_base := publish.type_schema(t.typbasetype, t.typtypmod, false, p_in, p_exact) FROM pg_type t WHERE t.oid = to_regtype('w.said');
	DROP DOMAIN w.said;
	RETURN (SELECT coalesce(jsonb_object_agg(e.key, e.value), '{}') FROM jsonb_each(v) e WHERE v_base -> e.key IS DISTINCT FROM e.value);
END $$;
SELECT is(t.said(k, c), s::jsonb, concat_ws(' ', k, c)) FROM (VALUES
    -- texts
    ('text', 'CHECK (length(VALUE) BETWEEN 1 AND 10)', '{"minLength": 1, "maxLength": 10}'), ('varchar(20)', 'CHECK (char_length(VALUE) > 3)', '{"minLength": 4}'),
    ('text', 'CHECK (character_length(VALUE) = 4)', '{"minLength": 4, "maxLength": 4}'), ('text', 'CHECK (length(VALUE) < 5) CHECK (length(VALUE) <= 7)', '{"maxLength": 4}'),
    ('text', 'CHECK (length(VALUE) < 0)', '{}'), ('text', 'CHECK (octet_length(VALUE) = 4)', '{}'), ('text', 'CHECK (bit_length(VALUE) <= 32)', '{}'), ('text', 'CHECK (length(btrim(VALUE)) > 0)', '{}'),
    ('text', 'CHECK (length(VALUE) + 1 > 5)', '{}'), ('text', 'CHECK ((length(VALUE) = 5) = false)', '{}'), ('text', 'CHECK ((length(VALUE) > 5) IS NOT TRUE)', '{}'), ('text', 'CHECK (NOT length(VALUE) > 5)', '{}'),
    ('text', 'CHECK (5 > length(VALUE))', '{}'), ('text', 'CHECK (length(VALUE || ''x'') > 5)', '{}'), ('char(5)', 'CHECK (length(VALUE) = 2)', '{}'), ('bytea', 'CHECK (length(VALUE) = 4)', '{}'), ('bytea', 'CHECK (octet_length(VALUE) = 4)', '{}'),
    ('text', 'CHECK (length(VALUE) > 1 AND (length(VALUE) < 5 OR VALUE = ''unlimited''))', '{"minLength": 2}'), ('text', 'CHECK (length(VALUE) > 1 OR VALUE = '''')', '{}'),
    ('text', 'CHECK (CASE WHEN length(VALUE) > 1 AND length(VALUE) < 5 THEN false ELSE true END)', '{}'), ('text', 'CHECK (VALUE <> '' AND length(VALUE) > 3 AND '')', '{}'), ('text', 'CHECK (VALUE = '' AND length(VALUE) > 3 AND '')', '{"enum": [" AND length(VALUE) > 3 AND "]}'),
    ('text', 'CHECK (length(VALUE)::text = ''length(VALUE) > 3'')', '{}'), ('text', 'CHECK (VALUE ~ ''^a+$'' AND length(VALUE) <= 3)', '{"pattern": "^a+$", "maxLength": 3}'), ('varchar', 'CHECK (VALUE ~ ''^it''''s (a|b)$'')', '{"pattern": "^it''s (a|b)$"}'),
    ('text', 'CHECK (VALUE !~ ''^a'')', '{}'), ('text', 'CHECK (VALUE ~* ''^a'')', '{}'), ('text', 'CHECK (lower(VALUE) ~ ''^a'')', '{}'), ('text', 'CHECK ((VALUE ~ ''^a'') = false)', '{}'), ('text', 'CHECK (VALUE ~ ''^\mword'')', '{}'), ('text', 'CHECK (VALUE ~ ''^[^[:alpha:]]'')', '{}'), ('text', 'CHECK (VALUE ~ ''***=a.b'')', '{}'),
    ('text', 'CHECK (VALUE IN (''a'', ''it''''s'', ''c, ]'', ''(''))', '{"enum": ["a", "it''s", "c, ]", "("]}'), ('varchar(3)', 'CHECK (VALUE IN (''a'', ''b''))', '{"enum": ["a", "b"]}'), ('varchar', 'CHECK (VALUE = ''a'')', '{"enum": ["a"]}'), ('text', 'CHECK (VALUE = ANY (ARRAY[]::text[]))', '{}'),
    ('text', 'CHECK (VALUE NOT IN (''a'', ''b''))', '{}'), ('text', 'CHECK (VALUE IN (''a'', NULL))', '{}'), ('text', 'CHECK (VALUE <> ALL (ARRAY[''a'', ''b'']))', '{}'), ('text', 'CHECK (lower(VALUE) IN (''a'', ''b''))', '{}'), ('text', 'CHECK ((VALUE IN (''a'', ''b'')) = false)', '{}'), ('text', 'CHECK (VALUE > ''5'')', '{}'),
    -- numbers
    ('int4', 'CHECK (VALUE > 0 AND VALUE < 10)', '{"exclusiveMinimum": 0, "exclusiveMaximum": 10}'), ('int4', 'CHECK (VALUE BETWEEN -5 AND 100)', '{"minimum": -5, "maximum": 100}'), ('int2', 'CHECK (VALUE >= 1)', '{"minimum": 1}'),
    ('int8', 'CHECK (VALUE <= 5000000000)', '{"maximum": 5000000000}'), ('int4', 'CHECK (VALUE >= 0.5)', '{"minimum": 0.5}'), ('int4', 'CHECK (VALUE >= 5) CHECK (VALUE >= 3)', '{"minimum": 5}'),
    ('numeric', 'CHECK (VALUE >= 0 AND VALUE <= 99.95)', '{"minimum": 0, "maximum": 99.95}'), ('numeric(5,2)', 'CHECK (VALUE > -0.5)', '{"exclusiveMinimum": -0.5}'), ('numeric', 'CHECK (VALUE > -5)', '{"exclusiveMinimum": -5}'), ('numeric', 'CHECK (VALUE > 1e40)', '{}'),
    ('float8', 'CHECK (VALUE >= 0.1 AND VALUE <= 10)', '{"minimum": 0.1, "maximum": 10}'), ('float8', 'CHECK (VALUE < 1e30)', '{}'), ('float4', 'CHECK (VALUE > 0.1 AND VALUE <= 90)', '{"maximum": 90}'),
    ('int4', 'CHECK ((VALUE > 10) = false)', '{}'), ('int4', 'CHECK (NOT VALUE > 10)', '{}'), ('int4', 'CHECK ((VALUE > 10) IS NOT TRUE)', '{}'), ('int4', 'CHECK (VALUE > 10 OR VALUE < 5)', '{}'), ('int4', 'CHECK (VALUE % 10 > 5)', '{}'), ('int4', 'CHECK (-VALUE > 5)', '{}'), ('int4', 'CHECK (10 + VALUE > 5)', '{}'), ('int4', 'CHECK (VALUE > 5 + 5)', '{}'), ('int4', 'CHECK (VALUE > length(''abc''))', '{}'),
    ('numeric', 'CHECK (VALUE::int4 > 5)', '{}'), ('float8', 'CHECK (VALUE::int4 > 5)', '{}'), ('numeric', 'CHECK (round(VALUE) > 5)', '{}'), ('int4', 'CHECK (VALUE::int2 > 5)', '{}'),
    ('int4', 'CHECK (VALUE IN (1, 2, 3))', '{"enum": [1, 2, 3]}'), ('int2', 'CHECK (VALUE IN (-1, 0))', '{"enum": [-1, 0]}'), ('int8', 'CHECK (VALUE IN (1, 5000000000))', '{"enum": [1, 5000000000, "1", "5000000000"]}'), ('int4', 'CHECK (VALUE IN (1, 2.0))', '{"enum": [1, 2]}'), ('int4', 'CHECK (VALUE = 7)', '{"enum": [7]}'),
    ('int4', 'CHECK (VALUE NOT IN (1, 2))', '{}'), ('int4', 'CHECK (VALUE IN (1, NULL))', '{}'), ('int4', 'CHECK ((VALUE IN (1, 2)) = false)', '{}'), ('int4', 'CHECK (VALUE / 2 IN (1, 2))', '{}'), ('numeric', 'CHECK (VALUE IN (1, 2))', '{}'), ('float8', 'CHECK (VALUE IN (1, 2))', '{}'),
    -- others
    ('date', 'CHECK (VALUE >= ''2020-01-01'')', '{}'), ('interval', 'CHECK (VALUE > ''5'')', '{}'), ('interval', 'CHECK (VALUE > ''1 day'')', '{}'), ('timestamptz', 'CHECK (VALUE > ''2020-01-01'')', '{}'), ('money', 'CHECK (VALUE > ''5'')', '{}'), ('oid', 'CHECK (VALUE > 5)', '{}'), ('bool', 'CHECK (VALUE = true)', '{}'),
    ('int4[]', 'CHECK (cardinality(VALUE) < 5)', '{}'), ('uuid', 'CHECK (VALUE > ''00000000-0000-0000-0000-000000000001'')', '{}')) AS v(k, c, s);
SELECT is(t.said('int8', 'CHECK (VALUE IN (1, 2))', false), '{"enum": [1, 2]}', 'a result has numbers');
SELECT is(t.said('int8', 'CHECK (VALUE IN (1, 2))', false, true), '{"enum": ["1", "2"]}', 'or texts');
SELECT is(concat(t.owner('CREATE DOMAIN w.base AS int4 CHECK (VALUE > 0)')), '', 'a domain');
SELECT is(t.said('w.base', 'CHECK (VALUE IN (1, 2))'), '{"enum": [1, 2]}', 'over a domain');

-- Called with what they allow, and with what they do not.
SELECT is(concat(t.owner('CREATE DOMAIN w.key AS bytea CHECK (length(VALUE) = 4)'), t.owner('CREATE DOMAIN w.low AS int4 CHECK ((VALUE > 10) = false)'),
    t.owner($$CREATE FUNCTION w.take(k w.key DEFAULT NULL, n w.low DEFAULT NULL) RETURNS bytea LANGUAGE plpgsql STABLE AS 'BEGIN RETURN k; END'$$), t.owner($$SELECT grantd.publish('w.take', 'thing:read')$$)), '', 'published');
SELECT is(t.got('ann', 'w.take', '{"k": "\\x01020304", "n": 5}'), '{"result": "\\x01020304"}', 'they take it');
SELECT is(t.got('ann', 'w.take', '{"k": "\\x010203"}'), 'HT422 invalid_value /k', 'not too short');
SELECT is(t.got('ann', 'w.take', '{"n": 11}'), 'HT422 invalid_value /n', 'nor too large');
SELECT is((SELECT entry::jsonb #> '{arguments,properties,k}' ?| '{minLength,maxLength}' FROM publish.procedure WHERE name = 'w.take'), false, 'and the schema keeps nobody from it');
SELECT * FROM finish();
