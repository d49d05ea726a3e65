// Attacks on the way back to the app, each named after what it tries:
// redirect URIs, open redirectors, repeated parameters, mix-up, PKCE.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { App, pkce, stage } from '../lib/oauth.mjs';
import { Browser } from '../lib/browser.mjs';

const instance = await sharedInstance();
let org, person, browser, app;

before(async () => {
	({ org, person, browser, app } = await stage(instance, {
		redirects: ['https://app.example.com/callback'] }));
});

// A page of our own, and no way off it.
function local(page, status = 400) {
	assert.equal(page.status, status, page.text);
	assert.equal(page.location, null);
	assert.match(page.headers.get('content-type'), /^text\/html/);
	assert.equal(page.headers.get('referrer-policy'), 'no-referrer');
	assert.doesNotMatch(page.text, /<(a|form|meta|iframe|img|script)\b[^>]*(evil|javascript:)/i);
}

describe('redirect_uri off by one', () => {
	const bad = ['https://app.example.com/callback/', 'https://app.example.com/callback/x',
		'https://app.example.com/callbac', 'https://app.example.com/callbackx',
		'https://app.example.com/callback/../evil', 'https://app.example.com/./callback',
		'https://app.example.com/x/../callback', 'https://app.example.com//callback',
		'https://app.example.com/%63allback', 'https://app.example.com%2Fcallback',
		'https://app.example.com/callback%2F', 'https://app.example.com/CALLBACK',
		'https://APP.example.com/callback', 'HTTPS://app.example.com/callback',
		'https://app.example.com./callback', 'https://user@app.example.com/callback',
		'https://app.example.com@evil.example/callback',
		'https://evil.example#@app.example.com/callback',
		'https://evil.example?https://app.example.com/callback',
		'https://app.example.com.evil.example/callback',
		'https://app.example.com/callback?x=1', 'https://app.example.com/callback?',
		'https://app.example.com/callback#x', 'https://app.example.com/callback#',
		'https://app.example.com\\callback', 'https:\\\\app.example.com\\callback',
		'https://app.example.com\\@evil.example/callback', '//app.example.com/callback',
		'https:/app.example.com/callback', 'https:app.example.com/callback',
		'https://app.example.com:443/callback', 'https://app.example.com:8443/callback',
		'https://аpp.example.com/callback', 'https://xn--pp-7kc.example.com/callback',
		'http://app.example.com/callback', ' https://app.example.com/callback',
		'https://app.example.com/callback ', 'https://app.example.com/callback\t',
		'https://app.example.com/callback;x', 'https://app.example.com/*',
		'javascript:alert(1)', 'data:text/html,x', '/callback', 'callback',
		'urn:ietf:wg:oauth:2.0:oob', `https://app.example.com/${'a'.repeat(2000)}`];
	for (const uri of bad)
		test(JSON.stringify(uri.slice(0, 60)), async () => {
			const { path } = { path: app.path({ redirect_uri: uri }) };
			local(await browser.get(path));
			local(await new Browser(instance.base).get(path));
		});
});

describe('an error never goes to a redirect_uri that is not registered', () => {
	for (const [what, params] of Object.entries({
		'a scope that is none': { scope: '"' },
		'prompt none': { prompt: 'none' },
		'another response_type': { response_type: 'token' },
		'no PKCE': { code_challenge: undefined } }))
		test(what, async () => {
			local(await browser.get(app.path({ ...params,
				redirect_uri: 'https://evil.example/' })));
		});
});

test('an unknown client, a missing one, a deleted one: a page', async () => {
	for (const client_id of ['gc_unknown_unknown_unknown', undefined, '',
		"gc_' OR 1=1 --", 'x'.repeat(2000), '%00', '\u202egc_'])
		local(await browser.get(app.path({ client_id })));
	const gone = await App.make(instance, { organization: org.id });
	await instance.psql(`UPDATE oauth.client SET status = 'deleted'
		WHERE id = '${gone.id}'`);
	local(await browser.get(gone.path()));
	await instance.psql(`UPDATE oauth.client SET status = 'suspended'
		WHERE id = '${gone.id}'`);
	local(await browser.get(gone.path()));
});

