// What the audit knows of requests that the token endpoint refuses: an event
// for each of a client that proved itself, a counter for strangers.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { SignJWT, exportJWK, generateKeyPair } from 'jose';
import { sharedInstance } from '../lib/shared.mjs';
import { events, refusal } from '../lib/audit.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';

const instance = await sharedInstance();
const ask = { scope: 'openid stores:read' };
let org, person, browser, app, other;

before(async () => {
	({ org, person, browser, app } = await stage(instance));
	other = await App.make(instance, { organization: org.id });
});

const events0 = async (answer) => assert.deepEqual(
	await events(instance, answer.headers.get('x-request-id')), []);
// Others count meanwhile, too.
const counted = async () => Number((await instance.psql(
	'SELECT coalesce(sum(count), 0) FROM audit.unknown_credential'))[0][0]);
// All that a client was refused in the minutes of this file.
const tally = async (one, code) => Number((await instance.psql(`SELECT
	coalesce(sum(count), 0) FROM audit.refused_client
	WHERE client = '${one.id}' AND code = '${code}'`))[0][0]);

async function told(answer, code, operation, one = app, more = {}) {
	oauthError(answer, 400, code);
	const event = await refusal(instance, answer);
	const { organization, client, outcome, peer, detail } = event;
	assert.deepEqual({ operation: event.operation, code: event.code, client,
		organization, outcome, detail }, { operation, code, client: one.id,
		organization: org.id, outcome: 'refused',
		detail: { method: 'POST', path: '/oauth/token' } });
	assert.match(peer, /^(127\.|::1)/);
	for (const [name, value] of Object.entries(more))
		assert.equal(event[name], value, name);
	return event;
}

describe('a client that proved itself leaves an event', () => {
	test('an invented code', async () => {
		await told(await app.redeem({ code: `gac_${random()}`,
			redirect: app.redirect, verifier: random() }), 'invalid_grant',
		'token.redeem', app, { actor_kind: 'confidential', person: null });
	});
	test('another client\'s code: nothing of the person', async () => {
		await told(await other.redeem(await app.code(browser, ask)),
			'invalid_grant', 'token.redeem', other, { person: null });
	});
	test('its own code with another verifier: with the person', async () => {
		await told(await app.redeem({ ...await app.code(browser, ask),
			verifier: random() }), 'invalid_grant', 'token.redeem', app,
		{ person: person.id, actor: person.id });
	});
	test('an invented refresh token, and another client\'s', async () => {
		await told(await app.refresh(`grt_${random()}`), 'invalid_grant',
			'token.oauth_refresh');
		const tokens = await app.tokens(browser, ask);
		await told(await other.refresh(tokens.refresh_token), 'invalid_grant',
			'token.oauth_refresh', other, { family: null });
	});
	test('more scopes, another resource: with the family', async () => {
		const tokens = await app.tokens(browser, ask);
		const [[family]] = await instance.psql(`SELECT id FROM token.family
			WHERE refresh_hash = sha256('${tokens.refresh_token}')`);
		await told(await app.refresh(tokens.refresh_token,
			{ scope: 'customers:read' }), 'invalid_scope',
		'token.oauth_refresh', app, { family, person: person.id });
		await told(await app.refresh(tokens.refresh_token,
			{ resource: 'https://evil.example/' }), 'invalid_target',
		'token.oauth_refresh', app, { family });
	});
	test('a forged former refresh token', async () => {
		const tokens = await app.tokens(browser, ask);
		(await app.refresh(tokens.refresh_token)).ok(200);
		const bytes = Buffer.from(tokens.refresh_token.slice(4), 'base64url');
		bytes[30] ^= 1;
		for (const generation of [1, 2]) {
			bytes.writeUInt32BE(generation, 16);
			await told(await app.refresh(`grt_${bytes.toString('base64url')}`),
				'invalid_grant', 'token.oauth_refresh');
		}
		assert.ok(await app.alive(tokens.access_token));
	});
	test('tokens of its own that it is not registered for', async () => {
		await told(await app.credentials(), 'unauthorized_client',
			'token.client_credentials');
	});
	test('each replay of a code', async () => {
		const grant = await app.code(browser, ask);
		(await app.redeem(grant)).ok(200);
		for (let i = 0; i < 3; i++) {
			const answer = await app.redeem(grant);
			oauthError(answer, 400, 'invalid_grant');
			const event = await refusal(instance, answer);
			assert.equal(event.code, 'invalid_grant');
			assert.equal(event.client, app.id);
		}
	});
	test('each use of a former refresh token', async () => {
		const first = await app.tokens(browser, ask);
		const second = (await app.refresh(first.refresh_token)).ok(200).json;
		(await app.refresh(second.refresh_token)).ok(200);
		await Promise.all(Array.from({ length: 5 }, async () => {
			const answer = await app.refresh(first.refresh_token);
			oauthError(answer, 400, 'invalid_grant');
			assert.equal((await refusal(instance, answer)).client, app.id);
		}));
	});
	test('by an assertion', async () => {
		const pair = await generateKeyPair('ES256', { extractable: true });
		const keyed = await App.make(instance, { organization: org.id,
			method: 'private_key_jwt', scopes: ['stores:read'], jwks: {
				keys: [await exportJWK(pair.publicKey)] } });
		const sign = async (key) => ({ client_assertion: await new SignJWT({
			jti: random() }).setProtectedHeader({ alg: 'ES256' })
			.setIssuer(keyed.id).setSubject(keyed.id)
			.setAudience(instance.issuer).setExpirationTime('5m').sign(key),
		client_assertion_type:
			'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' });
		const bad = { grant_type: 'refresh_token',
			refresh_token: `grt_${random()}` };
		const mine = await sign(pair.privateKey);
		await told(await keyed.send('/oauth/token', { ...bad, ...mine }),
			'invalid_grant', 'token.oauth_refresh', keyed);
		// replayed, or by another key: a stranger
		const { privateKey } = await generateKeyPair('ES256');
		for (const proof of [mine, await sign(privateKey)]) {
			const answer = await keyed.send('/oauth/token',
				{ ...bad, ...proof });
			oauthError(answer, 401, 'invalid_client');
			await events0(answer);
		}
	});
});

