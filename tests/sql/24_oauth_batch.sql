-- Many refreshes, client credentials, codes and introspections in one call:
-- each for itself.
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
SELECT p.* FROM (SELECT array_agg(client ORDER BY n) c, array_agg(hash ORDER BY n) h, array_agg(coalesce(carry, '{}')::jsonb ORDER BY n) a, array_agg(t.hash('r2' || p.family) ORDER BY n) r, extract(epoch FROM now())::int8 + 3600 AS e
    FROM planned p JOIN ask ON n = ordinality WHERE sqlstate IS NULL) x,
    gate.oauth_refresh_batch(c, h, '{6,6,6,6}', array_fill(NULL::text, '{4}'), ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 4)), array_fill('192.0.2.1'::text, '{4}'), a, ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 4)),
	ARRAY(SELECT t.hash('a' || i) FROM generate_series(1, 4) i), ARRAY[1, e, e, e], r) WITH ORDINALITY AS p;
SELECT is((SELECT string_agg(coalesce(code, status::text), ', ' ORDER BY ordinality) FROM stored), 'clock_skew, 200, 200, 200', 'and stored for itself');
SELECT is((SELECT string_agg(generation || ' ' || (refresh_hash = t.hash('r2' || id)), ', ' ORDER BY id) FROM token.family WHERE kind = 'user' AND client = 'gc_batchbatchbatchbat'), '2 true, 2 true', 'each family turned once');
SELECT is((SELECT min(expires_at) > now() + interval '89 days' FROM token.family WHERE id IN (:'a', :'b')), true, 'and lives on from then');
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

-- Codes: the first one twice in the same call, one that was used before.
INSERT INTO oauth.code (hash, client, client_epoch, person, organization, connection, session, redirect_uri, redirect_sent, challenge, scopes, audience, auth_time, expires_at, used_at, family)
SELECT t.hash('code' || i), 'gc_batchbatchbatchbat', 1, '00000000-0000-7000-8000-000000000103', '00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-000000000104', gen_random_uuid(), 'https://x.example/', false,
    lib.base64url(t.hash(repeat('v', 43))), '{email,openid}', 12, CASE i WHEN 2 THEN '2040-01-01 00:00:00Z' ELSE now() END, now() + interval '1 hour', CASE i WHEN 3 THEN now() END, CASE i WHEN 3 THEN :'b'::uuid END FROM generate_series(1, 3) i;
CREATE TEMPORARY TABLE redeem (n int4, client text, hash bytea, args jsonb, secret bytea);
INSERT INTO redeem SELECT n, client, hash, jsonb_build_object('body', jsonb_build_object('code_verifier', repeat(v, 43))), t.hash(code) FROM (VALUES
    (1, 'gc_batchbatchbatchbat', NULL, 'v', 'code1'), (2, 'gc_batchbatchbatchbat', NULL, 'v', 'code1'), (3, 'gc_unknownunknownunkn', NULL, 'v', 'code1'), (4, 'gc_otherotherotherothe', t.hash('secret'), 'v', 'code1'),
    (5, 'gc_batchbatchbatchbat', NULL, 'w', 'code2'), (6, 'gc_batchbatchbatchbat', NULL, 'v', 'code2'), (7, 'gc_batchbatchbatchbat', NULL, 'w', 'code3'), (8, 'gc_batchbatchbatchbat', NULL, 'v', 'none')) q(n, client, hash, v, code);
CREATE TEMPORARY TABLE redeemed AS
SELECT p.* FROM (SELECT array_agg(client ORDER BY n) c, array_agg(hash ORDER BY n) h, array_agg(args ORDER BY n) a, array_agg(secret ORDER BY n) s FROM redeem) x,
    gate.redeem_plan(c, h, array_fill(6, '{8}'), array_fill(NULL::text, '{8}'), ARRAY(SELECT gen_random_uuid() FROM redeem), a, s) WITH ORDINALITY AS p;
SELECT is((SELECT string_agg(coalesce(code, concat_ws('/', kind, refresh, audience, scope, id_token)), ', ' ORDER BY ordinality) FROM redeemed),
    '3/1/12/email openid/1, 3/1/12/email openid/1, invalid_client, invalid_grant, invalid_grant, 3/1/12/email openid/1, 12/0, invalid_grant', 'each is planned for itself; a used code has no token');
