// Every type of PostgreSQL through /api: what is given comes back as it was,
// and what does not fit is refused before the database, with a pointer.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Caller, loadProbe, problem, wrong } from '../lib/probe.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
const path = '/api/probe/types';
let caller;

before(async () => {
	await loadProbe(instance);
	caller = await Caller.make(instance);
});

const values = { b: true, i2: -32768, i4: 2147483647, f8: 1.5e-7,
	t: 'ä "quoted" \\ 😀\n', v: 'abcde',
	u: '0191c0f0-7c3b-7000-8000-00000000000a', d: '2024-02-29',
	ts: '2026-01-31T12:00:00+00:00', tm: '12:34:56', iv: 'P1DT2H',
	by: '\\x00ff', j: { a: [1, null, 'x'] }, e: 'blue', s: 'four', p: 100,
	c: { x: 1, y: 2.50, label: null }, a: [1, null, 3], cs: [{ x: 1, y: 1, label: 'l' }, null],
	r: '[1,5)' };

test('what is given comes back', async () => {
	const { json } = (await caller.post(path, values)).ok(200);
	for (const [name, value] of Object.entries(values))
		if (name !== 'ts')
			assert.deepEqual(json[name], value, name);
	assert.equal(Date.parse(json.ts), Date.parse(values.ts));
});

test('defaults, and nulls in their place', async () => {
	const { json } = (await caller.post(path)).ok(200);
	assert.equal(json.i4, 7);
	assert.equal(json.t, 'a "text"');
	assert.equal(json.e, 'green');
	assert.deepEqual(json.a, []);
	const nulls = (await caller.post(path, { b: true, i4: null, t: null,
		e: null, a: null })).ok(200).json;
	for (const name of ['i4', 't', 'e', 'a'])
		assert.equal(nulls[name], null, name);
});

test('int8 and numeric without loss, both ways', async () => {
	const body = '{"i8":9223372036854775807,' +
		'"n":12345678901234567890.123456789012345678}';
	let answer = await caller.send('POST', path, { body });
	answer.ok(200);
	assert.match(answer.text, /"i8"\s*:\s*9223372036854775807\b/);
	assert.match(answer.text,
		/"n"\s*:\s*12345678901234567890\.123456789012345678\b/);
	answer = await caller.send('POST', path, { body:
		'{"i8":"-9223372036854775808","n":"123456789012345678901234567890"}' });
	assert.match(answer.text, /"i8"\s*:\s*-9223372036854775808\b/);
	assert.match(answer.text, /"n"\s*:\s*123456789012345678901234567890\b/);
	answer = await caller.send('POST', path,
		{ body: '{"n":123456789012345678901234567890}' });
	assert.match(answer.text, /"n"\s*:\s*123456789012345678901234567890\b/);
	answer = await caller.get('/api/probe/big?n=12345678901234567890.10');
	assert.match(answer.text, /"result"\s*:\s*12345678901234567890\.10\b/);
	const { items: [exact] } = (await caller.post('/api/probe/exact',
		{ i8: '9007199254740993', n: '1.000000000000000000001' })).ok(200)
		.json;
	assert.deepEqual(exact, { i8: '9007199254740993',
		n: '1.000000000000000000001' });
	for (const number of ['1e400', '1e-400', '9'.repeat(65)]) {
		problem(await caller.send('POST', path,
			{ body: `{"n":${number}}` }), 400, 'invalid_json');
	}
	assert.equal((await caller.post('/api/probe/big',
		{ n: `${'9'.repeat(100)}` })).ok(200).text.replace(/\D/g, ''),
	'9'.repeat(100));
});

test('an integer is one however it is written', async () => {
	const given = '{"i2":1.0,"i4":1e2,"i8":9223372036854775807.0,' +
		'"n":1.0,"j":{"a":1.0},"a":[2.0,30e-1],"p":10.0,' +
		'"c":{"x":4.0,"y":1.50,"label":null},' +
		'"cs":[{"x":0.5e1,"y":1,"label":"l"}]}';
	const answer = await caller.send('POST', path, { body: given });
	const { i2, i4, a, p, c, cs } = answer.ok(200).json;
	assert.deepEqual([i2, i4, a, p, c.x, cs[0].x], [1, 100, [2, 3], 10, 4, 5]);
	assert.match(answer.text, /"i8"\s*:\s*9223372036854775807\b/);
	assert.match(answer.text, /"n"\s*:\s*1\.0\b/);
	assert.match(answer.text, /"a"\s*:\s*1\.0\b/);	// json: as it was
	assert.match(answer.text, /"y"\s*:\s*1\.50\b/);
	assert.deepEqual((await caller.get('/api/probe/list?a=1.0&a=2e1&w=1.0'))
		.ok(200).json, { result: '{1,20};{1.0}' });
	for (const [name, value] of Object.entries({ i4: '1.5', i2: '4e4',
		i8: '1e300', a: '[1e-1]', c: '{"x":1.5}' })) {
		const refused = await caller.send('POST', path,
			{ body: `{"${name}":${value}}` });
		problem(refused, 422);
	}
	problem(await caller.send('POST', path, { body: '{"i4":1e400}' }), 400,
		'invalid_json');
	// there it is one value of several texts, and no JSON that is wrong
	for (const answer of [await caller.get('/api/probe/list?w=x&a=1e400'),
		await caller.post('/api/probe/list',
			new URLSearchParams([['w', 'x'], ['a', '1e400']]))])
		assert.match(wrong(problem(answer, 422, 'invalid_arguments'))['/a/0'],
			/out of range/);
});

