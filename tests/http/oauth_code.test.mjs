// Attacks on authorization codes, each named after what it tries.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { crowd } from '../lib/crowd.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { App, oauthError, pkce, random, stage } from '../lib/oauth.mjs';

const instance = await sharedInstance();
let org, person, browser, app, other;

before(async () => {
	({ org, person, browser, app } = await stage(instance,
		{ scopes: ['openid', 'email', 'stores:read'] }));
	other = await App.make(instance, { organization: org.id,
		owner: person.id });
});

const ask = { scope: 'openid stores:read' };

test('a code, redeemed as it should be', async () => {
	const answer = await app.redeem(await app.code(browser, ask));
	answer.ok(200);
	assert.equal(answer.headers.get('cache-control'), 'no-store');
	assert.deepEqual(Object.keys(answer.json).sort(), ['access_token',
		'expires_in', 'id_token', 'refresh_token', 'scope', 'token_type']);
	assert.equal(answer.json.token_type, 'Bearer');
	assert.ok(await app.alive(answer.json.access_token));
});

test('blanks around the scopes are of no account', async () => {
	const grant = await app.code(browser, { scope: ' openid  stores:read ' });
	const { refresh_token: refresh, scope } =
		(await app.redeem(grant)).ok(200).json;
	assert.equal(scope, 'openid stores:read');
	assert.equal((await app.refresh(refresh, { scope: 'stores:read ' }))
		.ok(200).json.scope, 'stores:read');
	const none = async (scope) => (await app.redeem(await app.code(browser,
		{ scope }))).ok(200).json.scope;
	assert.equal(await none(' '), await none(undefined));
});

test('replay: refused, and all that the code gave is dead', async () => {
	const grant = await app.code(browser, ask);
	const first = (await app.redeem(grant)).ok(200).json;
	const second = (await app.refresh(first.refresh_token)).ok(200).json;
	oauthError(await app.redeem(grant), 400, 'invalid_grant');
	for (const token of [first.access_token, second.access_token])
		assert.equal(await app.alive(token), false);
	for (const secret of [first.refresh_token, second.refresh_token])
		oauthError(await app.refresh(secret), 400, 'invalid_grant');
	const rows = await instance.psql(`SELECT code FROM audit.event
		WHERE operation = 'token.redeem' AND outcome = 'refused'
		AND client = '${app.id}' AND target_kind = 'token'`);
	assert.ok(rows.length >= 1, 'the replay is in the audit');
});

test('50 parallel redemptions: one winner, no 500', async () => {
	for (let round = 0; round < 4; round++) {
		const grant = await app.code(browser, ask);
		const answers = await crowd(50, () => app.redeem(grant));
		const won = answers.filter(({ status }) => status === 200);
		assert.equal(won.length, 1, answers.map(({ status }) => status).join());
		for (const answer of answers)
			if (answer.status !== 200)
				oauthError(answer, 400, 'invalid_grant');
		const [[families]] = await instance.psql(`SELECT count(*)
			FROM oauth.code c JOIN token.family f ON f.id = c.family
			WHERE c.hash = sha256('${grant.code}')`);
		assert.equal(families, '1');
		// the losers were replays
		assert.equal(await app.alive(won[0].json.access_token), false);
	}
});

describe('injection', () => {
	test('code of one client at another', async () => {
		const grant = await app.code(browser, ask);
		oauthError(await other.redeem(grant), 400, 'invalid_grant');
		oauthError(await app.as({ id: other.id, secret: other.secret })
			.redeem(grant), 400, 'invalid_grant');
		// and it did not burn it
		(await app.redeem(grant)).ok(200);
	});
	test('code of one public client at another', async () => {
		const make = () => App.make(instance, { organization: org.id,
			method: 'none' });
		const [a, b] = [await make(), await make()];
		const grant = await a.code(browser, ask);
		oauthError(await b.redeem(grant), 400, 'invalid_grant');
		oauthError(await a.as({ method: 'client_secret_post',
			secret: 'x' }).redeem(grant), 401, 'invalid_client');
	});
	for (const [what, change] of Object.entries({
		'another verifier': { code_verifier: pkce().verifier },
		'no verifier (downgrade)': { code_verifier: undefined },
		'the empty verifier': { code_verifier: '' },
		'a short verifier': { code_verifier: 'a'.repeat(42) },
		'a long verifier': { code_verifier: 'a'.repeat(129) },
		'a very long verifier': { code_verifier: 'a'.repeat(10000) },
		'a verifier of odd characters': { code_verifier: `${'a'.repeat(42)}+` } }))
		test(what, async () => {
			const grant = await app.code(browser, ask);
			oauthError(await app.redeem(grant, change), 400,
				/^invalid_(grant|request)$/);
			(await app.redeem(grant)).ok(200);
		});
	test('the challenge as verifier (plain)', async () => {
		const { challenge } = pkce();
		const got = app.landed(await app.ask(browser,
			{ ...ask, code_challenge: challenge }));
		oauthError(await app.redeem({ code: got.code, verifier: challenge,
			redirect: app.redirect }), 400, 'invalid_grant');
	});
	test('a verifier where no challenge was sent', async () => {
		const loose = await App.make(instance, { organization: org.id,
			pkceRequired: false });
		const { code } = loose.landed(await loose.ask(browser, { ...ask,
			code_challenge: undefined, code_challenge_method: undefined }));
		oauthError(await loose.redeem({ code, redirect: loose.redirect,
			verifier: pkce().verifier }), 400, 'invalid_grant');
		(await loose.redeem({ code, redirect: loose.redirect })).ok(200);
	});
	for (const code of ['x', 'gac_', `gac_${random()}`, "' OR 1=1 --",
		'\u0000'.repeat(3), 'ä', 'x'.repeat(255)])
		test(`no code at all: ${JSON.stringify(code.slice(0, 20))}`, async () => {
			const got = await app.redeem({ code, verifier: pkce().verifier,
				redirect: app.redirect });
			oauthError(got, 400, /^invalid_(grant|request)$/);
		});
});

