// Calls of /api: methods, pages, headers, errors and their mapping, tokens
// and sessions, documents.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Caller, loadProbe, problem, published } from '../lib/probe.mjs';
import { unique } from '../lib/api.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
let caller, narrow;

before(async () => {
	await loadProbe(instance);
	caller = await Caller.make(instance);
	narrow = await Caller.make(instance, { scope: 'stores:read' });
});

const counter = async () => Number((await instance.psql(
	'SELECT n FROM probe.counter'))[0][0]);

test('methods', async () => {
	const refused = await caller.get('/api/probe/count_up');
	problem(refused, 405, 'method_not_allowed');
	assert.equal(refused.headers.get('allow'), 'POST, OPTIONS');
	problem(await caller.send('DELETE', '/api/probe/open'), 405);
	const head = await caller.send('HEAD', '/api/probe/open');
	assert.equal(head.status, 200);
	assert.equal(head.text, '');
	problem(await caller.get('/api/probe/nosuch'), 404, 'not_found');
	problem(await caller.get('/api/no.such/x'), 404, 'not_found');
	problem(await caller.get('/api/probe%2Fopen/x'), 404, 'not_found');
	// by its bytes, not by its spelling
	(await caller.get('/api/probe/%6fpen')).ok(200);
	// no other way to it
	for (const path of ['/api/shop/load', '/api/published/p_1',
		'/api/grantd/publish', '/api/public/version'])
		problem(await caller.get(path), 404, 'not_found');
	const cors = await caller.send('OPTIONS', '/api/probe/open',
		{ token: null });
	assert.equal(cors.status, 204);
	assert.match(cors.headers.get('access-control-allow-headers'),
		/Idempotency-Key/);
	assert.equal(cors.headers.get('access-control-allow-credentials'), null);
});

test('a body is JSON or a form, and nothing else', async () => {
	problem(await caller.send('POST', '/api/probe/open', { body: 'word=x',
		headers: { 'content-type': 'text/plain' } }), 415);
	problem(await caller.send('POST', '/api/probe/open', { body: '{}',
		headers: { 'content-encoding': 'gzip' } }), 415);
	problem(await caller.send('POST', '/api/probe/open?word=x',
		{ body: '{}' }), 422, 'invalid_arguments');
	(await caller.send('POST', '/api/probe/open')).ok(200);
});

test('pages by a key', async () => {
	const seen = [];
	let path = '/api/probe/numbers?up_to=25&page_size=10';
	for (let page = 0; path; page++) {
		assert.ok(page < 3);
		const answer = (await caller.get(path)).ok(200);
		seen.push(...answer.json.items.map((one) => one.n));
		const link = answer.headers.get('link');
		assert.equal(link === null, answer.json.next_cursor === null);
		path = link && /^<([^>]+)>; rel="next"$/.exec(link)[1];
	}
	assert.deepEqual(seen, Array.from({ length: 25 }, (_, i) => i + 1));
	const post = (await caller.post('/api/probe/numbers?page_size=2',
		{ up_to: 5 })).ok(200);
	assert.equal(post.json.items.length, 2);
	// a link is followed by GET: the document has it there alone
	assert.equal(post.headers.get('link'), null);
	const { paths } = (await caller.get('/api/openapi.json')).ok(200).json;
	const at = paths['/api/probe/numbers'];
	assert.ok(at.get.responses['200'].headers.Link);
	assert.equal(at.post.responses['200'].headers, undefined);
	const next = await caller.post('/api/probe/numbers?page_size=2&cursor=' +
		post.json.next_cursor, { up_to: 5 });
	assert.deepEqual(next.json.items.map((one) => one.n), [3, 4]);
	// capped by max_rows
	assert.equal((await caller.get('/api/probe/numbers?up_to=99&page_size=99'))
		.json.items.length, 50);
	for (const cursor of ['x', '', 'e30', '%00', 'bnVsbA',
		post.json.next_cursor.slice(2)]) {
		const answer = await caller.get(
			`/api/probe/numbers?cursor=${cursor}`);
		assert.ok([400, 422].includes(answer.status), answer.text);
		problem(answer, answer.status);
	}
	for (const [method, query, pointer, text] of [
		['get', 'page_size=0', '/page_size', /integer from 1/],
		['post', 'page_size=0', '/page_size', /integer from 1/],
		['get', 'page_size=1&page_size=2', '/page_size', /once/],
		['post', 'cursor=a&cursor=b', '/cursor', /once/]]) {
		const found = problem(await caller[method](
			`/api/probe/numbers?${query}`), 422, 'invalid_arguments');
		assert.deepEqual(found.errors.map((one) => one.pointer), [pointer]);
		assert.equal(found.errors[0].in, 'query');
		assert.match(found.errors[0].detail, text);
	}
	problem(await caller.get('/api/probe/open?page_size=1'), 422);
	// a cursor of another procedure
	const shop = await caller.get('/api/shop/categories?cursor=' +
		post.json.next_cursor);
	assert.ok(shop.status >= 400 && shop.status < 500, shop.text);
});

