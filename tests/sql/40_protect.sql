-- grantd.protect: what it refuses, what grantd_app then sees and changes, and
-- what the review, the leak test and the lint say of it.
BEGIN;
SELECT * FROM no_plan();
SET LOCAL client_min_messages = warning;

CREATE ROLE p40_owner NOLOGIN;
CREATE ROLE p40_other NOLOGIN;
GRANT grantd_publisher TO p40_owner, p40_other;
SELECT format('GRANT CREATE, TEMPORARY ON DATABASE %I TO p40_owner, p40_other', current_database()) \gexec
SET ROLE p40_owner;
CREATE SCHEMA p40;
GRANT USAGE ON SCHEMA p40 TO p40_other;
CREATE TABLE p40.staff (store int, person uuid, PRIMARY KEY (person, store));
CREATE TABLE p40.orders (id int PRIMARY KEY, organization uuid NOT NULL, store int, person uuid, what text);
CREATE TABLE p40.items (id int PRIMARY KEY, orders int NOT NULL REFERENCES p40.orders, above int REFERENCES p40.items, what text);
CREATE TABLE p40.notes (id int PRIMARY KEY, item int NOT NULL REFERENCES p40.items);
CREATE TABLE p40.news (id int PRIMARY KEY, organization uuid NOT NULL, title text);
CREATE TABLE p40."we""ird; Tbl" ("or'g; --" uuid NOT NULL, "pers""on" uuid, n serial);
CREATE VIEW p40.plain AS SELECT * FROM p40.orders;
RESET ROLE;
CREATE TEMP TABLE gone (person uuid);
SELECT throws_ok($$SELECT grantd.protect('gone', person => 'person')$$, '42809', NULL, 'a table that does not last');

CREATE FUNCTION t.org(n int) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$ SELECT ('00000000-0000-7000-8000-0000000040' || to_char(n, 'FM00'))::uuid $$;
CREATE FUNCTION t.who(n int) RETURNS uuid IMMUTABLE LANGUAGE sql AS $$ SELECT ('00000000-0000-7000-8000-00000000a0' || to_char(n, 'FM00'))::uuid $$;
GRANT USAGE ON SCHEMA t TO p40_owner;

-- Organizations 1 and 2; persons 1 to 3; stores 1 to 4, of which odd ones are
-- organization 1's.
INSERT INTO p40.orders SELECT i, t.org(2 - i % 2), i % 4, t.who(1 + i % 3), 'order' FROM generate_series(1, 24) i;
INSERT INTO p40.items SELECT i, 1 + (i - 1) % 24, NULL, 'item' FROM generate_series(1, 72) i;
INSERT INTO p40.notes SELECT i, i FROM generate_series(1, 72) i;
INSERT INTO p40.news VALUES (1, t.org(1), 'one'), (2, t.org(2), 'two');
INSERT INTO p40.staff VALUES (1, t.who(1)), (2, t.who(2));

-- What is refused.
SET ROLE p40_owner;
SELECT throws_ok(q, s, NULL, q) FROM (VALUES
    ($$SELECT grantd.protect('p40.orders')$$, '22023'),
    ($$SELECT grantd.protect('p40.plain', organization => 'organization')$$, '42809'),
    ($$SELECT grantd.protect('p40.nothing', person => 'person')$$, '42P01'),
    ($$SELECT grantd.protect('p40.orders', person => 'nobody')$$, '42703'),
    ($$SELECT grantd.protect('p40.orders', person => 'xmin')$$, '42703'),
    ($$SELECT grantd.protect('p40.orders', person => 'what')$$, '42804'),
    ($$SELECT grantd.protect('p40.orders', organization => 'store')$$, '42804'),
    ($$SELECT grantd.protect('p40.orders', "group" => 'store')$$, '22023'),
    ($$SELECT grantd.protect('p40.orders', membership => 'p40.staff')$$, '22023'),
    ($$SELECT grantd.protect('p40.orders', "group" => 'store', membership => 'p40.staff', member => 'store')$$, '42804'),
    ($$SELECT grantd.protect('p40.orders', person => 'person', read_scopes => '{"a:b'') OR true --"}')$$, '22023'),
    ($$SELECT grantd.protect('p40.orders', person => 'person', write_scopes => '{NULL}')$$, '22023'),
    ($$SELECT grantd.protect('p40.orders', person => 'person', rights => '{truncate}')$$, '22023'),
    ($$SELECT grantd.protect('p40.orders', person => 'person', rights => '{"select ON p40.staff TO PUBLIC; --"}')$$, '22023'),
    ($$SELECT grantd.protect('p40.items', parent => 'orders')$$, '55000'),
    ($$SELECT grantd.protect('p40.items', parent => 'above')$$, '22023'),
    ($$SELECT grantd.protect('p40.items', parent => 'what')$$, '42830'),
    ($$SELECT grantd.test_protection('p40.orders')$$, '55000')) v(q, s);
