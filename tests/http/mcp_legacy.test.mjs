// The revisions before 2026-07-28: one test for each of L1 to L5.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../lib/instance.mjs';
import { Mcp, begin, challenge, done, hold, legacy, program, refused }
	from '../lib/mcp.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
let mcp, org, token;

before(async () => {
	({ mcp, org, token } = await begin(instance));
});

const initialize = (protocolVersion, headers) => mcp.old('initialize',
	{ protocolVersion, capabilities: {}, clientInfo: { name: 'x',
		version: '1' } }, headers);

describe('L1: initialize', () => {
	for (const [asked, given] of [['2025-11-25', '2025-11-25'],
		['2025-06-18', '2025-06-18'], ['2025-03-26', '2025-11-25'],
		['2024-11-05', '2025-11-25'], ['x', '2025-11-25']])
		test(`${asked} is answered ${given}, without a session`, async () => {
			const answer = await initialize(asked,
				{ 'mcp-protocol-version': undefined });
			assert.equal(answer.headers.get('mcp-session-id'), null);
			const told = await done(answer);
			assert.equal(told.protocolVersion, given);
			assert.ok(told.serverInfo.name && told.serverInfo.version);
			assert.ok(told.capabilities.tools && told.capabilities.logging);
			assert.equal(told.resultType, undefined);
			const note = await mcp.send({ jsonrpc: '2.0',
				method: 'notifications/initialized' },
			{ 'mcp-protocol-version': given });
			assert.equal(note.status, 202);
			const tools = await done(await mcp.old('tools/list', {},
				{ 'mcp-protocol-version': given }));
			assert.ok(tools.tools.length > 5);
			assert.equal(tools.ttlMs, undefined);
		});
	test('a version header that is missing, and a bad one', async () => {
		await done(await mcp.old('tools/list', {},
			{ 'mcp-protocol-version': undefined }));
		for (const version of ['1', '2025-03-26', '2024-11-05', ''])
			refused(await mcp.old('tools/list', {},
				{ 'mcp-protocol-version': version }), 400, -32022);
	});
	test('GET, DELETE, batches', async () => {
		for (const method of ['GET', 'DELETE'])
			assert.equal((await mcp.send(undefined, { 'mcp-session-id': 'x',
				'mcp-protocol-version': legacy }, { method })).status, 405);
		refused(await mcp.send([{ jsonrpc: '2.0', id: 1, method: 'ping' }],
			{ 'mcp-protocol-version': '2025-06-18' }), 400, -32600);
	});
});

// Sends a call of this era with this id; `gone` takes its client away.
function call(name, args, id, who = mcp) {
	const abort = new AbortController();
	const answer = fetch(mcp.url, { method: 'POST', signal: abort.signal,
		headers: { 'content-type': 'application/json',
			accept: 'application/json, text/event-stream',
			'mcp-protocol-version': legacy,
			authorization: `Bearer ${who.token}` },
		body: JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/call',
			params: { name, arguments: args } }) })
		.then((got) => got.json()).catch((error) => error);
	return { answer, gone: () => abort.abort() };
}

const cancel = async (requestId, who = mcp) => {
	const answer = await who.send({ jsonrpc: '2.0',
		method: 'notifications/cancelled', params: { requestId } },
	{ 'mcp-protocol-version': legacy });
	assert.equal(answer.status, 202);
	assert.equal(answer.text, '');
};
const written = async (what) => (await instance.psql(`SELECT count(*)
	FROM mt.written WHERE what = '${what}'`))[0][0] === '1';

