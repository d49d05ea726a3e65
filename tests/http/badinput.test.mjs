// What no honest client sends.  Each gives a clear error in the API's own
// form, or at least a status and a close; the service goes on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';
import { Raw, exchange, request } from '../lib/raw.mjs';

const instance = await sharedInstance();
const { api, token } = await instance.organization();
const before = instance.processes();
const json = { 'Content-Type': 'application/json' };

const post = (body, headers = json) =>
	api.post('/v1/accounts', typeof body === 'string' ?
		Buffer.from(body, 'latin1') : body,
	{ 'content-type': headers['Content-Type'] });

test('a header over 16 KiB', async () => {
	for (const text of [
		request('GET', '/v1/organization', token,
			{ 'X-Large': 'x'.repeat(17000) }),
		request('GET', `/v1/organization?${'x'.repeat(17000)}`, token),
		request('GET', '/v1/organization', 'y'.repeat(17000)),
		request('GET', '/v1/organization', token, Object.fromEntries(
			Array.from({ length: 2000 }, (_, i) => [`X-${i}`, 'v'])))]) {
		const answer = await exchange(instance.target, text);
		assert.ok([400, 413, 414, 431].includes(answer.status),
			`${answer.status}`);
	}
});

test('a body over its limit, announced or not', async () => {
	const large = 'x'.repeat(1024 * 1024 + 1);
	(await api.post('/v1/accounts', JSON.stringify({ name: large })))
		.problem(413);
	const raw = await Raw.connect(instance.target);
	raw.write(request('POST', '/v1/accounts', token,
		{ ...json, 'Content-Length': 1e12 }));
	assert.ok([400, 413].includes((await raw.answer()).status));
	raw.destroy();
	const chunked = await Raw.connect(instance.target);
	chunked.write(request('POST', '/v1/accounts', token,
		{ ...json, 'Transfer-Encoding': 'chunked' }));
	const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
	for (let i = 0; i < 20; i++)
		chunked.write(chunk);
	assert.ok([400, 413].includes((await chunked.answer()).status));
	chunked.destroy();
});

test('wrong or missing content type', async () => {
	for (const type of ['text/plain', 'application/x-www-form-urlencoded',
		'application/xml', 'json', 'application/jsonx'])
		(await post('{}', { 'Content-Type': type })).problem(415);
	const none = await exchange(instance.target, request('POST',
		'/v1/accounts', token, { 'Content-Length': 2 }, '{}'));
	none.problem(415);
	for (const type of ['application/json; charset=utf-8',
		'APPLICATION/JSON', 'application/json;charset="UTF-8"'])
		(await post('{}', { 'Content-Type': type })).ok();
});

test('no body is an empty object', async () => {
	const send = (path) => exchange(instance.target, request('POST', path,
		token, { ...json, 'Content-Length': 0 }));
	const { account } = (await send('/v1/accounts')).ok().result;
	(await send(`/v1/integrations/${account.id}`)).problem(400,
		{ parameter: 'provider_config', location: 'body' });
});

test('framing that a proxy could read differently', async () => {
	const target = instance.target;
	const bad = [
		['chunked and a length', { 'Content-Length': 2,
			'Transfer-Encoding': 'chunked' }, '0\r\n\r\n'],
		['a length that is none', { 'Content-Length': '2x' }, '{}'],
		['a length with a sign', { 'Content-Length': '+2' }, '{}'],
		['a negative length', { 'Content-Length': -2 }, '{}'],
		['a length list', { 'Content-Length': '2, 2' }, '{}'],
		['a hexadecimal length', { 'Content-Length': '0x2' }, '{}'],
		['another encoding', { 'Transfer-Encoding': 'gzip, chunked' },
			'2\r\n{}\r\n0\r\n\r\n'],
		['an unknown encoding', { 'Transfer-Encoding': 'xchunked' },
			'2\r\n{}\r\n0\r\n\r\n'],
		['identity', { 'Transfer-Encoding': 'identity' }, '{}'],
	];
	for (const [what, headers, body] of bad) {
		const raw = await Raw.connect(target);
		const answer = await raw.write(request('POST', '/v1/accounts', token,
			{ ...json, ...headers }, body)).answer();
		assert.ok([400, 501].includes(answer.status),
			`${what}: ${answer.status}`);
		await raw.closed();
		raw.destroy();
	}
	const twice = request('POST', '/v1/accounts', token,
		{ ...json, 'Content-Length': 2 }, '{}')
		.replace('Content-Length: 2', 'Content-Length: 2\r\nContent-Length: 3');
	assert.equal((await exchange(target, twice)).status, 400);
});