RESET ROLE;
SET ROLE p40_other;
SELECT throws_ok($$SELECT grantd.protect('p40.orders', organization => 'organization')$$, '42501', NULL, 'of a table of others');
SELECT throws_ok($$SELECT grantd.test_protection('p40.orders')$$, '42501', NULL, 'nor are others told what is in it');
RESET ROLE;
SET ROLE grantd_app;
SELECT throws_ok($$SELECT grantd.protect('p40.orders', organization => 'organization')$$, '42501', NULL, 'procedures protect nothing');
RESET ROLE;
SELECT is((SELECT count(*) FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'p40'::regnamespace), 0::bigint, 'nothing was left behind');
SELECT is(has_table_privilege('grantd_app', 'p40.orders', 'SELECT'), false, 'and nothing was granted');

-- Declarations.
SET ROLE p40_owner;
SELECT is(grantd.protect('p40.orders', organization => 'organization', person => 'person', "group" => 'store', membership => 'p40.staff',
    read_scopes => '{all:see}', write_scopes => '{all:edit}', rights => '{SELECT,insert,update,delete}'),
    'read: in the own organization (organization): own rows (person), or rows of groups (store) that p40.staff puts the person in, or any with scope all:edit or all:see; '
    'write: in the own organization (organization): own rows (person), or rows of groups (store) that p40.staff puts the person in, or any with scope all:edit',
    'a declaration, said back');
SELECT lives_ok($$SELECT grantd.protect('p40.items', parent => 'orders', rights => '{select,insert,update,delete}')$$, 'inherited, by column');
SELECT lives_ok($$SELECT grantd.protect('p40.notes', parent => 'notes_item_fkey')$$, 'twice, by constraint');
SELECT lives_ok($$SELECT grantd.protect('p40.news', organization => 'organization', open => true, rights => '{select,insert}')$$, 'open in the organization');
SELECT lives_ok($$SELECT grantd.protect('p40."we""ird; Tbl"', organization => 'or''g; --', person => 'pers"on', rights => '{select,insert}')$$, 'with names that want quotes');
SELECT set_eq($$SELECT "table" FROM grantd.policies WHERE "table" LIKE 'p40.%'$$,
    ARRAY['p40.orders', 'p40.items', 'p40.notes', 'p40.news', 'p40.staff', 'p40."we""ird; Tbl"'], 'the review knows them, and the membership');
SELECT set_eq($$SELECT DISTINCT state FROM grantd.policies WHERE "table" LIKE 'p40.%'$$, ARRAY['as declared'], 'as they were declared');
CREATE TABLE p40.before AS SELECT * FROM grantd.policies;
SELECT lives_ok($$SELECT grantd.protect('p40.orders', organization => 'organization', person => 'person', "group" => 'store', membership => 'p40.staff',
    read_scopes => '{all:see}', write_scopes => '{all:edit}', rights => '{SELECT,insert,update,delete}')$$, 'again');
SELECT set_eq('SELECT * FROM grantd.policies', 'SELECT * FROM p40.before', 'changes nothing');
SELECT is((SELECT count(*) FROM p40.orders), 24::bigint, 'the owner sees all, as before');
SELECT lives_ok($$INSERT INTO p40.items VALUES (100, 1)$$, 'and references are checked as before');
SELECT throws_ok($$INSERT INTO p40.items VALUES (101, 999)$$, '23503', NULL, 'with what is not there, too');
DELETE FROM p40.items WHERE id = 100;
RESET ROLE;

