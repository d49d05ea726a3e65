// Authorization requests that are refused, or come as a form: what the audit
// has of them, what the app is told, and what nobody gets by it.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { unique } from '../lib/api.mjs';
import { Browser, filled } from '../lib/browser.mjs';
import { App, random, stage } from '../lib/oauth.mjs';
import { Person } from '../lib/people.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
let org, person, browser;

before(async () => {
	({ org, person, browser } = await stage(instance));
});

const make = (facts) => App.make(instance,
	{ organization: org.id, owner: person.id, ...facts });
const stranger = () => new Browser(instance.base);

async function refusals(one) {
	return (await instance.psql(`SELECT operation, code, status,
		coalesce(organization::text, ''), coalesce(person::text, ''),
		peer, request_id, target_kind, target, actor_kind
		FROM audit.event WHERE client = '${one.id}' AND outcome = 'refused'
		ORDER BY seq`)).map(([operation, code, status, organization, who,
		peer, request, kind, target, actor]) => ({ operation, code,
		status: Number(status), organization, person: who, peer, request,
		kind, target, actor }));
}

describe('the audit of a refused request', () => {
	const start = 'authorization.start';
	for (const [code, params] of Object.entries({
		redirect_mismatch: { redirect_uri: 'https://evil.example/' },
		invalid_scope: { scope: 'nonsense' },
		unsupported_response_type: { response_type: 'token' },
		invalid_request: { code_challenge: undefined },
		invalid_target: { resource: 'https://evil.example' },
		consent_required: { prompt: 'none' } }))
		test(`${code}: who, of which client, when, from where`, async () => {
			const one = await make();
			const answer = await browser.get(one.path(params));
			assert.deepEqual(await refusals(one), [{ operation: start, code,
				status: 400, organization: org.id, person: person.id,
				peer: '127.0.0.1', target: one.id, kind: 'client',
				request: answer.headers.get('x-request-id'),
				actor: 'session' }]);
		});
	for (const [code, params] of Object.entries({
		redirect_mismatch: { redirect_uri: 'https://evil.example/' },
		login_required: { prompt: 'none' } }))
		test(`${code} of a stranger, in the client's organization`,
			async () => {
				const one = await make();
				const answer = await stranger().get(one.path(params));
				assert.deepEqual(await refusals(one), [{ operation: start,
					code, status: 400, organization: org.id, person: '',
					peer: '127.0.0.1', target: one.id, kind: 'client',
					request: answer.headers.get('x-request-id'),
					actor: 'visitor' }]);
			});
	test('a person of elsewhere is not told to the client\'s organization',
		async () => {
			const there = await stage(instance);
			const one = await make();
			await there.browser.get(one.path({ scope: 'nonsense' }));
			const [event] = await refusals(one);
			assert.equal(event.organization, there.org.id);
			assert.equal(event.person, there.person.id);
		});
	test('a no, and nothing ticked, are the person\'s', async () => {
		const one = await make();
		await one.ask(browser, {}, { decision: 'deny' });
		await one.ask(browser, {}, { grant: [] });
		assert.deepEqual((await refusals(one)).map((event) =>
			[event.operation, event.code, event.status, event.person]),
		Array(2).fill(['authorization.decide', 'access_denied', 403,
			person.id]));
	});
	test('a changed form, a suspended client, scopes that one has not',
		async () => {
			const one = await make();
			await one.ask(browser, {}, { change: (body) =>
				body.set('binding', 'x') });
			await instance.psql(`UPDATE oauth.client SET status = 'suspended'
				WHERE id = '${one.id}'`);
			await browser.get(one.path());
			const poor = await Person.make(instance,
				{ organization: org.name });
			await instance.psql(`DELETE FROM core.member_role
				WHERE person = '${poor.id}'`);
			const two = await make();
			await (await poor.signIn()).get(two.path());
			assert.deepEqual([...await refusals(one), ...await refusals(two)]
				.map(({ code }) => code),
			['binding_failed', 'client_suspended', 'invalid_scope']);
		});
	test('what is allowed leaves no refusal', async () => {
		const one = await make();
		await one.code(browser);
		await stranger().get(one.path());
		assert.deepEqual(await refusals(one), []);
	});
	test('a stranger does not fill the trail, nor hide others in it',
		async () => {
			const one = await make();
			const [[limit]] = await instance.psql(`SELECT value
				FROM core.setting WHERE name = 'client_refusals'`);
			const many = 3 * Number(limit);
			await Promise.all(Array.from({ length: many }, () =>
				stranger().get(one.path({ redirect_uri: 'https://evil/' }))));
			await browser.get(one.path({ scope: 'nonsense' }));
			const seen = await refusals(one);
			const others = seen.filter((event) => event.person === '');
			// the minute may end meanwhile
			assert.ok(others.length >= Number(limit) &&
				others.length <= 2 * Number(limit), String(others.length));
			assert.equal(seen.length - others.length, 1);
			const [[n]] = await instance.psql(`SELECT sum(count)
				FROM audit.refused_client
				WHERE client = '${one.id}' AND person IS NULL`);
			assert.equal(Number(n), many);
		});
	test('a stranger with clients of his own is counted, no more',
		async () => {
			const count = async () => Number((await instance.psql(`SELECT
				coalesce(sum(count), 0) FROM audit.unknown_credential
				WHERE code = 'redirect_mismatch'`))[0][0]);
			const bad = { redirect_uri: 'https://evil.example/' };
			const one = await App.make(instance, { origin: 'dynamic',
				method: 'none' });
			const before = await count();
			for (let i = 0; i < 3; i++)
				await stranger().get(one.path(bad));
			assert.equal(await count() - before, 3);
			assert.deepEqual(await refusals(one), []);
			// a person is told of, and so is one that somebody let in
			await browser.get(one.path(bad));
			assert.equal((await refusals(one)).length, 1);
			await one.code(browser);
			await stranger().get(one.path(bad));
			assert.equal((await refusals(one)).length, 2);
		});
	test('clients that nobody knows are counted, no more', async () => {
		const count = async () => (await instance.psql(`SELECT
			coalesce((SELECT sum(count) FROM audit.unknown_credential
			WHERE code = 'client_unknown'), 0), (SELECT count(*)
			FROM audit.event), (SELECT count(*)
			FROM audit.refused_client)`))[0].map(Number);
		const before = await count();
		const one = (await make()).as({ id: `gc_${random(18)}` });
		for (let i = 0; i < 3; i++)
			assert.equal((await stranger().get(one.path())).status, 400);
		const after = await count();
		assert.equal(after[0] - before[0], 3);
		assert.deepEqual(await refusals(one), []);
		assert.equal(after[2] - before[2], 0);
	});
});

