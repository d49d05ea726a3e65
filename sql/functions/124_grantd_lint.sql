-- What is wrong or risky in how tables and functions are protected.  Part of
-- grantd.lint().

CREATE OR REPLACE FUNCTION grantd.lint_rights()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT 'error', r.rolname::text, w.problem,
	    'Run sql/roles.sql again.'
	FROM pg_roles r CROSS JOIN LATERAL (VALUES
	    (r.rolsuper, 'is a superuser'),
	    (r.rolbypassrls, 'passes by row-level security'),
	    (r.rolcanlogin, 'can log in')) AS w(so, problem)
	WHERE r.rolname = 'grantd_app' AND w.so
	UNION ALL
	SELECT 'error', 'grantd_app', 'is a member of ' || m.roleid::regrole,
	    format('REVOKE %s FROM grantd_app', m.roleid::regrole)
	FROM pg_auth_members m WHERE m.member = 'grantd_app'::regrole
	UNION ALL
	SELECT 'error', c.oid::regclass::text,
	    'belongs to grantd_app, which its policies are to bind',
	    'ALTER TABLE ... OWNER TO the application''s owner'
	FROM pg_class c
	WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
	AND c.relowner = 'grantd_app'::regrole
	UNION ALL
	SELECT 'error', c.oid::regclass::text,
	    'procedures may do ' || string_agg(DISTINCT lower(a.privilege_type), ', ')
	    || ' with it, which no policy stops',
	    'REVOKE TRUNCATE, REFERENCES, TRIGGER ON ... FROM grantd_app, PUBLIC'
	FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
	WHERE a.grantee IN (0, 'grantd_app'::regrole)
	AND a.privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')
	AND c.relnamespace <> 'pg_catalog'::regnamespace
	GROUP BY c.oid
	UNION ALL
	SELECT 'warning', c.oid::regclass::text,
	    'everybody with a login may ' || string_agg(DISTINCT
		lower(a.privilege_type), ', ') || ' (granted to PUBLIC)',
	    'REVOKE ALL ON ' || c.oid::regclass || ' FROM PUBLIC'
	FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
	WHERE a.grantee = 0 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
	AND c.relnamespace IN (SELECT n.oid FROM pg_namespace n
	    WHERE has_schema_privilege('grantd_app', n.oid, 'USAGE')
	    AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'grantd'))
	GROUP BY c.oid
$$;

-- The application's schemas: those that hold tables or functions of which
-- grantd_app was given something.
CREATE OR REPLACE FUNCTION grantd.lint_schemas() RETURNS oid[]
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT ARRAY(SELECT c.relnamespace FROM pg_class c,
		LATERAL aclexplode(c.relacl) a
	    WHERE a.grantee = 'grantd_app'::regrole
	    UNION
	    SELECT p.pronamespace FROM pg_proc p, LATERAL aclexplode(p.proacl) a
	    WHERE a.grantee = 'grantd_app'::regrole
	    EXCEPT
	    SELECT n.oid FROM pg_namespace n WHERE n.nspname IN ('pg_catalog',
		'information_schema', 'grantd', 'published', 'publish'))
$$;

-- The foreign keys that a declaration names as parent: one, if all is well.
CREATE OR REPLACE FUNCTION grantd.lint_parents(p_table regclass)
RETURNS TABLE (key oid)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT k.oid FROM grantd.protection(p_table) d
	JOIN pg_constraint k ON k.conrelid = p_table AND k.contype = 'f'
	WHERE k.conname = d ->> 'parent' OR EXISTS (SELECT FROM pg_attribute a
	    WHERE a.attrelid = p_table AND a.attname = d ->> 'parent'
	    AND a.attnum = ANY (k.conkey))
$$;

