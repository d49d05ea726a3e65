// Streamable HTTP of revision 2026-07-28: one test for each of T1 to T27.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, Instance } from '../lib/instance.mjs';
import { Mcp, begin, done, hold, keys, load, modern, program, refused, settled }
	from '../lib/mcp.mjs';
import { published } from '../lib/probe.mjs';
import { Raw } from '../lib/raw.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
let org, mcp, token;

before(async () => {
	({ org, mcp, token } = await begin(instance));
});

const elicit = { [keys.can]: { elicitation: {} } };

test('T1: one path, POST', async () => {
	assert.equal((await mcp.ask('tools/list')).status, 200);
	for (const path of ['/mcp/', '/mcp/x', '/MCP'])
		assert.equal((await fetch(instance.base + path, { method: 'POST',
			headers: { authorization: `Bearer ${token}` }, body: '{}' }))
			.status, 404);
});

describe('T2: Origin', () => {
	for (const [origin, status] of [['http://evil.example.com', 403],
		['https://evil.example.com', 403], ['null', 403],
		['http://localhost.evil.com', 403], ['http://localhost:6274', 200],
		['http://127.0.0.1:1', 200], [instance.issuer, 200]])
		test(`${origin} ${status}`, async () => {
			const answer = await mcp.ask('tools/list', {}, {}, { origin });
			assert.equal(answer.status, status);
			const got = await mcp.send(undefined, { origin },
				{ method: 'GET' });
			assert.equal(got.status, status === 200 ? 405 : 403);
		});
	test('OPTIONS is answered before anything is asked', async () => {
		const answer = await new Mcp(instance).send(undefined,
			{ origin: 'http://localhost:6274',
				'access-control-request-method': 'POST' },
			{ method: 'OPTIONS' });
		assert.equal(answer.status, 204);
		const allowed = answer.headers.get('access-control-allow-headers')
			.toLowerCase().split(/, */);
		for (const name of ['authorization', 'content-type', 'accept',
			'mcp-protocol-version', 'mcp-method', 'mcp-name',
			'mcp-session-id', 'last-event-id'])
			assert.ok(allowed.includes(name), name);
		const got = await mcp.ask('tools/list', {}, {},
			{ origin: 'http://localhost:6274' });
		assert.ok(got.headers.get('access-control-allow-origin'));
		assert.match(got.headers.get('access-control-expose-headers'),
			/www-authenticate/i);
	});
});

test('T3: a body is one request or notification', async () => {
	const one = mcp.message('tools/list');
	for (const body of [[one], [one, one], [], 'x', null, 7,
		{ jsonrpc: '2.0', id: 1, result: {} },
		{ jsonrpc: '2.0', id: 1, error: { code: 1, message: 'x' } },
		{ ...one, jsonrpc: '1.0' }, { ...one, method: 1 }, { id: 1 }])
		refused(await mcp.send(JSON.stringify(body), mcp.headers(one)), 400,
			-32600);
	for (const body of ['', '{', `${JSON.stringify(one)}x`,
		'{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}',
		'['.repeat(100) + ']'.repeat(100),
		'{"jsonrpc":"2.0","id":1,"method":"a\\u0000b"}',
		'{"jsonrpc":"2.0","id":1e400,"method":"ping"}'])
		refused(await mcp.send(body, mcp.headers(one)), 400, -32700);
});

test('T3: and says that it is JSON', async () => {
	const one = mcp.message('tools/list');
	for (const more of [{ 'content-type': 'text/plain' },
		{ 'content-type': 'application/x-www-form-urlencoded' },
		{ 'content-type': 'application/json; charset=latin1' },
		{ 'content-encoding': 'gzip' }])
		refused(await mcp.send(one, { ...mcp.headers(one), ...more }), 415,
			-32600);
	assert.equal((await mcp.send(one, { ...mcp.headers(one), 'content-type':
		'application/json; charset=UTF-8' })).status, 200);
	// not even that, to whom it is not open
	assert.equal((await mcp.as('x').send(one, { ...mcp.headers(one),
		'content-type': 'text/plain' })).status, 401);
});

