// Attacks on client authentication and registration, each named after what
// it tries.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';
import { crowd } from '../lib/crowd.mjs';
import { Instance } from '../lib/instance.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { Person } from '../lib/people.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';

// The registrations that are counted and deleted here are of this file alone.
const { cluster } = await sharedInstance();
const instance = await Instance.start({ cluster, conf: 'password cost 6' });
after(() => instance.stop());
const api = instance.client();
let org, person, browser;

before(async () => {
	({ org, person, browser } = await stage(instance));
});

const service = (facts) => App.make(instance, { organization: org.id,
	origin: 'admin', scopes: ['stores:read'], grants: ['client_credentials'],
	...facts });
const fields = { grant_type: 'client_credentials' };
const base64 = (text) => Buffer.from(text).toString('base64');

test('an own app with tokens of its own, made and saved on its pages',
	async () => {
		const list = '/settings/oauth-apps';
		const made = await browser.submit(`${list}/new`, list, {
			name: 'Nightly', service: '1', scope: 'stores:read' });
		const path = new URL(made.redirect(), instance.base).pathname;
		const page = await browser.get(made.location);
		const value = (id) => new RegExp(`id="${id}"[^>]*>([^<]+)<`)
			.exec(page.text)[1];
		const app = new App(instance, { id: value('client-id'),
			secret: value('secret'), method: 'client_secret_basic' });
		// of no person: nothing that tells who one is, asked for or not
		const own = (await app.credentials()).ok(200).json;
		assert.equal(own.scope, 'stores:read');
		assert.equal((await app.introspect(own.access_token)).json.scope,
			'stores:read');
		for (const scope of ['openid', 'stores:read email', 'offline_access'])
			oauthError(await app.credentials({ scope }), 400, 'invalid_scope');
		assert.match((await browser.submit(path, path)).redirect(),
			/done=saved/);
		(await app.credentials()).ok(200);
		// of nobody else, and not by the page for clients
		const other = await (await Person.make(instance,
			{ organization: org.name })).signIn();
		assert.equal((await other.get(path)).status, 404);
	});

