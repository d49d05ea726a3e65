// Tools: one test for each of U1 to U7.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { begin, done, keys, load, program, refused, settled } from '../lib/mcp.mjs';
import { Instance } from '../lib/instance.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
let org, mcp, tools;

// A call that a model can mend: a result that failed, with words.
async function misfit(answer) {
	const result = await done(await answer);
	assert.equal(result.isError, true, JSON.stringify(result));
	assert.equal(result.structuredContent, undefined);
	assert.match(result.content[0].text, /^\S/);
	return result;
}

before(async () => {
	({ org, mcp } = await begin(instance));
	tools = Object.fromEntries((await mcp.all('tools/list', 'tools'))
		.map((tool) => [tool.name, tool]));
});

describe('U1: tools/list', () => {
	test('is declared and answers', async () => {
		const told = await mcp.result('server/discover');
		assert.ok(told.capabilities.tools);
		assert.ok(Object.keys(tools).length > 5);
	});
	test('has what the scopes of the caller open, in one order', async () => {
		const names = Object.keys(tools);
		assert.ok(names.includes('echo') && names.includes('wipe'));
		assert.ok(!names.includes('guarded'));
		const few = await program(instance, org, ['mt:read']);
		const less = (await few.mcp.all('tools/list', 'tools'))
			.map((tool) => tool.name);
		assert.ok(less.includes('echo') && less.includes('open'));
		assert.ok(!less.includes('wipe'));
		for (let i = 0; i < 4; i++)
			assert.deepEqual((await few.mcp.all('tools/list', 'tools'))
				.map((tool) => tool.name), less);
	});
});

describe('U2: pages', () => {
	test('of a long list', async () => {
		await instance.psql(`DO $$ BEGIN
			SET LOCAL ROLE mt_owner;
			CREATE SCHEMA IF NOT EXISTS mt_many;
			FOR i IN 1 .. 260 LOOP
				EXECUTE format('CREATE OR REPLACE FUNCTION mt_many.f%s() '
				    'RETURNS int LANGUAGE sql STABLE AS %L', i, 'SELECT 1');
				PERFORM grantd.publish('mt_many.f' || i, 'mt:admin');
			END LOOP;
		END $$`);
		await settled(instance);
		try {
			const all = await program(instance, org, ['mt:admin']);
			const first = await all.mcp.result('tools/list');
			assert.equal(first.tools.length, 250);
			assert.match(first.nextCursor, /^[A-Za-z0-9_=-]+$/);
			const names = (await all.mcp.all('tools/list', 'tools'))
				.map((tool) => tool.name);
			assert.equal(new Set(names).size, names.length);
			for (let i = 1; i <= 260; i++)
				assert.ok(names.includes(`f${i}`));
		} finally {
			await instance.psql(`DO $$ BEGIN
				SET LOCAL ROLE mt_owner;
				FOR i IN 1 .. 260 LOOP
					PERFORM grantd.unpublish('mt_many.f' || i);
				END LOOP;
			END $$`);
			await settled(instance);
		}
	});
	test('a bad cursor', async () => {
		for (const cursor of ['x', '!', 'MTpl*', 'Mjpl', 'A'.repeat(5000), 7])
			for (const method of ['tools/list', 'prompts/list',
				'resources/list', 'resources/templates/list'])
				refused(await mcp.ask(method, { cursor }), 200, -32602);
	});
	test('an empty cursor is the beginning', async () => {
		assert.ok((await mcp.result('tools/list', { cursor: '' }))
			.tools.length > 0);
	});
});