test('what a registration token is refused is an event of its client',
	async () => {
		const one = await App.make(instance, { organization: org.id,
			origin: 'dynamic' });
		const token = `grr_${random()}`;
		await instance.psql(`INSERT INTO oauth.registration (client, hash, net)
			VALUES ('${one.id}', sha256('${token}'), '192.0.2.1')`);
		const put = (secret) => instance.client(secret).put(
			`/oauth/register/${one.id}`, { client_id: 'gc_other' });
		const answer = await put(token);
		oauthError(answer, 400, 'invalid_client_metadata');
		const event = await refusal(instance, answer);
		assert.equal(event.client, one.id);
		assert.equal(event.actor_kind, 'registration');
		assert.equal(event.organization, org.id);
		const stranger = await put(`grr_${random()}`);
		oauthError(stranger, 401, 'invalid_token');
		await events0(stranger);
	});

describe('a stranger is only counted', () => {
	test('unknown clients, wrong secrets', async () => {
		const before = await counted();
		for (const one of [app.as({ id: `gc_${random(18)}` }),
			app.as({ secret: 'gcs_wrong' })]) {
			const answer = await one.refresh(`grt_${random()}`);
			oauthError(answer, 401, 'invalid_client');
			await events0(answer);
		}
		assert.ok(await counted() >= before + 2);
	});
	test('a public client\'s id, with nothing that it was given', async () => {
		const open = await App.make(instance, { organization: org.id,
			method: 'none' });
		const tokens = await open.tokens(browser, ask);
		const before = await counted();
		for (const answer of [await open.refresh(`grt_${random()}`),
			await open.redeem({ code: `gac_${random()}`,
				redirect: open.redirect, verifier: random() }),
			await open.redeem(await app.code(browser, ask))]) {
			oauthError(answer, 400, 'invalid_grant');
			await events0(answer);
		}
		assert.ok(await counted() >= before + 3);
		assert.equal(await tally(open, 'invalid_grant'), 0);
		await told(await open.redeem({ ...await open.code(browser, ask),
			verifier: random() }), 'invalid_grant', 'token.redeem', open,
		{ actor_kind: 'public', person: person.id });
		await told(await open.refresh(tokens.refresh_token,
			{ scope: 'customers:read' }), 'invalid_scope',
		'token.oauth_refresh', open, { person: person.id });
	});
});

test('who hammers is counted, and does not fill the trail', async () => {
	const noisy = await App.make(instance, { organization: org.id });
	for (let i = 0; i < 5; i++)
		await Promise.all(Array.from({ length: 20 }, async () => oauthError(
			await noisy.refresh(`grt_${random()}`), 400, 'invalid_grant')));
	oauthError(await noisy.credentials(), 400, 'unauthorized_client');
	// the minute may have ended meanwhile: each has its first ones
	const rows = await instance.psql(`SELECT c.code, c.count,
		(SELECT count(*) FROM audit.event e WHERE e.client = c.client
		AND e.code = c.code AND date_trunc('minute', e.at) = c.minute)
		FROM audit.refused_client c WHERE c.client = '${noisy.id}'`);
	for (const [code, count, stored] of rows)
		assert.equal(Number(stored), Math.min(Number(count), 20), code);
	assert.ok(rows.some(([, count]) => Number(count) > 20), String(rows));
	assert.equal(await tally(noisy, 'invalid_grant'), 100);
	assert.equal(await tally(noisy, 'unauthorized_client'), 1);
	const [[all]] = await instance.psql(`SELECT count(*) FROM audit.event
		WHERE client = '${noisy.id}'`);
	assert.equal(Number(all), rows.reduce((sum, [, , stored]) =>
		sum + Number(stored), 0));
	// what others are refused is told all the same
	await told(await other.refresh(`grt_${random()}`), 'invalid_grant',
		'token.oauth_refresh', other);
});
