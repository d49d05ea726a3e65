// Signing keys: each kind that there may be, end to end, and where the
// signer keeps them.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { unique } from '../lib/api.mjs';
import { Cluster, run } from '../lib/cluster.mjs';
import { Instance } from '../lib/instance.mjs';

const root = process.getuid() === 0;
const linux = process.platform === 'linux';
let cluster;

before(async () => {
	cluster = await Cluster.make();
});

after(() => cluster.destroy());

const kinds = {
	ES256: { kty: 'EC', key: ['-algorithm', 'EC', '-pkeyopt',
		'ec_paramgen_curve:P-256'] },
	EdDSA: { kty: 'OKP', key: ['-algorithm', 'ED25519'] },
	RS256: { kty: 'RSA', key: ['-algorithm', 'RSA', '-pkeyopt',
		'rsa_keygen_bits:2048'] },
};

for (const [alg, { kty, key }] of Object.entries(kinds))
	test(`${alg}: tokens of such a key verify and are taken`, async (t) => {
		const instance = await Instance.start({ cluster, key });
		t.after(() => instance.stop());
		const org = await instance.organization();
		const account = await org.api.account({ name: unique('acc') });
		const made = await org.api.integration(account.id,
			'sink_mock_sink');
		const url = new URL(`${instance.base}/oauth/jwks`);
		const jwks = await (await fetch(url)).json();
		assert.deepEqual(jwks.keys.map((one) => [one.kty, one.alg]),
			[[kty, alg]]);
		const meta = await (await fetch(`${instance.base}` +
			'/.well-known/openid-configuration')).json();
		assert.deepEqual(meta.id_token_signing_alg_values_supported, [alg]);
		const keys = createRemoteJWKSet(url);
		for (const [token, audience] of [[org.token, '/v1'],
			[made.token.access.secret, '/v1/connectors']]) {
			const head = decodeProtectedHeader(token);
			assert.equal(head.alg, alg);
			assert.equal(head.kid, jwks.keys[0].kid);
			const rules = { issuer: instance.issuer, typ: 'at+jwt',
				audience: `${instance.issuer}${audience}`,
				algorithms: [alg] };
			const { payload } = await jwtVerify(token, keys, rules);
			assert.equal(payload.org, org.id);
			const [first, body, mac] = token.split('.');
			const other = Buffer.from(body, 'base64url').toString()
				.replace('"knd":"', '"knd":"x');
			const changed = Buffer.from(other).toString('base64url');
			await assert.rejects(jwtVerify(
				`${first}.${changed}.${mac}`, keys, rules),
			{ code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' });
		}
	});

// The mappings of a process: { from, to, flags }; flags as in proc(5).
function mappings(pid) {
	const found = [];
	for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
		const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
		if (range)
			found.push({ from: parseInt(range[1], 16),
				to: parseInt(range[2], 16) });
		else if (line.startsWith('VmFlags:'))
			found.at(-1).flags = line.split(/\s+/);
	}
	return found;
}

// Calls fn with what is in memory, mapping by mapping.
function eachMapping(pid, fn) {
	const memory = openSync(`/proc/${pid}/mem`, 'r');
	for (const one of mappings(pid)) {
		const bytes = Buffer.alloc(Math.min(one.to - one.from, 64 << 20));
		try {
			readSync(memory, bytes, 0, bytes.length, one.from);
		} catch {
			continue;	// a guard page, or the kernel's
		}
		fn(one, bytes);
	}
	closeSync(memory);
}

const kept = ({ flags }) => flags.includes('lo') && flags.includes('dd');

test('keys are in memory that is neither swapped nor dumped', { skip:
	!linux && 'proc(5) of Linux' || !root && 'only root may look' },
async (t) => {
	const instance = await Instance.start({ cluster });
	t.after(() => instance.stop());
	await instance.organization();		// it has signed
	const { pid } = instance.processes().find((p) => p.role === 'signer');
	assert.doesNotMatch(instance.log(), /keys may be swapped/);
	if (readFileSync(`/proc/${pid}/maps`, 'utf8').includes('libasan')) {
		t.skip('with sanitizers mlock(2) does nothing');
		return;
	}

	// OpenSSL's heap of 64 KiB, and the pages that each key file is read to
	const status = readFileSync(`/proc/${pid}/status`, 'utf8');
	assert.ok(Number(/^VmLck:\s+(\d+) kB$/m.exec(status)[1]) >= 64 + 16);
	for (const one of mappings(pid))
		if (one.flags.includes('lo'))
			assert.ok(kept(one), JSON.stringify(one));

	const pem = join(instance.dir, 'signing.pem');
	const text = await run('openssl', ['pkey', '-in', pem, '-noout', '-text']);
	const hex = /priv:([0-9a-f:\s]+)/.exec(text)[1].replace(/[:\s]/g, '')
		.replace(/^(00)+/, '');
	const number = Buffer.from(hex, 'hex');
	const secrets = {
		number,
		reversed: Buffer.from(number).reverse(),	// as libcrypto has it
		pem: Buffer.from(readFileSync(pem, 'utf8').split('\n')[1]),
		shared: Buffer.from(readFileSync(join(instance.dir, 'shared.key'),
			'utf8').trim(), 'hex'),
	};
	let found = 0;
	eachMapping(pid, (one, bytes) => {
		for (const [name, secret] of Object.entries(secrets))
			if (bytes.includes(secret)) {
				found++;
				assert.ok(kept(one), `${name}: ${JSON.stringify(one)}`);
			}
	});
	assert.ok(found > 0, 'the key was found where it may be');
});