test('each wrong argument is told, all at once', async () => {
	const found = problem(await caller.post(path, { b: 'yes', i2: 40000,
		i4: 1.5, i8: '9223372036854775808', n: true, t: 5,
		u: 'no', d: '2023-02-29', ts: '2026-01-31', e: 'pink', s: 'x',
		p: 101, c: { x: 'one', z: 1 }, a: [1, 'two'] }), 422,
	'invalid_arguments');
	assert.deepEqual(Object.keys(wrong(found)).sort(), ['/a/1', '/b', '/c/x',
		'/c/z', '/d', '/e', '/i2', '/i4', '/i8', '/n', '/p', '/s', '/t', '/ts',
		'/u']);
	assert.match(wrong(found)['/e'], /red, green, blue/);
	const query = problem(await caller.get('/api/probe/list?a=x&nosuch=1'),
		422, 'invalid_arguments');
	assert.deepEqual(Object.keys(wrong(query)).sort(), ['/a/0', '/nosuch']);
	assert.equal(query.errors[0].in, 'query');
});

test('a value that the database cannot read is named, by any way', async () => {
	(await caller.get('/api/probe/span?r=[1,5)&from=2026-01-31')).ok(200);
	for (const [name, value] of [['r', '[5,1)'], ['from', 'notadate'],
		['from', '2026-02-30'], ['d', 'notadate']]) {
		const query = problem(await caller.get(`/api/probe/span?${
			new URLSearchParams({ [name]: value })}`), 422);
		assert.deepEqual(Object.keys(wrong(query)), [`/${name}`]);
		assert.equal(query.errors[0].in, 'query');
		const body = problem(await caller.post('/api/probe/span',
			{ [name]: value }), 422);
		assert.deepEqual(Object.keys(wrong(body)), [`/${name}`]);
		assert.equal(body.errors[0].in, 'body');
		assert.equal(body.code, query.code);
	}
});

test('arguments of a query and of a form', async () => {
	const query = (await caller.get('/api/probe/list?a=1&a=2&w=x&w=y%20z' +
		'&page_size=own')).ok(200);
	assert.deepEqual(query.json, { result: '{1,2};{x,"y z"};own' });
	const form = (await caller.post('/api/probe/list',
		new URLSearchParams([['a', '1'], ['w', 'x'], ['w', 'ü']]))).ok(200);
	assert.deepEqual(form.json, { result: '{1};{x,ü}' });
	// a text may have lines, wherever it stands
	assert.deepEqual((await caller.get('/api/probe/list?w=a%0D%0Ab%09c'))
		.ok(200).json, { result: '{};{"a\r\nb\tc"}' });
	for (const bad of ['%1b', '%7f', '%ff', '%'])
		problem(await caller.get(`/api/probe/list?w=${bad}`), 400,
			'invalid_request');
	problem(await caller.get('/api/probe/list?a=1&a=x'), 422);
	problem(await caller.get('/api/probe/list?a=%zz'), 400);
	problem(await caller.get('/api/probe/list?a=%00'), 400);
});

const hostile = ["'; DROP SCHEMA probe CASCADE; --", '$1', '{}', '\\', '"',
	"E'\\x00'", '%s%n', '../..', '${x}', '\u202e', '\ufeff', '0'.repeat(5000)];

test('texts are texts', async () => {
	for (const text of hostile) {
		const { json } = (await caller.post(path, { t: text })).ok(200);
		assert.equal(json.t, text);
		const open = (await caller.get('/api/probe/open?' +
			new URLSearchParams({ word: text }))).ok(200);
		assert.equal(open.json.result, text);
	}
	for (const body of ['{"t":"\\u0000"}', '{"t":"\\ud800"}', '{"t":"\u0001"}',
		'{"t":1,"t":2}', '{', '[]', 'null', '"x"', '']) {
		const answer = await caller.send('POST', path, { body });
		if (body === '')
			answer.ok(200);
		else
			problem(answer, 400, 'invalid_json');
	}
});

test('a question before a call is told, and asked at /mcp alone', async () => {
	const admin = (await caller.get('/api', { token: null })).json.procedures
		.find((one) => one.name === 'shop.delete_segment');
	assert.match(admin.confirm, /^Delete this segment\?/);
	const { paths } = (await caller.get('/api/openapi.json',
		{ token: null })).json;
	assert.equal(paths['/api/shop/delete_segment'].post['x-confirm'],
		admin.confirm);
});

test('shapes of results', async () => {
	assert.deepEqual((await caller.get('/api/probe/many?up_to=3')).json.items,
		[1, 2, 3]);
	const cut = (await caller.get('/api/probe/many?up_to=500')).json;
	assert.equal(cut.items.length, 100);
	assert.equal(cut.truncated, true);
	(await caller.get('/api/probe/nothing')).ok(204);
	assert.deepEqual((await caller.get('/api/probe/nobody')).json,
		{ result: null });
	// which its schema allows, for those that hold one against the other
	const nobody = (await caller.get('/api')).json.procedures
		.find((one) => one.name === 'probe.nobody').output_schema;
	assert.equal(nobody.type, 'object');
	assert.deepEqual(nobody.anyOf.map((one) => one.required),
		[['x', 'y', 'label'], ['result']]);
	assert.deepEqual((await caller.get('/api/probe/open')).json,
		{ result: 'hello' });
});
