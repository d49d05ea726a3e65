// A procedure that only reads and lost against somebody else (a deadlock, a
// conflict of serializable transactions) is tried once more; one that writes,
// or that told its caller something already, never.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Instance } from '../lib/instance.mjs';
import { begin } from '../lib/mcp.mjs';
import { Caller, problem, published } from '../lib/probe.mjs';

const instance = await Instance.start({ conf: 'password cost 6' });
after(() => instance.stop());
let caller, mcp;

before(async () => {
	const body = (more = '') => `$f$ BEGIN RAISE LOG 'began % %', state, word;
		${more} RAISE 'lost' USING ERRCODE = state; END $f$`;
	await instance.psql(`CREATE SCHEMA l;
		CREATE TABLE l.a AS SELECT 1 AS n; CREATE TABLE l.b AS SELECT 2 AS n;
		SELECT grantd.protect('l.a', open => true), grantd.protect('l.b', open => true);
		CREATE FUNCTION l.reads(state text, word text) RETURNS int4
			LANGUAGE plpgsql STABLE AS ${body()};
		CREATE FUNCTION l.writes(state text, word text) RETURNS int4
			LANGUAGE plpgsql AS ${body()};
		CREATE FUNCTION l.tells(state text, word text) RETURNS int4
			LANGUAGE plpgsql STABLE AS ${body('PERFORM grantd.progress(1);')};
		-- the gate's time is hardly longer than that of a deadlock
		CREATE FUNCTION l.both() RETURNS int4 LANGUAGE plpgsql STABLE
		SET lock_timeout = '30s' AS $f$
		DECLARE v int4; w int4; BEGIN
			RAISE LOG 'began both';
			SELECT n INTO v FROM l.a;
			PERFORM pg_advisory_xact_lock_shared(1);
			SELECT n INTO w FROM l.b;
			RETURN v + w;
		END $f$;
		SELECT grantd.publish('l.' || f, 'public', timeout => '1 min',
			trusted => f = 'both') FROM
			unnest('{reads,writes,tells,both}'::text[]) f`);
	await published(instance, '/api/l/both');
	caller = await Caller.make(instance);
	({ mcp } = await begin(instance));
});

// How often PostgreSQL began it.
const began = (what) => readFileSync(instance.cluster.log(), 'utf8')
	.split('\n').filter((line) => line.endsWith(`LOG:  began ${what}`)).length;

for (const state of ['40001', '40P01'])
	test(`${state}: once more, then 503`, async () => {
		const answer = await caller.post('/api/l/reads', { state, word: 'r' });
		problem(answer, 503, 'busy');
		assert.equal(answer.headers.get('retry-after'), '1');
		assert.equal(began(`${state} r`), 2);
		assert.equal((await caller.post('/api/l/writes',
			{ state, word: 'w' })).status, 503);
		assert.equal(began(`${state} w`), 1);
	});

test('not when it told something', async () => {
	await mcp.call('tells', { state: '40001', word: 'm' },
		{ progressToken: 7 }).then((answer) => answer.events.all());
	assert.equal(began('40001 m'), 1);
	await mcp.call('reads', { state: '40001', word: 'm2' },
		{ progressToken: 8 }).then((answer) => answer.events?.all());
	assert.equal(began('40001 m2'), 2);
});

test('another failure is one', async () => {
	for (const [state, status] of [['P0001', 400], ['55P03', 503], ['XX000', 500]]) {
		assert.equal((await caller.post('/api/l/reads',
			{ state, word: 'o' })).status, status);
		assert.equal(began(`${state} o`), 1);
	}
});

test('a reader that lost against a change of tables', async () => {
	const before = began('both');
	await instance.hold(`SET LOCAL deadlock_timeout = '10min'; LOCK TABLE l.b`,
		async (change) => {
			let asked;
			// between its two reads, until the change waits for the first one:
			// only the reader looks for the deadlock, and finds it
			await instance.hold('SELECT pg_advisory_xact_lock(1)',
				async (between) => {
					asked = caller.get('/api/l/both');
					await between.blocks();
					await Promise.all([change.run('LOCK TABLE l.a'),
						between.awaits(change).then(() => between.end())]);
				});
			await change.end();
			assert.deepEqual((await asked).ok(200).json, { result: 3 });
		});
	assert.match(readFileSync(instance.cluster.log(), 'utf8'),
		/ERROR: {2}deadlock detected/);
	assert.equal(began('both'), before + 2);
});
