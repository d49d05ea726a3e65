// simple-oauth2, passport-oauth2 and n8n's OAuth2 credentials.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import n8n from '@n8n/client-oauth2';
import { Strategy } from 'passport-oauth2';
import { AuthorizationCode, ClientCredentials } from 'simple-oauth2';
import { app, instance, issuer, person, service, visit } from './stage.mjs';

describe('simple-oauth2', () => {
	const auth = { tokenHost: issuer, tokenPath: '/oauth/token',
		revokePath: '/oauth/revoke' };
	const redirect_uri = 'https://app.example.com/callback';
	for (const authorizationMethod of ['header', 'body'])
		test(`code, refresh, revocation, ${authorizationMethod}`, async () => {
			// it knows no PKCE: its owner unticks the box
			const { id, secret } = await app({ pkce: [] });
			const client = new AuthorizationCode({ client: { id, secret },
				auth: { ...auth, authorizePath: '/oauth/authorize' }, options: { authorizationMethod } });
			const url = client.authorizeURL({ redirect_uri,
				scope: ['openid', 'stores:read'], state: 'a state' });
			const back = await visit(url);
			assert.equal(back.searchParams.get('state'), 'a state');
			const first = await client.getToken({ redirect_uri,
				code: back.searchParams.get('code') });
			assert.equal(first.expired(), false);
			const second = await first.refresh();
			assert.notEqual(second.token.refresh_token,
				first.token.refresh_token);
			const user = await instance.client(second.token.access_token)
				.get('/oauth/userinfo');
			assert.equal(user.ok(200).json.sub, person.id);
			await second.revokeAll();
			assert.equal((await instance.client(second.token.access_token)
				.get('/oauth/userinfo')).status, 401);
		});
	test('client credentials', async () => {
		const { id, secret } = await service();
		const client = new ClientCredentials({ client: { id, secret }, auth });
		const { token } = await client.getToken({ scope: 'stores:read' });
		assert.equal(token.token_type, 'Bearer');
		assert.equal(token.scope, 'stores:read');
	});
	test('a wrong secret is told as 401', async () => {
		const { id } = await service();
		const client = new ClientCredentials({ client: { id, secret: 'x' },
			auth });
		await assert.rejects(client.getToken({}), (error) => {
			assert.equal(error.output.statusCode, 401);
			assert.equal(error.data.payload.error, 'invalid_client');
			return true;
		});
	});
});

describe('passport-oauth2', () => {
	// One request to the strategy, as express would make it.
	const run = (strategy, query, session) => new Promise((resolve, reject) => {
		const one = Object.create(strategy);
		one.redirect = (url) => resolve({ url });
		one.success = (user, info) => resolve({ user, info });
		one.fail = (why) => resolve({ why });
		one.error = reject;
		one.authenticate({ query, session, url: '/', headers: {},
			connection: {}, originalUrl: '/' }, {});
	});
	for (const pkce of [true, false])
		test(pkce ? 'with PKCE' : 'without', async () => {
			const { id, secret } = await app(pkce ? {} : { pkce: [] });
			const strategy = new Strategy({
				authorizationURL: `${issuer}/oauth/authorize`,
				tokenURL: `${issuer}/oauth/token`, clientID: id,
				clientSecret: secret, pkce, state: true,
				callbackURL: 'https://app.example.com/callback',
				scope: ['openid', 'email', 'stores:read'] },
			(accessToken, refreshToken, params, profile, done) =>
				done(null, { accessToken, refreshToken, params }));
			const session = {};
			const { url } = await run(strategy, {}, session);
			const back = await visit(url);
			const { user } = await run(strategy,
				Object.fromEntries(back.searchParams), session);
			assert.match(user.refreshToken, /^grt_/);
			assert.equal(user.params.token_type, 'Bearer');
			const told = await instance.client(user.accessToken)
				.get('/oauth/userinfo');
			assert.equal(told.ok(200).json.email, person.email);
		});
});

describe('n8n', () => {
	const { ClientOAuth2 } = n8n;
	const redirectUri = 'https://n8n.example.com/rest/oauth2-credential/callback';
	// what its server sends along: long, and opaque
	const state = Buffer.from(JSON.stringify({ token: randomBytes(24)
		.toString('base64'), createdAt: Date.now(), userId: 'u',
	data: randomBytes(600).toString('base64') })).toString('base64');
	const options = (made, more = {}) => ({ clientId: made.id,
		clientSecret: made.secret, accessTokenUri: `${issuer}/oauth/token`,
		authorizationUri: `${issuer}/oauth/authorize`, redirectUri,
		scopes: ['openid', 'email', 'stores:read'], state,
		authentication: 'header', ...more });

	// Its credential screen: "Connect my account", then its callback; the
	// grant types "Authorization Code" and "PKCE".
	async function connect(made, more, pkce) {
		const client = new ClientOAuth2(options(made, more));
		const verifier = randomBytes(48).toString('base64url');
		const query = pkce ? { code_challenge: createHash('sha256')
			.update(verifier).digest('base64url'),
		code_challenge_method: 'S256' } : undefined;
		const url = client.code.getUri({ query });
		const back = await visit(url);
		assert.equal(back.searchParams.get('state'), state);
		const body = more?.authentication === 'body' ? { client_id: made.id,
			client_secret: made.secret } : {};
		if (pkce)
			body.code_verifier = verifier;
		const given = more?.authentication === 'body' ?
			{ body, clientSecret: undefined } : { body };
		return client.code.getToken(
			`${redirectUri}?${back.searchParams}`, given);
	}
	for (const authentication of ['header', 'body'])
		for (const pkce of [true, false])
			test(`${pkce ? 'PKCE' : 'authorization code'}, ${authentication}`,
				async () => {
					const made = await app({ redirect_uris: redirectUri,
						...pkce ? {} : { pkce: [] } });
					const token = await connect(made, { authentication }, pkce);
					assert.match(token.refreshToken, /^grt_/);
					assert.equal(token.expired(), false);
					const request = token.sign({ url:
						`${issuer}/oauth/userinfo`, headers: {} });
					const told = await fetch(request.url, request);
					assert.equal((await told.json()).email, person.email);
					const next = await token.refresh();
					assert.notEqual(next.refreshToken, token.refreshToken);
				});
	test('client credentials, header and body', async () => {
		const made = await service();
		for (const authentication of ['header', 'body']) {
			const client = new ClientOAuth2(options(made,
				{ authentication, scopes: ['stores:read'] }));
			const token = await client.credentials.getToken();
			assert.equal(token.data.scope, 'stores:read');
		}
	});
	test('an error is told in its own words', async () => {
		const made = await service();
		const client = new ClientOAuth2(options({ ...made, secret: 'x' }));
		await assert.rejects(client.credentials.getToken(),
			/invalid_client|Client authentication failed/i);
	});
});