-- As the procedures of a caller.
CREATE FUNCTION t.as40(p_org int, p_who int, p_scopes text, p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v	text;
	n	int;
BEGIN
	PERFORM set_config('grantd.organization', coalesce(t.org(p_org)::text, ''), true),
	    set_config('grantd.person', coalesce(t.who(p_who)::text, ''), true),
	    set_config('grantd.unit', (jsonb_populate_record(NULL::core.unit,
		jsonb_build_object('scopes', string_to_array(p_scopes, ' '))))::text, true);
	SET LOCAL ROLE grantd_app;
	BEGIN
		IF p_sql ILIKE 'SELECT%' THEN
			EXECUTE p_sql INTO v;
		ELSE
			EXECUTE p_sql;
			GET DIAGNOSTICS n = ROW_COUNT;
			v := n || ' rows';
		END IF;
		RAISE EXCEPTION 'undo' USING ERRCODE = 'ZZ001';
	EXCEPTION WHEN SQLSTATE 'ZZ001' THEN
		NULL;
	WHEN OTHERS THEN
		v := SQLSTATE;
	END;
	SET LOCAL ROLE NONE;
	RETURN v;
END
$$;
CREATE FUNCTION t.ids(p_table text) RETURNS text LANGUAGE sql AS $$ SELECT format('SELECT string_agg(id::text, '','' ORDER BY id) FROM %s WHERE id <= 24', p_table) $$;
SELECT is(t.as40(1, 1, '', t.ids('p40.orders')), '1,3,5,9,13,15,17,21', 'own rows and those of the own store');
SELECT is(t.as40(2, 1, '', t.ids('p40.orders')), '6,12,18,24', 'in another organization: own rows there');
SELECT is(t.as40(2, 2, '', t.ids('p40.orders')), '2,4,6,10,14,16,18,22', 'somebody else');
SELECT is(t.as40(1, 9, '', t.ids('p40.orders')), NULL, 'a stranger');
SELECT is(t.as40(1, NULL, '', t.ids('p40.orders')), NULL, 'a client without a person');
SELECT is(t.as40(NULL, 1, '', t.ids('p40.orders')), NULL, 'no organization');
SELECT is(t.as40(NULL, NULL, '', t.ids('p40.orders')), NULL, 'nobody');
SELECT is(t.as40(1, NULL, 'all:see', 'SELECT count(*) FROM p40.orders'), '12', 'with a scope that passes: all of the organization');
SELECT is(t.as40(3, NULL, 'all:see', 'SELECT count(*) FROM p40.orders'), '0', 'but of no other');
SELECT is(t.as40(1, NULL, 'all:seen xall:see', 'SELECT count(*) FROM p40.orders'), '0', 'and not with one that looks alike');
SELECT is(t.as40(1, 1, '', 'SELECT count(*) FROM p40.items'), '24', 'what belongs to what is seen');
SELECT is(t.as40(1, 1, '', 'SELECT count(*) FROM p40.notes'), '24', 'and what belongs to that');
SELECT is(t.as40(1, 9, '', 'SELECT count(*) FROM p40.notes'), '0', 'of nothing, nothing');
SELECT is(t.as40(1, 1, '', 'SELECT count(*) FROM p40.staff'), '1', 'only the own membership');
SELECT is(t.as40(1, NULL, '', t.ids('p40.news')), '1', 'open rows of the own organization');
SELECT is(t.as40(NULL, NULL, '', t.ids('p40.news')), NULL, 'not of others');

-- Writing.
SELECT is(t.as40(1, 1, '', v.q), v.want, v.q) FROM (VALUES
    (format('INSERT INTO p40.orders VALUES (90, %L, 3, %L)', t.org(1), t.who(1)), '1 rows'),
    (format('INSERT INTO p40.orders VALUES (90, %L, 1, NULL)', t.org(1)), '1 rows'),
    (format('INSERT INTO p40.orders VALUES (90, %L, 3, %L)', t.org(2), t.who(1)), '42501'),
    (format('INSERT INTO p40.orders VALUES (90, %L, 3, %L)', t.org(1), t.who(2)), '42501'),
    ('UPDATE p40.orders SET what = ''mine''', '8 rows'),
    (format('UPDATE p40.orders SET organization = %L', t.org(2)), '42501'),
    (format('UPDATE p40.orders SET person = %L, store = 3', t.who(2)), '42501'),
    ('DELETE FROM p40.notes', '42501'),
    ('UPDATE p40.items SET what = ''mine''', '24 rows'),
    ('INSERT INTO p40.items VALUES (90, 1)', '1 rows'),
    ('INSERT INTO p40.items VALUES (90, 7)', '42501'),
    ('UPDATE p40.items SET orders = 7', '42501'),
    (format('INSERT INTO p40.news VALUES (9, %L)', t.org(1)), '42501'),
    (format('INSERT INTO p40.staff VALUES (3, %L)', t.who(1)), '42501'),
    (format('INSERT INTO p40."we""ird; Tbl" VALUES (%L, %L)', t.org(1), t.who(1)), '1 rows'),
    (format('INSERT INTO p40."we""ird; Tbl" VALUES (%L, %L)', t.org(1), t.who(2)), '42501'),
    ('TRUNCATE p40.orders', '42501'),
    ('ALTER TABLE p40.orders DISABLE ROW LEVEL SECURITY', '42501'),
    ('DROP POLICY grantd_read ON p40.orders', '42501'),
    ('SELECT count(*) FROM p40.plain', '42501')) v(q, want);
SELECT is(t.as40(1, NULL, 'all:see', 'UPDATE p40.orders SET what = ''x'''), '0 rows', 'a scope for reading does not write');
SELECT is(t.as40(1, NULL, 'all:see', 'DELETE FROM p40.items'), '0 rows', 'nor what is below');
SELECT is(t.as40(1, NULL, 'all:see', 'INSERT INTO p40.items VALUES (90, 1)'), '42501', 'nor puts something there');
SELECT is(t.as40(1, NULL, 'all:edit', 'UPDATE p40.items SET what = ''x'''), '36 rows', 'one for writing does');
SELECT is(t.as40(1, NULL, 'all:edit', format('UPDATE p40.orders SET organization = %L', t.org(2))), '42501', 'and never out of the organization');

-- Context is asked for once a statement.
CREATE FUNCTION t.plan40(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	l	text;
	v	text := '';
BEGIN
	SET LOCAL ROLE grantd_app;
	FOR l IN EXECUTE 'EXPLAIN (VERBOSE) ' || p_sql LOOP
		v := v || l || E'\n';
	END LOOP;
	SET LOCAL ROLE NONE;
	RETURN v;
END
$$;
SELECT matches(t.plan40('SELECT * FROM p40.orders'), 'Filter: \(\(orders.organization = \$\d+\) AND', 'as parameters');
SELECT doesnt_match(t.plan40('SELECT * FROM p40.items'), 'Filter: [^\n]*(current_setting|grantd\.)', 'not for each row');

-- Another declaration of the parent reaches what inherits from it.
SET ROLE p40_owner;
SELECT lives_ok($$SELECT grantd.protect('p40.orders', organization => 'organization', person => 'person', read_scopes => '{all:see}', rights => '{select,insert,update,delete}')$$, 'another declaration');
SELECT lives_ok($$SELECT grantd.protect('p40.items', parent => 'orders', rights => '{select,delete}')$$, 'fewer rights');
RESET ROLE;
SELECT is(t.as40(1, NULL, 'all:edit', 'DELETE FROM p40.items'), '0 rows', 'what inherits follows');
SELECT is(t.as40(1, 1, '', t.ids('p40.orders')), '3,9,15,21', 'own rows alone');
SELECT is(t.as40(1, 1, '', 'INSERT INTO p40.items VALUES (90, 3)'), '42501', 'a right that was taken back is gone');

-- The leak test.
SET ROLE p40_owner;
SET LOCAL grantd.person = '';
SET LOCAL grantd.organization = '';
SELECT is((SELECT string_agg(DISTINCT verdict, ',') FROM grantd.test_protection(q::regclass)), 'good', 'no leak: ' || q)
FROM unnest(ARRAY['p40.orders', 'p40.items', 'p40.notes', 'p40.news', 'p40.staff', 'p40."we""ird; Tbl"']) q;
SELECT is((SELECT string_agg(caller || ' ' || seen, ', ') FROM grantd.test_protection('p40.orders') WHERE caller LIKE 'person _ of organization _'),
    'person 1 of organization 1 4, person 2 of organization 1 4, person 1 of organization 2 4, person 2 of organization 2 4', 'what each sees');
SELECT is(current_setting('grantd.person', true) || current_setting('grantd.organization', true), '', 'and leaves no context behind');

-- Changed by hand.
ALTER POLICY grantd_read ON p40.orders USING (organization = grantd.organization());
SELECT is((SELECT state FROM grantd.policies WHERE policy = 'grantd_read' AND "table" = 'p40.orders'), 'changed by hand', 'a policy that was changed');
SELECT is((SELECT string_agg(DISTINCT verdict, ',' ORDER BY verdict) FROM grantd.test_protection('p40.orders')), 'good,leaks', 'leaks');
SELECT is((SELECT string_agg(DISTINCT verdict, ',' ORDER BY verdict) FROM grantd.test_protection('p40.notes')), 'good,leaks', 'below, too');
SELECT is((SELECT count(*) FROM grantd.lint_protection() WHERE severity = 'error' AND object = 'p40.orders' AND problem LIKE '%is not as it was declared'), 1::bigint, 'lint');
SELECT lives_ok($$SELECT grantd.protect('p40.orders', organization => 'organization', person => 'person', rights => '{select,insert,update,delete}')$$, 'declared anew');
CREATE POLICY extra ON p40.orders USING (true);
SELECT is((SELECT string_agg(DISTINCT verdict, ',' ORDER BY verdict) FROM grantd.test_protection('p40.orders')), 'leaks', 'one made by hand leaks');
SELECT is((SELECT count(*) FROM grantd.lint_protection() WHERE object = 'p40.orders' AND problem LIKE '%made by hand%'), 1::bigint, 'lint');
DROP POLICY extra ON p40.orders;
ALTER TABLE p40.orders DISABLE ROW LEVEL SECURITY;
SELECT is((SELECT string_agg(DISTINCT verdict, ',' ORDER BY verdict) FROM grantd.test_protection('p40.orders')), 'leaks', 'switched off leaks');
SELECT is((SELECT count(*) > 0 FROM grantd.lint_protection() WHERE severity = 'error' AND object = 'p40.orders' AND problem LIKE '%it is not protected'), true, 'lint');
ALTER TABLE p40.orders ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;
DROP POLICY grantd_read ON p40.orders;
SELECT is((SELECT string_agg(DISTINCT verdict, ',' ORDER BY verdict) FROM grantd.test_protection('p40.orders')), 'good,rows are missing', 'rows may be missing, too');
SELECT is((SELECT string_agg(problem, ',' ORDER BY problem) FROM grantd.lint_protection() WHERE object = 'p40.orders'),
    'procedures may select, but no policy lets them at a row,row-level security does not bind its owner', 'lint');
SELECT lives_ok($$SELECT grantd.protect('p40.orders', organization => 'organization', person => 'person')$$, 'mended');

-- The rest of the lint.
CREATE TABLE p40.bare (a int);
CREATE TABLE p40.shut (a int);
GRANT SELECT, TRUNCATE ON p40.bare TO grantd_app;
GRANT SELECT ON p40.plain TO grantd_app;
GRANT SELECT ON p40.shut TO PUBLIC;
REVOKE SELECT ON p40.shut FROM PUBLIC;
CREATE FUNCTION p40.reads() RETURNS int STABLE BEGIN ATOMIC SELECT a FROM p40.bare UNION ALL SELECT a FROM p40.shut; END;
CREATE FUNCTION p40.good() RETURNS bigint STABLE BEGIN ATOMIC SELECT count(*) FROM p40.orders; END;
CREATE FUNCTION p40.definer() RETURNS bigint STABLE SECURITY DEFINER LANGUAGE sql AS $$ SELECT count(*) FROM p40.orders $$;
CREATE FUNCTION p40.liar() RETURNS void STABLE LANGUAGE plpgsql AS $$ BEGIN /* delete from */ INSERT INTO p40.bare VALUES (1); END $$;
CREATE FUNCTION p40.honest() RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN -- delete from x
	RETURN 'insert into'; END $$;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA p40 FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA p40 TO grantd_app;
CREATE FUNCTION p40.loose() RETURNS int LANGUAGE sql AS 'SELECT 1';
SELECT is((SELECT string_agg(severity || ' ' || object || ' ' || problem, E'\n' ORDER BY object, severity, problem) FROM grantd.lint_protection() WHERE object ~ '^p40\.(bare|shut|plain|reads|good|definer|liar|honest|loose)'),
'error p40.bare procedures may do truncate with it, which no policy stops
error p40.bare procedures may select all rows: it is not protected
error p40.definer() runs as its owner (SECURITY DEFINER) with the search_path of its caller
warning p40.definer() runs as its owner (SECURITY DEFINER): the policies of p40_owner hold, not those of grantd_app
error p40.liar() is marked STABLE and writes: such a call fails
warning p40.loose() everybody may call it (EXECUTE is granted to PUBLIC), procedures of other owners, too
error p40.plain procedures reach through this view what its owner may see
error p40.reads() reads p40.shut, which procedures may not read
warning p40.reads() reads p40.bare, which is not protected', 'lint of the rest');
SELECT set_eq($$SELECT object FROM grantd.lint_protection() WHERE problem LIKE 'has no index%' AND object LIKE 'p40.%'$$,
    ARRAY['p40.orders.organization', 'p40.orders.person', 'p40.items.orders', 'p40.notes.item', 'p40.news.organization', 'p40."we""ird; Tbl"."or''g; --"', 'p40."we""ird; Tbl"."pers""on"'], 'columns without an index');
CREATE INDEX ON p40.orders (organization, person);
SELECT is((SELECT count(*) FROM grantd.lint_protection() WHERE object LIKE 'p40.orders.%'), 0::bigint, 'one for both will do');

-- Partitions.
CREATE TABLE p40.parts (id int, organization uuid NOT NULL) PARTITION BY LIST (id);
CREATE TABLE p40.part1 PARTITION OF p40.parts FOR VALUES IN (1);
SELECT lives_ok($$SELECT grantd.protect('p40.parts', organization => 'organization')$$, 'a table of parts');
RESET ROLE;
INSERT INTO p40.parts VALUES (1, t.org(1));
SELECT is(t.as40(1, NULL, '', 'SELECT count(*) FROM p40.parts'), '1', 'is read by its name');
SELECT is(t.as40(2, NULL, '', 'SELECT count(*) FROM p40.parts'), '0', 'as declared');
SELECT is(t.as40(1, NULL, '', 'SELECT count(*) FROM p40.part1'), '42501', 'its parts are not');
SET ROLE p40_owner;
GRANT SELECT ON p40.part1 TO grantd_app;
SELECT is((SELECT count(*) > 0 FROM grantd.lint_protection() WHERE severity = 'error' AND object = 'p40.part1'), true, 'lint says when they are');

-- As the server asks it.
SET LOCAL ROLE grantd_definer;
SELECT ok(count(*) > 5, 'the server may ask, too') FROM grantd.lint_protection();

-- A probe that does not run as procedures do says nothing.
RESET ROLE;
ALTER FUNCTION published.protection_probe(text, text, text) SECURITY INVOKER;
SET ROLE p40_owner;
SELECT throws_ok($$SELECT grantd.test_protection('p40.orders')$$, '42501', NULL, 'the leak test is what it says');

-- And back.
SELECT throws_ok($$SELECT grantd.unprotect('p40.orders')$$, '2BP01', NULL, 'what others inherit from stays');
SELECT lives_ok($$SELECT grantd.unprotect('p40.notes'), grantd.unprotect('p40.items'), grantd.unprotect('p40.orders')$$, 'from below');
SELECT is((SELECT count(*) FROM grantd.policies WHERE "table" IN ('p40.orders', 'p40.items', 'p40.notes')), 0::bigint, 'nothing is left');
SELECT is((SELECT relrowsecurity OR relforcerowsecurity FROM pg_class WHERE oid = 'p40.orders'::regclass), false, 'not even the switch');
RESET ROLE;
SELECT is(t.as40(1, 1, '', 'SELECT count(*) FROM p40.orders'), '42501', 'and nothing is reached');

-- Whoever tells grantd_app to be more than it is.
ALTER ROLE grantd_app BYPASSRLS;
GRANT p40_owner TO grantd_app;
ALTER TABLE p40.shut OWNER TO grantd_app;
SELECT is((SELECT string_agg(object || ' ' || problem, ', ' ORDER BY object, problem) FROM grantd.lint_protection() WHERE object = 'grantd_app' OR problem LIKE 'belongs to%'),
    'grantd_app is a member of p40_owner, grantd_app passes by row-level security, p40.shut belongs to grantd_app, which its policies are to bind', 'lint of the role');
SELECT * FROM finish();
ROLLBACK;
