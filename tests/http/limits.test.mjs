// Limits and lifetimes of the configuration, on an instance with small ones.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Cluster } from '../lib/cluster.mjs';
import { Instance, freePort } from '../lib/instance.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { Client, unique } from '../lib/api.mjs';
import { events } from '../lib/audit.mjs';
import { Raw, request } from '../lib/raw.mjs';

const shared = await sharedInstance();
const proxy = await freePort();
const instance = await Instance.start({
	cluster: new Cluster(shared.clusterDir),
	conf: `
listen on 127.0.0.1 port ${proxy} trusted proxy { 127.0.0.1 }
lifetime { access 30m refresh 1h grace 5m }
limit { header 4k body 8k idle 8s connections 40 }
`,
});
after(() => instance.stop());
const org = await instance.organization();
const { api } = org;

// They wait while the other tests run.
const idle = await Raw.connect(instance.target);
(await idle.write(request('GET', '/v1/version')).answer());
const begun = await Promise.all(['GET /v1/ver', request('POST',
	'/v1/accounts', org.token, { 'Content-Type': 'application/json',
		'Content-Length': 10 }, '{')].map(async (text) =>
	(await Raw.connect(instance.target)).write(text)));

test('header and body have the limits that were set', async () => {
	const raw = await Raw.connect(instance.target);
	raw.write(request('GET', '/v1/organization', org.token,
		{ 'X-Large': 'x'.repeat(4096) }));
	assert.ok([400, 413, 414, 431].includes((await raw.answer()).status));
	raw.destroy();
	(await api.post('/v1/accounts', { fullname: 'x'.repeat(8192) }))
		.problem(413);
});

test('an access token lives as long as was set', async () => {
	const account = await api.account({});
	const { token } = await api.integration(account.id, 'sink_mock_sink');
	const life = Date.parse(token.access.expires) - Date.now();
	assert.ok(life > 1790000 && life <= 1801000, `${life}`);
});

test('the grace of a repeated refresh ends', async () => {
	const account = await api.account({ name: unique('grace') });
	const { integration, token } = await api.integration(account.id,
		'sink_mock_sink');
	const path = `/v1/tokens/${integration.refresh_token_id}/refresh`;
	// as if so much time had gone by
	const age = (time) => instance.psql(`UPDATE token.family SET
		refreshed_at = refreshed_at - interval '${time}',
		expires_at = expires_at - interval '${time}',
		secondary_expires_at = secondary_expires_at - interval '${time}'
		WHERE id = '${integration.refresh_token_id}'`);
	const former = api.as(token.refresh.secret);
	const first = (await former.put(path)).ok().result;
	await age('4 min');
	const again = (await former.put(path)).ok().result;
	assert.equal(again.primary.refresh.secret, first.primary.refresh.secret);
	await age('1 min');
	(await former.put(path)).problem(403);
	const next = api.as(again.primary.refresh.secret);
	(await next.put(path)).ok();
	await age('50 min');
	(await next.put(path)).problem(403);
	await age('10 min');
	(await next.put(path)).problem(401);
});

test('an idle connection is closed', async () => {
	await idle.closed();
	assert.equal(idle.rest(), '');
	idle.destroy();
});

test('a request that does not get done is told so and closed', async () => {
	for (const raw of begun) {
		const answer = await raw.answer();
		answer.problem(408, { code: 'timeout' });
		assert.equal(answer.headers.get('connection'), 'close');
		await raw.closed();
		assert.equal(raw.rest(), '');
		raw.destroy();
	}
});

test('more connections than allowed do not hurt those that are there',
	async () => {
		const kept = await Raw.connect(instance.target);
		(await kept.write(request('GET', '/v1/version')).answer());
		// one that is idle for seconds makes room for others
		const next = request('GET', '/v1/version');
		kept.write(next.slice(0, 9));
		const many = [];
		for (let i = 0; i < 80; i++)
			many.push(await Raw.connect(instance.target).catch(() => null));
		assert.equal((await kept.write(next.slice(9)).answer()).status, 200);
		kept.destroy();
		for (const raw of many)
			raw?.destroy();
		(await api.get('/v1/version')).ok();
	});

test('a trusted proxy tells who the client is, from the right', async () => {
	const behind = new Client(`http://127.0.0.1:${proxy}`, org.token);
	for (const [forwarded, peer] of [
		['192.0.2.7', '192.0.2.7'],
		['198.51.100.1, 192.0.2.8', '192.0.2.8'],
		['192.0.2.9, 127.0.0.1', '192.0.2.9'],
		['2001:db8::1', '2001:db8::1'],
		['nonsense', '127.0.0.1']]) {
		const made = (await behind.post('/v1/accounts', {},
			{ 'x-forwarded-for': forwarded })).ok();
		const [event] = await events(instance,
			made.headers.get('x-request-id'));
		assert.equal(event.peer, peer, forwarded);
	}
});