describe('too long, but the address is good: the app is told', () => {
	const long = (n) => 'x'.repeat(n);
	for (const [error, name, value] of [
		['invalid_request', 'state', long(5000)],
		['invalid_request', 'state', long(2049)],
		['invalid_request', 'nonce', long(256)],
		['invalid_request', 'nonce', long(6000)],
		['invalid_request', 'scope', long(2048)],
		['invalid_request', 'scope', `stores:read ${long(6000)}`],
		['invalid_request', 'code_challenge', long(129)],
		['invalid_request', 'code_challenge_method', long(17)],
		['invalid_request', 'prompt', long(65)],
		['invalid_request', 'max_age', '1'.repeat(17)],
		['invalid_request', 'response_mode', long(65)],
		['unsupported_response_type', 'response_type', long(65)],
		['invalid_target', 'resource', `https://x/${long(2048)}`],
		['request_not_supported', 'request', long(5000)],
		['request_uri_not_supported', 'request_uri', long(2049)]])
		test(`${name} of ${value.length}`, async () => {
			const one = await App.trusted(instance);
			for (const who of [browser, stranger()]) {
				const got = one.landed(await who.get(
					one.path({ [name]: value })));
				assert.equal(got.error, error);
				assert.equal(got.state,
					name === 'state' ? undefined : 'state-1');
			}
		});
	test('too long together for the way through a sign-in', async () => {
		const one = await App.trusted(instance);
		const state = '"'.repeat(2048);
		const got = one.landed(await stranger().get(one.path({ state })));
		assert.equal(got.error, 'invalid_request');
		assert.equal(got.state, state);
		const fits = await stranger().get(one.path(
			{ state: long(2048) }));
		const page = await stranger().get(fits.redirect());
		assert.equal(page.status, 200);
	});
	test('longer than any address: in the manner of the path', async () => {
		const one = await App.trusted(instance);
		const page = await stranger().get(one.path({ state: long(9000) }));
		assert.equal(page.status, 414);
		assert.match(page.headers.get('content-type'), /^text\/html\b/);
		assert.match(page.words, /The request target is too long/);
		const asked = await one.send(`/oauth/token?x=${long(9000)}`, {});
		assert.equal(asked.status, 414);
		assert.equal(asked.json.error, 'invalid_request');
	});
	test('a hint that is too long is none', async () => {
		const one = await App.trusted(instance);
		const answer = await stranger().get(one.path(
			{ login_hint: `${long(300)}@example.com` }));
		assert.match(answer.redirect(), /^\/login\?return_to=/);
		assert.doesNotMatch(answer.location, /xxx/);
	});
	for (const [name, value] of [['client_id', long(1100)],
		['redirect_uri', `https://app.example.com/${long(3000)}`]])
		test(`${name}: a page, as ever`, async () => {
			const one = await App.trusted(instance);
			const page = await browser.get(one.path({ [name]: value }));
			assert.equal(page.status, 400);
			assert.equal(page.location, null);
		});
});

