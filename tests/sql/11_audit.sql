-- The audit trail: each write leaves an event, in its own transaction;
-- refusals leave one, too; nobody changes what was written.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "aud"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "aud"}}', 'o') ->> 'id' AS family \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "a"}}') #>> '{account,id}' AS a \gset
SELECT t.result('o', 'integration.create', format('{"path": {"accountId": "a"}, "body": {"name": "%s", "provider_config": %s}}', n, p)::jsonb, n)
FROM (VALUES ('tix', '{"type": "ticketing_mock_ticketing"}'), ('note', '{"type": "notifications_mock_notifications"}'),
    ('siem', '{"type": "siem_mock_siem"}'), ('sink', '{"type": "sink_mock_sink"}'), ('turn', '{"type": "sink_mock_sink"}'), ('store', '{"type": "storage_mock_storage", "bucket": "b"}')) v(n, p) \g /dev/null
SELECT t.result('tix', 'ticketing.ticket_create', '{"body": {"name": "n"}}') ->> 'id' AS ticket \gset
SELECT t.result('note', 'notifications.create', '{"body": {"summary": "s"}}') ->> 'id' AS note \gset
SELECT t.result('o', 'token.create', '{"body": {"name": "adhoc", "permission_set": "viewer", "resources": {}}}', 'adhoc') IS NOT NULL AS made \gset

-- One call of each operation that writes.
CREATE TABLE t.step (n serial, who text, operation text, args jsonb, kind text);
INSERT INTO t.step (who, operation, args, kind) VALUES
    ('control', 'organization.create', '{"body": {"name": "aud2"}}', 'organization'),
    ('control', 'organization.token_create', '{"body": {"organization": "aud"}}', 'token'),
    ('o', 'account.create', '{"body": {"name": "b"}}', 'account'),
    ('o', 'account.update', '{"path": {"accountId": "b"}, "body": {"fullname": "B"}}', 'account'),
    ('o', 'account.patch', '{"path": {"accountId": "b"}, "body": []}', 'account'),
    ('o', 'account.delete', '{"path": {"accountId": "b"}}', 'account'),
    ('o', 'integration.create', '{"path": {"accountId": "a"}, "body": {"name": "i", "provider_config": {"type": "sink_mock_sink"}}}', 'integration'),
    ('o', 'integration.update', '{"path": {"accountId": "a", "integrationId": "i"}, "body": {"provider_config": {"type": "sink_mock_sink"}}}', 'integration'),
    ('o', 'integration.patch', '{"path": {"accountId": "a", "integrationId": "i"}, "body": []}', 'integration'),
    ('o', 'integration.delete', '{"path": {"accountId": "a", "integrationId": "i"}}', 'integration'),
    ('o', 'token.create', '{"body": {"permission_set": "viewer", "resources": {}}}', 'token'),
    ('o', 'token.issue', '{"path": {"accountId": "a", "integrationId": "tix"}}', 'token'),
    ('turn.refresh', 'token.refresh', NULL, 'token'),
    ('turn.refresh', 'token.remove_secondary', NULL, 'token'),
    ('o', 'token.rotate', NULL, 'token'),
    ('o', 'token.reset', NULL, 'token'),
    ('o', 'token.delete', '{"path": {"refreshTokenId": "adhoc"}}', 'token'),
    ('tix', 'ticketing.ticket_create', '{"body": {"name": "n"}}', 'ticket'),
    ('tix', 'ticketing.ticket_patch', NULL, 'ticket'),
    ('note', 'notifications.create', '{"body": {"summary": "s"}}', 'notification'),
    ('note', 'notifications.clear', NULL, 'notification'),
    ('siem', 'siem.event_create', '{"body": [{}]}', 'event'),
    ('siem', 'sink.event_create', '{"body": [{}]}', 'event'),
    ('store', 'storage.file_put', '{"path": {"path": "x"}, "body": {"content": ""}}', 'file'),
    ('store', 'storage.file_delete', '{"path": {"path": "x"}}', 'file');
