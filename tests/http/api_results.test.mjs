// What a procedure gives fits the schema that is published of it, whatever
// PostgreSQL can hold: held against it by a validator that asserts formats.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import Ajv from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { begin } from '../lib/mcp.mjs';
import { published } from '../lib/probe.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
const ajv = new Ajv({ strict: true, strictTypes: false, allErrors: true });
addFormats.default ? addFormats.default(ajv) : addFormats(ajv);

// [type, value as SQL, what JSON has; whether that may not be what it was]
const values = [
	['float8', `'NaN'`, 'NaN'], ['float8', `'-Infinity'`, '-Infinity'],
	['float8', '1.5', 1.5], ['float4', `'Infinity'`, 'Infinity'],
	['numeric', `'NaN'`, 'NaN'], ['numeric', `'Infinity'`, 'Infinity'],
	['numeric', '2.5', 2.5], ['r.bounded', '0.5', 0.5], ['float8', 'NULL', null],
	['date', `'infinity'`, 'infinity'], ['date', `'2026-01-31'`, '2026-01-31'],
	['date', `'0044-03-15 BC'`, '0044-03-15 BC'],
	['date', `'12026-01-31'`, '12026-01-31'], ['date', 'NULL', null],
	['timestamptz', `'-infinity'`, '-infinity'],
	['timestamptz', `'2026-01-31 12:00Z'`, '2026-01-31T12:00:00+00:00'],
	['timestamptz', `'0044-03-15 12:00Z BC'`, '0044-03-15T12:00:00+00:00 BC'],
	['timestamp', `'infinity'`, 'infinity'], ['timetz', `'12:00+02'`, '12:00:00+02'],
	['timetz', `'24:00+00'`, '24:00:00+00'],
	['timetz', `'12:00:00.5-15:59:59'`, '12:00:00.5-15:59:59'],
	['interval', `'-1 day'`, 'P-1D'], ['interval', `'1.5 s'`, 'PT1.5S'],
	['interval', `'1 day 2 h'`, 'P1DT2H'], ['interval', 'NULL', null],
	['int4[]', `'{{1,2},{3,NULL}}'`, [[1, 2], [3, null]]],
	['int4[]', `'{1,NULL}'`, [1, null]], ['int4[]', `'{}'`, []],
	['text[]', `'{{{a}}}'`, [[['a']]]], ['r.line', `'{1,2}'`, [1, 2]],
	['r.pair[]', `ARRAY[ROW('NaN','{{1}}')::r.pair]`, [{ x: 'NaN', y: [[1]] }]],
	['float8[]', `'{NaN,1}'`, ['NaN', 1]],
	['r.hstore', `'a=>1, b=>NULL'`, { a: '1', b: null }],
	['r.hstore[]', `ARRAY['a=>1'::r.hstore]`, [{ a: '1' }]],
	['r.sparse', `'a=>1'`, { a: '1' }],
	['uuid', `'0191c0f0-7c3b-7000-8000-00000000000a'`,
		'0191c0f0-7c3b-7000-8000-00000000000a'],
	['bytea', `'\\x00ff'`, '\\x00ff'], ['inet', `'::1'`, '::1'],
	['int4range', `'[1,5)'`, '[1,5)'], ['money', 'NULL', null],
	['oid', '7', '7'], ['bit(3)', `'101'`, '101'], ['point', `'(1,2)'`, '(1,2)'],
	['char(3)', `'a'`, 'a  '], ['xml', `'<a/>'`, '<a/>'],
	['r.bold', `'yes'`, true],
];
let mcp, manifest, tools;

before(async () => {
	({ mcp } = await begin(instance));
	const [[there]] = await instance.psql(
		`SELECT to_regnamespace('r') IS NOT NULL`);
	if (there === 'f')
		await instance.psql(`CREATE SCHEMA r; CREATE EXTENSION hstore SCHEMA r;
			CREATE TYPE r.pair AS (x float8, y int4[]);
			CREATE DOMAIN r.bounded AS float8 CHECK (VALUE >= 0 AND VALUE <= 1);
			CREATE DOMAIN r.line AS int4[] CHECK (array_ndims(VALUE) = 1);
			CREATE DOMAIN r.sparse AS r.hstore;
			CREATE TYPE r.bold AS ENUM ('yes');
			CREATE FUNCTION r.bold_json(r.bold) RETURNS json LANGUAGE sql
				IMMUTABLE AS $$ SELECT 'true'::json $$;
			CREATE CAST (r.bold AS json) WITH FUNCTION r.bold_json(r.bold);
			` + values.map(([type, value], n) => `
			CREATE FUNCTION r.one_${n}() RETURNS ${type} LANGUAGE sql STABLE
				AS $f$ SELECT (${value})::${type} $f$;
			CREATE FUNCTION r.row_${n}() RETURNS TABLE (v ${type}, n int4)
				LANGUAGE sql STABLE AS $f$ SELECT (${value})::${type}, 1 $f$;
			SELECT grantd.publish('r.one_${n}', 'public'),
				grantd.publish('r.row_${n}', 'public');`).join('') + `
			CREATE FUNCTION r.exact() RETURNS TABLE (b int8[], n numeric[])
				LANGUAGE sql STABLE AS $f$ SELECT b, n FROM (VALUES
				('{}'::int8[], NULL::numeric[]),
				('{{1,2},{3,NULL}}', '{NaN,1.50}')) v(b, n) $f$;
			SELECT grantd.publish('r.exact', 'public', exact_text => true);`);
	await published(instance, '/api/r/exact');
	manifest = Object.fromEntries((await (await fetch(`${instance.base}/api`))
		.json()).procedures.map((one) => [one.name, one.output_schema]));
	tools = Object.fromEntries((await mcp.all('tools/list', 'tools'))
		.map((tool) => [tool.name, tool.outputSchema]));
});

async function both(name) {
	const { json } = await fetch(`${instance.base}/api/r/${name}`)
		.then(async (answer) => ({ json: await answer.json() }));
	const { structuredContent } = await mcp.tool(name, {});
	assert.deepEqual(structuredContent, json);
	for (const schema of [manifest[`r.${name}`], tools[name]]) {
		const check = ajv.compile(schema);
		assert.ok(check(json), `${JSON.stringify(json)}: ` +
			`${ajv.errorsText(check.errors)}\n${JSON.stringify(schema)}`);
	}
	return json;
}

describe('fits its schema', () => {
	for (const [n, [type, value, json]] of values.entries())
		test(`${type} ${value}`, async () => {
			assert.deepEqual((await both(`one_${n}`)).result, json);
			assert.deepEqual((await both(`row_${n}`)).items,
				[{ v: json, n: 1 }]);
		});
	test('texts of exact numbers', async () => {
		assert.deepEqual((await both('exact')).items, [{ b: [], n: null },
			{ b: [['1', '2'], ['3', null]], n: ['NaN', '1.50'] }]);
	});
});

test('and the schema still says something', async () => {
	const refuses = (type, ...wrong) => {
		const n = values.findIndex(([one]) => one === type);
		const check = ajv.compile(manifest[`r.one_${n}`]);
		for (const result of wrong)
			assert.ok(!check({ result }), `${type} ${JSON.stringify(result)}`);
	};
	refuses('float8', 'x', true, '1', 'nan', []);
	refuses('r.bounded', 'NaN', 2, '1');
	refuses('date', 'x', '2026-13-01', 1, 'Infinity');
	refuses('timestamptz', 'x', '2026-01-31', 1);
	refuses('interval', 'x', 'P', 1);
	refuses('int4[]', 1, ['x'], [1.5]);
	refuses('r.line', [[1]], ['x']);
});