describe('loopback redirects', () => {
	for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
		const client = (redirect) => App.make(instance, { method: 'none',
			organization: org.id, owner: person.id, redirects: [redirect] });
		test(`any port on ${host}`, async () => {
			const one = await client(`http://${host}/callback`);
			for (const port of ['', ':1', ':8080', ':65535'])
				await one.code(browser,
					{ redirect_uri: `http://${host}${port}/callback` });
			const two = await client(`http://${host}:3000/callback`);
			await two.code(browser,
				{ redirect_uri: `http://${host}:4000/callback` });
		});
		test(`not another path, scheme, host than ${host}`, async () => {
			const one = await client(`http://${host}:3000/callback`);
			for (const uri of [`http://${host}:3000/callback2`,
				`http://${host}:3000/`, `http://${host}:3000/callback?x`,
				`https://${host}:3000/callback`,
				`http://${host}:0/callback`, `http://${host}:x/callback`,
				`http://${host}:123456/callback`,
				`http://${host}:3000@evil.example/callback`,
				`http://${host}.evil/callback`,
				`http://${host}.evil:3000/callback`,
				'http://0.0.0.0:3000/callback', 'http://127.0.0.2:3000/callback',
				'http://127.1:3000/callback', 'http://2130706433:3000/callback',
				'http://[::ffff:127.0.0.1]:3000/callback',
				'http://localhost.:3000/callback',
				'http://LOCALHOST:3000/callback'])
				local(await browser.get(one.path({ redirect_uri: uri })));
		});
	}
	test('one loopback name is not another', async () => {
		const one = await App.make(instance, { method: 'none',
			organization: org.id, redirects: ['http://127.0.0.1/callback'] });
		local(await browser.get(one.path(
			{ redirect_uri: 'http://localhost/callback' })));
	});
	test('no free port elsewhere', async () => {
		const one = await App.make(instance, { organization: org.id,
			redirects: ['https://localhost.example:3000/cb'] });
		local(await browser.get(one.path(
			{ redirect_uri: 'https://localhost.example:3001/cb' })));
	});
});

test('a custom scheme and a query of the app stay as they are', async () => {
	const scheme = await App.make(instance, { organization: org.id,
		method: 'none', redirects: ['com.example.app:/callback'] });
	const answer = await scheme.ask(browser);
	assert.match(answer.redirect(),
		/^com\.example\.app:\/callback\?(.+&)?code=gac_/);
	const query = await App.make(instance, { organization: org.id,
		redirects: ['https://app.example.com/cb?tenant=a%20b'] });
	const back = new URL((await query.ask(browser)).redirect());
	assert.equal(back.searchParams.get('tenant'), 'a b');
	assert.match(back.searchParams.get('code'), /^gac_/);
});

test('redirect_uri may be left out with one, not with several', async () => {
	const answer = await app.ask(browser, { redirect_uri: undefined });
	assert.match(app.landed(answer).code, /^gac_/);
	const two = await App.make(instance, { organization: org.id,
		redirects: ['https://a.example/cb', 'https://b.example/cb'] });
	local(await browser.get(two.path({ redirect_uri: undefined })));
});