describe('secrets', () => {
	let app;
	before(async () => {
		app = await service();
	});
	test('in the header, in the body', async () => {
		(await app.credentials()).ok(200);
		(await app.as({ method: 'client_secret_post' }).credentials()).ok(200);
	});
	test('percent-encoded in the header (RFC 6749 2.3.1)', async () => {
		const odd = await service();
		const secret = 'gcs_ä:+&=% /' + random();
		await odd.addSecret(secret);
		(await odd.as({ secret }).credentials()).ok(200);
		(await odd.as({ secret, method: 'client_secret_post' }).credentials())
			.ok(200);
		const raw = await odd.send('/oauth/token', fields, { authorization:
			`Basic ${base64(`${odd.id.replaceAll('_', '%5F')}:${
				encodeURIComponent(secret)}`)}` });
		raw.ok(200);
	});
	test('in header and body', async () => {
		oauthError(await app.credentials({ client_secret: app.secret }), 400,
			'invalid_request');
		oauthError(await app.credentials({ client_assertion: 'a.b.c',
			client_assertion_type: 'x' }), 400, 'invalid_request');
		// the id alone may stand in both
		(await app.credentials({ client_id: app.id })).ok(200);
		oauthError(await app.credentials({ client_id: 'gc_other' }), 400,
			'invalid_request');
	});
	test('in the query', async () => {
		const query = new URLSearchParams({ client_id: app.id,
			client_secret: app.secret });
		oauthError(await app.send(`/oauth/token?${query}`, fields), 400,
			'invalid_request');
		oauthError(await app.send(`/oauth/token?client_secret=${app.secret}`,
			fields, { authorization: app.basic }), 400, 'invalid_request');
		oauthError(await app.send('/oauth/token?grant_type=client_credentials',
			{}, { authorization: app.basic }), 400, 'invalid_request');
	});
	test('empty, missing, wrong, another client\'s', async () => {
		const other = await service();
		for (const secret of ['', 'x', other.secret, app.secret.slice(0, -1),
			`${app.secret}x`, app.secret.toLowerCase(), 'x'.repeat(255)])
			for (const method of ['client_secret_basic', 'client_secret_post'])
				oauthError(await app.as({ secret, method }).credentials(), 401,
					'invalid_client');
		const long = await app.as({ secret: 'x'.repeat(4000) }).credentials();
		oauthError(long, 401, 'invalid_client');
		oauthError(await app.as({ id: 'gc_' + 'x'.repeat(3000) })
			.credentials(), 401, 'invalid_client');
		oauthError(await app.send('/oauth/token', { ...fields,
			client_id: app.id }), 401, 'invalid_client');
		oauthError(await app.send('/oauth/token', { ...fields,
			client_secret: app.secret }), 401, 'invalid_client');
	});
	test('broken headers', async () => {
		for (const authorization of ['Basic', 'Basic ', 'Basic !!!', 'Basic YQ',
			`Basic ${base64('nocolon')}`, `Basic ${base64('\0:\0')}`,
			`Basic ${base64(':')}`, `Basic ${base64(`:${app.secret}`)}`,
			`Bearer ${app.secret}`, 'Digest x', `basic${base64('a:b')}`]) {
			const answer = await app.send('/oauth/token', fields,
				{ authorization });
			oauthError(answer, 401, 'invalid_client');
			assert.match(answer.headers.get('www-authenticate'), /^Basic /);
		}
	});
	test('twice', async () => {
		oauthError(await app.send('/oauth/token', { ...fields,
			client_id: [app.id, app.id], client_secret: app.secret }), 400,
		'invalid_request');
		oauthError(await app.send('/oauth/token', { ...fields,
			client_id: app.id, client_secret: [app.secret, app.secret] }), 400,
		'invalid_request');
	});
	test('a public client that sends one', async () => {
		const open = await App.make(instance, { organization: org.id,
			method: 'none', owner: person.id });
		const grant = await open.code(browser);
		oauthError(await open.as({ secret: 'gcs_x',
			method: 'client_secret_post' }).redeem(grant), 401,
		'invalid_client');
		oauthError(await open.as({ secret: 'gcs_x',
			method: 'client_secret_basic' }).redeem(grant), 401,
		'invalid_client');
		(await open.redeem(grant)).ok(200);
		oauthError(await open.credentials(), 400, 'unauthorized_client');
	});
	test('of a client that is registered for a key', async () => {
		const keyed = await service({ method: 'private_key_jwt',
			jwks: { keys: [await exportJWK((await generateKeyPair('ES256'))
				.publicKey)] } });
		const secret = `gcs_${random()}`;
		await keyed.addSecret(secret);
		oauthError(await keyed.as({ secret, method: 'client_secret_post' })
			.credentials(), 401, 'invalid_client');
	});
	test('two alive, one expired, one ended', async () => {
		const one = await service();
		const [second, third] = [`gcs_${random()}`, `gcs_${random()}`];
		await one.addSecret(second);
		await one.addSecret(third, 'now()');
		(await one.credentials()).ok(200);
		(await one.as({ secret: second }).credentials()).ok(200);
		oauthError(await one.as({ secret: third }).credentials(), 401,
			'invalid_client');
		await instance.psql(`UPDATE oauth.secret SET ended_at = now()
			WHERE client = '${one.id}' AND hash = sha256('${one.secret}')`);
		oauthError(await one.credentials(), 401, 'invalid_client');
		(await one.as({ secret: second }).credentials()).ok(200);
	});
	test('grants that the client is not registered for', async () => {
		const code = await App.make(instance, { organization: org.id });
		oauthError(await code.credentials(), 400, 'unauthorized_client');
		const page = await browser.get(app.path());
		assert.equal(page.location, null);
		assert.match(page.text, /error=unauthorized_client/);
	});
	test('of one that has no scopes of its own', async () => {
		const empty = await service({ scopes: ['openid', 'email'] });
		oauthError(await empty.credentials(), 400, 'invalid_scope');
	});
	test('scopes beyond the client\'s own', async () => {
		for (const scope of ['stores:read customers:read', 'openid', '*'])
			oauthError(await app.credentials({ scope }), 400, 'invalid_scope');
		assert.equal((await app.credentials()).ok(200).json.scope,
			'stores:read');
	});
});