test('Prefer: return=minimal', async () => {
	const answer = (await caller.post('/api/probe/count_up', {},
		{ headers: { prefer: 'return=minimal' } })).ok(204);
	assert.equal(answer.headers.get('preference-applied'), 'return=minimal');
	assert.equal((await caller.get('/api/probe/open',
		{ headers: { prefer: 'wait=1' } })).headers.get('preference-applied'),
	null);
});

test('Idempotency-Key', async () => {
	const key = { headers: { 'idempotency-key': unique('key') } };
	const once = (await caller.post('/api/probe/count_up', { by: 3 }, key))
		.ok(200);
	const at = await counter();
	const again = (await caller.post('/api/probe/count_up', { by: 3 }, key))
		.ok(200);
	assert.equal(again.text, once.text);
	assert.equal(await counter(), at);
	problem(await caller.post('/api/probe/count_up', { by: 4 }, key), 422,
		'idempotency_mismatch');
	assert.equal(await counter(), at);
	// of another client it is another key
	const other = await Caller.make(instance);
	await other.post('/api/probe/count_up', { by: 4 }, key);
	assert.equal(await counter(), at + 4);
	for (const bad of ['a b', '"', 'x'.repeat(256)])
		problem(await caller.post('/api/probe/count_up', {},
			{ headers: { 'idempotency-key': bad } }), 400,
		'invalid_idempotency_key');
	// while the first still runs
	const running = { headers: { 'idempotency-key': unique('key') } };
	let first;
	await instance.hold('SELECT pg_advisory_xact_lock(7284)', async (held) => {
		first = caller.post('/api/probe/write_held', {}, running);
		await held.blocks();
		problem(await caller.post('/api/probe/write_held', { by: 2 }, running),
			409);
	});
	(await first).ok(200);
	// what failed is tried again
	const failing = { headers: { 'idempotency-key': unique('key') } };
	for (let i = 0; i < 2; i++)
		problem(await caller.post('/api/probe/add', { id: 1, word: 'x' },
			failing), 409);
});

const mapping = [['P0001', 400], ['P0002', 404], ['22012', 422],
	['22P02', 422], ['23502', 422], ['23514', 422], ['23503', 409],
	['23505', 409], ['23P01', 409], ['42501', 403], ['40001', 503],
	['40P01', 503], ['55P03', 503], ['57014', 504], ['XX000', 500],
	['42P01', 500], ['25006', 500], ['F0000', 500], ['OA401', 500],
	['OA403', 500], ['HT200', 500], ['HT999', 500],
	['GX001', 500]];

