// Measures a real grantd beside libpq alone and the skeleton, interleaved in
// one run on one PostgreSQL cluster, and prints a table with ratios.  Called
// by tests/bench/run, which builds.

import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { claims } from '../lib/api.mjs';
import { Instance } from '../lib/instance.mjs';
import { Place, Results, brokerTool, flush, heads, line, machine, median, out,
	rounds, say, seconds, speed, tools, unlimited, verdict, verdicts }
	from './measure.mjs';

const idle = Number(process.env.BENCH_IDLE ?? 10000);
const widths = [32, 64, 128, 256];

// Proportional set size of processes, MiB.
function pss(pids) {
	let kib = 0;
	for (const pid of pids)
		kib += Number(/^Pss:\s+(\d+)/m.exec(
			readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]);
	return kib / 1024;
}

// Of two workers, which are not the default of two cores.
async function memory() {
	const grantd = await Instance.start({ cluster, workers: 2 });
	try {
		return await held(grantd, await grantd.organization());
	} finally {
		await grantd.stop();
	}
}

async function held(grantd, org) {
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

// --- the run ----------------------------------------------------------

const place = await Place.make();
const { cluster } = place;
const grantd = await Instance.start({ cluster, workers: 0,
	conf: unlimited });
const shape = await place.skeleton();
const seen = new Results();
let mem;

try {
	const org = await grantd.organization();
	const account = await org.api.account();
	const { integration } = await org.api.integration(account.id,
		'ticketing_mock_ticketing');
	const key = ['-H', `Authorization: Bearer ${org.token}`];
	const mint = `/v1/tokens/${account.id}/${integration.id}`;
	const to = (port) => ['-p', String(port)];

	mem = await memory();
	for (let round = 1; round <= rounds; round++) {
		say(`round ${round} of ${rounds}`);
		await place.vacuum(grantd.database, 'postgres');
		const servers = grantd.processes();
		seen.add('flush', await flush(grantd.dir));
		seen.add('es256', await speed());
		for (const conns of [2, 4])
			seen.add(`libpq ${conns}`, await brokerTool('pipeline', '-c',
				String(conns), '-n', '64', '-d', String(seconds),
				`host=${cluster.socket} user=grantd_broker ` +
				`dbname=${grantd.database}`, org.token,
				String(claims(org.token).exp)));
		for (const c of widths) {
			seen.add(`get ${c}`, await place.load(servers, ['-c', String(c),
				...to(grantd.port), ...key, '/v1/organization']));
			seen.add(`skeleton ${c}`, await place.load(shape.processes(),
				['-c', String(c), '-m', 'POST', ...to(shape.port),
					'/v1/tokens']));
			seen.add(`mint ${c}`, await place.load(servers, ['-c', String(c),
				'-m', 'POST', ...to(grantd.port), ...key, mint]));
		}
		const top = Math.max(...widths.map((c) => seen.rate(`mint ${c}`)));
		seen.add('half', await place.load(servers, ['-c', '128', '-m', 'POST',
			'-r', String(top / 2), ...to(grantd.port), ...key, mint]));
	}
} finally {
	shape.child.stdin.end();
	await grantd.stop();
	await cluster.destroy();
}

// --- the table --------------------------------------------------------

const rate = (name) => seen.rate(name);
const libpq = seen.best('libpq', [2, 4]);
const get = seen.best('get', widths);
const bone = seen.best('skeleton', widths);
const made = seen.best('mint', widths);

out(`${machine(place)}, ${rounds} rounds of ` +
	`${seconds} s each, medians, best width of each; load generator and ` +
	'PostgreSQL on the same cores');
out(`flush ${median(seen.get('flush'))} us; ` +
	`ES256 ${Math.round(median(seen.get('es256')))} signatures/s on one core`);
out('');
heads();
for (const name of [libpq, 'get', 'skeleton', 'mint', 'half']
	.flatMap((n) => (seen.has(n) ? [n] : widths.map((c) => `${n} ${c}`))))
	line(name.replace(/^libpq (\d+)/, 'libpq alone, $1 connections')
		.replace(/^get (\d+)/, 'GET /v1/organization, $1 clients')
		.replace(/^skeleton (\d+)/, 'skeleton mint, $1 clients')
		.replace(/^mint (\d+)/, 'POST /v1/tokens/a/i, $1 clients')
		.replace(/^half$/, 'the same at half of that rate'), seen.get(name));
out('');
verdict('GET : libpq alone', (rate(get) / rate(libpq)).toFixed(2), '>= 0.25',
	rate(get) / rate(libpq) >= 0.25);
verdict('mint : skeleton', (rate(made) / rate(bone)).toFixed(2), '>= 0.50',
	rate(made) / rate(bone) >= 0.5);
verdict('mint, p99 at half load, ms', seen.mid('half', 'p99').toFixed(1),
	'< 20', seen.mid('half', 'p99') < 20);
verdict('idle, two workers, PSS, MiB', mem.before.toFixed(1), '< 24',
	mem.before < 24);
verdict(`${idle} idle connections, MiB more`,
	(mem.after - mem.before).toFixed(1), '< 40',
	mem.open && mem.after - mem.before < 40);
for (const [name, key] of [['GET', get], ['mint', made]])
	out(`us of CPU in each ${name}: ${seen.roles(key)}`);
out(`PSS by role, MiB: ${[...mem.each].map(([role, list]) =>
	`${role} ${list.join(' ')}`).join(', ')}`);
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