describe('private_key_jwt', () => {
	const algs = ['ES256', 'RS256', 'EdDSA'];
	const keys = {};
	let app;
	before(async () => {
		for (const alg of algs)
			keys[alg] = await generateKeyPair(alg);
		keys.old = await generateKeyPair('ES256');
		const jwks = { keys: await Promise.all(algs.map(async (alg) => ({
			...await exportJWK(keys[alg].publicKey), kid: alg, alg }))) };
		app = await service({ method: 'private_key_jwt', jwks });
	});
	const claims = (more = {}) => ({ iss: app.id, sub: app.id,
		aud: instance.issuer, jti: random(), iat: Math.floor(Date.now() / 1000),
		exp: Math.floor(Date.now() / 1000) + 60, ...more });
	const jwt = (more = {}, header = {}, key = keys.ES256.privateKey) =>
		new SignJWT(claims(more)).setProtectedHeader(
			{ alg: 'ES256', kid: 'ES256', ...header }).sign(key);
	const send = (client_assertion, more = {}) => app.send('/oauth/token',
		{ ...fields, client_assertion, client_assertion_type:
			'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', ...more });
	const refused = async (assertion, more) =>
		oauthError(await send(assertion, more), 401, 'invalid_client');

	for (const alg of algs)
		test(`${alg} works, with and without kid`, async () => {
			for (const header of [{ alg, kid: alg }, { alg, kid: undefined },
				{ alg, kid: alg, typ: 'JWT' },
				{ alg, kid: alg, typ: 'client-authentication+jwt' }])
				(await send(await jwt({}, header, keys[alg].privateKey))).ok(200);
		});
	test('with client_id beside it, and with another one', async () => {
		(await send(await jwt(), { client_id: app.id })).ok(200);
		const other = await service();
		oauthError(await send(await jwt(), { client_id: other.id }), 401,
			'invalid_client');
	});
	test('the same one twice, one after the other and at once', async () => {
		const one = await jwt();
		(await send(one)).ok(200);
		await refused(one);
		const two = await jwt();
		const answers = await crowd(20, () => send(two));
		assert.deepEqual(answers.map(({ status }) => status).sort(),
			[200, ...Array(19).fill(401)]);
		// another one with the same jti
		const jti = random();
		(await send(await jwt({ jti }))).ok(200);
		await refused(await jwt({ jti, iat: 1 }));
	});
	for (const [what, more] of Object.entries({
		'audience: the token endpoint': () =>
			({ aud: `${instance.issuer}/oauth/token` }),
		'audience: another server': () => ({ aud: 'https://evil.example' }),
		'audience: ours and another': () =>
			({ aud: [instance.issuer, 'https://evil.example'] }),
		'audience: with a slash': () => ({ aud: `${instance.issuer}/` }),
		'no audience': () => ({ aud: undefined }),
		'another issuer': () => ({ iss: 'gc_x' }),
		'another subject': () => ({ sub: 'gc_x' }),
		'no issuer': () => ({ iss: undefined }),
		'expired': () => ({ exp: Math.floor(Date.now() / 1000) - 120 }),
		'far expiry': () => ({ exp: Math.floor(Date.now() / 1000) + 7200 }),
		'no expiry': () => ({ exp: undefined }),
		'not yet valid': () => ({ nbf: Math.floor(Date.now() / 1000) + 600 }),
		'made in the future': () =>
			({ iat: Math.floor(Date.now() / 1000) + 600 }),
		'no jti': () => ({ jti: undefined }),
		'an empty jti': () => ({ jti: '' }),
		'a jti that is a number': () => ({ jti: 1 }),
		'an expiry that is text': () => ({ exp: '9999999999' }),
	}))
		test(what, async () => {
			await refused(await new SignJWT(claims(more()))
				.setProtectedHeader({ alg: 'ES256', kid: 'ES256' })
				.sign(keys.ES256.privateKey));
		});
	test('audience as an array of one', async () => {
		(await send(await jwt({ aud: [instance.issuer] }))).ok(200);
	});
	test('another key, a retired one, another kid, another alg', async () => {
		await refused(await jwt({}, {}, keys.old.privateKey));
		await refused(await jwt({}, { kid: 'RS256' }));
		await refused(await jwt({}, { kid: 'gone' }));
		await refused(await jwt({}, { kid: "' OR 1=1 --" }));
		await refused(await jwt({}, { kid: '../../../etc/passwd' }));
		await refused(await jwt({}, { alg: 'RS256', kid: 'ES256' },
			keys.RS256.privateKey));
		await refused(await jwt({}, { alg: 'PS256', kid: 'RS256' },
			(await generateKeyPair('PS256')).privateKey));
	});
	test('alg none, HS256 with the public key', async () => {
		await refused(new UnsecuredJWT(claims()).encode());
		await refused(await new SignJWT(claims()).setProtectedHeader(
			{ alg: 'HS256' }).sign(Buffer.from(JSON.stringify(
			await exportJWK(keys.ES256.publicKey)))));
	});
	test('its own key in the header: jwk, jku, x5u', async () => {
		for (const header of [{ jwk: await exportJWK(keys.old.publicKey) },
			{ jku: 'http://169.254.169.254/' }, { x5u: 'http://127.0.0.1:1/' }])
			await refused(await jwt({}, header, keys.old.privateKey));
	});
	test('crit, b64, another typ', async () => {
		for (const header of [{ crit: ['x'], x: 1 }, { typ: 'at+jwt' },
			{ typ: 'logout+jwt' }])
			await refused(await jwt({}, header).catch(() => 'a.b.c'));
	});
	test('garbage', async () => {
		for (const text of ['a', 'a.b', 'a.b.c', '..', 'e30.e30.', '.e30.',
			`${'a'.repeat(3000)}.b.c`]) {
			const answer = await send(text, { client_id: app.id });
			assert.ok([400, 401].includes(answer.status), answer.text);
			assert.match(answer.json.error, /^invalid_(client|request)$/);
		}
		const good = await jwt();
		await refused(`${good.slice(0, -4)}AAAA`);
		const [head, , tail] = good.split('.');
		await refused(`${head}.${Buffer.from(JSON.stringify(claims()))
			.toString('base64url')}.${tail}`);
		oauthError(await send(await jwt(), { client_assertion_type: 'x' }), 400,
			'invalid_request');
	});
	test('a real access token of the server as assertion', async () => {
		const token = (await send(await jwt())).ok(200).json.access_token;
		await refused(token, { client_id: app.id });
	});
});

