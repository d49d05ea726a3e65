-- Clients that register themselves, metadata documents, assertions, signing
-- out for a client, and what maintenance forgets.
SELECT * FROM no_plan();
\ir oauth.psql

-- Keys of clients become what the broker verifies with.
CREATE TEMPORARY TABLE key (alg text, jwk jsonb, spki text);
INSERT INTO key VALUES
    ('ES256', '{"kty":"EC","x":"p3Xnp6wiUusinhsjZ-QlmdzC2xrta9ZSTeQ4NjSk5z8","y":"X3tlNh6ohJjKhOWLt2LLKxn9tI7atF3ZDHuK1VFNK1k","crv":"P-256","kid":"ec"}',
     '3059301306072a8648ce3d020106082a8648ce3d03010703420004a775e7a7ac2252eb229e1b2367e42599dcc2db1aed6bd6524de4383634a4e73f5f7b65361ea88498ca84e58bb762cb2b19fdb48edab45dd90c7b8ad5514d2b59'),
    ('EdDSA', '{"crv":"Ed25519","x":"pqa-WanGSXlpSGoQ7_YG5jeYk_0IqbvVEnCbFZumN6g","kty":"OKP","kid":"ed"}',
     '302a300506032b6570032100a6a6be59a9c6497969486a10eff606e6379893fd08a9bbd512709b159ba637a8'),
    ('RS256', '{"kty":"RSA","n":"qHW-l8qbCF88VuFz4e1oQN1q_gmPlgfMyGjnu35kq5Wz8dkT_zpeoH0th07khk3CbmwLR8I03ywomyOJ8LpvgtcRKhCXLgyMaLGmjQ0wtz7Kddb6VccF_LrLC47X4z_M60yCB-noq8y3Iejoht4s-wwHF05BxjmS_oGmKildn3X3OxvJR111fDBPcrRBiiUR32hxq3Aw2y5Yttt7p2orUsbDSqNUhsH3jrz5aL86Oswuc7AwA2YQEGSnx90rSTAaiDzosOwDD_eCKpbqsMgGBJT8WEWft2ERto_id89_-IVHAQYjVXa51nVbSBr9VcOt54JXoxo27zAhNf-CKOuqEQ","e":"AQAB","kid":"rsa"}',
     '30820122300d06092a864886f70d01010105000382010f003082010a0282010100a875be97ca9b085f3c56e173e1ed6840dd6afe098f9607ccc868e7bb7e64ab95b3f1d913ff3a5ea07d2d874ee4864dc26e6c0b47c234df2c289b2389f0ba6f82d7112a10972e0c8c68b1a68d0d30b73eca75d6fa55c705fcbacb0b8ed7e33fcceb4c8207e9e8abccb721e8e886de2cfb0c07174e41c63992fe81a62a295d9f75f73b1bc9475d757c304f72b4418a2511df6871ab7030db2e58b6db7ba76a2b52c6c34aa35486c1f78ebcf968bf3a3acc2e73b0300366101064a7c7dd2b49301a883ce8b0ec030ff7822a96eab0c8060494fc58459fb76111b68fe277cf7ff885470106235576b9d6755b481afd55c3ade78257a31a36ef302135ff8228ebaa110203010001');
SELECT is(encode(lib.jwk_spki(jwk), 'hex'), spki, 'SPKI of a key for ' || alg) FROM key;
SELECT is(lib.jwk_alg(jwk), alg, alg || ' is known by the key') FROM key;
SELECT is(lib.jwk_alg(k::jsonb), NULL, 'no key: ' || left(k, 60)) FROM unnest(ARRAY['{}', '{"kty":"oct","k":"AA"}', '{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}', '{"kty":"EC","crv":"P-384"}',
    '{"kty":"RSA","n":"AQAB","e":"AQAB"}', '{"crv":"Ed25519","x":"pqa-WanGSXlpSGoQ7_YG5jeYk_0IqbvVEnCbFZumN6g","kty":"OKP","use":"enc"}',
    '{"crv":"Ed25519","x":"pqa-WanGSXlpSGoQ7_YG5jeYk_0IqbvVEnCbFZumN6g","kty":"OKP","d":"AA"}', '{"crv":"Ed25519","x":"pqa-WanGSXlpSGoQ7_YG5jeYk_0IqbvVEnCbFZumN6g","kty":"OKP","alg":"HS256"}']) k;

