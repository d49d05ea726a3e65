// What the frontend refuses by itself is in no audit: the log has it, under
// the id of the answer, and nothing that opens a door.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../lib/cluster.mjs';
import { Instance } from '../lib/instance.mjs';
import { events } from '../lib/audit.mjs';
import { Raw, exchange, request } from '../lib/raw.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const shared = await sharedInstance();
const instance = await Instance.start({
	cluster: new Cluster(shared.clusterDir), workers: 1 });
after(() => instance.stop());
const { api, token } = await instance.organization();
const json = { 'Content-Type': 'application/json' };
const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const hidden = 'what-nobody-may-see-in-a-log';

const lines = (answer) => instance.log().split('\n').filter((line) =>
	line.includes(answer.headers.get('x-request-id')));

// A request with a body of a known length.
const whole = (method, path, bearer, headers, body) => request(method, path,
	bearer, { ...headers, 'Content-Length': body.length }, body);

const refused = {
	'two Authorization headers': ['GET /v1/organization', 400,
		'bad_request', request('GET', `/v1/organization?${hidden}`, token)
			.replace('Host', `Authorization: Bearer ${hidden}\r\nHost`)],
	'no JSON': ['POST /v1/accounts', 400, 'invalid_json',
		whole('POST', '/v1/accounts', token, json, `{"${hidden}`)],
	'an unknown field': ['POST /v1/accounts', 400, 'unknown_parameter',
		whole('POST', '/v1/accounts', token, json, `{"${hidden}":1}`)],
	'a method that does not fit': ['BREW /v1/organization', 405,
		'method_not_allowed',
		request('BREW', `/v1/organization?${hidden}`, token)],
	'no form of a token': ['GET /v1/organization', 401, 'invalid_token',
		request('GET', '/v1/organization', hidden)],
	'another scheme': ['GET /v1/organization', 401, 'missing_token',
		request('GET', '/v1/organization', null,
			{ Authorization: `Basic ${hidden}` })],
	'a header that is too long': ['GET /v1/organization', 431,
		'header_too_large', request('GET', '/v1/organization', token,
			{ 'X-Long': hidden.repeat(1000) })],
	'no HTTP': ['- -', 400, 'bad_request', `\x16\x03${hidden}`],
	'half a request': ['POST /v1/accounts', 400, 'incomplete_request',
		request('POST', '/v1/accounts', token, { ...json,
			'Content-Length': 99 }, hidden)],
	'a client that does not say who it is': ['POST /oauth/token', 401,
		'invalid_client', whole('POST', '/oauth/token', null, form,
			`grant_type=client_credentials&scope=${hidden}`)],
	'a parameter twice': ['POST /oauth/token', 400, 'invalid_request',
		whole('POST', '/oauth/token', null, form,
			`grant_type=x&grant_type=${hidden}`)],
	'a secret of a path': ['PUT /link/', 405, 'method_not_allowed',
		request('PUT', `/link/${hidden}`)],
	'a secret of a path, half': ['POST /link/', 400, 'incomplete_request',
		`POST /link/${hidden}/join HTTP/1.1\r\nHost`],
};

for (const [what, [target, status, code, text]] of Object.entries(refused))
	test(`${what}: one line, by the request id`, async () => {
		const raw = await Raw.connect(instance.target);
		const answer = await raw.write(text).finish().answer();
		raw.destroy();
		assert.equal(answer.status, status, answer.text);
		const found = lines(answer);
		assert.equal(found.length, 1, found.join('\n'));
		assert.ok(found[0].includes(`: ${target} ${status} `), found[0]);
		assert.ok(found[0].endsWith(` 127.0.0.1 ${code}`), found[0]);
		await sleep(60);	/* fewer than there is room for */
	});

test('nothing of a body, a query or a credential', () => {
	assert.ok(!instance.log().includes(hidden));
	assert.ok(!instance.log().includes(token.slice(-24)));
});

test('what clients ask to find their way is no news', async () => {
	for (const [text, status] of [
		[request('GET', '/v1/nix', token), 404],
		[request('GET', '/nix'), 404],
		[request('GET', '/api/nix/nix', token), 404],
		[request('GET', '/v1/organization'), 401],
		[whole('POST', '/mcp', null, json, '{}'), 401],
		[request('GET', '/mcp'), 401]]) {
		const answer = await exchange(instance.target, text);
		assert.equal(answer.status, status, answer.text);
		assert.deepEqual(lines(answer), []);
	}
});

test('what the gate refuses is in the audit instead', async () => {
	const answer = await api.put('/v1/tokens/nix/nix/rotate');
	assert.ok(answer.status >= 400, answer.text);
	assert.deepEqual(lines(answer), []);
	const [event] = await events(instance,
		answer.headers.get('x-request-id'));
	assert.equal(event.outcome, 'refused');
});

test('a flood is counted', async () => {
	await sleep(1100);
	const before = instance.log().split('\n').length;
	const raw = await Raw.connect(instance.target);
	raw.write(request('BREW', '/v1/organization').repeat(400));
	for (let i = 0; i < 400; i++)
		assert.equal((await raw.answer()).status, 405);
	const more = instance.log().split('\n').length - before;
	assert.ok(more >= 20 && more <= 100, `${more} lines`);
	await sleep(1100);
	const last = await raw.write(request('BREW', '/v1/organization'))
		.answer();
	raw.destroy();
	assert.equal(lines(last).length, 1);
	const counts = [...instance.log().matchAll(/(\d+) more answers refused/g)]
		.map((m) => Number(m[1]));
	assert.equal(counts.reduce((a, b) => a + b, 0) + instance.log().split('\n')
		.slice(before - 1).filter((l) => l.includes(' 405 ')).length, 401);
});
