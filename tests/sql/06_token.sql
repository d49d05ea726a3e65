-- The life of token pairs.  Units are transactions of their own here.
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "life"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "life"}}', 'l') ->> 'id' AS family \gset
SELECT t.result('l', 'account.create', '{"body": {"name": "a"}}') #>> '{account,id}' AS account \gset
SELECT t.result('l', 'integration.create', '{"path": {"accountId": "a"}, "body": {"name": "i",
    "provider_config": {"type": "ticketing_mock_ticketing"}}}', 'p1') AS i \gset
SELECT :'i'::jsonb #>> '{integration,id}' AS integration, :'i'::jsonb #>> '{integration,refresh_token_id}' AS pair \gset

CREATE FUNCTION t.at(p_id text, p_owner text DEFAULT NULL, p_body jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_strip_nulls(jsonb_build_object('path', jsonb_build_object('refreshTokenId', p_id, 'ownerId', p_owner), 'body', p_body)) $$;
CREATE FUNCTION t.works(VARIADIC p_names text[]) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(CASE t.code(n, 'ticketing.ticket_list') WHEN '200' THEN 'yes' ELSE 'no' END, ' ' ORDER BY o)
	FROM unnest(p_names) WITH ORDINALITY u(n, o) $$;
CREATE FUNCTION t.secret(p_name text) RETURNS text LANGUAGE sql AS $$
	SELECT secret FROM t.credential WHERE name = p_name $$;
-- A read that is kept: the gate may note the use of a successor.
CREATE FUNCTION t.touch(p_credential text, p_operation text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM t.enter(p_credential, p_operation, 'call');
	RESET SESSION AUTHORIZATION;
END $$;

-- Look.
SELECT is(t.result('l', 'organization.get') ->> 'refresh_token_id', :'family', 'the organization knows its own pair');
SELECT is(t.result('l', 'token.info', t.at(:'pair')) - '{created_at,updated_at,expires,primary}'::text[], jsonb_build_object('id', :'pair', 'name', :'pair', 'fullname', :'pair',
    'owner_id', :'integration', 'owner_type', 'integration', 'token_type', 'default', 'token_ttl', '24h0m0s'), 'a pair as documented');
SELECT is(t.result('l', 'token.info', t.at(:'pair')) #>> '{primary,access,secret}', '********', 'secrets are masked');
SELECT is((SELECT count(*)::int FROM jsonb_array_elements(t.result('l', 'token.list'))), 2, 'a list of all pairs');
SELECT is((SELECT count(*)::int FROM jsonb_array_elements(t.result('l', 'token.list', '{"query": {"filter": [{"field": "owner_type", "op": "eq", "value": "organization"}]}}'))), 1, 'and by owner');

-- Refresh: the present pair becomes the secondary.
SELECT t.result('p1.refresh', 'token.refresh', t.at(:'pair'), 'p2') AS r \gset
SELECT is(:'r'::jsonb #>> '{primary,refresh,secret}', chr(1) || '1', 'a refresh shows the new secrets');
SELECT is(:'r'::jsonb #>> '{secondary,access,secret}', '********', 'and the secondary, masked');
SELECT is(t.works('p1', 'p2'), 'yes yes', 'both access tokens work');
SELECT t.result('p1.refresh', 'token.refresh', t.at(:'pair'), 'p2b') AS r2 \gset
SELECT is(t.secret('p2b.refresh'), t.secret('p2.refresh'), 'a repeated refresh gives the same successor');
SELECT isnt(t.secret('p2b'), t.secret('p2'), 'with a fresh access token');
SELECT is(t.works('p1', 'p2', 'p2b'), 'yes yes yes', 'and all of them work');
SELECT t.touch('p2b', 'ticketing.ticket_list') \g /dev/null
SELECT is((SELECT count(*)::int FROM token.successor_use WHERE family = :'pair'), 1, 'the use of the successor is noted');
SELECT t.touch('p2b', 'ticketing.ticket_list') \g /dev/null
SELECT is((SELECT count(*)::int FROM token.successor_use WHERE family = :'pair'), 1, 'once');
SELECT is(t.code('p1.refresh', 'token.refresh', t.at(:'pair')), '403 refresh_superseded', 'then the former secret refreshes no more');
SELECT is(t.works('p1', 'p2', 'p2b'), 'yes yes yes', 'but its access token lives on');
SELECT is(t.code('p1.refresh', 'token.reset', t.at(:'pair', :'integration')), '403 refresh_superseded', 'nor does it reset');
SELECT is(t.code('p2.refresh', 'token.refresh', t.at(:'family')), '404 token_not_found', 'a secret opens no other pair');
SELECT is(t.code('p1.refresh', 'token.remove_secondary', t.at(:'pair')), '204', 'it may remove the secondary');
SELECT is(t.works('p1', 'p2', 'p2b'), 'no yes yes', 'which is its own end');
SELECT is(t.code('p1.refresh', 'token.remove_secondary', t.at(:'pair')), '401 invalid_token', 'and that of its secret');
SELECT is(t.code('p2.refresh', 'token.remove_secondary', t.at(:'pair')), '204', 'removing nothing is no error');
SELECT t.result('p2.refresh', 'token.refresh', t.at(:'pair'), 'p3') IS NOT NULL AS r \gset
SELECT t.result('p3.refresh', 'token.refresh', t.at(:'pair'), 'p4') IS NOT NULL AS r \gset
SELECT is(t.works('p2', 'p3', 'p4'), 'no yes yes', 'the next refresh pushes the secondary out');
UPDATE token.family SET refreshed_at = now() - interval '11 minutes' WHERE id = :'pair';
SELECT is(t.code('p3.refresh', 'token.refresh', t.at(:'pair')), '403 refresh_superseded', 'after the grace nothing is repeated');
SELECT is(t.code('l', 'token.remove_secondary', t.at(:'pair')), '204', 'the organization may remove it, too');
SELECT is(t.works('p3', 'p4'), 'no yes', 'with the same effect');

-- Two at once: the second commit finds the turn done.
SELECT t.read('p4.refresh', 'token.refresh', 'plan', 'SELECT to_jsonb(p) FROM api.token_refresh_plan($1) p', t.at(:'pair')) AS plan \gset
SELECT t.result('p4.refresh', 'token.refresh', t.at(:'pair'), 'p5') IS NOT NULL AS r \gset
BEGIN;
SELECT t.enter('p4.refresh', 'token.refresh', 'commit') \g /dev/null
SELECT status FROM api.token_refresh_commit(format('{"path": {"refreshTokenId": "%s"}}', :'pair')::jsonb, :'plan'::jsonb -> 'carry', gen_random_uuid(),
    sha256('late'), 0, floor(extract(epoch FROM now()))::int8 + 600, sha256(convert_to('anything', 'UTF8')), NULL, NULL) \gset
ROLLBACK;
SELECT is(:'status'::text, '200', 'a refresh that comes second is a repeat');

-- Rotate.
SELECT t.result('l', 'token.rotate', t.at(:'pair', :'integration'), 'p6') AS r \gset
SELECT is(t.works('p5', 'p6'), 'yes yes', 'rotate keeps the former pair as secondary');
SELECT is(t.code('p5.refresh', 'token.refresh', t.at(:'pair')), '403 refresh_superseded', 'whose secret does not refresh: the seed is another');
SELECT is(t.code('l', 'token.rotate', t.at(:'pair', :'org')), '404 token_not_found', 'another owner is not found');
SELECT is(t.code('l', 'token.rotate', t.at(:'pair', 'i')), '200', 'the owner may be named');
SELECT is(t.code('p6.refresh', 'token.rotate', t.at(:'pair', 'i')), '403 wrong_token_kind', 'a refresh secret cannot rotate');

-- Reset.
SELECT t.result('l', 'token.issue', '{"path": {"accountId": "a", "integrationId": "i"}}', 'single') IS NOT NULL AS r \gset
SELECT is(t.works('single'), 'yes', 'a single token');
SELECT t.result('l', 'token.reset', t.at(:'pair', :'integration'), 'p7') AS r \gset
SELECT is(:'r'::jsonb -> 'secondary', NULL, 'reset leaves no secondary');
SELECT is(t.works('p6', 'saved', 'single', 'p7'), 'no no no yes', 'everything older is dead');
SELECT t.result('p7.refresh', 'token.reset', t.at(:'pair', 'i'), 'p8') IS NOT NULL AS r \gset
SELECT is(t.works('p7', 'p8'), 'no yes', 'a refresh secret resets its own pair');
SELECT t.result('l', 'token.reset', t.at(:'family', 'life'), 'l2') IS NOT NULL AS r \gset
SELECT is(t.code('l', 'organization.get'), '401 token_revoked', 'an organization token resets its own pair');
SELECT is(t.code('l2', 'organization.get'), '200', 'and the new one works');

-- Single tokens.
SELECT is(t.call('l2', 'token.issue', '{"path": {"accountId": "a", "integrationId": "i"}, "body": {"token_ttl": "1h30m"}}', 's') #>> '{plan,ttl}', '5400', 'a life of its own');
SELECT is(t.call('l2', 'token.issue', '{"path": {"accountId": "a", "integrationId": "i"}, "body": {}}', 's') #>> '{plan,ttl}', '600', 'ten minutes by default');
SELECT is(t.code('l2', 'token.issue', '{"path": {"accountId": "a", "integrationId": "i"}, "body": {"token_ttl": "24h1s"}}'), '400 invalid_token_ttl', 'not over a day');
SELECT is(t.code('l2', 'token.issue', '{"path": {"accountId": "a", "integrationId": "i"}, "body": {"token_ttl": "soon"}}'), '400 invalid_token_ttl', 'no duration');
SELECT is(t.code('l2', 'token.issue', '{"path": {"accountId": "a", "integrationId": "i"}, "body": {"token_ttl": "0s"}}'), '400 invalid_token_ttl', 'no time at all');
SELECT is(t.code('l2', 'token.issue', '{"path": {"accountId": "a", "integrationId": "nobody"}}'), '404 integration_not_found', 'an unknown integration');
SELECT is(t.works('s'), 'yes', 'it works');
SELECT t.result('p8.refresh', 'token.refresh', t.at(:'pair'), 'p9') IS NOT NULL AS r \gset
SELECT t.result('p9.refresh', 'token.refresh', t.at(:'pair'), 'p10') IS NOT NULL AS r \gset
SELECT is(t.works('s', 'p8'), 'yes no', 'through refreshes, to the end of its own time');

-- Deletion.
SELECT is(t.code('l2', 'token.delete', t.at(:'family')), '400 default_token', 'the organization''s own pair cannot be deleted');
SELECT is(t.code('l2', 'token.delete', t.at(:'pair')), '400 default_token', 'nor an integration''s');
SELECT is((t.result('control', 'organization.token_create', '{"body": {"organization": "life", "name": "more"}}', 'l3') ->> 'name'), 'more', 'a second pair of the organization');
SELECT is(t.code('l2', 'token.delete', t.at('more')), '204', 'can be deleted, by name');
SELECT is(t.code('l3', 'organization.get'), '401 token_revoked', 'which ends it');
SELECT is(t.code('control', 'organization.token_create', '{"body": {"organization": "life", "name": "more"}}', 'l4'), '200', 'and frees its name');
SELECT is(t.code('control', 'organization.token_create', '{"body": {"organization": "life", "name": "more"}}'), '409 name_taken', 'which is taken then');
SELECT is(t.code('control', 'organization.token_create', '{"body": {"organization": "nobody"}}'), '404 organization_not_found', 'an unknown organization');
SELECT is((SELECT count(*)::int FROM token.family WHERE organization = :'org' AND length(refresh_hash) <> 32), 0, 'only hashes are stored');
DROP FUNCTION t.at(text, text, jsonb), t.works(text[]), t.secret(text), t.touch(text, text);
SELECT * FROM finish();
