// What the measuring scripts share: the tools, CPU time by process, the
// cluster and the skeleton beside, medians and the table.  GRANTD_BUILD says
// where the tools are; BENCH_ROUNDS and BENCH_SECONDS (of each load) may be
// set.

import { execFile, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Cluster, leftovers } from '../lib/cluster.mjs';
import { eventually, freePort } from '../lib/instance.mjs';

const exec = promisify(execFile);
export const tools = join(process.env.GRANTD_BUILD, 'tests/bench');
export const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const least = 0.01;		// of the time stolen: no cause to measure again
const tries = 4;
export const seconds = Number(process.env.BENCH_SECONDS ?? 6);
// What a signer makes at most by default, some machines reach.
export const unlimited = 'limit { rate 1000000 }';

// As an operator's database would be, but for the vacuum, which comes
// between the rounds.  A quarter of the memory is what PostgreSQL's manual
// starts with; what is only in the page cache, a virtual machine may lose.
const buffers = Math.max(512, Math.floor(totalmem() / 4 / 2 ** 20));
const settings = ['fsync=on', 'synchronous_commit=on',
	`shared_buffers=${buffers}MB`,
	'max_wal_size=4GB', 'min_wal_size=2GB', 'checkpoint_timeout=30min',
	'autovacuum=off'];
// After some days WAL files are used again: nobody waits until a new one is
// filled with zeros.
const age = `DO $$ BEGIN FOR i IN 1 .. 64 LOOP
	PERFORM pg_logical_emit_message(false, 'bench', ''), pg_switch_wal();
	END LOOP; END $$`;

export const say = (text) => process.stderr.write(`${text}\n`);
export const median = (list) =>
	[...list].sort((a, b) => a - b)[list.length >> 1];
const spread = (list) =>
	(Math.max(...list) - Math.min(...list)) / median(list) * 100;

export async function tool(name, ...args) {
	const { stdout, stderr } = await exec(join(tools, name), args);
	if (stderr !== '')
		say(stderr.trimEnd());
	return stdout;
}

// The same as the broker's user, who alone may log in as grantd_broker.
export async function brokerTool(name, ...args) {
	const words = [join(tools, name), ...args];
	const { stdout } = process.getuid() === 0 ?
		await exec('runuser', ['-u', '_grantd_broker', '--', ...words]) :
		await exec(words[0], words.slice(1));
	return JSON.parse(stdout);
}

// Jiffies of CPU time that a process and its threads have used.
function cpuOf(pid) {
	try {
		const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
		const field = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
		return Number(field[11]) + Number(field[12]);
	} catch {
		return 0;
	}
}

// Jiffies of all cores that the host of a virtual machine gave to others.
const stolen = () => Number(/^cpu +(?:\d+ ){7}(\d+)/.exec(
	readFileSync('/proc/stat', 'utf8'))?.[1] ?? 0);

// A process's own children and itself.
function family(parent) {
	return readdirSync('/proc').filter((pid) => {
		try {
			const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
			const [, ppid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
			return Number(pid) === parent || Number(ppid) === parent;
		} catch {
			return false;
		}
	}).map(Number);
}

export const flush = async (dir) => Number(await tool('flush', dir));

// ES256 signatures per second of one core.
export async function speed() {
	const { stdout } = await exec('openssl', ['speed', '-seconds', '1',
		'ecdsap256']);
	return Number(/nistp256\)\s+\S+\s+\S+\s+([\d.]+)/.exec(stdout)[1]);
}

// A process that says a line when it is ready, and ends with its input.
async function beside(file, args, options) {
	const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'],
		...options });
	// Its end is that of its input; so its own children end as well.
	const one = { child, abandon: () => child.stdin.destroy() };
	leftovers.add(one);
	child.once('exit', () => leftovers.delete(one));
	await new Promise((resolve, reject) => {
		child.stdout.on('data', (text) =>
			/^ready$/m.test(text) && resolve());
		child.once('exit', () => reject(new Error(`${file} ended`)));
	});
	return { child, processes: () => family(child.pid)
		.map((pid) => ({ role: 'all', pid })) };
}

// The cluster that all is measured on.
export class Place {
	static async make() {
		const place = new Place();
		place.cluster = await Cluster.make(settings);
		place.postmaster = Number(readFileSync(join(place.cluster.dir,
			'data/postmaster.pid'), 'utf8').split('\n')[0]);
		await place.cluster.psql('postgres', age);
		await place.vacuum();
		return place;
	}

	// Measures, again if the host took much of the time, and gives what lost
	// least: stolen, a part of all.
	async best(measure) {
		let best;
		for (let n = 0; n < tries && !(best?.stolen <= least); n++) {
			const now = await measure();
			best = best?.stolen < now.stolen ? best : now;
		}
		this.stolen = Math.max(this.stolen ?? 0, best.stolen);
		return best;
	}

