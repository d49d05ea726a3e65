// Attacks with tokens that are none, are others, or are for others; what
// revocation and introspection tell whom.

import assert from 'node:assert/strict';
import { createHmac, createSign, generateKeyPairSync } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { claims } from '../lib/api.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { exchange } from '../lib/raw.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';

const instance = await sharedInstance();
const ask = { scope: 'openid stores:read' };
const api = `${instance.issuer}/api`, mcp = `${instance.issuer}/mcp`;
let org, person, browser, app, other, tokens;

before(async () => {
	({ org, person, browser, app } = await stage(instance));
	other = await App.make(instance, { organization: org.id });
	tokens = await app.tokens(browser, ask);
});

function refused(answer, error = 'invalid_token') {
	oauthError(answer, 401, error);
	assert.match(answer.headers.get('www-authenticate'), /^Bearer /);
	return answer;
}

describe('where the token stands', () => {
	test('in the query: refused', async () => {
		oauthError(await instance.client().get(
			`/oauth/userinfo?access_token=${tokens.access_token}`), 400,
		'invalid_request');
	});
	test('in the body: refused', async () => {
		const answer = await app.send('/oauth/userinfo',
			{ access_token: tokens.access_token });
		refused(answer);
	});
	test('in header and body, in header and query: refused', async () => {
		oauthError(await app.send('/oauth/userinfo',
			{ access_token: tokens.access_token },
			{ authorization: `Bearer ${tokens.access_token}` }), 400,
		'invalid_request');
		const query = await instance.client(tokens.access_token).get(
			`/oauth/userinfo?access_token=${tokens.access_token}`);
		assert.ok(query.status >= 400 && query.status < 500, query.text);
	});
	test('in two headers: refused', async () => {
		const answer = await exchange(instance.target,
			`GET /oauth/userinfo HTTP/1.1\r\nHost: localhost\r\n` +
			`Authorization: Bearer ${tokens.access_token}\r\n`.repeat(2) +
			'\r\n');
		assert.equal(answer.status, 400);
	});
	test('in a cookie: refused', async () => {
		refused(await instance.client().get('/oauth/userinfo',
			{ cookie: `grantd_session=${tokens.access_token}` }));
	});
	test('POST works as GET', async () => {
		const answer = await instance.client(tokens.access_token)
			.post('/oauth/userinfo');
		assert.equal(answer.ok(200).json.sub, person.id);
		// as a form, empty or not (OpenID Connect Core 5.3.1)
		for (const fields of [{}, { access_token: '' }, { other: 'x' }])
			assert.equal((await app.send('/oauth/userinfo', fields,
				{ authorization: `Bearer ${tokens.access_token}` })).ok(200)
				.json.sub, person.id);
		oauthError(await instance.client(tokens.access_token)
			.post('/oauth/userinfo', {}), 415, 'invalid_request');
	});
});