describe('registration', () => {
	const redirects = ['https://dyn.example/cb'];
	const allow = (value) => instance.psql(`UPDATE core.setting
		SET value = ${value} WHERE name = 'registration'`);
	const register = (body, headers) => api.post('/oauth/register', body,
		headers);
	before(() => allow(2));

	test('a client registers, manages and deletes itself', async () => {
		const answer = await register({ redirect_uris: redirects,
			client_name: 'Dyn', scope: 'openid stores:read',
			token_endpoint_auth_method: 'client_secret_basic',
			application_type: 'web', x_unknown: { a: 1 } });
		assert.equal(answer.status, 201, answer.text);
		assert.equal(answer.headers.get('cache-control'), 'no-store');
		const made = answer.json;
		assert.match(made.client_id, /^gc_/);
		assert.match(made.client_secret, /^gcs_/);
		assert.equal(made.client_secret_expires_at, 0);
		assert.match(made.registration_access_token, /^grr_/);
		assert.equal(made.registration_client_uri,
			`${instance.issuer}/oauth/register/${made.client_id}`);
		assert.deepEqual(made.redirect_uris, redirects);
		const path = `/oauth/register/${made.client_id}`;
		const own = instance.client(made.registration_access_token);
		const shown = (await own.get(path)).ok(200);
		assert.equal(shown.json.client_secret, undefined);
		assert.equal(shown.json.client_name, 'Dyn');
		const changed = (await own.put(path, { ...shown.json,
			client_id: made.client_id, client_name: 'Dyn 2' })).ok(200);
		assert.equal(changed.json.client_name, 'Dyn 2');
		const app = new App(instance, { id: made.client_id,
			secret: made.client_secret, method: 'client_secret_basic',
			redirect: redirects[0] });
		const tokens = await app.tokens(browser);
		assert.equal((await own.delete(path)).status, 204);
		assert.equal((await own.get(path)).status, 401);
		assert.equal(await app.alive(tokens.access_token), false);
	});
	test('a public one has no secret', async () => {
		const answer = await register({ redirect_uris: ['http://127.0.0.1/cb'],
			token_endpoint_auth_method: 'none', application_type: 'native' });
		assert.equal(answer.status, 201, answer.text);
		assert.equal(answer.json.client_secret, undefined);
		const open = new App(instance, { id: answer.json.client_id,
			method: 'none', redirect: 'http://127.0.0.1:5000/cb' });
		const tokens = await open.tokens(browser);
		assert.match(tokens.refresh_token, /^grt_/);
	});
	for (const uri of ['javascript:alert(1)', 'data:text/html,x',
		'http://app.example/cb', 'http://127.0.0.1:99999/cb',
		'http://[::1]:65536/cb', 'http://localhost:0/cb',
		'https://a.example:70000/cb', 'https://*.example/cb', 'https://a.example/*',
		'https://a.example/cb#x', 'https://u:p@a.example/cb', 'https://',
		'//a.example/cb', '/cb', '', 'x', 'ftp://a.example/', 'file:///etc/passwd',
		'myapp:/cb', 'https://a.example/../cb', 'https://a.example/c b',
		`https://a.example/${'a'.repeat(3000)}`])
		test(`redirect ${uri.slice(0, 40)}`, async () => {
			for (const redirect_uris of [[uri], [...redirects, uri]]) {
				const answer = await register({ redirect_uris });
				oauthError(answer, 400,
					/^invalid_(redirect_uri|request|client_metadata)$/);
			}
		});
	for (const [what, body] of Object.entries({
		'no redirect_uris': {},
		'redirect_uris that are no array': { redirect_uris: 'x' },
		'redirect_uris of numbers': { redirect_uris: [1] },
		'1000 redirects': { redirect_uris: Array.from({ length: 1000 },
			(_, i) => `https://a.example/${i}`) },
		'password grant': { redirect_uris: redirects, grant_types: ['password'] },
		'implicit': { redirect_uris: redirects, response_types: ['token'] },
		'client credentials for nobody': { redirect_uris: redirects,
			grant_types: ['client_credentials'] },
		'an unknown method': { redirect_uris: redirects,
			token_endpoint_auth_method: 'client_secret_jwt' },
		'jwks_uri': { redirect_uris: redirects,
			token_endpoint_auth_method: 'private_key_jwt',
			jwks_uri: 'http://169.254.169.254/keys' },
		'a private key': { redirect_uris: redirects,
			token_endpoint_auth_method: 'private_key_jwt',
			jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', d: 'd' }] } },
		'an application that is neither web nor native': {
			redirect_uris: redirects, application_type: 'service' },
		'an application_type that is no text': { redirect_uris: redirects,
			application_type: 5 },
		'a key that is none': { redirect_uris: redirects,
			token_endpoint_auth_method: 'private_key_jwt',
			jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } },
	}))
		test(what, async () => {
			oauthError(await register(body), 400,
				/^invalid_(redirect_uri|request|client_metadata)$/);
		});
	test('a software statement that says more is not believed', async () => {
		const said = (value) => Buffer.from(JSON.stringify(value))
			.toString('base64url');
		const answer = await register({ redirect_uris: redirects,
			software_statement: `${said({ alg: 'none' })}.${said({
				client_name: 'Trusted', scope: 'users:edit' })}.` });
		assert.equal(answer.status, 201, answer.text);
		assert.notEqual(answer.json.client_name, 'Trusted');
	});
	test('addresses of inside: nothing is fetched, nothing shown of them',
		async () => {
			let visits = 0;
			const inside = createServer((socket) => {
				visits++;
				socket.destroy();
			});
			await new Promise((resolve) =>
				inside.listen(0, '127.0.0.1', resolve));
			const names = ['logo_uri', 'client_uri', 'policy_uri', 'tos_uri',
				'sector_identifier_uri', 'initiate_login_uri',
				'backchannel_logout_uri', 'request_uris', 'jwks_uri'];
			for (const scheme of ['http', 'https'])
				for (const name of names) {
					const uri = `${scheme}://127.0.0.1:${
						inside.address().port}/${name}`;
					const answer = await register({ redirect_uris: redirects,
						client_name: 'Inside', token_endpoint_auth_method:
							'none', [name]: name.endsWith('s') ? [uri] : uri });
					if (answer.status !== 201) {
						oauthError(answer, 400, 'invalid_client_metadata');
						continue;
					}
					const one = new App(instance, { method: 'none',
						id: answer.json.client_id, redirect: redirects[0] });
					const page = await browser.get(one.path());
					assert.equal(page.status, 200);
					assert.doesNotMatch(page.text, /127\.0\.0\.1/);
					assert.doesNotMatch(page.text, /<img(?![^>]*static)/);
				}
			await new Promise((resolve) => inside.close(resolve));
			assert.equal(visits, 0);
		});
	test('secrets are shown once: not when it is asked for, nor changed',
		async () => {
			const made = (await register({ redirect_uris: redirects,
				token_endpoint_auth_method: 'client_secret_post' })).json;
			const own = instance.client(made.registration_access_token);
			const path = `/oauth/register/${made.client_id}`;
			for (const answer of [await own.get(path), await own.put(path,
				{ client_id: made.client_id, redirect_uris: redirects,
					token_endpoint_auth_method: 'client_secret_post' }),
			await own.get(path)]) {
				answer.ok(200);
				assert.ok(!answer.text.includes(made.client_secret));
				assert.doesNotMatch(answer.text, /gcs_/);
			}
		});
	test('an address that many share: who is let in makes room', async () => {
		const [[limit]] = await instance.psql(`SELECT value
			FROM core.setting WHERE name = 'registration_address'`);
		const set = (value) => instance.psql(`UPDATE core.setting
			SET value = ${value} WHERE name = 'registration_address'`);
		const forget = () => instance.psql(`DELETE FROM oauth.client
			WHERE used_at IS NULL AND id IN (SELECT r.client
			FROM oauth.registration r)`);
		await forget();
		try {
			await set(2);
			for (let i = 0; i < 5; i++) {
				const answer = await register({ redirect_uris: redirects,
					token_endpoint_auth_method: 'none' });
				assert.equal(answer.status, 201, answer.text);
				await new App(instance, { id: answer.json.client_id,
					method: 'none', redirect: redirects[0] }).tokens(browser);
			}
			for (const status of [201, 201, 429])
				assert.equal((await register({ redirect_uris: redirects }))
					.status, status);
		} finally {
			await set(limit);
			await forget();
		}
	});
	test('id and secret of a changed registration are its own', async () => {
		const [made, more] = [(await register({ redirect_uris: redirects })).json,
			(await register({ redirect_uris: redirects,
				token_endpoint_auth_method: 'none' })).json];
		const secret = `gcs_${random()}`;
		const put = (one, body) => instance.client(
			one.registration_access_token).put(
			`/oauth/register/${one.client_id}`, { client_id: one.client_id,
				redirect_uris: redirects, client_name: 'Changed',
				token_endpoint_auth_method:
					one.token_endpoint_auth_method, ...body });
		for (const wrong of [secret, `${made.client_secret}x`, 'x',
			made.registration_access_token, 'x'.repeat(255)])
			for (const one of [made, more])
				oauthError(await put(one, { client_secret: wrong }), 400,
					'invalid_client_metadata');
		oauthError(await put(made, { client_secret: 5 }), 400,
			'invalid_client_metadata');
		oauthError(await put(made, { client_id: more.client_id }), 400,
			'invalid_client_metadata');
		oauthError(await put(made, { client_id: undefined }), 400,
			'invalid_client_metadata');
		const app = new App(instance, { id: made.client_id, secret,
			method: 'client_secret_post' });
		oauthError(await app.refresh('grt_x'), 401, 'invalid_client');
		assert.notEqual((await instance.client(made.registration_access_token)
			.get(`/oauth/register/${made.client_id}`)).json.client_name,
		'Changed');
		const answer = (await put(made, { client_secret: made.client_secret }))
			.ok(200);
		assert.equal(answer.json.client_name, 'Changed');
		assert.doesNotMatch(answer.text, /gcs_/);
		(await put(more, { client_secret: null })).ok(200);
		oauthError(await app.as({ secret: made.client_secret })
			.refresh('grt_x'), 400, 'invalid_grant');
	});
	test('web and native, and a document\'s default', async () => {
		for (const application_type of ['web', 'native', undefined]) {
			const answer = await register({ redirect_uris: redirects,
				application_type });
			assert.equal(answer.status, 201, answer.text);
			assert.equal(answer.json.application_type, application_type);
		}
	});
	test('names with markup, bidi and control characters', async () => {
		for (const client_name of ['a\u202eb', 'a\u0000b', 'a\nb', '',
			'x'.repeat(1000), '<img src=x>']) {
			const answer = await register({ redirect_uris: redirects,
				client_name });
			assert.ok([201, 400].includes(answer.status), answer.text);
			if (answer.status === 201)
				assert.doesNotMatch(answer.json.client_name ?? '',
					/[\u0000-\u001f\u202a-\u202e\u2066-\u2069]/);
		}
	});
	test('a body of 1 MB and more, no JSON, an array, deep', async () => {
		const big = await register({ redirect_uris: redirects,
			client_name: 'x'.repeat(1 << 20) });
		assert.ok([400, 413].includes(big.status), String(big.status));
		for (const body of ['', 'x', '[]', '"x"', 'null', '{"a":',
			`${'['.repeat(100)}${']'.repeat(100)}`]) {
			const answer = await register(body);
			assert.equal(answer.status, 400, answer.text);
			assert.match(answer.json.error, /^invalid_/);
		}
		const form = await api.send('POST', '/oauth/register', 'a=b',
			{ 'content-type': 'application/x-www-form-urlencoded' });
		assert.ok([400, 415].includes(form.status));
	});
	test('a jump to more than the policy: scopes, trust, owner', async () => {
		const answer = await register({ redirect_uris: redirects,
			scope: 'openid stores:read users:edit tokens:edit', first_party: true,
			pkce_required: false, organization: org.id, origin: 'admin',
			status: 'active', owner: person.id });
		assert.ok([201, 400].includes(answer.status), answer.text);
		if (answer.status === 201) {
			assert.doesNotMatch(answer.json.scope, /users|tokens/);
			const [[origin, trusted, pkce, owner]] = await instance.psql(`SELECT
				origin, first_party, pkce_required, owner FROM oauth.client
				WHERE id = '${answer.json.client_id}'`);
			assert.deepEqual([origin, trusted, pkce, owner ?? ''],
				['dynamic', 'f', 't', '']);
		}
	});
	test('the registration token of another client, none, garbage', async () => {
		const make = async () => (await register(
			{ redirect_uris: redirects })).json;
		const [a, b] = [await make(), await make()];
		for (const token of [b.registration_access_token, a.client_secret,
			'grr_x', 'x', 'x'.repeat(6000)])
			for (const method of ['GET', 'PUT', 'DELETE'])
				oauthError(await instance.client(token).send(method,
					`/oauth/register/${a.client_id}`, method === 'PUT' ?
						{ redirect_uris: redirects } : undefined), 401,
				'invalid_token');
		assert.equal((await api.get(`/oauth/register/${a.client_id}`)).status,
			401);
		assert.equal((await instance.client(a.registration_access_token)
			.get('/oauth/register/gc_unknown')).status, 401);
		oauthError(await instance.client(a.registration_access_token)
			.put(`/oauth/register/${a.client_id}`, { client_id: b.client_id,
				redirect_uris: redirects }), 400,
		/^invalid_(request|client_metadata)$/);
	});
	test('initial tokens: needed when it says so, for so many uses', async () => {
		await allow(1);
		try {
			oauthError(await register({ redirect_uris: redirects }), 401,
				/./);
			oauthError(await register({ redirect_uris: redirects },
				{ authorization: 'Bearer gri_wrong' }), 401, 'invalid_token');
			const token = `gri_${random()}`;
			await instance.psql(`INSERT INTO oauth.initial_token (id, hash,
				organization, name, uses_left, expires_at) VALUES
				(gen_random_uuid(), sha256('${token}'), '${org.id}', 't', 3,
				now() + interval '1 day')`);
			const answers = await crowd(10, () =>
				register({ redirect_uris: redirects },
					{ authorization: `Bearer ${token}` }));
			assert.deepEqual(answers.map(({ status }) => status).sort(),
				[201, 201, 201, ...Array(7).fill(401)],
				answers.map(({ text }) => text).join('\n'));
		} finally {
			await allow(2);
		}
	});
	test('switched off: 403, and not in the metadata', async () => {
		await allow(0);
		try {
			oauthError(await register({ redirect_uris: redirects }), 403, /./);
			const meta = (await api.get(
				'/.well-known/oauth-authorization-server')).json;
			assert.equal(meta.registration_endpoint, undefined);
		} finally {
			await allow(2);
		}
	});
	test('a flood: limits, and no 500', async () => {
		const answers = await crowd(120, () =>
			register({ redirect_uris: redirects }));
		const kinds = new Set(answers.map(({ status }) => status));
		assert.ok([...kinds].every((status) => [201, 429].includes(status)),
			[...kinds].join());
		assert.ok(kinds.has(429));
		const [[n]] = await instance.psql(`SELECT value FROM core.setting
			WHERE name = 'registration_address'`);
		const [[have]] = await instance.psql(`SELECT count(*)
			FROM oauth.registration r JOIN oauth.client c ON c.id = r.client
			WHERE c.used_at IS NULL AND r.initial IS NULL`);
		// a few may slip in at the same moment
		assert.ok(Number(have) <= Number(n) + 8, `${have} of ${n}`);
		await instance.psql(`DELETE FROM oauth.client WHERE origin = 'dynamic'
			AND used_at IS NULL`);
	});
	test('a registration token a second old is only stored as hash', async () => {
		const made = (await register({ redirect_uris: redirects })).json;
		const [[n]] = await instance.psql(`SELECT count(*)
			FROM oauth.registration
			WHERE hash = sha256('${made.registration_access_token}')`);
		assert.equal(n, '1');
	});
});
