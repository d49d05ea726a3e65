-- One integration never sees what another keeps.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "two"}}') ->> 'id' AS two \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "two"}}', 'two') ->> 'id' AS ftwo \gset
SELECT t.result('two', 'account.create', '{"body": {"name": "secret"}}') #>> '{account,id}' AS account \gset
SELECT t.result('two', 'account.create', '{"body": {"name": "other"}}') #>> '{account,id}' AS other \gset
SELECT t.result('two', 'integration.create', '{"path": {"accountId": "secret"}, "body": {"name": "i", "provider_config": {"type": "ticketing_mock_ticketing"}}}', 'ti') AS i \gset
SELECT t.result('two', 'integration.create', '{"path": {"accountId": "secret"}, "body": {"name": "j", "provider_config": {"type": "ticketing_mock_ticketing"}}}', 'tj') AS j \gset
SELECT t.result('ti', 'ticketing.ticket_create', '{"body": {"name": "mine"}}') ->> 'id' AS ticket \gset
SELECT is(jsonb_array_length(t.result('ti', 'ticketing.ticket_list')), 1, 'an integration sees its tickets');
SELECT is(t.result('tj', 'ticketing.ticket_list'), '[]', 'another of the same account does not');
SELECT is(t.code('tj', 'ticketing.ticket_get', jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'))), '404 ticket_not_found', 'nor by id');
SELECT is(t.code('tj', 'ticketing.ticket_patch', jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'), 'body', '[]'::jsonb)), '404 ticket_not_found', 'nor to change it');
SELECT t.enter('ti', 'ticketing.ticket_create', 'call') \g /dev/null
SET LOCAL search_path = public;
SELECT is((SELECT count(*)::int FROM core.integration), 1, 'an integration token sees its own integration');
SELECT is((SELECT count(*)::int FROM core.account), 1, 'its own account');
SELECT is((SELECT count(*)::int FROM token.family_info), 1, 'its own pair');
SELECT throws_ok(format($$INSERT INTO connector.ticket (organization, integration, id, name, data)
    VALUES (%L, %L, gen_random_uuid(), 'x', '{}')$$, :'two', :'j'::jsonb #>> '{integration,id}'), '42501', NULL, 'and writes for no other');
RESET SESSION AUTHORIZATION;
SELECT t.enter('two', 'account.create', 'call') \g /dev/null
SET LOCAL search_path = public;
SELECT is_empty('SELECT FROM connector.ticket', 'organization tokens see nothing that connectors keep');
RESET SESSION AUTHORIZATION;
SELECT * FROM finish();
ROLLBACK;
