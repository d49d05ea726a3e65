-- Reviewing and trying what grantd.protect made.

-- State of a policy of grantd_app: as declared, or what happened since.
CREATE OR REPLACE FUNCTION grantd.policy_state(p_policy oid) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp AS $$
	SELECT CASE WHEN p.polname NOT IN ('grantd_read', 'grantd_insert',
		'grantd_update', 'grantd_delete') THEN 'made by hand'
	    WHEN grantd.protect_json(c.text) ->> 'digest'
		IS DISTINCT FROM grantd.protect_digest(p.oid)
		THEN 'changed by hand'
	    ELSE 'as declared' END
	FROM pg_policy p
	CROSS JOIN LATERAL obj_description(p.oid, 'pg_policy') AS c(text)
	WHERE p.oid = p_policy
$$;

-- What procedures may do with each table: a row for each command, or for each
-- policy of it if there are several.
CREATE OR REPLACE VIEW grantd.policies AS
SELECT c.oid::regclass::text AS "table", k.command,
    CASE k.letter WHEN 'r' THEN has_any_column_privilege('grantd_app', c.oid, 'SELECT')
	WHEN 'd' THEN has_table_privilege('grantd_app', c.oid, 'DELETE')
	ELSE has_any_column_privilege('grantd_app', c.oid, k.privilege) END
	AS allowed,
    CASE WHEN c.relkind = 'v' THEN
	CASE WHEN lower(c.reloptions::text) ~ 'security_invoker=(true|on|yes|1)'
	    THEN 'asks the tables below' ELSE 'runs as its owner' END
	WHEN c.relkind NOT IN ('r', 'p') OR NOT c.relrowsecurity
	    THEN 'not protected'
	WHEN p.oid IS NULL THEN 'no policy: no row'
	ELSE grantd.policy_state(p.oid) END AS state,
    grantd.protect_json(obj_description(p.oid, 'pg_policy')) ->> 'words' AS rows,
    p.polname::text AS policy,
    pg_get_expr(p.polqual, p.polrelid, true) AS condition,
    pg_get_expr(p.polwithcheck, p.polrelid, true) AS new_rows
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
CROSS JOIN (VALUES ('r'::"char", 'select', 'SELECT', 1),
    ('a', 'insert', 'INSERT', 2), ('w', 'update', 'UPDATE', 3),
    ('d', 'delete', 'DELETE', 4)) AS k(letter, command, privilege, place)
LEFT JOIN pg_policy p ON p.polrelid = c.oid
    AND p.polcmd IN ('*', k.letter) AND p.polname <> 'grantd_owner'
    AND (p.polroles = '{0}' OR (SELECT r.oid FROM pg_roles r
	WHERE r.rolname = 'grantd_app') = ANY (p.polroles))
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
AND n.nspname NOT IN ('pg_catalog', 'information_schema')
AND (has_any_column_privilege('grantd_app', c.oid,
	'SELECT, INSERT, UPDATE, REFERENCES')
    OR has_table_privilege('grantd_app', c.oid, 'DELETE, TRUNCATE, TRIGGER')
    OR EXISTS (SELECT FROM pg_policy o WHERE o.polrelid = c.oid
	AND o.polname = 'grantd_owner'))
ORDER BY 1, k.place, p.polname;
COMMENT ON VIEW grantd.policies IS
    'What published procedures may do with each table, and under which condition';

-- The context of a caller that is not there, as the settings carry it.
CREATE OR REPLACE FUNCTION grantd.test_unit(p_scopes text[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
	SELECT (jsonb_populate_record(NULL::core.unit,
	    jsonb_build_object('scopes', p_scopes)))::text
$$;
ALTER FUNCTION grantd.test_unit(text[]) OWNER TO grantd_definer;

-- Counts as grantd_app, under row-level security: the rows in reach, those
-- that p_condition does not hold for, and those that may be changed.
CREATE OR REPLACE FUNCTION published.protection_probe(p_table text,
    p_may_read text, p_may_write text, OUT seen int8, OUT leaked int8,
    OUT writable int8, OUT writable_leaked int8)
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
	IF current_user <> 'grantd_app' THEN
		RAISE 'not the role of applications' USING ERRCODE = '42501';
	END IF;
	EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s IS NOT TRUE) '
	    'FROM %s', p_may_read, p_table) INTO seen, leaked;
	IF has_any_column_privilege('grantd_app', p_table, 'UPDATE') THEN
		EXECUTE format('SELECT count(*), count(*) FILTER (WHERE NOT ok) '
		    'FROM (SELECT %s IS TRUE AS ok FROM %s FOR UPDATE) x',
		    p_may_write, p_table) INTO writable, writable_leaked;
	END IF;
END
$$;
