// How grantd starts: in the background, with the system log and without a
// terminal, and what it tells a service manager.

import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync,
	readlinkSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster, run, scratch } from '../lib/cluster.mjs';
import { Datagrams } from '../lib/datagrams.mjs';
import { Instance, eventually, prefix } from '../lib/instance.mjs';

const grantd = join(prefix, 'sbin/grantd');
const cluster = await Cluster.make();
const dir = scratch('grantd-start-');
after(async () => {
	await cluster.destroy();
	rmSync(dir, { recursive: true });
});

const version = (instance) => fetch(`${instance.base}/v1/version`,
	{ signal: AbortSignal.timeout(30000) });
const runs = (pid) => existsSync(`/proc/${pid}`);

// Runs a command with a /dev of its own, so that /dev/log is ours.
const dev = join(dir, 'dev');
mkdirSync(dev);
const within = (...command) => run('unshare', ['--mount', 'sh', '-ec', `
	for one in null zero full random urandom; do
		: >"$0/$one"
		mount --bind "/dev/$one" "$0/$one"
	done
	mount --rbind "$0" /dev
	exec "$@"`, dev, ...command], { timeout: 60000 });
const skip = await within('true').then(() => false,
	() => 'no mount name space can be made');

// One that ran before with -d: its files and database are there.
async function stopped(t) {
	const instance = await Instance.start({ cluster });
	t.after(() => instance.stop());
	instance.child.kill('SIGTERM');
	await instance.exited;
	const log = await Datagrams.at(join(dev, 'log'));
	t.after(() => {
		log.close();
		rmSync(join(dev, 'log'));
	});
	return { instance, log, conf: join(instance.dir, 'grantd.conf') };
}

test('in the background: it returns when it is ready, and uses syslog',
	{ skip }, async (t) => {
		const { instance, log, conf } = await stopped(t);
		const foreground = instance.log();
		assert.equal(await within(grantd, '-v', '-f', conf), '');
		assert.equal((await version(instance)).status, 200);
		await instance.grantctl('organization', 'list');

		const { result } = await instance.grantctl('status');
		const { pid } = result.find(({ role }) => role === 'parent');
		t.after(() => runs(pid) && process.kill(-pid, 'SIGKILL'));
		instance.pid = pid;
		for (const one of result)
			assert.equal(one.ready, true, one.role);
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const [, , , group, session, terminal] =
			stat.slice(stat.lastIndexOf(')')).split(' ').map(Number);
		assert.deepEqual([group, session, terminal], [pid, pid, 0]);
		assert.equal(readlinkSync(`/proc/${pid}/cwd`), '/');
		for (const fd of [0, 1, 2])
			assert.equal(statSync(`/proc/${pid}/fd/${fd}`).rdev,
				statSync('/dev/null').rdev);

		// LOG_DAEMON | LOG_INFO; each process under its own name
		const line = (name, of, text) =>
			new RegExp(`^<\\d+>.* ${name}\\[${of}\\]: ${text}`);
		assert.match(await log.has(line('grantd', pid, 'ready: ')), /^<30>/);
		const children = instance.processes();
		assert.equal(children.length, result.length - 1);
		for (const { role, pid: of } of children)
			await log.has(line(`grantd-${role}`, of, 'sandbox: '));
		const { pid: old } = children.find(({ role }) => role === 'hasher');
		process.kill(old, 'SIGKILL');
		const fresh = await eventually(() => instance.processes().find(
			({ role, pid: of }) => role === 'hasher' && of !== old), 30000,
		'another hasher');
		await log.has(line('grantd-hasher', fresh.pid, 'sandbox: '));

		process.kill(pid, 'SIGTERM');
		await eventually(() => !runs(pid), 30000, 'the parent ends');
		await log.has(line('grantd', pid, 'stopped'));
		for (const { pid: of } of [...children, fresh])
			assert.ok(!runs(of));
		await assert.rejects(version(instance));
		assert.ok(!existsSync(join(instance.dir, 'run/control.sock')));
		assert.equal(instance.log(), foreground, 'nothing was printed');
	});

