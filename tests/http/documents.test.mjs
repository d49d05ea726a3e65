// Clients that are known by the URL of their metadata document: fetched by
// the real grantd-fetcher, from a TLS server on loopback.  Attacks are named
// after what they try.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { World } from '../lib/documents.mjs';
import { Instance, eventually } from '../lib/instance.mjs';
import { App, stage } from '../lib/oauth.mjs';

const world = await World.make();
const instance = await Instance.start({
	conf: `password cost 6\n${world.conf}` });
after(async () => {
	world.stop();
	await instance.stop();
});
const { browser } = await stage(instance);
// This file asks for more documents than one address may have fetched.
await instance.psql(`UPDATE core.setting SET value = 1000
	WHERE name = 'document_address_burst'`);

const appOf = (id) => new App(instance, { id, method: 'none',
	redirect: 'https://app.example.com/callback' });
const json = { 'content-type': 'application/json' };

// The page that says that there is no such client.
async function refused(id, what = id) {
	const started = Date.now();
	const page = await browser.get(appOf(id).path());
	assert.equal(page.status, 400, `${what}: ${page.status} ${page.text}`);
	assert.equal(page.location, null, what);
	assert.match(page.headers.get('content-type'), /^text\/html/);
	return Date.now() - started;
}

// That many questions for a host meanwhile; more only when the name server
// was so slow that it was asked again.
async function asked(host, n, meanwhile) {
	const count = () => world.queries.filter((name) => name === host).length;
	const before = count();
	const started = Date.now();
	const result = await meanwhile();
	const more = count() - before;
	assert.ok(more === n || (more > n && Date.now() - started > 1400),
		`${more} questions`);
	return result;
}

const error = async (id) => (await instance.psql(`SELECT coalesce(error, '')
	FROM oauth.document WHERE url = '${id}'`))[0]?.[0];
const forget = (id) => instance.psql(`UPDATE oauth.document
	SET expires_at = now() WHERE url = '${id}'`);

test('a document is a client: consent, code, tokens, refresh', async () => {
	const app = appOf(world.document('/good.json'));
	const page = await asked('docs.test', 1, () => browser.get(app.path()));
	assert.equal(page.status, 200, page.text);
	assert.match(page.words, /Document Reader/);
	assert.match(page.words, /known by the document at docs\.test/);
	assert.match(page.words, /\bunverified\b/);
	assert.match(page.words, /app\.example\.com/);
	const tokens = await app.tokens(browser, { scope: 'stores:read' });
	assert.ok(await app.alive(tokens.access_token));
	(await app.refresh(tokens.refresh_token)).ok(200);
	// all of that out of one document
	assert.equal(world.count('/good.json'), 1);
});

test('a native app: any port of loopback', async () => {
	const app = appOf(world.document('/native.json'));
	const got = await app.code(browser,
		{ redirect_uri: 'http://127.0.0.1:4711/callback' });
	assert.ok(got.code);
});

test('the metadata says so', async () => {
	const reply = await fetch(
		`${instance.base}/.well-known/oauth-authorization-server`);
	assert.equal((await reply.json()).client_id_metadata_document_supported,
		true);
});

test('ten at once: one fetch, all served', async () => {
	const app = appOf(world.document('/many.json', {}, { send: (r, text) =>
		setTimeout(() => r.writeHead(200, json).end(text), 300) }));
	const pages = await Promise.all(Array.from({ length: 10 }, () =>
		browser.get(app.path())));
	assert.deepEqual(pages.map((page) => page.status), Array(10).fill(200));
	assert.equal(world.count('/many.json'), 1);
});

test('chunks, JSON of another name and Cache-Control are understood',
	async () => {
		const id = world.document('/chunks.json', {}, { send: (r, text) => {
			r.writeHead(200, { 'content-type': 'application/client+json',
				'cache-control': 'public, max-age=7200' });
			r.write(text.slice(0, 20));
			setTimeout(() => r.end(text.slice(20)), 50);
		} });
		assert.equal((await browser.get(appOf(id).path())).status, 200);
		const [[seconds]] = await instance.psql(`SELECT round(extract(epoch
			FROM expires_at - fetched_at)) FROM oauth.document
			WHERE url = '${id}'`);
		assert.equal(seconds, '7200');
	});

test('a redirect is not followed', async () => {
	world.document('/target.json');
	const id = world.document('/redirect.json', {}, { send: (r) =>
		r.writeHead(302, { location: world.url('/target.json') }).end() });
	await refused(id);
	assert.equal(world.count('/target.json'), 0);
	assert.match(await error(id), /302/);
});