test('errors of the database', async () => {
	for (const [state, status] of mapping) {
		const answer = await caller.post('/api/probe/fail',
			{ state, words: 'words of 42' });
		assert.equal(answer.status, status, `${state}: ${answer.text}`);
		problem(answer, status);
		if (status === 500)
			assert.doesNotMatch(answer.text, /words of 42/);
		if (status === 503)
			assert.match(answer.headers.get('retry-after'), /^\d+$/);
	}
	assert.match((await caller.post('/api/probe/fail', { state: 'P0001',
		words: 'words of 42' })).text, /words of 42/);
	assert.equal(problem(await caller.post('/api/probe/fail',
		{ state: '42501' }), 403).code, 'row_denied');
	problem(await caller.post('/api/probe/add', { id: 1, word: 'new' }), 409);
	problem(await caller.post('/api/probe/add', { id: 2, word: 'bad' }), 422);
	problem(await caller.get('/api/probe/lie'), 500);
	const refused = problem(await caller.post('/api/probe/refuse',
		{ status: 418, data: { left: 0 } }), 418, 'sold_out');
	assert.deepEqual(refused.data, { left: 0 });
	assert.match(refused.title + refused.detail, /There is none left/);
});

test('a procedure has its own time', async () => {
	(await caller.get('/api/probe/slow?seconds=0.1')).ok(200);
	// less than the usual one
	problem(await caller.get('/api/probe/slow?seconds=9'), 504);
});

test('a question in the middle of a call', async () => {
	const asked = problem(await caller.post('/api/probe/drop_it', { id: 4 }),
		428, 'input_required');
	assert.equal(asked.input.inputRequests.sure.params.message, 'Drop it?');
	const again = (state, answers) => caller.post('/api/probe/drop_it?' +
		new URLSearchParams({ request_state: state,
			answers: JSON.stringify(answers) }), { id: 4 });
	const yes = { sure: { action: 'accept', content: { yes: true } } };
	const state = asked.input.requestState;
	problem(await again(state.replace(/(?<=\.)./, (c) => c === 'x' ? 'y' : 'x'),
		yes), 400);
	problem(await again(state, { sure: { action: 'decline' } }), 409);
	(await again(state, yes)).ok(200);
});

test('the document says how a question is asked and answered', async () => {
	const { paths, components } = (await caller.get('/api/openapi.json'))
		.ok(200).json;
	const names = (one) => one.parameters.map(({ name, $ref }) => name ??
		components.parameters[$ref.split('/').at(-1)].name);
	for (const [path, item] of Object.entries(paths))
		for (const [method, one] of Object.entries(item)) {
			assert.equal(one.responses['428'].$ref,
				'#/components/responses/InputRequired', `${method} ${path}`);
			assert.deepEqual(names(one).filter((name) =>
				/^(request_state|answers)$/.test(name)), method === 'post' ?
				['request_state', 'answers'] : [], `${method} ${path}`);
		}
	const { input } = components.responses.InputRequired.content[
		'application/problem+json'].schema.allOf[1].properties;
	const asked = problem(await caller.post('/api/probe/drop_it', { id: 5 }),
		428);
	assert.deepEqual(input.required, Object.keys(asked.input).sort());
	assert.deepEqual(Object.keys(input.properties).sort(), input.required);
});

test('without the right', async () => {
	const none = await caller.get('/api/probe/big?n=1', { token: null });
	problem(none, 401, 'missing_token');
	const challenge = none.headers.get('www-authenticate');
	assert.match(challenge, /^Bearer /);
	assert.match(challenge, /scope="products:read"/);
	assert.ok(challenge.includes(`resource_metadata="${instance.issuer}` +
		'/.well-known/oauth-protected-resource/api"'));
	const metadata = await (await fetch(`${instance.base}/.well-known/` +
		'oauth-protected-resource/api')).json();
	assert.equal(metadata.resource, `${instance.issuer}/api`);
	const scope = await narrow.get('/api/probe/big?n=1');
	problem(scope, 403, 'insufficient_scope');
	assert.match(scope.headers.get('www-authenticate'),
		/error="insufficient_scope".*scope="products:read"/);
	for (const token of ['x', 'grt_x', `${caller.token}x`])
		problem(await caller.get('/api/probe/big?n=1', { token }), 401);
	// no rights of a session for whoever shows a bad token
	problem(await caller.get('/api/probe/big?n=1', { token: 'x', headers: {
		cookie: caller.browser.cookie } }), 401);
	const organization = await instance.organization();
	problem(await caller.get('/api/probe/big?n=1',
		{ token: organization.token }), 403, 'wrong_token_kind');
	// public ones are for everybody
	(await caller.get('/api/probe/open', { token: null })).ok(200);
});

