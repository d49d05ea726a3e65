// Streams of /mcp that stay open: how many a credential may have, and what is
// told of resources that it watches.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../lib/cluster.mjs';
import { eventually, Instance } from '../lib/instance.mjs';
import { keys, load, program, refused, settled } from '../lib/mcp.mjs';
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

// What a function of the owner's says, in a transaction of its own.
const changed = async (uri, end = 'COMMIT') => (await instance.psql(`BEGIN;
	SET ROLE mt_owner; SELECT grantd.changed('${uri}'); ${end}`))[0][0];

const watch = async (mcp, uris) => {
	const answer = await mcp.ask('subscriptions/listen',
		{ notifications: { resourceSubscriptions: uris } });
	assert.equal(answer.status, 200, answer.text);
	const first = await answer.events.next();
	return { answer, told: first.params.notifications };
};

test('who watches a resource hears that it changed', async () => {
	const { mcp } = await program(instance, org, scopes);
	const server = await mcp.result('server/discover');
	assert.equal(server.capabilities.resources.subscribe, true);
	const { answer, told } = await watch(mcp, ['mt://pages/7', 'mt://open',
		'mt://nowhere', 'mt://pages/7/8', 'mt://pages/']);
	assert.deepEqual(told.resourceSubscriptions.toSorted(),
		['mt://open', 'mt://pages/7']);
	// what is taken back was none, nor is what others watch
	assert.equal(await changed('mt://open', 'ROLLBACK'), 't');
	assert.equal(await changed('mt://pages/8'), 't');
	assert.equal(await changed('mt://nowhere'), 'f');
	assert.equal(await changed('mt://pages/7'), 't');
	const one = await answer.events.next();
	assert.equal(one.method, 'notifications/resources/updated');
	assert.equal(one.params.uri, 'mt://pages/7');
	assert.equal(one.params._meta[keys.subscription], answer.id);
	// once; and later changes as well
	await sleep(3500);
	assert.equal(await changed('mt://open'), 't');
	assert.equal((await answer.events.next()).params.uri, 'mt://open');
	answer.events.close();
});

test('a procedure says it, too', async () => {
	const { mcp } = await program(instance, org, scopes);
	const { answer } = await watch(mcp, ['mt://open']);
	await instance.psql(`SET ROLE mt_owner;
		CREATE FUNCTION mt.touch(uri text) RETURNS boolean LANGUAGE sql
		AS 'SELECT grantd.changed(uri)';
		SELECT grantd.publish('mt.touch', 'mt:write')`);
	await settled();
	const result = await mcp.tool('touch', { uri: 'mt://open' });
	assert.equal(result.structuredContent.result, true,
		JSON.stringify(result));
	assert.equal((await answer.events.next()).params.uri, 'mt://open');
	answer.events.close();
});

test('a change that began before and ends after the look is told',
	async () => {
		const { mcp } = await program(instance, org, scopes);
		const slow = instance.psql(`BEGIN; SET ROLE mt_owner;
			SELECT grantd.changed('mt://open'); SELECT pg_sleep(4); COMMIT`);
		await sleep(500);
		const { answer } = await watch(mcp, ['mt://open']);
		assert.equal(await changed('mt://pages/1'), 't');
		await slow;
		assert.equal((await answer.events.next()).params.uri, 'mt://open');
		answer.events.close();
	});

test('who may not read it hears nothing', async () => {
	await instance.psql(`SET ROLE mt_owner;
		SELECT grantd.publish_resource('mt.guarded', 'mt:admin',
			'mt://guarded', "group" => 'mtr')`);
	const { mcp } = await program(instance, org, scopes);
	const { answer, told } = await watch(mcp, ['mt://guarded', 'mt://open']);
	assert.deepEqual(told.resourceSubscriptions, ['mt://open']);
	assert.equal(await changed('mt://guarded'), 't');
	assert.equal(await changed('mt://open'), 't');
	assert.equal((await answer.events.next()).params.uri, 'mt://open');
	await assert.rejects(answer.events.next(2500), /no event/);
	answer.events.close();
});

test('resourceSubscriptions is a list of URIs', async () => {
	const { mcp } = await program(instance, org, scopes);
	for (const resourceSubscriptions of [7, 'mt://open', {}, [7], [null],
		Array(65).fill('mt://open'), [`mt://${'x'.repeat(1024)}`]])
		refused(await mcp.ask('subscriptions/listen',
			{ notifications: { resourceSubscriptions } }), 200, -32602);
	// what is no URI of ours is not promised
	const { answer, told } = await watch(mcp, ['', '{', 'mt://pages/1/\n',
		'\u{10ffff}', '\'; DROP TABLE publish.change; --']);
	assert.deepEqual(told, {});
	answer.events.close();
	const none = await watch(mcp, []);
	assert.deepEqual(none.told, {});
	none.answer.events.close();
});