describe('open redirector', () => {
	const errors = { scope: { scope: 'nonsense' }, none: { prompt: 'none' },
		type: { response_type: 'token' }, pkce: { code_challenge: undefined } };
	for (const origin of ['user', 'dynamic'])
		test(`an app that a ${origin} registered, never let in: a page with a link`,
			async () => {
				const one = await App.make(instance, { origin, method: 'none',
					organization: origin === 'user' ? org.id : undefined,
					redirects: ['https://phish.example/cb'] });
				for (const [what, params] of Object.entries(errors)) {
					// such an answer it does get
					if (what === 'none' && origin === 'user')
						continue;
					const page = await browser.get(one.path(params));
					assert.equal(page.status, 200, page.text);
					assert.equal(page.location, null);
					assert.doesNotMatch(page.text, /http-equiv="?refresh/i);
				}
			});
	test('a trusted app, and one that was let in: a redirect', async () => {
		const trusted = await App.trusted(instance);
		await app.code(browser);
		for (const one of [trusted, app])
			for (const [what, params] of Object.entries(errors)) {
				if (what === 'none' && one === app)
					continue;
				const got = one.landed(await browser.get(one.path(params)));
				assert.equal(got.state, 'state-1');
				assert.match(got.error, /^[a-z_]+$/, what);
				assert.equal(got.code, undefined);
			}
	});
});

describe('the answer to the consent form', () => {
	// 307 would send the form on
	for (const redirect of ['https://app.example/cb', 'http://127.0.0.1/cb',
		'com.example.app:/cb'])
		test(`to ${redirect} is 303, never 307`, async () => {
			const one = await App.make(instance,
				{ organization: org.id, redirects: [redirect] });
			for (const decision of ['deny', 'allow']) {
				const page = await browser.get(one.path());
				const answer = await one.decide(browser, page, { decision });
				assert.ok(answer.redirect().startsWith(`${redirect}?`));
				assert.equal(answer.headers.get('cache-control'), 'no-store');
				assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
			}
		});
	test('a no is access_denied, with state and iss', async () => {
		const one = await App.make(instance, { organization: org.id });
		const got = one.landed(await one.ask(browser, { state: 'ä&=?#' },
			{ decision: 'deny' }));
		assert.equal(got.error, 'access_denied');
		assert.equal(got.state, 'ä&=?#');
		assert.equal(got.code, undefined);
	});
});

describe('parameters that stand twice', () => {
	for (const name of ['client_id', 'redirect_uri', 'scope', 'state',
		'response_type', 'code_challenge', 'code_challenge_method', 'nonce',
		'prompt'])
		test(name, async () => {
			const value = new URLSearchParams(app.path({ nonce: 'n',
				prompt: 'consent' }).split('?')[1]).get(name);
			local(await browser.get(`${app.path({ nonce: 'n',
				prompt: 'consent' })}&${name}=${encodeURIComponent(value)}`));
			local(await browser.get(`${app.path({ nonce: 'n',
				prompt: 'consent' })}&${name}=https%3A%2F%2Fevil.example`));
		});
});

describe('response_type and response_mode', () => {
	for (const response_type of ['token', 'id_token', 'id_token token',
		'code token', 'code id_token', 'none', 'CODE', 'code code', 'x',
		undefined])
		test(`response_type ${response_type}`, async () => {
			const one = await App.trusted(instance);
			const answer = await browser.get(one.path({ response_type }));
			const got = one.landed(answer);
			assert.equal(got.error, response_type ?
				'unsupported_response_type' : 'invalid_request');
			assert.doesNotMatch(answer.location, /#/);
		});
	for (const response_mode of ['fragment', 'form_post', 'query.jwt', 'x'])
		test(`response_mode ${response_mode}`, async () => {
			const one = await App.trusted(instance);
			assert.equal(one.landed(await browser.get(
				one.path({ response_mode }))).error, 'invalid_request');
		});
	test('request objects', async () => {
		const one = await App.trusted(instance);
		assert.equal(one.landed(await browser.get(one.path({ request: 'e30.e30.' })))
			.error, 'request_not_supported');
		assert.equal(one.landed(await browser.get(one.path(
			{ request_uri: 'http://169.254.169.254/' }))).error,
		'request_uri_not_supported');
	});
});

test('mix-up: every answer to the app names the issuer', async () => {
	const one = await App.make(instance, { organization: org.id,
		owner: person.id });
	for (const answer of [await one.ask(browser, {}, { decision: 'deny' }),
		await one.ask(browser), await browser.get(one.path()),
		await browser.get(one.path({ scope: 'nothing' })),
		await browser.get(one.path({ response_type: 'token' }))])
		assert.equal(new URL(answer.redirect()).searchParams.getAll('iss')
			.join(), instance.issuer);
	const meta = (await instance.client()
		.get('/.well-known/oauth-authorization-server')).json;
	assert.equal(meta.authorization_response_iss_parameter_supported, true);
	assert.equal(meta.issuer, instance.issuer);
});

describe('PKCE boxes', () => {
	test('each client needs it, and the error names the box', async () => {
		const one = await App.trusted(instance);
		const got = one.landed(await browser.get(one.path({
			code_challenge: undefined, code_challenge_method: undefined })));
		assert.equal(got.error, 'invalid_request');
		const [, box] = /untick '([^']+)'/.exec(got.error_description);
		const own = await App.register(instance, browser, {});
		assert.match((await browser.get(`/settings/oauth-apps/${own.id}`))
			.text, new RegExp(`<label for="f-pkce">${box
				.replace(/[()]/g, '\\$&')}</label>`));
		// one that registered itself has no owner with such a page
		const alone = await App.make(instance, { origin: 'dynamic' });
		assert.doesNotMatch((await browser.get(alone.path({
			code_challenge: undefined, code_challenge_method: undefined })))
			.words, /untick/);
		const open = await App.trusted(instance, { method: 'none' });
		assert.doesNotMatch(open.landed(await browser.get(open.path({
			code_challenge: undefined, code_challenge_method: undefined })))
			.error_description, /untick/);
	});
	test('plain never, short, long and odd challenges never', async () => {
		const one = await App.trusted(instance, { pkceRequired: false });
		const good = pkce().challenge;
		for (const params of [{ code_challenge_method: 'plain' },
			{ code_challenge_method: undefined },
			{ code_challenge_method: 's256' }, { code_challenge_method: 'S512' },
			{ code_challenge: good.slice(1) }, { code_challenge: `${good}a` },
			{ code_challenge: `${good.slice(1)}=` },
			{ code_challenge: `${good.slice(1)}+` },
			{ code_challenge: undefined }])
			assert.equal(one.landed(await browser.get(one.path({
				code_challenge: good, ...params }))).error, 'invalid_request',
			JSON.stringify(params));
	});
	test('unticked, a confidential client does without', async () => {
		const one = await App.make(instance, { organization: org.id,
			pkceRequired: false });
		const { code } = one.landed(await one.ask(browser, {
			code_challenge: undefined, code_challenge_method: undefined }));
		const tokens = (await one.redeem({ code, redirect: one.redirect }))
			.ok(200).json;
		assert.ok(await one.alive(tokens.access_token));
	});
});