-- Registration.
CREATE OR REPLACE FUNCTION t.register(p_body jsonb, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.oa('{"kind": 0, "operation": "registration.create"}' || jsonb_build_object('args', jsonb_build_object('body', p_body)) || p_more) $$;
SELECT is(t.say(t.register('{"redirect_uris": ["https://c.example/cb"]}')), '401 missing_token', 'with an initial access token alone, unless configured');
UPDATE core.setting SET value = 0 WHERE name = 'registration';
SELECT is(t.say(t.register('{"redirect_uris": ["https://c.example/cb"]}')), '403 registration_off', 'or not at all');
UPDATE core.setting SET value = 2 WHERE name = 'registration';
SELECT t.register('{"redirect_uris": ["http://localhost/callback", "http://127.0.0.1:7777/cb"], "client_name": "Claude", "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token", "implicit"], "response_types": ["code"], "application_type": "native", "scope": "orders:read users:edit"}') AS reg \gset
SELECT is(t.say(:'reg'), '201', 'open: anybody');
SELECT :'reg'::jsonb #>> '{body,client_id}' AS id, :'reg'::jsonb #>> '{fresh,1}' AS token \gset
SELECT is((:'reg'::jsonb -> 'body') - '{client_id,client_id_issued_at,registration_client_uri}'::text[], jsonb_build_object('client_name', 'Claude', 'redirect_uris', '["http://localhost/callback", "http://127.0.0.1:7777/cb"]'::jsonb,
    'token_endpoint_auth_method', 'none', 'grant_types', '["authorization_code", "refresh_token"]'::jsonb, 'response_types', '["code"]'::jsonb, 'application_type', 'native', 'scope', 'email offline_access openid orders:read profile', 'registration_access_token', chr(1) || '4'), 'what was registered is told');
SELECT is(:'reg'::jsonb #>> '{body,registration_client_uri}', 'https://auth.example/oauth/register/' || :'id', 'and where to change it');
SELECT is(t.register('{"redirect_uris": ["https://c.example/cb"]}') #> '{body,client_secret}', to_jsonb(chr(1) || '3'), 'a confidential one has a secret');
SELECT is(t.say(t.register(b::jsonb)), '400 ' || c, 'refused: ' || b) FROM (VALUES
    ('{}', 'invalid_redirect_uri'), ('{"redirect_uris": []}', 'invalid_redirect_uri'), ('{"redirect_uris": "https://x.example"}', 'invalid_redirect_uri'), ('{"redirect_uris": ["javascript:alert(1)"]}', 'invalid_redirect_uri'),
    ('{"redirect_uris": ["data:text/html,x"]}', 'invalid_redirect_uri'), ('{"redirect_uris": ["http://c.example/"]}', 'invalid_redirect_uri'), ('{"redirect_uris": ["https://*.c.example/"]}', 'invalid_redirect_uri'), ('{"redirect_uris": ["https://c.example/#x"]}', 'invalid_redirect_uri'),
    ('{"redirect_uris": ["https://c.example/"], "grant_types": ["password"]}', 'invalid_client_metadata'), ('{"redirect_uris": ["https://c.example/"], "grant_types": ["client_credentials"]}', 'invalid_client_metadata'), ('{"redirect_uris": ["https://c.example/"], "response_types": ["token"]}', 'invalid_client_metadata'),
    ('{"redirect_uris": ["https://c.example/"], "jwks_uri": "http://169.254.169.254/"}', 'invalid_client_metadata'), ('{"redirect_uris": ["https://c.example/"], "client_uri": "javascript:x"}', 'invalid_client_metadata'), ('{"redirect_uris": ["https://c.example/"], "token_endpoint_auth_method": "private_key_jwt"}', 'invalid_client_metadata'),
    ('{"redirect_uris": ["https://c.example/"], "token_endpoint_auth_method": "tls_client_auth"}', 'invalid_client_metadata'), ('{"redirect_uris": ["https://c.example/"], "client_name": "a\u202eb"}', 'invalid_client_metadata'), ('{"redirect_uris": 7}', 'invalid_redirect_uri')) q(b, c);
SELECT is(t.say(t.register(jsonb_build_object('redirect_uris', '["https://c.example/"]'::jsonb, 'x', repeat('x', 20000)))), '400 invalid_client_metadata', 'refused: too long');
CREATE OR REPLACE FUNCTION t.manage(p_operation text, p_id text, p_token text, p_body jsonb DEFAULT '{}', p_path text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.oa(jsonb_build_object('kind', 8, 'client', p_id, 'credential', p_token, 'operation', p_operation, 'args', jsonb_build_object('path', jsonb_build_object('clientId', coalesce(p_path, p_id)), 'body', p_body))) $$;
SELECT is(t.manage('registration.get', :'id', :'token') #>> '{body,client_name}', 'Claude', 'its own token shows it');
SELECT is(t.say(t.manage('registration.get', :'id', 'wrong')), '401 invalid_token', 'another does not');
SELECT is(t.manage('registration.get', :'id', :'token') #>> '{body,registration_access_token}', chr(1) || '3', 'which is given back, beside the answer (RFC 7592 3)');
SELECT is(t.manage('registration.update', :'id', :'token', jsonb_build_object('client_id', :'id', 'redirect_uris', '["https://new.example/"]'::jsonb, 'token_endpoint_auth_method', 'none')) #>> '{body,registration_access_token}', chr(1) || '3', 'also after a change');
SELECT t.register('{"redirect_uris": ["https://d.example/cb"]}') AS reg2 \gset
SELECT is(t.say(t.manage(o, :'id', :'reg2'::jsonb #>> '{fresh,1}')), '401 invalid_token', 'the token of another client: ' || o) FROM unnest('{registration.get,registration.update,registration.delete}'::text[]) o;
SELECT is(t.say(t.manage('registration.delete', :'reg2'::jsonb #>> '{body,client_id}', :'reg2'::jsonb #>> '{fresh,1}', '{}', :'id')), '401 invalid_token', 'nor with another path');
SELECT is(t.manage('registration.update', :'id', :'token', jsonb_build_object('client_id', :'id', 'redirect_uris', '["https://new.example/"]'::jsonb, 'token_endpoint_auth_method', 'none')) #> '{body,redirect_uris}', '["https://new.example/"]', 'it can be changed');
SELECT is(t.say(t.manage('registration.update', :'id', :'token', jsonb_build_object('client_id', :'id', 'redirect_uris', '["https://new.example/"]'::jsonb))), '400 invalid_client_metadata', 'but not become confidential');
SELECT is(t.say(t.manage('registration.update', :'id', :'token', '{"client_id": "gc_otherotherotherother", "redirect_uris": ["https://x.example/"]}')), '400 invalid_client_metadata', 'nor another');
SELECT is(t.say(t.manage('registration.delete', :'id', :'token')), '204', 'and deleted');
SELECT is(t.say(t.manage('registration.get', :'id', :'token')), '401 invalid_token', 'then it is gone');
UPDATE core.setting SET value = 3 WHERE name = 'registration_address';
SELECT is(t.say(t.register('{"redirect_uris": ["https://c.example/cb"]}', '{"peer": "2001:db8::1"}')), CASE WHEN i <= 3 THEN '201' ELSE '429 registration_limit' END, 'a limit for each network') FROM generate_series(1, 4) i;
SELECT is(t.say(t.register('{"redirect_uris": ["https://c.example/cb"]}', '{"peer": "2001:db8::2"}')), '429 registration_limit', 'which IPv6 does not get around');
SELECT is(t.say(t.register('{"redirect_uris": ["https://c.example/cb"]}', '{"peer": "2001:db9::2"}')), '201', 'others may');
UPDATE core.setting SET value = 5 WHERE name = 'registration_total';
SELECT is(t.say(t.register('{"redirect_uris": ["https://c.example/cb"]}', '{"peer": "2001:dba::2"}')), '429 registration_limit', 'until there are too many at all');
UPDATE core.setting SET value = 10000 WHERE name = 'registration_total';
UPDATE core.setting SET value = 60 WHERE name = 'registration_address';
UPDATE oauth.client SET created_at = now() - interval '2 days' WHERE origin = 'dynamic';
INSERT INTO audit.refused_client VALUES (now() - interval '1 year', 'gc_x', NULL, 'x', 'y', 1), (now(), 'gc_x', NULL, 'x', 'y', 1), (now(), 'gc_x', gen_random_uuid(), 'x', 'y', 1);
SELECT gate.maintain() \g /dev/null
SELECT is((SELECT count(*)::int FROM oauth.client WHERE origin = 'dynamic' AND family IS NULL), 0, 'what nobody let in is forgotten');
SELECT is((SELECT array_agg(count)::text FROM audit.refused_client WHERE client = 'gc_x'), '{1,1}', 'and old counts of refused requests');
UPDATE core.setting SET value = 1 WHERE name = 'registration';

-- Metadata documents.
CREATE OR REPLACE FUNCTION t.document(p_more jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT ('{"client_id": "https://app.example/client.json", "client_name": "Doc", "redirect_uris": ["http://localhost/cb"]}'::jsonb || p_more)::text $$;
SELECT is(gate.document_wanted(u, '192.0.2.1'), w, 'to be fetched: ' || u) FROM (VALUES ('https://app.example/client.json', true), ('https://app.example/', false), ('https://app.example', false), ('http://app.example/x', false), ('https://u@app.example/x', false),
    ('https://app.example/x#y', false), ('https://app.example/../x', false), ('gc_x', false), ('https://APP.example/x', false)) q(u, w);
SELECT is(gate.document_store('https://app.example/client.json', s, convert_to(b, 'UTF8'), 300), w, 'not stored: ' || w) FROM (VALUES (0, '', 'it could not be fetched'), (404, '', 'its server answered 404'), (302, '', 'its server answered 302'), (200, 'x', 'it is no JSON'),
    (200, '[]', 'its client_id is not its address'), (200, t.document('{"client_id": "https://app.example/client.json/"}'), 'its client_id is not its address'), (200, t.document('{"client_name": ""}'), 'it has no client_name'),
    (200, t.document(jsonb_build_object('x', repeat('x', 5200))), 'it is longer than 5 KiB'), (200, t.document('{"client_secret": "x"}'), 'it holds a secret'), (200, t.document('{"software_id": "\u00010"}'), 'it holds a control character'), (200, t.document('{"token_endpoint_auth_method": "client_secret_basic"}'), 'token_endpoint_auth_method cannot be client_secret_basic'),
    (200, t.document('{"redirect_uris": ["javascript:x"]}'), 'redirect_uris: "javascript:x" must begin with https://, with http:// and a loopback address, or with a scheme of its own that has a dot (com.example.app:/)'),
    (200, t.document('{"token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [{"kty": "oct", "k": "AA"}]}}'), 'jwks has a private key: send the public one alone')) q(s, b, w);
SELECT is((SELECT expires_at <= now() + interval '60 seconds' FROM oauth.document), true, 'failures are not kept long');
UPDATE oauth.document SET expires_at = now();
SELECT is(gate.document_store('https://app.example/client.json', 200, '\x7b22ff227d', 300), 'it is no JSON', 'bytes that are no UTF-8 are a failure like others');
SELECT is((SELECT expires_at > now() FROM oauth.document), true, 'which is remembered');
UPDATE oauth.document SET expires_at = now();
DELETE FROM core.throttle;
UPDATE core.setting SET value = 3 WHERE name = 'document_address_burst';
UPDATE core.setting SET value = 5 WHERE name = 'document_burst';
SELECT is((SELECT string_agg(CASE WHEN gate.document_wanted('https://victim.example/' || i, p) THEN 'f' ELSE '-' END, '' ORDER BY i)
    FROM generate_series(1, 5) i), w, 'fetches for ' || p) FROM (VALUES ('2001:db8::1', 'fff--'), ('192.0.2.7', 'ff---'), ('192.0.2.8', '-----')) v(p, w);
INSERT INTO oauth.client (id, origin, auth_method, name, used_at) VALUES ('https://used.example/x', 'document', 'none', 'used', now());
SELECT is(gate.document_wanted('https://used.example/x', '2001:db8::1'), true, 'an app that is in use is another matter');
DELETE FROM oauth.client WHERE id = 'https://used.example/x';
UPDATE core.setting SET value = 20 WHERE name = 'document_address_burst';
UPDATE core.setting SET value = 300 WHERE name = 'document_burst';
SELECT is(gate.document_store('https://app.example/client.json', 200, convert_to(t.document(), 'UTF8'), 300), 'stored', 'a good one');
SELECT is(gate.document_wanted('https://app.example/client.json', '192.0.2.1'), false, 'is not fetched again before its time');
SELECT is((SELECT ROW(origin, name, auth_method, organization)::text FROM oauth.client WHERE id = 'https://app.example/client.json'), '(document,Doc,none,)', 'is a client');
SELECT is(t.oa('{"kind": 0, "operation": "authorization.start", "args": {"query": {"client_id": "https://app.example/client.json", "redirect_uri": "http://localhost:5/cb", "response_type": "code", "code_challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "code_challenge_method": "S256"}}}') #>> '{body,view}', 'login', 'that can ask');
SELECT is(t.say(t.oa('{"kind": 0, "operation": "authorization.start", "args": {"query": {"client_id": "https://app.example/client.json/", "redirect_uri": "http://localhost:5/cb", "response_type": "code"}}}')), '400 page_error', 'by exactly that address');

-- Assertions: good for one request, for us alone, for a short time.
SELECT t.result('control', 'organization.create', '{"body": {"name": "jwt"}}') ->> 'id' AS org \gset
INSERT INTO oauth.client (id, organization, origin, auth_method, name, scopes, grant_types, jwks)
SELECT 'gc_assertionassertion', :'org', 'admin', 'private_key_jwt', 'JWT', '{orders:read}', '{client_credentials}', jsonb_build_object('keys', jsonb_agg(jwk)) FROM key;
INSERT INTO token.family (organization, id, kind, name, fullname, scopes, token_ttl, access_expires_at, expires_at, client, client_epoch, audience)
SELECT :'org', gen_random_uuid(), 'client', 'jwt', 'jwt', '{orders:read}', 3600, 'infinity', 'infinity', 'gc_assertionassertion', 1, 12;
UPDATE oauth.client c SET family = f.id FROM token.family f WHERE f.client = c.id;
CREATE OR REPLACE FUNCTION t.b64(p jsonb) RETURNS text LANGUAGE sql AS $$ SELECT lib.base64url(convert_to(p::text, 'UTF8')) $$;
SELECT is((SELECT string_agg(alg || ' ' || encode(spki, 'hex'), ',') FROM gate.assertion_key('gc_assertionassertion', t.b64(jsonb_build_object('alg', k.alg, 'kid', k.jwk ->> 'kid')))), k.alg || ' ' || k.spki, 'the key for a header') FROM key k;
SELECT is((SELECT count(*)::int FROM gate.assertion_key('gc_assertionassertion', t.b64(h::jsonb))), 0, 'no key for ' || h) FROM unnest(ARRAY['{"alg": "none"}', '{"alg": "HS256", "kid": "rsa"}', '{"alg": "ES256", "kid": "rsa"}', '{"alg": "RS256", "kid": "gone"}', '{"alg": "RS256", "crit": ["x"]}', '[]', '7', '{"alg": "RS256", "typ": "at+jwt"}']) h;
SELECT is((SELECT count(*)::int FROM gate.assertion_key('gc_assertionassertion', x)), 0, 'nor for ' || x) FROM unnest('{%%%,eyJ,"''; DROP TABLE x"}'::text[]) x;
CREATE OR REPLACE FUNCTION t.assert(p_more jsonb, p_client text DEFAULT 'gc_assertionassertion') RETURNS text LANGUAGE sql AS $$
	SELECT t.say(t.oa(jsonb_build_object('kind', 7, 'client', p_client, 'credential', 'a.b.c', 'operation', 'token.client_credentials', 'assertion', t.b64(
	    jsonb_strip_nulls(jsonb_build_object('iss', 'gc_assertionassertion', 'sub', 'gc_assertionassertion', 'aud', 'https://auth.example', 'jti', gen_random_uuid(), 'exp', floor(extract(epoch FROM now())) + 60) || p_more))))) $$;
SELECT is(t.assert('{}'), '200', 'an assertion');
SELECT is(t.assert('{"aud": ["https://auth.example"]}'), '200', 'with an audience of one');
SELECT is(t.assert('{"jti": "once"}'), '200', 'once');
SELECT is(t.assert('{"jti": "once"}'), '401 invalid_client', 'and not again');
SELECT is(t.assert(m::jsonb), '401 invalid_client', 'refused: ' || m) FROM unnest(ARRAY['{"aud": "https://auth.example/oauth/token"}', '{"aud": ["https://auth.example", "https://evil.example"]}', '{"aud": []}', '{"aud": null}', '{"iss": "gc_other"}', '{"sub": "gc_other"}',
    '{"exp": 1}', '{"exp": 99999999999}', '{"exp": "soon"}', '{"exp": null}', '{"jti": null}', '{"jti": 7}', '{"jti": ""}', '{"nbf": 99999999999}', '{"iat": 99999999999}', '{"iat": "x"}', '{"exp": 1e400}']) m;
SELECT is(t.assert('{}', 'gc_unknownunknownunknown'), '401 invalid_client', 'of an unknown client');
SELECT is(t.say(t.oa('{"kind": 6, "client": "gc_assertionassertion", "credential": "x", "operation": "token.client_credentials"}')), '401 invalid_client', 'a client with a key has no secret');
SELECT is(t.say(t.oa('{"kind": 6, "client": "gc_assertionassertion", "credential": "", "operation": "token.client_credentials"}')), '401 invalid_client', 'nor goes without');

-- Signing out for a client.
UPDATE oauth.client SET logout_uris = '{https://app.example/bye}' WHERE id = 'gc_assertionassertion';
CREATE OR REPLACE FUNCTION t.bye(p_query jsonb) RETURNS jsonb LANGUAGE sql AS $$ SELECT t.oa('{"kind": 0, "operation": "oauth.end_session"}' || jsonb_build_object('args', jsonb_build_object('query', p_query))) $$;
SELECT is(t.bye('{"client_id": "gc_assertionassertion", "post_logout_redirect_uri": "https://app.example/bye", "state": "x"}') -> 'body', '{"view": "redirect", "redirect_uri": "https://app.example/bye", "parameters": {"state": "x"}}', 'back to a registered address');
SELECT is(t.bye(jsonb_build_object('id_token_hint', 'e30.' || t.b64('{"aud": "gc_assertionassertion"}') || '.x', 'post_logout_redirect_uri', 'https://app.example/bye')) #>> '{body,view}', 'redirect', 'the hint names the client');
SELECT is(t.say(t.bye(q)), '400 page_error', 'not: ' || q::text) FROM unnest(ARRAY['{"client_id": "gc_assertionassertion", "post_logout_redirect_uri": "https://evil.example/"}'::jsonb, '{"post_logout_redirect_uri": "https://app.example/bye"}', '{"id_token_hint": "x.y.z", "post_logout_redirect_uri": "https://app.example/bye"}']) q;
SELECT is(t.bye('{}') -> 'body', '{"view": "done"}', 'without one: done');
SELECT * FROM finish();
