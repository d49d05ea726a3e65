// The signing key is replaced while its tokens live: they open what they
// opened, and whoever checks them offline finds their key until the last one
// has expired.  A key that leaked is taken back at once.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { Instance, eventually } from '../lib/instance.mjs';
import { run } from '../lib/cluster.mjs';

let instance;
before(async () => {
	instance = await Instance.start();
});
after(async () => { await instance?.stop(); });

const published = async () =>
	(await fetch(`${instance.base}/oauth/jwks`)).json();
const kids = async () => (await published()).keys.map(({ kid }) => kid);
const kidOf = (token) => decodeProtectedHeader(token).kid;
const offline = async (token) => jwtVerify(token,
	createLocalJWKSet(await published()), { issuer: instance.issuer });

// A new key in the place of the former one.
async function replace() {
	writeFileSync(join(instance.dir, 'signing.pem'), await run('openssl',
		['genpkey', '-algorithm', 'EC', '-pkeyopt',
			'ec_paramgen_curve:P-256']));
	return instance.grantctl('reload');
}

// Foreign keys are told a new signer over the brokers, a moment later.
const listed = (kid, wanted) => eventually(async () =>
	(await kids()).includes(kid) === wanted, 30000,
`${kid} is ${wanted ? '' : 'not '}published`);

const age = (kid, interval) => instance.psql(`UPDATE core.signing_key
	SET published_at = now() - interval '${interval}' WHERE kid = '${kid}'`);

test('tokens of the former keys live on, here and offline', async () => {
	const tokens = [];
	for (let i = 0; i < 20; i++) {
		tokens.push((await instance.organization()).token);
		await replace();
		await listed(kidOf(tokens.at(-1)), true);
	}
	tokens.push((await instance.organization()).token);
	assert.equal(new Set(tokens.map(kidOf)).size, tokens.length);
	for (const token of tokens) {
		(await instance.client(token).get('/v1/organization')).ok();
		await eventually(() => offline(token).catch(() => false), 30000,
			`${kidOf(token)} verifies`);
	}
	const known = (await instance.psql(
		'SELECT kid FROM core.signing_key')).flat();
	for (const token of tokens)
		assert.ok(known.includes(kidOf(token)));
	assert.doesNotMatch(instance.log(), /more than \d+ signing keys/);
});

test('a key in use is said to be again, and again when its row is gone',
	async () => {
		const kid = kidOf((await instance.organization()).token);
		const young = () => instance.psql(`SELECT kid
			FROM core.signing_key WHERE kid = '${kid}'
			AND published_at > now() - interval '1 minute'`);
		for (const spoil of [() => age(kid, '2 hours'),
			() => instance.psql(`DELETE FROM core.signing_key
				WHERE kid = '${kid}'`)]) {
			await spoil();
			await eventually(async () => (await young()).length > 0,
				90000, 'the key is published again');
		}
	});

test('a key that nobody has is forgotten when its tokens have expired',
	async () => {
		const { token } = await instance.organization();
		await replace();
		await listed(kidOf(token), true);
		await instance.psql(`UPDATE core.function_version
			SET applied_at = now() - interval '2 days'`);
		await age(kidOf(token), '26 hours');
		await replace();
		await listed(kidOf(token), false);
	});

test('after an upgrade, keys of former versions are not forgotten',
	async () => {
		const { token } = await instance.organization();
		await replace();
		await listed(kidOf(token), true);
		await age(kidOf(token), '26 hours');
		await instance.psql('UPDATE core.function_version SET applied_at = now()');
		await replace();
		await listed(kidOf(token), true);
	});

test('a key that leaked is taken back as grantd(8) says', async () => {
	const { token } = await instance.organization();
	await replace();
	await listed(kidOf(token), true);
	await instance.psql(`BEGIN; SET LOCAL ROLE grantd_owner;
		DELETE FROM core.signing_key WHERE kid = '${kidOf(token)}'; COMMIT`);
	await run('touch', [join(instance.dir, 'signing.pem')]);
	await instance.grantctl('reload');
	await listed(kidOf(token), false);
	// not even brokers that knew it bring it back
	await new Promise((resolve) => { setTimeout(resolve, 32000); });
	await listed(kidOf(token), false);
});
