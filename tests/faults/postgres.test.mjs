// PostgreSQL restarted, crashed and away, under load.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Instance, eventually } from '../lib/instance.mjs';
import { account } from '../lib/journal.mjs';
import { Load } from '../lib/load.mjs';

const instance = await Instance.start();
after(() => instance.stop());
const pids = () => instance.processes().map((p) => p.pid).sort();
const before = pids();

async function outage(how) {
	const load = (await Load.of(instance)).start();
	await load.more(100);
	await how(load);
	await load.more(100);
	await load.stop();
	assert.deepEqual(load.strange, []);
	assert.equal(await load.dead(), 0);
	await account(instance, load.ids);
	assert.deepEqual(pids(), before, 'no process of grantd died');
}

test('PostgreSQL is restarted under load', () =>
	outage(() => instance.cluster.control('restart')));

test('PostgreSQL crashes under load', () =>
	outage(async () => {
		await instance.cluster.control('crash');
		await instance.cluster.control('start');
	}));

test('connections of the brokers are cut under load', () =>
	outage(async () => {
		for (let i = 0; i < 5; i++) {
			await instance.cluster.psql('postgres',
				`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
				WHERE usename = 'grantd_broker'`);
			await sleep(200);
		}
	}));

test('while PostgreSQL is away: 503 in the form of the API', async () => {
	const { api } = await instance.organization();
	await instance.cluster.control('stop');
	for (const path of ['/v1/organization', '/v1/accounts']) {
		const answer = await api.get(path);
		const problem = answer.problem(503);
		assert.match(answer.headers.get('retry-after') ?? '1', /^\d+$/);
		assert.doesNotMatch(problem.message, /socket|postgres|connect\(/i);
	}
	(await api.as(null).get('/v1/version')).ok();
	assert.equal((await fetch(`${instance.base}/oauth/jwks`)).status, 200);
	const status = await instance.grantctl('status');
	assert.ok(status);
	await instance.cluster.control('start');
	await eventually(async () => (await api.get('/v1/organization'))
		.status === 200, 30000, 'the service is back');
});

test('a database that takes no writes is as good as away', async () => {
	const { api } = await instance.organization();
	const cut = () => instance.cluster.psql('postgres', `SELECT
		pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE usename = 'grantd_broker'`);
	await instance.psql(`ALTER DATABASE ${instance.database}
		SET default_transaction_read_only = on`);
	await cut();
	await eventually(async () => (await api.post('/v1/accounts', {}))
		.status === 503, 30000, 'writes are refused');
	await instance.cluster.psql('postgres', `ALTER DATABASE
		${instance.database} RESET default_transaction_read_only`);
	await cut();
	await eventually(async () => (await api.post('/v1/accounts', {}))
		.status < 300, 30000, 'writes are back');
});
