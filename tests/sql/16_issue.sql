-- Shared plans of mints: each element passes the gate and finds what an
-- operation of its own would find under row-level security.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "plan"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.create', '{"body": {"name": "plan2"}}') ->> 'id' AS org2 \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "plan"}}', 'o') ->> 'id' AS family \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "plan2"}}', 'p') ->> 'id' AS family2 \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "a", "labels": ["gold"]}}') #>> '{account,id}' AS a \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "b", "environment": "test"}}') #>> '{account,id}' AS b \gset
SELECT t.result('p', 'account.create', '{"body": {"name": "a"}}') #>> '{account,id}' AS c \gset
SELECT t.result(who, 'integration.create', format('{"path": {"accountId": "%s"}, "body": {"name": "%s", "provider_config": {"type": "%s"}}}', acc, n, p)::jsonb, who || acc || n)
FROM (VALUES ('o', 'a', 'tix', 'ticketing_mock_ticketing'), ('o', 'a', 'sink', 'sink_mock_sink'), ('o', 'b', 'tix', 'ticketing_mock_ticketing'),
    ('p', 'a', 'tix', 'ticketing_mock_ticketing')) v(who, acc, n, p) \g /dev/null
SELECT id AS atix, refresh_token AS atixf FROM core.integration WHERE account = :'a' AND name = 'tix' \gset
SELECT id AS asink FROM core.integration WHERE account = :'a' AND name = 'sink' \gset
SELECT id AS btix FROM core.integration WHERE account = :'b' \gset
SELECT id AS ctix FROM core.integration WHERE account = :'c' \gset
SELECT t.call('o', 'token.create', jsonb_build_object('body', jsonb_build_object('permission_set', 'administrator', 'resources', r)), who) ->> 'status' AS made
FROM (VALUES ('ids', '{"accounts": {"ids": ["a"]}}'::jsonb), ('labels', '{"accounts": {"labels": ["gold"]}}'), ('test', '{"accounts": {"environments": ["test"]}}'),
    ('sinks', '{"integrations": {"categories": ["sink"]}}'), ('free', '{}')) v(who, r) \g /dev/null
SELECT t.call('labels', 'token.create', '{"body": {"permission_set": "administrator", "resources": {"integrations": {"categories": ["ticketing"]}}}}', 'both') ->> 'status' AS made \gset
SELECT t.call('o', 'token.create', '{"body": {"permission_set": "viewer", "resources": {}}}', 'viewer') ->> 'status' AS made \gset
INSERT INTO t.credential SELECT 'unknown', 1, 'unknown', expiry, NULL FROM t.credential WHERE name = 'o';

-- Every token against every reference: what row-level security shows to an
-- operation of its own, and what the shared plan finds.
CREATE TABLE t.ref (acc text, int text);
INSERT INTO t.ref SELECT acc, int FROM unnest(ARRAY['a', 'A', 'b', 'none', '', :'a', upper(:'a'), :'b', :'c', :'a' || 'x', NULL]) acc,
    unnest(ARRAY['tix', 'TIX', 'sink', 'none', '', :'atix', upper(:'atix'), :'asink', :'btix', :'ctix', :'org', NULL]) int;
