// A stranger checks tokens offline, with a JWT library that is not ours.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';

const instance = await sharedInstance();
const org = await instance.organization();
const published = await fetch(`${instance.base}/oauth/jwks`);
const jwks = await published.json();
const keys = createLocalJWKSet(jwks);

test('the key set is public, cacheable and holds public keys only', () => {
	assert.equal(published.status, 200);
	assert.match(published.headers.get('content-type'),
		/^application\/(jwk-set\+)?json/);
	assert.ok(jwks.keys.length >= 1);
	for (const key of jwks.keys) {
		assert.ok(key.kid && key.kty && key.alg);
		assert.equal(key.use ?? 'sig', 'sig');
		for (const secret of ['d', 'p', 'q', 'k', 'dp', 'dq', 'qi'])
			assert.equal(secret in key, false);
	}
});

test('an organization token verifies', async () => {
	const { payload, protectedHeader } = await jwtVerify(org.token, keys, {
		issuer: instance.issuer, audience: `${instance.issuer}/v1`,
		typ: 'at+jwt', algorithms: ['ES256'],
		requiredClaims: ['sub', 'exp', 'iat', 'jti', 'client_id'],
	});
	assert.ok(protectedHeader.kid);
	assert.equal(payload.sub, org.id);
	assert.equal(payload.org, org.id);
	assert.equal(payload.fam, org.pair.id);
	assert.equal(payload.knd, 'organization');
	assert.equal(payload.client_id, 'grantd-management');
	assert.match(payload.scope, /\baccounts:edit\b/);
	assert.ok(payload.exp - payload.iat <= 86400);
	assert.equal('nbf' in payload, false);
});

test('an integration token verifies, for its own audience only', async () => {
	const account = await org.api.account({ name: unique('acc') });
	const made = await org.api.integration(account.id, 'sink_mock_sink');
	const single = (await org.api.post(
		`/v1/tokens/${account.id}/${made.integration.id}`, {})).ok().result;
	for (const { secret } of [made.token.access, single]) {
		const { payload } = await jwtVerify(secret, keys, {
			issuer: instance.issuer, typ: 'at+jwt',
			audience: `${instance.issuer}/v1/connectors`,
		});
		assert.equal(payload.sub, made.integration.id);
		assert.equal(payload.knd, 'integration');
		assert.equal(payload.client_id, 'grantd-connectors');
		assert.equal(payload.scope, 'sink:use');
		await assert.rejects(jwtVerify(secret, keys,
			{ audience: `${instance.issuer}/v1` }));
	}
});

test('a changed token does not verify', async () => {
	const [head, body, mac] = org.token.split('.');
	const other = Buffer.from(body, 'base64url').toString()
		.replace('"knd":"organization"', '"knd":"orGanization"');
	await assert.rejects(jwtVerify(
		`${head}.${Buffer.from(other).toString('base64url')}.${mac}`, keys));
	assert.ok(decodeProtectedHeader(org.token).kid);
});

test('every token has its own jti', async () => {
	const account = await org.api.account({ name: unique('jti') });
	const { integration } = await org.api.integration(account.id,
		'sink_mock_sink');
	const path = `/v1/tokens/${account.id}/${integration.id}`;
	const made = await Promise.all(Array.from({ length: 20 },
		() => org.api.post(path, {})));
	const ids = new Set();
	for (const answer of made)
		ids.add((await jwtVerify(answer.ok().result.secret, keys))
			.payload.jti);
	assert.equal(ids.size, 20);
});