describe('L2: who goes away does not cancel, who says so does', () => {
	test('a read goes on without its client', async () => {
		await hold(instance, async (held) => {
			const one = call('read_held', {}, 1);
			await held.blocks();
			one.gone();
			await one.answer;
			await sleep(1500);	// in which it would be cancelled
			await held.blocks();
		});
	});
	test('a write, too', async () => {
		await hold(instance, async (held) => {
			const one = call('write_held', { what: 'l2' }, 1);
			await held.blocks();
			one.gone();
			await one.answer;
			await sleep(1000);	// the same
		});
		await eventually(() => written('l2'), 20000, 'it was written');
	});
	test('a read that is cancelled ends, whichever worker has it',
		async () => {
			const ids = [7, 'a', '7', 'é', 0, -3, '', 8, 9, 10];
			for (const id of ids) {
				const one = call('slow', { seconds: 25 }, id);
				await instance.asleep(1);
				await cancel(id);
				await instance.asleep(0);
				const { error, id: told } = await one.answer;
				assert.equal(error.code, -32800);
				assert.equal(told, id);
			}
		});
	test('a stream, too', async () => {
		const answer = await mcp.send({ jsonrpc: '2.0', id: 'stream',
			method: 'tools/call', params: { name: 'watch',
				arguments: { seconds: 25 }, _meta: { progressToken: 1 } } },
		{ 'mcp-protocol-version': legacy });
		await answer.events.next();
		await cancel('stream');
		assert.equal((await answer.events.all()).at(-1).error.code, -32800);
		await instance.asleep(0);
	});
	test('by its own id and credential only', async () => {
		const other = (await program(instance, org, ['mt:read'])).mcp;
		const one = call('slow', { seconds: 5 }, 5);
		await instance.asleep(1);
		for (let i = 0; i < 4; i++) {
			await cancel(5, other);
			for (const id of ['5', 6, 5.5, null, {}, [5], true, undefined])
				await cancel(id);
			// in the other era the stream's end is what cancels
			await mcp.send({ jsonrpc: '2.0', method:
				'notifications/cancelled', params: { requestId: 5 } },
			{ 'mcp-protocol-version': '2026-07-28' });
		}
		const { result } = await one.answer;
		assert.equal(result?.structuredContent.result, 'slow');
	});
	test('never by who may not come in', async () => {
		const one = call('slow', { seconds: 5 }, 5);
		await instance.asleep(1);
		for (const bad of [new Mcp(instance),
			mcp.as(token.replace(/....$/, 'AAAA'))])
			assert.equal((await bad.send({ jsonrpc: '2.0', method:
				'notifications/cancelled', params: { requestId: 5 } }))
				.status, 401);
		assert.ok((await one.answer).result);
	});
	test('a write is finished, and answered', async () => {
		let one;
		await hold(instance, async (held) => {
			one = call('write_held', { what: 'l2b' }, 3);
			await held.blocks();
			for (let i = 0; i < 4; i++)
				await cancel(3);
		});
		const { result } = await one.answer;
		assert.equal(result?.structuredContent.result, 'written');
		assert.ok(await written('l2b'));
	});
	test('of two with one id none, rather than the wrong one', async () => {
		let calls;
		await hold(instance, async (held) => {
			// more than there are workers: two are in one
			calls = Array.from({ length: 3 }, () => call('read_held', {}, 4));
			await held.blocks();
			await sleep(4000);	// until the others have arrived, too
			await cancel(4);
			await sleep(1000);	// until all have heard of it
		});
		const got = await Promise.all(calls.map(({ answer }) => answer));
		assert.ok(got.filter(({ result }) => result).length >= 2,
			JSON.stringify(got));
	});
});

describe('L3: what only this era has', () => {
	test('ping, logging/setLevel', async () => {
		assert.deepEqual(await done(await mcp.old('ping')), {});
		assert.deepEqual(await done(await mcp.old('logging/setLevel',
			{ level: 'debug' })), {});
		for (const params of [{}, { level: 'loud' }, { level: 7 }])
			refused(await mcp.old('logging/setLevel', params), 200, -32602);
	});
	test('progress and log messages over events', async () => {
		const answer = await mcp.old('tools/call', { name: 'steps',
			arguments: { numbers: [1, 2] }, _meta: { progressToken: 'x' } });
		const all = await answer.events.all();
		assert.deepEqual(all.map((one) => one.method), [
			'notifications/progress', 'notifications/progress',
			'notifications/message', undefined]);
	});
	test('a resource that is not there', async () => {
		const error = refused(await mcp.old('resources/read',
			{ uri: 'mt://nothing' }), 200, -32002);
		assert.equal(error.data.uri, 'mt://nothing');
	});
	test('a subscription is taken, though nobody is told', async () => {
		for (const method of ['resources/subscribe', 'resources/unsubscribe'])
			assert.deepEqual(await done(await mcp.old(method,
				{ uri: 'mt://open' })), {});
		const told = await done(await initialize(legacy));
		assert.ok(!told.capabilities.resources.subscribe);
	});
	test('a question cannot be passed on, and nothing is done', async () => {
		const result = await done(await mcp.old('tools/call',
			{ name: 'wipe', arguments: { what: 'l3' } }));
		assert.equal(result.isError, true);
		assert.match(result.content[0].text, /2026-07-28/);
		assert.deepEqual(await instance.psql(`SELECT count(*) FROM mt.written
			WHERE what = 'wiped l3'`), [['0']]);
	});
	test('an unknown method, a missing scope', async () => {
		refused(await mcp.old('no/method'), 200, -32601);
		refused(await mcp.old('server/discovery'), 200, -32601);
		const answer = await mcp.old('tools/call', { name: 'guarded',
			arguments: {} });
		assert.equal(answer.status, 403);
		assert.equal(challenge(answer).scope, 'mt:admin');
	});
});

test('L4: each message says which era it is of', async () => {
	const wanted = { name: 'open', arguments: {} };
	for (let i = 0; i < 3; i++) {
		const one = await mcp.result('tools/call', wanted);
		const other = await done(await mcp.old('tools/call', wanted));
		assert.equal(one.resultType, 'complete');
		assert.equal(other.resultType, undefined);
		assert.deepEqual(one.structuredContent, other.structuredContent);
	}
	refused(await mcp.ask('initialize'), 404, -32601);
	refused(await mcp.ask('ping'), 404, -32601);
});

test('L5: the way in is the same', async () => {
	const answer = await new Mcp(instance).old('initialize',
		{ protocolVersion: legacy, capabilities: {} });
	assert.equal(answer.status, 401);
	assert.equal(challenge(answer).resource_metadata,
		`${instance.issuer}/.well-known/oauth-protected-resource/mcp`);
	const bad = await mcp.as(token.replace(/....$/, 'AAAA')).old('ping');
	assert.equal(bad.status, 401);
	assert.equal(challenge(bad).error, 'invalid_token');
});