test('T4: a notification is taken with 202 and no body', async () => {
	const note = { jsonrpc: '2.0', method: 'notifications/cancelled',
		params: { requestId: 1 } };
	for (const headers of [{}, { 'mcp-protocol-version': modern,
		'mcp-method': 'notifications/cancelled' }]) {
		const answer = await mcp.send(note, headers);
		assert.equal(answer.status, 202);
		assert.equal(answer.text, '');
	}
	refused(await mcp.send({ ...note, params: [] }), 400, -32602);
});

test('T5: an answer is JSON or a stream of events', async () => {
	const plain = await mcp.ask('tools/list');
	assert.match(plain.headers.get('content-type'), /^application\/json/);
	const stream = await mcp.call('steps', { numbers: [1] },
		{ progressToken: 1 });
	assert.match(stream.headers.get('content-type'), /^text\/event-stream/);
	await stream.events.all();
	const only = await mcp.ask('tools/call', { name: 'steps',
		arguments: { numbers: [1] } }, { progressToken: 1 },
	{ accept: 'application/json' });
	assert.match(only.headers.get('content-type'), /^application\/json/);
});

test('T6: a stream has what belongs to the request, then its response',
	async () => {
		const answer = await mcp.call('steps', { numbers: [1, 2] },
			{ progressToken: 't6', [keys.level]: 'debug' });
		assert.equal(answer.headers.get('x-accel-buffering'), 'no');
		const all = await answer.events.all();
		assert.equal(all.at(-1).id, answer.id);
		assert.ok(all.at(-1).result);
		for (const one of all.slice(0, -1)) {
			assert.match(one.method, /^notifications\/(progress|message)$/);
			assert.ok(!('id' in one));
		}
	});

describe('T7: a client that goes away takes its request along', () => {
	test('a call that reads is cancelled', async () => {
		const abort = new AbortController();
		const body = mcp.message('tools/call', { name: 'slow',
			arguments: { seconds: 25 } });
		const asked = fetch(mcp.url, { method: 'POST', signal: abort.signal,
			headers: { ...mcp.headers(body), 'content-type':
				'application/json', accept:
				'application/json, text/event-stream',
			authorization: `Bearer ${token}` }, body: JSON.stringify(body) })
			.catch((error) => error);
		await instance.asleep(1);
		abort.abort();
		await asked;
		await instance.asleep(0);
	});
	test('one that writes is finished', async () => {
		const abort = new AbortController();
		const body = mcp.message('tools/call', { name: 'write_held',
			arguments: { what: 't7' } });
		await hold(instance, async (held) => {
			const asked = fetch(mcp.url, { method: 'POST', signal: abort.signal,
				headers: { ...mcp.headers(body), 'content-type':
					'application/json', accept: 'application/json',
				authorization: `Bearer ${token}` }, body: JSON.stringify(body) })
				.catch((error) => error);
			await held.blocks();
			abort.abort();
			await asked;
			await sleep(1000);	// in which it would end
		});
		await eventually(async () => (await instance.psql(`SELECT count(*)
			FROM mt.written WHERE what = 't7'`))[0][0] === '1', 20000,
		'it was written');
	});
});

describe('T8: MCP-Protocol-Version', () => {
	test('is needed', async () => {
		refused(await mcp.ask('tools/list', {}, {},
			{ 'mcp-protocol-version': undefined }), 400, -32020);
	});
	test('is what the body says', async () => {
		refused(await mcp.ask('tools/list', {}, {},
			{ 'mcp-protocol-version': '2025-11-25' }), 400, -32020);
		refused(await mcp.ask('tools/list', {},
			{ [keys.version]: '2025-11-25' }), 400, -32020);
	});
});

