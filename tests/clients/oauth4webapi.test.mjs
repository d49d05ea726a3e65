// oauth4webapi 3: each step by hand, both metadata documents, RFC 9068
// tokens checked offline, bearer challenges parsed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as oauth from 'oauth4webapi';
import { app, browser, instance, issuer, person, visit } from './stage.mjs';

const insecure = { [oauth.allowInsecureRequests]: true };
const redirect = 'https://app.example.com/callback';

async function discover(algorithm) {
	const url = new URL(issuer);
	return oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(
		url, { algorithm, ...insecure }));
}

for (const algorithm of ['oidc', 'oauth2'])
	test(`code flow, metadata by ${algorithm}`, async () => {
		const as = await discover(algorithm);
		const made = await app();
		const client = { client_id: made.id };
		const auth = oauth.ClientSecretBasic(made.secret);
		const verifier = oauth.generateRandomCodeVerifier();
		const state = oauth.generateRandomState();
		const nonce = oauth.generateRandomNonce();
		const url = new URL(as.authorization_endpoint);
		for (const [name, value] of Object.entries({ client_id: made.id,
			redirect_uri: redirect, response_type: 'code', state, nonce,
			scope: 'openid email stores:read', resource: `${issuer}/api`,
			code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
			code_challenge_method: 'S256' }))
			url.searchParams.set(name, value);
		const params = oauth.validateAuthResponse(as, client,
			await visit(url), state);
		const tokens = await oauth.processAuthorizationCodeResponse(as, client,
			await oauth.authorizationCodeGrantRequest(as, client, auth, params,
				redirect, verifier, insecure),
			{ expectedNonce: nonce, requireIdToken: true });
		const claims = oauth.getValidatedIdTokenClaims(tokens);
		assert.equal(claims.sub, person.id);
		const user = await oauth.processUserInfoResponse(as, client, claims.sub,
			await oauth.userInfoRequest(as, client, tokens.access_token,
				insecure));
		assert.equal(user.email, person.email);
		const access = await oauth.validateJwtAccessToken(as,
			new Request(`${issuer}/api`, { headers: {
				authorization: `Bearer ${tokens.access_token}` } }),
			`${issuer}/api`, insecure);
		assert.equal(access.client_id, made.id);
		const next = await oauth.processRefreshTokenResponse(as, client,
			await oauth.refreshTokenGrantRequest(as, client, auth,
				tokens.refresh_token, insecure));
		const told = await oauth.processIntrospectionResponse(as, client,
			await oauth.introspectionRequest(as, client, auth,
				next.access_token, insecure));
		assert.equal(told.active, true);
		await oauth.processRevocationResponse(await oauth.revocationRequest(as,
			client, auth, next.refresh_token, insecure));
		await assert.rejects(async () => oauth.processRefreshTokenResponse(as,
			client, await oauth.refreshTokenGrantRequest(as, client, auth,
				next.refresh_token, insecure)), { error: 'invalid_grant' });
		await assert.rejects(async () => oauth.processUserInfoResponse(as,
			client, claims.sub, await oauth.userInfoRequest(as, client,
				next.access_token, insecure)),
		(error) => {
			assert.equal(error.cause[0].scheme, 'bearer');
			assert.equal(error.cause[0].parameters.error, 'invalid_token');
			return true;
		});
	});

test('an answer mixed up with another server is refused', async () => {
	const as = await discover('oauth2');
	const made = await app();
	const answer = new URL((await made.ask(browser)).redirect());
	assert.throws(() => oauth.validateAuthResponse(
		{ ...as, issuer: 'https://evil.example' }, { client_id: made.id },
		answer, 'state-1'));
});

test('protected resource metadata (RFC 9728)', async () => {
	for (const path of ['', '/api', '/mcp']) {
		const resource = new URL(issuer + path);
		const told = await oauth.processResourceDiscoveryResponse(resource,
			await oauth.resourceDiscoveryRequest(resource, insecure));
		assert.deepEqual(told.authorization_servers, [issuer]);
	}
});

test('registration and its answer', async () => {
	await instance.psql(`UPDATE core.setting SET value = 2
		WHERE name = 'registration'`);
	const as = await discover('oauth2');
	const made = await oauth.processDynamicClientRegistrationResponse(
		await oauth.dynamicClientRegistrationRequest(as, {
			redirect_uris: ['http://127.0.0.1/cb'], client_name: 'oauth4webapi',
			token_endpoint_auth_method: 'none' }, insecure));
	assert.match(made.client_id, /^gc_/);
	assert.equal(made.client_secret, undefined);
});