test('U3: what is said of a tool', () => {
	for (const tool of Object.values(tools)) {
		assert.match(tool.name, /^[A-Za-z0-9_.-]{1,128}$/);
		assert.match(tool.description, /\S/);
		assert.match(tool.title, /\S/);
		assert.equal(tool.inputSchema.type, 'object');
		for (const hint of ['readOnlyHint', 'destructiveHint',
			'idempotentHint', 'openWorldHint'])
			assert.equal(typeof tool.annotations[hint], 'boolean');
	}
	assert.equal(tools.echo.title, 'Echo');
	assert.match(tools.echo.description, /Says what it was told/);
	assert.equal(tools.echo.inputSchema.additionalProperties, false);
	assert.deepEqual(tools.echo.inputSchema.required, ['words']);
	assert.match(tools.echo.inputSchema.properties.words.description,
		/what to say/);
	assert.equal(tools.echo.annotations.readOnlyHint, true);
	assert.equal(tools.wipe.annotations.readOnlyHint, false);
	assert.equal(tools.wipe.annotations.destructiveHint, true);
	assert.equal(tools.wipe.annotations.idempotentHint, true);
	assert.ok(tools.list.inputSchema.properties.cursor);
	assert.ok(tools.list.inputSchema.properties.page_size);
	assert.equal(tools.echo.outputSchema.type, 'object');
	assert.equal(tools.nothing.outputSchema, undefined);
});

// Enough of JSON Schema for what the generator writes.
function fits(schema, value, at = '') {
	const types = [schema.type ?? []].flat();
	const type = value === null ? 'null' : Array.isArray(value) ? 'array' :
		Number.isInteger(value) ? 'integer' : typeof value;
	assert.ok(types.length === 0 || types.includes(type) ||
		(type === 'integer' && types.includes('number')),
	`${at}: ${type} is not of ${types}`);
	if (schema.enum)
		assert.ok(schema.enum.includes(value), `${at}: ${value}`);
	if (type === 'object') {
		for (const name of schema.required ?? [])
			assert.ok(name in value, `${at}/${name} is missing`);
		for (const [name, one] of Object.entries(value))
			if (schema.properties?.[name])
				fits(schema.properties[name], one, `${at}/${name}`);
			else
				assert.notEqual(schema.additionalProperties, false,
					`${at}/${name}`);
	}
	if (type === 'array' && schema.items)
		for (const one of value)
			fits(schema.items, one, `${at}/-`);
}

describe('U4: structured content', () => {
	for (const [name, args] of [['echo', { words: 'é\n"\\' }],
		['thing', { color: 'red' }], ['thing', {}], ['list', {}],
		['list', { page_size: 3 }], ['who', {}], ['open', {}]])
		test(`${name} ${JSON.stringify(args)} is as its schema says`,
			async () => {
				const result = await mcp.tool(name, args);
				assert.equal(result.isError, undefined);
				fits(tools[name].outputSchema, result.structuredContent);
				assert.equal(result.content[0].type, 'text');
				assert.deepEqual(JSON.parse(result.content[0].text),
					result.structuredContent);
			});
	test('pages', async () => {
		const found = [];
		let cursor;
		do {
			const { structuredContent: page } = await mcp.tool('list',
				{ page_size: 7, ...cursor ? { cursor } : {} });
			found.push(...page.items.map((row) => row.id));
			cursor = page.next_cursor;
		} while (cursor);
		assert.deepEqual(found, Array.from({ length: 25 }, (_, i) => i + 1));
		const bad = await mcp.tool('list', { cursor: 'x' });
		assert.equal(bad.isError, true);
		for (const args of [{ page_size: 0 }, { page_size: 11 },
			{ page_size: '3' }, { cursor: 3 }])
			await misfit(mcp.call('list', args));
	});
	test('an integer is one however it is written', async () => {
		const spelled = (name, args) => {
			const body = mcp.message('tools/call', { name, arguments: 0 });
			return mcp.send(JSON.stringify(body).replace('"arguments":0',
				`"arguments":${args}`), mcp.headers(body));
		};
		const twice = await spelled('echo', '{"words":"a","n":20e-1}');
		assert.equal(twice.json.result.structuredContent.result, 'aa');
		const three = await spelled('list', '{"page_size":3.0}');
		assert.equal(three.json.result.structuredContent.items.length, 3);
		for (const [name, args] of [['echo', '{"words":"a","n":1.5}'],
			['echo', '{"words":"a","n":1e300}'],
			['list', '{"page_size":2.5}'], ['list', '{"page_size":1e300}']])
			await misfit(spelled(name, args));
	});
	test('nothing at all', async () => {
		const result = await mcp.tool('nothing', {});
		assert.equal(result.structuredContent, undefined);
		assert.equal(result.content.length, 1);
	});
	test('text that looks like something else is text', async () => {
		const result = await mcp.tool('markup', {});
		assert.equal(result.structuredContent.result,
			'<script>alert(1)</script>\u001b[31m\n"\\');
	});
});