test('T9: an unknown version is told those that there are', async () => {
	const error = refused(await mcp.ask('tools/list', {},
		{ [keys.version]: 'v9' }, { 'mcp-protocol-version': 'v9' }), 400,
	-32022);
	assert.equal(error.data.requested, 'v9');
	const told = await mcp.result('server/discover');
	assert.deepEqual(error.data.supported, told.supportedVersions);
	assert.ok(error.data.supported.includes(modern));
});

test('T10: an unknown method is 404', async () => {
	for (const method of ['no/method', 'Tools/List', '', 'initialize', 'ping',
		'logging/setLevel', 'resources/subscribe', 'resources/unsubscribe',
		'roots/list', 'tasks/get'])
		refused(await mcp.ask(method), 404, -32601);
});

describe('T11: Mcp-Method and Mcp-Name', () => {
	const call = (name, headers) => mcp.ask('tools/call', { name, arguments:
		{ words: 'a' } }, {}, headers);
	test('are needed', async () => {
		refused(await mcp.ask('tools/list', {}, {},
			{ 'mcp-method': undefined }), 400, -32020);
		for (const [method, params] of [['tools/call', { name: 'echo' }],
			['prompts/get', { name: 'poem' }],
			['resources/read', { uri: 'mt://open' }]])
			refused(await mcp.ask(method, params, {},
				{ 'mcp-name': undefined }), 400, -32020);
	});
	test('are what the body says', async () => {
		refused(await mcp.ask('tools/list', {}, {},
			{ 'mcp-method': 'tools/call' }), 400, -32020);
		refused(await mcp.ask('tools/list', {}, {},
			{ 'mcp-method': 'TOOLS/LIST' }), 400, -32020);
		// a name that only reads, a body that writes
		refused(await call('wipe', { 'mcp-name': 'echo' }), 400, -32020);
		refused(await call('echo', { 'mcp-name': 'Echo' }), 400, -32020);
	});
	test('may be encoded', async () => {
		const encode = (text) =>
			`=?base64?${Buffer.from(text).toString('base64')}?=`;
		assert.equal((await call('echo', { 'mcp-name': encode('echo') }))
			.status, 200);
		refused(await call('echo', { 'mcp-name': encode('wipe') }), 400,
			-32020);
		refused(await call('echo', { 'mcp-name': '=?base64?!?=' }), 400,
			-32020);
		refused(await call('é', { 'mcp-name': encode('é') }), 200, -32602);
	});
	test('have names without case', async () => {
		const body = mcp.message('tools/list');
		assert.equal((await mcp.send(body, { 'MCP-PROTOCOL-VERSION': modern,
			'mCP-mETHOD': 'tools/list' })).status, 200);
	});
});

test('T12: no argument is mirrored into a header', async () => {
	assert.doesNotMatch(JSON.stringify(await mcp.result('tools/list')),
		/x-mcp-header/);
	// and those that nobody asked for are ignored
	assert.equal((await mcp.ask('tools/list', {}, {},
		{ 'mcp-param-words': 'x' })).status, 200);
});

test('T13: _meta has version and capabilities', async () => {
	for (const meta of [{ [keys.version]: undefined },
		{ [keys.can]: undefined }, { [keys.can]: 7 },
		{ [keys.version]: 7 }])
		refused(await mcp.ask('tools/list', {}, meta), 400, -32602);
	refused(await mcp.send({ jsonrpc: '2.0', id: 1, method: 'tools/list',
		params: {} }, { 'mcp-protocol-version': modern,
		'mcp-method': 'tools/list' }), 400, -32602);
	// who it is need not be said
	assert.equal((await mcp.ask('tools/list')).status, 200);
});

test('T14: a capability that is not declared', async () => {
	const error = refused(await mcp.call('wipe', { what: 't14' }), 400,
		-32021);
	assert.deepEqual(error.data.requiredCapabilities, { elicitation: {} });
});

