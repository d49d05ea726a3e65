// Attacks on refresh tokens, each named after what it tries.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { crowd } from '../lib/crowd.mjs';
import { Person } from '../lib/people.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';

const instance = await sharedInstance();
const ask = { scope: 'openid stores:read orders:read' };
let org, person, browser, app;

before(async () => {
	({ org, person, browser, app } = await stage(instance));
});

const family = async (secret) => (await instance.psql(`SELECT id, generation,
	ended_at FROM token.family WHERE id = '${
	Buffer.from(secret.slice(4), 'base64url').subarray(0, 16).toString('hex')}'`))[0];

// As if the last refresh of the family had been that long ago.
const age = (secret, seconds) => instance.psql(`UPDATE token.family
	SET refreshed_at = refreshed_at - interval '${seconds} seconds'
	WHERE id = '${Buffer.from(secret.slice(4), 'base64url')
		.subarray(0, 16).toString('hex')}'`);

test('rotation: each refresh gives a new secret and a living token', async () => {
	const first = await app.tokens(browser, ask);
	let last = first;
	for (let i = 0; i < 3; i++) {
		const next = (await app.refresh(last.refresh_token)).ok(200);
		assert.equal(next.headers.get('cache-control'), 'no-store');
		assert.notEqual(next.json.refresh_token, last.refresh_token);
		assert.equal(next.json.scope, first.scope);
		assert.ok(await app.alive(next.json.access_token));
		last = next.json;
	}
});

test('a lost answer: the former secret gives the same successor', async () => {
	const first = await app.tokens(browser, ask);
	const a = (await app.refresh(first.refresh_token)).ok(200).json;
	const b = (await app.refresh(first.refresh_token)).ok(200).json;
	assert.equal(a.refresh_token, b.refresh_token);
	assert.ok(await app.alive(a.access_token));
	assert.ok(await app.alive(b.access_token));
	assert.equal((await family(first.refresh_token))[1], '2');
});

test('a laptop that slept: the same successor, minutes later', async () => {
	const first = await app.tokens(browser, ask);
	const a = (await app.refresh(first.refresh_token)).ok(200).json;
	await age(first.refresh_token, 300);
	const b = (await app.refresh(first.refresh_token)).ok(200).json;
	assert.equal(a.refresh_token, b.refresh_token);
	assert.ok(await app.alive(b.access_token));
	// now the successor is in use: a second holder of the former is a thief
	oauthError(await app.refresh(first.refresh_token), 400, 'invalid_grant');
	assert.equal(await app.alive(b.access_token), false);
});

test('replay outside the grace: the family is revoked, the audit knows', async () => {
	const first = await app.tokens(browser, ask);
	const second = (await app.refresh(first.refresh_token)).ok(200).json;
	await age(first.refresh_token, 3600);
	oauthError(await app.refresh(first.refresh_token), 400, 'invalid_grant');
	assert.equal(await app.alive(second.access_token), false);
	oauthError(await app.refresh(second.refresh_token), 400, 'invalid_grant');
	const [id, , ended] = await family(first.refresh_token);
	assert.notEqual(ended, '');
	const rows = await instance.psql(`SELECT outcome, code FROM audit.event
		WHERE operation = 'token.oauth_refresh' AND target = '${id}'
		AND outcome = 'refused'`);
	assert.deepEqual(rows, [['refused', 'invalid_grant']]);
});

test('replay while the successor is in use: revoked after the race', async () => {
	const first = await app.tokens(browser, ask);
	const second = (await app.refresh(first.refresh_token)).ok(200).json;
	(await app.refresh(second.refresh_token)).ok(200);
	await age(first.refresh_token, 60);
	// two generations back: stolen
	oauthError(await app.refresh(first.refresh_token), 400, 'invalid_grant');
	oauthError(await app.refresh(second.refresh_token), 400, 'invalid_grant');
});

test('20 parallel refreshes: one family, one successor, no 500', async () => {
	for (let round = 0; round < 3; round++) {
		const first = await app.tokens(browser, ask);
		const answers = await crowd(20, () =>
			app.refresh(first.refresh_token));
		assert.deepEqual([...new Set(answers.map(({ status }) => status))],
			[200], answers.map(({ text }) => text).join('\n'));
		const secrets = new Set(answers.map(({ json }) => json.refresh_token));
		assert.equal(secrets.size, 1);
		const [, generation, ended] = await family(first.refresh_token);
		assert.equal(generation, '2');
		assert.equal(ended ?? '', '');
		for (const { json } of answers)
			assert.ok(await app.alive(json.access_token));
		(await app.refresh([...secrets][0])).ok(200);
	}
});