CREATE OR REPLACE FUNCTION grantd.lint_tables()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT DISTINCT CASE WHEN p.state IN ('not protected',
		'runs as its owner', 'changed by hand') THEN 'error'
	    ELSE 'warning' END, p."table", CASE p.state
	    WHEN 'not protected' THEN
		'procedures may ' || p.command || ' all rows: it is not protected'
	    WHEN 'runs as its owner' THEN
		'procedures reach through this view what its owner may see'
	    WHEN 'changed by hand' THEN
		'policy ' || p.policy || ' is not as it was declared'
	    WHEN 'made by hand' THEN
		'policy ' || p.policy || ' was made by hand: rows that it allows '
		'are seen whatever was declared'
	    ELSE 'procedures may ' || p.command
		|| ', but no policy lets them at a row' END,
	    CASE p.state WHEN 'runs as its owner' THEN
		format('ALTER VIEW %s SET (security_invoker = true)', p."table")
	    WHEN 'made by hand' THEN 'Look at it in grantd.policies, or drop it.'
	    ELSE format('SELECT grantd.protect(''%s'', ...)', p."table") END
	FROM grantd.policies p
	WHERE p.allowed AND p.state NOT IN ('as declared', 'asks the tables below')
	UNION ALL
	SELECT 'error', w.id::text,
	    w.problem || ': it cannot be told whose its rows are',
	    format('SELECT grantd.protect(''%s'', ...)', w.id)
	FROM (
		SELECT p.polrelid::regclass AS id, CASE WHEN d IS NULL THEN
		    'the comment on its policy grantd_owner is no declaration'
		    WHEN d ? 'parent' AND k.n <> 1 THEN format(
		    'its parent "%s" names %s foreign keys', d ->> 'parent', k.n)
		    END AS problem
		FROM pg_policy p
		CROSS JOIN LATERAL grantd.protection(p.polrelid) d
		CROSS JOIN LATERAL (SELECT count(*) AS n
		    FROM grantd.lint_parents(p.polrelid)) k
		WHERE p.polname = 'grantd_owner'
	) w
	WHERE w.problem IS NOT NULL
	UNION ALL
	SELECT 'warning', c.oid::regclass::text,
	    'row-level security does not bind its owner',
	    format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', c.oid::regclass)
	FROM pg_class c
	WHERE c.relrowsecurity AND NOT c.relforcerowsecurity
	AND grantd.protection(c.oid) IS NOT NULL
	UNION ALL
	SELECT 'error', c.oid::regclass::text,
	    'is a part of ' || i.inhparent::regclass
	    || ', whose policies do not bind who reads the part itself',
	    format('REVOKE ALL ON %s FROM grantd_app', c.oid::regclass)
	FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid
	WHERE has_any_column_privilege('grantd_app', c.oid, 'SELECT, INSERT, UPDATE')
	AND grantd.protection(c.oid) IS NULL
	AND grantd.protection(i.inhparent) IS NOT NULL
$$;

-- Columns that every statement on a protected table asks for.
CREATE OR REPLACE FUNCTION grantd.lint_columns()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH declared AS MATERIALIZED (
		SELECT p.polrelid AS id, grantd.protection(p.polrelid) AS d
		FROM pg_policy p WHERE p.polname = 'grantd_owner'
		AND grantd.protection(p.polrelid) IS NOT NULL
	), asked AS (
		SELECT t.id, e.value #>> '{}' AS name, e.key
		FROM declared t, jsonb_each(t.d) e
		WHERE e.key IN ('person', 'organization', 'group')
		UNION
		SELECT t.id, a.attname, 'parent'
		FROM declared t, grantd.lint_parents(t.id) p
		JOIN pg_constraint k ON k.oid = p.key
		JOIN pg_attribute a ON a.attrelid = k.conrelid
		    AND a.attnum = k.conkey[1]
		UNION
		SELECT c.oid, t.d ->> 'member', 'member'
		FROM declared t JOIN pg_class c ON format('%s.%I',
		    c.relnamespace::regnamespace, c.relname)
		    = t.d ->> 'membership'
	)
	SELECT DISTINCT 'notice', format('%s.%I', a.id::regclass, a.name),
	    'has no index: statements under row-level security look through '
	    'the whole table',
	    format('CREATE INDEX ON %s (%I)', a.id::regclass, a.name)
	FROM asked a
	WHERE NOT EXISTS (SELECT FROM pg_index i
	    JOIN pg_attribute b ON b.attrelid = i.indrelid AND b.attname = a.name
	    WHERE i.indrelid = a.id AND i.indpred IS NULL
	    AND (i.indkey[0] = b.attnum OR (i.indkey[1] = b.attnum
		AND i.indkey[0] = (SELECT o.attnum FROM pg_attribute o, declared t
		    WHERE t.id = a.id AND o.attrelid = a.id
		    AND o.attname = t.d ->> 'organization'))))
	UNION ALL
	SELECT 'notice', format('%s.%I', a.id::regclass, a.name),
	    'may be null: such rows belong to nobody',
	    format('ALTER TABLE %s ALTER %I SET NOT NULL', a.id::regclass, a.name)
	FROM asked a JOIN pg_attribute b
	    ON b.attrelid = a.id AND b.attname = a.name
	WHERE a.key = 'organization' AND NOT b.attnotnull
