// HTTP itself: routes, methods, HEAD, keep-alive, pipelining, both listeners.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { uuid } from '../lib/api.mjs';
import { Raw, exchange, request } from '../lib/raw.mjs';

const instance = await sharedInstance();
const { api, token } = await instance.organization();

test('GET / says what this is', async () => {
	const reply = await fetch(instance.base);
	assert.equal(reply.status, 200);
	assert.match(await reply.text(), /grantd/);
});

test('GET /v1/version needs no token', async () => {
	const reply = await api.as(null).get('/v1/version');
	assert.match(reply.ok().json.version ?? reply.result.version, /^\d+\.\d+/);
});

test('unknown paths are 404', async () => {
	for (const path of ['/v1/', '/v1/nothing', '/v1/accounts/a/b/c',
		'/v1//accounts', '/v1/accounts/..%2forganization'])
		(await api.get(path)).problem(404);
	for (const path of ['/v2/accounts', '/nothing', '//v1/accounts',
		'/V1/accounts', '/v1'])
		assert.equal((await api.get(path)).status, 404, path);
});

test('a wrong method is 405 and Allow tells the right ones', async () => {
	for (const [method, path, allow] of [
		['DELETE', '/v1/accounts', /\bGET\b.*\bPOST\b|\bPOST\b.*\bGET\b/],
		['POST', '/v1/organization', /\bGET\b/],
		['GET', '/v1/tokens/x/refresh', /\bPUT\b/],
		['PUT', '/oauth/jwks', /\bGET\b/],
		['OPTIONS', '/v1/accounts', /\bGET\b/]]) {
		const answer = await api.send(method, path);
		if (method === 'OPTIONS' && answer.status === 204)
			continue;
		answer.problem(405);
		assert.match(answer.headers.get('allow'), allow, path);
	}
	const odd = await exchange(instance.target,
		request('BREW', '/v1/accounts', token));
	assert.ok([400, 405, 501].includes(odd.status), odd.text);
});

test('HEAD answers as GET does, without the body', async () => {
	for (const path of ['/v1/organization', '/v1/accounts', '/oauth/jwks',
		'/v1/version', '/v1/nothing', '/']) {
		const get = await exchange(instance.target,
			request('GET', path, token));
		const head = await exchange(instance.target,
			request('HEAD', path, token), { bodyless: true });
		assert.equal(head.status, get.status, path);
		assert.equal(head.headers.get('content-type'),
			get.headers.get('content-type'), path);
	}
});

test('every answer has its own request id', async () => {
	const seen = new Set();
	for (const path of ['/', '/v1/version', '/oauth/jwks', '/v1/organization',
		'/v1/nothing']) {
		const { headers } = await api.get(path);
		assert.match(headers.get('x-request-id'), uuid, path);
		seen.add(headers.get('x-request-id'));
	}
	assert.equal(seen.size, 5);
});

test('answers with secrets are not kept by caches', async () => {
	const reply = await api.post('/v1/tokens', { permission_set: 'viewer',
		resources: { organizations: { ids: ['*'] } } });
	assert.match(reply.ok().headers.get('cache-control'), /no-store/);
});

test('a connection is kept alive, also over errors and empty bodies',
	async () => {
		const raw = await Raw.connect(instance.target);
		for (let i = 0; i < 5; i++) {
			(await raw.write(request('GET', '/v1/organization', token))
				.answer()).ok();
			(await raw.write(request('GET', '/v1/accounts/none', token))
				.answer()).problem(404);
			(await raw.write(request('POST', '/v1/accounts', token,
				{ 'Content-Type': 'application/json', 'Content-Length': 2 },
				'{}')).answer()).ok();
			(await raw.write(request('GET', '/v1/organization', 'bad'))
				.answer()).problem(401);
		}
		raw.destroy();
	});

test('pipelined requests are answered in order', async () => {
	const raw = await Raw.connect(instance.target);
	const paths = ['/v1/organization', '/v1/version', '/v1/accounts?limit=1',
		'/oauth/jwks', '/v1/accounts/none', '/v1/organization'];
	raw.write(paths.map((path) => request('GET', path, token)).join(''));
	const want = [200, 200, 200, 200, 404, 200];
	for (const status of want)
		assert.equal((await raw.answer()).status, status);
	raw.destroy();
});

test('a request that comes byte by byte is answered', async () => {
	const raw = await Raw.connect(instance.target);
	raw.socket.setNoDelay(true);
	const text = request('POST', '/v1/accounts', token,
		{ 'Content-Type': 'application/json', 'Content-Length': 2 }, '{}');
	for (const byte of text) {
		raw.write(byte);
		if (byte === '\n')
			await new Promise((resolve) => setTimeout(resolve, 2));
	}
	(await raw.answer()).ok();
	raw.destroy();
});

test('a chunked body is taken', async () => {
	const headers = { 'Content-Type': 'application/json',
		'Transfer-Encoding': 'chunked' };
	(await exchange(instance.target, request('POST', '/v1/accounts', token,
		headers, '1\r\n{\r\n1;x=y\r\n}\r\n0\r\n\r\n'))).ok();
});

test('Expect: 100-continue is answered', async () => {
	const raw = await Raw.connect(instance.target);
	raw.write(request('POST', '/v1/accounts', token, {
		'Content-Type': 'application/json', 'Content-Length': 2,
		Expect: '100-continue' }));
	await new Promise((resolve) => setTimeout(resolve, 200));
	raw.write('{}');
	(await raw.answer()).ok();
	raw.destroy();
});

test('HTTP/1.0 and Connection: close end the connection', async () => {
	for (const text of [
		`GET /v1/version HTTP/1.0\r\nHost: localhost\r\n\r\n`,
		request('GET', '/v1/version', null, { Connection: 'close' })]) {
		const raw = await Raw.connect(instance.target);
		const answer = await raw.write(text).answer();
		assert.equal(answer.status, 200);
		await raw.closed();
		raw.destroy();
	}
});

test('clients of the existing kind: JSON type without a body', async () => {
	const type = { 'content-type': 'application/json' };
	(await api.get('/v1/accounts', type)).ok();
	const account = await api.account({});
	(await exchange(instance.target, request('DELETE',
		`/v1/accounts/${account.id}`, token, { 'Content-Type':
		'application/json' }))).ok(204);
	const made = await api.account({});
	const { integration } = await api.integration(made.id, 'sink_mock_sink');
	(await exchange(instance.target, request('PUT', `/v1/tokens/` +
		`${integration.id}/${integration.refresh_token_id}/rotate`, token,
	{ 'Content-Type': 'application/json', 'Content-Length': 0 }))).ok();
});

test('the unix socket serves the same', async () => {
	(await exchange(instance.unix, request('GET', '/v1/organization', token)))
		.ok();
});

test('many requests at once, all answered', async () => {
	const replies = await Promise.all(Array.from({ length: 300 },
		(_, i) => api.get(i % 3 ? '/v1/organization' : '/v1/accounts')));
	for (const reply of replies)
		reply.ok();
});
