// Metadata, CORS, headers, sessions, and attacks on what lies around the
// provider, each named after what it tries.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';
import { Browser, filled } from '../lib/browser.mjs';
import { Raw, exchange } from '../lib/raw.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';
import { Person } from '../lib/people.mjs';

const instance = await sharedInstance();
const api = instance.client();
let org, person, browser, app;

before(async () => {
	({ org, person, browser, app } = await stage(instance));
});

const metadata = ['/.well-known/oauth-authorization-server',
	'/.well-known/openid-configuration',
	'/.well-known/oauth-authorization-server/mcp',
	'/.well-known/openid-configuration/mcp',
	'/.well-known/oauth-authorization-server/api',
	'/.well-known/openid-configuration/api',
	'/mcp/.well-known/oauth-authorization-server',
	'/mcp/.well-known/openid-configuration'];
const resources = ['', '/api', '/mcp'];

describe('metadata', () => {
	test('the same at every place, complete, with the exact issuer', async () => {
		const all = await Promise.all(metadata.map((path) => api.get(path)));
		for (const answer of all) {
			answer.ok(200);
			assert.equal(answer.text, all[0].text);
			assert.match(answer.headers.get('cache-control'), /max-age=\d+/);
		}
		const meta = all[0].json;
		assert.equal(meta.issuer, instance.issuer);
		for (const [name, value] of Object.entries(meta))
			if (/_endpoint$|_uri$/.test(name))
				assert.ok(value.startsWith(`${instance.issuer}/`), name);
		assert.deepEqual(meta.response_types_supported, ['code']);
		assert.deepEqual(meta.code_challenge_methods_supported, ['S256']);
		assert.deepEqual(meta.response_modes_supported, ['query']);
		assert.deepEqual(meta.subject_types_supported, ['public']);
		assert.deepEqual(meta.prompt_values_supported,
			['none', 'login', 'consent', 'select_account']);
		const { keys } = JSON.parse((await api.get('/oauth/jwks')).text);
		assert.deepEqual(meta.id_token_signing_alg_values_supported.toSorted(),
			[...new Set(keys.map(({ alg }) => alg))].sort());
		const { id_token: id, access_token: token } = await app.tokens(browser,
			{ scope: 'openid profile email', nonce: 'n' });
		const names = (text) => Object.keys(JSON.parse(text));
		for (const name of [...names(Buffer.from(id.split('.')[1],
			'base64url')), ...names((await app.userinfo(token)).text)])
			assert.ok(meta.claims_supported.includes(name), name);
		assert.equal(meta.claims_parameter_supported, undefined);
		for (const scope of ['openid', 'profile', 'email', 'offline_access',
			'stores:read'])
			assert.ok(meta.scopes_supported.includes(scope), scope);
		for (const part of ['token', 'revocation', 'introspection']) {
			assert.ok(meta[`${part}_endpoint_auth_methods_supported`]
				.includes('private_key_jwt'));
			assert.ok(meta[
				`${part}_endpoint_auth_signing_alg_values_supported`]
				.includes('ES256'));
		}
	});
	test('protected resources', async () => {
		for (const path of resources) {
			const answer = (await api.get(
				`/.well-known/oauth-protected-resource${path}`)).ok(200);
			assert.equal(answer.json.resource, instance.issuer + path);
			assert.deepEqual(answer.json.authorization_servers,
				[instance.issuer]);
			assert.ok(!(answer.json.scopes_supported ?? [])
				.includes('offline_access'));
		}
	});
	test('the appended form of a protected resource', async () => {
		const [one, two] = await Promise.all([
			'/.well-known/oauth-protected-resource/mcp',
			'/mcp/.well-known/oauth-protected-resource']
			.map((path) => api.get(path)));
		assert.equal(two.ok(200).text, one.ok(200).text);
		assert.equal(two.headers.get('access-control-allow-origin'), '*');
	});
	test('an injected Host changes nothing', async () => {
		for (const host of ['evil.example', 'evil.example:80', 'localhost',
			'127.0.0.1:1'])
			for (const path of [...metadata, ...resources.map((r) =>
				`/.well-known/oauth-protected-resource${r}`)]) {
				const answer = await exchange(instance.target,
					`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n` +
					'X-Forwarded-Host: evil.example\r\n' +
					'X-Forwarded-Proto: https\r\n' +
					'Forwarded: host=evil.example\r\n\r\n');
				assert.equal(answer.status, 200);
				assert.doesNotMatch(answer.text, /evil\.example/);
			}
		const page = await exchange(instance.target,
			`GET ${app.path()} HTTP/1.1\r\nHost: evil.example\r\n\r\n`);
		assert.equal(page.status, 303);
		assert.match(page.headers.get('location'), /^\/login/);
	});
});