test('a family that is locked: temporarily_unavailable, and later it works',
	async () => {
		const got = await app.tokens(browser, ask);
		const [id] = await family(got.refresh_token);
		await instance.hold(`SELECT FROM token.family
			WHERE id = '${id}' FOR UPDATE`, async () => {
			const answer = await app.refresh(got.refresh_token);
			oauthError(answer, 503, 'temporarily_unavailable');
			assert.match(answer.headers.get('retry-after'), /^[0-9]+$/);
		});
		(await app.refresh(got.refresh_token)).ok(200);
	});

test('a chain of parallel refreshes never forks the family', async () => {
	let { refresh_token: secret } = await app.tokens(browser, ask);
	for (let i = 0; i < 10; i++) {
		const answers = await crowd(5, () => app.refresh(secret));
		const next = new Set(answers.map(({ json }) => json.refresh_token));
		assert.equal(next.size, 1, answers.map(({ text }) => text).join('\n'));
		[secret] = next;
	}
});

describe('by others and for more', () => {
	let tokens;
	before(async () => {
		tokens = await app.tokens(browser, ask);
	});
	test('by another client', async () => {
		const other = await App.make(instance, { organization: org.id });
		oauthError(await other.refresh(tokens.refresh_token), 400,
			'invalid_grant');
		const open = await App.make(instance, { organization: org.id,
			method: 'none' });
		oauthError(await open.refresh(tokens.refresh_token), 400,
			'invalid_grant');
	});
	test('by the client without its secret', async () => {
		oauthError(await app.as({ method: 'none', secret: undefined })
			.refresh(tokens.refresh_token), 401, 'invalid_client');
	});
	test('with a wider scope', async () => {
		for (const scope of ['openid stores:read orders:read segments:write',
			'customers:read', 'nonsense', '"'])
			oauthError(await app.refresh(tokens.refresh_token, { scope }), 400,
				'invalid_scope');
	});
	test('with another resource', async () => {
		const narrow = await app.tokens(browser,
			{ ...ask, resource: `${instance.issuer}/api` });
		oauthError(await app.refresh(narrow.refresh_token,
			{ resource: `${instance.issuer}/mcp` }), 400, 'invalid_target');
		oauthError(await app.refresh(narrow.refresh_token,
			{ resource: 'https://evil.example' }), 400, 'invalid_target');
	});
	test('a narrower one narrows that token, not the family', async () => {
		const narrow = (await app.refresh(tokens.refresh_token,
			{ scope: 'stores:read' })).ok(200).json;
		assert.equal(narrow.scope, 'stores:read');
		assert.equal((await app.userinfo(narrow.access_token)).status, 403);
		const wide = (await app.refresh(narrow.refresh_token)).ok(200).json;
		assert.equal(wide.scope, tokens.scope);
	});
	test('one of which nothing is left is no end of the grant', async () => {
		const { app: one, browser: b } = await stage(instance);
		const got = await one.tokens(b, { scope: 'stores:read orders:read' });
		const scopes = (list) => instance.psql(`UPDATE oauth.client
			SET scopes = '{${list}}' WHERE id = '${one.id}'`);
		await scopes('stores:read');
		oauthError(await one.refresh(got.refresh_token,
			{ scope: 'orders:read' }), 400, 'invalid_scope');
		const more = (await one.refresh(got.refresh_token)).ok(200).json;
		assert.equal(more.scope, 'stores:read');
		await scopes('segments:read');
		oauthError(await one.refresh(more.refresh_token), 400,
			'invalid_grant');
	});
	for (const secret of ['x', 'grt_', `grt_${random(49)}`,
		`grt_${'A'.repeat(100)}`, "grt_' OR 1=1 --", 'ä'])
		test(`no refresh token: ${secret.slice(0, 20)}`, async () => {
			oauthError(await app.refresh(secret), 400, 'invalid_grant');
		});
	test('an access token, an ID token, a code as refresh token', async () => {
		const fresh = await app.tokens(browser, ask);
		for (const token of [fresh.access_token, fresh.id_token,
			(await app.code(browser, ask)).code])
			oauthError(await app.refresh(token), 400,
				/^invalid_(grant|request)$/);
	});
	test('a forged generation of a real family', async () => {
		const fresh = await app.tokens(browser, ask);
		const bytes = Buffer.from(fresh.refresh_token.slice(4), 'base64url');
		for (const generation of [0, 1, 2, 3, 0x7fffffff, 0xffffffff]) {
			const forged = Buffer.from(bytes);
			forged.writeUInt32BE(generation, 16);
			forged[30] ^= 1;
			oauthError(await app.refresh(
				`grt_${forged.toString('base64url')}`), 400, 'invalid_grant');
		}
		// a guess must not end what it guessed at
		(await app.refresh(fresh.refresh_token)).ok(200);
	});
	test('at the management API', async () => {
		const fresh = await app.tokens(browser, ask);
		const api = instance.client(fresh.refresh_token);
		const id = (await family(fresh.refresh_token))[0];
		for (const answer of [await api.put(`/v1/tokens/${id}/refresh`),
			await api.put(`/v1/tokens/${person.id}/${id}/reset`),
			await api.delete(`/v1/tokens/${id}/secondary`)])
			assert.ok(answer.status >= 400 && answer.status < 500,
				`${answer.status} ${answer.text}`);
		(await app.refresh(fresh.refresh_token)).ok(200);
	});
	test('a refresh secret of an organization at the token endpoint', async () => {
		oauthError(await app.refresh(org.refresh), 400, 'invalid_grant');
	});
});