test('the session of a page', async () => {
	const cookie = { cookie: caller.browser.cookie };
	const options = { token: null, headers: cookie };
	const who = (await caller.get('/api/probe/who', options)).ok(200).json;
	assert.equal(who.items[0].person, caller.person.id);
	assert.equal(who.items[0].client, null);
	const at = await counter();
	problem(await caller.post('/api/probe/count_up', {}, options), 403,
		'csrf_failed');
	problem(await caller.post('/api/probe/count_up', {}, { token: null,
		headers: { ...cookie, 'x-csrf-token': 'x'.repeat(43) } }), 403,
	'csrf_failed');
	assert.equal(await counter(), at);
	const csrf = await caller.csrf();
	(await caller.post('/api/probe/count_up', {}, { token: null,
		headers: { ...cookie, 'x-csrf-token': csrf } })).ok(200);
	(await caller.post('/api/probe/count_up',
		new URLSearchParams({ csrf, by: '2' }), options)).ok(200);
	assert.equal(await counter(), at + 3);
	// an ended one is none
	const other = await Caller.make(instance);
	const gone = { cookie: other.browser.cookie };
	await instance.psql(`UPDATE core.session SET ended_at = now()
		WHERE person = '${other.person.id}'`);
	problem(await caller.get('/api/probe/who',
		{ token: null, headers: gone }), 401);
});

test('the manifest lists what may be called', async () => {
	const names = async (options) => (await caller.get('/api', options))
		.ok(200).json.procedures.map((one) => one.name);
	const all = await names({ token: null });
	assert.ok(all.includes('probe.types') && all.includes('shop.segments'));
	assert.ok(!all.includes('probe.hidden'));
	const mine = await names();
	assert.ok(mine.includes('probe.types') && mine.includes('probe.open'));
	assert.ok(!mine.includes('shop.segments'));
	for (const name of mine) {
		const path = `/api/${name.replace('.', '/')}`;
		assert.notEqual((await caller.post(path, {})).status, 403, name);
	}
	// what is listed for nobody in particular is closed all the same
	problem(await caller.post('/api/shop/segments'), 403,
		'insufficient_scope');
	assert.deepEqual([...mine].sort(), mine);
	(await caller.get('/api/probe/hidden')).ok(200);
	const session = await names({ token: null,
		headers: { cookie: caller.browser.cookie } });
	assert.ok(session.includes('probe.who'));
	const whole = (await caller.get('/api', { token: null })).json;
	assert.equal(whole.oauth.token_endpoint,
		`${instance.issuer}/oauth/token`);
	assert.ok(whole.scopes.some((one) => one.name === 'segments:write' &&
		one.sensitive));
});

test('what is published now is there soon, and what is not, is gone',
	async () => {
		const name = unique('later').replace(/\W/g, '_');
		problem(await caller.get(`/api/probe/${name}`), 404);
		await instance.psql(`CREATE FUNCTION probe.${name}() RETURNS int4
			LANGUAGE sql STABLE AS 'SELECT 1'`);
		problem(await caller.get(`/api/probe/${name}`), 404);
		await instance.psql(`SELECT grantd.publish('probe.${name}', 'public',
			mcp => false)`);
		await published(instance, `/api/probe/${name}`);
		await instance.psql(`SELECT grantd.unpublish('probe.${name}')`);
		await published(instance, `/api/probe/${name}`, 404);
	});