UPDATE t.step SET who = 'sink' WHERE operation = 'sink.event_create';
UPDATE t.step SET args = jsonb_build_object('path', jsonb_build_object('refreshTokenId', (SELECT refresh_token FROM core.integration WHERE name = 'turn'), 'ownerId', 'turn'))
WHERE operation IN ('token.refresh', 'token.remove_secondary', 'token.rotate', 'token.reset');
UPDATE t.step SET args = jsonb_build_object('path', jsonb_build_object('ticketId', :'ticket'), 'body', '[]'::jsonb) WHERE operation = 'ticketing.ticket_patch';
UPDATE t.step SET args = jsonb_build_object('path', jsonb_build_object('id', :'note')) WHERE operation = 'notifications.clear';
SELECT set_eq('SELECT operation FROM t.step', $$SELECT name FROM gate.operation WHERE class <> 'read'
    AND (kinds && '{organization,integration,refresh}' OR name LIKE 'organization.%') AND NOT kinds && '{session}'$$, 'every operation of tokens that writes is tried here');

CREATE FUNCTION t.leaves(s t.step) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_before int8 := (SELECT coalesce(max(seq), 0) FROM audit.event);
	v_code	text := t.code(s.who, s.operation, s.args, 'x');
	e	audit.event;
BEGIN
	SELECT * INTO e FROM audit.event WHERE seq > v_before AND operation = s.operation AND target_kind = s.kind ORDER BY seq DESC LIMIT 1;
	RETURN concat_ws(' ', CASE WHEN v_code IN ('200', '204') THEN 'ok' ELSE v_code END, e.outcome, e.peer,
	    CASE WHEN e.request_id IS NOT NULL AND e.xid = pg_current_xact_id() THEN 'same' END,
	    CASE WHEN s.who = 'control' THEN e.actor_kind WHEN s.who LIKE '%.refresh' THEN e.actor_kind
	    WHEN e.family IS NOT NULL AND e.actor IS NOT NULL AND e.organization IS NOT NULL THEN 'actor' END);
END $$;
SELECT is(t.leaves(s), 'ok success 192.0.2.1 same ' || CASE WHEN who = 'control' THEN 'control' WHEN who LIKE '%.refresh' THEN 'refresh' ELSE 'actor' END,
    operation || ' leaves an event with actor, family, peer, request and outcome')
FROM t.step s ORDER BY n;
SELECT is((SELECT count(*)::int FROM audit.event WHERE operation = 'account.delete' AND target_kind = 'account' AND status = 204 AND organization = :'org'), 1, 'with the status');

-- A failed write leaves nothing of its own.
SELECT count(*) AS before FROM audit.event \gset
SELECT is(t.code('o', 'account.create', '{"body": {"name": "UP"}}'), '400 invalid_body', 'a refused write');
SELECT is((SELECT count(*) FROM audit.event), :before::int8, 'has no event of its own');

-- Refusals, batched.
INSERT INTO t.credential SELECT 'bad', 1, 'bad', expiry, NULL FROM t.credential WHERE name = 'o';
SELECT gate.refusals(array_agg(sha256(convert_to(c.secret, 'UTF8')) ORDER BY n), array_agg(c.kind ORDER BY n), array_agg(coalesce(c.expiry, 0) ORDER BY n), array_agg(c.family ORDER BY n),
    array_agg(op ORDER BY n), array_agg(gen_random_uuid() ORDER BY n), array_agg(peer ORDER BY n), array_agg('GET'::text ORDER BY n), array_agg('/v1/x'::text ORDER BY n), array_agg(status ORDER BY n), array_agg(code ORDER BY n), NULL, NULL, NULL)
FROM (VALUES (1, 'o', 'account.create', '192.0.2.7', 403, 'insufficient_scope'), (2, 'bad', 'account.list', '192.0.2.8', 401, 'invalid_token'),
    (3, 'bad', 'account.list', '192.0.2.8', 401, 'invalid_token'), (4, 'none', 'account.list', '2001:db8:1:2:3:4:5:6', 401, 'missing_token'),
    (5, 'none', 'no.such', 'not an address', 401, 'missing_token'), (6, 'turn.refresh', 'token.refresh', '192.0.2.9', 401, 'token_revoked'),
    (7, 'control', 'organization.create', '', 409, 'name_taken'), (8, 'x', 'account.create', ':::::', 403, 'x')) v(n, who, op, peer, status, code)