describe('redirect_uri at the token endpoint', () => {
	for (const redirect_uri of ['https://app.example.com/', 'https://evil.example/',
		'https://app.example.com/callback/', 'http://app.example.com/callback'])
		test(redirect_uri, async () => {
			const grant = await app.code(browser, ask);
			oauthError(await app.redeem(grant, { redirect_uri }), 400,
				'invalid_grant');
		});
	test('another loopback port than in the request', async () => {
		const local = await App.make(instance, { organization: org.id,
			method: 'none', redirects: ['http://127.0.0.1/cb'] });
		const grant = await local.code(browser,
			{ ...ask, redirect_uri: 'http://127.0.0.1:4000/cb' });
		oauthError(await local.redeem(grant,
			{ redirect_uri: 'http://127.0.0.1:4001/cb' }), 400, 'invalid_grant');
		(await local.redeem(grant)).ok(200);
	});
	test('left out although it was sent, without PKCE', async () => {
		const loose = await App.make(instance, { organization: org.id,
			pkceRequired: false });
		const { code } = loose.landed(await loose.ask(browser, { ...ask,
			code_challenge: undefined, code_challenge_method: undefined }));
		oauthError(await loose.redeem({ code }), 400, 'invalid_grant');
	});
	test('left out, with PKCE (OAuth 2.1)', async () => {
		const grant = await app.code(browser, ask);
		(await app.redeem(grant, { redirect_uri: undefined })).ok(200);
	});
});

describe('a code that came too late', () => {
	test('expired', async () => {
		const grant = await app.code(browser, ask);
		await instance.psql(`UPDATE oauth.code SET expires_at = now()
			WHERE hash = sha256('${grant.code}')`);
		oauthError(await app.redeem(grant), 400, 'invalid_grant');
	});
	test('after the person signed out', async () => {
		const mine = await person.signIn();
		const grant = await app.code(mine, ask);
		const page = await mine.get('/login');
		await mine.post('/logout', { csrf: page.form('/login').fields
			.find(({ name }) => name === 'csrf').value });
		assert.match((await mine.get('/settings/security')).redirect(),
			/^\/login/);
		oauthError(await app.redeem(grant), 400, 'invalid_grant');
	});
	test('after the client was deleted, suspended', async () => {
		for (const status of ['deleted', 'suspended']) {
			const gone = await App.make(instance, { organization: org.id });
			const grant = await gone.code(browser, ask);
			await instance.psql(`UPDATE oauth.client SET status = '${status}'
				WHERE id = '${gone.id}'`);
			oauthError(await gone.redeem(grant), 401, 'invalid_client');
		}
	});
	test('after the connection was revoked', async () => {
		const grant = await app.code(browser, ask);
		await instance.psql(`UPDATE oauth.connection SET ended_at = now()
			WHERE client = '${app.id}' AND person = '${person.id}'`);
		oauthError(await app.redeem(grant), 400, 'invalid_grant');
	});
	test('after the person was disabled', async () => {
		const { person: him, browser: his, org: theirs } =
			await stage(instance);
		const app2 = await App.make(instance, { organization: theirs.id });
		const grant = await app2.code(his, ask);
		await instance.psql(`UPDATE core.person SET status = 'disabled'
			WHERE id = '${him.id}'`);
		oauthError(await app2.redeem(grant), 400, 'invalid_grant');
	});
});

test('resource: a code for one audience gives no token for another', async () => {
	const api = `${instance.issuer}/api`, mcp = `${instance.issuer}/mcp`;
	const grant = await app.code(browser, { ...ask, resource: api });
	oauthError(await app.redeem(grant, { resource: mcp }), 400,
		'invalid_target');
	oauthError(await app.redeem(grant, { resource: 'https://evil.example' }),
		400, 'invalid_target');
	const tokens = (await app.redeem(grant, { resource: `${api}/` }))
		.ok(200).json;
	assert.equal((await app.introspect(tokens.access_token)).json.aud, api);
});

test('what the token endpoint refuses, as RFC 6749 5.2', async () => {
	const good = { grant_type: 'authorization_code', code: 'gac_x' };
	for (const [fields, error] of [
		[{}, 'invalid_request'], [{ grant_type: '' }, 'invalid_request'],
		[{ grant_type: 'password', username: 'a', password: 'b' },
			'unsupported_grant_type'],
		[{ grant_type: 'implicit' }, 'unsupported_grant_type'],
		[{ grant_type: 'AUTHORIZATION_CODE' }, 'unsupported_grant_type'],
		[{ grant_type: ['authorization_code', 'refresh_token'] },
			'invalid_request'],
		[{ grant_type: 'authorization_code' }, 'invalid_request'],
		[{ ...good, code: ['a', 'b'] }, 'invalid_request'],
		[{ ...good, code_verifier: ['a', 'b'] }, 'invalid_request'],
		[{ grant_type: 'refresh_token' }, 'invalid_request'],
		[{ grant_type: 'x'.repeat(1000) }, /./]])
		oauthError(await app.token(fields), 400, error);
	const json = await instance.client().post('/oauth/token', good,
		{ authorization: app.basic });
	assert.match(oauthError(json, 400, 'invalid_request').error_description,
		/application\/x-www-form-urlencoded/);
	const get = await instance.client().get('/oauth/token');
	assert.equal(get.status, 405);
});
