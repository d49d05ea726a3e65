// Which processes the kernel runs first: the server's wait for their turn,
// unless an operator chose another policy.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Cluster } from '../lib/cluster.mjs';
import { Instance } from '../lib/instance.mjs';

const policies = { other: 0, batch: 3, idle: 5 };	// sched(7)
const skip = process.platform !== 'linux' && 'the policy is that of Linux';

let cluster;

before(async () => {
	cluster = await Cluster.make();
});

after(() => cluster.destroy());

const policy = (pid) => {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
};

// Of all processes of a server that is started now.
async function started() {
	const grantd = await Instance.start({ cluster });
	const seen = [grantd.pid, ...grantd.processes().map((p) => p.pid)]
		.map(policy);
	await grantd.stop();
	assert.ok(seen.length > 5, 'all processes were looked at');
	return new Set(seen);
}

test('all processes wait for their turn', { skip }, async () => {
	assert.deepEqual(await started(), new Set([policies.batch]));
});

test('a policy that was chosen stays', { skip }, async () => {
	execFileSync('chrt', ['--idle', '--pid', '0', String(process.pid)]);
	try {
		assert.deepEqual(await started(), new Set([policies.idle]));
	} finally {
		execFileSync('chrt', ['--other', '--pid', '0', String(process.pid)]);
	}
});