describe('CORS', () => {
	const origin = 'https://spa.example';
	const preflight = (path, method = 'POST') => fetch(instance.base + path, {
		method: 'OPTIONS', headers: { origin,
			'access-control-request-method': method,
			'access-control-request-headers': 'authorization' } });
	const open = [['/oauth/token', 'POST'], ['/oauth/revoke', 'POST'],
		['/oauth/register', 'POST'], ['/oauth/userinfo', 'GET'],
		['/oauth/jwks', 'GET'], ...metadata.map((path) => [path, 'GET']),
		...resources.map((r) =>
			[`/.well-known/oauth-protected-resource${r}`, 'GET'])];
	for (const [path, method] of open)
		test(`${path} is for browsers, without credentials`, async () => {
			const before = await preflight(path, method);
			assert.equal(before.status, 204);
			assert.equal(before.headers.get('access-control-allow-origin'), '*');
			assert.equal(before.headers.get('access-control-allow-credentials'),
				null);
			assert.match(before.headers.get('access-control-allow-methods'),
				new RegExp(method));
			assert.match(before.headers.get('access-control-allow-headers'),
				/authorization/i);
			const answer = await fetch(instance.base + path,
				{ method, headers: { origin } });
			assert.equal(answer.headers.get('access-control-allow-origin'), '*');
			await answer.text();
		});
	const told = async (path, status, options, origins = '*') => {
		const answer = await fetch(instance.base + path, { redirect: 'manual',
			...options, headers: { origin, ...options.headers } });
		assert.equal(answer.status, status, `${options.method} ${path}`);
		assert.equal(answer.headers.get('access-control-allow-origin'),
			origins, `${options.method} ${path}: ${status}`);
		assert.equal(answer.headers.get('access-control-allow-credentials'),
			null);
		await answer.text();
	};
	test('what goes wrong there is told to browsers, too', async () => {
		const form = { 'content-type': 'application/x-www-form-urlencoded' };
		const json = { 'content-type': 'application/json' };
		for (const [path] of open)
			await told(path, 405, { method: 'PATCH' });
		for (const path of ['/oauth/token', '/oauth/revoke'])
			await told(path, 405, { method: 'GET' });
		for (const path of ['/.well-known/oauth-authorization-server/none',
			'/.well-known/openid-configuration/x/y',
			'/.well-known/oauth-protected-resource/none', '/.well-known/none',
			'/mcp/.well-known/none', '/oauth/none'])
			await told(path, 404, { method: 'GET' });
		await told('/oauth/token', 400, { method: 'POST', headers: form,
			body: 'a=%ff' });
		await told('/oauth/token', 400, { method: 'POST', headers: form,
			body: 'grant_type=none' });
		await told('/oauth/revoke', 415, { method: 'POST', headers: json,
			body: '{}' });
		await told('/oauth/register', 400, { method: 'POST', headers: json,
			body: '{' });
		await told('/oauth/register', 413, { method: 'POST', headers: json,
			body: 'x'.repeat(2 << 20) });
		await told('/oauth/userinfo', 431, { method: 'GET',
			headers: { 'x-much': 'x'.repeat(20000) } });
	});
	test('and of nothing else', async () => {
		for (const [path, status] of [['/oauth/introspect', 405],
			['/oauth/authorize', 405], ['/oauth/logout', 405],
			['/login', 405], ['/v1/accounts', 405]])
			await told(path, status, { method: 'PATCH' }, null);
		for (const path of ['/none', '/v1/none', '/admin/none', '/oauthx',
			'/.well-knownx', '/'.repeat(3), '/settings/.well-known/x'])
			await told(path, 404, { method: 'GET' }, null);
	});
	for (const [path, method] of [['/oauth/authorize', 'GET'],
		['/oauth/authorize', 'POST'], ['/oauth/introspect', 'POST'],
		['/oauth/logout', 'GET'], ['/login', 'GET'], ['/login', 'POST'],
		['/settings/oauth-apps', 'GET'], ['/admin', 'GET'],
		['/v1/accounts', 'GET'], ['/v1/tokens', 'POST']])
		test(`${method} ${path} is not`, async () => {
			for (const answer of [await preflight(path, method),
				await fetch(instance.base + path, { method, redirect: 'manual',
					headers: { origin } })]) {
				for (const name of ['origin', 'credentials', 'methods'])
					assert.equal(answer.headers.get(
						`access-control-allow-${name}`), null);
				await answer.text();
			}
		});
});

