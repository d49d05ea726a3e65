// Registrations that want less than they get, or cannot be sent back as they
// were shown.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { filled } from '../lib/browser.mjs';
import { Person } from '../lib/people.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';

const instance = await sharedInstance();
const redirects = ['https://dyn.example/cb'];
let org, person, browser, initial;

before(async () => {
	({ org, person, browser } = await stage(instance));
	await instance.psql(`UPDATE core.setting SET value = 2
		WHERE name = 'registration'`);
	initial = `gri_${random()}`;
	await instance.psql(`INSERT INTO oauth.initial_token (id, hash,
		organization, name, uses_left, created_by, expires_at) VALUES
		(gen_random_uuid(), sha256('${initial}'), '${org.id}', 't', 100,
		'${person.id}', now() + interval '1 day')`);
});

const register = (body, token) => instance.client(token)
	.post('/oauth/register', body);

async function registered(body, token) {
	const answer = await register(body, token);
	assert.equal(answer.status, 201, answer.text);
	const made = answer.json;
	return { made, own: instance.client(made.registration_access_token),
		path: `/oauth/register/${made.client_id}`,
		app: new App(instance, { id: made.client_id,
			secret: made.client_secret, method: 'client_secret_basic',
			redirect: redirects[0] }) };
}

describe('a scope that is none gives no scope at all', () => {
	const service = { grant_types: ['client_credentials'] };
	for (const scope of ['stores:read "x"', 'stores:read\\', 'stören',
		'stores:read\torders:read', `stores:read ${'x'.repeat(2020)}`])
		test(JSON.stringify(scope.slice(0, 30)), async () => {
			for (const [body, token] of [[service, initial],
				[{ redirect_uris: redirects }]])
				oauthError(await register({ ...body, scope }, token), 400,
					'invalid_client_metadata');
			const { own, path, made } = await registered({
				redirect_uris: redirects, scope: 'stores:read' });
			oauthError(await own.put(path, { client_id: made.client_id,
				redirect_uris: redirects, scope }), 400,
			'invalid_client_metadata');
			assert.equal((await own.get(path)).json.scope, made.scope);
		});
	test('blanks around it are nothing', async () => {
		const { made } = await registered({ grant_types:
			['client_credentials'], scope: ' stores:read ' }, initial);
		assert.deepEqual(made.scope.split(' ').filter((s) => /:/.test(s)),
			['stores:read']);
	});
	test('none, an empty one and null are the default', async () => {
		const { made } = await registered({ redirect_uris: redirects });
		for (const scope of ['', null])
			assert.equal((await registered({ redirect_uris: redirects,
				scope })).made.scope, made.scope);
	});
});

describe('what is wrong is told as RFC 7591 3.2.2 has it', () => {
	for (const value of ['https://a.example/cb', [5], [null], {}, 7, true,
		[`https://a.example/${'a'.repeat(3000)}`], ['javascript:x'], []])
		test(`redirect_uris ${JSON.stringify(value).slice(0, 30)}`, async () =>
			oauthError(await register({ redirect_uris: value }), 400,
				'invalid_redirect_uri'));
	for (const [name, value] of Object.entries({ client_name: 5,
		client_uri: ['https://a.example'], grant_types: 'authorization_code',
		response_types: [1], scope: ['stores:read'], jwks: 'x', contacts: 'x',
		application_type: {}, token_endpoint_auth_method: 1,
		post_logout_redirect_uris: 'x', software_id: 'x'.repeat(300) }))
		test(`${name} ${JSON.stringify(value).slice(0, 30)}`, async () =>
			oauthError(await register({ redirect_uris: redirects,
				[name]: value }), 400, 'invalid_client_metadata'));
	test('what is no JSON object is no metadata', async () => {
		for (const body of ['{', '[]', '5', '{"a":1,"a":2}']) {
			const reply = await fetch(`${instance.base}/oauth/register`, {
				method: 'POST', body,
				headers: { 'content-type': 'application/json' } });
			assert.equal(reply.status, 400);
			assert.equal((await reply.json()).error, 'invalid_request');
		}
	});
});

