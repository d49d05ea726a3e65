-- Narrowed tokens: fewer scopes, fewer resources, never more.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "nar"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "nar"}}', 'o') ->> 'id' AS family \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "a", "labels": ["gold"]}}') #>> '{account,id}' AS a \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "b", "environment": "test"}}') #>> '{account,id}' AS b \gset
SELECT t.result('o', 'integration.create', format('{"path": {"accountId": "%s"}, "body": {"name": "%s", "provider_config": {"type": "%s"}}}', acc, n, p)::jsonb, acc || n)
FROM (VALUES ('a', 'tix', 'ticketing_mock_ticketing'), ('a', 'sink', 'sink_mock_sink'), ('b', 'tix', 'ticketing_mock_ticketing')) v(acc, n, p) \g /dev/null

CREATE FUNCTION t.narrow(p_from text, p_set text, p_resources jsonb, p_save text, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.call(p_from, 'token.create', jsonb_build_object('body', jsonb_build_object('permission_set', p_set, 'resources', p_resources) || p_more), p_save) $$;
CREATE FUNCTION t.code_of(c jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', c ->> 'status', nullif(c ->> 'code', '')) $$;
CREATE FUNCTION t.names(p_who text, p_list text) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(t.result(p_who, p_list)) e $$;

-- Scopes.
SELECT t.narrow('o', 'viewer', '{}', 'v', '{"name": "view", "token_ttl": "1h"}') AS r \gset
SELECT is(t.code_of(:'r'), '200', 'a viewer''s token');
SELECT is(:'r'::jsonb #>> '{body,result,token_type}', 'adhoc', 'is of type adhoc');
SELECT is(:'r'::jsonb #>> '{body,result,token_ttl}', '1h0m0s', 'with the life that was asked for');
SELECT is(:'r'::jsonb #> '{body,result,primary,access,permissions,adhoc_role}', '{"permission_set": "viewer", "resources": {}}', 'and says what it may do');
SELECT is(:'r'::jsonb #>> '{plan,scope}', 'accounts:view audit:view credentials:view integrations:view members:view organizations:view status:view tokens:view', 'as its claims do');
SELECT is(t.code('v', 'account.list'), '200', 'it sees');
SELECT is(t.code('v', 'account.create', '{"body": {}}'), '403 insufficient_scope', 'and changes nothing');
SELECT is(t.call('v', 'account.create', '{"body": {}}') ->> 'scope', 'accounts:edit', 'the scope that it lacks is named');
SELECT is(t.code_of(t.narrow('o', 'token-issuer', '{}', 'ti')), '200', 'a token issuer');
SELECT is(t.code('ti', 'token.issue', '{"path": {"accountId": "a", "integrationId": "tix"}}'), '200', 'issues tokens, though it sees neither accounts nor integrations by their operations');
SELECT is(t.code('ti', 'account.list'), '403 insufficient_scope', 'which it may not call');
SELECT is(t.code_of(t.narrow('o', 'connect-ui', '{}', 'cu')), '200', 'a connect page');
SELECT is(t.code_of(t.narrow('cu', 'connect-ui', '{}', 'cu2')), '403 insufficient_scope', 'makes no organization tokens');
SELECT is(t.code_of(t.narrow('o', 'administrator', '{}', 'ad')), '200', 'an administrator''s');
SELECT is(t.code_of(t.narrow('o', 'emperor', '{}', 'x')), '400 unknown_permission_set', 'no such set');
SELECT is(t.code('o', 'token.create', '{"body": {"permission_set": "viewer"}}'), '400 invalid_body', 'resources must be given');
SELECT is(t.code_of(t.narrow('o', 'viewer', '{"accounts": {"names": []}}', 'x')), '400 invalid_body', 'unknown restrictions are refused');
SELECT is(t.code_of(t.narrow('o', 'viewer', '{"organizations": {"ids": ["other"]}}', 'x')), '400 unknown_resource', 'another organization');

-- Resources.
SELECT is(t.code_of(t.narrow('o', 'administrator', '{"accounts": {"ids": ["a"]}}', 'ra')), '200', 'one account, by name');
SELECT is(t.names('ra', 'account.list'), 'a', 'only it is seen');
SELECT is(t.names('ra', 'integration.list'), 'sink tix', 'with its integrations');
SELECT is(t.code('ra', 'account.get', '{"path": {"accountId": "b"}}'), '404 account_not_found', 'the other does not exist');
SELECT is(t.code('ra', 'account.create', '{"body": {"name": "c"}}'), '403 restricted_token', 'none can be made');
SELECT is(t.code('ra', 'token.issue', '{"path": {"accountId": "b", "integrationId": "tix"}}'), '404 account_not_found', 'no tokens for the other');
SELECT is((SELECT sqlstate FROM gate.token_issue_batch(
    ARRAY[t.hash((SELECT secret FROM t.credential WHERE name = 'ra'))], '{1}', ARRAY[(SELECT expiry FROM t.credential WHERE name = 'ra')], ARRAY[gen_random_uuid()], '{x}',
    ARRAY[jsonb_build_object('integration', (SELECT id FROM core.integration WHERE account = :'b'))], ARRAY[gen_random_uuid()], ARRAY[sha256('q')],
    ARRAY[floor(extract(epoch FROM now()))::int8 + 60])), 'HT404', 'even if the plan were forged');
SELECT is(t.code_of(t.narrow('o', 'administrator', '{"accounts": {"labels": ["gold"]}}', 'rl')), '200', 'by label');
SELECT is(t.names('rl', 'account.list'), 'a', 'only what has it is seen');
SELECT is(t.code('rl', 'account.create', '{"body": {"name": "g2", "labels": ["gold"]}}'), '200', 'and made');
SELECT is(t.code('rl', 'account.create', '{"body": {"name": "g3"}}'), '403 restricted_token', 'no other');
SELECT is(t.code('rl', 'account.patch', '{"path": {"accountId": "g2"}, "body": [{"op": "remove", "path": "/labels"}]}'), '403 restricted_token', 'nor moved out of sight');
SELECT is(t.code_of(t.narrow('o', 'administrator', '{"accounts": {"labels": ["*"]}}', 'rs')), '200', 'by every label');
SELECT is(t.names('rs', 'account.list'), t.names('o', 'account.list'), 'all are seen, those without labels, too');
SELECT is(t.code_of(t.narrow('o', 'administrator', '{"accounts": {"ids": ["a"], "labels": ["*"], "environments": ["test"]}}', 'rst')), '200', 'by every label and environment');
SELECT is(t.names('rst', 'account.list'), 'b', 'only the environment counts');
SELECT is(t.code_of(t.narrow('o', 'administrator', '{"accounts": {"environments": ["test"]}}', 're')), '200', 'by environment');
SELECT is(t.names('re', 'account.list'), 'b', 'only that is seen');
SELECT is(t.code_of(t.narrow('o', 'administrator', '{"integrations": {"categories": ["sink"]}}', 'rc')), '200', 'by category');
SELECT is(t.names('rc', 'integration.list'), 'sink', 'only that is seen');
SELECT is(t.code('rc', 'integration.create', '{"path": {"accountId": "a"}, "body": {"provider_config": {"type": "siem_mock_siem"}}}'), '403 restricted_token', 'and made');
SELECT is(t.code('rc', 'account.delete', '{"path": {"accountId": "a"}}'), '403 restricted_token', 'an account with others in it cannot be deleted');
SELECT is(t.code('asink', 'sink.event_create', '{"body": []}'), '200', 'and nothing of it was touched');
SELECT is(t.code_of(t.narrow('ra', 'administrator', '{"accounts": {"ids": ["*"]}}', 'rr')), '200', 'narrowed again, to everything');
SELECT is(t.names('rr', 'account.list'), 'a', 'it still is what it was made of');
SELECT is(t.names('ra', 'token.list') ~ :'family', false, 'a narrowed token does not see the organization''s pair');
SELECT is(t.code('ra', 'token.rotate', jsonb_build_object('path', jsonb_build_object('ownerId', 'nar', 'refreshTokenId', :'family'))), '404 token_not_found', 'nor turns it');
SELECT is(t.code_of(t.narrow('o', 'administrator', '{}', 'all', '{"name": "all"}')), '200', 'an unrestricted one');
SELECT is(t.code('all', 'token.rotate', jsonb_build_object('path', jsonb_build_object('ownerId', 'nar', 'refreshTokenId', :'family')), 'o.rot'), '200', 'may: it has all its rights');
INSERT INTO core.permission_set (name, description, scopes) VALUES ('tokens', 'x', '{tokens:view,tokens:edit,tokens:issue}');
SELECT is(t.code_of(t.narrow('o', 'tokens', '{}', 'tok')), '200', 'a token that may only turn tokens');
SELECT is(t.code('tok', 'token.rotate', jsonb_build_object('path', jsonb_build_object('ownerId', 'nar', 'refreshTokenId', :'family'))), '403 insufficient_scope', 'gains no rights by it');
SELECT is(t.code('tok', 'token.reset', jsonb_build_object('path', jsonb_build_object('ownerId', 'nar', 'refreshTokenId', :'family'))), '403 insufficient_scope', 'nor by a reset');

-- Repeats.
SELECT is(t.code_of(t.narrow('o', 'viewer', '{}', 'v2', '{"name": "view", "token_ttl": "1h"}')), '200', 'a repeated create');
SELECT is(t.code('v', 'account.list'), '401 token_revoked', 'ends the first pair');
SELECT is(t.code('v2', 'account.list'), '200', 'and gives a fresh one');
SELECT is(t.code_of(t.narrow('o', 'viewer', '{}', 'v3', '{"name": "view", "token_ttl": "2h"}')), '409 name_taken', 'another body is a clash');

SELECT is(t.code_of(t.narrow('o', 'viewer', '{}', 'brief', '{"name": "brief"}')), '200', 'one that will be over');
UPDATE token.family SET expires_at = now() - interval '1 second' WHERE name = 'brief';
SELECT is(t.code_of(t.narrow('o', 'viewer', '{}', 'brief2', '{"name": "brief", "fullname": "another"}')), '200', 'leaves its name to others');
SELECT is((SELECT string_agg(coalesce(ended_reason, 'alive'), ' ' ORDER BY created_at, ended_at) FROM token.family WHERE name = 'brief'), 'expired alive', 'and is ended');
SELECT is(t.code_of(t.narrow('o', 'viewer', '{}', 'f1', '{"fullname": "Some Title"}')) || t.code_of(t.narrow('o', 'viewer', '{}', 'f2', '{"fullname": "Some Title"}')), '200200', 'one title twice is no clash');

-- What was made with a token ends with its reset or deletion.
SELECT is(t.code_of(t.narrow('all', 'viewer', '{}', 'child')), '200', 'a child');
SELECT is(t.code('child', 'organization.get'), '200', 'works');
SELECT is(t.code('o', 'token.reset', '{"path": {"ownerId": "nar", "refreshTokenId": "all"}}', 'all2'), '200', 'a reset of its parent');
SELECT is(t.code('child', 'organization.get'), '401 token_revoked', 'ends it');
SELECT is(t.code_of(t.narrow('all2', 'administrator', '{}', 'c1')), '200', 'a child');
SELECT is(t.code_of(t.narrow('c1', 'viewer', '{}', 'c2')), '200', 'and a grandchild');
SELECT is(t.code('o', 'token.delete', '{"path": {"refreshTokenId": "all"}}'), '204', 'deletion');
SELECT is(t.code('c1', 'organization.get') || t.code('c2', 'organization.get'), '401 token_revoked401 token_revoked', 'ends both');
SELECT cmp_ok((SELECT expires_at FROM token.family WHERE id = (SELECT family FROM t.credential WHERE name = 'v2.refresh')), '<=',
    (SELECT expires_at FROM token.family WHERE id = :'family'), 'no child outlives its parent''s refresh secret');
SELECT * FROM finish();
ROLLBACK;