describe('a token for another door', () => {
	test('a person\'s token at the management and connector APIs', async () => {
		for (const path of ['/v1/accounts', '/v1/organization',
			'/v1/ticketing/tickets', '/v1/tokens']) {
			const answer = await instance.client(tokens.access_token).get(path);
			assert.ok([401, 403].includes(answer.status), answer.text);
		}
	});
	test('organization and integration tokens at userinfo', async () => {
		const account = await org.api.account();
		const { token } = await org.api.integration(account.id,
			'ticketing_mock_ticketing');
		for (const one of [org.token, token.access.secret]) {
			const answer = await app.userinfo(one);
			oauthError(answer, 401, 'invalid_token');
			assert.match(answer.headers.get('www-authenticate'),
				/^Bearer .*error="invalid_token"/);
		}
	});
	test('a client\'s own token at userinfo', async () => {
		const service = await App.make(instance, { organization: org.id,
			origin: 'admin', scopes: ['stores:read'],
			grants: ['client_credentials'] });
		const own = (await service.credentials()).ok(200).json;
		oauthError(await app.userinfo(own.access_token), 401,
			'invalid_token');
		assert.equal(own.refresh_token, undefined);
		assert.equal(claims(own.access_token).sub, service.id);
	});
	test('aud is what was asked for, and nothing that was not', async () => {
		for (const [resource, aud] of [[api, api], [`${api}/`, api],
			[mcp, mcp], [[api, mcp], [api, mcp]], [undefined, [api, mcp]],
			[instance.issuer, [api, mcp]], [`${instance.issuer}/`, [api, mcp]],
			[api.replace('http://localhost', 'HTTP://LOCALHOST'), api]]) {
			const got = await app.tokens(browser, { ...ask, resource });
			assert.deepEqual(claims(got.access_token).aud, aud,
				String(resource));
		}
	});
	test('an unknown resource is invalid_target', async () => {
		for (const resource of ['https://evil.example/', `${api}/x`,
			`${instance.issuer}/API`, `${api}#x`, 'x'])
			assert.equal(app.landed(await browser.get(app.path(
				{ ...ask, resource }))).error, 'invalid_target', resource);
	});
});

describe('forged access tokens', () => {
	const encode = (value) => Buffer.from(JSON.stringify(value))
		.toString('base64url');
	const sign = (header, payload, signer) => {
		const text = `${encode(header)}.${encode(payload)}`;
		return `${text}.${signer(text).toString('base64url')}`;
	};
	const none = () => Buffer.alloc(0);
	const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' });
	const es256 = (text) => createSign('sha256').update(text)
		.sign({ key: mine.privateKey, dsaEncoding: 'ieee-p1363' });
	let header, payload, jwks;
	before(async () => {
		[header, payload] = tokens.access_token.split('.').slice(0, 2)
			.map((part) => JSON.parse(Buffer.from(part, 'base64url')));
		jwks = (await instance.client().get('/oauth/jwks')).json;
	});
	const jwk = () => ({ ...mine.publicKey.export({ format: 'jwk' }),
		kid: header.kid, alg: 'ES256', use: 'sig' });
	const forged = {
		'alg none': () => sign({ ...header, alg: 'none' }, payload, none),
		'alg None, with a dot': () => sign({ ...header, alg: 'None' }, payload,
			() => Buffer.from('x')),
		'HS256 with the public key': () => sign({ ...header, alg: 'HS256' },
			payload, (text) => createHmac('sha256', JSON.stringify(jwks.keys[0]))
				.update(text).digest()),
		'another key': () => sign(header, payload, es256),
		'its own jwk in the header': () => sign({ ...header, jwk: jwk() },
			payload, es256),
		'jku': () => sign({ ...header, jku: 'http://169.254.169.254/keys' },
			payload, es256),
		'x5u': () => sign({ ...header, x5u: 'http://127.0.0.1:1/' }, payload,
			es256),
		'kid with a path': () => sign({ ...header, kid: '../../etc/passwd' },
			payload, es256),
		'kid with SQL': () => sign({ ...header, kid: "' OR 1=1 --" }, payload,
			es256),
		'longer life': () => tokens.access_token.replace(/\.[^.]+\./,
			`.${encode({ ...payload, exp: payload.exp + 3600 })}.`),
		'more scopes': () => tokens.access_token.replace(/\.[^.]+\./,
			`.${encode({ ...payload, scope: 'openid email profile' })}.`),
		'another issuer': () => tokens.access_token.replace(/\.[^.]+\./,
			`.${encode({ ...payload, iss: 'https://evil.example' })}.`),
		'claims twice': () => tokens.access_token.replace(/\.[^.]+\./,
			`.${Buffer.from(JSON.stringify(payload).replace('{',
				'{"exp":99999999999,')).toString('base64url')}.`),
		'another signature': () => tokens.access_token.slice(0, -4) + 'AAAA',
		'no signature': () => tokens.access_token.replace(/[^.]+$/, ''),
		'padding': () => `${tokens.access_token}=`,
		'five parts': () => `${tokens.access_token}.x.y`,
		'garbage': () => 'x.y.z',
		'the same token, the last bits of its signature changed': () => {
			const last = tokens.access_token.at(-1);
			const set = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
			return tokens.access_token.slice(0, -1) +
				set[(set.indexOf(last) & 0x30) | ((set.indexOf(last) + 1) & 0x0f)];
		},
	};
	for (const [what, make] of Object.entries(forged))
		test(what, async () => {
			refused(await app.userinfo(make()));
			assert.deepEqual((await app.introspect(make())).ok(200).json,
				{ active: false });
		});
	test('one of 8, 16, 100 KB', async () => {
		for (const size of [5000, 8000, 15000]) {
			const answer = await app.userinfo(
				`x.${'a'.repeat(size)}.y`);
			assert.ok([401, 431].includes(answer.status), answer.text);
		}
	});
	test('expired', async () => {
		const old = await app.tokens(browser, ask);
		await instance.psql(`UPDATE token.access_token SET expires_at = now()
			WHERE jti = '${claims(old.access_token).jti}'`);
		refused(await app.userinfo(old.access_token));
		assert.deepEqual((await app.introspect(old.access_token)).json,
			{ active: false });
	});
});

