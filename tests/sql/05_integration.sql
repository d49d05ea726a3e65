-- Integrations and their birth with a token pair.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "int"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "int"}}', 'o') ->> 'id' AS family \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "a"}}') #>> '{account,id}' AS a \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "b"}}') #>> '{account,id}' AS b \gset

CREATE FUNCTION t.make(p_body jsonb, p_account text DEFAULT 'a', p_save text DEFAULT 'i') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.result('o', 'integration.create', jsonb_build_object('path', jsonb_build_object('accountId', p_account), 'body', p_body), p_save) $$;
CREATE FUNCTION t.make_code(p_body jsonb, p_account text DEFAULT 'a') RETURNS text LANGUAGE sql AS $$
	SELECT t.code('o', 'integration.create', jsonb_build_object('path', jsonb_build_object('accountId', p_account), 'body', p_body), 'x') $$;
CREATE FUNCTION t.at(p_id text, p_more jsonb DEFAULT '{}', p_account text DEFAULT 'a') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('path', jsonb_build_object('accountId', p_account, 'integrationId', p_id)) || p_more $$;

SELECT t.make('{"name": "tix", "provider_config": {"type": "ticketing_mock_ticketing", "name": "x"}}') AS r \gset
SELECT is((:'r'::jsonb -> 'integration') - '{id,created_at,updated_at,refresh_token_id}'::text[], jsonb_build_object(
    'name', 'tix', 'fullname', 'tix', 'account_id', :'a', 'category', 'ticketing', 'provider_type', 'ticketing_mock_ticketing',
    'provider_fullname', 'Mock Ticketing', 'provider_config', '{"type": "ticketing_mock_ticketing", "name": "x"}'::jsonb), 'the integration as documented');
SELECT is(:'r'::jsonb #>> '{token,access,secret}', chr(1) || '0', 'the mark of the access token');
SELECT is(:'r'::jsonb #>> '{token,refresh,secret}', chr(1) || '1', 'the mark of the refresh secret');
SELECT is(:'r'::jsonb #> '{token,access,permissions}', jsonb_build_object('id', :'r'::jsonb #> '{integration,refresh_token_id}',
    'resource_id', :'r'::jsonb #> '{integration,id}', 'resource_type', 'integration', 'parent_id', :'a', 'organization_id', :'org',
    'root_organization_id', :'org', 'member_id', '', 'role_binding', '[]'::jsonb), 'what it may open');
SELECT is(t.code('i', 'ticketing.ticket_list'), '200', 'its token works');

-- Configuration.
SELECT is(t.make_code('{}'), '400 invalid_body', 'no configuration');
SELECT is(t.make_code('{"provider_config": {}}'), '400 invalid_body', 'no type');
SELECT is(t.make_code('{"provider_config": {"type": "ticketing_jira"}}'), '400 unknown_provider', 'an unknown type');
SELECT is(t.make_code('{"provider_config": {"type": "storage_mock_storage"}}'), '400 invalid_provider_config', 'a missing member');
SELECT is(t.call('o', 'integration.create', '{"path": {"accountId": "a"}, "body": {"provider_config": {"type": "storage_mock_storage"}}}') ->> 'parameter',
    '/provider_config/bucket', 'is named by its pointer');
SELECT is(t.make_code('{"provider_config": {"type": "sink_mock_sink", "more": 1}}'), '400 invalid_provider_config', 'an unknown member');
SELECT is(t.call('o', 'integration.create', '{"path": {"accountId": "a"}, "body": {"provider_config": {"type": "ticketing_mock_ticketing",
    "custom_field_mappings": [{"name": "a", "provider_field_path": "b"}, {"name": 7, "provider_field_path": ""}]}}}') ->> 'parameter',
    '/provider_config/custom_field_mappings/1/name', 'the first of several, deep inside');
SELECT is(t.make_code('{"provider_config": {"type": "sink_mock_sink"}, "webhook_config": {}}'), '400 unsupported_field', 'what is known and not supported');
SELECT is(t.make_code('{"provider_config": {"type": "sink_mock_sink"}, "name": "wh", "webhook_config": null, "mappings": null}'), '200', 'null is fine');
SELECT is(t.make_code('{"provider_config": {"type": "sink_mock_sink", "destination": "\u00010"}}'), '400 invalid_body', 'a mark of a secret in a body');
SELECT is(t.make_code('{"provider_config": {"type": "sink_mock_sink"}}', 'nobody'), '404 account_not_found', 'an unknown account');

