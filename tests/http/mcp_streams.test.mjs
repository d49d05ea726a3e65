// Streams of /mcp that stay open: how many a credential may have.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Cluster } from '../lib/cluster.mjs';
import { eventually, Instance } from '../lib/instance.mjs';
import { load, program } from '../lib/mcp.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const shared = await sharedInstance();
const instance = await Instance.start({
	cluster: new Cluster(shared.clusterDir),
	workers: 1,
	conf: 'limit { streams 6 }' });
after(() => instance.stop());
await load(instance, 'tests/lib/mcp.sql', 'mt');
const org = await instance.organization();
const scopes = ['mt:read', 'mt:write'];
const share = 4;

const listen = (mcp) => mcp.ask('subscriptions/listen',
	{ notifications: { toolsListChanged: true } });

async function listening(mcp) {
	const answer = await listen(mcp);
	assert.equal(answer.status, 200, answer.text);
	await answer.events.next();
	return answer.events;
}

test('a credential has a share of the streams, others have the rest',
	async () => {
		const { mcp } = await program(instance, org, scopes);
		const open = [];
		for (let i = 0; i < share; i++)
			open.push(await listening(mcp));
		const more = await listen(mcp);
		assert.equal(more.status, 429, more.text);
		assert.equal(more.json.error.code, 429);
		assert.equal(more.json.id, more.id);
		assert.match(more.json.error.message, /share of open streams, 4/);
		assert.match(more.headers.get('retry-after'), /^\d+$/);
		// its calls are answered, though without a stream
		const answer = await mcp.call('steps', { numbers: [1] },
			{ progressToken: 1 });
		assert.equal(answer.status, 200);
		assert.match(answer.headers.get('content-type'),
			/^application\/json/);
		assert.ok(answer.json.result);
		// another one gets in, until there is no place for anybody
		const other = await program(instance, org, scopes);
		open.push(await listening(other.mcp), await listening(other.mcp));
		const full = await listen(other.mcp);
		assert.equal(full.status, 503, full.text);
		assert.equal(full.json.error.code, 503);
		assert.match(full.headers.get('retry-after'), /^\d+$/);
		// a place is given back
		open.shift().close();
		await eventually(async () => {
			const again = await listen(mcp);
			again.events?.close();
			return again.status === 200;
		}, 4000, 'a place is free again');
		for (const one of open)
			one.close();
	});

test('an ended call gives its place back', async () => {
	const { mcp } = await program(instance, org, scopes);
	for (let i = 0; i < 2 * share; i++) {
		const answer = await mcp.call('steps', { numbers: [1] },
			{ progressToken: 1 });
		assert.match(answer.headers.get('content-type'),
			/^text\/event-stream/);
		assert.ok((await answer.events.all()).at(-1).result);
	}
});
