// A real grantd: built and installed programs, a real PostgreSQL, keys from
// openssl, roles under their own users when root runs the tests.

import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readdirSync,
	rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, unique } from './api.mjs';
import { Cluster, leftovers, run, scratch, top } from './cluster.mjs';
import { Held } from './held.mjs';

// Where `make install` put the programs.
export const prefix = process.env.GRANTD_PREFIX ??
	join(top, 'var/tests/normal/prefix');

// Settings under which PostgreSQL logs all that it is told.
export const everything = ['log_statement=all', 'log_parameter_max_length=-1'];

const roles = ['frontend', 'broker', 'signer', 'hasher', 'fetcher'];
const root = process.getuid() === 0;

async function makeUsers() {
	for (const role of roles) {
		const name = `_grantd_${role}`;
		await run('id', ['-u', name]).catch(() => run('useradd',
			['--system', '--no-create-home', '--home-dir', '/nonexistent',
				'--shell', '/usr/sbin/nologin', name]));
	}
}

// Nobody has it now, and nobody gets it who asks the system for any.
export async function freePort() {
	for (;;) {
		const port = randomInt(11000, 20000);
		const server = net.createServer();
		const free = await new Promise((resolve) => server
			.once('error', () => resolve(false))
			.listen(port, '127.0.0.1', () => resolve(true)));
		await new Promise((resolve) => server.close(resolve));
		if (free)
			return port;
	}
}

// Polls until test() gives something truthy.
export async function eventually(test, ms, what) {
	const deadline = Date.now() + ms;
	for (;;) {
		const got = await test();
		if (got)
			return got;
		if (Date.now() > deadline)
			throw new Error(`not within ${ms} ms: ${what}`);
		await sleep(50);
	}
}

export class Instance {
	constructor(facts) {
		Object.assign(this, facts);
		this.cluster = new Cluster(this.clusterDir);
		this.base = `http://127.0.0.1:${this.port}`;
		this.target = { port: this.port };
		this.unix = { path: join(this.dir, 'run/http.sock') };
	}

	// What another process needs to use this instance.
	get facts() {
		const { dir, port, issuer, database, clusterDir, pid } = this;
		return { dir, port, issuer, database, clusterDir, pid };
	}

	// cluster: a Cluster to make a database in (else one of its own);
	// settings: of that one; conf: lines that are added to grantd.conf;
	// workers: 0 for grantd's default; prepare: called with the instance
	// before grantd starts; by: a command that starts it; key: what openssl
	// is told to make the signing key
	static async start({ cluster, settings, conf = '', workers = 2,
		prepare, by = [], key = ['-algorithm', 'EC', '-pkeyopt',
			'ec_paramgen_curve:P-256'] } = {}) {
		if (root)
			await makeUsers();
		const own = !cluster;
		cluster ??= await Cluster.make(settings);
		const dir = scratch('grantd-');
		const database = `grantd_${basename(dir).slice(7).toLowerCase()}`;
		await cluster.database(database);
		const port = await freePort();
		const instance = new Instance({ dir, port, database,
			issuer: `http://localhost:${port}`, clusterDir: cluster.dir });
		instance.ownCluster = own;
		instance.by = by;
		await prepare?.(instance);
		await instance.#files(conf, workers, key);
		instance.#spawn();
		try {
			await instance.ready();
		} catch (error) {
			error.message += `\n${instance.log()}`;
			await instance.stop();
			throw error;
		}
		return instance;
	}

