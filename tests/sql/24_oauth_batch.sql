-- Many refreshes and client credentials in one call: each for itself.
SELECT * FROM no_plan();
\ir oauth.psql
INSERT INTO core.organization (id, name, fullname) VALUES ('00000000-0000-7000-8000-000000000101', 'batched', 'Batched');
INSERT INTO core.person (id, email, fullname) VALUES ('00000000-0000-7000-8000-000000000103', 'batch@b', 'A');
INSERT INTO core.member (organization, person) VALUES ('00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-000000000103');
INSERT INTO oauth.client (id, organization, origin, auth_method, name, scopes, grant_types, used_at) VALUES ('gc_batchbatchbatchbat', '00000000-0000-7000-8000-000000000101', 'admin', 'none', 'B', '{openid,email}', '{authorization_code,refresh_token}', now() - interval '1 day'),
    ('gc_otherotherotherothe', '00000000-0000-7000-8000-000000000101', 'admin', 'client_secret_basic', 'O', '{orders:read}', '{client_credentials}', NULL);
INSERT INTO oauth.secret (client, id, hash) VALUES ('gc_otherotherotherothe', gen_random_uuid(), t.hash('secret'));
INSERT INTO oauth.connection (id, person, client, organization, scopes, audience) VALUES ('00000000-0000-7000-8000-000000000104', '00000000-0000-7000-8000-000000000103', 'gc_batchbatchbatchbat', '00000000-0000-7000-8000-000000000101', '{openid,email}', 12);
INSERT INTO token.family (organization, id, kind, token_type, name, fullname, scopes, token_ttl, seed_key, seed, refresh_hash, access_expires_at, expires_at, person, client, client_epoch, connection, audience)
SELECT '00000000-0000-7000-8000-000000000101', f, 'user', 'logon', f::text, 'f', '{openid,email}', 3600, 1, '\x01', t.hash('r1' || f), now(), now() + interval '1 day', '00000000-0000-7000-8000-000000000103', 'gc_batchbatchbatchbat', 1, '00000000-0000-7000-8000-000000000104', 12
FROM unnest('{00000000-0000-7000-8000-000000000111,00000000-0000-7000-8000-000000000112}'::uuid[]) f;
INSERT INTO token.family (organization, id, kind, name, fullname, scopes, token_ttl, access_expires_at, expires_at, client, client_epoch, audience)
VALUES ('00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-000000000113', 'client', 'c', 'c', '{orders:read}', 3600, 'infinity', 'infinity', 'gc_otherotherotherothe', 1, 12);
UPDATE oauth.client SET family = '00000000-0000-7000-8000-000000000113' WHERE id = 'gc_otherotherotherothe';
\set a '00000000-0000-7000-8000-000000000111'
\set b '00000000-0000-7000-8000-000000000112'

-- One row an element: client, credential, secret, family, scope.
CREATE TEMPORARY TABLE ask (n int4, client text, hash bytea, args jsonb, secret bytea, family uuid, generation int4);
INSERT INTO ask VALUES (1, 'gc_batchbatchbatchbat', NULL, '{}', t.hash('r1' || :'a'), :'a', 1), (2, 'gc_batchbatchbatchbat', NULL, '{"body": {"scope": "email"}}', t.hash('r1' || :'a'), :'a', 1), (3, 'gc_unknownunknownunkn', NULL, '{}', t.hash('r1' || :'b'), :'b', 1),
    (4, 'gc_batchbatchbatchbat', NULL, '{"body": {"scope": "orders:read"}}', t.hash('r1' || :'b'), :'b', 1), (5, 'gc_batchbatchbatchbat', NULL, '{}', t.hash('x'), :'b', 0), (6, 'gc_otherotherotherothe', t.hash('secret'), '{}', t.hash('r1' || :'b'), :'b', 1),
    (7, 'gc_batchbatchbatchbat', NULL, '{}', t.hash('r1' || :'b'), :'b', 1), (8, 'gc_batchbatchbatchbat', NULL, '{"body": {"resource": "https://auth.example/mcp"}}', t.hash('r1' || :'a'), :'a', 1);
CREATE TEMPORARY TABLE planned AS
SELECT p.* FROM (SELECT array_agg(client ORDER BY n) c, array_agg(hash ORDER BY n) h, array_agg(args ORDER BY n) a, array_agg(secret ORDER BY n) s, array_agg(family ORDER BY n) f, array_agg(generation ORDER BY n) g FROM ask) x,
    gate.oauth_refresh_plan(c, h, array_fill(6, '{8}'), array_fill(NULL::text, '{8}'), ARRAY(SELECT gen_random_uuid() FROM ask), a, s, f, g) WITH ORDINALITY AS p;