test('T15: nothing is remembered of an earlier request', async () => {
	// on one connection: capabilities and level of the first are not the
	// second's
	const raw = await Raw.connect(instance.target);
	const send = async (meta) => {
		const body = mcp.message('tools/call', { name: 'wipe',
			arguments: { what: 't15' } }, meta);
		const text = JSON.stringify(body);
		raw.socket.write(`POST /mcp HTTP/1.1\r\nHost: x\r\n` +
			`Authorization: Bearer ${token}\r\n` +
			Object.entries(mcp.headers(body)).map(([name, value]) =>
				`${name}: ${value}\r\n`).join('') +
			`Content-Type: application/json\r\nAccept: application/json\r\n` +
			`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
		return raw.answer();
	};
	assert.equal((await send(elicit)).json.result.resultType,
		'input_required');
	assert.equal((await send()).json.error.code, -32021);
	raw.socket.destroy();
});

test('T16: server/discover', async () => {
	const told = await mcp.result('server/discover');
	assert.deepEqual(told.supportedVersions.slice(0, 1), [modern]);
	for (const name of ['tools', 'resources', 'prompts', 'completions'])
		assert.ok(told.capabilities[name], name);
	assert.match(told.instructions, /\S/);
	assert.ok(told.ttlMs >= 0);
	assert.ok(['private', 'public'].includes(told.cacheScope));
	const server = told._meta[keys.server];
	assert.ok(server.name && server.version);
});

const everything = [['server/discover'], ['tools/list'], ['prompts/list'],
	['resources/list'], ['resources/templates/list'],
	['resources/read', { uri: 'mt://open' }],
	['tools/call', { name: 'open', arguments: {} }],
	['prompts/get', { name: 'poem', arguments:
		{ topic: 'a', color: 'red' } }],
	['completion/complete', { ref: { type: 'ref/prompt', name: 'poem' },
		argument: { name: 'topic', value: '' } }]];

test('T17: every result has a type', async () => {
	for (const [method, params] of everything) {
		const result = await mcp.result(method, params);
		assert.equal(result.resultType, 'complete', method);
		assert.ok(result._meta[keys.server].name, method);
	}
});

test('T18: what may be kept says how long, and that it is private',
	async () => {
		for (const [method, params] of everything.slice(0, 6)) {
			const result = await mcp.result(method, params);
			assert.ok(Number.isInteger(result.ttlMs) && result.ttlMs >= 0);
			assert.equal(result.cacheScope, 'private', method);
		}
	});

test('T19: no codes that are others\'', async () => {
	const found = [];
	for (const answer of [await mcp.call('nothing_like_it', {}),
		await mcp.ask('resources/read', { uri: 'mt://nothing' }),
		await mcp.ask('no/method'), await mcp.call('wipe', { what: 'x' }),
		await mcp.send('{'), await mcp.call('fails', { how: 'inside' })])
		found.push(answer.json.error.code);
	for (const code of found)
		assert.ok([-32700, -32600, -32601, -32602, -32603, -32020, -32021,
			-32022].includes(code) || code > -32000, `${code}`);
});

test('T20: GET and DELETE are 405, sessions are ignored', async () => {
	for (const method of ['GET', 'DELETE']) {
		const answer = await mcp.send(undefined, {}, { method });
		assert.equal(answer.status, 405);
		assert.match(answer.headers.get('allow'), /POST/);
		assert.equal((await new Mcp(instance).send(undefined, {},
			{ method })).status, 401);
		assert.equal((await mcp.as(token.replace(/....$/, 'AAAA'))
			.send(undefined, {}, { method })).status, 401);
	}
	for (const method of ['PUT', 'PATCH'])
		assert.equal((await mcp.send('{}', {}, { method })).status, 405);
	const answer = await mcp.ask('tools/list', {}, {},
		{ 'mcp-session-id': 'x', 'last-event-id': '7' });
	assert.equal(answer.status, 200);
	assert.equal(answer.headers.get('mcp-session-id'), null);
});

test('T21: initialize opens the other era on the same path', async () => {
	const answer = await mcp.old('initialize', { protocolVersion:
		'2025-11-25', capabilities: {}, clientInfo:
		{ name: 'x', version: '1' } });
	assert.equal((await done(answer)).protocolVersion, '2025-11-25');
	// in the envelope of this one there is no such method
	refused(await mcp.ask('initialize'), 404, -32601);
});

describe('T22: subscriptions/listen', () => {
	const listen = (notifications, who = mcp) =>
		who.ask('subscriptions/listen', { notifications });
	test('acknowledges first, with its id', async () => {
		const answer = await listen({ toolsListChanged: true,
			promptsListChanged: false, other: true });
		const first = await answer.events.next();
		assert.equal(first.method,
			'notifications/subscriptions/acknowledged');
		assert.equal(first.params._meta[keys.subscription], answer.id);
		assert.deepEqual(first.params.notifications,
			{ toolsListChanged: true });
		answer.events.close();
	});
	test('tells only what was asked for', async () => {
		const tools = await listen({ toolsListChanged: true });
		const prompts = await listen({ promptsListChanged: true });
		await tools.events.next();
		await prompts.events.next();
		await instance.psql(`SET ROLE mt_owner;
			CREATE OR REPLACE FUNCTION mt.later() RETURNS text LANGUAGE sql
			STABLE AS 'SELECT ''later''';
			SELECT grantd.publish('mt.later', 'mt:read')`);
		const one = await tools.events.next();
		assert.equal(one.method, 'notifications/tools/list_changed');
		assert.equal(one.params._meta[keys.subscription], tools.id);
		// once more, when no worker has the old list any longer, unless one
		// stood still
		assert.equal((await tools.events.next()).method, one.method);
		await published(instance, '/api/none/none', 404);
		for (let i = 0; i < 6; i++)
			assert.ok((await mcp.all('tools/list', 'tools'))
				.some(({ name }) => name === 'later'));
		await assert.rejects(prompts.events.next(1500), /no event/);
		await instance.psql(`SET ROLE mt_owner;
			SELECT grantd.unpublish('mt.later')`);
		assert.equal((await tools.events.next()).method,
			'notifications/tools/list_changed');
		tools.events.close();
		prompts.events.close();
		await settled(instance);
	});
	test('ends when its token does', async () => {
		const other = await program(instance, org, ['mt:read']);
		const answer = await listen({ toolsListChanged: true }, other.mcp);
		await answer.events.next();
		await other.app.revoke(other.token);
		const rest = [];
		for (let one; (one = await answer.events.next()) !== undefined;)
			rest.push(one);
		assert.equal(rest.at(-1).id, answer.id);
		assert.equal(rest.at(-1).error.code, 401);
	});
	test('needs a client that takes events, and a filter', async () => {
		refused(await mcp.ask('subscriptions/listen', { notifications: {} },
			{}, { accept: 'application/json' }), 406, 406);
		refused(await mcp.ask('subscriptions/listen', {}), 200, -32602);
	});
	test('ends with a result when the server does', async () => {
		const own = await Instance.start({ conf: 'password cost 6' });
		let stopped;
		try {
			await load(own, 'tests/lib/mcp.sql', 'mt');
			const one = await program(own, await own.organization(),
				['mt:read']);
			const answer = await listen({ toolsListChanged: true }, one.mcp);
			await answer.events.next();
			stopped = own.stop();
			const [last] = (await answer.events.all()).slice(-1);
			assert.equal(last.id, answer.id);
			assert.equal(last.result.resultType, 'complete');
			assert.equal(last.result._meta[keys.subscription], answer.id);
		} finally {
			await (stopped ?? own.stop());
		}
	});
});

describe('T23: log messages', () => {
	const logs = async (meta) => {
		const answer = await mcp.call('steps', { numbers: [1] }, meta);
		const all = answer.events ? await answer.events.all() : [answer.json];
		return all.filter((one) => one.method === 'notifications/message')
			.map((one) => one.params.level);
	};
	test('none without a level', async () => {
		assert.deepEqual(await logs({}), []);
		assert.deepEqual(await logs({ progressToken: 1 }), []);
	});
	test('from the level on that was asked for', async () => {
		assert.deepEqual(await logs({ [keys.level]: 'debug' }),
			['debug', 'error']);
		assert.deepEqual(await logs({ [keys.level]: 'warning' }), ['error']);
		assert.deepEqual(await logs({ [keys.level]: 'emergency' }), []);
	});
	test('no other level', async () => {
		refused(await mcp.call('steps', { numbers: [] },
			{ [keys.level]: 'loud' }), 400, -32602);
	});
});

describe('T24: input_required', () => {
	const wipe = (what, more = {}, can = elicit) => mcp.ask('tools/call',
		{ name: 'wipe', arguments: { what }, ...more }, can);
	const yes = { confirmation: { action: 'accept',
		content: { confirm: true } } };
	test('asks before what is destructive, and does it once', async () => {
		const asked = await done(await wipe('t24'));
		assert.equal(asked.resultType, 'input_required');
		const question = asked.inputRequests.confirmation;
		assert.equal(question.method, 'elicitation/create');
		assert.match(question.params.message, /Really wipe it/);
		const again = { inputResponses: yes, requestState:
			asked.requestState };
		const result = await done(await wipe('t24', again));
		assert.equal(result.resultType, 'complete');
		assert.equal(result.isError, undefined, JSON.stringify(result));
		refused(await wipe('t24', again), 200, -32602);
		assert.deepEqual(await instance.psql(`SELECT count(*) FROM mt.written
			WHERE what = 'wiped t24'`), [['1']]);
	});
	test('a person who says no', async () => {
		for (const [i, answer] of [{ action: 'decline' },
			{ action: 'cancel' },
			{ action: 'accept', content: { confirm: false } },
			{ action: 'accept' }].entries()) {
			const asked = await done(await wipe(`no${i}`));
			const result = await done(await wipe(`no${i}`, { requestState:
				asked.requestState, inputResponses:
				{ confirmation: answer } }));
			assert.equal(result.isError, true);
		}
		assert.deepEqual(await instance.psql(`SELECT count(*) FROM mt.written
			WHERE what LIKE 'wiped no%'`), [['0']]);
	});
	test('what is missing is asked again, what is too much ignored',
		async () => {
			const asked = await done(await wipe('more'));
			const again = await done(await wipe('more', { requestState:
				asked.requestState, inputResponses:
				{ other: { action: 'accept' } } }));
			assert.equal(again.resultType, 'input_required');
			const result = await done(await wipe('more', { requestState:
				again.requestState, inputResponses:
				{ ...yes, other: { action: 'accept' } } }));
			assert.equal(result.resultType, 'complete');
			assert.equal(result.isError, undefined);
		});
	test('answers alone confirm nothing', async () => {
		const answer = await wipe('alone', { inputResponses: yes });
		assert.ok(answer.json.error ||
			answer.json.result.resultType === 'input_required', answer.text);
		assert.deepEqual(await instance.psql(`SELECT count(*) FROM mt.written
			WHERE what = 'wiped alone'`), [['0']]);
	});
	test('what is no answer', async () => {
		for (const more of [{ inputResponses: null }, { inputResponses: [] },
			{ inputResponses: { confirmation: 7 } }, { requestState: 7 },
			{ requestState: null }])
			refused(await wipe('bad', more), 200, -32602);
	});
	test('never from a list', async () => {
		for (const method of ['tools/list', 'prompts/list'])
			assert.equal((await mcp.result(method, {}, elicit)).resultType,
				'complete');
	});
});

describe('T25: progress', () => {
	const progress = async (numbers, meta) => {
		const answer = await mcp.call('steps', { numbers }, meta);
		const all = answer.events ? await answer.events.all() : [answer.json];
		return all.filter((one) => one.method === 'notifications/progress')
			.map((one) => one.params);
	};
	test('rises, with the token that was given', async () => {
		const found = await progress([1, 3, 2, 3, 5, -1, 10],
			{ progressToken: 'tok' });
		assert.deepEqual(found.map((one) => one.progress), [1, 3, 5, 10]);
		for (const one of found) {
			assert.equal(one.progressToken, 'tok');
			assert.equal(one.total, 10);
			assert.equal(one.message, 'step');
		}
		assert.equal((await progress([1], { progressToken: 0 }))[0]
			.progressToken, 0);
	});
	test('none without a token', async () => {
		assert.deepEqual(await progress([1, 2], {}), []);
		assert.deepEqual(await progress([1, 2], { progressToken: null }), []);
	});
	test('is limited', async () => {
		const many = Array.from({ length: 500 }, (_, i) => i + 1);
		const found = await progress(many, { progressToken: 1 });
		assert.ok(found.length >= 10 && found.length < 300,
			`${found.length}`);
	});
});

test('T26: schemas are JSON Schema 2020-12 without references', async () => {
	const tools = await mcp.all('tools/list', 'tools');
	for (const tool of tools) {
		assert.doesNotMatch(JSON.stringify(tool), /"\$(ref|dynamicRef)"/);
		assert.ok([undefined, 'https://json-schema.org/draft/2020-12/schema']
			.includes(tool.inputSchema.$schema));
	}
});

test('T27: an id that is none is told what one is', async () => {
	for (const id of [null, 1.5, true, {}, 'x'.repeat(1000)])
		assert.match(refused(await mcp.send({ ...mcp.message('tools/list'),
			id }, mcp.headers(mcp.message('tools/list'))), 400, -32600)
			.message, /\bid\b.*integer.*string/);
});

test('T27: ids are strings or integers, all is UTF-8', async () => {
	for (const id of ['a', '', 'é\u2028', 0, -1, 9007199254740991]) {
		const body = { ...mcp.message('tools/list'), id };
		const answer = await mcp.send(body, mcp.headers(body));
		assert.equal(answer.status, 200);
		assert.deepEqual(answer.json.id, id);
	}
	for (const id of [null, true, {}, [], 'x'.repeat(300)]) {
		const body = { ...mcp.message('tools/list'), id };
		refused(await mcp.send(body, mcp.headers(body)), 400, -32600);
	}
	// as they are written: JSON.stringify makes 1 of 1.0
	for (const id of ['1.5', '1.0', '-0.5', '1e3', '9223372036854775808',
		'-9223372036854775809', '123456789012345678901234567890']) {
		const body = mcp.message('tools/list');
		const answer = await mcp.send(JSON.stringify({ ...body, id: 0 })
			.replace('"id":0', `"id":${id}`), mcp.headers(body));
		refused(answer, 400, -32600);
		assert.ok(!('id' in answer.json), id);
	}
	const whole = mcp.message('tools/list');
	assert.match((await mcp.send(JSON.stringify({ ...whole, id: 0 })
		.replace('"id":0', '"id":9223372036854775807'), mcp.headers(whole)))
		.text, /"id":9223372036854775807[,}]/);
	const raw = Buffer.concat([Buffer.from(
		'{"jsonrpc":"2.0","id":1,"method":"'), Buffer.from([0xff]),
	Buffer.from('"}')]);
	const answer = await fetch(mcp.url, { method: 'POST', body: raw,
		headers: { 'content-type': 'application/json',
			authorization: `Bearer ${token}` } });
	assert.equal(answer.status, 400);
	await sleep(0);
});