describe('what was shown can be sent back (RFC 7592 2.2)', () => {
	for (const [what, body] of Object.entries({
		'a service': { grant_types: ['client_credentials'] },
		'a service that says no response_types': {
			grant_types: ['client_credentials'], response_types: [] },
		'an app that is a service, too': { redirect_uris: redirects,
			grant_types: ['authorization_code', 'client_credentials'] },
		'an app': { redirect_uris: redirects } }))
		test(what, async () => {
			const { own, path } = await registered(body, initial);
			const shown = (await own.get(path)).ok(200).json;
			const again = (await own.put(path, shown)).ok(200).json;
			assert.deepEqual(again, shown);
		});
	test('each answer says where and with what it is managed (3)', async () => {
		const { made, own, path } = await registered(
			{ redirect_uris: redirects });
		for (const answer of [await own.get(path), await own.put(path,
			{ client_id: made.client_id, redirect_uris: redirects }),
		await own.get(path)]) {
			const { json } = answer.ok(200);
			assert.equal(json.registration_access_token,
				made.registration_access_token);
			assert.equal(json.registration_client_uri,
				made.registration_client_uri);
			assert.equal(answer.headers.get('cache-control'), 'no-store');
		}
		assert.ok(!instance.log().includes(made.registration_access_token));
	});
	test('a key that is missing is called missing', async () => {
		assert.match(oauthError(await register({ redirect_uris: redirects,
			token_endpoint_auth_method: 'private_key_jwt' }), 400,
		'invalid_client_metadata').error_description, /^jwks is missing/);
	});
	test('codes need the response type code', async () => {
		for (const body of [{ response_types: [] },
			{ response_types: ['token'] }, { response_types: [],
				grant_types: ['authorization_code', 'client_credentials'] }])
			oauthError(await register({ redirect_uris: redirects, ...body },
				initial), 400, 'invalid_client_metadata');
		oauthError(await register({ response_types: ['code', 5],
			grant_types: ['client_credentials'] }, initial), 400, /^invalid_/);
	});
});

test('a grant that was given up gives no more tokens', async () => {
	const { own, path, made, app } = await registered({
		redirect_uris: redirects, scope: 'stores:read' });
	const tokens = await app.tokens(browser);
	const grant = await app.code(browser);
	const put = async (grant_types) => (await own.put(path, {
		client_id: made.client_id, redirect_uris: redirects, grant_types,
		scope: 'stores:read' })).ok(200);
	await put(['authorization_code']);
	oauthError(await app.refresh(tokens.refresh_token), 400,
		'unauthorized_client');
	const alone = (await app.redeem(grant)).ok(200).json;
	assert.equal(alone.refresh_token, undefined);
	// nothing was ended by that
	await put(['authorization_code', 'refresh_token']);
	(await app.refresh(tokens.refresh_token)).ok(200);
});

test('a code is worth nothing to a client without that grant', async () => {
	const { own, path, made, app } = await registered({
		redirect_uris: redirects, scope: 'stores:read',
		grant_types: ['authorization_code', 'client_credentials'] }, initial);
	const [grant, other] = [await app.code(browser), await app.code(browser)];
	const put = async (grant_types) => (await own.put(path, {
		client_id: made.client_id, redirect_uris: redirects, grant_types,
		scope: 'stores:read' })).ok(200);
	const first = (await app.redeem(other)).ok(200).json;
	await put(['client_credentials']);
	oauthError(await app.redeem(grant), 400, 'unauthorized_client');
	// a replay is one all the same
	oauthError(await app.redeem(other), 400, 'invalid_grant');
	assert.equal(await app.alive(first.access_token), false);
	await put(['authorization_code', 'client_credentials']);
	(await app.redeem(grant)).ok(200);
});

test('what an administrator took from a client, it does not give itself',
	async () => {
		const boss = await (await Person.make(instance, { organization:
			org.name, role: 'administrator' })).signIn();
		const { own, path, made, app } = await registered({
			client_name: 'Greedy', redirect_uris: redirects, grant_types:
				['authorization_code', 'refresh_token', 'client_credentials'] },
		initial);
		(await app.credentials()).ok(200);
		const body = { client_id: made.client_id, redirect_uris: redirects,
			client_name: 'Greedy', grant_types: made.grant_types };
		(await own.put(path, body)).ok(200);

		const page = `/admin/oauth-clients/${made.client_id}`;
		const form = await boss.get(page);
		assert.doesNotMatch(form.words, /its own requests to change it/);
		assert.match(form.words, /once it is changed here/i);
		const fields = filled(form.form(page));
		fields.delete('service');
		fields.delete('scope');
		fields.append('scope', 'stores:read');
		assert.doesNotMatch((await boss.post(page, fields)).redirect(),
			/confirm|error/);
		oauthError(await app.credentials(), 400, 'unauthorized_client');
		const before = (await own.get(path)).ok(200).json;
		assert.doesNotMatch(before.scope, /orders:read/);

		oauthError(await own.put(path, body), 403, 'access_denied');
		assert.deepEqual((await own.get(path)).ok(200).json, before);
		oauthError(await app.credentials(), 400, 'unauthorized_client');
		const held = await boss.get(page);
		assert.match(held.words, new RegExp('Registration Held since an '
			+ 'administrator changed it just now ?: its own requests to change '
			+ 'it \\(PUT, RFC 7592\\) are refused'));
		assert.doesNotMatch(held.words, /once it is changed here/i);
		// to go away is its own affair
		assert.equal((await own.delete(path)).status, 204);
	});
