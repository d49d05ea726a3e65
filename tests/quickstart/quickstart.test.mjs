// etc/quickstart as a person would use it, in a copy of the tree: a first
// start, the printed lines pasted, ctrl-C, a second start, the options, and
// what goes wrong.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync, readdirSync,
	existsSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, scratch, top } from '../lib/cluster.mjs';
import { eventually, freePort } from '../lib/instance.mjs';

const copy = join(scratch('grantd-qs-'), 'grantd');
mkdirSync(copy);
await run('sh', ['-c', 'build-aux/dist-files . | tar -cf - -T - |' +
	' tar -xf - -C "$1"', 'sh', copy], { cwd: top });

const here = await freePort();
const elsewhere = await freePort();
const started = new Set();
after(async () => {
	for (const start of started)
		await start.stop();
	rmSync(join(copy, '..'), { recursive: true, force: true });
});

// A start of the script in a process group of its own, as a terminal has.
class Start {
	constructor(args = []) {
		this.output = '';
		this.begun = Date.now();
		this.child = spawn(join(copy, 'etc/quickstart'), args,
			{ cwd: '/', detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
		started.add(this);
		for (const stream of [this.child.stdout, this.child.stderr])
			stream.on('data', (data) => {
				this.output += data;
			});
		this.ended = new Promise((resolve) => this.child.once('close',
			(code, signal) => {
				this.code = code ?? signal;
				started.delete(this);
				resolve(this.code);
			}));
	}

	async ready(ms) {
		const deadline = Date.now() + ms;
		while (!this.output.includes('Ctrl-C stops')) {
			assert.equal(this.code, undefined, this.output);
			assert.ok(Date.now() < deadline, `late: ${this.output}`);
			await sleep(100);
		}
		return Date.now() - this.begun;
	}

	// Ctrl-C: the signal goes to the whole group.
	async stop(signal = 'SIGINT') {
		if (this.code === undefined)
			process.kill(-this.child.pid, signal);
		return this.ended;
	}

	get curls() {
		return this.output.split('\n')
			.filter((line) => line.startsWith('\tcurl ') ||
				line.startsWith('curl '));
	}
}

function environment() {
	const text = readFileSync(join(copy, 'var/quickstart.env'), 'utf8');
	return Object.fromEntries([...text.matchAll(/^([A-Z0-9_]+)='(.*)'$/gm)]
		.map(([, name, value]) => [name, value]));
}

// Everything that runs out of the copy or its data.
function left() {
	const found = [];
	for (const pid of readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
		let line = '';
		try {
			line = readFileSync(`/proc/${pid}/cmdline`, 'latin1');
		} catch {
			continue;
		}
		if (line.includes(copy) && Number(pid) !== process.pid)
			found.push(line.replaceAll('\0', ' '));
	}
	return found;
}

// A postmaster removes its pid file a moment before it is gone.
const nothingLeft = () => eventually(() => left().length === 0, 20000,
	'everything has ended');

const refused = () => new Promise((resolve) => {
	const socket = net.connect(here, '127.0.0.1');
	socket.on('connect', () => resolve(socket.destroy() && false));
	socket.on('error', () => resolve(true));
});

// The address to sign in at, and as whom.
const shown = (start, env) => ['BASE_URL', 'ADMIN_EMAIL', 'ADMIN_PASSWORD']
	.every((name) => start.output.includes(env[name])) &&
	start.output.includes(`${env.BASE_URL}/login`);

// Everybody of the file can sign in.
async function signIn(env) {
	for (const who of ['ADMIN', 'USER1', 'USER2']) {
		const form = await fetch(`${env.BASE_URL}/login`);
		const [, csrf] = /name="csrf" value="([^"]+)"/.exec(
			await form.text());
		const cookie = form.headers.getSetCookie()
			.map((line) => line.split(';')[0]).join('; ');
		const answer = await fetch(`${env.BASE_URL}/login`,
			{ method: 'POST', redirect: 'manual', headers: { cookie },
				body: new URLSearchParams({ csrf,
					email: env[`${who}_EMAIL`],
					password: env[`${who}_PASSWORD`] }) });
		assert.equal(answer.status, 303, `${who}: ${await answer.text()}`);
	}
}

// What a printed line answered: a result, or rows of the shop.
function works(line, out) {
	const json = JSON.parse(out);
	assert.ok(json.result ?? json.items?.length > 0, `${line}\n${out}`);
}

const port = ['--port', `${here}`];
let first, whole;