$$;

CREATE OR REPLACE FUNCTION grantd.lint_functions()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	WITH app AS MATERIALIZED (
		SELECT p.oid, p.oid::regprocedure::text AS name, p.prosecdef,
		    p.provolatile, p.proconfig, p.proacl, p.proowner,
		    CASE WHEN p.prosqlbody IS NULL THEN regexp_replace(p.prosrc,
			'--[^\n]*|/\*.*?\*/|''[^'']*''', ' ', 'g') END AS source,
		    EXISTS (SELECT FROM aclexplode(p.proacl) a
			WHERE a.grantee = 'grantd_app'::regrole) AS given
		FROM pg_proc p WHERE p.pronamespace = ANY (grantd.lint_schemas())
		AND p.prokind IN ('f', 'p')
		AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = p.oid
		    AND e.classid = 'pg_proc'::regclass AND e.deptype = 'e')
	)
	SELECT 'warning', f.name, 'everybody may call it (EXECUTE is granted to '
	    'PUBLIC), procedures of other owners, too',
	    format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC; for those to come: '
		'ALTER DEFAULT PRIVILEGES FOR ROLE %s REVOKE EXECUTE ON '
		'FUNCTIONS FROM PUBLIC', f.name, f.proowner::regrole)
	FROM app f
	WHERE f.proacl IS NULL
	OR EXISTS (SELECT FROM aclexplode(f.proacl) a WHERE a.grantee = 0)
	UNION ALL
	SELECT 'error', f.name, 'runs as its owner (SECURITY DEFINER) with the '
	    'search_path of its caller',
	    format('ALTER FUNCTION %s SET search_path = pg_catalog, pg_temp', f.name)
	FROM app f
	WHERE f.prosecdef AND NOT EXISTS (SELECT FROM unnest(f.proconfig) c
	    WHERE c LIKE 'search_path=%')
	UNION ALL
	SELECT 'warning', f.name, 'runs as its owner (SECURITY DEFINER): the '
	    'policies of ' || f.proowner::regrole || ' hold, not those of grantd_app',
	    'Make it SECURITY INVOKER, or read it twice.'
	FROM app f
	WHERE f.prosecdef AND has_function_privilege('grantd_app', f.oid, 'EXECUTE')
	UNION ALL
	SELECT 'error', f.name, 'is marked ' || CASE f.provolatile
		WHEN 's' THEN 'STABLE' ELSE 'IMMUTABLE' END
	    || ' and writes: such a call fails',
	    format('ALTER FUNCTION %s VOLATILE', f.name)
	FROM app f
	WHERE f.given AND f.provolatile <> 'v'
	AND f.source ~* '\m(insert\s+into|update\s+[a-z_."]+\s+(as\s+\w+\s+|\w+\s+)?set|delete\s+from|merge\s+into|truncate|nextval)\M'
	UNION ALL
	SELECT DISTINCT CASE WHEN r.allowed THEN 'warning' ELSE 'error' END, f.name,
	    CASE WHEN r.allowed THEN 'reads ' || r.id || ', which is not protected'
	    ELSE 'reads ' || r.id || ', which procedures may not read' END,
	    format('SELECT grantd.protect(''%s'', ...)', r.id)
	FROM app f
	CROSS JOIN LATERAL (
		SELECT DISTINCT c.oid::regclass::text AS id,
		    has_any_column_privilege('grantd_app', c.oid, 'SELECT') AS allowed
		FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid
		WHERE d.classid = 'pg_proc'::regclass AND d.objid = f.oid
		AND d.refclassid = 'pg_class'::regclass AND d.deptype = 'n'
		AND c.relkind IN ('r', 'p') AND grantd.protection(c.oid) IS NULL
		AND c.relnamespace <> 'pg_catalog'::regnamespace
	) r
	WHERE f.given AND NOT f.prosecdef
$$;

CREATE OR REPLACE FUNCTION grantd.lint_protection()
RETURNS TABLE (severity text, object text, problem text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT * FROM grantd.lint_rights()
	UNION ALL SELECT * FROM grantd.lint_tables()
	UNION ALL SELECT * FROM grantd.lint_columns()
	UNION ALL SELECT * FROM grantd.lint_functions()
$$;
