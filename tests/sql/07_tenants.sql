-- One organization never sees another.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "one"}}') ->> 'id' AS one \gset
SELECT t.result('control', 'organization.create', '{"body": {"name": "two"}}') ->> 'id' AS two \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "one"}}', 'one') ->> 'id' AS fone \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "two"}}', 'two') ->> 'id' AS ftwo \gset
SELECT t.result('two', 'account.create', '{"body": {"name": "secret"}}') #>> '{account,id}' AS account \gset
SELECT t.result('two', 'integration.create', '{"path": {"accountId": "secret"}, "body": {"name": "i", "provider_config": {"type": "ticketing_mock_ticketing"}}}', 'ti') AS i \gset
SELECT t.result('two', 'integration.create', '{"path": {"accountId": "secret"}, "body": {"name": "j", "provider_config": {"type": "ticketing_mock_ticketing"}}}', 'tj') AS j \gset
SELECT :'i'::jsonb #>> '{integration,id}' AS integration, :'i'::jsonb #>> '{integration,refresh_token_id}' AS pair \gset

SELECT is(t.result('one', 'account.list'), '[]', 'lists of accounts are one''s own');
SELECT is(t.result('one', 'integration.list'), '[]', 'of integrations');
SELECT is(jsonb_array_length(t.result('one', 'token.list')), 1, 'of tokens');
SELECT is(t.result('one', 'organization.get') ->> 'name', 'one', 'the organization, too');
-- Every operation that takes an id, with ids of the other organization.
SELECT is(t.code('one', o.name, jsonb_build_object('path', jsonb_build_object('accountId', :'account', 'integrationId', :'integration',
    'refreshTokenId', :'pair', 'ownerId', :'integration'), 'body', CASE WHEN o.name LIKE '%patch' THEN '[]'::jsonb ELSE
    '{"name": "x", "provider_config": {"type": "sink_mock_sink"}, "integration": {"provider_config": {"type": "sink_mock_sink"}}}'::jsonb
	- CASE WHEN o.name LIKE '%verify\_new' THEN '{name,provider_config}'::text[] ELSE '{integration}' END END)),
    v.code, o.name || ' with ids of another organization')
FROM gate.operation o JOIN (VALUES ('account.%', '404 account_not_found'), ('integration.%', '404 account_not_found'),
    ('token.issue', '404 account_not_found'), ('token.info', '404 token_not_found'), ('token.rotate', '404 token_not_found'),
    ('token.reset', '404 token_not_found'), ('token.delete', '404 token_not_found'), ('token.remove_secondary', '404 token_not_found')) v(like_, code)
    ON o.name LIKE v.like_
WHERE o.name NOT IN ('account.list', 'account.create') ORDER BY o.name;
SELECT is(t.code('one', 'token.create', jsonb_build_object('body', jsonb_build_object('permission_set', 'viewer', 'resources',
    jsonb_build_object('accounts', jsonb_build_object('ids', jsonb_build_array(:'account')))))), '400 unknown_resource', 'nor narrow to what is not theirs');
SELECT is(t.code('one', 'account.create', '{"body": {"name": "secret"}}'), '200', 'a name in another organization is free');

-- Names in one transaction that are another's must not be found by SQL either.
SELECT t.enter('one', 'account.list', 'call') \g /dev/null
SET LOCAL search_path = public;
SELECT is_empty($$SELECT FROM core.account WHERE organization <> core.this_organization()$$, 'no rows of others: accounts');
SELECT is_empty($$SELECT FROM core.integration$$, 'integrations');
SELECT is_empty($$SELECT FROM token.family_info WHERE organization <> core.this_organization()$$, 'families');
SELECT is_empty($$SELECT FROM core.organization WHERE id <> core.this_organization()$$, 'organizations');
SELECT is_empty($$SELECT FROM connector.ticket$$, 'tickets');
SELECT is_empty($$SELECT FROM core.role WHERE organization <> core.this_organization()$$, 'roles');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