describe('a request that comes as a form', () => {
	const fields = (one, more = {}) => Object.fromEntries(Object.entries({
		...Object.fromEntries(new URLSearchParams(
			one.path().split('?')[1])), ...more }));
	test('from another site, without cookies: it goes on as a GET',
		async () => {
			const one = await make();
			const answer = await stranger().post('/oauth/authorize', {
				...fields(one, { state: 'a b&c=ä"', x: 'unknown' }),
				resource: [`${instance.issuer}/api`,
					`${instance.issuer}/mcp`] });
			const to = new URL(answer.redirect(), instance.base);
			assert.equal(to.origin, new URL(instance.base).origin);
			assert.equal(to.pathname, '/oauth/authorize');
			assert.equal(to.searchParams.get('state'), 'a b&c=ä"');
			assert.equal(to.searchParams.get('x'), null);
			assert.deepEqual(to.searchParams.getAll('resource'),
				[`${instance.issuer}/api`, `${instance.issuer}/mcp`]);
			assert.equal(to.searchParams.get('client_id'), one.id);
			assert.deepEqual(answer.headers.getSetCookie(), []);
			assert.equal(answer.headers.get('cache-control'), 'no-store');
			const page = await browser.get(answer.location);
			const done = one.landed(await one.decide(browser, page));
			assert.match(done.code, /^gac_/);
			assert.equal(done.state, 'a b&c=ä"');
		});
	test('with a cookie and a consent: no code by POST', async () => {
		const one = await make();
		await one.code(browser);
		const answer = await browser.post('/oauth/authorize', fields(one));
		assert.match(answer.redirect(), /^\/oauth\/authorize\?/);
		assert.doesNotMatch(answer.location, /code=gac_/);
	});
	test('nothing of it reaches the form of consent', async () => {
		const one = await make();
		for (const name of ['csrf', 'binding', 'decision']) {
			const answer = await browser.post('/oauth/authorize',
				{ ...fields(one), decision: 'allow', [name]: 'x' });
			assert.equal(answer.status, 403, name);
			const bare = await stranger().post('/oauth/authorize',
				{ ...fields(one), [name]: '' });
			assert.ok(bare.status >= 400 || /^\/login/.test(bare.location),
				name);
		}
	});
	test('a form of consent without the cookie leads back by sign-in',
		async () => {
			const one = await make();
			const page = await browser.get(one.path());
			const body = filled(page.form('/oauth/authorize'));
			body.set('decision', 'allow');
			const to = (await stranger().post('/oauth/authorize', body))
				.redirect();
			assert.match(to, /^\/login\?return_to=/);
			const back = new URL(new URL(to, instance.base).searchParams
				.get('return_to'), instance.base);
			assert.equal(back.pathname, '/oauth/authorize');
			assert.equal(back.searchParams.get('client_id'), one.id);
			assert.equal(back.searchParams.get('decision'), null);
		});
	test('too long for an address, twice, no form: a refusal', async () => {
		const one = await make();
		for (const [status, body, type] of [
			[413, `${new URLSearchParams(fields(one))}&scope2=x&state2=${
				'x'.repeat(10)}&login_hint=${'x'.repeat(12000)}`],
			[400, `${new URLSearchParams(fields(one))}&client_id=${one.id}`],
			[400, 'client_id=%zz'],
			[415, JSON.stringify(fields(one)), 'application/json']]) {
			const answer = await stranger().send('POST', '/oauth/authorize',
				body, { 'content-type': type ??
					'application/x-www-form-urlencoded' });
			assert.equal(answer.status, status, body.slice(0, 60));
			assert.equal(answer.location, null);
		}
	});
	test('nothing at all: the page of a request without a client',
		async () => {
			const to = (await stranger().post('/oauth/authorize', {}))
				.redirect();
			assert.equal(to, '/oauth/authorize');
			assert.equal((await browser.get(to)).status, 400);
		});
});

