-- The provider: apps, consent, codes, refresh, revocation, introspection.
SELECT * FROM no_plan();
\ir oauth.psql
UPDATE core.setting SET value = 1000 WHERE name LIKE 'sign_in%burst' \g /dev/null

-- Two people of a shop, one of another, and a session for each.
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
SELECT t.result('control', 'organization.create', '{"body": {"name": "ishop", "fullname": "I Shop"}}') ->> 'id' AS org \gset
SELECT t.result('control', 'organization.create', '{"body": {"name": "other", "fullname": "Other"}}') ->> 'id' AS other \gset
SELECT t.form('control', 'member.create', '{"body": {"email": "admin@ishop", "organization": "ishop", "role": "administrator"}}', '{"new_password": "x"}') #>> '{body,result,id}' AS admin \gset
SELECT t.form('control', 'member.create', '{"body": {"email": "ann@ishop", "organization": "ishop", "role": "member"}}', '{"new_password": "x"}') #>> '{body,result,id}' AS ann \gset
SELECT t.form('control', 'member.create', '{"body": {"email": "eve@other", "organization": "other", "role": "administrator"}}', '{"new_password": "x"}') #>> '{body,result,id}' AS eve \gset
SELECT t.form_code('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', e)), '{"password": "x"}', 'oa.' || split_part(e, '@', 1))
FROM unnest('{admin@ishop,ann@ishop,eve@other}'::text[]) e \g /dev/null
CREATE OR REPLACE FUNCTION t.who(p_name text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('kind', 4, 'credential', secret) FROM t.credential WHERE name = 'oa.' || p_name $$;
CREATE OR REPLACE FUNCTION t.page_of(p_who text, p_operation text, p_args jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.oa(t.who(p_who) || jsonb_build_object('operation', p_operation, 'args', p_args)) $$;

-- An app.
SELECT t.page_of('ann', 'app.create', '{"body": {"name": "My tool", "redirect_uris": "https://tool.example/cb\nhttp://localhost/cb", "scope": ["orders:read", "segments:write", "customers:read"], "required_scope": "orders:read"}}') AS made \gset
SELECT is(t.say(:'made'), '200', 'a person registers an app');
SELECT is(:'made'::jsonb #> '{body,secret}', to_jsonb(chr(1) || '3'), 'its secret is shown once');
SELECT :'made'::jsonb #>> '{body,id}' AS app, :'made'::jsonb #>> '{fresh,0}' AS secret \gset
SELECT matches(:'app'::text, '^gc_[A-Za-z0-9_-]{24}$', 'its id is readable');
SELECT is((SELECT hash FROM oauth.secret WHERE client = :'app'), t.hash(:'secret'), 'only the hash of the secret is stored');
SELECT is((SELECT scopes FROM oauth.client WHERE id = :'app'), '{customers:read,email,offline_access,openid,orders:read,profile,segments:read,segments:write}', 'scopes with what they imply, and who a person is');
SELECT is(t.say(t.page_of('ann', 'app.create', jsonb_build_object('body', jsonb_build_object('name', 'x', 'redirect_uris', u)))), '400 invalid_field', 'no redirect URI: ' || u)
FROM unnest(ARRAY['http://tool.example/cb', 'javascript:alert(1)', 'data:text/html,x', 'https://*.example/cb', 'https://tool.example/cb#x',
    'https://user@tool.example/', 'https://tool.example/../x', 'https://TOOL.example/', 'https://tool.example./', 'http://localhost.evil/',
    'http://127.0.0.1.evil/', 'http://0.0.0.0/', 'http://127.0.0.2/', 'ftp://x/', 'myapp:/cb', 'myapp://cb', 'cursor:/x', 'cursor://', 'xcursor://a', 'javascript://a/%0aalert(1)', 'https:///x', 'https://tool.example\@evil/', 'https://x:0/', 'https://x:99999999/', 'https://x:65536/', 'http://localhost:99999/', 'http://[::1]:70000/x', 'http://127.0.0.1:0/', 'http://127.0.0.1:/',
    'https://tool.example/%2e%2e/x', 'https://tool.example/%zz', '//tool.example', 'file:///etc/passwd', 'http://[::2]/', 'https://tool.exämple/']) u;
SELECT is(lib.scope_words(s), '{a,b:c}', format('scopes: "%s"', s))
FROM unnest(ARRAY['a b:c', 'a  b:c', ' a b:c', 'a b:c  ']) s;
SELECT is(lib.scope_words(s), NULL, format('no scopes: %L', s))
FROM unnest(ARRAY['', ' ', 'a "', 'a\b', E'a\tb', E'a\n', 'ä', repeat('a ', 1001)]) s;
SELECT is(lib.redirect_error(u), NULL, 'a redirect URI: ' || u)
FROM unnest(ARRAY['https://tool.example', 'https://tool.example:8443/a/b?c=d', 'http://127.0.0.1/', 'http://[::1]:5/x', 'http://127.0.0.1:65535', 'https://x:65535/?a=:99999', 'http://localhost:1234/cb', 'com.example.app:/cb', 'com.example.app://cb', 'cursor://anysphere.cursor-mcp/oauth/callback', 'vscode://publisher.extension/cb', 'https://[2001:db8::1]/cb', 'https://xn--exmple-cua.example/']) u;
SELECT is(t.say(t.page_of('ann', 'app.create', '{"body": {"name": "x", "redirect_uris": "https://x.example/", "scope": "users:edit"}}')), '403 insufficient_scope', 'nobody registers what he cannot do');
SELECT is(t.page_of('ann', 'app.create', '{"body": {"name": "x", "redirect_uris": "https://x.example/", "scope": "stores:read", "required_scope": ["stores:read", "orders:read"]}}') #>> '{message}', 'orders:read is ticked as always needed, but not as what it may ask for', 'nor one that needs what it does not ask for');
SELECT is(t.say(t.page_of('ann', 'app.create', jsonb_build_object('body', jsonb_build_object('name', U&'evil\202Etxt', 'redirect_uris', 'https://x.example/')))), '400 invalid_field', 'no names that turn letters around');
SELECT is(t.say(t.page_of('ann', 'app.create', '{"body": {"name": "x"}}')), '400 invalid_field', 'nor apps without an address');
SELECT is(t.say(t.page_of('eve', 'app.show', jsonb_build_object('path', jsonb_build_object('clientId', :'app')))), '404 client_not_found', 'others do not see it');
SELECT is(t.say(t.page_of('eve', 'app.delete', jsonb_build_object('path', jsonb_build_object('clientId', :'app')))), '404 client_not_found', 'nor end it');
SELECT is(t.page_of('ann', 'app.show', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) #>> '{body,client,name}', 'My tool', 'its owner does');
SELECT is(t.page_of('ann', 'app.list') #>> '{body,apps,total}', '1', 'in the list, too');

-- The authorization endpoint.
CREATE OR REPLACE FUNCTION t.verifier() RETURNS text LANGUAGE sql AS $$ SELECT repeat('verifier-', 5) $$;
CREATE OR REPLACE FUNCTION t.ask(p_app text, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_strip_nulls(jsonb_build_object('response_type', 'code', 'client_id', p_app, 'redirect_uri', 'https://tool.example/cb', 'state', 's t&1',
	    'code_challenge', lib.base64url(t.hash(t.verifier())), 'code_challenge_method', 'S256', 'scope', 'openid orders:read segments:write') || p_more) $$;
CREATE OR REPLACE FUNCTION t.start(p_who text, p_query jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.oa(coalesce(t.who(p_who), '{"kind": 0}') || jsonb_build_object('operation', 'authorization.start', 'args', jsonb_build_object('query', p_query))) $$;
CREATE OR REPLACE FUNCTION t.decide(p_who text, p_query jsonb, p_binding text, p_more jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.page_of(p_who, 'authorization.decide', jsonb_build_object('body', p_query || jsonb_build_object('binding', p_binding, 'decision', 'allow') || p_more)) $$;
-- Through consent to a code.
CREATE OR REPLACE FUNCTION t.get_code(p_who text, p_query jsonb, p_grant jsonb DEFAULT NULL) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb := t.start(p_who, p_query);
BEGIN
	IF v #>> '{body,view}' = 'consent' THEN
		v := t.decide(p_who, p_query, v #>> '{body,binding}', jsonb_build_object('grant',
		    coalesce(p_grant, (SELECT jsonb_agg(s ->> 'name') FROM jsonb_array_elements(v #> '{body,scopes}') s))));
	END IF;
	IF v #>> '{body,parameters,code}' IS DISTINCT FROM chr(1) || '3' THEN
		RAISE EXCEPTION 'no code: %', v;
	END IF;
	RETURN v #>> '{fresh,0}';
END $$;
CREATE OR REPLACE FUNCTION t.redeem(p_app text, p_secret text, p_code text, p_more jsonb DEFAULT '{}', p_verifier text DEFAULT t.verifier()) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.oa(jsonb_build_object('kind', 6, 'client', p_app, 'credential', p_secret, 'operation', 'token.redeem', 'secret', p_code,
	    'args', jsonb_build_object('body', jsonb_strip_nulls(jsonb_build_object('code_verifier', p_verifier) || p_more)))) $$;
CREATE OR REPLACE FUNCTION t.renew(p_app text, p_secret text, p_refresh text, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.oa(jsonb_build_object('kind', 6, 'client', p_app, 'credential', p_secret, 'operation', 'token.oauth_refresh', 'secret', p_refresh,
	    'args', jsonb_build_object('body', p_more))) $$;
-- What an access token opens.
CREATE OR REPLACE FUNCTION t.use(p jsonb, p_operation text DEFAULT 'oauth.userinfo') RETURNS text LANGUAGE sql AS $$
	SELECT t.say(t.oa(jsonb_build_object('kind', 1, 'credential', p ->> 'access', 'expiry', p -> 'exp', 'operation', p_operation))) $$;

SELECT is(t.say(t.start('nobody', t.ask(:'app'))), '200 login', 'who is not signed in signs in first');
SELECT is(regexp_replace(t.start('nobody', t.ask(:'app', '{"prompt": "login consent"}')) #>> '{body,return_to}', '[0-9]{16}$', 'T'),
    format('/oauth/authorize?response_type=code&client_id=%s&redirect_uri=https%%3A%%2F%%2Ftool.example%%2Fcb&scope=openid%%20orders%%3Aread%%20segments%%3Awrite&state=s%%20t%%261&code_challenge=%s&code_challenge_method=S256&prompt=consent&max_age=60&login_after=T', :'app', lib.base64url(t.hash(t.verifier()))), 'and comes back to the same request');
SELECT is(t.say(t.start('ann', t.ask(q.app, q.more))), '400 page_error', 'a page, no redirect: ' || q.why)
FROM (VALUES ('unknown client', 'gc_unknownunknownunknown', '{}'::jsonb), ('no client', NULL, '{}'), ('other path', :'app', '{"redirect_uri": "https://tool.example/cb/"}'),
    ('other case', :'app', '{"redirect_uri": "https://tool.example/CB"}'), ('query', :'app', '{"redirect_uri": "https://tool.example/cb?x"}'), ('port', :'app', '{"redirect_uri": "https://tool.example:444/cb"}'),
    ('dot', :'app', '{"redirect_uri": "https://tool.example./cb"}'), ('user', :'app', '{"redirect_uri": "https://a@tool.example/cb"}'), ('fragment', :'app', '{"redirect_uri": "https://tool.example/cb#"}'),
    ('path up', :'app', '{"redirect_uri": "https://tool.example/x/../cb"}'), ('encoded', :'app', '{"redirect_uri": "https://tool.example/%63b"}'), ('none of several', :'app', '{"redirect_uri": null}'),
    ('loopback elsewhere', :'app', '{"redirect_uri": "http://127.0.0.1/cb"}'), ('localhost.evil', :'app', '{"redirect_uri": "http://localhost.evil/cb"}'), ('port and user', :'app', '{"redirect_uri": "http://localhost:1@evil/cb"}'),
    ('loopback path', :'app', '{"redirect_uri": "http://localhost:1/cb2"}')) q(why, app, more);
SELECT is(t.say(t.start('ann', t.ask(:'app', '{"redirect_uri": "http://localhost:33418/cb"}'))), '200 consent', 'any port of a loopback');
SELECT is(t.start('ann', t.ask(:'app', '{"redirect_uri": "http://localhost:33418/cb"}')) #>> '{body,form_action}', 'http://localhost:33418', 'and the page may go there');
SELECT is(t.start('ann', t.ask(:'app', q.more)) #>> '{body,parameters,error}', q.error, 'an error of the app''s: ' || q.more::text)
FROM (VALUES ('{"response_type": "token"}'::jsonb, 'unsupported_response_type'), ('{"response_type": "code id_token"}', 'unsupported_response_type'), ('{"response_type": null}', 'invalid_request'),
    ('{"code_challenge": null}', 'invalid_request'), ('{"code_challenge": null, "code_challenge_method": null}', 'invalid_request'), ('{"code_challenge_method": "plain"}', 'invalid_request'),
    ('{"code_challenge_method": null}', 'invalid_request'), ('{"code_challenge": "short"}', 'invalid_request'), ('{"response_mode": "fragment"}', 'invalid_request'), ('{"request": "x"}', 'request_not_supported'),
    ('{"nonce": "a\"b"}', 'invalid_request'), ('{"prompt": "none login"}', 'invalid_request'), ('{"max_age": "x"}', 'invalid_request'), ('{"scope": "users:edit"}', 'invalid_scope'), ('{"scope": "a\u0009b"}', 'invalid_scope'),
    ('{"resource": "https://evil.example"}', 'invalid_target'), ('{"resource": ["https://auth.example/mcp", "https://auth.example/v1"]}', 'invalid_target'), ('{"prompt": "none"}', 'consent_required')) q(more, error);
SELECT is(t.start('ann', t.ask(:'app', '{"response_type": "token"}')) #>> '{body,view}', 'leave', 'an app that was never let in cannot send people on with an error');
SELECT is(t.start('ann', t.ask(:'app', '{"response_type": "token"}')) #> '{body,parameters}' ->> k, v, 'an error has ' || k) FROM (VALUES ('iss', 'https://auth.example'), ('state', 's t&1')) x(k, v);
SELECT is(t.start('nobody', t.ask(:'app', '{"prompt": "none"}')) #>> '{body,parameters,error}', 'login_required', 'prompt none without a session');
SELECT is(t.say(t.start('ann', t.ask(:'app', '{"max_age": "0"}'))), '200 login', 'max_age asks for the password again');
SELECT is(t.say(t.start('ann', t.ask(:'app', '{"prompt": "login"}'))), '200 login', 'prompt login, too');

-- Consent.
SELECT t.start('ann', t.ask(:'app')) AS page \gset
SELECT is(:'page'::jsonb #>> '{body,redirect_host}', 'tool.example', 'the page says where the person goes');
SELECT is((SELECT string_agg(concat_ws(' ', s ->> 'name', CASE WHEN (s ->> 'required')::boolean THEN 'required' END), ', ' ORDER BY s ->> 'name') FROM jsonb_array_elements(:'page'::jsonb #> '{body,scopes}') s),
    'openid required, orders:read required, segments:write', 'what it can do, and what it cannot live without');
SELECT is(t.say(t.decide('ann', t.ask(:'app', q.more), :'page'::jsonb #>> '{body,binding}', '{"grant": ["segments:write"]}')), '400 page_error', 'a decision for another request: ' || q.more::text)
FROM (VALUES ('{"scope": "openid customers:read"}'::jsonb), ('{"state": "x"}'), ('{"redirect_uri": "http://localhost:1/cb"}'), ('{"code_challenge": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}')) q(more);
SELECT is(t.say(t.decide('admin', t.ask(:'app'), :'page'::jsonb #>> '{body,binding}', '{}')), '400 page_error', 'or of another person');
SELECT is(t.say(t.oa(t.who('ann') || jsonb_build_object('csrf', 'none', 'operation', 'authorization.decide', 'args', jsonb_build_object('body', t.ask(:'app') || jsonb_build_object('binding', :'page'::jsonb #>> '{body,binding}', 'decision', 'allow'))))), '403 csrf_failed', 'or without the token of the form');
SELECT is(t.decide('ann', t.ask(:'app'), :'page'::jsonb #>> '{body,binding}', '{"decision": "deny"}') #>> '{body,parameters,error}', 'access_denied', 'the person may say no');
SELECT is((SELECT count(*)::int FROM oauth.connection), 0, 'and nothing is left of it');
SELECT t.decide('ann', t.ask(:'app'), :'page'::jsonb #>> '{body,binding}', '{"grant": ["customers:read", "users:edit"]}') AS said \gset
SELECT is((SELECT scopes FROM oauth.connection WHERE client = :'app'), '{openid,orders:read}', 'no more than the page showed is given, and what is required');
SELECT is((SELECT declined FROM oauth.connection WHERE client = :'app'), '{segments:write}', 'what was unticked is remembered');
SELECT t.redeem(:'app', :'secret', :'said'::jsonb #>> '{fresh,0}') AS first \gset
SELECT is(t.say(:'first'), '200', 'the code is redeemed');
SELECT is(:'first'::jsonb -> 'body', jsonb_build_object('access_token', chr(1) || '0', 'token_type', 'Bearer', 'expires_in', 3600, 'refresh_token', chr(1) || '1', 'scope', 'openid orders:read', 'id_token', chr(1) || '2'), 'as RFC 6749 says');
SELECT is(:'first'::jsonb ->> 'audience', '12', 'for api and mcp');
SELECT is(t.say(t.start('ann', t.ask(:'app'))), '200 redirect', 'the same again asks nobody');
SELECT is(t.say(t.start('ann', t.ask(:'app', '{"prompt": "none"}'))), '200 redirect', 'not even with prompt none');
SELECT is(t.start('ann', t.ask(:'app', '{"response_type": "token"}')) #>> '{body,view}', 'redirect', 'and now an error goes by redirect');
SELECT is(t.say(t.start('ann', t.ask(:'app', '{"prompt": "consent"}'))), '200 consent', 'prompt consent does ask');
SELECT is(t.say(t.start('ann', t.ask(:'app', '{"scope": "orders:read customers:read"}'))), '200 consent', 'what is new is asked for');
SELECT is((SELECT string_agg(s ->> 'name', ',') FROM jsonb_array_elements(t.start('ann', t.ask(:'app', '{"scope": "orders:read customers:read"}')) #> '{body,scopes}') s WHERE (s ->> 'granted')::boolean), 'orders:read', 'the page knows what was allowed before');
SELECT t.redeem(:'app', :'secret', t.get_code('ann', t.ask(:'app', '{"scope": "openid"}'))) #>> '{body,scope}' AS less \gset
SELECT is(:'less'::text, 'openid', 'who asks for less gets less');

-- Attacks on codes.
SELECT t.page_of('eve', 'app.create', '{"body": {"name": "Evil", "redirect_uris": "https://tool.example/cb", "kind": "public", "scope": ["orders:read"]}}') #>> '{body,id}' AS evil \gset
SELECT t.get_code('ann', t.ask(:'app')) AS code \gset
SELECT is(t.say(t.redeem(:'evil', '', :'code')), '400 invalid_grant', 'a code of one client at another');
SELECT is(t.say(t.redeem(:'app', 'wrong', :'code')), '401 invalid_client', 'a wrong secret');
SELECT is(t.say(t.redeem(:'app', '', :'code')), '401 invalid_client', 'an empty secret of a confidential client');
SELECT is(t.say(t.redeem(:'evil', 'x', :'code')), '401 invalid_client', 'a secret of a public client');
SELECT is(t.say(t.redeem('gc_nobodynobodynobody', 'x', :'code')), '401 invalid_client', 'a client that nobody knows');
SELECT is(t.redeem('gc_nobodynobodynobody', 'x', :'code'), t.redeem(:'app', 'wrong', :'code'), 'is refused in the same words');
SELECT is(t.say(t.redeem(:'app', :'secret', :'code', '{}', v)), '400 invalid_grant', 'code injection, verifier ' || coalesce(v, 'missing'))
FROM unnest(ARRAY[NULL, 'another-verifier-that-is-long-enough-for-the-rule', 'short', repeat('x', 129)]) v;
SELECT is(t.say(t.redeem(:'app', :'secret', :'code', '{"redirect_uri": "http://localhost/cb"}')), '400 invalid_grant', 'another redirect_uri');
SELECT is(t.say(t.redeem(:'app', :'secret', :'code', '{"resource": "https://evil.example"}')), '400 invalid_target', 'another resource');
SELECT is(t.say(t.redeem(:'app', :'secret', 'gac_unknown')), '400 invalid_grant', 'a code that nobody knows');
SELECT t.redeem(:'app', :'secret', :'code', '{"redirect_uri": "https://tool.example/cb", "resource": "https://AUTH.example/mcp/"}') AS ok \gset
SELECT is(t.say(:'ok'), '200', 'none of these used it up');
SELECT is(:'ok'::jsonb ->> 'audience', '8', 'with resource for mcp alone');
SELECT is(t.use(:'ok'), '200', 'the token opens userinfo');
SELECT is(t.say(t.redeem(:'app', :'secret', :'code')), '400 invalid_grant', 'a second redemption');
SELECT is(t.use(:'ok'), '401 token_revoked', 'kills what the first one gave');
SELECT is(t.say(t.renew(:'app', :'secret', :'ok'::jsonb ->> 'refresh')), '400 invalid_grant', 'all of it');
SELECT is((SELECT ROW(outcome, code, client, person = :'ann')::text FROM audit.event WHERE operation = 'token.redeem' ORDER BY seq DESC LIMIT 1), format('(refused,invalid_grant,%s,t)', :'app'), 'and leaves an event');
SELECT t.get_code('ann', t.ask(:'app')) AS code \gset
UPDATE oauth.code SET expires_at = now() WHERE hash = t.hash(:'code');
SELECT is(t.say(t.redeem(:'app', :'secret', :'code')), '400 invalid_grant', 'a code that is too old');
SELECT t.get_code('ann', t.ask(:'app')) AS code \gset
UPDATE core.session SET ended_at = now() WHERE person = :'ann';
SELECT is(t.say(t.redeem(:'app', :'secret', :'code')), '400 invalid_grant', 'a code of somebody who signed out');
UPDATE core.session SET ended_at = NULL WHERE person = :'ann';
UPDATE oauth.client SET pkce_required = false WHERE id = :'app';
SELECT t.get_code('ann', t.ask(:'app', '{"code_challenge": null, "code_challenge_method": null}')) AS code \gset
SELECT is(t.say(t.redeem(:'app', :'secret', :'code')), '400 invalid_grant', 'a verifier where no challenge was');
SELECT is(t.say(t.redeem(:'app', :'secret', :'code', '{}', NULL)), '400 invalid_grant', 'without both');
SELECT is(t.say(t.redeem(:'app', :'secret', :'code', '{"redirect_uri": "https://tool.example/cb"}', NULL)), '200', 'old software without PKCE');
SELECT is(t.start('ann', t.ask(:'app', '{"code_challenge_method": "plain"}')) #>> '{body,parameters,error}', 'invalid_request', 'but never plain');
UPDATE oauth.client SET pkce_required = true WHERE id = :'app';

-- Refresh.
SELECT t.redeem(:'app', :'secret', t.get_code('ann', t.ask(:'app', '{"scope": "openid email orders:read", "prompt": "consent"}'))) AS r1 \gset
SELECT is(t.say(t.renew(:'evil', '', :'r1'::jsonb ->> 'refresh')), '400 invalid_grant', 'a refresh token of another client');
SELECT is(t.say(t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh', '{"scope": "openid segments:write"}')), '400 invalid_scope', 'with a wider scope');
SELECT is(t.say(t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh', '{"resource": "https://auth.example/v1"}')), '400 invalid_target', 'with another resource');
SELECT t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh') AS r2 \gset
SELECT is(t.say(:'r2'), '200', 'refresh');
SELECT is(:'r2'::jsonb -> 'body' ? 'id_token', false, 'without an ID token');
SELECT t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh') AS again \gset
SELECT is(:'again'::jsonb ->> 'refresh', :'r2'::jsonb ->> 'refresh', 'again: the same successor');
SELECT is(t.use(:'r1'), '200', 'the former access token still works');
SELECT is(t.use(:'r2'), '200', 'the new one, too');
SELECT is(t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh') ->> 'refresh', :'r2'::jsonb ->> 'refresh', 'some seconds after that is still a race of windows');
SELECT t.renew(:'app', :'secret', :'r2'::jsonb ->> 'refresh', '{"scope": "openid"}') AS r3 \gset
SELECT is(:'r3'::jsonb #>> '{body,scope}', 'openid', 'less for one access token');
SELECT is(t.renew(:'app', :'secret', :'r3'::jsonb ->> 'refresh') #>> '{body,scope}', 'email openid orders:read', 'and all again for the next');
SELECT is(t.say(t.renew(:'app', :'secret', regexp_replace(:'r1'::jsonb ->> 'refresh', '.$', 'x'))), '401 invalid_token', 'a forged old one does no harm');
SELECT is(t.use(:'r3'), '200', 'none at all');
SELECT is(t.say(t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh')), '400 invalid_grant', 'one from long ago is a theft');
SELECT is(t.use(:'r3'), '401 token_revoked', 'and the family ends');
SELECT is((SELECT code FROM audit.event WHERE operation = 'token.oauth_refresh' ORDER BY seq DESC LIMIT 1), 'invalid_grant', 'with an event');
SELECT t.redeem(:'app', :'secret', t.get_code('ann', t.ask(:'app'))) AS r1 \gset
SELECT t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh') AS r2 \gset
UPDATE token.family SET refreshed_at = now() - interval '1 minute' WHERE id = (:'r1'::jsonb ->> 'family')::uuid;
SELECT is(t.say(t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh')), '200', 'an answer that was lost a minute ago');
INSERT INTO token.successor_use SELECT organization, id, generation FROM token.family WHERE id = (:'r1'::jsonb ->> 'family')::uuid;
SELECT is(t.say(t.renew(:'app', :'secret', :'r1'::jsonb ->> 'refresh')), '400 invalid_grant', 'but not when its successor is in use');
SELECT is(t.use(:'r2'), '401 token_revoked', 'the family ends');

-- What a person is, and what is left of it.
SELECT t.redeem(:'app', :'secret', t.get_code('ann', t.ask(:'app', '{"scope": "openid email orders:read segments:write", "prompt": "consent"}'))) AS tok \gset
SELECT is(t.oa(jsonb_build_object('kind', 1, 'credential', :'tok'::jsonb ->> 'access', 'expiry', :'tok'::jsonb -> 'exp', 'operation', 'oauth.userinfo')) -> 'body', jsonb_build_object('sub', :'ann', 'email', 'ann@ishop', 'email_verified', false), 'userinfo tells what was allowed');
SELECT is(t.use(:'tok', 'account.list'), '403 wrong_token_kind', 'a person''s token does not open the management API');
SELECT is(t.use(:'tok' , 'siem.event_list'), '403 wrong_token_kind', 'nor the connectors');
SELECT is(t.say(t.oa(jsonb_build_object('kind', 1, 'credential', x, 'expiry', :'tok'::jsonb -> 'exp', 'operation', 'oauth.userinfo'))), '401 invalid_token', 'a refresh token or code is no access token')
FROM unnest(ARRAY[:'tok'::jsonb ->> 'refresh', :'code']) x;
SELECT is(t.say(t.oa(jsonb_build_object('kind', 2, 'credential', :'tok'::jsonb ->> 'refresh', 'operation', 'token.refresh'))), '401 invalid_token', 'and its refresh token is none of the management API');
INSERT INTO gate.operation (name, kinds, scope, class, timeout_ms, description, door) VALUES
    ('test.api', '{user,client}', 'segments:read', 'read', 1000, 'x', 4), ('test.mcp', '{user,client}', 'segments:read', 'read', 1000, 'x', 8);
INSERT INTO t.statement SELECT o, 'read', 'jsonb', '', 'SELECT 200 AS status, ''{}''::text AS body FROM (SELECT $1) x' FROM unnest('{test.api,test.mcp}'::text[]) o;
SELECT is(t.use(:'tok', 'test.api'), '200', 'a broader scope opens the narrower door');
SELECT t.redeem(:'app', :'secret', t.get_code('ann', t.ask(:'app', '{"resource": "https://auth.example/mcp", "scope": "segments:write"}'))) AS mcp \gset
SELECT is(t.use(:'mcp', 'test.mcp'), '200', 'a token for mcp at mcp');
SELECT is(t.use(:'mcp', 'test.api'), '401 wrong_audience', 'and at api');
SELECT is(t.say(t.renew(:'app', :'secret', :'mcp'::jsonb ->> 'refresh', '{"resource": "https://auth.example/api"}')), '400 invalid_target', 'refreshing does not change that');
SELECT is(t.say(t.start('ann', t.ask(:'app', '{"resource": "https://auth.example/api", "scope": "segments:write"}'))), '200 redirect', 'consent was for both');
UPDATE core.role SET scopes = array_remove(scopes, 'segments:read') WHERE organization = :'org' AND name = 'member';
SELECT is(t.use(:'mcp', 'test.mcp'), '403 insufficient_scope', 'a role that changes narrows living tokens at once');
UPDATE core.role SET scopes = scopes || 'segments:read'::text WHERE organization = :'org' AND name = 'member';
SELECT is(t.use(:'mcp', 'test.mcp'), '200', 'and back');

-- Introspection and revocation.
SELECT t.page_of('admin', 'client_admin.create', '{"body": {"name": "Service", "service": "1", "scope": ["orders:read", "segments:write"]}}') AS made \gset
SELECT is(t.say(:'made'), '200', 'an administrator makes a client for a service');
SELECT :'made'::jsonb #>> '{body,id}' AS svc, :'made'::jsonb #>> '{fresh,0}' AS svcsecret \gset
SELECT t.page_of('eve', 'client_admin.create', '{"body": {"name": "Service", "service": "1", "scope": ["orders:read"]}}') AS made \gset
SELECT :'made'::jsonb #>> '{body,id}' AS foreign, :'made'::jsonb #>> '{fresh,0}' AS foreignsecret \gset
CREATE OR REPLACE FUNCTION t.client(p_app text, p_secret text, p_operation text, p_token text, p_exp text DEFAULT '0', p_body jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.oa(jsonb_build_object('kind', 6, 'client', p_app, 'credential', p_secret, 'operation', p_operation, 'secret', p_token, 'secret_expiry', p_exp, 'args', jsonb_build_object('body', p_body))) $$;
SELECT t.client(:'svc', :'svcsecret', 'oauth.introspect', :'tok'::jsonb ->> 'access', :'tok'::jsonb ->> 'exp') -> 'body' AS told \gset
SELECT is(:'told'::jsonb - '{exp,jti,aud}'::text[], jsonb_build_object('active', true, 'scope', 'email openid orders:read segments:write', 'client_id', :'app', 'username', 'ann@ishop', 'token_type', 'Bearer', 'sub', :'ann', 'iss', 'https://auth.example', 'org', :'org'), 'introspection by a client of the organization');
UPDATE oauth.client SET origin = 'user' WHERE id = :'svc';
SELECT is(t.client(:'svc', :'svcsecret', 'oauth.introspect', :'tok'::jsonb ->> 'access', :'tok'::jsonb ->> 'exp') -> 'body', '{"active": false}', 'by an app that a person registered in it');
UPDATE oauth.client SET origin = 'admin' WHERE id = :'svc';
SELECT t.redeem(:'app', :'secret', t.get_code('ann', t.ask(:'app', '{"scope": "segments:write"}'))) AS nameless \gset
SELECT is(t.client(:'svc', :'svcsecret', 'oauth.introspect', :'nameless'::jsonb ->> 'access', :'nameless'::jsonb ->> 'exp') -> 'body' ->> 'username', NULL, 'an address that the token may not ask for is not told');
SELECT is(t.client(:'svc', :'svcsecret', 'oauth.introspect', :'nameless'::jsonb ->> 'access', :'nameless'::jsonb ->> 'exp') -> 'body' ->> 'sub', :'ann', 'who it is is');
SELECT is(t.client(:'foreign', :'foreignsecret', 'oauth.introspect', :'tok'::jsonb ->> 'access', :'tok'::jsonb ->> 'exp') -> 'body', '{"active": false}', 'by a foreign one');
SELECT is(t.client(:'svc', :'svcsecret', 'oauth.introspect', 'unknown', '99') -> 'body', '{"active": false}', 'of an unknown token: the same');
SELECT is(t.say(t.client(:'evil', '', 'oauth.introspect', :'tok'::jsonb ->> 'access', :'tok'::jsonb ->> 'exp')), '403 unauthorized_client', 'by a public client');
SELECT is(t.say(t.client(:'svc', 'x', 'oauth.introspect', 'x')), '401 invalid_client', 'without a secret');
SELECT is(t.say(t.client(:'foreign', :'foreignsecret', 'oauth.revoke', x, :'tok'::jsonb ->> 'exp')), '200', 'revocation of another client''s token says nothing')
FROM unnest(ARRAY[:'tok'::jsonb ->> 'access', :'tok'::jsonb ->> 'refresh', 'unknown']) x;
SELECT is(t.use(:'tok'), '200', 'and does nothing');
SELECT is(t.say(t.client(:'app', :'secret', 'oauth.revoke', :'tok'::jsonb ->> 'access', :'tok'::jsonb ->> 'exp', '{"token_type_hint": "refresh_token"}')), '200', 'of the own one, with a wrong hint');
SELECT is(t.use(:'tok'), '401 token_revoked', 'ends the access token');
SELECT is(t.client(:'svc', :'svcsecret', 'oauth.introspect', :'tok'::jsonb ->> 'access', :'tok'::jsonb ->> 'exp') -> 'body', '{"active": false}', 'introspection knows at once');
SELECT t.renew(:'app', :'secret', :'tok'::jsonb ->> 'refresh') AS tok \gset
SELECT is(t.use(:'tok'), '200', 'the refresh token goes on');
SELECT is(t.client(:'app', :'secret', 'oauth.introspect', :'tok'::jsonb ->> 'refresh') #>> '{body,token_type}', 'refresh_token', 'the client may ask about it');
SELECT t.client(:'app', :'secret', 'oauth.revoke', :'tok'::jsonb ->> 'refresh') \g /dev/null
SELECT is(t.use(:'tok'), '401 token_revoked', 'revoking it ends the family');

-- Tokens of clients.
SELECT t.client(:'svc', :'svcsecret', 'token.client_credentials', '') AS cc \gset
SELECT is(:'cc'::jsonb #>> '{body,scope}', 'orders:read segments:read segments:write', 'client credentials, without scopes of people');
SELECT is(t.say(:'cc'), '200', 'client credentials');
SELECT is(:'cc'::jsonb -> 'body' ? 'refresh_token', false, 'give no refresh token');
SELECT is(t.use(:'cc', 'test.api'), '200', 'the token opens what the client may');
SELECT is(t.use(:'cc'), '403 wrong_token_kind', 'it is nobody''s');
SELECT is(t.client(:'svc', :'svcsecret', 'token.client_credentials', '', '0', '{"scope": "orders:read", "resource": "https://auth.example/api"}') #>> '{body,scope}', 'orders:read', 'with less scope');
SELECT is(t.say(t.client(:'svc', :'svcsecret', 'token.client_credentials', '', '0', '{"scope": "customers:read"}')), '400 invalid_scope', 'with more');
SELECT is(t.say(t.client(:'app', :'secret', 'token.client_credentials', '')), '400 unauthorized_client', 'of a client that is not registered for it');
SELECT is(t.say(t.client(:'evil', '', 'token.client_credentials', '')), '403 unauthorized_client', 'of a public client');
SELECT t.page_of('admin', 'client_admin.revoke', jsonb_build_object('path', jsonb_build_object('clientId', :'svc'))) \g /dev/null
SELECT is(t.use(:'cc', 'test.api'), '401 token_revoked', 'revoking all is done at once');
SELECT is(t.use(t.client(:'svc', :'svcsecret', 'token.client_credentials', ''), 'test.api'), '200', 'new ones live');
SELECT is(t.say(t.page_of('ann', 'client_admin.list')), '403 insufficient_scope', 'who may not see clients does not');
SELECT is(t.page_of('admin', 'client_admin.list') #>> '{body,clients,total}', '2', 'an administrator sees those of the organization');
SELECT is(t.page_of('admin', 'client_admin.list', '{"query": {"origin": "user"}}') #>> '{body,clients,items,0,id}', :'app', 'by origin');
SELECT is(t.say(t.page_of('eve', 'client_admin.show', jsonb_build_object('path', jsonb_build_object('clientId', :'svc')))), '404 client_not_found', 'but none of another');
SELECT is(t.page_of('admin', 'client_admin.show', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) #>> '{body,connections,items,0,person,email}', 'ann@ishop', 'and who let one in');

-- Secrets with an overlap.
SELECT t.page_of('ann', 'app.secret_new', jsonb_build_object('path', jsonb_build_object('clientId', :'app'), 'body', '{"overlap": "3600"}'::jsonb)) #>> '{fresh,0}' AS secret2 \gset
SELECT is(t.say(t.client(:'app', s, 'oauth.revoke', 'x')), '200', 'both secrets work') FROM unnest(ARRAY[:'secret', :'secret2']) s;
SELECT is(t.page_of('ann', 'app.show', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) #> '{body,secrets,1,used}' <> 'null', true, 'the last use of the former is shown');
UPDATE oauth.secret SET expires_at = now() WHERE hash = t.hash(:'secret');
SELECT is(t.say(t.client(:'app', :'secret', 'oauth.revoke', 'x')), '401 invalid_client', 'until the overlap is over');
SELECT t.page_of('ann', 'app.secret_new', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) #>> '{fresh,0}' AS secret3 \gset
SELECT is(t.say(t.client(:'app', :'secret2', 'oauth.revoke', 'x')), '401 invalid_client', 'without one the former ends at once');
SELECT is(t.say(t.client(:'app', :'secret3', 'oauth.revoke', 'x')), '200', 'and the new one works');

-- Everything that ends a token, for the next request.
CREATE OR REPLACE FUNCTION t.fresh_token(p_app text, p_secret text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.redeem(p_app, p_secret, t.get_code('ann', t.ask(p_app))) $$;
SELECT t.fresh_token(:'app', :'secret3') AS tok \gset
SELECT is(t.page_of('ann', 'connection.list') #>> '{body,connections,items,0,client,name}', 'My tool', 'a person sees what was let in');
SELECT t.page_of('ann', 'connection.list') #>> '{body,connections,items,0,id}' AS conn \gset
SELECT is(t.say(t.page_of('eve', 'connection.revoke', jsonb_build_object('path', jsonb_build_object('connectionId', :'conn')))), '404 connection_not_found', 'somebody else cannot end it');
SELECT is(t.say(t.page_of('ann', 'connection.revoke', jsonb_build_object('path', jsonb_build_object('connectionId', :'conn')))), '200', 'the person can');
SELECT is(t.use(:'tok'), '401 token_revoked', 'its tokens end');
SELECT is(t.say(t.renew(:'app', :'secret3', :'tok'::jsonb ->> 'refresh')), '400 invalid_grant', 'refreshing, too');
SELECT is(t.say(t.start('ann', t.ask(:'app'))), '200 consent', 'and the app must ask again');
SELECT t.fresh_token(:'app', :'secret3') AS tok \gset
SELECT is(t.say(t.page_of('admin', 'client_admin.suspend', jsonb_build_object('path', jsonb_build_object('clientId', :'app')))), '200', 'an administrator suspends the app');
SELECT is(t.use(:'tok'), '401 token_revoked', 'tokens are dead');
SELECT is(t.say(t.renew(:'app', :'secret3', :'tok'::jsonb ->> 'refresh')), '401 invalid_client', 'the client as well');
SELECT is(t.say(t.start('ann', t.ask(:'app'))), '400 page_error', 'people see a page');
SELECT t.page_of('admin', 'client_admin.resume', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) \g /dev/null
SELECT is(t.use(:'tok'), '200', 'and alive again when it may go on');
UPDATE core.person SET status = 'disabled' WHERE id = :'ann';
SELECT is(t.use(:'tok'), '401 token_revoked', 'a person who is disabled');
UPDATE core.person SET status = 'enabled' WHERE id = :'ann';
UPDATE core.member SET status = 'disabled' WHERE person = :'ann';
SELECT is(t.use(:'tok'), '401 token_revoked', 'or no member any more');
UPDATE core.member SET status = 'enabled' WHERE person = :'ann';
UPDATE core.organization SET status = 'disabled' WHERE id = :'org';
SELECT is(t.use(:'tok'), '401 token_revoked', 'an organization that is disabled');
UPDATE core.organization SET status = 'active' WHERE id = :'org';
SELECT is(t.use(:'tok'), '200', 'all is well again');
SELECT is(t.page_of('ann', 'app.revoke_tokens', jsonb_build_object('path', jsonb_build_object('clientId', :'app'))) #>> '{body,ended}', '1', 'the owner revokes all');
SELECT is(t.use(:'tok'), '401 token_revoked', 'and all ends');
SELECT t.fresh_token(:'app', :'secret3') AS tok \gset
SELECT t.get_code('ann', t.ask(:'app')) AS code \gset
SELECT is(t.say(t.page_of('ann', 'app.delete', jsonb_build_object('path', jsonb_build_object('clientId', :'app')))), '200', 'the owner deletes the app');
SELECT is(t.use(:'tok'), '401 token_revoked', 'its tokens end');
SELECT is(t.say(t.redeem(:'app', :'secret3', :'code')), '401 invalid_client', 'and codes on their way');
SELECT is(t.page_of('ann', 'app.list') #>> '{body,apps,total}', '0', 'it is gone');

-- First-party clients of the own organization ask nobody; no others'.
SELECT t.page_of('admin', 'client_admin.create', '{"body": {"name": "Shop front", "redirect_uris": "https://tool.example/cb", "first_party": "1", "scope": ["orders:read"]}}') #>> '{body,id}' AS own \gset
SELECT is(t.say(t.start('ann', t.ask(:'own'))), '200 redirect', 'a trusted client of the organization');
SELECT is(t.say(t.start('eve', t.ask(:'own'))), '200 consent', 'is none for others');
SELECT is(t.start('eve', t.ask(:'own')) #>> '{body,client,verified}', 'false', 'for whom this server does not vouch');
SELECT t.page_of('admin', 'client_admin.create', '{"body": {"name": "grantd Console", "redirect_uris": "https://tool.example/cb", "scope": ["orders:read"]}}') #>> '{body,id}' AS console \gset
SELECT is(t.start(who, t.ask(:'console')) #>> '{body,client,verified}', 'false', 'nor for what an organization made that asks, to ' || who) FROM unnest('{eve,ann}'::text[]) who;
SELECT is(t.start(who, t.ask(app, '{"response_type": "token"}')) #>> '{body,view}', view, 'errors send on only where one belongs: ' || who)
FROM (VALUES ('eve', :'console', 'leave'), ('eve', :'own', 'leave'), ('ann', :'own', 'redirect')) v(who, app, view);

SELECT is(t.say(t.page_of('ann', 'app.create', jsonb_build_object('body', jsonb_build_object('name', 'x', 'redirect_uris', 'https://x.example/', 'description', d)))), said, 'a description')
FROM (VALUES (U&'turned \202Etxt', '400 invalid_field'), (E'two\nlines', '200')) v(d, said);

-- A native app is whatever program says so.
SELECT t.page_of('ann', 'app.create', '{"body": {"name": "Native", "kind": "public", "redirect_uris": "https://tool.example/cb\nhttp://127.0.0.1/cb\ncom.example.app:/cb", "scope": ["orders:read"]}}') #>> '{body,id}' AS native \gset
SELECT t.get_code('ann', t.ask(:'native', '{"redirect_uri": "http://127.0.0.1:4711/cb"}')) \g /dev/null
SELECT is(t.say(t.start('ann', t.ask(:'native', jsonb_build_object('redirect_uri', u)))), said, 'what was allowed is remembered for ' || u)
FROM (VALUES ('http://127.0.0.1:4712/cb', '200 consent'), ('com.example.app:/cb', '200 consent'), ('https://tool.example/cb', '200 redirect')) v(u, said);
SELECT is(t.start('ann', t.ask(:'native', '{"redirect_uri": "http://127.0.0.1:4712/cb", "prompt": "none"}')) #>> '{body,parameters,error}', 'consent_required', 'nor without a page');
SELECT is((SELECT bool_and((s ->> 'granted')::boolean) FROM jsonb_array_elements(t.start('ann', t.ask(:'native', '{"redirect_uri": "com.example.app:/cb"}')) #> '{body,scopes}') s), true, 'the page knows what was allowed');
-- A sign-in that was asked for has to be a new one.
UPDATE core.session SET auth_time = now() - interval '3 minutes' WHERE person = :'ann';
SELECT is(t.say(t.start('ann', t.ask(:'native', '{"prompt": "login"}'))), '200 login', 'prompt login');
SELECT is(t.say(t.start('ann', t.ask(:'native', '{"max_age": "60"}'))), '200 login', 'is not over by going on as the same person');
UPDATE core.session SET auth_time = now() WHERE person = :'ann';
SELECT is(t.say(t.start('ann', t.ask(:'native', '{"max_age": "60"}'))), '200 redirect', 'but by the password');
-- A password typed before the request came does not answer it.
CREATE OR REPLACE FUNCTION t.back(p jsonb) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_object_agg(split_part(x, '=', 1), split_part(x, '=', 2)) FROM regexp_split_to_table(split_part(p #>> '{body,return_to}', '?', 2), '&') x
	WHERE split_part(x, '=', 1) IN ('prompt', 'max_age', 'login_after') $$;
SELECT is(t.say(t.start('ann', t.ask(:'native') || t.back(t.start('ann', t.ask(:'native', p))))), '200 login', 'going on, fresh from a sign-in: ' || p::text)
FROM unnest('{"{\"prompt\": \"login\"}","{\"max_age\": \"0\"}"}'::jsonb[]) p;
SELECT t.back(t.start('ann', t.ask(:'native', '{"prompt": "login"}'))) AS back \gset
UPDATE core.session SET auth_time = clock_timestamp() WHERE person = :'ann';
SELECT is(t.say(t.start('ann', t.ask(:'native') || :'back'::jsonb)), '200 redirect', 'typed after it, it does');
SELECT is(t.say(t.start('ann', t.ask(:'native') || :'back'::jsonb || '{"prompt": "login"}')), '200 login', 'an app that says so itself is still asked');
SELECT is(t.say(t.start('ann', t.ask(:'native') || '{"login_after": "9999999999999999"}')), '200 login', 'a time to come');
SELECT is(t.start('ann', t.ask(:'native') || '{"login_after": "9999999999999999"}') #>> '{body,return_to}' ~ 'login_after=99999', false, 'is not for ever');
SELECT is(t.say(t.start('ann', t.ask(:'native', '{"login_after": "x"}'))), '200 redirect', 'what is no time is nothing');
UPDATE core.session SET auth_time = now() - interval '3 minutes' WHERE person = :'ann';
SELECT is(t.say(t.start('ann', t.ask(:'native') || jsonb_set(:'back', '{login_after}', '"1"'))), '200 login', 'with an older time, max_age still holds');
-- Resources: an empty one is none, and the issuer stands for what there is.
SELECT is(t.say(t.start('ann', t.ask(:'app') || r)), t.say(t.start('ann', t.ask(:'app'))), 'no resource: ' || r::text)
FROM unnest(ARRAY['{"resource": ""}', '{"resource": []}', '{"resource": [""]}', '{"resource": ["", ""]}']::jsonb[]) r;
SELECT is(gate.authorization_request('{"resource": ["", "https://auth.example/api"]}'), '{"resource": ["https://auth.example/api"]}', 'nor beside another one');
SELECT t.page_of('ann', 'app.create', '{"body": {"name": "Api", "redirect_uris": "https://tool.example/cb", "kind": "public", "scope": ["orders:read"]}}') #>> '{body,id}' AS api \gset
SELECT t.redeem(:'api', '', t.get_code('ann', t.ask(:'api', '{"resource": ["", "https://auth.example/api"], "scope": "orders:read offline_access"}'))) AS got \gset
SELECT is(:'got'::jsonb ->> 'audience', '4', 'a grant for the API alone');
SELECT is(t.say(t.redeem(:'api', '', t.get_code('ann', t.ask(:'api', '{"resource": "https://auth.example/api"}')), jsonb_build_object('resource', r))), said, 'then ' || r::text)
FROM (VALUES ('["https://auth.example/api", "https://auth.example/mcp"]'::jsonb, '400 invalid_target'), ('["https://auth.example/mcp", "https://auth.example"]', '400 invalid_target'), ('["https://auth.example/mcp"]', '400 invalid_target'),
    ('["https://auth.example"]', '200'), ('["https://auth.example", "https://auth.example/api", ""]', '200'), ('[""]', '200'), ('["", "x"]', '400 invalid_target')) v(r, said);
SELECT is(t.say(t.renew(:'api', '', :'got'::jsonb ->> 'refresh', '{"resource": ["https://auth.example/api", "https://auth.example/mcp"]}')), '400 invalid_target', 'nor by a refresh token');
SELECT is(t.renew(:'api', '', :'got'::jsonb ->> 'refresh', '{"resource": ["https://auth.example", ""]}') ->> 'audience', '4', 'which keeps to what there is');
DELETE FROM gate.operation WHERE name LIKE 'test.%';
DELETE FROM t.statement WHERE operation LIKE 'test.%';
SELECT is((SELECT count(*)::int FROM token.family f WHERE f.client IS NOT NULL AND NOT EXISTS (SELECT FROM audit.event e WHERE e.family = f.id OR e.target = f.id::text) AND f.kind = 'user'), 0, 'every family of a person has its event');
UPDATE core.setting SET value = 5 WHERE name = 'sign_in_burst' \g /dev/null
UPDATE core.setting SET value = 60 WHERE name = 'sign_in_address_burst' \g /dev/null
SELECT * FROM finish();