test('too large a document', async () => {
	const pad = (n) => 'x'.repeat(n);
	const short = 5120 - JSON.stringify({}).length - 400;
	assert.equal((await browser.get(appOf(world.document('/fits.json',
		{ x_pad: pad(short) })).path())).status, 200);
	await refused(world.document('/large.json', { x_pad: pad(5120) }));
	// one that does not say how long it is, and goes on
	let sent = 0;
	const id = world.document('/endless.json', {}, { send: (r) => {
		r.writeHead(200, json);
		const more = () => {
			sent += 1024;
			if (r.destroyed || r.socket?.destroyed)
				return;
			r.write(pad(1024));
			setTimeout(more, 5);
		};
		more();
	} });
	await refused(id);
	const at = sent;
	await new Promise((resolve) => {
		setTimeout(resolve, 300);
	});
	assert.ok(sent - at < 4096, 'it went on being read');
});

test('a slow server: five seconds, no more', async () => {
	const drip = world.document('/drip.json', {}, { send: (r, text) => {
		r.writeHead(200, json);
		let i = 0;
		const timer = setInterval(() => {
			if (r.destroyed || i === text.length)
				clearInterval(timer);
			else
				r.write(text[i++]);
		}, 200);
	} });
	const silent = world.document('/silent.json', {}, { send: () => {} });
	const times = await Promise.all([refused(drip), refused(silent)]);
	for (const ms of times)
		assert.ok(ms >= 4000 && ms < 15000, `${ms} ms`);
	// and is remembered: the next request does not wait
	await refused(silent);
	assert.equal(world.count('/silent.json'), 1);
});

test('a wrong type, coding or status', async () => {
	const as = (path, status, headers) => world.document(path, {},
		{ send: (r, text) => r.writeHead(status, headers).end(text) });
	await refused(as('/html.json', 200, { 'content-type': 'text/html' }));
	await refused(as('/none.json', 200, {}));
	await refused(as('/gzip.json', 200, { ...json,
		'content-encoding': 'gzip' }));
	await refused(as('/created.json', 201, json));
	await refused(as('/error.json', 500, json));
	await refused(world.url('/missing.json'));
	assert.match(await error(world.url('/missing.json')), /404/);
});

test('client_id differs by port, case, slash, query; or is none',
	async () => {
		for (const [path, change] of [
			['/id-port.json', (id) => id.replace(/:\d+/, '')],
			['/id-case.json', (id) => id.replace('/id', '/ID')],
			['/id-slash.json', (id) => `${id}/`],
			['/id-query.json', (id) => `${id}?`],
			['/id-host.json', (id) => id.replace('docs', 'many')],
			['/id-number.json', () => 7],
			['/id-none.json', () => undefined]]) {
			const id = world.document(path);
			world.document(path, { client_id: change(id) });
			await refused(id, path);
			assert.match(await error(id), /client_id/, path);
		}
	});

test('a document with secrets, a private key, or no JSON', async () => {
	for (const [path, change] of [
		['/secret.json', { client_secret: 'x' }],
		['/shared.json', { token_endpoint_auth_method:
			'client_secret_basic' }],
		['/private.json', { token_endpoint_auth_method: 'private_key_jwt',
			jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y',
				d: 'd' }] } }],
		['/nameless.json', { client_name: undefined }],
		['/homeless.json', { redirect_uris: [] }],
		['/script.json', { redirect_uris: ['javascript:alert(1)'] }]])
		await refused(world.document(path, change), path);
	for (const [path, text] of [['/text.json', 'hello'], ['/empty.json', ''],
		['/array.json', '[]'], ['/nul.json', '{"client_name":"\\u0000"}'],
		['/raw.json', Buffer.from('{"a":"\xff"}', 'latin1')]])
		await refused(world.document(path, {}, { send: (r) =>
			r.writeHead(200, json).end(text) }), path);
});

test('a certificate of a stranger, for another name, or too old',
	async () => {
		for (const host of ['stranger.test', 'wrong.test', 'old.test']) {
			const path = `/${host}.json`;
			await refused(world.document(path, {}, { host }), host);
			assert.equal(world.count(path), 0, host);
		}
	});