describe('signing out by a form of an app', () => {
	test('it goes on as a GET, and asks', async () => {
		const bye = 'https://app.example.com/bye';
		const one = await make({ logouts: [bye] });
		const his = await person.signIn();
		const { id_token } = await one.tokens(his, { scope: 'openid' });
		for (const who of [stranger(), his]) {
			const answer = await who.post('/oauth/logout', { id_token_hint:
				id_token, post_logout_redirect_uri: bye, state: 's t',
			ui_locales: 'de' });
			const to = new URL(answer.redirect(), instance.base);
			assert.equal(to.pathname, '/oauth/logout');
			assert.deepEqual(Object.fromEntries(to.searchParams),
				{ id_token_hint: id_token, post_logout_redirect_uri: bye,
					state: 's t' });
			assert.deepEqual(answer.headers.getSetCookie(), []);
			const page = await his.get(answer.location);
			assert.match(page.words, /Sign out\?/);
		}
		assert.equal((await his.get('/settings')).status, 200);
		assert.equal((await his.submit(`/oauth/logout?${new URLSearchParams({
			id_token_hint: id_token, post_logout_redirect_uri: bye })}`,
		'/oauth/logout')).redirect(), bye);
		assert.equal((await his.get('/settings')).status, 303);
	});
});

describe('prompt=select_account', () => {
	test('who is signed in chooses: this person, or another', async () => {
		const one = await make();
		const his = await person.signIn();
		await one.code(his);
		const asked = (await his.get(one.path(
			{ prompt: 'select_account' }))).redirect();
		assert.match(asked, /^\/login\?return_to=/);
		const page = await his.get(asked);
		assert.match(page.words, /go on as this person/i);
		const back = new URL(asked, instance.base).searchParams
			.get('return_to');
		assert.match(one.landed(await his.get(back)).code, /^gac_/);
		const other = await Person.make(instance, { organization: org.name });
		const body = filled(page.form('/login'));
		body.set('email', other.email);
		body.set('password', other.password);
		const consent = await his.onward(await his.post('/login', body));
		assert.ok(consent.words.includes(other.email), consent.words);
	});
	test('with consent: both, once each', async () => {
		const one = await make();
		await one.code(browser);
		const asked = (await browser.get(one.path(
			{ prompt: 'select_account consent' }))).redirect();
		const page = await browser.get(new URL(asked, instance.base)
			.searchParams.get('return_to'));
		assert.ok(page.form('/oauth/authorize'));
	});
	test('who is not signed in chooses by signing in', async () => {
		const one = await make();
		const visitor = stranger();
		const first = await visitor.get(one.path(
			{ prompt: 'select_account' }));
		const body = filled((await visitor.get(first.redirect()))
			.form('/login'));
		body.set('email', person.email);
		body.set('password', person.password);
		const page = await visitor.onward(await visitor.post('/login', body));
		assert.ok(page.form('/oauth/authorize'), page.words);
	});
	test('the metadata says what prompt knows', async () => {
		const meta = (await instance.client()
			.get('/.well-known/openid-configuration')).json;
		assert.deepEqual(meta.prompt_values_supported,
			['none', 'login', 'consent', 'select_account']);
	});
	test('and nothing else', async () => {
		const one = await App.trusted(instance);
		for (const prompt of ['create', 'none select_account', unique('p')])
			assert.equal(one.landed(await browser.get(one.path({ prompt })))
				.error, 'invalid_request');
	});
});
