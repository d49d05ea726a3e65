-- What is published follows the types that it is made of: the server looks,
-- and lint() tells until then.
SELECT * FROM no_plan();
\ir publish.psql
SELECT is(concat(t.owner($$CREATE TYPE w.colour AS ENUM ('red')$$),
    t.owner($$CREATE DOMAIN w.small AS int4 CHECK (VALUE < 10)$$),
    t.owner($$CREATE TYPE w.inner_row AS (hue w.colour)$$),
    t.owner($$CREATE TYPE w.outer_row AS (list w.inner_row[], size int4)$$),
    t.owner($$CREATE TABLE w.shelf (id int4 PRIMARY KEY, hue w.colour)$$),
    t.owner($$SELECT grantd.protect('w.shelf', open => true)$$),
    t.owner($$CREATE FUNCTION w.paint(hue w.colour, size w.small, deep w.outer_row DEFAULT NULL) RETURNS w.outer_row LANGUAGE sql STABLE AS 'SELECT deep'$$),
    t.owner($$CREATE FUNCTION w.plain(id int4) RETURNS int4 LANGUAGE sql STABLE AS 'SELECT id'$$),
    t.owner($$COMMENT ON FUNCTION w.paint IS 'Paint'$$),
    t.owner($$SELECT grantd.publish('w.paint', 'thing:read')$$),
    t.owner($$SELECT grantd.publish('w.plain', 'thing:read')$$),
    t.owner($$SELECT grantd.publish_table('w.shelf', 'thing:read', 'w://shelf/{hue}')$$)), '', 'types and what is made of them');

-- The server's look: how much it made anew, and whether it told the brokers.
CREATE OR REPLACE FUNCTION t.follow() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_before int8 := (SELECT generation FROM publish.state);
	v	int4;
	v_versions text;
BEGIN
	PERFORM set_config('session_authorization', 'grantd_broker', true);
	SELECT f.changed, f.versions INTO v, v_versions
	FROM gate.catalogue_follow(current_setting('t.versions', true)) f;
	RESET SESSION AUTHORIZATION;
	PERFORM set_config('t.versions', v_versions, false);
	RETURN format('%s, %s', v, CASE WHEN v_before < (SELECT generation FROM publish.state) THEN 'told' ELSE 'quiet' END);