test('a name that leads inside', async () => {
	for (const host of ['private.test', 'metadata.test', 'mixed.test',
		'unknown.test']) {
		const path = `/${host}.json`;
		const id = world.document(path, {}, { host });
		await refused(id, host);
		// at once, not after it was tried in vain
		assert.match(instance.log().split('\n').filter((line) =>
			line.includes(path)).join('\n'), host === 'unknown.test' ?
			/no such host/ : /not one of the internet/, host);
		assert.equal(world.count(path), 0, host);
	}
});

test('a name that leads inside when it is asked for again', async () => {
	const id = world.document('/rebind.json', {}, { host: 'rebind.test' });
	// what was checked is where it went: nobody asked a second time
	const page = await asked('rebind.test', 1,
		() => browser.get(appOf(id).path()));
	assert.equal(page.status, 200, page.words);
	assert.equal(world.count('/rebind.json'), 1);
	await forget(id);
	await asked('rebind.test', 1, () => browser.get(appOf(id).path()));
	assert.equal(world.count('/rebind.json'), 1);
});

test('a URL that is none', async () => {
	const before = world.requests.length;
	for (const id of [`https://127.0.0.1:${world.port}/x.json`,
		`https://[::1]:${world.port}/x.json`,
		`https://[::ffff:127.0.0.1]:${world.port}/x.json`,
		`https://[::ffff:7f00:1]:${world.port}/x.json`,
		`https://2130706433:${world.port}/x.json`,
		`https://user@docs.test:${world.port}/x.json`,
		`https://docs.test:${world.port}/a/../x.json`,
		`https://docs.test:${world.port}/x.json#y`,
		`https://docs.test:${world.port}`,
		`https://DOCS.test:${world.port}/x.json`,
		'https://docs.test:22/x.json', 'https://docs.test/x.json',
		`https://docs.test:${world.port}/\r\nX: y`,
		`https://docs.test:${world.port}/${'x'.repeat(2000)}`])
		await refused(id);
	assert.equal(world.requests.length, before);
});

test('redirect_uris changed between authorize and token', async () => {
	const id = world.document('/changing.json');
	const app = appOf(id);
	const grant = await app.code(browser);
	world.document('/changing.json',
		{ redirect_uris: ['https://other.example.com/callback'] });
	await forget(id);
	await refused(id, 'the former redirect URI');
	// the code was given for one that was right then; no more is lost
	const answer = await app.redeem(grant);
	assert.ok([200, 400].includes(answer.status), answer.text);
	const moved = app.as({ redirect: 'https://other.example.com/callback' });
	moved.landed(await moved.ask(browser));
});

test('poisoning by failure: a client that was known is not lost', async () => {
	const id = world.document('/failing.json');
	const app = appOf(id);
	const tokens = await app.tokens(browser);
	const good = world.pages.get('/failing.json');
	world.pages.set('/failing.json', (request, response) =>
		response.writeHead(500).end());
	await forget(id);
	const page = await browser.get(app.path());
	assert.ok(page.status < 500, page.text);
	assert.ok(await app.alive(tokens.access_token));
	// and comes back when its server does
	world.pages.set('/failing.json', good);
	await forget(id);
	assert.ok([200, 303].includes((await browser.get(app.path())).status));
});

test('a killed fetcher is started again', async () => {
	const [{ pid }] = instance.processes()
		.filter(({ role }) => role === 'fetcher');
	// It dies with a fetch in its hands: that says nothing of the document.
	const app = appOf(world.document('/again.json', {},
		{ send: () => process.kill(pid, 'SIGKILL') }));
	assert.equal((await browser.get(app.path())).status, 503);
	world.document('/again.json');
	await eventually(async () => {
		const page = await browser.get(app.path());
		assert.ok([200, 503].includes(page.status), page.text);
		return page.status === 200;
	}, 30000, 'a new fetcher');
});

test('the switch: off, there is no such process and no such client',
	async () => {
		const off = await Instance.start({ cluster: instance.cluster,
			conf: `client metadata documents off\n${world.conf}` });
		try {
			assert.equal(off.processes().some(({ role }) =>
				role === 'fetcher'), false);
			const reply = await fetch(
				`${off.base}/.well-known/oauth-authorization-server`);
			assert.equal((await reply.json())
				.client_id_metadata_document_supported, false);
			const before = world.requests.length;
			const page = await fetch(off.base +
				appOf(world.document('/off.json')).path(),
			{ redirect: 'manual' });
			assert.equal(page.status, 400);
			assert.equal(world.requests.length, before);
		} finally {
			await off.stop();
		}
	});