	async #files(conf, workers, key) {
		const { dir } = this;
		mkdirSync(join(dir, 'run'), { mode: 0o711 });
		mkdirSync(join(dir, 'empty'), { mode: 0o755 });
		const secret = { mode: 0o600 };
		writeFileSync(join(dir, 'signing.pem'),
			await run('openssl', ['genpkey', ...key]), secret);
		writeFileSync(join(dir, 'shared.key'),
			await run('openssl', ['rand', '-hex', '32']), secret);
		writeFileSync(join(dir, 'grantd.conf'), `
state = "${dir}"
issuer "${this.issuer}"
${workers > 0 ? `workers ${workers}` : ''}
listen on 127.0.0.1 port ${this.port}
listen on unix "$state/run/http.sock" mode 0666
database {
	socket "${this.cluster.socket}"
	name "${this.database}"
	user "grantd_broker"
}
signing key "$state/signing.pem"
shared key 1 "$state/shared.key"
journal "$state/journal"
chroot "$state/empty"
control socket "$state/run/control.sock"
${conf}
`);
	}

	#spawn() {
		const log = openSync(join(this.dir, 'log'), 'a');
		const [file, ...args] = [...this.by, join(prefix, 'sbin/grantd'),
			'-d', '-f', join(this.dir, 'grantd.conf')];
		this.child = spawn(file, args,
			{ stdio: ['ignore', log, log], detached: true });
		closeSync(log);
		this.pid = this.child.pid;
		leftovers.add(this);
		this.exited = new Promise((resolve) => {
			this.child.once('exit', (code, signal) => {
				this.exit = { code, signal };
				resolve(this.exit);
			});
			this.child.once('error', (error) => {
				this.exit = { error };
				resolve(this.exit);
			});
		});
	}

	// For a test that ends early: no time to wait.
	abandon() {
		try {
			process.kill(-this.pid, 'SIGKILL');
		} catch {
			// it has ended
		}
		rmSync(this.dir, { recursive: true, force: true });
	}

	// HTTP answers, the broker has its database, and a reload is taken.
	async ready(ms = 30000) {
		await eventually(async () => {
			if (this.exit)
				throw new Error('grantd ended while it started: ' +
					JSON.stringify(this.exit));
			try {
				await this.grantctl('organization', 'list');
				return (await fetch(`${this.base}/v1/version`)).ok &&
					(await this.grantctl('status')).result
						.every(({ ready }) => ready);
			} catch {
				return false;
			}
		}, ms, 'grantd is ready');
	}

	// Stops with SIGTERM; SIGKILL and an error when that takes too long.
	async stop(ms = 15000) {
		if (this.child && !this.exit) {
			this.child.kill('SIGTERM');
			const late = await Promise.race([this.exited,
				sleep(ms, 'late', { ref: false })]);
			if (late === 'late') {
				process.kill(-this.child.pid, 'SIGKILL');
				throw new Error(`grantd did not stop:\n${this.log()}`);
			}
		}
		leftovers.delete(this);
		const log = this.log();
		if (this.ownCluster)
			await this.cluster.destroy();
		rmSync(this.dir, { recursive: true, force: true });
		const found = /^.*(AddressSanitizer|runtime error:)[^]*/m.exec(log);
		if (found)
			throw new Error(`the sanitizers found:\n${found[0]}`);
		return this.exit;
	}

	// grantctl with JSON output; returns what it printed, parsed.  An
	// object before the words may have its standard input.
	async grantctl(...words) {
		const options = typeof words[0] === 'object' ? words.shift() : {};
		const out = await run(join(prefix, 'sbin/grantctl'), ['-s',
			join(this.dir, 'run/control.sock'), '-j', ...words], options);
		return out.trim() === '' ? null : JSON.parse(out);
	}

	psql(sql, ...args) {
		return this.cluster.psql(this.database, sql, ...args);
	}

	// Procedures that sleep at this moment.
	async sleeping() {
		const [[n]] = await this.psql(`SELECT count(*) FROM pg_stat_activity
			WHERE state = 'active' AND wait_event = 'PgSleep'
			AND datname = current_database() AND usename = 'grantd_broker'`);
		return Number(n);
	}

	// Until so many do.
	asleep(n) {
		return eventually(async () => await this.sleeping() === n, 20000,
			`${n} procedures that sleep`);
	}

	hold(sql, meanwhile) {
		return Held.during(this.cluster.env(this.database), sql, meanwhile);
	}

	log() {
		const file = join(this.dir, 'log');
		return existsSync(file) ? readFileSync(file, 'utf8') : '';
	}

	// The children of this grantd: [{ role, pid }].
	processes() {
		const found = [];
		for (const name of readdirSync('/proc')) {
			if (!/^\d+$/.test(name))
				continue;
			try {
				const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
				const [, program, state, ppid] =
					/\((.*)\) (\S) (\d+)/.exec(stat);
				if (Number(ppid) === this.pid && state !== 'Z')
					found.push({ role: program.replace(/^grantd-/, ''),
						pid: Number(name) });
			} catch {
				// gone meanwhile
			}
		}
		return found;
	}

	client(token) {
		return new Client(this.base, token);
	}

	// A new organization with its first token pair.
	async organization(name = unique('org')) {
		const { result } = await this.grantctl('organization', 'create', name);
		const pair = (await this.grantctl('token', 'create', 'organization',
			name)).result;
		return { id: result.id, name, pair,
			token: pair.primary.access.secret,
			refresh: pair.primary.refresh.secret,
			api: this.client(pair.primary.access.secret) };
	}
}