END
$$;
CREATE OR REPLACE FUNCTION t.linted(p_name text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(l.problem, '; ' ORDER BY l.problem) FROM grantd.lint() l
	WHERE l.object = p_name AND l.severity <> 'notice'
$$;
CREATE OR REPLACE FUNCTION t.shown(p_name text, VARIADIC p_path text[]) RETURNS text LANGUAGE sql AS $$
	SELECT p.entry #>> p_path FROM publish.procedure p WHERE p.name = p_name
$$;
SELECT is(t.follow(), '0, quiet', 'nothing changed');

-- Each kind of change: lint() tells, one look makes anew, the next one nothing.
CREATE OR REPLACE FUNCTION t.changes(p_what text, p_n int4, p_names text[] DEFAULT '{w.paint}') RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
	v_name	text;
BEGIN
	FOREACH v_name IN ARRAY p_names LOOP
		RETURN NEXT is(t.linted(v_name), 'its function, table, types or comments changed since it was published', p_what || ': lint tells of ' || v_name);
	END LOOP;
	RETURN NEXT is(t.linted('w.plain'), NULL, p_what || ': and of nothing else');
	RETURN NEXT is(t.follow(), p_n || ', told', p_what || ': made anew');
	RETURN NEXT is(t.follow(), '0, quiet', p_what || ': once');
	FOREACH v_name IN ARRAY p_names LOOP
		RETURN NEXT is(t.linted(v_name), NULL, p_what || ': lint is content with ' || v_name);
	END LOOP;
END
$$;
ALTER TYPE w.colour ADD VALUE 'blue';
SELECT t.changes('ADD VALUE', 2, '{w.paint,w.shelf_table}');
SELECT is(t.shown('w.paint', 'arguments', 'properties', 'hue', 'enum')::jsonb, '["red", "blue", null]', 'the value is in the schema');
SELECT is(t.shown('w.paint', 'arguments', 'properties', 'deep', 'properties', 'list', 'items', 'properties', 'hue', 'enum')::jsonb, '["red", "blue", null]', 'and far below');
ALTER TYPE w.colour RENAME VALUE 'red' TO 'scarlet';
SELECT t.changes('RENAME VALUE', 2, '{w.paint,w.shelf_table}');
ALTER TYPE w.inner_row ADD ATTRIBUTE depth int4;
SELECT t.changes('ADD ATTRIBUTE', 1);
SELECT is(t.shown('w.paint', 'result', 'anyOf', '0', 'properties', 'list', 'items', 'anyOf', '0', 'properties', 'depth', 'type')::jsonb, '["integer", "null"]', 'the attribute is in the schema');
ALTER TYPE w.outer_row RENAME ATTRIBUTE size TO width;
SELECT t.changes('RENAME ATTRIBUTE', 1);
ALTER DOMAIN w.small DROP CONSTRAINT small_check;
SELECT t.changes('DROP CONSTRAINT', 1);
ALTER DOMAIN w.small ADD CHECK (VALUE < 5);
SELECT t.changes('ADD CHECK', 1);
SELECT is(t.shown('w.paint', 'arguments', 'properties', 'size', 'exclusiveMaximum'), '5', 'the bound is in the schema');
ALTER DOMAIN w.small SET NOT NULL;
SELECT t.changes('SET NOT NULL', 1);
COMMENT ON DOMAIN w.small IS 'How large';
SELECT t.changes('COMMENT ON DOMAIN', 1);
COMMENT ON COLUMN w.inner_row.depth IS 'How deep';
SELECT t.changes('COMMENT ON COLUMN', 1);
COMMENT ON FUNCTION w.paint IS 'Paint it';
SELECT t.changes('COMMENT ON FUNCTION', 1);
ALTER FUNCTION w.paint VOLATILE;
SELECT t.changes('VOLATILE', 1);
ALTER TABLE w.shelf ADD COLUMN more text;
SELECT is(t.follow(), '1, told', 'a column of a table');
SELECT is(t.got('ann', 'w.paint', '{"hue": "blue", "size": 1, "deep": {"list": [{"hue": "scarlet", "depth": 2}], "width": 3}}')::jsonb,
    '{"list": [{"hue": "scarlet", "depth": 2}], "width": 3}', 'it can be called');

-- What does not fit any more is closed, and opened when it fits again.
ALTER FUNCTION w.plain RENAME TO gone;
SELECT is(t.follow(), '1, told', 'a function that is gone');
SELECT is(t.linted('w.plain'), 'is closed: there is no function w.plain', 'is closed');
SELECT is(t.got('ann', 'w.plain', '{"id": 1}'), 'OA404 unknown_operation', 'for callers, too');
SELECT is(t.follow(), '0, quiet', 'and left alone');
ALTER FUNCTION w.gone RENAME TO plain;
SELECT is(t.follow(), '1, told', 'it is back');
SELECT is(t.got('ann', 'w.plain', '{"id": 1}'), '{"result": 1}', 'and open');
ALTER FUNCTION w.plain SECURITY DEFINER;
SELECT is(t.follow(), '1, told', 'one that may not be published any more');
SELECT matches(t.linted('w.plain'), 'is closed: .*SECURITY DEFINER', 'is closed, too');
SELECT is(t.follow(), '0, quiet', 'once');
ALTER FUNCTION w.plain SECURITY INVOKER;
SELECT is(t.follow(), '1, told', 'and open again');

-- A new body needs no look, but what may not be in one is told.
SELECT is(t.owner($$CREATE OR REPLACE FUNCTION w.plain(id int4) RETURNS int4 LANGUAGE plpgsql STABLE AS 'BEGIN EXECUTE ''SELECT 1''; RETURN 2; END'$$), NULL, 'a body that would not be published');
SELECT matches(t.linted('w.plain'), 'would be closed.*EXECUTE', 'is told');

-- Who waits for a lock is no reason to close anything.
SELECT is((SELECT string_agg(p.name, ' ') FROM publish.procedure p WHERE p.problem IS NOT NULL AND p.schema = 'w'), NULL, 'nothing is closed');
SELECT is((SELECT count(*)::int FROM audit.event e WHERE e.operation = 'publish.follow' AND e.detail ->> 'role' = 'grantd_broker') > 10, true, 'looks that changed something are in the audit');
SELECT * FROM finish();
