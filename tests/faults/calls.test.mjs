// Published procedures while processes die and the database goes: streams
// end, writes are never repeated, reads are, quick ones do not wait.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { Instance, eventually } from '../lib/instance.mjs';
import { Mcp, program, settled } from '../lib/mcp.mjs';
import { App } from '../lib/oauth.mjs';

const instance = await Instance.start();
after(() => instance.stop());
const pids = (role) => instance.processes().filter((p) => p.role === role)
	.map((p) => p.pid).sort();
const kill = (role) => pids(role).forEach((pid) =>
	process.kill(pid, 'SIGKILL'));
let mcp, api;

const procedures = `
CREATE ROLE slow_owner NOLOGIN;
GRANT grantd_publisher TO slow_owner;
CREATE SCHEMA slow AUTHORIZATION slow_owner;
SET ROLE slow_owner;
SELECT grantd.define_scope('slow:use', 'Call what takes long');
CREATE TABLE slow.written (word text);
GRANT INSERT ON slow.written TO grantd_app;
CREATE FUNCTION slow.steps(n int4) RETURNS int4 LANGUAGE plpgsql STABLE
AS $$
BEGIN
	FOR i IN 1 .. n LOOP
		PERFORM grantd.progress(i, n), pg_sleep(0.1);
	END LOOP;
	RETURN n;
END
$$;
CREATE FUNCTION slow.read(seconds float8) RETURNS text LANGUAGE plpgsql
STABLE AS $$
BEGIN
	PERFORM pg_sleep(seconds);
	RETURN 'read';
END
$$;
CREATE FUNCTION slow.held() RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
	WHILE NOT pg_try_advisory_xact_lock_shared(4711) LOOP
		PERFORM pg_sleep(0.05);
	END LOOP;
	RETURN 'held';
END
$$;
CREATE FUNCTION slow.write(word text, seconds float8) RETURNS text
LANGUAGE plpgsql AS $$
BEGIN
	PERFORM pg_sleep(seconds), slow.held();
	INSERT INTO slow.written VALUES (word);
	RETURN 'written';
END
$$;
CREATE FUNCTION slow.quick() RETURNS text LANGUAGE sql STABLE AS $$
	SELECT 'quick'
$$;
SELECT grantd.publish('slow.' || f, 'slow:use', timeout => '20 s')
FROM unnest('{steps,read,held,write,quick}'::text[]) f;
`;

before(async () => {
	await instance.psql(procedures);
	const org = await instance.organization();
	const one = await program(instance, org, ['slow:use']);
	mcp = new Mcp(instance, one.token);
	const app = await App.make(instance, { organization: org.id,
		origin: 'admin', scopes: ['slow:use'],
		grants: ['client_credentials'] });
	api = instance.client((await app.credentials({ scope: 'slow:use',
		resource: `${instance.issuer}/api` })).ok(200).json.access_token);
	await settled(instance);
});

const call = (name, args, options) =>
	api.post(`/api/slow/${name}`, args, options);
const works = () => eventually(async () => {
	const answer = await call('quick', {}).catch(() => null);
	return answer?.status === 200;
}, 30000, 'calls are answered again');
// How many calls sleep, awaited.
const running = (n) => eventually(async () => Number((await instance.psql(
	`SELECT count(*) FROM pg_stat_activity WHERE usename = 'grantd_broker'
	AND wait_event = 'PgSleep'`))[0][0]) === n, 12000, `${n} calls run`);

// A stream of a call that says something every tenth of a second.
async function stream() {
	const { events } = await mcp.call('steps', { n: 180 },
		{ progressToken: 'p' });
	assert.ok(events, 'it is a stream');
	for (let i = 0; i < 3; i++)
		assert.equal((await events.next()).method,
			'notifications/progress');
	return events;
}

