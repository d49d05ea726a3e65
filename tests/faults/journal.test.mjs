// The journal: what an auditor learns from it; and its disk is full: no token
// without its line, everything else goes on, and so do tokens when there is
// room again; the chain holds.

import assert from 'node:assert/strict';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync, writeSync }
	from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { decodeJwt } from 'jose';
import { unique } from '../lib/api.mjs';
import { Instance, eventually, prefix } from '../lib/instance.mjs';
import { run, scratch, top } from '../lib/cluster.mjs';

const disk = scratch('grantd-journal-');
let mounted = false, instance;
try {
	await run('mount', ['-t', 'tmpfs', '-o', 'size=64k,mode=0700', 'tmpfs',
		disk]);
	mounted = true;
} catch {
	// not root, or not allowed to mount
}
after(async () => {
	await instance?.stop();
	if (mounted)
		await run('umount', [disk]);
	rmSync(disk, { recursive: true });
});

function fill() {
	const file = openSync(join(disk, 'filler'), 'a');
	try {
		for (;;)
			writeSync(file, Buffer.alloc(512));
	} catch (error) {
		assert.equal(error.code, 'ENOSPC');
	} finally {
		closeSync(file);
	}
}

// What the manual tells an auditor to type.
async function unexplained(journal) {
	const manual = readFileSync(join(top, 'docs/grantd-journal-check.8'),
		'utf8');
	const [, block] = /\.Bd -literal.*\n([^]*?)\.Ed/.exec(manual);
	const commands = block.replaceAll(/^\$ /gm, '')
		.replace("' journal |", `' "${journal}" |`)
		.replace(/ grantd \|/, ' |');
	const dir = scratch('grantd-auditor-');
	try {
		return (await run('sh', ['-ec', commands], { cwd: dir,
			env: { ...instance.cluster.env(instance.database),
				PGOPTIONS: '-c role=grantd_auditor' } }))
			.split('\n').filter((line) => line !== '');
	} finally {
		rmSync(dir, { recursive: true });
	}
}

test('an auditor finds what was signed and is not stored', async () => {
	instance = await Instance.start();
	const tokens = [];
	for (let i = 0; i < 3; i++)
		tokens.push((await instance.organization()).token);
	const journal = join(instance.dir, 'journal');
	assert.deepEqual(await unexplained(journal), []);
	const { jti } = decodeJwt(tokens[1]);
	await instance.psql(`DELETE FROM token.access_token
		WHERE jti = '${jti}'`);
	assert.deepEqual(await unexplained(journal), [jti]);
});

test('the disk of the journal is full',
	{ skip: !mounted && 'needs to mount a small disk' }, async () => {
		const org = await instance.organization();
		const account = await org.api.account({ name: unique('full') });
		const { integration } = await org.api.integration(account.id,
			'sink_mock_sink');
		const path = `/v1/tokens/${account.id}/${integration.id}`;
		const given = [];
		// Several at once: lines of one write are torn apart.
		const ask = async () => {
			const answers = await Promise.all(Array.from({ length: 20 },
				() => org.api.post(path, {})));
			for (const answer of answers)
				if (answer.status === 200)
					given.push(decodeJwt(answer.ok().result.secret).jti);
			return answers;
		};
		const conf = join(instance.dir, 'grantd.conf');
		writeFileSync(conf, readFileSync(conf, 'utf8')
			.replace(/^journal .*$/m, `journal "${join(disk, 'journal')}"`));
		await instance.grantctl('reload');
		await ask();
		for (let round = 0; round < 3; round++) {
			fill();
			await eventually(async () => (await ask())
				.every(({ status }) => status === 503), 20000,
			'no more tokens');
			(await org.api.get('/v1/organization')).ok();
			(await org.api.post('/v1/accounts', { name: unique('acc') }))
				.ok();
			rmSync(join(disk, 'filler'));
			await eventually(async () => (await ask())
				.every(({ status }) => status === 200), 20000,
			'tokens again');
		}
		assert.match(instance.log(), /journal: write: No space left/);
		const files = [join(instance.dir, 'journal'), join(disk, 'journal')];
		const said = await run(join(prefix, 'sbin/grantd-journal-check'),
			files);
		assert.match(said, /torn bytes left out/);
		const journal = files.map((file) => readFileSync(file, 'latin1'))
			.join('');
		const kept = new Set([...journal.matchAll(/ mint jti=(\S+)/g)]
			.map(([, jti]) => jti));
		for (const jti of given)
			assert.ok(kept.has(jti), `${jti} is in the journal`);
	});