test('a first start builds, serves and prints what to try', async () => {
	const start = new Start(port);
	whole = await start.ready(900000);
	first = environment();
	assert.deepEqual(Object.keys(first), ['BASE_URL', 'ORGANIZATION_ID',
		'ORGANIZATION_TOKEN', 'ORGANIZATION_REFRESH_TOKEN',
		'ORGANIZATION_REFRESH_TOKEN_ID', 'ADMIN_EMAIL', 'ADMIN_PASSWORD',
		'USER1_EMAIL', 'USER1_PASSWORD', 'USER2_EMAIL', 'USER2_PASSWORD',
		'DATABASE']);
	for (const value of Object.values(first))
		assert.notEqual(value, '');
	assert.ok(shown(start, first), start.output);
	await signIn(first);
	assert.equal(first.BASE_URL, `http://localhost:${here}`);
	assert.equal(statSync(join(copy, 'var/quickstart.env')).mode & 0o777,
		0o600);
	assert.ok(start.curls.length >= 6, start.output);
	for (const line of start.curls) {
		const out = await run('sh', ['-c', line]);
		works(line, out);
	}
	const env = await run('sh', ['-c', `. ${copy}/var/quickstart.env &&
		curl -s -X PUT -H "Authorization: Bearer $ORGANIZATION_REFRESH_TOKEN" \
		$BASE_URL/v1/tokens/$ORGANIZATION_REFRESH_TOKEN_ID/refresh`]);
	assert.ok(JSON.parse(env).result.primary, env);
	assert.equal(await run('sh', ['-c', `. ${copy}/var/quickstart.env &&
		psql "$DATABASE" -XAtc "SELECT count(*) > 5 FROM audit.recent"`]),
	't\n');

	const second = new Start(port);
	assert.notEqual(await second.ended, 0);
	assert.match(second.output, /another start is at work/);

	await start.stop();
	await nothingLeft();
	assert.ok(await refused());
});

test('a second start takes seconds and keeps the data', async () => {
	const start = new Start(port);
	// on a busy machine, so many parts of the first one
	assert.ok(await start.ready(180000) < Math.max(30000, whole / 3),
		start.output);
	const now = environment();
	assert.equal(now.ORGANIZATION_ID, first.ORGANIZATION_ID);
	for (const name of ['ADMIN', 'USER1', 'USER2'])
		assert.equal(now[`${name}_PASSWORD`], first[`${name}_PASSWORD`]);
	assert.ok(shown(start, first), start.output);
	await signIn(first);
	const answer = await fetch(`http://localhost:${here}/v1/accounts/acme`,
		{ headers: { authorization: `Bearer ${now.ORGANIZATION_TOKEN}` } });
	assert.equal(answer.status, 200);
	for (const line of start.curls) {
		const out = await run('sh', ['-c', line]);
		works(line, out);
	}
	await start.stop('SIGTERM');
	await nothingLeft();
});

test('a start that was killed leaves nothing that hinders the next',
	async () => {
		const start = new Start(port);
		await start.ready(180000);
		start.child.kill('SIGKILL');
		await start.ended;
		const next = new Start(port);
		await next.ready(180000);
		assert.match(next.output, /left behind/);
		await next.stop();
		await nothingLeft();
	});

test('a cluster that was half made is made anew', async () => {
	const data = existsSync(join(copy, 'var/cluster')) ?
		join(copy, 'var/cluster') : null;
	if (!data)
		return;
	rmSync(data, { recursive: true });
	mkdirSync(join(data, 'data.new'), { recursive: true });
	writeFileSync(join(data, 'data.new/PG_VERSION'), '15\n');
	const start = new Start(port);
	await start.ready(180000);
	assert.notEqual(environment().ORGANIZATION_ID, first.ORGANIZATION_ID);
	await signIn(environment());
	for (const line of start.curls.slice(0, 2))
		assert.ok(JSON.parse(await run('sh', ['-c', line])).result);
	await start.stop();
});

test('--clean forgets, --port moves', async () => {
	const before = environment();
	const start = new Start(['--clean', `--port=${elsewhere}`]);
	await start.ready(180000);
	const now = environment();
	assert.notEqual(now.ORGANIZATION_ID, before.ORGANIZATION_ID);
	assert.equal(now.BASE_URL, `http://localhost:${elsewhere}`);
	for (const line of start.curls)
		works(line, await run('sh', ['-c', line]));
	await start.stop();
	const moved = new Start(port);
	await moved.ready(180000);
	assert.equal(environment().ORGANIZATION_ID, now.ORGANIZATION_ID);
	for (const line of moved.curls)
		works(line, await run('sh', ['-c', line]));
	await moved.stop();
});

test('a busy port and wrong arguments are told in a line', async () => {
	const server = net.createServer().listen(here, '127.0.0.1');
	const start = new Start(port);
	assert.equal(await start.ended, 1);
	assert.match(start.output, new RegExp(
		`port ${here} is taken.*--port ${here < 65535 ? here + 1 : 8080}\\n`));
	assert.equal(start.output.trim().split('\n').length, 1, start.output);
	server.close();
	for (const args of [['--port', 'x'], ['--port', '0'], ['--port', '70000'],
		['--port'], ['--what']]) {
		const wrong = new Start(args);
		assert.notEqual(await wrong.ended, 0);
		assert.match(wrong.output, /expected a number|usage/);
	}
	await nothingLeft();
});