SELECT is((SELECT string_agg(coalesce(code, concat_ws('/', generation, audience, scope)), ', ' ORDER BY ordinality) FROM planned),
    '2/12/email openid, 2/12/email, invalid_client, invalid_scope, invalid_grant, invalid_grant, 2/12/email openid, 2/8/email openid', 'each is planned for itself');
-- The first element's token would end in the past: the next one turns.
CREATE TEMPORARY TABLE stored AS
SELECT p.* FROM (SELECT array_agg(client ORDER BY n) c, array_agg(hash ORDER BY n) h, array_agg(carry ORDER BY n) a, array_agg(t.hash('r2' || p.family) ORDER BY n) r, extract(epoch FROM now())::int8 + 3600 AS e
    FROM planned p JOIN ask ON n = ordinality WHERE sqlstate IS NULL) x,
    gate.oauth_refresh_batch(c, h, '{6,6,6,6}', array_fill(NULL::text, '{4}'), ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 4)), array_fill('192.0.2.1'::text, '{4}'), a, ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 4)),
	ARRAY(SELECT t.hash('a' || i) FROM generate_series(1, 4) i), ARRAY[1, e, e, e], r) WITH ORDINALITY AS p;
SELECT is((SELECT string_agg(coalesce(code, status::text), ', ' ORDER BY ordinality) FROM stored), 'clock_skew, 200, 200, 200', 'and stored for itself');
SELECT is((SELECT string_agg(generation || ' ' || (refresh_hash = t.hash('r2' || id)), ', ' ORDER BY id) FROM token.family WHERE kind = 'user' AND client = 'gc_batchbatchbatchbat'), '2 true, 2 true', 'each family turned once');
SELECT is((SELECT string_agg(concat_ws('/', generation, scopes, audience), ', ' ORDER BY hash = t.hash('a2') DESC, hash = t.hash('a3') DESC) FROM token.access_token WHERE family IN (:'a', :'b')), '2/{email}, 2, 2/8', 'with an access token for each, as narrow as asked');
SELECT is((SELECT string_agg(detail ->> 'how', ', ' ORDER BY seq) FROM audit.event WHERE operation = 'token.oauth_refresh' AND family = :'a'), 'next, repeat', 'and an event');
SELECT is((SELECT used_at > now() - interval '1 minute' FROM oauth.client WHERE id = 'gc_batchbatchbatchbat'), true, 'the client was used');
SELECT is((SELECT used_at > now() - interval '1 minute' FROM oauth.connection WHERE id = '00000000-0000-7000-8000-000000000104'), true, 'the connection, too');

-- Client credentials.
SELECT is((SELECT string_agg(coalesce(code, scope), ', ' ORDER BY ordinality) FROM gate.client_credentials_plan('{gc_otherotherotherothe,gc_otherotherotherothe,gc_batchbatchbatchbat,gc_unknownunknownunkn,gc_otherotherotherothe}', ARRAY[t.hash('secret'), t.hash('wrong'), NULL, NULL, t.hash('secret')],
    '{6,6,6,6,6}', array_fill(NULL::text, '{5}'), ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 5)), ARRAY['{}', '{}', '{}', '{}', '{"body": {"scope": "users:edit"}}']::jsonb[]) WITH ORDINALITY), 'orders:read, invalid_client, unauthorized_client, invalid_client, invalid_scope', 'each is planned for itself');
SELECT is((SELECT string_agg(coalesce(code, status::text), ', ' ORDER BY ordinality) FROM gate.client_credentials_batch('{gc_otherotherotherothe,gc_otherotherotherothe,gc_otherotherotherothe}', ARRAY[t.hash('secret'), t.hash('wrong'), t.hash('secret')],
    '{6,6,6}', array_fill(NULL::text, '{3}'), ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 3)), '{a,b,c}', array_fill('{"ttl": 3600, "scope": "orders:read", "scopes": ["orders:read", "users:edit"], "audience": 255}'::jsonb, '{3}'), ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 3)),
    ARRAY[t.hash('c1'), t.hash('c2'), t.hash('c3')], ARRAY[extract(epoch FROM now()) + 3600, extract(epoch FROM now()) + 3600, 1]::int8[]) WITH ORDINALITY), '200, invalid_client, clock_skew', 'and stored for itself');
SELECT is((SELECT concat_ws('/', scopes, audience) FROM token.access_token WHERE hash = t.hash('c1')), '{orders:read}/12', 'with no more than the client has, whatever was carried');
SELECT * FROM finish();
