-- More than can be served is refused when it is published, and left out when
-- it grows later: what is served goes on.
SELECT * FROM no_plan();
\ir publish.psql
CREATE OR REPLACE FUNCTION t.wordy(p_name text, p_size int4) RETURNS text LANGUAGE sql AS $$
	SELECT concat(t.owner(format('CREATE OR REPLACE FUNCTION w.%s() RETURNS int4 LANGUAGE sql STABLE AS ''SELECT 1''', p_name)),
	    t.owner(format('COMMENT ON FUNCTION w.%s IS %L', p_name, E'Much\n' || repeat('lots of words ', p_size / 14))))
$$;
CREATE OR REPLACE FUNCTION t.published(p_name text) RETURNS text LANGUAGE sql AS $$
	SELECT t.owner(format('SELECT grantd.publish(''w.%s'', ''thing:read'')', p_name))
$$;
CREATE OR REPLACE FUNCTION t.served(OUT bytes int4, OUT names text, OUT operations text) LANGUAGE sql AS $$
	SELECT max(octet_length(body)), string_agg(p ->> 'name', ' ' ORDER BY p ->> 'name') FILTER (WHERE p ->> 'name' LIKE 'w.%'),
	    (SELECT string_agg(c.name, ' ' ORDER BY c.name) FROM gate.catalogue() c WHERE c.name LIKE 'api:w.%')
	FROM gate.catalogue() c LEFT JOIN LATERAL json_array_elements(c.body::json -> 'procedures') p ON true
	WHERE c.body IS NOT NULL
$$;
CREATE OR REPLACE FUNCTION t.told(p_name text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(l.problem, '; ') FROM grantd.lint() l WHERE l.object = p_name AND l.severity = 'error'
$$;
SELECT is(concat(t.wordy('a', 100), t.published('a')), '', 'a small one');
SELECT is((SELECT string_agg(concat(t.wordy('f' || n, 2700000), t.published('f' || n)), '') FROM generate_series(1, 2) n), '', 'large ones');
SELECT is(t.wordy('f3', 3200000), '', 'one more');
SELECT matches(t.published('f3'), 'cannot be published: .* more than .* MiB', 'is too much');
SELECT is((SELECT names FROM t.served()), 'w.a w.f1 w.f2', 'the others are there');
SELECT is(concat(t.wordy('b', 100), t.published('b')), '', 'a small one fits');

-- One grows: those that came later have no room.
SELECT is(t.wordy('f1', 6000000), '', 'one grows');
SELECT isnt(t.owner($$DO $d$ BEGIN PERFORM grantd.refresh(); END $d$ $$), '', 'and is made anew');
SELECT is((SELECT names FROM t.served()), 'w.a w.b w.f1', 'what has no room is left out');
SELECT is((SELECT operations FROM t.served()), 'api:w.a api:w.b api:w.f1', 'and cannot be called');
SELECT is((SELECT bytes < 8 * 1024 * 1024 FROM t.served()), true, 'the whole can be served');
SELECT matches(t.told('w.f2'), 'is left out', 'lint tells which');
SELECT is(t.told('w.f1'), NULL, 'and of no other');
SELECT is(t.owner($$SELECT grantd.publish('w.a', 'thing:read', hidden => true)$$), NULL, 'a small one may be changed meanwhile');
SELECT is(concat(t.wordy('f1', 100), t.published('f1')), '', 'and the large one made smaller');
SELECT is((SELECT names FROM t.served()), 'w.a w.b w.f1 w.f2', 'then all of them are there');
SELECT is(t.told('w.f2'), NULL, 'and lint is content');
SELECT * FROM finish();
