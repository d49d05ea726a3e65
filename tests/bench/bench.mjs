// Measures a real grantd beside libpq alone and the skeleton, interleaved in
// one run on one PostgreSQL cluster, and prints a table with ratios.  Called
// by tests/bench/run, which builds; BENCH_ROUNDS and BENCH_SECONDS (of each
// load) may be set.

import { execFile, spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { claims } from '../lib/api.mjs';
import { Cluster } from '../lib/cluster.mjs';
import { Instance, freePort } from '../lib/instance.mjs';

const exec = promisify(execFile);
const tools = join(process.env.GRANTD_BUILD, 'tests/bench');
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const seconds = Number(process.env.BENCH_SECONDS ?? 6);
const idle = Number(process.env.BENCH_IDLE ?? 10000);
const widths = [32, 64, 128];

// As an operator's database would be, but for the vacuum, which comes
// between the rounds.
const settings = ['fsync=on', 'synchronous_commit=on', 'shared_buffers=512MB',
	'max_wal_size=4GB', 'checkpoint_timeout=30min', 'autovacuum=off'];

const say = (text) => process.stderr.write(`${text}\n`);
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1];
const spread = (list) =>
	(Math.max(...list) - Math.min(...list)) / median(list) * 100;

async function tool(name, ...args) {
	const { stdout, stderr } = await exec(join(tools, name), args);
	if (stderr !== '')
		say(stderr.trimEnd());
	return stdout;
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

// Runs a load; adds the CPU time per answer of the server's processes, of
// each of their roles, and of PostgreSQL's, us.  servers: [{ role, pid }]
async function load(servers, args) {
	const ours = [...servers, ...family(postmaster)
		.map((pid) => ({ role: 'pg', pid }))];
	for (const p of ours)
		p.before = cpuOf(p.pid);
	const result = JSON.parse(await tool('load', '-d', String(seconds), '-w',
		'1', ...args));
	// The warm-up's answers are not counted: take them in by time.
	const all = result.answers * (seconds + 1) / seconds;
	result.roles = {};
	for (const { role, pid, before } of ours)
		result.roles[role] = (result.roles[role] ?? 0) +
			Math.max(0, cpuOf(pid) - before) * 10000 / all;
	result.pg = result.roles.pg ?? 0;
	delete result.roles.pg;
	result.cpu = Object.values(result.roles).reduce((sum, n) => sum + n, 0);
	const bad = Object.keys(result.status).filter((s) => s !== '200');
	if (bad.length > 0 || result.errors > 0)
		say(`not all answers are good: ${JSON.stringify(result)}`);
	return result;
}

// Proportional set size of processes, MiB.
function pss(pids) {
	let kib = 0;
	for (const pid of pids)
		kib += Number(/^Pss:\s+(\d+)/m.exec(
			readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
	return kib / 1024;
}

async function memory(grantd, org) {
	const pids = [grantd.pid, ...grantd.processes().map((p) => p.pid)];
	const each = new Map();
	await sleep(2000);
	for (const { role, pid } of [{ role: 'parent', pid: grantd.pid },
		...grantd.processes()])
		each.set(role, [...each.get(role) ?? [], pss([pid]).toFixed(1)]);
	const before = pss(pids);
	const child = spawn(join(tools, 'load'), ['-i', String(idle), '-p',
		String(grantd.port), '-H', `Authorization: Bearer ${org.token}`,
		'/v1/organization'], { stdio: ['pipe', 'pipe', 'inherit'] });
	const [line] = await Promise.race([
		new Promise((resolve) => createInterface(child.stdout)
			.once('line', (text) => resolve([text]))),
		new Promise((resolve) => child.once('exit', () => resolve([''])))]);
	await sleep(2000);
	const after = pss(pids);
	child.stdin.end();
	if (line !== `open ${idle}`)
		say('the idle connections could not be made');
	return { before, after, each, open: line === `open ${idle}` };
}

async function skeleton(cluster) {
	const port = await freePort();
	await cluster.psql('postgres', `CREATE SCHEMA skeleton;
		CREATE TABLE skeleton.token (hash bytea PRIMARY KEY, jti uuid,
		exp int8)`);
	const child = spawn(join(tools, 'skeleton'), ['-f', '2', '-p',
		String(port), `host=${cluster.socket} user=postgres dbname=postgres`],
	{ stdio: ['pipe', 'pipe', 'inherit'] });
	await new Promise((resolve, reject) => {
		child.stdout.once('data', resolve);
		child.once('exit', () => reject(new Error('skeleton ended')));
	});
	await sleep(500);
	return { port, child };
}

// The broker's user alone may log in as grantd_broker.
async function pipeline(cluster, database, token, conns) {
	const args = [join(tools, 'pipeline'), '-c', String(conns), '-n', '64',
		'-d', String(seconds), `host=${cluster.socket} user=grantd_broker ` +
		`dbname=${database}`, token, String(claims(token).exp)];
	const { stdout } = process.getuid() === 0 ?
		await exec('runuser', ['-u', '_grantd_broker', '--', ...args]) :
		await exec(args[0], args.slice(1));
	return JSON.parse(stdout).rate;
}

async function speed() {
	const { stdout } = await exec('openssl', ['speed', '-seconds', '1',
		'ecdsap256']);
	return Number(/nistp256\)\s+\S+\s+\S+\s+([\d.]+)/.exec(stdout)[1]);
}

// --- the run ----------------------------------------------------------

const cluster = await Cluster.make(settings);
const postmaster = Number(readFileSync(join(cluster.dir,
	'data/postmaster.pid'), 'utf8').split('\n')[0]);
const grantd = await Instance.start({ cluster });
const shape = await skeleton(cluster);
const seen = new Map();		// name -> the rounds' results
const add = (name, value) => seen.set(name, [...seen.get(name) ?? [], value]);
let mem;

try {
	const org = await grantd.organization();
	const account = await org.api.account();
	const { integration } = await org.api.integration(account.id,
		'ticketing_mock_ticketing');
	const key = ['-H', `Authorization: Bearer ${org.token}`];
	const mint = `/v1/tokens/${account.id}/${integration.id}`;
	const to = (port) => ['-p', String(port)];

	mem = await memory(grantd, org);
	for (let round = 1; round <= rounds; round++) {
		say(`round ${round} of ${rounds}`);
		for (const name of [grantd.database, 'postgres'])
			await cluster.psql(name, 'VACUUM ANALYZE');
		await cluster.psql('postgres', 'CHECKPOINT');
		const servers = grantd.processes();
		const fronts = family(shape.child.pid)
			.map((pid) => ({ role: 'all', pid }));
		add('flush', Number(await tool('flush', grantd.dir)));
		add('es256', await speed());
		for (const conns of [2, 4])
			add(`libpq ${conns}`, { rate: await pipeline(cluster,
				grantd.database, org.token, conns) });
		for (const c of widths) {
			add(`get ${c}`, await load(servers, ['-c', String(c),
				...to(grantd.port), ...key, '/v1/organization']));
			add(`skeleton ${c}`, await load(fronts, ['-c', String(c), '-m',
				'POST', ...to(shape.port), '/v1/tokens']));
			add(`mint ${c}`, await load(servers, ['-c', String(c), '-m',
				'POST', ...to(grantd.port), ...key, mint]));
		}
		const top = Math.max(...widths.map((c) =>
			median(seen.get(`mint ${c}`).map((r) => r.rate))));
		add('half', await load(servers, ['-c', '128', '-m', 'POST', '-r',
			String(top / 2), ...to(grantd.port), ...key, mint]));
	}
} finally {
	shape.child.stdin.end();
	await grantd.stop();
	await cluster.destroy();
}

// --- the table --------------------------------------------------------

const rate = (name) => median(seen.get(name).map((r) => r.rate));
const mid = (name, field) => median(seen.get(name).map((r) => r[field]));
const best = (prefix, list) => list.map((n) => `${prefix} ${n}`)
	.reduce((a, b) => (rate(a) >= rate(b) ? a : b));
const libpq = best('libpq', [2, 4]);
const get = best('get', widths);
const bone = best('skeleton', widths);
const made = best('mint', widths);

const out = (text) => process.stdout.write(`${text}\n`);
const cell = (text, width) => String(text).padStart(width);
const row = (name, ...cells) => out(name.padEnd(34) +
	cells.map((c) => cell(c, 9)).join(''));

out(`${cpus().length} cores (${cpus()[0].model.trim()}), ${rounds} rounds of ` +
	`${seconds} s each, medians, best width of each; load generator and ` +
	'PostgreSQL on the same cores');
out(`flush ${median(seen.get('flush'))} us; ` +
	`ES256 ${Math.round(median(seen.get('es256')))} signatures/s on one core`);
out('');
row('', '/s', '+-%', 'p50 ms', 'p99 ms', 'us cpu', 'us pg');
for (const name of [libpq, 'get', 'skeleton', 'mint', 'half']
	.flatMap((n) => (seen.has(n) ? [n] : widths.map((c) => `${n} ${c}`)))) {
	const list = seen.get(name);
	const text = (field, digits) => (list[0][field] === undefined ? '' :
		mid(name, field).toFixed(digits));
	const title = name.replace(/^libpq (\d+)/, 'libpq alone, $1 connections')
		.replace(/^get (\d+)/, 'GET /v1/organization, $1 clients')
		.replace(/^skeleton (\d+)/, 'skeleton mint, $1 clients')
		.replace(/^mint (\d+)/, 'POST /v1/tokens/a/i, $1 clients')
		.replace(/^half$/, 'the same at half of that rate');
	row(title, Math.round(rate(name)),
		Math.round(spread(list.map((r) => r.rate))), text('p50', 2),
		text('p99', 2), text('cpu', 0), text('pg', 0));
}
out('');
const verdicts = [];
const verdict = (name, value, wanted, good) => {
	verdicts.push(good);
	row(name, value, good ? 'reached' : 'missed', `  wanted ${wanted}`);
};
verdict('GET : libpq alone', (rate(get) / rate(libpq)).toFixed(2), '>= 0.25',
	rate(get) / rate(libpq) >= 0.25);
verdict('mint : skeleton', (rate(made) / rate(bone)).toFixed(2), '>= 0.50',
	rate(made) / rate(bone) >= 0.5);
verdict('mint, p99 at half load, ms', mid('half', 'p99').toFixed(1), '< 20',
	mid('half', 'p99') < 20);
verdict('idle, PSS of all, MiB', mem.before.toFixed(1), '< 24',
	mem.before < 24);
verdict(`${idle} idle connections, MiB more`,
	(mem.after - mem.before).toFixed(1), '< 40',
	mem.open && mem.after - mem.before < 40);
for (const [name, key] of [['GET', get], ['mint', made]])
	out(`us of CPU in each ${name}: ${Object.keys(seen.get(key)[0].roles)
		.map((role) => `${role} ${Math.round(median(seen.get(key)
			.map((r) => r.roles[role])))}`).join(', ')}, PostgreSQL ${
		Math.round(mid(key, 'pg'))}`);
out(`PSS by role, MiB: ${[...mem.each].map(([role, list]) =>
	`${role} ${list.join(' ')}`).join(', ')}`);
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
