// Which processes the kernel runs first: the server's wait for their turn,
// unless an operator chose another policy.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { Cluster } from '../lib/cluster.mjs';
import { Instance } from '../lib/instance.mjs';

const policies = { other: 0, batch: 3, idle: 5 };	// sched(7)
const policy = (pid) => {
	const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
	return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38]);
};
const skip = process.platform !== 'linux' ? 'the policy is that of Linux' :
	policy('self') !== policies.other && 'the tests have another policy';

let cluster;

before(async () => {
	cluster = await Cluster.make();
});

after(() => cluster.destroy());

// Of all processes of a server that this command starts.
async function started(...by) {
	const grantd = await Instance.start({ cluster, by });
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
	assert.deepEqual(await started('chrt', '--idle', '0'),
		new Set([policies.idle]));
});
