// Backup and restore as grantd(8) says: in another cluster, tokens go on.

import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Instance, eventually } from '../lib/instance.mjs';
import { Cluster, run, scratch, top } from '../lib/cluster.mjs';

const dir = scratch('grantd-backup-');
let instance, other;
after(async () => {
	await instance?.stop();
	await other?.destroy();
	rmSync(dir, { recursive: true });
});

// The blocks of commands of a section of the manual.
function blocks(section) {
	const manual = readFileSync(join(top, 'docs/grantd.8'), 'utf8');
	const [, text] = new RegExp(`^\\.Ss ${section}\n([^]*?)^\\.S[sh] `, 'm')
		.exec(manual);
	return [...text.matchAll(/^\.Bd -literal.*\n([^]*?)^\.Ed/gm)]
		.map(([, block]) => block.replaceAll(/^\$ /gm, '')
			.replaceAll('\\e\n', '\\\n'));
}

// With the name of the test's database, and other errors than what the
// manual says of roles that are there.
const commands = (cluster, block) => run('sh', ['-ec', block
	.replaceAll(/\bgrantd(?=$| *$)/gm, instance.database)
	.replaceAll(/-([dl]) grantd\b/g, `-$1 ${instance.database}`)
	.replaceAll('sql/', `${top}/sql/`)],
{ cwd: dir, env: cluster.env('postgres') });

test('what was dumped serves in another cluster', async () => {
	instance = await Instance.start();
	const org = await instance.organization();
	const { result: made } = (await org.api.post('/v1/accounts',
		{ name: 'kept' })).ok();
	const ident = join(instance.cluster.dir, 'data/pg_ident.conf');
	const user = (await run('id', ['-un'])).trim();
	appendFileSync(ident, `grantd ${user} grantd_backup\n`);
	await instance.psql('SELECT pg_reload_conf()');
	const [backup, restore] = blocks('Backup and restore');
	await eventually(() => commands(instance.cluster, backup)
		.then(() => true, (error) => {
			if (/authentication failed/.test(error.message))
				return false;
			throw error;
		}), 20000, 'the backup');
	other = await Cluster.make();
	const said = await commands(other, restore);
	assert.match(said, /nothing was changed/);
	assert.doesNotMatch(said, /migrations\/|functions/);
	const conf = join(instance.dir, 'grantd.conf');
	writeFileSync(conf, readFileSync(conf, 'utf8')
		.replace(instance.cluster.socket, other.socket));
	await instance.grantctl('reload');
	// The former processes answer until the new ones have taken over.
	await eventually(async () => (await instance.psql(`SELECT count(*) FROM
		pg_stat_activity WHERE usename = 'grantd_broker'`))[0][0] === '0',
	20000, 'the end of the former brokers');
	await instance.cluster.destroy();
	const { result } = (await org.api.get(`/v1/accounts/${made.account.id}`))
		.ok();
	assert.equal(result.account?.name ?? result.name, 'kept');
	(await instance.client(org.refresh).put(
		`/v1/tokens/${org.pair.id}/refresh`)).ok();
	const shop = await fetch(`${instance.base}/api/shop/categories`);
	assert.equal(shop.status, 200);
	const trail = await other.psql(instance.database,
		"SELECT outcome FROM audit.recent WHERE operation = 'token.refresh'");
	assert.deepEqual(trail, [['success']]);
});