JOIN t.credential c ON c.name = v.who \g /dev/null
SELECT is((SELECT count(*)::int FROM audit.event WHERE outcome = 'refused' AND peer = '192.0.2.7' AND code = 'insufficient_scope' AND organization = :'org' AND family = :'family' AND detail = '{"method": "GET", "path": "/v1/x"}'), 1, 'a refusal of a known credential is an event');
SELECT is((SELECT count(*)::int FROM audit.event WHERE outcome = 'refused' AND actor_kind = 'control' AND code = 'name_taken'), 1, 'so is one of the control socket');
SELECT is((SELECT count FROM audit.unknown_credential WHERE peer = '192.0.2.8' AND code = 'invalid_token'), 2::int8, 'unknown credentials are counted by address and minute');
SELECT is((SELECT count FROM audit.unknown_credential WHERE peer = '2001:db8:1:2::/64'), 1::int8, 'IPv6 by its network');
SELECT is((SELECT count FROM audit.unknown_credential WHERE peer = 'not an address'), 1::int8, 'whatever calls itself an address');
SELECT is((SELECT count FROM audit.unknown_credential WHERE peer = '192.0.2.9'), 1::int8, 'a refresh secret that is no longer the family''s proves nothing');
SELECT is((SELECT count(*)::int FROM audit.event WHERE peer = '192.0.2.8'), 0, 'and store no events');

-- Nobody changes the trail.
SELECT throws_ok(format('SET LOCAL ROLE %I; %s', r, q), '42501', NULL, r || ' may not: ' || q)
FROM unnest(ARRAY['grantd_broker', 'grantd_api', 'grantd_auditor', 'grantd_definer', 'grantd_backup']) r,
    unnest(ARRAY['UPDATE audit.event SET outcome = outcome', 'DELETE FROM audit.event', 'TRUNCATE audit.event']) q;
RESET ROLE;

-- The auditor reads it, without hashes.
SET LOCAL ROLE grantd_auditor;
SELECT isnt_empty('SELECT * FROM audit.recent', 'the auditor sees what happened lately');
SELECT is((SELECT organization FROM audit.recent WHERE target = :'org'), 'aud', 'with the name of the organization');
SELECT cmp_ok((SELECT count(*)::int FROM audit.token_lineage WHERE organization = :'org' AND relation = 'done to it'), '>', 10, 'and the life of each pair');
SELECT cmp_ok((SELECT count(*)::int FROM audit.token_lineage WHERE family = :'family' AND relation = 'done with it'), '>', 10, 'and what was done with it');
SELECT isnt_empty('SELECT family, jti, expires_at FROM token.access_token', 'and which access tokens there are');
SELECT isnt_empty('SELECT * FROM token.family_info', 'and pairs');
SELECT throws_ok('SELECT ' || c || ' FROM ' || r, '42501', NULL, 'the auditor does not see ' || r || '.' || c)
FROM (VALUES ('token.family', 'refresh_hash'), ('token.family', 'secondary_refresh_hash'), ('token.family', 'seed'), ('token.access_token', 'hash'),
    ('core.person', 'password_hash'), ('core.integration', 'provider_config'), ('token.access_token_0', 'jti'), ('connector.ticket', 'name')) v(r, c);
SELECT throws_ok(q, '42501', NULL, 'the auditor may not: ' || q)
FROM unnest(ARRAY['UPDATE core.account SET name = name', 'INSERT INTO core.setting VALUES (''x'', 1, ''x'')', 'SELECT gate.maintain()',
    'DELETE FROM token.family', 'SELECT api.organization_get(NULL)']) q;
RESET ROLE;
SELECT is_empty($$SELECT FROM audit.event WHERE detail::text ~ 'refresh-|access-'$$, 'no event holds a secret');
SELECT * FROM finish();
ROLLBACK;