describe('after something ended', () => {
	async function dead(tokens, one = app) {
		oauthError(await one.refresh(tokens.refresh_token), 400,
			'invalid_grant');
		assert.equal(await one.alive(tokens.access_token), false);
	}
	test('the connection', async () => {
		const { app: one, browser: b } = await stage(instance);
		const tokens = await one.tokens(b, ask);
		const page = await b.get('/settings/connections');
		const form = page.forms.find(({ action }) =>
			/\/settings\/connections\/[^/]+\/revoke/.test(action ?? ''));
		assert.ok(form, page.text);
		(await b.post(form.action, new URLSearchParams(form.fields
			.map(({ name, value }) => [name, value])))).redirect();
		await dead(tokens, one);
	});
	test('the person, the membership, the organization', async () => {
		for (const sql of [
			({ person: p }) => `UPDATE core.person SET status = 'disabled'
				WHERE id = '${p.id}'`,
			({ person: p }) => `DELETE FROM core.member
				WHERE person = '${p.id}'`,
			({ org: o }) => `UPDATE core.organization SET status = 'disabled'
				WHERE id = '${o.id}'`]) {
			const there = await stage(instance);
			const tokens = await there.app.tokens(there.browser, ask);
			await instance.psql(sql(there));
			const answer = await there.app.refresh(tokens.refresh_token);
			assert.ok(answer.status === 400 || answer.status === 401,
				answer.text);
			assert.match(answer.json.error, /^invalid_(grant|client)$/);
			const api = await there.app.userinfo(tokens.access_token);
			assert.equal(api.status, 401, api.text);
		}
	});
	test('the membership, and its return: nothing comes back', async () => {
		const { org: o, person: p, browser: b, app: one } =
			await stage(instance);
		const boss = await (await Person.make(instance,
			{ organization: o.name, role: 'administrator' })).signIn();
		const members = `/admin/organizations/${o.id}/members`;
		const tokens = await one.tokens(b, ask);
		const grant = await one.code(b, ask);
		(await boss.submit(`${members}/${p.id}`, `${members}/${p.id}/remove`))
			.redirect();
		await dead(tokens, one);
		const form = await boss.get(`${members}/new`);
		const [, role] = /<label for="r-([0-9a-f-]+)">member</i.exec(form.text);
		(await boss.submit(`${members}/new`, members, { email: p.email,
			fullname: '', role })).redirect();
		const again = await p.signIn();
		assert.equal((await again.get('/settings')).status, 200);
		await dead(tokens, one);
		oauthError(await one.redeem(grant), 400, 'invalid_grant');
		// and the person is asked again
		assert.equal((await again.get(one.path(ask))).status, 200);
		assert.ok(await one.alive((await one.tokens(again, ask)).access_token));
	});
	test('the client', async () => {
		const one = await App.make(instance, { organization: org.id });
		const tokens = await one.tokens(browser, ask);
		await instance.psql(`UPDATE oauth.client SET status = 'suspended'
			WHERE id = '${one.id}'`);
		oauthError(await one.refresh(tokens.refresh_token), 401,
			'invalid_client');
		assert.equal(await one.alive(tokens.access_token), false);
	});
	test('the secret: its successor goes on, the old one is nothing', async () => {
		const one = await App.make(instance, { organization: org.id });
		const tokens = await one.tokens(browser, ask);
		await instance.psql(`UPDATE oauth.secret SET ended_at = now()
			WHERE client = '${one.id}'`);
		oauthError(await one.refresh(tokens.refresh_token), 401,
			'invalid_client');
		const secret = `gcs_${random()}`;
		await one.addSecret(secret);
		(await one.as({ secret }).refresh(tokens.refresh_token)).ok(200);
	});
	test('a password change leaves the apps alone, as the page says', async () => {
		const there = await stage(instance);
		const tokens = await there.app.tokens(there.browser, ask);
		const answer = await there.browser.submit('/settings/security',
			'/settings/security/password', {
				password: there.person.password,
				new_password: 'another long password' });
		answer.redirect();
		(await there.app.refresh(tokens.refresh_token)).ok(200);
	});
	test('the refresh token: its time', async () => {
		const tokens = await app.tokens(browser, ask);
		const [id] = await family(tokens.refresh_token);
		await instance.psql(`UPDATE token.family SET expires_at = now()
			WHERE id = '${id}'`);
		oauthError(await app.refresh(tokens.refresh_token), 400,
			'invalid_grant');
	});
});