SELECT is((SELECT auth_time::text FROM redeemed WHERE ordinality = 6), '2208988800', 'who signs in after 2038 may come, too');
CREATE TEMPORARY TABLE got AS
SELECT p.* FROM (SELECT array_agg(client ORDER BY n) c, array_agg(hash ORDER BY n) h, array_agg(coalesce(carry, '{}')::jsonb ORDER BY n) a, array_agg(secret ORDER BY n) s,
	array_agg(CASE WHEN kind = 3 THEN gen_random_uuid() END ORDER BY n) j, array_agg(CASE WHEN kind = 3 THEN t.hash('ra' || n) END ORDER BY n) ah, array_agg(CASE WHEN kind = 3 THEN extract(epoch FROM now())::int8 + 3600 END ORDER BY n) e,
	array_agg(CASE WHEN kind = 3 THEN t.hash('rr' || n) END ORDER BY n) r, array_agg(CASE WHEN kind = 3 THEN '\x01'::bytea END ORDER BY n) sd, array_agg(CASE WHEN kind = 3 THEN 1 END ORDER BY n) sk
    FROM redeemed JOIN redeem ON n = ordinality WHERE sqlstate IS NULL) x,
    gate.redeem_batch(c, h, '{6,6,6,6}', array_fill(NULL::text, '{4}'), ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 4)), array_fill('192.0.2.1'::text, '{4}'), a, s, j, ah, e, r, sd, sk) WITH ORDINALITY AS p;
SELECT is((SELECT string_agg(coalesce(code, status::text), ', ' ORDER BY ordinality) FROM got), '200, 400, 200, 400', 'one of two that come together wins');
SELECT is((SELECT string_agg((ended_reason IS NULL)::text, ', ' ORDER BY refresh_hash = t.hash('rr1') DESC) FROM token.family WHERE refresh_hash IN (t.hash('rr1'), t.hash('rr6'))), 'false, true', 'and the other ends what it got');
SELECT is((SELECT count(*)::int FROM token.family WHERE refresh_hash = t.hash('rr2')), 0, 'and gets nothing');
SELECT is((SELECT ended_reason FROM token.family WHERE id = :'b'), 'its code was redeemed again', 'a replay ends what its code gave before');
SELECT is((SELECT string_agg(outcome, ', ' ORDER BY outcome) FROM audit.event WHERE operation = 'token.redeem' AND client = 'gc_batchbatchbatchbat'), 'refused, refused, success, success', 'all of it is in the audit');

-- Introspection.
SELECT set_config('grantd.issuer', 'https://auth.example', false) AS issuer \gset
INSERT INTO oauth.client (id, organization, origin, auth_method, name) VALUES ('gc_strangestrangestra', NULL, 'dynamic', 'client_secret_basic', 'S');
INSERT INTO oauth.secret (client, id, hash) VALUES ('gc_strangestrangestra', gen_random_uuid(), t.hash('secret'));
CREATE TEMPORARY TABLE told AS
SELECT p.* FROM (SELECT extract(epoch FROM now())::int8 + 3600 AS e) x,
    gate.oauth_introspect('{gc_otherotherotherothe,gc_otherotherotherothe,gc_strangestrangestra,gc_batchbatchbatchbat,gc_unknownunknownunkn,gc_otherotherotherothe}', ARRAY[t.hash('secret'), t.hash('secret'), t.hash('secret'), NULL, NULL, t.hash('secret')], '{6,6,6,6,6,6}',
	array_fill(NULL::text, '{6}'), ARRAY(SELECT gen_random_uuid() FROM generate_series(1, 6)), ARRAY[t.hash('ra6'), t.hash('ra1'), t.hash('ra6'), t.hash('ra6'), t.hash('ra6'), NULL], ARRAY[e, e, e, e, e, 0], array_fill(NULL::uuid, '{6}')) WITH ORDINALITY AS p;
SELECT is((SELECT string_agg(coalesce(code, concat_ws('/', status, body::jsonb ->> 'active', body::jsonb ->> 'scope', body::jsonb ->> 'username')), ', ' ORDER BY ordinality) FROM told),
    '200/true/email openid/batch@b, 200/false, 200/false, unauthorized_client, invalid_client, invalid_request', 'each is told what it may know');
SELECT * FROM finish();
