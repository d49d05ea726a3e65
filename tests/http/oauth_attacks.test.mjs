// Attacks on what stands around the provider: proxies, slow senders, clocks,
// guessed secrets, clients that leave.  Each named after what it tries.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { unique } from '../lib/api.mjs';
import { Browser, filled } from '../lib/browser.mjs';
import { Instance, eventually, freePort } from '../lib/instance.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';
import { Person } from '../lib/people.mjs';
import { Raw, exchange } from '../lib/raw.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const shared = await sharedInstance();
let instance, proxied, org, person, browser, app;

before(async () => {
	const port = await freePort();
	instance = await Instance.start({ cluster: shared.cluster,
		conf: `listen on 127.0.0.1 port ${port} trusted proxy 127.0.0.1\n` });
	proxied = { port };
	({ org, person, browser, app } = await stage(instance));
});
after(() => instance?.stop());

const urlencoded = 'Content-Type: application/x-www-form-urlencoded\r\n';

function post(path, body, more = '') {
	return `POST ${path} HTTP/1.1\r\nHost: a\r\n${urlencoded}${more}` +
		`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
}

describe('behind a proxy that is trusted', () => {
	test('to choose one\'s address by a longer X-Forwarded-For', async () => {
		for (const [sent, seen] of [
			['198.51.100.1, 203.0.113.7', '203.0.113.7'],
			['203.0.113.7,198.51.100.2', '198.51.100.2'],
			['not an address, 198.51.100.3', '198.51.100.3']]) {
			const visitor = new Browser(
				`http://127.0.0.1:${proxied.port}`);
			const page = await visitor.get('/login');
			const body = filled(page.form('/login'));
			body.set('email', person.email);
			body.set('password', `wrong ${unique('w')}`);
			await visitor.post('/login', body, { 'x-forwarded-for': sent });
			const [[peer]] = await instance.psql(`SELECT peer FROM audit.event
				WHERE code = 'sign_in_failed' ORDER BY seq DESC LIMIT 1`);
			assert.equal(peer, seen, sent);
		}
	});

	test('to turn issuer, links or redirects by Host and X-Forwarded-Host',
		async () => {
			const head = 'Host: evil.example\r\n' +
				'X-Forwarded-Host: evil.example\r\n' +
				'X-Forwarded-Proto: http\r\nX-Forwarded-Port: 1\r\n' +
				'X-Original-Url: /evil\r\nX-Rewrite-Url: /evil\r\n' +
				'Forwarded: for=192.0.2.1;host=evil.example;proto=http\r\n' +
				'X-Forwarded-For: 192.0.2.1\r\n';
			for (const path of ['/.well-known/oauth-authorization-server',
				'/.well-known/openid-configuration', '/oauth/jwks', '/login',
				'/.well-known/oauth-protected-resource/mcp', app.path(),
				'/v1/organization', '/settings']) {
				const answer = await exchange(proxied,
					`GET ${path} HTTP/1.1\r\n${head}\r\n`);
				assert.ok(answer.status < 500, path);
				assert.doesNotMatch(answer.text, /evil/);
				for (const [name, value] of answer.headers)
					assert.doesNotMatch(value, /evil/, `${path} ${name}`);
			}
			const meta = await exchange(proxied, 'GET ' +
				'/.well-known/oauth-authorization-server HTTP/1.1\r\n' +
				`${head}\r\n`);
			assert.equal(meta.json.issuer, instance.issuer);
			assert.ok(meta.json.token_endpoint
				.startsWith(`${instance.issuer}/`));
		});

	test('to lock somebody else out by his address', async () => {
		const victim = await Person.make(instance,
			{ organization: org.name });
		const front = `http://127.0.0.1:${proxied.port}`;
		const attempt = async (password, from) => {
			const visitor = new Browser(front);
			const body = filled((await visitor.get('/login')).form('/login'));
			body.set('email', victim.email);
			body.set('password', password);
			const answer = await visitor.post('/login', body,
				{ 'x-forwarded-for': from });
			return !/^\/login/.test(answer.redirect());
		};
		for (let i = 0; i < 8; i++)
			assert.equal(await attempt(`wrong ${i} words`, '192.0.2.66'),
				false);
		assert.equal(await attempt(victim.password, '192.0.2.66'), false);
		assert.equal(await attempt(victim.password, '192.0.2.67'), true);
	});
});

describe('slow senders at the provider', () => {
	test('to hold every connection with heads and bodies that never end',
		async () => {
			const starts = ['POST /oauth/token HTTP/1.1\r\nHost: a\r\n',
				post('/oauth/token', 'x'.repeat(4000)).slice(0, 200),
				'GET /oauth/authorize?client_id=',
				post('/oauth/register', '{').slice(0, -1),
				post('/login', 'email=a').slice(0, -3),
				post('/oauth/introspect', 'token=a').slice(0, -3)];
			const slow = await Promise.all(Array.from({ length: 120 },
				async (_, i) => (await Raw.connect(instance.target))
					.write(starts[i % starts.length])));
			let dripping = true;
			const drip = (async () => {
				for (; dripping; await sleep(20))
					for (const raw of slow)
						raw.write('x');
			})();
			const begin = Date.now();
			for (let i = 0; i < 20; i++) {
				oauthError(await app.token({ grant_type: 'refresh_token',
					refresh_token: random() }), 400, 'invalid_grant');
				assert.equal((await new Browser(instance.base)
					.get('/login')).status, 200);
			}
			assert.ok(Date.now() - begin < 25000, 'others wait');
			dripping = false;
			await drip;
			for (const raw of slow)
				raw.destroy();
		});
});