test('chunks that are none', async () => {
	for (const body of ['x\r\n{}\r\n0\r\n\r\n', '-2\r\n{}\r\n0\r\n\r\n',
		'ffffffffffffffffff\r\n{}\r\n', '2 \r\n{}X\r\n0\r\n\r\n']) {
		const raw = await Raw.connect(instance.target);
		raw.write(request('POST', '/v1/accounts', token,
			{ ...json, 'Transfer-Encoding': 'chunked' }, body)).finish();
		assert.equal((await raw.answer()).status, 400, body);
		raw.destroy();
	}
});

test('a request line or header that is none', async () => {
	for (const text of ['\x00\x01\x02\r\n\r\n', 'GET\r\n\r\n',
		'GET /\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n',
		'GET  /v1/version  HTTP/1.1\r\nHost: x\r\n\r\n',
		'GET /v1/version HTTP/1.1\r\n\r\n',
		'GET /v1/version HTTP/1.1\r\nHost: x\r\nno colon\r\n\r\n',
		'GET /v1/version HTTP/1.1\r\nHost : x\r\n\r\n',
		'GET /v1/version HTTP/1.1\r\nHost: x\r\nA: b\r\n c: d\r\n\r\n',
		'GET /v1/version HTTP/1.1\r\nHost: x\r\nA: \x00b\r\n\r\n',
		'GET /v1/ver%zzsion HTTP/1.1\r\nHost: x\r\n\r\n',
		'GET /v1/version%00 HTTP/1.1\r\nHost: x\r\n\r\n',
		'GET ftp://other/v1/version HTTP/1.1\r\nHost: x\r\n\r\n',
		'CONNECT other:443 HTTP/1.1\r\nHost: x\r\n\r\n',
		'\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03']) {
		const raw = await Raw.connect(instance.target);
		raw.write(text).finish();
		const answer = await raw.answer();
		assert.ok(answer.status >= 400 && (answer.status < 500 ||
			answer.status === 501 || answer.status === 505),
		`${text}: ${answer.status}`);
		raw.destroy();
	}
});

test('a body that is no JSON object', async () => {
	for (const body of [' ', '{', '}', '[]', 'null', '7', '"x"', 'true',
		'{"name":}', '{"name":"x",}', "{'name':'x'}", '{"name":"x"}x',
		'{"name":"x"}{"name":"y"}', '{"name":01}', '{"name":NaN}',
		'{"name":"\\x"}', '{"name":"\n"}', '\ufeff{}', '/**/{}',
		'{"name":"\\ud800"}'])
		(await post(Buffer.from(body))).problem(400);
});

test('duplicate keys', async () => {
	for (const body of ['{"name":"a","name":"b"}',
		'{"name":"a","n\\u0061me":"b"}',
		'{"labels":["x"],"fullname":"y","labels":["z"]}'])
		(await post(body)).problem(400);
	const account = await api.account({});
	(await api.post(`/v1/integrations/${account.id}`, Buffer.from(
		'{"provider_config":{"type":"sink_mock_sink","type":' +
		'"siem_mock_siem"}}'))).problem(400);
});

test('depth bombs', async () => {
	for (const depth of [100, 5000, 100000]) {
		(await post('['.repeat(depth) + ']'.repeat(depth))).problem(400);
		(await post('{"a":'.repeat(depth) + '1' + '}'.repeat(depth)))
			.problem(400);
		(await post(`{"labels":${'['.repeat(depth)}`)).problem(400);
	}
});

