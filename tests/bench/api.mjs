// Measures published procedures of a real grantd: over HTTP and as tools,
// beside libpq alone with the same unit; memory over many calls; and calls
// while a catalogue of a thousand procedures changes.  Called by
// tests/bench/api, which builds.

import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { claims } from '../lib/api.mjs';
import { Instance, eventually } from '../lib/instance.mjs';
import { App } from '../lib/oauth.mjs';
import { Shopper } from '../lib/shop.mjs';
import { Place, Results, brokerTool, flush, heads, line, machine, median, out,
	rounds, say, seconds, verdict, verdicts } from './measure.mjs';

const calls = Number(process.env.BENCH_CALLS ?? 200000);
const many = Number(process.env.BENCH_PROCEDURES ?? 1000);
const widths = [32, 64, 128];

// Twenty rows of the shop, the same for every way.
const twenty = `
	GRANT USAGE ON SCHEMA shop TO grantd_app;
	CREATE SCHEMA bench AUTHORIZATION shop_owner;
	SET ROLE shop_owner;
	GRANT USAGE ON SCHEMA bench TO grantd_app;
	CREATE FUNCTION bench.twenty() RETURNS SETOF shop.product_view
	    LANGUAGE sql STABLE BEGIN ATOMIC
		SELECT p.id, p.sku, p.name, p.category, p.price, p.stock, p.tags
		FROM shop.products p ORDER BY p.id LIMIT 20; END;
	SELECT grantd.publish('bench.twenty', 'products:read');`;

const tool = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call',
	params: { name: 'twenty', arguments: {}, _meta: {
		'io.modelcontextprotocol/protocolVersion': '2026-07-28',
		'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1' },
		'io.modelcontextprotocol/clientCapabilities': {} } } });

function ways(grantd, token) {
	const common = ['-p', String(grantd.port), '-H',
		`Authorization: Bearer ${token}`];
	return {
		http: [...common, '/api/bench/twenty'],
		mcp: [...common, '-m', 'POST', '-H', 'Content-Type: application/json',
			'-H', 'Accept: application/json, text/event-stream',
			'-H', 'MCP-Protocol-Version: 2026-07-28',
			'-H', 'Mcp-Method: tools/call', '-H', 'Mcp-Name: twenty',
			'-b', tool, '/mcp'],
	};
}

async function pipeline({ place, grantd, token }, conns) {
	return brokerTool('pipeline', '-c', String(conns), '-n', '64', '-d',
		String(seconds), '-o', 'api:bench.twenty', '-a', '{"arguments":{}}',
		`host=${place.cluster.socket} user=grantd_broker ` +
		`dbname=${grantd.database}`, token, String(claims(token).exp));
}

async function round(all, seen) {
	const { place, grantd, token } = all;
	const servers = grantd.processes();

	await place.vacuum(grantd.database);
	seen.add('flush', await flush(grantd.dir));
	for (const c of [2, 4])
		seen.add(`libpq ${c}`, await pipeline(all, c));
	for (const c of widths)
		for (const [name, way] of Object.entries(ways(grantd, token)))
			seen.add(`${name} ${c}`, await place.load(servers,
				['-c', String(c), ...way]));
	for (const [name, way] of Object.entries(ways(grantd, token))) {
		const top = seen.rate(seen.best(name, widths));
		seen.add(`half ${name}`, await place.load(servers, ['-c', '64', '-r',
			String(top / 2), ...way]));
	}
}

