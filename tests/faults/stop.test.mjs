// Stop and reload: requests in flight are finished, nothing is left behind.

import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync }
	from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Cluster } from '../lib/cluster.mjs';
import { Instance, eventually } from '../lib/instance.mjs';
import { account } from '../lib/journal.mjs';
import { Load } from '../lib/load.mjs';

const cluster = await Cluster.make();
after(() => cluster.destroy());

for (const signal of ['SIGTERM', 'SIGINT'])
	test(`${signal} drains: what was begun is answered, then all end`,
		async (t) => {
			const instance = await Instance.start({ cluster });
			t.after(() => instance.stop());
			const load = (await Load.of(instance)).start(16);
			await load.more(200);
			const children = instance.processes();
			const begun = Date.now();
			instance.child.kill(signal);
			const { code } = await instance.exited;
			assert.equal(code, 0);
			assert.ok(Date.now() - begun < 20000);
			await load.stop();
			assert.deepEqual(load.strange, []);
			for (const { pid } of children)
				assert.throws(() => process.kill(pid, 0));
			await account(instance, load.ids);
			assert.equal(existsSync(join(instance.dir, 'run/control.sock')),
				false, 'the control socket is gone');
		});

test('reload under load: a bad file changes nothing, a good one counts',
	async (t) => {
		const instance = await Instance.start({ cluster });
		t.after(() => instance.stop());
		const load = (await Load.of(instance)).start(4);
		await load.more(50);
		const conf = join(instance.dir, 'grantd.conf');
		const good = readFileSync(conf, 'utf8');
		appendFileSync(conf, '\nmoon phase full\n');
		await assert.rejects(instance.grantctl('reload'));
		await load.more(50);
		const other = join(instance.dir, 'run/other.sock');
		writeFileSync(conf, `${good}\nlisten on unix "${other}"\n`);
		await instance.grantctl('reload');
		await eventually(() => existsSync(other), 20000, 'a new listener');
		await load.more(50);
		instance.child.kill('SIGHUP');
		await load.more(50);
		await load.stop();
		assert.deepEqual(load.strange, []);
		assert.equal(load.failed, 0);
	});

test('a chroot with something in it is refused, a new one is made',
	{ skip: process.getuid() !== 0 && 'needs root' }, async (t) => {
		const instance = await Instance.start({ cluster });
		t.after(() => instance.stop());
		const conf = join(instance.dir, 'grantd.conf');
		const good = readFileSync(conf, 'utf8');
		const use = async (path) => {
			writeFileSync(conf, good.replace(/^chroot .*$/m,
				`chroot "${path}"`));
			return instance.grantctl('reload');
		};
		for (const path of ['/', '//.', '/etc'])
			await assert.rejects(use(path), /is not empty/);
		const made = join(instance.dir, 'none');
		await use(made);
		assert.ok(existsSync(made));
	});

test('the journal is rotated under load: nobody notices, the chain goes on',
	async (t) => {
		const instance = await Instance.start({ cluster });
		t.after(() => instance.stop());
		const load = (await Load.of(instance)).start(4);
		await load.more(50);
		const signer = () => instance.processes()
			.find(({ role }) => role === 'signer').pid;
		const before = signer();
		const journal = join(instance.dir, 'journal');
		renameSync(journal, `${journal}.1`);
		await instance.grantctl('reload');
		await load.more(50);
		await load.stop();
		assert.equal(signer(), before, 'the same signer');
		assert.deepEqual(load.strange, []);
		assert.equal(load.failed, 0);
		const old = readFileSync(`${journal}.1`, 'utf8').trimEnd();
		const [last, n] = old.split('\n').at(-1).split(' ');
		const [first, ...lines] = readFileSync(journal, 'utf8').trimEnd()
			.split('\n');
		assert.ok(first.includes(` open previous=${last}`), first);
		assert.equal(Number(first.split(' ')[1]), Number(n) + 1);
		assert.ok(lines.length >= 50, 'and it signs on');
	});
