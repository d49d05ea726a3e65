// Whom a request means (id_token_hint, OpenID Connect Core 3.1.2.1): nobody
// else's tokens are the answer.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Browser, filled } from '../lib/browser.mjs';
import { App, stage } from '../lib/oauth.mjs';
import { Person } from '../lib/people.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
let org, one, other, his, hers, app, hint, foreign;

const encode = (value) =>
	Buffer.from(JSON.stringify(value)).toString('base64url');
const forged = (claims) => `${encode({ alg: 'ES256' })}.${encode(claims)}.AAAA`;

async function signIn(browser, path, person) {
	const page = await browser.get(path);
	const body = filled(page.form('/login'));
	body.set('email', person.email);
	body.set('password', person.password);
	return browser.onward(await browser.post('/login', body));
}

before(async () => {
	({ org, person: one, browser: his, app } = await stage(instance));
	other = await Person.make(instance, { organization: org.name });
	hers = await other.signIn();
	const scope = 'openid stores:read';
	hint = (await app.tokens(his, { scope })).id_token;
	foreign = (await app.tokens(hers, { scope })).id_token;
});

const landed = (answer) => app.landed(answer);

describe('of who is signed in', () => {
	test('it goes on', async () => {
		for (const prompt of [undefined, 'none'])
			assert.match(landed(await his.get(app.path({ prompt,
				id_token_hint: hint }))).code, /^gac_/);
	});
	test('also by a form, and one that expired', async () => {
		const old = forged({ ...JSON.parse(Buffer.from(hint.split('.')[1],
			'base64url')), exp: 1 });
		const answer = await his.post('/oauth/authorize', new URLSearchParams(
			app.path({ id_token_hint: old, prompt: 'none' }).split('?')[1]));
		assert.match(landed(await his.get(answer.redirect())).code, /^gac_/);
	});
});

describe('of somebody else', () => {
	test('with prompt=none: login_required', async () => {
		assert.equal(landed(await his.get(app.path({ prompt: 'none',
			id_token_hint: foreign }))).error, 'login_required');
	});
	test('the right one signs in, and it goes on', async () => {
		const browser = await one.signIn();
		const asked = (await browser.get(app.path({ id_token_hint: foreign })))
			.redirect();
		assert.match(asked, /^\/login\?/);
		const page = await browser.get(asked);
		assert.doesNotMatch(page.words, /go on as/i);
		assert.match(landed(await signIn(browser, asked, other)).code, /^gac_/);
	});
	test('another one signs in all the same: login_required, no loop',
		async () => {
			const browser = await one.signIn();
			const asked = (await browser.get(app.path(
				{ id_token_hint: foreign }))).redirect();
			assert.equal(landed(await signIn(browser, asked, one)).error,
				'login_required');
		});
	test('nobody is signed in: only that one goes on', async () => {
		const browser = new Browser(instance.base);
		const asked = (await browser.get(app.path({ id_token_hint: hint })))
			.redirect();
		assert.equal(landed(await signIn(browser, asked, other)).error,
			'login_required');
		const again = new Browser(instance.base);
		assert.match(landed(await signIn(again, (await again.get(app.path(
			{ id_token_hint: hint }))).redirect(), one)).code, /^gac_/);
	});
	test('consent was shown to another one: nothing is given', async () => {
		const fresh = await App.make(instance, { organization: org.id,
			owner: one.id });
		const page = await his.get(fresh.path({ id_token_hint: hint }));
		assert.equal(page.status, 200, page.location);
		const answer = await fresh.decide(his, page, { change: (body) =>
			body.set('id_token_hint', foreign) });
		assert.equal(answer.status, 400);
	});
});

describe('that is none', () => {
	const issuer = instance.issuer;
	for (const [what, text] of Object.entries({
		garbage: 'garbage', 'no JSON': 'a.!!.c', 'an array': forged([1]),
		'of another issuer': forged({ iss: 'https://evil.example', sub: 'x' }),
		'no sub': forged({ iss: issuer }),
		'a sub that is no text': forged({ iss: issuer, sub: { a: 1 } }),
		'a number': `a.${encode(0)}.AAAA`,
		'deep': `a.${Buffer.from('['.repeat(4500)).toString('base64url')}.A` }))
		test(`${what}: invalid_request`, async () => {
			assert.equal(landed(await his.get(app.path({ prompt: 'none',
				id_token_hint: text }))).error, 'invalid_request');
		});
	test('an empty one is none at all', async () => {
		assert.match(landed(await his.get(app.path({ prompt: 'none',
			id_token_hint: '' }))).code, /^gac_/);
	});
});
