// Streams of /mcp that stay open: how many a credential may have, and what is
// told of resources that it watches.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Cluster } from '../lib/cluster.mjs';
import { eventually, Instance } from '../lib/instance.mjs';
import { hold, keys, load, program, refused, settled } from '../lib/mcp.mjs';
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
		}, 20000, 'a place is free again');
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

// --- calls that run for long ---

const written = async (what) => Number((await instance.psql(`SELECT count(*)
	FROM mt.written WHERE what = '${what}'`))[0][0]);

// A call that said something: its stream is open, and it goes on.
async function begun(mcp, era, name, args) {
	const answer = era === 'modern' ?
		await mcp.call(name, args, { progressToken: 1 }) :
		await mcp.old('tools/call', { name, arguments: args,
			_meta: { progressToken: 1 } });
	assert.equal((await answer.events.next()).method,
		'notifications/progress');
	return answer;
}

// The credential stops being one; its stream is told so within seconds.
async function refusedSoon(answer) {
	const from = Date.now();
	const last = (await answer.events.all()).at(-1);
	assert.equal(last.id ?? answer.id, answer.id);
	assert.equal(last.error?.code, 401, JSON.stringify(last));
	assert.ok(!('result' in last));
	assert.ok(Date.now() - from < 20000, `${Date.now() - from} ms`);
}

const ends = {
	'is revoked': ({ app, token }) => app.revoke(token),
	'expires': ({ app }) => instance.psql(`UPDATE token.access_token
		SET expires_at = now() - interval '1 second' WHERE family =
		(SELECT family FROM oauth.client WHERE id = '${app.id}')`),
	'belongs to a client that is suspended': ({ app }) => instance.psql(
		`UPDATE oauth.client SET status = 'suspended' WHERE id = '${app.id}'`),
};

for (const [what, end] of Object.entries(ends))
	for (const era of ['modern', 'legacy'])
		test(`a call that reads is over when its token ${what}, ${era}`,
			async () => {
				const one = await program(instance, org, scopes);
				const answer = await begun(one.mcp, era, 'watch',
					{ seconds: 45 });
				await instance.asleep(1);
				await end(one);
				await refusedSoon(answer);
				await instance.asleep(0);
			});

for (const era of ['modern', 'legacy'])
	test(`of a call that writes only the answer is withheld, ${era}`,
		async () => {
			const one = await program(instance, org, scopes);
			await hold(instance, async (held) => {
				const answer = await begun(one.mcp, era, 'write_held',
					{ what: era });
				await held.blocks();
				await one.app.revoke(one.token);
				await refusedSoon(answer);
				assert.equal(await written(era), 0);
				await held.blocks();
			});
			await eventually(async () => await written(era) === 1, 30000,
				'it was written');
		});

test('a call whose scope is taken away is over', async () => {
	const one = await program(instance, org, scopes);
	const answer = await begun(one.mcp, 'modern', 'watch', { seconds: 45 });
	await instance.psql(`SET ROLE mt_owner;
		SELECT grantd.publish('mt.watch', 'mt:admin', timeout => '60 s')`);
	const last = (await answer.events.all()).at(-1);
	assert.equal(last.error?.code, 403, JSON.stringify(last));
	await instance.asleep(0);
	await instance.psql(`SET ROLE mt_owner;
		SELECT grantd.publish('mt.watch', 'mt:read', timeout => '60 s')`);
	await settled(instance);
});

test('a call that is looked at goes on, and says that it lives', async () => {
	const { mcp } = await program(instance, org, scopes);
	const answer = await begun(mcp, 'modern', 'watch',
		{ seconds: 1, silent: 18 });
	const last = (await answer.events.next(40000));
	assert.equal(last.result?.structuredContent.result, 'watched',
		JSON.stringify(last));
	assert.ok(answer.events.comments >= 1, 'no comment');
	assert.equal(await answer.events.next(), undefined);
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
	await settled(instance);
	const result = await mcp.tool('touch', { uri: 'mt://open' });
	assert.equal(result.structuredContent.result, true,
		JSON.stringify(result));
	assert.equal((await answer.events.next()).params.uri, 'mt://open');
	answer.events.close();
});

test('a change that began before and ends after the look is told',
	async () => {
		const { mcp } = await program(instance, org, scopes);
		let answer;
		await instance.hold(`SET LOCAL ROLE mt_owner;
			SELECT grantd.changed('mt://open')`, async () => {
			({ answer } = await watch(mcp, ['mt://open']));
			assert.equal(await changed('mt://pages/1'), 't');
		});
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
