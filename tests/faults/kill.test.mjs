// kill -9 of each process but the parent, under load: the service is back
// within a second, what was acknowledged is kept, the journal agrees.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { Instance, eventually } from '../lib/instance.mjs';
import { account } from '../lib/journal.mjs';
import { Load } from '../lib/load.mjs';

const instance = await Instance.start();
after(() => instance.stop());
const whole = instance.processes().map((p) => p.role).sort();

// Both workers answer reads and mint tokens, over new connections.
async function served(load) {
	const replies = await Promise.all(Array.from({ length: 16 }, (_, i) =>
		(i % 2 ? load.api.get('/v1/organization', { connection: 'close' }) :
			load.api.post(load.path, {}, { connection: 'close' }))
			.then((answer) => answer.status, () => 0)));
	return replies.every((status) => status >= 200 && status < 300);
}

test('all roles are there', () => {
	assert.deepEqual(whole, ['broker', 'broker', 'fetcher', 'frontend',
		'frontend', 'hasher', 'signer']);
});

for (const role of ['frontend', 'broker', 'signer', 'hasher', 'fetcher'])
	test(`kill -9 of a ${role} under load`, async () => {
		const load = (await Load.of(instance)).start();
		await load.more(100);
		const took = [];
		// twice, since the machine may stand still during one of them
		for (let i = 0; i < 2; i++) {
			let begun = Date.now();
			assert.ok(await served(load));
			const usual = Date.now() - begun;
			const [{ pid }] = instance.processes()
				.filter((p) => p.role === role);
			process.kill(pid, 'SIGKILL');
			begun = Date.now();
			await eventually(async () => !instance.processes()
				.some((p) => p.pid === pid) && isDeepStrictEqual(instance
				.processes().map((p) => p.role).sort(), whole) &&
				await served(load), 30000, 'served by all');
			took.push({ ms: Date.now() - begun, usual });
			assert.equal(instance.processes().some((p) => p.pid === pid),
				false);
			await load.more(100);
		}
		// of a busy machine, so many times what the same took before
		assert.ok(took.some(({ ms, usual }) =>
			ms < Math.max(1000, 20 * usual)),
		`served within a second: ${JSON.stringify(took)}`);
		await load.stop();
		assert.deepEqual(load.strange, []);
		assert.equal(await load.dead(), 0);
		const books = await account(instance, load.ids);
		assert.ok(books.signed >= books.stored);
		if (role === 'hasher' || role === 'fetcher')
			assert.equal(load.failed, 0);
	});

test('the same process killed five times in a row', async () => {
	const load = await Load.of(instance);
	for (let i = 0; i < 5; i++) {
		const victim = await eventually(() => instance.processes()
			.find((p) => p.role === 'signer'), 30000, 'a signer');
		process.kill(victim.pid, 'SIGKILL');
		await eventually(() => load.one(), 30000, 'minting works');
	}
	assert.equal(instance.exit, undefined);
});

test('a refresh while signers die: repeated until it is answered', async () => {
	const { api, pair } = await instance.organization();
	let secret = pair.primary.refresh.secret;
	const path = `/v1/tokens/${pair.id}/refresh`;
	let access;
	for (let round = 0; round < 5; round++) {
		const signer = await eventually(() => instance.processes()
			.find((p) => p.role === 'signer'), 30000, 'a signer');
		setTimeout(() => {
			try {
				process.kill(signer.pid, 'SIGKILL');
			} catch {
				// it is gone already
			}
		}, 2 * round);
		const answer = await eventually(async () => {
			const got = await api.as(secret).put(path).catch(() => null);
			assert.notEqual(got?.status, 401, 'the family goes on');
			return got?.status === 200 && got;
		}, 30000, 'refresh is answered');
		secret = answer.result.primary.refresh.secret;
		access = answer.result.primary.access.secret;
		(await api.as(access).get('/v1/organization')).ok();
	}
});

test('when the parent is killed, all end', async () => {
	const lone = await Instance.start({ cluster: instance.cluster });
	const children = lone.processes();
	lone.child.kill('SIGKILL');
	await lone.exited;
	await eventually(() => children.every(({ pid }) => {
		try {
			process.kill(pid, 0);
			return false;
		} catch {
			return true;
		}
	}), 20000, 'the children have ended');
	await lone.stop();
});
