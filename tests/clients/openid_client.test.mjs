// openid-client 6: discovery, code with PKCE, refresh, revocation,
// introspection, client credentials with secret and key, userinfo, end of the
// session, and registration.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportJWK, exportPKCS8, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import { app, browser, instance, issuer, org, person, service, stranger,
	visit } from './stage.mjs';

const insecure = { execute: [client.allowInsecureRequests] };
const server = new URL(issuer);

async function login(config, params = {}, who = browser) {
	const verifier = client.randomPKCECodeVerifier();
	const nonce = client.randomNonce();
	const state = client.randomState();
	const url = client.buildAuthorizationUrl(config, {
		redirect_uri: 'https://app.example.com/callback',
		scope: 'openid profile email offline_access stores:read',
		code_challenge: await client.calculatePKCECodeChallenge(verifier),
		code_challenge_method: 'S256', nonce, state, ...params });
	return client.authorizationCodeGrant(config, await visit(url, who),
		{ pkceCodeVerifier: verifier, expectedNonce: nonce,
			expectedState: state, idTokenExpected: true },
		params.resource ? { resource: params.resource } : undefined);
}

for (const [what, auth] of Object.entries({
	client_secret_basic: client.ClientSecretBasic,
	client_secret_post: client.ClientSecretPost }))
	test(`code with PKCE, ${what}`, async () => {
		const { id, secret } = await app();
		const config = await client.discovery(server, id, undefined,
			auth(secret), insecure);
		assert.ok(config.serverMetadata().supportsPKCE());
		const tokens = await login(config);
		const claims = tokens.claims();
		assert.equal(claims.sub, person.id);
		assert.ok(claims.auth_time > 0);
		const user = await client.fetchUserInfo(config, tokens.access_token,
			claims.sub);
		assert.equal(user.email, person.email);
		assert.equal(user.name, person.name);
		const next = await client.refreshTokenGrant(config,
			tokens.refresh_token);
		assert.notEqual(next.refresh_token, tokens.refresh_token);
		const told = await client.tokenIntrospection(config,
			next.access_token);
		assert.equal(told.active, true);
		assert.equal(told.sub, person.id);
		assert.equal(told.client_id, id);
		await client.tokenRevocation(config, next.refresh_token);
		assert.equal((await client.tokenIntrospection(config,
			next.access_token)).active, false);
		await assert.rejects(client.fetchUserInfo(config, next.access_token,
			claims.sub));
		await assert.rejects(client.refreshTokenGrant(config,
			next.refresh_token), { error: 'invalid_grant' });
	});

test('code with PKCE of a public client, on a loopback port', async () => {
	const { id } = await app({ kind: 'public',
		redirect_uris: 'http://127.0.0.1/cb' });
	const config = await client.discovery(server, id, undefined,
		client.None(), insecure);
	const tokens = await login(config,
		{ redirect_uri: 'http://127.0.0.1:51234/cb' }, stranger());
	const next = await client.refreshTokenGrant(config, tokens.refresh_token,
		{ scope: 'openid stores:read' });
	assert.equal(next.scope, 'openid stores:read');
	await client.tokenRevocation(config, next.access_token);
});

test('max_age, and the ID token checked against it', async () => {
	const { id, secret } = await app();
	const config = await client.discovery(server, id, undefined,
		client.ClientSecretBasic(secret), insecure);
	const verifier = client.randomPKCECodeVerifier();
	const url = client.buildAuthorizationUrl(config, {
		redirect_uri: 'https://app.example.com/callback', scope: 'openid',
		max_age: '3600', code_challenge:
			await client.calculatePKCECodeChallenge(verifier),
		code_challenge_method: 'S256' });
	const tokens = await client.authorizationCodeGrant(config,
		await visit(url), { pkceCodeVerifier: verifier, maxAge: 3600 });
	assert.equal(tokens.claims().sub, person.id);
});

test('a no reaches the client as access_denied', async () => {
	const made = await app();
	const config = await client.discovery(server, made.id, undefined,
		client.ClientSecretBasic(made.secret), insecure);
	const answer = await made.ask(browser, { state: 's' },
		{ decision: 'deny' });
	await assert.rejects(client.authorizationCodeGrant(config,
		new URL(answer.redirect()), { expectedState: 's',
			pkceCodeVerifier: client.randomPKCECodeVerifier() }),
	{ error: 'access_denied' });
});

test('client credentials with a secret', async () => {
	const { id, secret } = await service();
	const config = await client.discovery(server, id, secret, undefined,
		insecure);
	const tokens = await client.clientCredentialsGrant(config,
		{ scope: 'stores:read', resource: `${issuer}/api` });
	assert.equal(tokens.scope, 'stores:read');
	const told = await client.tokenIntrospection(config, tokens.access_token);
	assert.equal(told.aud, `${issuer}/api`);
	assert.equal(told.org, org.id);
	await client.tokenRevocation(config, tokens.access_token);
	assert.equal((await client.tokenIntrospection(config,
		tokens.access_token)).active, false);
});

for (const alg of ['ES256', 'RS256', 'EdDSA'])
	test(`client credentials with private_key_jwt, ${alg}`, async () => {
		const pair = await generateKeyPair(alg, { extractable: true });
		const jwks = JSON.stringify({ keys: [
			{ ...await exportJWK(pair.publicKey), kid: 'k1', alg }] });
		const { id } = await service({ auth_method: 'private_key_jwt', jwks });
		const key = await crypto.subtle.importKey('pkcs8',
			Buffer.from((await exportPKCS8(pair.privateKey))
				.replace(/-----[^-]+-----|\s/g, ''), 'base64'),
			{ ES256: { name: 'ECDSA', namedCurve: 'P-256' },
				RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
				EdDSA: { name: 'Ed25519' } }[alg], false, ['sign']);
		const config = await client.discovery(server, id, undefined,
			client.PrivateKeyJwt({ key, kid: 'k1' }), insecure);
		for (let i = 0; i < 3; i++) {
			const tokens = await client.clientCredentialsGrant(config);
			assert.equal((await client.tokenIntrospection(config,
				tokens.access_token)).active, true);
		}
	});

test('end of the session', async () => {
	const made = await app({ logout_uris: 'https://app.example.com/bye' });
	const config = await client.discovery(server, made.id, undefined,
		client.ClientSecretBasic(made.secret), insecure);
	const his = stranger();
	const tokens = await login(config, {}, his);
	const url = client.buildEndSessionUrl(config, {
		post_logout_redirect_uri: 'https://app.example.com/bye',
		id_token_hint: tokens.id_token, state: 'over' });
	const answer = await his.submit(url.pathname + url.search,
		'/oauth/logout');
	assert.equal(answer.redirect(), 'https://app.example.com/bye?state=over');
	assert.match((await his.get('/settings')).redirect(), /^\/login/);
});

test('dynamic registration', async () => {
	await instance.psql(`UPDATE core.setting SET value = 2
		WHERE name = 'registration'`);
	const config = await client.dynamicClientRegistration(server, {
		client_name: 'openid-client', redirect_uris:
			['https://app.example.com/callback'] }, undefined, insecure);
	const tokens = await login(config);
	assert.equal(tokens.claims().sub, person.id);
});
