-- Who has which rights: least privilege, row-level security everywhere.
BEGIN;
SELECT * FROM no_plan();

SELECT is_empty($$
	SELECT c.oid::regclass, a.privilege_type, a.grantee::regrole
	FROM pg_class c, aclexplode(c.relacl) a
	WHERE a.grantee IN ('grantd_broker'::regrole, 0)
	AND c.relnamespace::regnamespace::text IN
	    ('core', 'token', 'connector', 'audit', 'gate', 'api', 'lib', 'grantd',
	    'publish', 'published', 'wrapper')
$$, 'the broker''s login and PUBLIC have no right on any table');
SELECT is_empty($$
	SELECT c.oid::regclass, t.attname
	FROM pg_attribute t JOIN pg_class c ON c.oid = t.attrelid,
	    aclexplode(t.attacl) a
	WHERE a.grantee IN ('grantd_broker'::regrole, 0)
	AND c.relnamespace::regnamespace::text IN
	    ('core', 'token', 'connector', 'audit', 'gate', 'api', 'lib', 'grantd',
	    'publish', 'published', 'wrapper')
$$, 'nor on any column');
SELECT is_empty($$
	SELECT p.oid::regprocedure FROM pg_proc p
	LEFT JOIN LATERAL aclexplode(p.proacl) a ON true
	WHERE p.pronamespace::regnamespace::text IN
	    ('core', 'token', 'gate', 'api', 'lib', 'grantd', 'publish',
	    'published', 'wrapper')
	AND (p.proacl IS NULL OR a.grantee = 0)
$$, 'PUBLIC may run none of the functions');
SELECT set_eq($$
	SELECT DISTINCT p.proname::text FROM pg_proc p, aclexplode(p.proacl) a
	WHERE a.grantee = 'grantd_broker'::regrole
	AND p.pronamespace <> 'pg_catalog'::regnamespace
$$, ARRAY['enter', 'refusals', 'version', 'maintain', 'publish_key',
    'signing_keys', 'token_issue_batch', 'token_issue_plan', 'assertion_key',
    'document_wanted', 'document_store', 'client_credentials_plan',
    'client_credentials_batch', 'oauth_refresh_plan', 'oauth_refresh_batch',
    'redeem_plan', 'redeem_batch', 'oauth_introspect', 'catalogue',
    'catalogue_generation', 'catalogue_follow', 'lint', 'session_clean'],
    'the broker''s login may run the entry functions alone');
SELECT is_empty($$
	SELECT p.oid::regprocedure FROM pg_proc p
	WHERE p.prosecdef AND p.pronamespace::regnamespace::text IN
	    ('core', 'token', 'gate', 'api', 'lib', 'audit', 'grantd', 'publish')
	AND NOT coalesce(p.proconfig, '{}') @> ARRAY['search_path=pg_catalog, pg_temp']
$$, 'what runs with definer rights has a pinned search path');
SELECT is_empty($$
	SELECT p.oid::regprocedure FROM pg_proc p
	WHERE p.prosecdef AND p.pronamespace = 'gate'::regnamespace
	AND p.proowner <> 'grantd_definer'::regrole
$$, 'and belongs to grantd_definer');
SELECT is_empty($$
	SELECT p.oid::regprocedure FROM pg_proc p
	WHERE p.prosecdef AND p.pronamespace = 'api'::regnamespace
$$, 'no operation runs with definer rights');
SELECT is_empty($$
	SELECT a.privilege_type, c.oid::regclass FROM pg_class c, aclexplode(c.relacl) a
	WHERE a.grantee IN ('grantd_app'::regrole, 'grantd_publisher'::regrole)
	AND a.privilege_type <> 'SELECT'
	AND c.relnamespace::regnamespace::text IN ('core', 'token', 'connector',
	    'audit', 'gate', 'api', 'lib', 'oauth', 'grantd', 'publish', 'published')
$$, 'applications and their owners change no table of grantd');
SELECT is_empty($$
	SELECT s.nspname FROM pg_namespace s
	WHERE has_schema_privilege('grantd_app', s.oid, 'CREATE')
	OR (has_schema_privilege('grantd_app', s.oid, 'USAGE') AND s.nspname IN
	    ('core', 'token', 'connector', 'audit', 'gate', 'api', 'oauth',
	    'publish', 'published'))
$$, 'procedures see none of grantd''s schemas and create nothing');
SELECT set_eq($$
	SELECT DISTINCT p.oid::regprocedure::text FROM pg_proc p
	WHERE p.pronamespace::regnamespace::text IN ('gate', 'api', 'lib', 'publish',
	    'core', 'token') AND has_function_privilege('grantd_app', p.oid, 'EXECUTE')
$$, ARRAY['lib.from_base64url(text)'],
    'and run none of its functions');