test('no-store on all that may hold a secret', async () => {
	const tokens = await app.tokens(browser, { scope: 'openid' });
	for (const answer of [await app.refresh(tokens.refresh_token),
		await app.refresh('x'), await app.introspect(tokens.access_token),
		await app.userinfo(tokens.access_token), await app.revoke('x'),
		await browser.get('/login'), await browser.get('/settings/connections'),
		await browser.get(app.path({ scope: 'orders:read' }))])
		assert.equal(answer.headers.get('cache-control'), 'no-store');
	// RFC 6749 5.1, OpenID Connect Core 3.1.3.3
	for (const answer of [await app.refresh(tokens.refresh_token),
		await app.refresh('x')])
		assert.equal(answer.headers.get('pragma'), 'no-cache');
});

describe('sessions', () => {
	test('the cookie: HttpOnly, Lax, no domain, new at each sign-in', async () => {
		const visitor = new Browser(instance.base);
		const page = await visitor.get('/login');
		const body = filled(page.form('/login'));
		body.set('email', person.email);
		body.set('password', person.password);
		const answer = await visitor.post('/login', body);
		const lines = answer.headers.getSetCookie();
		const line = lines.find((one) => one.startsWith('grantd_session='));
		assert.match(line, /; Path=\/; HttpOnly; SameSite=Lax$/);
		assert.doesNotMatch(line, /Domain|Expires/i);
		const first = visitor.jar.get('grantd_session');
		await person.signIn({ browser: visitor });
		assert.notEqual(visitor.jar.get('grantd_session'), first);
	});
	test('fixation: a value from outside never becomes a session', async () => {
		const fixed = `gss_${random()}`;
		const visitor = new Browser(instance.base);
		visitor.jar.set('grantd_session', fixed);
		const page = await visitor.get('/login');
		assert.equal(page.status, 200);
		await person.signIn({ browser: visitor });
		assert.notEqual(visitor.jar.get('grantd_session'), fixed);
		const other = new Browser(instance.base);
		other.jar.set('grantd_session', fixed);
		assert.match((await other.get('/settings/security')).redirect(),
			/^\/login/);
	});
	test('the visitor\'s cookie is none, and the other way round', async () => {
		const visitor = new Browser(instance.base);
		await visitor.get('/login');
		visitor.jar.set('grantd_session', visitor.jar.get('grantd_visitor'));
		assert.match((await visitor.get('/settings/security')).redirect(),
			/^\/login/);
	});
	test('signing out ends it for everybody who has the cookie', async () => {
		const his = await person.signIn();
		const copy = his.copy();
		const page = await his.get('/settings/security');
		const form = page.form('/logout');
		(await his.post('/logout', filled(form))).redirect();
		assert.match((await copy.get('/settings/security')).redirect(),
			/^\/login/);
	});
	test('what was typed does not wait for who signs in next', async () => {
		const other = await Person.make(instance);
		const one = await person.signIn();
		const page = await one.get('/settings/oauth-apps/new');
		const body = filled(page.form('/settings/oauth-apps'));
		body.set('name', 'Of the person before');
		await instance.psql(`UPDATE core.session
			SET auth_time = now() - interval '1 hour'
			WHERE hash = sha256('${one.jar.get('grantd_session')}')`);
		const asked = (await one.post('/settings/oauth-apps', body)).redirect();
		assert.match(asked, /^\/settings\/confirm\?/);
		const { csrf } = /"csrf" value="(?<csrf>[^"]+)"/.exec(
			(await one.get(asked)).text).groups;
		await one.get((await one.post('/logout', { csrf })).redirect());
		await other.signIn({ browser: one });
		assert.doesNotMatch((await one.get('/settings/oauth-apps/new')).text,
			/Of the person before/);
	});
	test('idle and absolute limits', async () => {
		for (const column of ['idle_expires_at', 'expires_at']) {
			const his = await person.signIn();
			await instance.psql(`UPDATE core.session SET ${column} = now()
				WHERE hash = sha256('${his.jar.get('grantd_session')}')`);
			assert.match((await his.get('/settings/security')).redirect(),
				/^\/login/);
		}
	});
});

