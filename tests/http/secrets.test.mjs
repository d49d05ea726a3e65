// A secret appears in the reply that makes it, and nowhere else: not in
// another reply, not in a log, not in the database or what it logs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';
import { run } from '../lib/cluster.mjs';

const instance = await sharedInstance();
const org = await instance.organization();
const { api } = org;
const account = await api.account({ name: unique('acc') });
const made = await api.integration(account.id, 'ticketing_mock_ticketing');
const family = made.integration.refresh_token_id;
const { result: next } = (await api.as(made.token.refresh.secret)
	.put(`/v1/tokens/${family}/refresh`)).ok().json;
const single = (await api.post(
	`/v1/tokens/${account.id}/${made.integration.id}`, {})).ok().result;
const forged = 'forged-credential-that-nobody-may-see-in-a-log';
await api.as(forged).get('/v1/organization');

const secrets = {
	'organization access': org.token,
	'organization refresh': org.refresh,
	'integration access': made.token.access.secret,
	'integration refresh': made.token.refresh.secret,
	'refreshed access': next.primary.access.secret,
	'refreshed refresh': next.primary.refresh.secret,
	single: single.secret,
	forged,
};

// The signature of a JWT, the last part of anything else: what is secret.
const core = (secret) => secret.split('.').at(-1).slice(-24);

function assertNone(text, where) {
	for (const [name, secret] of Object.entries(secrets))
		assert.equal(text.includes(core(secret)), false,
			`${where} shows the ${name} secret`);
}

test('no reply shows it again', async () => {
	for (const path of ['/v1/tokens', `/v1/tokens/${family}/info`,
		`/v1/tokens/${org.pair.id}/info`, '/v1/integrations?expand=all',
		`/v1/integrations/${account.id}/${made.integration.id}`,
		'/v1/organization']) {
		const answer = (await api.get(path)).ok();
		assertNone(answer.text, path);
	}
});

test('no log shows it', async () => {
	assertNone(instance.log(), 'the log of grantd');
	assertNone(readFileSync(join(instance.dir, 'journal'), 'latin1'),
		'the journal');
});

test('the database never sees it, not even as a parameter', async () => {
	const log = readFileSync(instance.cluster.log(), 'latin1');
	assert.match(log, /gate\.enter/);
	assertNone(log, 'the log of PostgreSQL');
	const dump = await run('pg_dump', ['--inserts'],
		{ env: instance.cluster.env(instance.database) });
	assert.ok(dump.includes(family));
	assertNone(dump, 'the database');
});

test('no process shows it in ps', async () => {
	for (const { pid } of instance.processes()) {
		assertNone(readFileSync(`/proc/${pid}/cmdline`, 'latin1'), 'ps');
		if (process.getuid() === 0)
			assertNone(readFileSync(`/proc/${pid}/environ`, 'latin1'),
				'the environment');
	}
});

test('nobody but root or the caller reads the files of secrets', async () => {
	const { statSync } = await import('node:fs');
	for (const name of readdirSync(instance.dir))
		if (/\.(pem|key)$|^journal$/.test(name))
			assert.equal(statSync(join(instance.dir, name)).mode & 0o077, 0,
				name);
});
