-- Many mints in one statement: each passes the same checks, failures are data.
BEGIN;
SELECT * FROM no_plan();
SELECT t.result('control', 'organization.create', '{"body": {"name": "bat"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.create', '{"body": {"name": "bat2"}}') ->> 'id' AS org2 \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "bat"}}', 'o') ->> 'id' AS family \gset
SELECT t.result('control', 'organization.token_create', '{"body": {"organization": "bat2"}}', 'p') ->> 'id' AS family2 \gset
SELECT t.result('o', 'account.create', '{"body": {"name": "a"}}') #>> '{account,id}' AS a \gset
SELECT t.result('o', 'integration.create', '{"path": {"accountId": "a"}, "body": {"name": "i", "provider_config": {"type": "sink_mock_sink"}}}', 'i') #>> '{integration,id}' AS i \gset
SELECT t.result('o', 'integration.create', '{"path": {"accountId": "a"}, "body": {"name": "gone", "provider_config": {"type": "sink_mock_sink"}}}', 'g') #>> '{integration,id}' AS gone \gset
SELECT t.code('o', 'integration.delete', '{"path": {"accountId": "a", "integrationId": "gone"}}') \g /dev/null
SELECT t.result('o', 'token.create', '{"body": {"permission_set": "viewer", "resources": {}}}', 'viewer') IS NOT NULL AS made \gset
INSERT INTO t.credential SELECT 'unknown', 1, 'unknown', expiry, NULL FROM t.credential WHERE name = 'o';

CREATE TABLE t.element (n int, who text, integration uuid, ttl int, carry jsonb DEFAULT '{}');
INSERT INTO t.element VALUES (1, 'o', :'i', 600), (2, 'unknown', :'i', 600), (3, 'p', :'i', 600), (4, 'viewer', :'i', 600), (5, 'i', :'i', 600),
    (6, 'none', :'i', 600), (7, 'o', :'gone', 600), (8, 'o', NULL, 600), (9, 'o', :'i', 86400 * 3), (11, 'o.refresh', :'i', 600), (12, 'o', :'i', -86400);
INSERT INTO t.element VALUES (10, 'o', :'i', 86400, '{"detail": {"name": "mine"}}');
SELECT count(*) AS events FROM audit.event \gset
SET LOCAL SESSION AUTHORIZATION DEFAULT;
CREATE TABLE t.result_row AS
SELECT row_number() OVER () AS n, r.* FROM (SELECT array_agg(t.hash(c.secret) ORDER BY n) AS h, array_agg(c.kind ORDER BY n) AS k, array_agg(coalesce(c.expiry, 0) ORDER BY n) AS x,
    array_agg(gen_random_uuid() ORDER BY n) AS q, array_agg('192.0.2.1'::text ORDER BY n) AS p,
    array_agg(e.carry || jsonb_build_object('integration', e.integration) ORDER BY n) AS y, array_agg(gen_random_uuid() ORDER BY n) AS j, array_agg(t.hash('new' || n) ORDER BY n) AS s,
    array_agg(floor(extract(epoch FROM now()))::int8 + ttl ORDER BY n) AS e
    FROM t.element e JOIN t.credential c ON c.name = e.who) z,
    gate.token_issue_batch(z.h, z.k, z.x, z.q, z.p, z.y, z.j, z.s, z.e) r;
SELECT is(concat_ws(' ', r.status, r.sqlstate, r.code), v.want, v.what) FROM (VALUES (1, '200', 'a good one'), (2, '401 OA401 invalid_token', 'an unknown token'),
    (3, '404 HT404 integration_not_found', 'another organization''s integration'), (4, '403 OA403 insufficient_scope', 'a viewer'), (5, '403 OA403 wrong_token_kind', 'an integration token'),
    (6, '401 OA401 missing_token', 'no token'), (7, '404 HT404 integration_not_found', 'a deleted integration'), (8, '404 HT404 integration_not_found', 'none'), (9, '503 HT503 clock_skew', 'a life that the ring does not hold'),
    (10, '200', 'a full life'), (11, '401 OA401 invalid_token', 'a refresh secret'), (12, '503 HT503 clock_skew', 'a life that is over')) v(n, want, what) JOIN t.result_row r USING (n) ORDER BY n;
SELECT is((SELECT count(*)::int FROM t.result_row WHERE (status = 200) <> (body IS NOT NULL)), 0, 'bodies for the good alone');
SELECT is((SELECT body::jsonb #>> '{result,secret}' FROM t.result_row WHERE n = 1), chr(1) || '0', 'with the mark of the secret');
SELECT is((SELECT body::jsonb FROM t.result_row WHERE n = 1), (SELECT jsonb_build_object('result', gate.token_json(chr(1) || '0', t.expires_at, t.organization, f.integration, f.account, f.id, NULL, NULL))
    FROM token.access_token t JOIN token.family f ON f.id = t.family WHERE t.hash = t.hash('new1')), 'the token as elsewhere');
SELECT is((SELECT scope FROM t.result_row WHERE n = 4), 'tokens:issue', 'the scope that lacks is named');
SELECT is((SELECT count(*)::int FROM t.result_row WHERE sqlstate IS NOT NULL AND (message IS NULL OR code IS NULL)), 0, 'each refusal has a text');
SELECT is((SELECT count(*)::int FROM token.access_token WHERE hash IN (SELECT t.hash('new' || n) FROM t.element)), 2, 'the good are stored');
SELECT is((SELECT count(*) - :events FROM audit.event), 2::int8, 'and audited');
SELECT is((SELECT detail ->> 'name' FROM audit.event WHERE operation = 'token.issue' ORDER BY seq DESC LIMIT 1), 'mine', 'with the name that was asked for');
SELECT throws_ok(format($$SELECT * FROM gate.token_issue_batch(ARRAY[%1$L::bytea], '{1}', ARRAY[%2$s::int8], ARRAY[gen_random_uuid()], '{x}', ARRAY['{"integration": "%3$s"}'::jsonb],
    ARRAY[gen_random_uuid()], ARRAY[t.hash('new1')], ARRAY[(SELECT floor(extract(epoch FROM now()))::int8 + 600)])$$,
    t.hash(secret), expiry, :'i'), '23505', NULL, 'a token is stored once') FROM t.credential WHERE name = 'o';
SELECT * FROM finish();
ROLLBACK;