SELECT is_empty($$
	SELECT p.oid::regprocedure FROM pg_proc p
	WHERE p.pronamespace = 'pg_catalog'::regnamespace
	AND (p.proname ~ '^pg_(try_)?advisory_lock' OR p.proname = 'set_config')
	AND has_function_privilege('grantd_app', p.oid, 'EXECUTE')
$$, 'nor what would outlive a unit');
SELECT is_empty($$
	SELECT m.roleid::regrole, m.member::regrole FROM pg_auth_members m
	WHERE m.member IN ('grantd_app'::regrole, 'grantd_publisher'::regrole)
	OR (m.roleid = 'grantd_app'::regrole AND m.member <> 'grantd_owner'::regrole)
$$, 'they are members of nothing, and nobody becomes grantd_app');
SELECT is(has_database_privilege('grantd_app', current_database(), 'TEMP'), false,
    'and have no temporary tables');
SELECT is(has_function_privilege('public',
    'pg_catalog.set_config(text,text,boolean)', 'EXECUTE'), false,
    'PUBLIC may not run set_config');
SELECT is(has_function_privilege('grantd_api',
    'pg_catalog.set_config(text,text,boolean)', 'EXECUTE'), false,
    'nor may grantd_api');

SELECT is_empty($$
	SELECT c.oid::regclass FROM pg_class c
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization'
	WHERE c.relkind IN ('r', 'p') AND c.relnamespace::regnamespace::text IN
	    ('core', 'token', 'connector', 'audit')
	AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
$$, 'row-level security is forced on every table of tenants');
SELECT is_empty($$
	SELECT c.oid::regclass FROM pg_class c
	WHERE c.relrowsecurity AND c.relnamespace <> 'shop'::regnamespace
	AND NOT EXISTS (SELECT FROM pg_policy p
	    WHERE p.polrelid = c.oid AND p.polname = 'owner')
$$, 'where it is forced, the owner has a policy');
SELECT is_empty($$
	SELECT p.polrelid::regclass FROM pg_policy p
	WHERE p.polname = 'api' AND pg_get_expr(p.polqual, p.polrelid)
	    !~ '\( ?SELECT [^)]*this_organization'
$$, 'policies ask for the organization in a sub-select');
SELECT is_empty($$
	SELECT c.oid::regclass FROM pg_class c
	WHERE c.relispartition AND EXISTS (SELECT FROM aclexplode(c.relacl) a
	    WHERE a.grantee NOT IN ('grantd_owner'::regrole,
		'grantd_definer'::regrole))
$$, 'no partition is granted to anybody else');
SELECT is_empty($$
	SELECT c.conrelid::regclass, c.conname FROM pg_constraint c
	JOIN pg_attribute a ON a.attrelid = c.conrelid
	    AND a.attname = 'organization' AND NOT a.attisdropped
	WHERE c.contype = 'p' AND c.connamespace::regnamespace::text IN
	    ('core', 'token', 'connector')
	AND c.conkey[1] <> a.attnum AND c.conrelid::regclass::text NOT LIKE 'token.access_token%'
$$, 'keys of tenants'' tables begin with the organization');
SELECT is((SELECT rolbypassrls FROM pg_roles WHERE rolname = 'grantd_backup'),
    true, 'the backup role sees all rows');
SELECT is_empty($$
	SELECT rolname FROM pg_roles WHERE rolname LIKE 'grantd\_%'
	AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication
	    OR (rolbypassrls AND rolname <> 'grantd_backup')
	    OR (rolcanlogin AND rolname NOT IN ('grantd_broker', 'grantd_backup')))
$$, 'no role has more attributes than it needs');

-- As the roles themselves.
SELECT t.result('control', 'organization.create', '{"body": {"name": "roles"}}') IS NOT NULL AS made \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "roles"}}', 'roles') IS NOT NULL AS made \gset

SELECT set_config('grantd.' || s, '', true) FROM unnest(ARRAY['organization',
    'integration', 'kind', 'resources', 'unit']) s \g /dev/null

SET LOCAL ROLE grantd_broker;
SELECT throws_ok('SELECT * FROM token.family', '42501', NULL, 'broker: no families');
SELECT throws_ok('SELECT * FROM core.organization', '42501', NULL, 'broker: no organizations');
SELECT throws_ok('SELECT api.organization_get(NULL)', '42501', NULL,
    'broker: no operation without the gate');
SET LOCAL ROLE grantd_api;
SELECT is_empty('SELECT id FROM core.organization', 'api without a context: no organizations');
SELECT is_empty('SELECT id FROM token.family_info', 'api without a context: no families');
SELECT throws_ok('SELECT refresh_hash FROM token.family', '42501', NULL, 'api: no hashes');
SELECT throws_ok('SELECT * FROM token.access_token', '42501', NULL, 'api: no access tokens');
SELECT throws_ok($$UPDATE token.family SET epoch = 7$$, '42501', NULL, 'api: no writing of families');
SELECT throws_ok($$SELECT set_config('grantd.organization', 'x', true)$$, '42501', NULL,
    'api: no writing of its context');
SET LOCAL ROLE grantd_owner;
SELECT isnt_empty('SELECT 1 FROM token.family',
    'the owner sees rows although row-level security is forced');
SELECT lives_ok('UPDATE core.organization SET fullname = fullname',
    'and can change them');
SELECT is((SELECT count(*)::int FROM core.organization WHERE name = 'roles'), 1,
    'all of them');
RESET ROLE;
SELECT * FROM finish();
ROLLBACK;