describe('clocks', () => {
	// Medians of calls that take turns; the machine's load hits all alike.
	// Only an order of magnitude would be told, or many more calls.
	async function compare(calls, rounds = 60) {
		const times = calls.map(() => []);
		for (let i = 0; i < rounds; i++)
			for (const [n, call] of calls.entries()) {
				const begin = process.hrtime.bigint();
				await call();
				times[n].push(Number(process.hrtime.bigint() - begin));
			}
		const medians = times.map((list) =>
			list.sort((a, b) => a - b)[rounds >> 1]);
		return Math.max(...medians) / Math.min(...medians);
	}
	async function alike(calls) {
		const ratios = [];
		for (let i = 0; i < 3; i++) {
			ratios.push(await compare(calls));
			if (ratios.at(-1) < 4)
				return;
		}
		assert.fail(`one takes longer: ${ratios}`);
	}

	test('to tell clients that exist by the time of a refusal', async () => {
		const fields = { grant_type: 'client_credentials' };
		const unknown = app.as({ id: `gc_${random(18)}` });
		const wrong = app.as({ secret: `gcs_${random()}` });
		const odd = app.as({ secret: 'short' });
		const said = new Set();
		await alike([unknown, wrong, odd].map((one) => async () => {
			const answer = await one.token(fields);
			oauthError(answer, 401, 'invalid_client');
			said.add(answer.text.replace(/"request_id":"[^"]*"/, ''));
		}));
		assert.equal(said.size, 1, [...said].join('\n'));
	});

	test('to tell tokens that existed by the time of an answer', async () => {
		const { access_token } = await app.tokens(browser,
			{ scope: 'stores:read' });
		const parts = access_token.split('.');
		const other = [...parts.slice(0, 2),
			random(Buffer.from(parts[2], 'base64url').length)].join('.');
		await alike([other, random(), `${access_token}x`]
			.map((token) => async () => {
				const answer = (await app.introspect(token)).ok(200);
				assert.deepEqual(answer.json, { active: false });
			}));
	});

	test('to tell people by the time of a sign-in', async () => {
		const known = await Person.make(instance, { organization: org.name });
		let n = 0;
		const attempt = (email) => async () => {
			const visitor = new Browser(`http://127.0.0.1:${proxied.port}`);
			const body = filled((await visitor.get('/login')).form('/login'));
			body.set('email', email());
			body.set('password', 'not the password');
			await visitor.post('/login', body, { 'x-forwarded-for':
				`198.18.${n >> 8}.${n++ & 255}` });
		};
		const ratio = await compare([attempt(() => known.email),
			attempt(() => `${unique('ghost')}@example.com`)], 12);
		assert.ok(ratio < 4, String(ratio));
	});
});

describe('clients that leave', () => {
	// A lock holds the plan of a sign-in back; who left meanwhile gets none.
	async function signInBehindLock(leave) {
		const one = await Person.make(instance, { organization: org.name });
		const visitor = new Browser(instance.base);
		const body = filled((await visitor.get('/login')).form('/login'));
		body.set('email', one.email);
		body.set('password', one.password);
		const cancels = () => readFileSync(instance.cluster.log(), 'utf8')
			.split('canceling statement due to user request').length;
		const before = cancels();
		const raw = await Raw.connect(instance.target);
		await instance.hold('LOCK TABLE core.person', async (held) => {
			raw.write(post('/login', String(body),
				`Cookie: ${visitor.cookie}\r\n`));
			await held.blocks();
			if (!leave)
				return;
			raw.reset();
			await held.blocks(false);
			// it waits no more a moment before it says why
			await eventually(() => cancels() === before + 1, 20000,
				'a statement that is canceled');
		});
		if (leave)
			await sleep(500);
		else
			assert.equal((await raw.answer()).status, 303);
		raw.destroy();
		const [[sessions]] = await instance.psql(`SELECT count(*)
			FROM core.session WHERE person = '${one.id}'`);
		return Number(sessions);
	}
	test('to have work done that nobody waits for', async () => {
		assert.equal(await signInBehindLock(false), 1);
		assert.equal(await signInBehindLock(true), 0);
	});

	test('to hold connections of the database by leaving', async () => {
		for (let i = 0; i < 200; i++) {
			const raw = await Raw.connect(instance.target);
			raw.write(post('/oauth/token', 'grant_type=client_credentials' +
				`&client_id=${app.id}&client_secret=${app.secret}`));
			raw.destroy();
		}
		await eventually(async () => (await instance.psql(`SELECT count(*)
			FROM pg_stat_activity WHERE datname = current_database()
			AND state <> 'idle' AND pid <> pg_backend_pid()
			AND backend_type = 'client backend'`))[0][0] === '0', 20000,
		'idle connections');
		assert.equal((await browser.get('/settings')).status, 200);
	});
});

describe('guesses', () => {
	test('to lock a client out by guessing its secret from the same address',
		async () => {
			const service = await App.make(instance, { organization: org.id,
				origin: 'admin', scopes: ['stores:read'],
				grants: ['client_credentials'] });
			const wrong = service.as({ secret: `gcs_${random()}` });
			const fields = { grant_type: 'client_credentials' };
			await Promise.all(Array.from({ length: 100 }, async () =>
				oauthError(await wrong.token(fields), 401, 'invalid_client')));
			(await service.token(fields)).ok(200);
		});
});