	// A load, or the best of several.  args, or what makes them.
	load(servers, args, time = seconds) {
		return this.best(async () => this.once(servers,
			typeof args === 'function' ? await args() : args, time));
	}

	// Adds the CPU time per answer of the server's processes, of each of
	// their roles, and of PostgreSQL's, us.  servers: [{ role, pid }]
	async once(servers, args, time) {
		const lost = stolen();
		const ours = [...servers, ...family(this.postmaster)
			.map((pid) => ({ role: 'pg', pid }))];
		for (const p of ours)
			p.before = cpuOf(p.pid);
		const result = JSON.parse(await tool('load', '-d', String(time), '-w',
			'1', ...args));
		result.stolen = (stolen() - lost) / ((time + 1) * 100 *
			cpus().length);
		// The warm-up's answers are not counted: take them in by time.
		const all = result.answers * (time + 1) / time;
		result.roles = {};
		for (const { role, pid, before } of ours)
			result.roles[role] = (result.roles[role] ?? 0) +
				Math.max(0, cpuOf(pid) - before) * 10000 / all;
		result.pg = result.roles.pg ?? 0;
		delete result.roles.pg;
		result.cpu = Object.values(result.roles).reduce((sum, n) => sum + n,
			0);
		const bad = Object.keys(result.status).filter((s) => s !== '200');
		if (bad.length > 0 || result.errors > 0)
			say(`not all answers are good: ${JSON.stringify(result)}`);
		return result;
	}

	async skeleton() {
		const port = await freePort();
		await this.cluster.psql('postgres', `CREATE SCHEMA skeleton;
			CREATE TABLE skeleton.token (hash bytea PRIMARY KEY, jti uuid,
			exp int8)`);
		const made = await beside(join(tools, 'skeleton'), ['-f', '2', '-p',
			String(port), `host=${this.cluster.socket} user=postgres ` +
			'dbname=postgres'], {});
		await eventually(() => fetch(`http://127.0.0.1:${port}/`,
			{ method: 'POST' }).then((r) => r.ok, () => false), 5000,
		'the skeleton answers');
		return { port, ...made };
	}

	// A module of ours in a process of its own.
	async module(file, env, program = process.execPath) {
		return beside(program, [file], { env: { ...process.env, ...env } });
	}

	async vacuum(...databases) {
		for (const name of databases)
			await this.cluster.psql(name, 'VACUUM ANALYZE');
		await this.cluster.psql('postgres', 'CHECKPOINT');
	}
}

// Results by name, each a list of the rounds'.
export class Results extends Map {
	add(name, value) {
		this.set(name, [...this.get(name) ?? [], value]);
		return value;
	}

	rate(name) {
		return this.mid(name, 'rate');
	}

	mid(name, field) {
		return median(this.get(name).map((r) => r[field]));
	}

	// The width with the best rate.
	best(prefix, widths) {
		return widths.map((n) => `${prefix} ${n}`)
			.reduce((a, b) => (this.rate(a) >= this.rate(b) ? a : b));
	}

	// us of CPU for each answer, by role.
	roles(name) {
		const list = this.get(name);
		return `${Object.keys(list[0].roles).map((role) => `${role} ${
			Math.round(median(list.map((r) => r.roles[role])))}`)
			.join(', ')}, PostgreSQL ${Math.round(this.mid(name, 'pg'))}`;
	}
}

// --- the table --------------------------------------------------------

export const out = (text) => process.stdout.write(`${text}\n`);
const row = (name, ...cells) => out(name.padEnd(38) +
	cells.map((c) => String(c).padStart(9)).join(''));

export const machine = (place) =>
	`${cpus().length} cores (${cpus()[0].model.trim()}), of whose time the ` +
	`host took ${((place.stolen ?? 0) * 100).toFixed(0)} % at most`;

export function heads() {
	row('', '/s', '+-%', 'p50 ms', 'p99 ms', 'us cpu', 'us pg');
}

export function line(title, list) {
	const text = (field, digits) => (list[0][field] === undefined ? '' :
		median(list.map((r) => r[field])).toFixed(digits));
	row(title, Math.round(median(list.map((r) => r.rate))),
		Math.round(spread(list.map((r) => r.rate))), text('p50', 2),
		text('p99', 2), text('cpu', 0), text('pg', 0));
}

// A figure against the one that is wanted; all are in verdicts.
export const verdicts = [];
export function verdict(name, value, wanted, good) {
	verdicts.push(good);
	row(name, value, good ? 'reached' : 'missed', `  wanted ${wanted}`);
}