describe('something else as access token', () => {
	test('ID token, refresh token, code, secret, assertion', async () => {
		const { code } = await app.code(browser, ask);
		for (const token of [tokens.id_token, tokens.refresh_token, code,
			app.secret, app.id, browser.jar.get('grantd_session')]) {
			for (const path of ['/oauth/userinfo', '/v1/accounts']) {
				const answer = await instance.client(token).get(path);
				assert.ok([401, 403].includes(answer.status),
					`${path}: ${answer.text}`);
			}
		}
	});
	test('an access token as session, visitor, client secret, registration',
		async () => {
			const page = await browser.copy().send('GET', '/settings/security',
				undefined, { cookie: `grantd_session=${random()}` });
			assert.match(page.redirect(), /^\/login/);
			oauthError(await app.as({ secret: tokens.access_token })
				.credentials(), 401, 'invalid_client');
			const registration = await instance.client(tokens.access_token)
				.get(`/oauth/register/${app.id}`);
			refused(registration);
		});
});

describe('revocation', () => {
	test('an access token dies alone, at once', async () => {
		const got = await app.tokens(browser, ask);
		const answer = await app.revoke(got.access_token);
		assert.equal(answer.status, 200);
		assert.equal(answer.headers.get('cache-control'), 'no-store');
		assert.equal(await app.alive(got.access_token), false);
		(await app.refresh(got.refresh_token)).ok(200);
	});
	test('a refresh token takes its family along', async () => {
		const got = await app.tokens(browser, ask);
		const next = (await app.refresh(got.refresh_token)).ok(200).json;
		(await app.revoke(next.refresh_token)).ok(200);
		for (const token of [got.access_token, next.access_token])
			assert.equal(await app.alive(token), false);
		oauthError(await app.refresh(next.refresh_token), 400, 'invalid_grant');
	});
	test('the former refresh token does, too', async () => {
		const got = await app.tokens(browser, ask);
		const next = (await app.refresh(got.refresh_token)).ok(200).json;
		(await app.revoke(got.refresh_token)).ok(200);
		oauthError(await app.refresh(next.refresh_token), 400, 'invalid_grant');
	});
	for (const hint of ['access_token', 'refresh_token', 'id_token', 'x'])
		test(`with the hint ${hint}, right or wrong`, async () => {
			const got = await app.tokens(browser, ask);
			(await app.revoke(got.access_token, { token_type_hint: hint }))
				.ok(200);
			assert.equal(await app.alive(got.access_token), false);
			(await app.revoke(got.refresh_token, { token_type_hint: hint }))
				.ok(200);
			oauthError(await app.refresh(got.refresh_token), 400,
				'invalid_grant');
		});
	test('another client\'s token: 200, and nothing happens', async () => {
		const got = await app.tokens(browser, ask);
		for (const token of [got.access_token, got.refresh_token,
			org.token, org.refresh])
			assert.equal((await other.revoke(token)).status, 200);
		assert.ok(await app.alive(got.access_token));
		(await app.refresh(got.refresh_token)).ok(200);
		(await org.api.get('/v1/organization')).ok(200);
	});
	test('longer than any token: 200', async () => {
		for (const size of [4096, 4097, 100000])
			assert.equal((await app.revoke('x'.repeat(size))).status, 200);
		oauthError(await app.as({ secret: 'gcs_wrong' })
			.revoke('x'.repeat(5000)), 401, 'invalid_client');
		for (const length of [255, 256, 5000]) {
			oauthError(await app.refresh(`grt_${'x'.repeat(length)}`), 400,
				'invalid_grant');
			oauthError(await app.redeem({ code: 'x'.repeat(length),
				redirect: app.redirect, verifier: random() }), 400,
			'invalid_grant');
		}
	});
	test('what is no token: 200; nothing: 400', async () => {
		for (const token of ['x', 'grt_', 'x.y.z', 'ä', tokens.id_token])
			assert.equal((await app.revoke(token)).status, 200);
		oauthError(await app.revoke(''), 400, 'invalid_request');
		oauthError(await app.revoke(['a', 'b']), 400, 'invalid_request');
	});
	test('without authentication, or a wrong one: 401', async () => {
		oauthError(await app.send('/oauth/revoke',
			{ token: tokens.access_token }), 401, 'invalid_client');
		oauthError(await app.as({ secret: 'gcs_wrong' })
			.revoke(tokens.access_token), 401, 'invalid_client');
		oauthError(await app.send('/oauth/revoke', { client_id: app.id,
			token: tokens.access_token }), 401, 'invalid_client');
		assert.ok(await app.alive(tokens.access_token));
	});
	test('a public client revokes its own', async () => {
		const open = await App.make(instance, { organization: org.id,
			method: 'none' });
		const got = await open.tokens(browser, ask);
		(await open.revoke(got.access_token)).ok(200);
		assert.equal(await open.alive(got.access_token), false);
	});
	test('100 revocations at the very moment of use: none lives after', async () => {
		const got = await Promise.all(Array.from({ length: 20 }, () =>
			app.tokens(browser, ask)));
		await Promise.all(got.map(async ({ access_token: token }) => {
			(await app.revoke(token)).ok(200);
			for (let i = 0; i < 5; i++)
				assert.equal(await app.alive(token), false);
		}));
	});
});