describe('return_to', () => {
	for (const to of ['https://evil.example/', '//evil.example/',
		'/\\evil.example/', '\\\\evil.example', '/\t/evil.example',
		'javascript:alert(1)', 'http:evil.example', '/%0d%0aX: y',
		'///evil.example', 'evil.example', '/ä', ' /settings', '/a\nb'])
		test(JSON.stringify(to), async () => {
			const visitor = new Browser(instance.base);
			const page = await visitor.get(
				`/login?return_to=${encodeURIComponent(to)}`);
			// what is no value at all may be refused
			const body = filled(page.status === 200 ? page.form('/login') :
				(await visitor.get('/login')).form('/login'));
			body.set('email', person.email);
			body.set('password', person.password);
			body.set('return_to', to);
			const answer = await visitor.post('/login', body);
			if (answer.status === 400)
				return;
			const location = answer.redirect();
			assert.match(location, /^\/(?![/\\])/);
			assert.doesNotMatch(location, /^\/[^?]*evil/);
			assert.equal(answer.headers.get('x'), null);
			assert.equal(new URL(location, instance.base).host,
				new URL(instance.base).host);
		});
});

describe('CSRF', () => {
	const forms = [['/logout', {}], ['/settings/confirm', { password: 'x' }],
		['/settings/security/password', { password: 'x',
			new_password: '0123456789' }],
		['/settings/security/name', { fullname: 'Evil' }],
		['/settings/organization', { organization: 'x' }],
		['/settings/security/sessions/end', {}],
		['/settings/oauth-apps', { name: 'x',
			redirect_uris: 'https://evil.example/' }],
		['/admin/oauth-clients', { name: 'x' }],
		['/admin/organizations', { name: 'x' }],
		// without any it is an app's request, and asks
		['/oauth/logout', { csrf: '' }],
		['/oauth/authorize', { decision: 'allow' }]];
	for (const [path, fields] of forms)
		test(`POST ${path} without, with a wrong, with a visitor's token`,
			async () => {
				const visitor = new Browser(instance.base);
				const csrf = filled((await visitor.get('/login'))
					.form('/login')).get('csrf');
				for (const more of [{}, { csrf: '' }, { csrf: 'x' },
					{ csrf: 'x'.repeat(43) }, { csrf }]) {
					const answer = await browser.post(path,
						{ ...fields, ...more });
					assert.equal(answer.status, 403,
						`${answer.status} ${answer.location} ${answer.words}`);
				}
			});
	test('POST /login with the right password: nobody is signed in', async () => {
		const other = await Person.make(instance, { organization: org.name });
		const fields = { email: other.email, password: other.password };
		const stranger = filled((await new Browser(instance.base)
			.get('/login')).form('/login')).get('csrf');
		for (const csrf of [undefined, '', 'x', stranger]) {
			const visitor = new Browser(instance.base);
			await visitor.get('/login');
			const answer = await visitor.post('/login',
				csrf === undefined ? fields : { ...fields, csrf });
			assert.ok([303, 403].includes(answer.status));
			if (answer.status === 303)
				assert.match(answer.location, /^\/login/);
			assert.equal(visitor.jar.has('grantd_session'), false);
		}
		const bare = await new Browser(instance.base).post('/login', fields);
		assert.deepEqual(bare.headers.getSetCookie()
			.filter((line) => /session=/.test(line)), []);
		// and so nobody makes a visitor sign in as somebody else
		assert.equal((await browser.get('/settings/security')).status, 200);
	});
	test('nothing changed', async () => {
		const page = await browser.get('/settings/security');
		assert.equal(page.status, 200);
		assert.doesNotMatch(page.words, /Evil/);
	});
	test('a page of another origin cannot read one', async () => {
		const page = await browser.get('/settings/security',
			{ origin: 'https://evil.example' });
		assert.equal(page.headers.get('access-control-allow-origin'), null);
	});
});