test('invalid UTF-8 and NUL', async () => {
	for (const bytes of ['\xff', '\xc0\x80', '\xc3', '\xed\xa0\x80',
		'\xf4\x90\x80\x80', '\xf8\x88\x80\x80\x80', '\x00', '\\u0000'])
		(await post(`{"fullname":"${bytes}"}`)).problem(400);
	for (const path of ['/v1/accounts/%ff', '/v1/accounts/%c0%80',
		'/v1/accounts/%00', '/v1/accounts/a%00b', '/v1/accounts?limit=%00',
		'/v1/accounts?filter=name[eq]%ff', '/v1/accounts?start_after=%00',
		'/v1/accounts/%', '/v1/accounts/%4']) {
		const answer = await api.get(path);
		assert.ok([400, 404].includes(answer.status),
			`${path}: ${answer.text}`);
		answer.problem(answer.status);
	}
});

test('the mark that stands for a secret is only a character', async () => {
	const name = unique('mark');
	for (const mark of ['\\u00010', '\\u00011', '\\u00019']) {
		const answer = await post(`{"name":"${name}","fullname":"${mark}"}`);
		if (answer.status >= 400)
			answer.problem(400);
		else
			assert.doesNotMatch(answer.text, /eyJ/);
	}
	const { integration } = await api.integration(
		(await api.account({})).id, 'siem_mock_siem');
	assert.ok(integration.id);
});

test('numbers out of range', async () => {
	const made = await api.account({});
	const { token: pair } = await api.integration(made.id, 'sink_mock_sink');
	const sink = api.as(pair.access.secret);
	for (const number of ['1e400', '-1e400', '1'.repeat(400),
		'123456789012345678901234567890']) {
		const answer = await sink.post('/v1/sink/events',
			Buffer.from(`[{"n":${number}}]`));
		assert.ok([200, 201, 202, 400].includes(answer.status), answer.text);
	}
	(await post('{"labels":[1e999]}')).problem(400);
});

test('slow senders do not hold others up', async () => {
	const slow = await Promise.all(Array.from({ length: 50 }, async (_, i) => {
		const raw = await Raw.connect(instance.target);
		return raw.write(i % 2 ? 'GET /v1/org' : request('POST',
			'/v1/accounts', token, { ...json, 'Content-Length': 100 }, '{'));
	}));
	const begin = Date.now();
	for (let i = 0; i < 20; i++)
		(await api.get('/v1/organization')).ok();
	assert.ok(Date.now() - begin < 20000);
	for (const raw of slow)
		raw.destroy();
});

// Writes all, sends no more, reads what comes.
async function halfClosed(text) {
	const raw = await Raw.connect(instance.target);
	try {
		raw.write(text).finish();
		const answer = await raw.answer();
		await raw.closed();
		assert.equal(raw.rest(), '');
		return answer;
	} finally {
		raw.destroy();
	}
}

test('half-closed sockets still get their answer', async () => {
	(await halfClosed(request('GET', '/v1/organization', token))).ok();
	const body = JSON.stringify({ name: unique('half') });
	(await halfClosed(request('POST', '/v1/accounts', token,
		{ ...json, 'Content-Length': body.length }, body))).ok();
});

