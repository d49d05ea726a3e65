// The consent page and attacks on it, each named after what it tries.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { claims } from '../lib/api.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { Browser, filled } from '../lib/browser.mjs';
import { App, pkce, stage } from '../lib/oauth.mjs';
import { Person } from '../lib/people.mjs';

const instance = await sharedInstance();
let org, person, browser, app;

before(async () => {
	({ org, person, browser, app } = await stage(instance));
});

const make = (facts) => App.make(instance,
	{ organization: org.id, owner: person.id, ...facts });

function refused(page, code, status = 400) {
	assert.equal(page.status, status, page.text);
	assert.equal(page.location, null);
	if (code)
		assert.match(page.text, code);
}

describe('what the page says', () => {
	test('who asks, who registered it, where it goes, each scope', async () => {
		const one = await make({ name: 'Shop Window',
			redirects: ['https://shop.example.com:8443/cb'] });
		const page = await browser.get(one.path(
			{ scope: 'openid stores:read segments:write' }));
		assert.equal(page.status, 200);
		for (const words of ['Shop Window', 'Pat Example', person.email,
			'shop.example.com:8443', 'See stores',
			'Create, change and delete segments'])
			assert.ok(page.words.includes(words), `${words}: ${page.words}`);
	});
	test('a scope that another one brings, whatever its own box says',
		async () => {
			const one = await make();
			const asks = { scope: 'segments:read segments:write stores:read' };
			const { words } = await browser.get(one.path(asks));
			assert.match(words, /segments:read · always with segments:write/);
			assert.equal(words.match(/always with/g).length, 1, words);
			assert.doesNotMatch((await browser.get(one.path(
				{ scope: 'segments:read' }))).words, /always with/);
		});
	test('markup in names stays text', async () => {
		const one = await make({ name: '<script>alert(1)</script>"\'&' });
		const page = await browser.get(one.path({ state: '"><script>x' }));
		assert.doesNotMatch(page.text, /<script>(alert|x)/);
		assert.ok(page.words.includes('alert(1)'));
	});
	test('an app named like a trusted one shows its host, unverified', async () => {
		await make({ name: 'Acme Official', firstParty: true, origin: 'admin' });
		const fake = await App.make(instance, { origin: 'dynamic',
			method: 'none', name: 'Acme Official',
			redirects: ['https://evil.example/cb'] });
		// an address that it only says is its own
		await instance.psql(`UPDATE oauth.client
			SET uri = 'https://acme.example/' WHERE id = '${fake.id}'`);
		const page = await browser.get(fake.path());
		assert.ok(page.words.includes('evil.example'));
		assert.ok(page.words.includes('registered itself'), page.words);
		assert.match(page.words, /\bunverified\b/);
		assert.match(page.words, /nobody at this server has checked/i);
		assert.doesNotMatch(page.words, /trusted|acme\.example/i);
	});
	test('who was registered by somebody is not called unverified',
		async () => {
			for (const facts of [{}, { origin: 'admin' },
				{ origin: 'admin', firstParty: true }]) {
				const page = await browser.get((await make(facts)).path(
					{ prompt: 'consent' }));
				assert.doesNotMatch(page.words, /unverified|has checked/);
				assert.match(page.words, /registered by/);
			}
		});
	test('only loopback redirects: a warning', async () => {
		const local = await make({ method: 'none',
			redirects: ['http://127.0.0.1/cb'] });
		const page = await browser.get(local.path());
		assert.match(page.words, /any program on this computer/i);
	});
	test('headers: no referrer, no frame, no foreign source', async () => {
		const one = await make({ redirects: ['https://csp.example:8443/cb'] });
		const consent = await browser.get(one.path());
		const error = await browser.get(one.path({ redirect_uri: 'https://x/' }));
		const login = await new Browser(instance.base).get('/login');
		for (const page of [consent, error, login]) {
			assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
			assert.equal(page.headers.get('x-frame-options'), 'DENY');
			assert.equal(page.headers.get('x-content-type-options'), 'nosniff');
			assert.equal(page.headers.get('cache-control'), 'no-store');
			const csp = page.headers.get('content-security-policy');
			assert.match(csp, /default-src 'none'/);
			assert.match(csp, /frame-ancestors 'none'/);
			assert.match(csp, /base-uri 'none'/);
			assert.doesNotMatch(csp, /unsafe|\*|data:/);
			assert.doesNotMatch(page.text,
				/<(script|link|img|iframe)\b[^>]*(src|href)="(https?:)?\/\//i);
		}
		assert.match(consent.headers.get('content-security-policy'),
			/form-action 'self' https:\/\/csp\.example:8443 https:(;|$)/);
		assert.match(login.headers.get('content-security-policy'),
			/form-action 'self'(;|$)/);
	});
	for (const [redirect, source] of [
		['com.example.app:/cb', 'com.example.app:'],
		['http://127.0.0.1:3000/cb', 'http://127.0.0.1:3000 https: ' +
			'http://localhost:* http://127.0.0.1:*'],
		['http://localhost/cb', 'http://localhost https: ' +
			'http://localhost:* http://127.0.0.1:*']])
		test(`form-action for ${redirect}`, async () => {
			const one = await make({ method: 'none', redirects: [redirect] });
			const csp = (await browser.get(one.path())).headers
				.get('content-security-policy');
			assert.ok(csp.includes(`form-action 'self' ${source};`), csp);
		});
});

describe('the form', () => {
	const decide = async (change, headers) => {
		const one = await make({ redirects: ['https://a.example/cb',
			'https://b.example/cb'] });
		const page = await browser.get(one.path({ scope: 'stores:read' }));
		const body = filled(page.form('/oauth/authorize'));
		body.set('decision', 'allow');
		change?.(body);
		return browser.post('/oauth/authorize', body, headers);
	};
	test('as it came: a code', async () => {
		assert.match((await decide()).redirect(), /code=gac_/);
	});
	test('without CSRF token, with another one', async () => {
		refused(await decide((body) => body.delete('csrf')), /./, 403);
		refused(await decide((body) => body.set('csrf', 'x')), /./, 403);
		const other = await stage(instance);
		const page = await other.browser.get('/settings/security');
		const csrf = page.forms.flatMap(({ fields }) => fields)
			.find(({ name }) => name === 'csrf').value;
		refused(await decide((body) => body.set('csrf', csrf)), /./, 403);
	});
	for (const [what, change] of Object.entries({
		'more scopes than were shown': (body) =>
			body.set('scope', 'stores:read customers:read'),
		'another client': (body) => body.set('client_id', app.id),
		'another of its redirects': (body) =>
			body.set('redirect_uri', 'https://b.example/cb'),
		'another state': (body) => body.set('state', 'evil'),
		'another challenge': (body) =>
			body.set('code_challenge', pkce().challenge),
		'no challenge': (body) => {
			body.delete('code_challenge');
			body.delete('code_challenge_method');
		},
		'another nonce': (body) => body.set('nonce', 'evil'),
		'another resource': (body) =>
			body.set('resource', `${instance.issuer}/mcp`),
		'no binding': (body) => body.delete('binding'),
		'another binding': (body) => body.set('binding', 'x') }))
		test(what, async () => {
			refused(await decide(change));
		});
	test('a scope ticked that was never asked for', async () => {
		const one = await make();
		const page = await browser.get(one.path({ scope: 'stores:read' }));
		const answer = await one.decide(browser, page,
			{ grant: ['stores:read', 'customers:read', 'users:edit'] });
		const { code } = one.landed(answer);
		assert.ok(code);
		const [[scopes]] = await instance.psql(`SELECT scopes FROM oauth.code
			WHERE hash = sha256('${code}')`);
		assert.equal(scopes, '{stores:read}');
	});
	test('in another person\'s session', async () => {
		const one = await make();
		const page = await browser.get(one.path());
		const other = await Person.make(instance, { organization: org.name });
		const his = await other.signIn();
		const own = filled((await his.get(one.path()))
			.form('/oauth/authorize'));
		const body = filled(page.form('/oauth/authorize'));
		body.set('decision', 'allow');
		body.set('csrf', own.get('csrf'));
		refused(await his.post('/oauth/authorize', body));
	});
	test('in an organization of somebody else', async () => {
		const there = await stage(instance);
		const one = await make();
		const page = await browser.get(one.path());
		refused(await one.decide(browser, page,
			{ organization: there.org.id }));
	});
	test('after signing out', async () => {
		const his = await person.signIn();
		const one = await make();
		const page = await his.get(one.path());
		await instance.psql(`UPDATE core.session SET ended_at = now()
			WHERE person = '${person.id}' AND hash =
			sha256('${his.jar.get('grantd_session')}')`);
		const answer = await one.decide(his, page);
		assert.ok(answer.status === 303 ? answer.location.startsWith('/login')
			: [401, 403].includes(answer.status), answer.location);
	});
	test('with parameters twice', async () => {
		refused(await decide((body) => body.append('client_id', app.id)));
		refused(await decide((body) => body.append('decision', 'deny')));
	});
});

describe('somebody of two organizations', () => {
	let two, there, his;
	before(async () => {
		there = await instance.organization();
		two = await Person.make(instance, { organization: org.name,
			role: 'viewer' });
		await instance.psql(`INSERT INTO core.member (organization, person)
			VALUES ('${there.id}', '${two.id}')`);
		await instance.psql(`INSERT INTO core.member_role (organization,
			person, role) SELECT organization, '${two.id}', id FROM core.role
			WHERE organization = '${there.id}' AND name = 'member'`);
		his = await two.signIn();
	});
	const offered = (page) => [...page.text.matchAll(
		/<option value="([^"]+)"( selected)?>([^<]*)</g)]
		.map(([, id, selected, words]) => [id, words, Boolean(selected)])
		.sort();

	test('is offered those where it could be given', async () => {
		const one = await make();
		const asks = { scope: 'segments:write' };
		const page = await his.get(one.path(asks));
		assert.deepEqual(offered(page), []);
		assert.ok(page.words.includes(`In the organization ${there.name}.`),
			page.words);
		const got = await one.tokens(his, asks);
		assert.equal(got.scope, 'segments:write');
		assert.equal(claims(got.access_token).org, there.id);
	});
	test('is told what one of them does not give', async () => {
		const one = await make();
		const asks = { scope: 'segments:write stores:read' };
		const page = await his.get(one.path(asks));
		assert.deepEqual(offered(page), [
			[org.id, `${org.name}, without segments:write`, true],
			[there.id, there.name, false]].sort());
		assert.equal((await one.tokens(his, asks)).scope, 'stores:read');
	});
});

describe('consent is remembered', () => {
	const asked = async (one, params) =>
		(await browser.get(one.path(params))).status === 200;
	test('for person, client and scopes, and asked again for what is new',
		async () => {
			const one = await make();
			await one.code(browser, { scope: 'stores:read orders:read' });
			assert.equal(await asked(one, { scope: 'stores:read orders:read' }),
				false);
			assert.equal(await asked(one, { scope: 'stores:read' }), false);
			assert.equal(await asked(one,
				{ scope: 'stores:read customers:read' }), true);
			assert.equal(await asked(one, { scope: 'stores:read',
				prompt: 'consent' }), true);
			const other = await make();
			assert.equal(await asked(other, { scope: 'stores:read' }), true);
		});
	// RFC 8252 8.6
	for (const redirect of ['http://127.0.0.1/cb', 'http://localhost/cb',
		'com.example.app:/cb'])
		test(`not of a public client at ${redirect}, but it is told`,
			async () => {
				const one = await make({ method: 'none',
					redirects: [redirect] });
				const first = await browser.get(one.path());
				assert.doesNotMatch(first.words, /let it in before/);
				await one.code(browser);
				await instance.psql(`UPDATE oauth.connection
					SET created_at = '2026-01-31T12:00:00Z'
					WHERE client = '${one.id}'`);
				const page = await browser.get(one.path());
				assert.equal(page.status, 200);
				assert.match(page.words,
					/You let it in before, on 2026-01-31\b/);
				assert.match(page.words, /asked each time/);
				assert.equal(one.landed(await browser.get(one.path(
					{ prompt: 'none' }))).error, 'consent_required');
				const other = await Person.make(instance,
					{ organization: org.name });
				assert.doesNotMatch((await (await other.signIn())
					.get(one.path())).words, /let it in before/);
				await instance.psql(`UPDATE oauth.connection
					SET ended_at = now() WHERE client = '${one.id}'`);
				assert.doesNotMatch((await browser.get(one.path())).words,
					/let it in before/);
			});
	test('of others at such an address, and of a public one of the web',
		async () => {
			for (const facts of [{ redirects: ['http://127.0.0.1/cb'] },
				{ method: 'none' }]) {
				const one = await make(facts);
				await one.code(browser);
				assert.equal(await asked(one), false);
				const page = await browser.get(one.path(
					{ prompt: 'consent' }));
				assert.match(page.words, /You let it in before, on 20/);
				assert.doesNotMatch(page.words, /asked each time/);
			}
		});
	test('not for another person', async () => {
		const one = await make();
		await one.code(browser);
		const other = await Person.make(instance, { organization: org.name });
		assert.equal((await (await other.signIn()).get(one.path())).status,
			200);
	});
	test('narrower never widens', async () => {
		const one = await make();
		await one.code(browser, { scope: 'stores:read orders:read' });
		const narrow = await one.tokens(browser, { scope: 'stores:read' });
		assert.equal(narrow.scope, 'stores:read');
		assert.equal((await one.refresh(narrow.refresh_token)).ok(200)
			.json.scope, 'stores:read');
	});
	test('what was unticked is not given, not even silently later', async () => {
		const one = await make();
		const first = await one.tokens(browser,
			{ scope: 'stores:read customers:read' }, { grant: ['stores:read'] });
		assert.equal(first.scope, 'stores:read');
		const again = await one.tokens(browser,
			{ scope: 'stores:read customers:read' });
		assert.equal(again.scope, 'stores:read');
	});
	test('nothing ticked is a no', async () => {
		const one = await make();
		const page = await browser.get(one.path());
		assert.equal(one.landed(await one.decide(browser, page,
			{ grant: [] })).error, 'access_denied');
	});
	test('a required scope cannot be unticked', async () => {
		const one = await make({ required: ['stores:read'] });
		const got = await one.tokens(browser,
			{ scope: 'stores:read orders:read' }, { grant: [] });
		assert.equal(got.scope, 'stores:read');
	});
	test('after the connection ended it is asked again', async () => {
		const one = await make();
		await one.code(browser);
		await instance.psql(`UPDATE oauth.connection SET ended_at = now()
			WHERE client = '${one.id}'`);
		assert.equal(await asked(one), true);
	});
	test('for another resource it is asked again', async () => {
		const one = await make();
		await one.code(browser, { resource: `${instance.issuer}/api` });
		assert.equal(await asked(one, { resource: `${instance.issuer}/api` }),
			false);
		assert.equal(await asked(one, { resource: `${instance.issuer}/mcp` }),
			true);
	});
	test('an empty resource is none, on the page as in the code', async () => {
		const one = await make();
		for (const resource of ['', ['', '']]) {
			const page = await browser.get(one.path(
				{ resource, prompt: 'consent' }));
			assert.equal(page.status, 200, page.location);
			assert.match(one.landed(await one.decide(browser, page)).code,
				/^gac_/);
		}
		const made = await one.code(browser, { resource: '' });
		(await one.redeem(made, { resource: '' })).ok(200);
	});
	test('a trusted app of the organization asks nothing', async () => {
		const trusted = await make({ origin: 'admin', firstParty: true });
		const got = await trusted.tokens(browser, { scope: 'stores:read' });
		assert.equal(got.scope, 'stores:read');
	});
	test('HEAD makes no code', async () => {
		const one = await make();
		await one.code(browser);
		const codes = async () => (await instance.psql(`SELECT count(*)
			FROM oauth.code WHERE client = '${one.id}'`))[0][0];
		const before = await codes();
		const reply = await fetch(instance.base + one.path(), {
			method: 'HEAD', redirect: 'manual', headers: {
				cookie: `grantd_session=${browser.jar
					.get('grantd_session')}` } });
		assert.equal(reply.status, 405);
		assert.equal(reply.headers.get('location'), null);
		assert.equal(reply.headers.get('allow'), 'GET, POST, OPTIONS');
		assert.equal(await codes(), before);
		assert.match(one.landed(await browser.get(one.path())).code, /^gac_/);
	});
	test('a trusted app of another organization does ask', async () => {
		const there = await stage(instance);
		const trusted = await App.make(instance, { organization: there.org.id,
			origin: 'admin', firstParty: true });
		assert.equal(await asked(trusted), true);
	});
});

describe('prompt, max_age, scope, nonce', () => {
	test('prompt=none before consent, and signed out', async () => {
		const one = await App.trusted(instance);
		assert.equal(one.landed(await browser.get(one.path({ prompt: 'none' })))
			.error, 'consent_required');
		assert.equal(one.landed(await new Browser(instance.base)
			.get(one.path({ prompt: 'none' }))).error, 'login_required');
		await one.code(browser);
		assert.match(one.landed(await browser.get(one.path({ prompt: 'none' })))
			.code, /^gac_/);
	});
	test('prompt=none with others', async () => {
		const one = await App.trusted(instance);
		assert.equal(one.landed(await browser.get(
			one.path({ prompt: 'none login' }))).error, 'invalid_request');
	});
	// To the sign-in page and back; what is asked then.
	async function through(one, params) {
		const his = await person.signIn();
		await instance.psql(`UPDATE core.session
			SET auth_time = auth_time - interval '1 hour'
			WHERE hash = sha256('${his.jar.get('grantd_session')}')`);
		const first = await his.get(one.path(params));
		assert.match(first.redirect(), /^\/login\?/);
		const page = await his.get(first.location);
		const body = filled(page.form('/login'));
		body.set('email', person.email);
		body.set('password', person.password);
		return his.onward(await his.post('/login', body));
	}
	for (const params of [{ prompt: 'login' }, { max_age: '60' },
		{ max_age: '0' }, { prompt: 'login consent' }])
		test(`${JSON.stringify(params)} asks for the password once`, async () => {
			const one = await make();
			const page = await through(one, params);
			assert.equal(page.status, 200, page.location);
			assert.ok(page.form('/oauth/authorize'));
		});
	for (const params of [{ prompt: 'login' }, { max_age: '0' }])
		test(`${JSON.stringify(params)} is not over without the password`,
			async () => {
				const one = await make();
				await one.code(browser);
				const his = await person.signIn();
				const asked = (await his.get(one.path(params))).redirect();
				const page = await his.get(asked);
				assert.doesNotMatch(page.words, /go on as/i);
				assert.match(page.words, /password again/);
				const back = new URL(asked, instance.base).searchParams
					.get('return_to');
				assert.match((await his.get(back)).redirect(), /^\/login\?/);
				// a wrong one, and the page is the same
				const body = filled(page.form('/login'));
				body.set('email', person.email);
				body.set('password', 'wrong');
				const wrong = await his.get((await his.post('/login', body))
					.redirect());
				assert.doesNotMatch(wrong.words, /go on as/i);
				body.set('password', person.password);
				const before = Math.floor(Date.now() / 1000);
				const last = await his.onward(await his.post('/login', body));
				const { code } = one.landed(last);
				assert.match(code, /^gac_/);
				const [[at]] = await instance.psql(`SELECT floor(extract(
					epoch FROM auth_time)) FROM oauth.code
					WHERE hash = sha256('${code}')`);
				assert.ok(Number(at) >= before, at);
			});
	test('who is signed in and is not asked may go on', async () => {
		const page = await browser.get(`/login?return_to=${
			encodeURIComponent(app.path())}`);
		assert.match(page.words, /go on as this person/i);
	});
	test('max_age that is not over: nothing asked', async () => {
		const one = await make();
		await one.code(browser);
		assert.match(one.landed(await browser.get(
			one.path({ max_age: '10000' }))).code, /^gac_/);
	});
	test('auth_time and nonce are in the ID token', async () => {
		const one = await make();
		const got = await one.tokens(browser,
			{ scope: 'openid', nonce: 'n-0S6_WzA2Mj', max_age: '3600' });
		const id = claims(got.id_token);
		assert.equal(id.nonce, 'n-0S6_WzA2Mj');
		assert.ok(Math.abs(id.auth_time - Date.now() / 1000) < 300);
		assert.equal(id.aud, one.id);
		assert.equal(id.iss, instance.issuer);
		assert.equal(id.sub, person.id);
		assert.equal(id.email, undefined);
	});
	test('no scope: the default; unknown ones are left out', async () => {
		const one = await make({ scopes: ['openid', 'stores:read',
			'orders:read'] });
		const got = await one.tokens(browser, { scope: undefined });
		assert.equal(got.scope, 'orders:read stores:read');
		const some = await one.tokens(browser,
			{ scope: 'stores:read nonsense customers:read' });
		assert.equal(some.scope, 'stores:read');
	});
	test('login_hint is in the form', async () => {
		const visitor = new Browser(instance.base);
		const first = await visitor.get(app.path(
			{ login_hint: 'hint@example.com' }));
		const page = await visitor.get(first.redirect());
		assert.equal(page.form('/login').fields
			.find(({ name }) => name === 'email').value, 'hint@example.com');
	});
	test('who signs in on the way comes back to the request', async () => {
		const one = await make();
		const visitor = new Browser(instance.base);
		const first = await visitor.get(one.path({ state: 'a b&c=ä' }));
		const page = await visitor.get(first.redirect());
		const body = filled(page.form('/login'));
		body.set('email', person.email);
		body.set('password', person.password);
		const consent = await visitor.onward(
			await visitor.post('/login', body));
		assert.equal(one.landed(await one.decide(visitor, consent)).state,
			'a b&c=ä');
	});
});