// It ends, with an error of JSON-RPC or cut short, and never with a result.
async function ends(events, ms) {
	const late = Date.now() + ms;
	for (;;) {
		const message = await events.next(ms).catch((e) => {
			assert.doesNotMatch(e.message, /no event/);
		});
		assert.ok(Date.now() < late, 'it ends soon');
		if (message === undefined)
			return;
		assert.equal(message.result, undefined);
	}
}

test('the broker is killed while a stream is open', async () => {
	const events = await stream();
	const frontends = pids('frontend');
	kill('broker');
	await ends(events, 15000);
	await works();
	assert.deepEqual(pids('frontend'), frontends, 'they go on');
	// the next broker knows what is published, and tells it again
	(await stream()).close();
});

test('the frontend is killed while a stream is open', async () => {
	const events = await stream();
	kill('frontend');
	await ends(events, 15000);
	// nobody waits: what only reads is cancelled
	await running(0);
	await works();
});

test('a client goes: a read ends, a write goes on', async () => {
	const gone = async (name, args) => {
		const abort = new AbortController();
		const asked = fetch(`${instance.base}/api/slow/${name}`, {
			method: 'POST', body: JSON.stringify(args), signal: abort.signal, headers: {
				'content-type': 'application/json',
				authorization: `Bearer ${api.token}` } })
			.then(() => 'answered', () => 'gone');
		await running(1);
		abort.abort();
		assert.equal(await asked, 'gone');
	};
	await gone('read', { seconds: 15 });
	await running(0);
	// it cannot end before its client has gone
	await instance.hold('SELECT pg_advisory_xact_lock(4711)', () =>
		gone('write', { word: 'gone', seconds: 0 }));
	await eventually(async () => (await instance.psql(`SELECT count(*)
		FROM slow.written WHERE word = 'gone'`))[0][0] === '1', 20000,
	'the write went on');
});

test('quick calls while slow ones run', async (t) => {
	for (let i = 0; i < 30; i++)
		(await call('quick', {})).ok(200);
	let done = 0;
	const holder = spawn('psql', ['-XAtq'], { stdio: ['pipe', 'pipe',
		'inherit'], env: instance.cluster.env(instance.database) });
	t.after(() => holder.kill());
	holder.stdin.write('SELECT pg_advisory_lock(4711);\n');
	await once(holder.stdout, 'data');
	const slow = Array.from({ length: 12 }, () =>
		call('held', {}).finally(() => done++));
	// some run, others wait for a connection
	await eventually(async () => Number((await instance.psql(`SELECT count(*)
		FROM pg_stat_activity WHERE wait_event = 'PgSleep'`))[0][0]) > 1,
	12000, 'slow ones run');
	for (let i = 0; i < 20; i++)
		(await call('quick', {})).ok(200);
	assert.equal(done, 0, 'none waited for the end of a slow one');
	holder.stdin.end();
	for (const answer of await Promise.all(slow))
		answer.ok(200);
});

test('PostgreSQL crashes during slow procedures', async () => {
	const write = call('write', { word: 'crash', seconds: 15 });
	// before it began it could be repeated
	await running(1);
	const read = call('read', { seconds: 2 });
	const events = await stream();
	await instance.cluster.control('crash');
	await instance.cluster.control('start');
	// the write is not repeated, and nobody says that it was done
	assert.equal((await write).status, 503);
	assert.match((await write).text, /outcome_unknown/);
	// the reads are, or say that they were not done
	assert.ok([200, 503, 504].includes((await read).status));
	events.close();
	await works();
	assert.deepEqual(await instance.psql(
		`SELECT count(*) FROM slow.written WHERE word = 'crash'`), [['0']]);
});

test('a reload while a call runs: it is answered', async () => {
	const answer = call('read', { seconds: 2 });
	const events = await stream();
	await instance.grantctl('reload');
	await works();
	(await answer).ok(200);
	const last = (await events.all()).at(-1);
	assert.ok(last.result || last.error, JSON.stringify(last));
});