// Proportional set size of the server's processes, MiB, by role and number.
function memory(grantd) {
	return new Map(grantd.processes().map(({ role, pid }) => [
		`${role} ${pid}`, Number(/^Pss:\s+(\d+)/m.exec(readFileSync(
			`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024]));
}

const sum = (map) => [...map.values()].reduce((a, b) => a + b, 0);

// Memory after the first tenth of the calls, and after all of them.
async function flat({ place, grantd, token }) {
	const both = Object.values(ways(grantd, token));
	let done = 0;
	let early;
	for (let i = 0; done < calls; i++) {
		const result = await place.once(grantd.processes(),
			['-c', '64', ...both[i % 2]], 5);
		done += result.answers * 6 / 5;
		if (!early && done >= calls / 10 && i > 0) {
			await sleep(1000);
			early = memory(grantd);
		}
	}
	await sleep(1000);
	return { done: Math.round(done), early: early ?? memory(grantd),
		late: memory(grantd) };
}

// A thousand procedures.
async function publish({ grantd, api }) {
	const begun = performance.now();
	await grantd.psql(`SET ROLE shop_owner;
		DO $$ BEGIN FOR i IN 1..${many} LOOP
			EXECUTE format('CREATE FUNCTION bench.p%s(a int4, b text DEFAULT ''x'')'
			    ' RETURNS TABLE (id int4, name text) LANGUAGE sql STABLE BEGIN'
			    ' ATOMIC SELECT p.id, p.name FROM shop.products p WHERE p.id = $1;'
			    ' END', i);
			PERFORM grantd.publish('bench.p' || i, 'orders:read');
		END LOOP; END $$`);
	say(`published in ${Math.round((performance.now() - begun) / 1000)} s`);
	await eventually(async () => (await api.get(`/api/bench/p${many}?a=1`))
		.status === 200, 30000, 'the procedures are there');
	// What the server does once for so many is over.
	await sleep(5000);
}

// Changes of them under a steady load.
let changes = 0;
async function reload({ place, grantd, token, api }) {
	const catalogue = [];
	const visible = [];
	const steady = place.once(grantd.processes(), ['-c', '16', '-r', '200',
		...ways(grantd, token).http], 20);
	await sleep(2000);
	for (let i = 0; i < 8; i++) {
		const name = `new${++changes}`;
		await grantd.psql(`SET ROLE shop_owner;
			CREATE FUNCTION bench.${name}() RETURNS int4 LANGUAGE sql STABLE
			    RETURN ${i};
			SELECT grantd.publish('bench.${name}', 'orders:read')`);
		const began = performance.now();
		await eventually(async () => (await api.get(`/api/bench/${name}`))
			.status === 200, 10000, 'the change is served');
		visible.push(performance.now() - began);
		await sleep(700);
	}
	const { max, stolen } = await steady;
	// Not beside the calls, which would then wait for this question, too.
	for (let i = 0; i < 3; i++) {
		const asked = performance.now();
		await grantd.psql(
			'SELECT generation, length(body) FROM gate.catalogue()');
		catalogue.push(performance.now() - asked);
	}
	return { slowest: max, stolen, visible, catalogue };
}

// --- the run ----------------------------------------------------------

const place = await Place.make();
const grantd = await Instance.start({ cluster: place.cluster,
	workers: 0, conf: 'limit { calls 0 }' });
const seen = new Results();
let held, changed;

try {
	await grantd.psql(twenty);
	const organization = await grantd.organization();
	const app = await App.make(grantd, { organization: organization.id });
	const who = await Shopper.make(grantd, organization, app);
	await grantd.psql(`SELECT shop.load('${organization.id}',
		'{${who.person.id}}')`);
	await eventually(async () => (await who.api.get('/api/bench/twenty'))
		.status === 200, 10000, 'the procedure is published');
	const rows = (await who.rows('bench.twenty')).items.length;
	if (rows !== 20)
		throw new Error(`${rows} rows`);
	const all = { place, grantd, token: who.token, api: who.api };
	for (let n = 1; n <= rounds; n++) {
		say(`round ${n} of ${rounds}`);
		await round(all, seen);
	}
	say(`${calls} calls for the memory`);
	held = await flat(all);
	say(`${many} procedures`);
	await publish(all);
	changed = await place.best(() => reload(all));
} finally {
	await grantd.stop();
	await place.cluster.destroy();
}

out(`${machine(place)}, ${rounds} rounds of ${seconds} s each, medians; ` +
	'load generator and PostgreSQL on the same cores');
out(`20 rows of JSON; flush ${median(seen.get('flush'))} us`);
out('');
heads();
for (const c of [2, 4])
	line(`libpq alone, ${c} connections`, seen.get(`libpq ${c}`));
for (const c of widths)
	line(`GET /api/bench/twenty, ${c}`, seen.get(`http ${c}`));
for (const c of widths)
	line(`tools/call, ${c}`, seen.get(`mcp ${c}`));
line('GET, half load', seen.get('half http'));
line('tools/call, half load', seen.get('half mcp'));
out('');
for (const name of ['http', 'mcp'])
	out(`us of CPU, ${name}: ${seen.roles(seen.best(name, widths))}`);
out('');

const rate = (name, list = widths) => seen.rate(seen.best(name, list));
const alone = rate('libpq', [2, 4]);
verdict('GET : libpq alone', (rate('http') / alone).toFixed(2), '>= 0.50',
	rate('http') >= alone / 2);
verdict('tools/call : GET', (rate('mcp') / rate('http')).toFixed(2),
	'>= 0.80', rate('mcp') >= 0.8 * rate('http'));
for (const name of ['http', 'mcp']) {
	const p99 = seen.mid(`half ${name}`, 'p99');
	verdict(`${name}, p99 at half load, ms`, p99.toFixed(2), '< 10', p99 < 10);
}
const grown = sum(held.late) - sum(held.early);
verdict(`memory over ${held.done} calls, MiB`, grown.toFixed(2), '< 1',
	grown < 1);
verdict(`${many} procedures: a change is served, ms`,
	Math.round(Math.max(...changed.visible)), '< 2000',
	Math.max(...changed.visible) < 2000);
verdict('the catalogue from the database, ms',
	Math.round(Math.max(...changed.catalogue)), '< 1000',
	Math.max(...changed.catalogue) < 1000);
verdict('the slowest call meanwhile, ms', changed.slowest.toFixed(1),
	'< 50', changed.slowest < 50);
out(`The server looks for changes once a second.  PSS, MiB: ${
	[...held.late].map(([name, n]) => `${name} ${n.toFixed(1)}`).join(', ')}`);
process.exitCode = verdicts.every(Boolean) ? 0 : 1;
