// A database whose disk is full: writes are refused with 503, reads go on,
// nothing that was acknowledged is lost, and it ends when there is room.

import assert from 'node:assert/strict';
import { closeSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Instance, eventually } from '../lib/instance.mjs';
import { account } from '../lib/journal.mjs';
import { Load } from '../lib/load.mjs';
import { run, scratch } from '../lib/cluster.mjs';

const disk = scratch('grantd-disk-');
let mounted = false;

async function mount() {
	try {
		await run('mount', ['-t', 'tmpfs', '-o',
			'size=64m,mode=0700,uid=postgres', 'tmpfs', disk]);
		mounted = true;
	} catch {
		// not root, or not allowed to mount
	}
}

function fill() {
	const file = openSync(join(disk, 'filler'), 'a');
	try {
		for (const block of [1 << 20, 1 << 12, 1])
			try {
				for (;;)
					writeSync(file, Buffer.alloc(block));
			} catch (error) {
				assert.equal(error.code, 'ENOSPC');
			}
	} finally {
		closeSync(file);
	}
}

await mount();
let instance;
after(async () => {
	await instance?.stop();
	if (mounted)
		await run('umount', [disk]);
	rmSync(disk, { recursive: true });
});

test('the disk of the database is full under load',
	{ skip: !mounted && 'needs to mount a small disk' }, async () => {
		instance = await Instance.start({ prepare: async (made) => {
			const { cluster, database } = made;
			await cluster.psql('postgres',
				`CREATE TABLESPACE small LOCATION '${disk}'`);
			await cluster.psql('postgres',
				`ALTER DATABASE ${database} SET TABLESPACE small`);
		} });
		const load = (await Load.of(instance)).start();
		await load.more(100);
		fill();
		const refused = await eventually(async () => {
			const answer = await load.api.post(load.path, {});
			return answer.status >= 500 && answer;
		}, 30000, 'writes are refused');
		const problem = refused.problem(503);
		assert.doesNotMatch(JSON.stringify(problem), /device|base\/|extend/);
		for (let i = 0; i < 10; i++)
			(await load.api.get('/v1/organization')).ok();
		rmSync(join(disk, 'filler'));
		await load.more(100);
		await load.stop();
		assert.deepEqual(load.strange, []);
		assert.equal(await load.dead(), 0);
		await account(instance, load.ids);
	});