CREATE FUNCTION t.alone(p_who text, p_args jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE v jsonb; v_code text;
BEGIN
	v := t.read(p_who, 'token.issue', 'plan', 'SELECT to_jsonb((api.integration_find($1)).id)', p_args);
	RETURN v #>> '{}';
EXCEPTION WHEN OTHERS THEN
	GET STACKED DIAGNOSTICS v_code = CONSTRAINT_NAME;
	RETURN SQLSTATE || ' ' || v_code;
END $$;
CREATE TABLE t.pair AS
SELECT row_number() OVER () AS n, c.name, c.secret, c.kind, c.expiry, c.family, jsonb_build_object('path', jsonb_build_object('accountId', r.acc, 'integrationId', r.int)) AS args
FROM t.credential c, t.ref r WHERE c.name IN ('o', 'p', 'ids', 'labels', 'test', 'sinks', 'free', 'both', 'viewer', 'unknown', 'none', 'oatix', 'o.refresh', 'control');
CREATE TABLE t.answer AS SELECT row_number() OVER () AS n, r.* FROM (
    SELECT array_agg(t.hash(secret) ORDER BY n) AS h, array_agg(kind ORDER BY n) AS k, array_agg(coalesce(expiry, 0) ORDER BY n) AS x, array_agg(family ORDER BY n) AS f, array_agg(args ORDER BY n) AS a FROM t.pair) z,
    gate.token_issue_plan(z.h, z.k, z.x, z.f, z.a) r;
SELECT is((SELECT count(*) FROM t.answer), (SELECT count(*) FROM t.pair), 'a row for each element');
-- The timeout of the last unit is not that of hundreds.
SET statement_timeout = 0;
SELECT is_empty($$SELECT * FROM (SELECT p.name, p.args, coalesce(r.sqlstate || ' ' || r.code, r.subject) AS together, t.alone(p.name, p.args) AS alone
    FROM t.pair p JOIN t.answer r USING (n) OFFSET 0) q WHERE together IS DISTINCT FROM alone$$,
    'each finds what it would find alone');
SELECT is((SELECT string_agg(DISTINCT coalesce(code, 'found'), ' ') FROM t.answer),
    'account_not_found found insufficient_scope integration_not_found invalid_token missing_token wrong_token_kind', 'of every sort');
SELECT cmp_ok((SELECT count(DISTINCT p.name)::int FROM t.pair p JOIN t.answer r USING (n) WHERE r.sqlstate IS NULL), '=', 8, 'of each token that may');
SELECT is_empty($$SELECT * FROM t.answer r WHERE (r.sqlstate IS NULL) <> (r.kind IS NOT NULL)$$, 'a kind or an error');
SELECT is((SELECT DISTINCT needs FROM t.answer WHERE code = 'insufficient_scope'), 'tokens:issue', 'the scope that lacks is named');

-- One row in full; texts of refusals as alone.
SELECT is(t.issue_plan('o', '{"path": {"accountId": "a", "integrationId": "tix"}}') - 'scope', jsonb_build_object('kind', 2, 'audience', 2, 'refresh', 0, 'ttl', 600,
    'organization', :'org', 'family', :'atixf', 'generation', 0, 'subject', :'atix', 'client_id', 'grantd-connectors', 'seed_key', NULL, 'seed', NULL,
    'carry', jsonb_build_object('integration', :'atix'), 'sqlstate', NULL, 'message', NULL, 'detail', NULL, 'hint', NULL, 'code', NULL, 'parameter', NULL, 'location', NULL, 'needs', NULL), 'a plan');
SELECT is((SELECT jsonb_build_object('sqlstate', sqlstate, 'message', message, 'detail', detail, 'hint', hint, 'code', code, 'parameter', parameter, 'location', location)
    FROM jsonb_to_record(t.issue_plan(who, '{"path": {"accountId": "x"}}')) AS r(sqlstate text, message text, detail text, hint text, code text, parameter text, location text)),
    t.call(who, 'account.patch', '{"path": {"accountId": "x"}, "body": []}') - 'status' - 'scope', what)
FROM (VALUES ('o', 'a missing account in the words of its own operation'), ('unknown', 'an unknown token in those of the gate'), ('none', 'and none at all')) v(who, what);

-- Bodies.
CREATE FUNCTION t.with_body(p_body jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.issue_plan('o', jsonb_build_object('path', '{"accountId": "a", "integrationId": "tix"}'::jsonb, 'body', p_body)) $$;
SELECT is(concat_ws(' ', t.with_body(b) ->> 'ttl', t.with_body(b) ->> 'code', t.with_body(b) #>> '{carry,detail,name}'), want, coalesce(b::text, 'no body')) FROM (VALUES
    (NULL::jsonb, '600'), ('null', '600'), ('{}', '600'), ('{"token_ttl": null, "name": null}', '600'), ('{"token_ttl": "1h"}', '3600'), ('{"token_ttl": "24h0m0s", "name": "n"}', '86400 n'),
    ('{"token_ttl": "25h"}', 'invalid_token_ttl'), ('{"token_ttl": "0s"}', 'invalid_token_ttl'), ('{"token_ttl": "soon"}', 'invalid_token_ttl'), ('{"token_ttl": 5}', 'invalid_body'),
    ('{"nonsense": 1}', 'invalid_body'), ('[]', 'invalid_body'), ('"x"', 'invalid_body'), ('false', 'invalid_body')) v(b, want);
SELECT is((t.with_body('{"token_ttl": "25h"}') ->> 'sqlstate') || (t.with_body('{"token_ttl": "25h"}') ->> 'parameter'), 'HT400/token_ttl', 'and where it is wrong');

-- One bad element leaves the others alone; between plan and commit a
-- revocation counts.
SELECT t.issue_plan('o', '{"path": {"accountId": "a", "integrationId": "tix"}}') -> 'carry' AS carry \gset
SELECT t.issue_plan('free', '{"path": {"accountId": "a", "integrationId": "tix"}}') -> 'carry' AS carry2 \gset
SELECT t.issue_plan('o', '{"path": {"accountId": "a", "integrationId": "sink"}}') -> 'carry' AS carry3 \gset
SELECT is(t.code('o', 'token.delete', jsonb_build_object('path', jsonb_build_object('refreshTokenId', (SELECT family FROM t.credential WHERE name = 'free.refresh')))), '204', 'a token is revoked');
SELECT is(t.code('o', 'integration.delete', '{"path": {"accountId": "a", "integrationId": "sink"}}'), '204', 'and an integration deleted');
CREATE TABLE t.stored AS SELECT row_number() OVER () AS n, r.* FROM t.credential o, t.credential f, gate.token_issue_batch(
    ARRAY[t.hash(o.secret), t.hash(f.secret), t.hash(o.secret), t.hash(o.secret)], '{1,1,1,1}', ARRAY[o.expiry, f.expiry, o.expiry, o.expiry],
    ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], '{x,x,x,x}', ARRAY[:'carry', :'carry2', :'carry3', :'carry']::jsonb[],
    ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], ARRAY[t.hash('s1'), t.hash('s2'), t.hash('s3'), t.hash('s4')],
    array_fill(floor(extract(epoch FROM now()))::int8 + 600, ARRAY[4])) r WHERE o.name = 'o' AND f.name = 'free';
SELECT is((SELECT string_agg(concat_ws(' ', status, code), ', ' ORDER BY n) FROM t.stored), '200, 401 token_revoked, 404 integration_not_found, 200', 'each commit is checked again');
SELECT is((SELECT string_agg(v, ' ' ORDER BY v) FROM unnest(ARRAY['s1', 's2', 's3', 's4']) v WHERE EXISTS (SELECT FROM token.access_token WHERE hash = t.hash(v))), 's1 s4', 'only the good are stored');
SELECT is(t.code('free', 'token.issue', '{"path": {"accountId": "a", "integrationId": "tix"}}'), '401 token_revoked', 'nor is one planned for it');

-- That a refreshed pair is in use is noted, as the gate does, when it works.
SELECT t.code('o.refresh', 'token.refresh', jsonb_build_object('path', jsonb_build_object('refreshTokenId', :'family')), 'o') AS refreshed \gset
SELECT is(:'refreshed'::text, '200', 'a refresh');
SELECT is(t.code('o', 'token.issue', '{"path": {"accountId": "none", "integrationId": "tix"}}'), '404 account_not_found', 'a plan that fails');
SELECT is((SELECT count(*)::int FROM token.successor_use WHERE family = :'family'), 0, 'notes nothing');
SELECT is(t.code('o', 'token.issue', '{"path": {"accountId": "a", "integrationId": "tix"}}') || t.code('o', 'token.issue', '{"path": {"accountId": "a", "integrationId": "tix"}}'), '200200', 'plans that work');
SELECT is((SELECT count(*)::int FROM token.successor_use WHERE family = :'family'), 1, 'note it once');
SELECT is(t.code('control', 'organization.list'), '200', 'nothing else');
UPDATE core.organization SET status = 'disabled' WHERE name = 'plan';
SELECT is(t.code('o', 'token.issue', '{"path": {"accountId": "a", "integrationId": "tix"}}'), '402 organization_disabled', 'of a disabled organization');
SELECT * FROM finish();
ROLLBACK;