// A page that names where it would lead, and goes there by a link alone.
function asks(page, link) {
	assert.equal(page.status, 200, page.text);
	assert.equal(page.location, null);
	assert.ok(page.words.includes(new URL(link).host), page.words);
	assert.ok(page.text.includes(`href="${link.replaceAll('&', '&amp;')}"`),
		page.text);
	assert.doesNotMatch(page.words, /you never allowed/i);
	assert.doesNotMatch(page.text, /http-equiv/);
}

describe('signed out, this server sends nobody on for just anybody', () => {
	const bye = 'https://evil.example/phish';
	const make = (facts) => App.make(instance, { organization: org.id,
		owner: person.id, logouts: [bye], redirects:
			['https://evil.example/cb'], ...facts });
	const dynamic = () => make({ organization: undefined, owner: undefined,
		origin: 'dynamic', method: 'none' });
	const logout = (params, who = new Browser(instance.base)) =>
		who.get(`/oauth/logout?${new URLSearchParams({
			post_logout_redirect_uri: bye, state: 's', ...params })}`);
	const forged = (claims) => `e30.${Buffer.from(JSON.stringify({
		iss: instance.issuer, ...claims })).toString('base64url')}.x`;

	test('logout for an app of its own, or of a person', async () => {
		for (const one of [await dynamic(), await make()])
			asks(await logout({ client_id: one.id }), `${bye}?state=s`);
	});
	test('state comes back letter by letter', async () => {
		const one = await dynamic();
		for (const state of ['x'.repeat(4000), ' é☃"\\&\u0085 '])
			asks(await logout({ client_id: one.id, state }), `${bye}?state=${
				encodeURIComponent(state).replace(/[!'()*]/g, (c) =>
					`%${c.charCodeAt(0).toString(16).toUpperCase()}`)}`);
	});
	test('with a hint that is none', async () => {
		const one = await dynamic();
		const other = await stage(instance);
		for (const hint of ['x', 'a.b.c', forged({ aud: one.id }),
			forged({ aud: one.id, sub: person.id }),
			forged({ aud: one.id, sub: 'x' }),
			forged({ aud: one.id, sub: null }),
			forged({ aud: one.id, sub: { a: 1 } })])
			asks(await logout({ client_id: one.id, id_token_hint: hint }),
				`${bye}?state=s`);
		const { id_token } = await other.app.tokens(other.browser,
			{ scope: 'openid' });
		local(await logout({ client_id: one.id, id_token_hint: id_token }));
	});
	test('with its own ID token it goes on', async () => {
		for (const one of [await dynamic(), await make()]) {
			const { id_token } = await one.tokens(browser,
				{ scope: 'openid' });
			assert.equal((await logout({ id_token_hint: id_token }))
				.redirect(), `${bye}?state=s`);
			await instance.psql(`UPDATE oauth.connection
				SET ended_at = now() WHERE client = '${one.id}'`);
			asks(await logout({ id_token_hint: id_token }),
				`${bye}?state=s`);
		}
	});
	test('and for what an administrator made', async () => {
		const one = await make({ origin: 'admin', owner: undefined });
		assert.equal((await logout({ client_id: one.id })).redirect(),
			`${bye}?state=s`);
	});
	test('signed in, the person is asked as before', async () => {
		const one = await dynamic();
		const his = await person.signIn();
		const page = await logout({ client_id: one.id }, his);
		assert.match(page.words, /evil\.example/);
		assert.equal((await his.submit(`/oauth/logout?${new URLSearchParams({
			client_id: one.id, post_logout_redirect_uri: bye })}`,
		'/oauth/logout')).redirect(), bye);
	});
	test('prompt=none: what somebody here made or let in hears of it',
		async () => {
			for (const one of [await make(), await make({ origin: 'admin',
				owner: undefined })]) {
				const got = one.landed(await new Browser(instance.base)
					.get(one.path({ prompt: 'none', state: 'ab' })));
				assert.equal(got.error, 'login_required');
				assert.equal(got.state, 'ab');
			}
			const one = await dynamic();
			const ask = () => new Browser(instance.base).get(
				one.path({ prompt: 'none' }));
			const page = await ask();
			assert.equal(page.status, 200);
			assert.match(page.words, /You are not signed in/);
			assert.match(page.words, /Go back to evil\.example/);
			assert.doesNotMatch(page.words, /you never allowed/i);
			await one.code(browser);
			assert.equal(one.landed(await ask()).error, 'login_required');
			await instance.psql(`UPDATE oauth.connection
				SET ended_at = now() WHERE client = '${one.id}'`);
			assert.equal((await ask()).status, 200);
		});
	test('prompt=none of who is signed in: the same apps hear of it',
		async () => {
			const none = { prompt: 'none', state: 'ab' };
			for (const one of [await make(), await make({ origin: 'admin',
				owner: undefined })])
				for (const params of [none,
					{ ...none, response_type: 'token' },
					{ ...none, scope: 'nonsense' }]) {
					const got = one.landed(await browser.get(
						one.path(params)));
					assert.match(got.error, params.response_type ?
						/^unsupported_response_type$/ : params.scope ?
							/^invalid_scope$/ : /^consent_required$/);
					assert.equal(got.state, 'ab');
				}
			const one = await dynamic();
			const page = await browser.get(one.path(none));
			assert.equal(page.status, 200);
			assert.match(page.words, /You never allowed/);
			assert.match(page.words, /Go back to evil\.example/);
			const other = await stage(instance);
			await one.code(other.browser, { scope: 'stores:read' });
			assert.equal(one.landed(await browser.get(one.path(none))).error,
				'consent_required');
		});
	test('prompt=none of a person without an organization', async () => {
		const lone = await stage(instance);
		await instance.psql(`UPDATE core.member SET status = 'disabled'
			WHERE person = '${lone.person.id}'`);
		const one = await make();
		assert.equal(one.landed(await lone.browser.get(one.path(
			{ prompt: 'none' }))).error, 'interaction_required');
		const page = await lone.browser.get(one.path());
		assert.equal(page.status, 400);
		assert.match(page.words, /member of none/);
	});
	test('other errors wait for a link', async () => {
		const one = await make();
		const page = await new Browser(instance.base).get(
			one.path({ response_type: 'token' }));
		assert.equal(page.status, 200);
		assert.match(page.words, /You are not signed in/);
		assert.match((await browser.get(one.path({ response_type: 'token' })))
			.words, /You never allowed/);
	});
});
