// A private PostgreSQL cluster, made and run by etc/cluster, with databases
// that hold grantd's schema.

import { execFile, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, chmodSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);
export const top = new URL('../..', import.meta.url).pathname
	.replace(/\/$/, '');

// Runs a program; its failure carries what it printed.
export async function run(file, args, { input, ...options } = {}) {
	try {
		const running = exec(file, args,
			{ maxBuffer: 64 << 20, ...options });
		if (input !== undefined)
			running.child.stdin.end(input);
		return (await running).stdout;
	} catch (error) {
		error.message += `\n${error.stdout ?? ''}${error.stderr ?? ''}`;
		throw error;
	}
}

// What was started and must not outlive this process, even when it is ended
// by a signal or a failure: each has abandon(), which may not wait.
export const leftovers = new Set();

process.on('exit', () => {
	for (const one of leftovers)
		one.abandon();
});
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'])
	process.on(signal, () => process.exit(1));

// A new directory that other users may pass through.
export function scratch(prefix) {
	const dir = mkdtempSync(join(tmpdir(), prefix));
	chmodSync(dir, 0o711);
	return dir;
}

export class Cluster {
	constructor(dir) {
		this.dir = dir;
		this.socket = join(dir, 'run');
	}

	// A fresh cluster in a directory of its own.  It forgoes fsync, which
	// no test can tell apart as long as the machine does not lose power.
	static async make(settings = []) {
		const cluster = new Cluster(scratch('grantd-pg-'));
		leftovers.add(cluster);
		await cluster.control('create', 'fsync=off', ...settings);
		await cluster.control('start');
		return cluster;
	}

	control(word, ...args) {
		return run(join(top, 'etc/cluster'), [word, this.dir, ...args]);
	}

	env(database) {
		return { ...process.env, PGHOST: this.socket, PGUSER: 'postgres',
			PGDATABASE: database };
	}

	// Makes a database with grantd's roles and schema, and the demo shop
	// without rows: its scopes are what the tests ask people for.
	async database(name) {
		await this.psql('postgres', `CREATE DATABASE ${name}`);
		const env = this.env(name);
		await run('psql', ['-Xq', '-v', 'ON_ERROR_STOP=1', '-f',
			join(top, 'sql/roles.sql')], { env });
		await run(join(top, 'sql/migrate'), [], { env });
		await run(join(top, 'sql/demo/load'), [], { env });
	}

	// Runs SQL as the superuser; returns the rows as arrays of text.
	async psql(database, sql, ...args) {
		const out = await run('psql', ['-XAtq', '-F', '\x1f', '-v',
			'ON_ERROR_STOP=1', '-c', sql, ...args],
			{ env: this.env(database) });
		return out.split('\n').filter((line) => line !== '')
			.map((line) => line.split('\x1f'));
	}

	log() {
		return join(this.dir, 'log');
	}

	abandon() {
		spawnSync(join(top, 'etc/cluster'), ['destroy', this.dir]);
		rmSync(this.dir, { recursive: true, force: true });
	}

	async destroy() {
		leftovers.delete(this);
		if (existsSync(this.dir))
			await this.control('destroy');
		rmSync(this.dir, { recursive: true, force: true });
	}
}