// Numbers as they are written: JSON.stringify has no digits for them.
const spelled = (name, args, meta) => {
	const body = mcp.message('tools/call', { name, arguments: 0 }, meta);
	return mcp.send(JSON.stringify(body).replace('"arguments":0',
		`"arguments":${args}`), mcp.headers(body));
};

describe('U4: numbers lose nothing', () => {
	const long = '123456789012345678901234567890';
	for (const [args, told] of [
		[`{"n":${long}}`, long],
		[`{"n":-${long}.50}`, `-${long}.50`],
		[`{"n":"${long}"}`, long],
		['{"n":0.10}', '0.10'],
		['{"n":9223372036854775808,"i":9223372036854775807}',
			'9223372036854775808 9223372036854775807'],
		['{"n":1,"i":"-9223372036854775808"}', '1 -9223372036854775808'],
		['{"n":1,"i":9007199254740993}', '1 9007199254740993'],
		[`{"n":1,"list":[${long},2]}`, `1 {${long},2}`]])
		test(args, async () => {
			const answer = await spelled('numbers', args);
			assert.equal(answer.json.result?.structuredContent.result, told,
				answer.text);
		});
	test('of a tool with pages', async () => {
		const answer = await spelled('number_pages',
			`{"n":${long},"page_size":2}`);
		assert.match(answer.text, /"n":\s*123456789012345678901234567891\b/);
		assert.equal(answer.json.result.structuredContent.items.length, 2);
	});
	test('of blocks, and of what is said meanwhile', async () => {
		assert.match((await spelled('number_blocks', `{"n":${long}}`)).text,
			new RegExp(`"mt/n":\\s*${long}\\b`));
		const answer = await spelled('number_steps', `{"n":${long}}`,
			{ [keys.level]: 'info' });
		assert.equal(String((await answer.events.all())[0].params?.data.n),
			String(Number(long)));
	});
	test('but what is too large for its type does not fit', async () => {
		for (const i of ['9223372036854775808', '-9223372036854775809', long])
			assert.equal((await spelled('numbers', `{"n":1,"i":${i}}`))
				.json.result?.isError, true, i);
		for (const i of ['"9223372036854775808"', '1.5', '1e-3'])
			await misfit(spelled('numbers', `{"n":1,"i":${i}}`));
		await misfit(spelled('echo', `{"words":"a","n":${long}}`));
		refused(await spelled('numbers', `{"n":${'9'.repeat(65)}}`), 400,
			-32700);
	});
});