describe('introspection', () => {
	test('of a living token', async () => {
		const got = await app.tokens(browser, { ...ask, resource: api });
		const answer = (await app.introspect(got.access_token)).ok(200);
		const { exp, jti, ...rest } = answer.json;
		assert.deepEqual(rest, { active: true, scope: got.scope,
			client_id: app.id, token_type: 'Bearer', sub: person.id,
			...got.scope.split(' ').includes('email') &&
				{ username: person.email },
			aud: api, iss: instance.issuer, org: org.id });
		assert.equal(jti, claims(got.access_token).jti);
		assert.equal(exp, claims(got.access_token).exp);
		assert.equal(answer.headers.get('cache-control'), 'no-store');
	});
	test('who took the address back is not named any more', async () => {
		const one = await App.make(instance, { organization: org.id });
		const asks = { scope: 'openid email stores:read' };
		const got = await one.tokens(browser, asks);
		const seen = async (token) => (await one.introspect(token)).ok(200)
			.json;
		assert.equal((await seen(got.access_token)).username, person.email);
		await one.code(browser, { ...asks, prompt: 'consent' },
			{ grant: ['openid', 'stores:read'] });
		for (const token of [got.access_token, got.refresh_token]) {
			const now = await seen(token);
			assert.equal(now.scope, 'openid stores:read');
			assert.equal(now.username, undefined);
		}
	});
	test('longer than any token: not active', async () => {
		for (const size of [4096, 4097, 100000])
			assert.equal((await app.introspect('x'.repeat(size))).ok(200).text,
				'{"active":false}');
		oauthError(await app.as({ secret: 'x' })
			.introspect('x'.repeat(5000)), 401, 'invalid_client');
	});
	test('without, with wrong, with a public client\'s credentials', async () => {
		oauthError(await app.send('/oauth/introspect',
			{ token: tokens.access_token }), 401, 'invalid_client');
		oauthError(await app.as({ secret: 'x' })
			.introspect(tokens.access_token), 401, 'invalid_client');
		const open = await App.make(instance, { organization: org.id,
			method: 'none' });
		oauthError(await open.introspect(tokens.access_token), 400,
			'unauthorized_client');
		const bearer = await app.send('/oauth/introspect',
			{ token: tokens.access_token },
			{ authorization: `Bearer ${tokens.access_token}` });
		assert.ok([400, 401].includes(bearer.status), bearer.text);
	});
	test('an app that somebody registered there learns nothing', async () => {
		const facts = { organization: org.id };
		const other = await App.make(instance, { ...facts, origin: 'user' });
		const server = await App.make(instance, { ...facts, origin: 'admin' });
		assert.deepEqual((await other.introspect(tokens.access_token)).ok(200)
			.json, { active: false });
		assert.equal((await server.introspect(tokens.access_token)).ok(200)
			.json.active, true);
	});
	test('a client of another organization learns nothing', async () => {
		const there = await stage(instance);
		for (const token of [tokens.access_token, tokens.refresh_token,
			org.token, org.refresh, tokens.id_token, 'x', 'x.y.z'])
			assert.equal((await there.app.introspect(token)).ok(200).text
				.replace(/\s/g, ''), '{"active":false}');
	});
	test('a dead token: active false and no word more', async () => {
		const got = await app.tokens(browser, ask);
		await app.revoke(got.refresh_token);
		for (const token of [got.access_token, got.refresh_token])
			assert.deepEqual((await app.introspect(token)).ok(200).json,
				{ active: false });
	});
});