test('in the background: a start that fails says where to look',
	{ skip }, async (t) => {
		const { instance, log, conf } = await stopped(t);
		await instance.psql("DROP SCHEMA gate CASCADE");
		await assert.rejects(within(grantd, '-f', conf), (error) => {
			assert.equal(error.code, 1);
			assert.equal(error.stdout, '');
			assert.equal(error.stderr,
				'grantd: did not start; the system log, or -d, says why\n');
			return true;
		});
		await log.has(/ grantd\[\d+\]: .* schema .*: run sql\/migrate/);
		await log.has(/ grantd\[\d+\]: stopped/);
	});

// Programs that say that they are there, and wait until they are let go.
function held(roles) {
	const place = join(dir, 'libexec');
	const real = join(prefix, 'libexec/grantd');
	mkdirSync(place);
	for (const name of readdirSync(real)) {
		const role = name.replace(/^grantd-/, '');
		if (!roles.includes(role)) {
			symlinkSync(join(real, name), join(place, name));
			continue;
		}
		writeFileSync(join(place, name), `#!/bin/sh
: >"${place}/at-${role}"
while [ ! -e "${place}/go-${role}" ]; do sleep 0.1; done
exec "${real}/${name}" "$@"
`);
		chmodSync(join(place, name), 0o755);
	}
	return place;
}

test('NOTIFY_SOCKET: ready when it serves, not before', async (t) => {
	const path = join(dir, 'notify');
	const told = await Datagrams.at(path);
	t.after(() => told.close());
	const roles = ['hasher', 'signer', 'broker', 'frontend'];
	const place = held(roles);
	let instance;
	const starting = Instance.start({ cluster, by: ['env',
		`NOTIFY_SOCKET=${path}`, `GRANTD_LIBEXEC=${place}`],
	prepare: (made) => {
		instance = made;
	} });
	t.after(async () => (await starting).stop());
	for (const role of roles) {
		await eventually(() => existsSync(join(place, `at-${role}`)),
			30000, `${role} is started`);
		await sleep(500);
		assert.deepEqual(told.texts, [], `before ${role} is ready`);
		writeFileSync(join(place, `go-${role}`), '');
	}
	await told.has(/^READY=1$/m);
	assert.equal((await version(instance)).status, 200);
	assert.equal(told.texts.length, 1);
	await starting;
});

test('NOTIFY_SOCKET: reloads, failed ones too, and the end', async (t) => {
	const path = `@grantd-test-${process.pid}`;
	const told = await Datagrams.at(path);
	t.after(() => told.close());
	const instance = await Instance.start({ cluster,
		by: ['env', `NOTIFY_SOCKET=${path}`] });
	t.after(() => instance.stop());
	await told.has(/^READY=1$/m);
	const conf = join(instance.dir, 'grantd.conf');
	const good = readFileSync(conf, 'utf8');
	for (const [text, ends] of [[`${good}\nlimit { wait 7s }\n`, 'resolves'],
		[`${good}\nmoon phase full\n`, 'rejects']]) {
		told.texts.length = 0;
		writeFileSync(conf, text);
		const now = () => Number(process.hrtime.bigint() / 1000n);
		const before = now();
		if (ends === 'rejects')
			await assert.rejects(instance.grantctl('reload'));
		else
			await instance.grantctl('reload');
		await told.has(/^READY=1$/m);
		assert.equal(told.texts.length, 2, JSON.stringify(told.texts));
		const [, at] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/
			.exec(told.texts[0]);
		assert.ok(Number(at) >= before && Number(at) <= now());
	}
	told.texts.length = 0;
	instance.child.kill('SIGTERM');
	await instance.exited;
	await told.has(/^STOPPING=1$/);
	assert.equal(told.texts.length, 1);
});
