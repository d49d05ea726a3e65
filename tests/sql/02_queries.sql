-- Every statement of queries.sql prepares as its role on a fresh schema, and
-- operations and queries fit each other.
BEGIN;
SELECT * FROM no_plan();

CREATE TEMPORARY TABLE query (name text, role text, operation text, class text);
\set work `echo "$GRANTD_TEST_WORK"`
\set file :work/queries.psql
SET SESSION AUTHORIZATION grantd_broker;
SET search_path = pg_catalog, pg_temp;
RESET SESSION AUTHORIZATION;
GRANT INSERT ON query TO grantd_broker;
SET SESSION AUTHORIZATION grantd_broker;
\i :file
RESET SESSION AUTHORIZATION;
SET search_path = public, pg_temp;

SELECT cmp_ok((SELECT count(*)::int FROM query), '>=', 55, 'all statements prepare as their role');
SELECT is((SELECT count(*) FROM pg_prepared_statements),
    (SELECT count(*) FROM query), 'each under its own name');
SELECT is_empty($$
	SELECT o.name FROM gate.operation o LEFT JOIN query q
	    ON q.operation = coalesce('procedure.' || CASE WHEN o.number IS NOT NULL
		THEN o.class END, o.name) GROUP BY o.name, o.class
	HAVING array_agg(q.class ORDER BY q.class) IS DISTINCT FROM CASE o.class
	    WHEN 'read' THEN CASE WHEN min(q.class) = 'readbatch'
		THEN '{readbatch}' ELSE '{read}' END WHEN 'write' THEN '{write}'
	    WHEN 'mint' THEN '{commit,plan}'
	    WHEN 'password' THEN '{commit,plan}' ELSE '{batch,planbatch}' END::text[]
$$, 'every operation has the queries of its class');
SELECT is_empty($$
	SELECT name FROM query q WHERE operation <> ''
	AND operation NOT LIKE 'procedure.%' AND NOT EXISTS (
	    SELECT FROM gate.operation o WHERE o.name = q.operation)
$$, 'every query of an operation has its row');
SELECT is_empty($$
	SELECT name FROM gate.operation WHERE name LIKE 'procedure.%'
$$, 'the statements of published procedures are no operations themselves');
SELECT is_empty($$
	SELECT name FROM query WHERE role NOT IN ('login', 'api')
	OR (role = 'api' AND operation = '')
$$, 'roles are login or api');
SELECT is_empty($$
	SELECT name, scope FROM gate.operation
	WHERE (kinds && '{organization,integration}' AND scope IS NULL)
$$, 'every operation that takes an access token needs a scope');
SELECT is_empty($$
	SELECT s.name FROM core.scope s WHERE s.kind = 'integration' AND NOT EXISTS (
	    SELECT FROM gate.operation o WHERE o.scope = s.name)
$$, 'every connector scope opens something');
SELECT is((SELECT scopes FROM core.permission_set WHERE name = 'connect-ui'),
    '{accounts:view,credentials:edit,credentials:view,integrations:edit,integrations:view}',
    'permission sets hold what their scopes imply');
SELECT * FROM finish();
ROLLBACK;