describe('U5: errors', () => {
	test('of the protocol', async () => {
		for (const [name, args] of [['no_such_tool', {}], ['Echo', {}],
			['echo', []], ['echo', 'a'], ['mt.echo', { words: 'a' }], ['poem', {}], ['', {}],
			['../echo', {}], ['echo; DROP SCHEMA mt', {}]])
			refused(await mcp.ask('tools/call', { name, arguments: args }),
				200, -32602);
	});
	// results: a model that reads them can call again
	test('of the arguments', async () => {
		for (const [name, args, ...words] of [
			['echo', {}, '/words is required'],
			['echo', { words: 1 }, '/words must be a string'],
			['echo', { words: 'a', more: 1 }, '/more is not known'],
			['echo', { words: 1, n: 1.5, more: 1 }, '/words must',
				'/n must be an integer', '/more is not'],
			['thing', { color: 'pink' },
				'/color must be one of: red, green, blue'],
			['numbers', { n: 'many' }, '/n: It cannot be read']]) {
			const result = await misfit(mcp.call(name, args));
			for (const one of words)
				assert.ok(result.content[0].text.includes(one),
					result.content[0].text);
			assert.equal((await mcp.old('tools/call',
				{ name, arguments: args })).json.result.isError, true);
		}
	});
	test('of the business', async () => {
		for (const [how, words] of [['raise', /There is no more of it/],
			['problem', /It is sold out/], ['divide', /\S/]]) {
			const result = await mcp.tool('fails', { how });
			assert.equal(result.isError, true);
			assert.match(result.content[0].text, words);
			assert.equal(result.structuredContent, undefined);
		}
	});
	test('of the server tell nothing', async () => {
		const answer = await mcp.call('fails', { how: 'inside' });
		assert.doesNotMatch(answer.text, /nowhere|relation|schema "/);
		assert.equal(answer.json.error.code, -32603);
	});
	test('a call that takes too long', async () => {
		await instance.psql(`SET ROLE mt_owner; SELECT grantd.publish('mt.slow',
			'mt:read', timeout => '500 ms')`);
		await settled(instance);
		const result = await mcp.tool('slow', { seconds: 5 });
		assert.equal(result.isError, true);
		await instance.psql(`SET ROLE mt_owner;
			SELECT grantd.publish('mt.slow', 'mt:read')`);
		await settled(instance);
	});
});

describe('U6: calls are checked, and limited', () => {
	test('arguments that want to be SQL', async () => {
		for (const words of ["'; DROP SCHEMA mt CASCADE; --", '$$', '\\',
			'%s%n', '{}', '"'])
			assert.equal((await mcp.tool('echo', { words }))
				.structuredContent.result, words);
	});
	test('rights are looked at for each call', async () => {
		const other = await program(instance, org, ['mt:read']);
		await other.mcp.tool('echo', { words: 'a' });
		assert.equal((await other.mcp.call('wipe', { what: 'a' })).status,
			403);
		await other.app.revoke(other.token);
		assert.equal((await other.mcp.call('echo', { words: 'a' })).status,
			401);
	});
	test('too many are told to wait', async () => {
		const own = await Instance.start({ conf:
			'password cost 6\nlimit { calls 5 }' });
		try {
			await load(own, 'tests/lib/mcp.sql', 'mt');
			const where = await own.organization();
			const one = await program(own, where, ['mt:read']);
			const answers = await Promise.all(Array.from({ length: 80 },
				() => one.mcp.call('echo', { words: 'a' })));
			const late = answers.filter(({ status }) => status === 429);
			assert.ok(late.length > 20, `${late.length}`);
			for (const answer of late) {
				refused(answer, 429, 429);
				assert.match(answer.headers.get('retry-after'), /^[1-9]/);
			}
			assert.ok(answers.some(({ status }) => status === 200));
		} finally {
			await own.stop();
		}
	});
});

test('U7: no argument is to be sent as a header', () => {
	assert.doesNotMatch(JSON.stringify(tools), /x-mcp-header/);
});

describe('beside tools', () => {
	test('prompts and what completes their arguments', async () => {
		const [prompt] = await mcp.all('prompts/list', 'prompts');
		assert.equal(prompt.name, 'poem');
		assert.deepEqual(prompt.arguments.map((a) => [a.name, a.required]),
			[['topic', true], ['color', true]]);
		const got = await mcp.result('prompts/get', { name: 'poem',
			arguments: { topic: 'rain', color: 'blue' } });
		assert.deepEqual(got.messages, [{ role: 'user', content:
			{ type: 'text', text: 'Write of rain in blue.' } }]);
		const complete = (name, value, prompt = 'poem') =>
			mcp.ask('completion/complete', { argument: { name, value },
				ref: { type: 'ref/prompt', name: prompt } });
		assert.deepEqual((await complete('topic', 'rai')).json.result
			.completion, { values: ['rain', 'rainbow'], total: 2,
			hasMore: false });
		assert.deepEqual((await complete('color', '')).json.result
			.completion.values, ['red', 'green', 'blue']);
		assert.deepEqual((await complete('other', '')).json.result
			.completion.values, []);
		refused(await complete('topic', '', 'nothing'), 200, -32602);
		refused(await mcp.ask('prompts/get', { name: 'poem', arguments: {} }),
			200, -32602);
	});
	describe('arguments of prompts are texts', () => {
		const get = (args) => mcp.ask('prompts/get',
			{ name: 'recipe', arguments: { what: 'w', ...args } });
		const said = async (args) => JSON.parse((await get(args)).json.result
			.messages[0].content.text);
		const order = ['what', 'steps', 'name', 'tags', 'sure', 'n', 'price',
			'more', 'days', 'counts'];
		for (const [given, member, told] of [
			[{ what: '["a"]' }, 'what', '["a"]'],
			[{ what: '' }, 'what', ''],
			[{ what: 'null' }, 'what', 'null'],
			[{ steps: '["a", "b,c", null]' }, 'steps', ['a', 'b,c', null]],
			[{ steps: ' []\n' }, 'steps', []],
			[{ steps: 'null' }, 'steps', null],
			[{ steps: ['a'] }, 'steps', ['a']],
			[{ counts: '[1,2]' }, 'counts', [1, 2]],
			[{ one: '{"name": "x", "tags": ["t"]}' }, 'name', 'x'],
			[{ one: '{"tags": ["t"]}' }, 'tags', ['t']],
			[{ sure: 'true' }, 'sure', true],
			[{ sure: 'false' }, 'sure', false],
			[{ n: '-7' }, 'n', -7],
			[{ price: '1.5' }, 'price', 1.5],
			[{ more: '{"a": [1]}' }, 'more', { a: [1] }],
			[{ more: '"text"' }, 'more', 'text'],
			[{ more: 'no JSON' }, 'more', 'no JSON'],
			[{ days: '[1,7)' }, 'days', '[1,7)'],
			// a field of a form that was left empty
			[{ steps: '', sure: '', n: '', one: '', more: '' }, 'n', 3],
			[{ steps: '' }, 'steps', null]])
			test(JSON.stringify(given), async () => {
				assert.deepEqual((await said(given))[order.indexOf(member)],
					told);
			});
		for (const [given, pointer] of [[{ steps: 'a' }, '/steps'],
			[{ steps: '{"a":1}' }, '/steps'], [{ steps: '[1]' }, '/steps/0'],
			[{ steps: '["a"' }, '/steps'], [{ steps: '["\\u0000"]' }, '/steps'],
			[{ steps: `${'['.repeat(99)}${']'.repeat(99)}` }, '/steps'],
			[{ one: 'x' }, '/one'], [{ one: '{"no": 1}' }, '/one/no'],
			[{ one: '{"a":1,"a":2}' }, '/one'], [{ sure: 'yes' }, '/sure'],
			[{ sure: '1' }, '/sure'], [{ n: 'x' }, '/n'],
			[{ n: '1.5' }, '/n'], [{ other: 'x' }, '/other'],
			[{ what: undefined }, '/what'], [{ counts: '[1,"a"]' }, '/counts/1']])
			test(`${JSON.stringify(given).slice(0, 40)} does not fit`,
				async () => {
					assert.equal(refused(await get(given), 200, -32602).data
						.pointer, pointer);
				});
		test('and the list says what they stand for', async () => {
			const prompt = (await mcp.all('prompts/list', 'prompts'))
				.find(({ name }) => name === 'recipe');
			const words = Object.fromEntries(prompt.arguments
				.map((a) => [a.name, a.description]));
			assert.equal(words.steps, 'what is done (a JSON array)');
			assert.equal(words.one, 'what it is done to (a JSON object)');
			assert.equal(words.counts, 'a JSON array');
			assert.equal(words.sure, 'true or false');
			assert.equal(words.more, 'JSON, or a text');
			assert.ok(!words.what && !words.n);
		});
	});
	test('resources and templates', async () => {
		const there = (await mcp.all('resources/list', 'resources'))
			.find(({ uri }) => uri === 'mt://open');
		assert.equal(there.mimeType, 'text/plain');
		const templates = await mcp.all('resources/templates/list',
			'resourceTemplates');
		assert.ok(templates.some((t) => t.uriTemplate === 'mt://pages/{id}'));
		const read = (uri) => mcp.ask('resources/read', { uri });
		assert.deepEqual((await read('mt://pages/7')).json.result.contents,
			[{ uri: 'mt://pages/7', mimeType: 'text/plain', text: 'page 7' }]);
		for (const uri of ['mt://pages/100', 'mt://nothing', 'mt://pages/'])
			assert.equal(refused(await read(uri), 200, -32602).data.uri, uri);
		refused(await read('mt://pages/x'), 200, -32602);
	});
	describe('tables and rows as resources', () => {
		const read = (uri) => mcp.ask('resources/read', { uri });
		const contents = async (uri) =>
			(await read(uri)).json.result.contents;
		test('what is cut says so', async () => {
			for (const [uri, n] of [['mt://stores', 10], ['mt://names', 29]]) {
				const [rows, more] = await contents(uri);
				assert.equal(rows.uri, uri);
				assert.equal(rows.mimeType, 'application/json');
				assert.equal(JSON.parse(rows.text).length, n);
				assert.deepEqual(more, { uri, mimeType: 'text/plain', text:
					`These are the first ${n} rows; there are more.` });
			}
		});
		test('what is whole says nothing', async () => {
			const all = await contents('mt://sheet');
			assert.equal(all.length, 1);
			const rows = JSON.parse(all[0].text);
			assert.deepEqual(rows.map(({ id }) => id),
				Array.from({ length: 30 }, (_, i) => 30 - i));
			assert.match(all[0].text, /"price":12345678901234567890\.50/);
		});
		test('one row by its columns', async () => {
			for (const uri of ['mt://stores/7', 'mt://stores/%37',
				'mt://stores/of/red/store%207']) {
				const [row, more] = await contents(uri);
				assert.equal(row.uri, uri);
				assert.deepEqual(JSON.parse(row.text), { id: 7, name: 'store 7',
					color: 'red', price: 12345678901234567890.50, r: 1, t: 2,
					n: 3 });
				assert.equal(more, undefined);
			}
		});
		for (const uri of ['mt://stores/0', 'mt://stores/31', 'mt://stores/',
			'mt://stores/of/blue/store%207', 'mt://stores/of/red/x',
			'mt://stores?id=7', 'mt://stores#7', 'MT://stores', 'mt://Stores',
			'mt://stores/7/', 'mt://stores/7/8', 'mt:stores',
			"mt://stores/of/red/'%20OR%20true--", 'mt://stores/of/red/%25'])
			test(`${uri} is none`, async () => {
				assert.equal(refused(await read(uri), 200, -32602).data.uri,
					uri);
			});
		for (const [text, id] of [['7', 7], ['7.0', 7], ['1e1', 10]])
			test(`mt://stores/${text} is number ${id}`, async () => {
				const { json } = await read(`mt://stores/${text}`);
				assert.equal(JSON.parse(json.result.contents[0].text).id, id);
			});
		for (const uri of ['mt://stores/x', 'mt://stores/7.5',
			'mt://stores/99999999999', 'mt://stores/null',
			'mt://stores/[7]', 'mt://stores/7%20', 'mt://stores/of/pink/x'])
			test(`${uri} does not fit`, async () => {
				refused(await read(uri), 200, -32602);
			});
		test('their variables are completed by the values of a type',
			async () => {
				const complete = async (uri, name, value) => (await mcp.ask(
					'completion/complete', { ref: { type: 'ref/resource', uri },
						argument: { name, value } })).json;
				const of = 'mt://stores/of/{color}/{name}';
				assert.deepEqual((await complete(of, 'color', 'G')).result
					.completion.values, ['green']);
				for (const [name, value] of [['name', 's'], ['', ''],
					['__proto__', ''], ['color', '%'], ['color', 'x'.repeat(9e4)]])
					assert.deepEqual((await complete(of, name, value)).result
						.completion, { values: [], total: 0, hasMore: false });
				assert.equal((await complete('mt://stores/of/red/x', 'color', ''))
					.error.code, -32602);
			});
	});
	test('who calls is the one whose token it is', async () => {
		const { structuredContent: one } = await mcp.tool('who', {});
		assert.equal(one.result.person, null);
		assert.match(one.result.client, /^gc_/);
		assert.ok((await mcp.ask('tools/list')).json.result._meta[keys.server]);
	});
});