test('half a request is told so, in the manner of what was asked for',
	async () => {
		const post = (path, headers, body, type = json) => request('POST',
			path, token, { ...type, ...headers }, body);
		const ten = { 'Content-Length': 10 };
		const chunked = { 'Transfer-Encoding': 'chunked' };
		const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
		const get = 'GET /v1/organization HTTP/1.1\r\n';
		const login = 'GET /login HTTP/1.1\r\nHost: x\r\n';
		for (const [text, type] of [
			['G', 'application/problem+json'],
			['\r\nGET /v1/orga', 'application/problem+json'],
			[get, 'application/problem+json'],
			[`${get}Host: loc`, 'application/problem+json'],
			[`${get}Host: localhost\r\n\r`, 'application/problem+json'],
			[login, 'text/html; charset=utf-8'],
			['POST /oauth/token HTTP/1.1\r\nHost: x\r\nA', 'application/json'],
			[post('/v1/accounts', ten, ''), 'application/problem+json'],
			[post('/v1/accounts', ten, '{'), 'application/problem+json'],
			[post('/v1/accounts', chunked, ''), 'application/problem+json'],
			[post('/v1/accounts', chunked, '2\r\n{}\r\n0\r\n'),
				'application/problem+json'],
			[post('/oauth/token', ten, 'grant', form), 'application/json'],
			[post('/mcp', ten, '{'), 'application/problem+json'],
			[post('/login', ten, 'email', form), 'text/html; charset=utf-8'],
		]) {
			const answer = await halfClosed(text);
			assert.equal(answer.status, 400, text);
			assert.equal(answer.headers.get('connection'), 'close', text);
			assert.equal(answer.headers.get('content-type'), type, text);
			assert.ok(answer.headers.get('x-request-id'), text);
			if (type === 'application/json')
				assert.equal(answer.json.error, 'invalid_request', text);
			else if (type.startsWith('text/html'))
				assert.match(answer.text, /The request is not complete/);
			else
				assert.equal(answer.json.code, 'incomplete_request', text);
		}
		const head = await Raw.connect(instance.target);
		head.write('HEAD /v1/organization HTTP/1.1\r\nHost:').finish();
		assert.equal((await head.answer({ bodyless: true })).status, 400);
		await head.closed();
		assert.equal(head.rest(), '');
		head.destroy();
	});

test('half a request behind a whole one: both are answered', async () => {
	for (const path of ['/v1/version', '/v1/organization']) {
		const raw = await Raw.connect(instance.target);
		raw.write(request('GET', path, token) + 'GET /v1/org').finish();
		assert.equal((await raw.answer()).status, 200);
		(await raw.answer()).problem(400, { code: 'incomplete_request' });
		await raw.closed();
		assert.equal(raw.rest(), '');
		raw.destroy();
	}
});

test('who sends nothing is told nothing', async () => {
	for (const text of ['', '\r\n', request('GET', '/v1/version')]) {
		const raw = await Raw.connect(instance.target);
		raw.write(text);
		if (text.length > 2)
			assert.equal((await raw.answer()).status, 200);
		raw.finish();
		await raw.closed();
		assert.equal(raw.rest(), '');
		raw.destroy();
	}
});

test('clients that go away in the middle lose nothing', async () => {
	const names = Array.from({ length: 40 }, () => unique('away'));
	for (const [i, name] of names.entries()) {
		const raw = await Raw.connect(instance.target);
		const body = JSON.stringify({ name });
		raw.write(request('POST', '/v1/accounts', token,
			{ ...json, 'Content-Length': body.length }, body));
		if (i % 2)
			await sleep(1);
		if (i % 4 < 2)
			raw.socket.resetAndDestroy?.();
		raw.destroy();
	}
	await sleep(300);
	(await api.get('/v1/organization')).ok();
	for (const name of names)
		await api.account({ name });
});

test('answers that nobody reads', async () => {
	const raws = await Promise.all(Array.from({ length: 10 },
		() => Raw.connect(instance.target)));
	for (const raw of raws) {
		raw.socket.pause();
		raw.write(request('GET', '/v1/accounts?limit=1000', token)
			.repeat(50));
	}
	for (let i = 0; i < 10; i++)
		(await api.get('/v1/organization')).ok();
	for (const raw of raws)
		raw.destroy();
});

test('it still serves', async () => {
	(await api.get('/v1/organization')).ok();
});

// The same processes serve on: nothing crashed.
test('and no process ended of all that', () => {
	assert.deepEqual(instance.processes().map((p) => p.pid).sort(),
		before.map((p) => p.pid).sort());
});