describe('brute force', () => {
	const attempt = async (email, password, visitor) => {
		const body = filled((await visitor.get('/login')).form('/login'));
		body.set('email', email);
		body.set('password', password);
		return visitor.post('/login', body);
	};
	test('unknown and known names: the same answer', async () => {
		const words = [];
		for (const email of [person.email, `${unique('nobody')}@example.com`]) {
			const visitor = new Browser(instance.base);
			const answer = await attempt(email, 'wrong password', visitor);
			assert.match(answer.redirect(), /^\/login/);
			const page = await visitor.get(answer.location);
			words.push(page.words.replaceAll(email, ''));
			assert.equal(visitor.jar.has('grantd_session'), false);
		}
		assert.equal(words[0], words[1]);
	});
	test('is slowed down, and a right password still counts elsewhere',
		async () => {
			const victim = await Person.make(instance,
				{ organization: org.name });
			const his = await victim.signIn();
			let slowed = false;
			const visitor = new Browser(instance.base);
			for (let i = 0; i < 40 && !slowed; i++) {
				const answer = await attempt(victim.email, `wrong ${i} word`,
					visitor);
				slowed = answer.status === 429 ||
					(answer.status === 303 && /too many/i.test(
						(await visitor.get(answer.location)).words));
			}
			assert.ok(slowed, 'nobody may guess for ever');
			// whoever is signed in stays so
			assert.equal((await his.get('/settings/security')).status, 200);
			// others from this address are not locked out
			const other = await Person.make(instance,
				{ organization: org.name });
			await other.signIn();
			await instance.psql('DELETE FROM core.throttle').catch(() => {});
		});
	test('an address that many share: their mistakes lock nobody out',
		async () => {
			await instance.psql('DELETE FROM core.throttle').catch(() => {});
			const many = await Promise.all(Array.from({ length: 12 }, () =>
				Person.make(instance, { organization: org.name })));
			for (const one of many)
				for (let i = 0; i < 2; i++)
					await attempt(one.email, `wrong ${i} word`,
						new Browser(instance.base));
			for (const one of many)
				assert.equal((await (await one.signIn()).get('/settings'))
					.status, 200);
			await instance.psql('DELETE FROM core.throttle').catch(() => {});
		});
	test('client secrets: 300 guesses, one answer, no lock for the client',
		async () => {
			const service = await App.make(instance, { organization: org.id,
				origin: 'admin', scopes: ['stores:read'],
				grants: ['client_credentials'] });
			const answers = [];
			for (let i = 0; i < 300; i += 50)
				answers.push(...await Promise.all(Array.from({ length: 50 },
					() => service.as({ secret: `gcs_${random()}` })
						.credentials())));
			assert.deepEqual([...new Set(answers.map(({ status }) => status))]
				.filter((status) => status !== 429), [401]);
			(await service.credentials()).ok(200);
		});
});

