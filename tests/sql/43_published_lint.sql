-- What grantd.lint() says of what is published.
SELECT * FROM no_plan();
\ir publish.psql
CREATE OR REPLACE FUNCTION t.told(p_name text, p_like text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(l.severity || ': ' || l.problem, '; ' ORDER BY l.problem)
	FROM grantd.lint() l WHERE l.object = p_name AND l.problem LIKE p_like
$$;
CREATE OR REPLACE FUNCTION t.list(p_name text, p_more text, p_key text DEFAULT ', page_key => ''{n}''') RETURNS text LANGUAGE sql AS $$
	SELECT concat(t.owner(format('CREATE FUNCTION w.%s(up int4 DEFAULT 9) RETURNS TABLE (n int4) %s', p_name, p_more)),
	    t.owner(format('SELECT grantd.publish(''w.%s'', ''thing:read''%s)', p_name, p_key)))
$$;
-- Pages of what PostgreSQL cannot merge with them.
SELECT is(t.list(n, d), '', n) FROM (VALUES
    ('merged', 'LANGUAGE sql STABLE BEGIN ATOMIC SELECT g FROM generate_series(1, up) g; END'),
    ('is_strict', 'LANGUAGE sql STABLE STRICT AS ''SELECT g FROM generate_series(1, up) g'''),
    ('is_set', 'LANGUAGE sql STABLE SET search_path = pg_catalog AS ''SELECT g FROM generate_series(1, up) g'''),
    ('is_plpgsql', 'LANGUAGE plpgsql STABLE AS ''BEGIN RETURN QUERY SELECT g FROM generate_series(1, up) g; END'''),
    ('is_volatile', 'LANGUAGE sql AS ''SELECT g FROM generate_series(1, up) g''')) v(n, d);
SELECT is(t.list('no_key', 'LANGUAGE plpgsql STABLE AS ''BEGIN RETURN QUERY SELECT g FROM generate_series(1, up) g; END''', ''), '', 'no_key');
SELECT is(t.told('w.' || n, '%each page%'), CASE WHEN w IS NOT NULL THEN 'notice: computes all rows for each page: ' || w END, n)
FROM (VALUES ('merged', NULL), ('no_key', NULL), ('is_strict', 'it is STRICT'), ('is_set', 'it has a SET clause'), ('is_plpgsql', 'it is in language plpgsql'), ('is_volatile', 'it is VOLATILE')) v(n, w);

-- What nobody can call.
SELECT is(concat(t.owner($$CREATE FUNCTION w.kept() RETURNS timestamp LANGUAGE sql STABLE AS 'SELECT NULL::timestamp'$$),
    t.owner($$CREATE FUNCTION w.times() RETURNS SETOF timestamp[] LANGUAGE sql STABLE AS 'SELECT NULL::timestamp[]'$$),
    t.owner($$SELECT grantd.publish('w.kept', 'thing:read')$$), t.owner($$SELECT grantd.publish('w.times', 'thing:read')$$),
    t.owner($$CREATE TABLE w.shelf (id int4)$$), t.owner($$SELECT grantd.protect('w.shelf', open => true)$$),
    t.owner($$SELECT grantd.publish_table('w.shelf', 'thing:read', 'w://shelf')$$)), '', 'more');
SELECT is(t.told('w.kept', '%may not%'), NULL, 'it may be called');
SELECT is(t.owner('REVOKE EXECUTE ON FUNCTION w.kept() FROM grantd_app, PUBLIC'), NULL, 'a right is taken away');
SELECT is(t.told('w.kept', '%may not%'), 'error: procedures may not call its function', 'is told');
SELECT is(t.told('w.shelf_table', '%may not%'), NULL, 'the table may be read');
SELECT is(t.owner('REVOKE SELECT ON w.shelf FROM grantd_app'), NULL, 'that of a table, too');
SELECT is(t.told('w.shelf_table', '%may not%'), 'error: procedures may not read its table', 'is told as well');
SELECT is(t.owner('REVOKE USAGE ON SCHEMA w FROM grantd_app'), NULL, 'that of a schema');
SELECT is(t.told('w.merged', '%may not%'), 'error: procedures may not call its function', 'is told of each');
SELECT is(t.owner($$SELECT grantd.publish('w.kept', 'thing:read')$$), NULL, 'publishing it again');
SELECT is(t.told('w.kept', '%may not%'), NULL, 'mends it');
SELECT is(t.told('w.kept', '%zone%'), 'notice: has times without zone', 'a time without zone that is the result');
SELECT is(t.told('w.times', '%zone%'), 'notice: has times without zone', 'or rows of such');
SELECT is(t.told('w.merged', '%zone%'), NULL, 'not of others');
SELECT is(t.owner($$SELECT grantd.publish('w.kept', 'thing:read', http => false, kinds => '{session}')$$), 'sessions do not come by mcp: nobody could call it', 'a door that nobody comes by');
SELECT is(t.owner($$SELECT grantd.publish_prompt('w.kept', 'thing:read', kinds => '{session}')$$) LIKE '%nobody could call it', true, 'of a prompt');
DELETE FROM gate.operation WHERE name = 'api:w.kept';
SELECT is(t.told('w.kept', '%door%'), NULL, 'one door is left');
DELETE FROM gate.operation WHERE name = 'mcp:w.kept';
SELECT is(t.told('w.kept', '%door%'), 'error: has no door: nobody can call it', 'none is');
SELECT * FROM finish();