describe('roles that change narrow living tokens', () => {
	test('at the next request', async () => {
		const there = await stage(instance, { scopes: ['openid',
			'stores:read', 'accounts:view'] }, { role: 'administrator' });
		const got = await there.app.tokens(there.browser,
			{ scope: 'openid stores:read accounts:view' });
		assert.match(got.scope, /accounts:view/);
		const scope = async () => (await there.app.introspect(
			got.access_token)).ok(200).json.scope;
		assert.equal(await scope(), got.scope);
		await instance.psql(`DELETE FROM core.member_role
			WHERE person = '${there.person.id}'`);
		assert.equal(await scope(), 'openid');
		const next = (await there.app.refresh(got.refresh_token)).ok(200).json;
		assert.equal(next.scope, 'openid');
	});
	test('an app never gets more than the person has', async () => {
		const there = await stage(instance, { scopes: ['openid',
			'stores:read', 'tokens:edit', 'users:edit'] }, { role: 'viewer' });
		const got = await there.app.tokens(there.browser,
			{ scope: 'openid stores:read tokens:edit users:edit' });
		assert.equal(got.scope, 'openid stores:read');
	});
});

test('unknown client, wrong secret, unknown token: the same answer', async () => {
	const answers = await Promise.all([
		app.as({ id: `gc_${random(18)}` }).refresh('x'),
		app.as({ secret: `gcs_${random()}` }).refresh('x'),
		app.as({ secret: `gcs_${random()}`, method: 'client_secret_post' })
			.refresh('x'),
		app.as({ id: 'x' }).refresh('x')]);
	assert.equal(new Set(answers.map(({ status, text }) => status + text)).size,
		1, answers.map(({ text }) => text).join('\n'));
});