describe('HTTP under the provider', () => {
	const form = (fields) => new URLSearchParams(fields).toString();
	test('two lengths, a length beside chunks, bare LF', async () => {
		const body = form({ grant_type: 'refresh_token', refresh_token: 'x',
			client_id: app.id, client_secret: app.secret });
		const type = 'Content-Type: application/x-www-form-urlencoded\r\n';
		for (const fields of [
			`Content-Length: ${body.length}\r\nContent-Length: 0\r\n`,
			`Content-Length: ${body.length}\r\nTransfer-Encoding: chunked\r\n`,
			`Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n`,
			`Content-Length: +${body.length}\r\n`,
			`Content-Length : ${body.length}\r\n`,
			`Content-Length: ${body.length}\nX: y\r\n`]) {
			const raw = await Raw.connect(instance.target);
			raw.write(`POST /oauth/token HTTP/1.1\r\nHost: localhost\r\n${type}` +
				`${fields}\r\n${body}GET /v1/version HTTP/1.1\r\n` +
				'Host: localhost\r\n\r\n');
			const answer = await raw.answer();
			assert.equal(answer.status, 400, fields);
			await raw.closed();
			assert.equal(raw.rest(), '', 'nothing smuggled is answered');
			raw.destroy();
		}
	});
	test('HTTP/1.0, pipelining', async () => {
		const old = await exchange(instance.target,
			'GET /.well-known/openid-configuration HTTP/1.0\r\n\r\n');
		assert.equal(old.status, 200);
		const raw = await Raw.connect(instance.target);
		raw.write('GET /oauth/jwks HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(5));
		for (let i = 0; i < 5; i++)
			assert.equal((await raw.answer()).status, 200);
		raw.destroy();
	});
	test('an over-long header, an endless form', async () => {
		const long = await exchange(instance.target, 'POST /oauth/token ' +
			`HTTP/1.1\r\nHost: a\r\nAuthorization: Basic ${'a'.repeat(20000)}` +
			'\r\n\r\n');
		assert.equal(long.status, 431);
		const answer = await app.token({ grant_type: 'refresh_token',
			refresh_token: 'x'.repeat(1 << 20) });
		assert.ok([400, 413].includes(answer.status));
		assert.equal(answer.json.error, 'invalid_request');
	});
	test('10000 parameters', async () => {
		const answer = await app.token({ grant_type: 'client_credentials',
			resource: Array(10000).fill('https://a.example/') });
		oauthError(answer, 400, /^invalid_/);
	});
	test('forwarded addresses only from configured proxies', async () => {
		await exchange(instance.target, 'POST /oauth/token HTTP/1.1\r\n' +
			'Host: a\r\nX-Forwarded-For: 203.0.113.7\r\nForwarded: for=203.0.113.8\r\n' +
			'Content-Type: application/x-www-form-urlencoded\r\n' +
			'Content-Length: 53\r\n\r\n' +
			'grant_type=refresh_token&refresh_token=x&client_id=gx');
		const rows = await instance.psql(`SELECT count(*) FROM audit.event
			WHERE peer LIKE '203.0.113.%'`);
		assert.equal(rows[0][0], '0');
	});
	test('a client that goes away in the middle of a redemption', async () => {
		for (let i = 0; i < 20; i++) {
			const grant = await app.code(browser, { scope: 'stores:read' });
			const body = form({ grant_type: 'authorization_code',
				code: grant.code, code_verifier: grant.verifier,
				redirect_uri: grant.redirect, client_id: app.id,
				client_secret: app.secret });
			const raw = await Raw.connect(instance.target);
			raw.write('POST /oauth/token HTTP/1.1\r\nHost: a\r\nContent-Type: ' +
				'application/x-www-form-urlencoded\r\nContent-Length: ' +
				`${body.length}\r\n\r\n${body}`);
			await sleep(i);
			raw.destroy();
			await sleep(50);
			// redeemed or not, never twice
			const again = await app.redeem(grant);
			if (again.status !== 200)
				oauthError(again, 400, 'invalid_grant');
			const [[n]] = await instance.psql(`SELECT count(*)
				FROM token.family f JOIN oauth.code c ON c.family = f.id
				WHERE c.hash = sha256('${grant.code}')`);
			assert.equal(n, '1');
		}
	});
});

describe('SQL through the protocol', () => {
	const hostile = ["'; DROP TABLE oauth.client; --", "' OR '1'='1",
		'\\x00', "$$; SELECT pg_sleep(100)", '%', '_', '\u0001\u00010',
		'"\\u00010"', '{"a":1}', "\\'; --"];
	for (const text of hostile)
		test(JSON.stringify(text), async () => {
			const start = Date.now();
			for (const answer of [
				await app.as({ id: text }).refresh(text),
				await app.refresh(text), await app.introspect(text),
				await app.revoke(text), await app.redeem({ code: text,
					verifier: text, redirect: text }),
				await app.refresh('x', { scope: text, resource: text })])
				assert.ok(answer.status < 500, answer.text);
			for (const params of [{ client_id: text }, { redirect_uri: text },
				{ scope: text }, { state: text, scope: 'nonsense' },
				{ nonce: text }, { prompt: text }, { max_age: text },
				{ resource: text }, { login_hint: text, prompt: 'login' }]) {
				const page = await browser.get(app.path(params));
				assert.ok(page.status < 500,
					`${JSON.stringify(params)}: ${page.status}`);
				assert.doesNotMatch(page.text + page.location,
					/SQLSTATE|syntax error|gac_.*gac_/);
			}
			assert.ok(Date.now() - start < 60000);
		});
	test('a mark of the broker in a state is no secret', async () => {
		const got = await browser.get(app.path({ state: '\u00013',
			scope: 'stores:read' }));
		if (got.status === 303)
			assert.doesNotMatch(new URL(got.location, instance.base)
				.searchParams.get('state') ?? '', /gac_/);
	});
});