-- Repeats: same ids, fresh pair, the first pair is dead.
SELECT t.make('{"name": "tix", "provider_config": {"type": "ticketing_mock_ticketing", "name": "x"}}', 'a', 'i2') AS r2 \gset
SELECT is(:'r2'::jsonb #> '{integration}', :'r'::jsonb #> '{integration}', 'a repeat gives the same integration');
SELECT is(t.code('i2', 'ticketing.ticket_list'), '200', 'with a fresh token');
SELECT is(t.code('i', 'ticketing.ticket_list'), '401 token_revoked', 'and the first is dead');
SELECT is(t.code('i.refresh', 'token.refresh', '{"path": {"refreshTokenId": "x"}}'), '401 invalid_token', 'its refresh secret, too');
SELECT is(t.make_code('{"name": "tix", "provider_config": {"type": "ticketing_mock_ticketing"}}'), '409 name_taken', 'another body is a clash');
SELECT is(t.make_code('{"name": "tix", "provider_config": {"type": "ticketing_mock_ticketing"}}', 'b'), '200', 'another account is none');
SELECT is(t.code('i2', 'ticketing.ticket_list'), '200', 'a clash leaves the token alone');

-- Verify.
SELECT is(t.call('o', 'integration.verify_new', '{"path": {"accountId": "a"}, "body": {"integration": {"provider_config": {"type": "sink_mock_sink"}}}}'), '{"status": 200, "body": {}}', 'verify');
SELECT is(t.call('o', 'integration.verify_new', '{"path": {"accountId": "a"}, "body": {"integration": {"provider_config": {"type": "x"}}}}') ->> 'parameter',
    '/integration/provider_config/type', 'verify says where');
SELECT is(t.code('o', 'integration.verify', t.at('tix')), '200', 'verify of one that is');
SELECT is(t.code('o', 'integration.verify', t.at('tix', '{"body": {"provider_config": {"type": "ticketing_mock_ticketing", "x": 1}}}')), '400 invalid_provider_config', 'with another body');

-- Lists.
SELECT is((SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(t.result('o', 'integration.list')) e), 'tix tix wh', 'all of the organization');
SELECT is((SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(t.result('o', 'integration.list', '{"path": {"accountId": "b"}}')) e), 'tix', 'of one account');
SELECT is(jsonb_array_length(t.result('o', 'integration.list', '{"query": {"limit": 1}}')), 2, 'equal names share a page');
SELECT is((SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(t.result('o', 'integration.list', '{"query": {"limit": 1, "start_after": "tix"}}')) e), 'wh', 'so that the next begins after them');
SELECT is(t.result('o', 'integration.list', '{"query": {"expand": ["account"], "filter": [{"field": "category", "op": "eq", "value": "sink"}]}}') #>> '{0,account,name}', 'a', 'expand and filter');
SELECT is(t.code('o', 'integration.list', '{"query": {"expand": ["everything"]}}'), '400 invalid_expand', 'an unknown expansion');
SELECT is(t.call('o', 'integration.list', '{"path": {"accountId": "a"}, "query": {"total": true}}') #> '{body,total}', '2', 'total of one account');

-- PUT, PATCH, DELETE.
SELECT t.result('o', 'integration.get', t.at('tix')) AS g \gset
SELECT is(t.result('o', 'integration.update', t.at('tix', jsonb_build_object('body', :'g'::jsonb || '{"fullname": "Tickets"}'))) ->> 'fullname', 'Tickets', 'PUT');
SELECT is(t.code('o', 'integration.update', t.at('tix', '{"body": {"fullname": "x"}}')), '400 invalid_body', 'PUT without configuration');
SELECT is(t.code('o', 'integration.update', t.at('tix', jsonb_build_object('body', :'g'::jsonb || '{"category": "siem"}'))), '400 read_only_field', 'the category cannot be changed');
SELECT is(t.code('o', 'integration.update', t.at('tix', jsonb_build_object('body', :'g'::jsonb || '{"provider_config": {"type": "sink_mock_sink"}}'))), '400 provider_type_changed', 'nor the type');
SELECT is(t.result('o', 'integration.patch', t.at('tix', '{"body": [{"op": "remove", "path": "/provider_config/name"}, {"op": "replace", "path": "/name", "value": "t2"}]}')) -> 'provider_config',
    '{"type": "ticketing_mock_ticketing"}', 'PATCH');
SELECT is(t.code('o', 'integration.get', t.at('tix')), '404 integration_not_found', 'the old name is free');
SELECT is(t.code('o', 'integration.get', t.at('t2', '{}', 'b')), '404 integration_not_found', 'it is not found under another account');
SELECT is(t.code('o', 'integration.delete', t.at('t2')), '204', 'DELETE');
SELECT is(t.code('i2', 'ticketing.ticket_list'), '401 token_revoked', 'ends its tokens at once');
SELECT is(t.code('i2.refresh', 'token.refresh', '{"path": {"refreshTokenId": "x"}}'), '401 token_revoked', 'and its refresh secret');
SELECT t.make('{"name": "again", "provider_config": {"type": "sink_mock_sink"}}', 'a', 'i3') IS NOT NULL AS made \gset
DELETE FROM core.integration WHERE name = 'again';
SELECT is(t.code('i3', 'sink.event_create', '{"body": []}'), '401 token_revoked', 'also when the row is deleted by hand');
SELECT * FROM finish();
ROLLBACK;
