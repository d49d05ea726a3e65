// The mock providers: what is made through one integration is seen through
// it and through no other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { time, unique } from '../lib/api.mjs';

const instance = await sharedInstance();
const { api } = await instance.organization();
const account = await api.account({ name: unique('acc') });

// Two integrations of the same kind: the one that is used, and a stranger.
async function pair(type) {
	const made = [];
	for (let i = 0; i < 2; i++) {
		const { token } = await api.integration(account.id, type);
		made.push(api.as(token.access.secret));
	}
	return made;
}

function page(answer) {
	const body = answer.ok().json;
	assert.ok(Array.isArray(body.result));
	assert.equal(typeof body.cursor, 'string');
	return body.result;
}

test('ticketing', async () => {
	const [own, other] = await pair('ticketing_mock_ticketing');
	const projects = page(await own.get('/v1/ticketing/projects'));
	assert.ok(projects.length >= 1);
	assert.ok(projects[0].id && projects[0].name);
	const made = (await own.post('/v1/ticketing/tickets', { name: 'first',
		summary: 'Light', priority: 'High', project: projects[0].id }))
		.ok().result;
	for (const member of ['id', 'name', 'summary'])
		assert.equal(typeof made[member], 'string');
	assert.match(made.created_at, time);
	assert.match(made.updated_at, time);
	const path = `/v1/ticketing/tickets/${made.id}`;
	assert.equal((await own.get(path)).ok().result.name, 'first');
	const patched = (await own.patch(path, [{ op: 'replace',
		path: '/summary', value: 'Lighter' }])).ok().result;
	assert.equal(patched.summary, 'Lighter');
	const list = page(await own.get('/v1/ticketing/tickets'));
	assert.deepEqual(list.map((ticket) => ticket.id), [made.id]);

	assert.deepEqual(page(await other.get('/v1/ticketing/tickets')), []);
	(await other.get(path)).problem(404);
	(await other.patch(path, [])).problem(404);
	(await own.post('/v1/ticketing/tickets', { summary: 'no name' }))
		.problem(400, { parameter: 'name', location: 'body' });
});

test('ticketing: pages by cursor, in the order asked for', async () => {
	const [own] = await pair('ticketing_mock_ticketing');
	for (let i = 0; i < 5; i++)
		(await own.post('/v1/ticketing/tickets', { name: `t${i}` })).ok();
	const seen = [];
	let cursor = '';
	do {
		const query = new URLSearchParams({ limit: 2,
			...(cursor && { cursor }) });
		const { result, cursor: next } = (await own.get(
			`/v1/ticketing/tickets?${query}`)).ok().json;
		assert.ok(result.length <= 2);
		seen.push(...result.map((ticket) => ticket.name));
		cursor = next;
	} while (cursor !== '');
	assert.deepEqual(seen.sort(), ['t0', 't1', 't2', 't3', 't4']);
	const back = page(await own.get('/v1/ticketing/tickets?order=name[desc]'));
	assert.equal(back[0].name, 't4');
	const some = page(await own.get('/v1/ticketing/tickets?filter=' +
		encodeURIComponent('name[eq]t3')));
	assert.deepEqual(some.map((ticket) => ticket.name), ['t3']);
	(await own.get('/v1/ticketing/tickets?cursor=forged')).problem(400);
});

// As large as they may be: more than an answer holds.
test('ticketing: a page ends where an answer would be too large', async () => {
	const [own] = await pair('ticketing_mock_ticketing');
	const custom_fields = { text: 'x'.repeat(900 * 1024) };
	for (let i = 0; i < 9; i++)
		(await own.post('/v1/ticketing/tickets',
			{ name: `large${i}`, custom_fields })).ok();
	const one = (await own.get('/v1/ticketing/tickets?limit=1000')).ok().json;
	assert.equal(one.result.length, 6);
	assert.notEqual(one.cursor, '');
	const two = (await own.get('/v1/ticketing/tickets?limit=1000&cursor=' +
		encodeURIComponent(one.cursor))).ok().json;
	assert.equal(two.result.length, 3);
	assert.equal(two.cursor, '');
	assert.equal(new Set([...one.result, ...two.result]
		.map((ticket) => ticket.name)).size, 9);
});

test('notifications', async () => {
	const [own, other] = await pair('notifications_mock_notifications');
	const made = (await own.post('/v1/notifications/create',
		{ summary: 'Fire', name: 'alarm' })).ok().result;
	for (const member of ['id', 'name', 'summary'])
		assert.equal(typeof made[member], 'string');
	assert.match(made.created_at, time);
	const got = (await own.get(`/v1/notifications/get/${made.id}`)).ok();
	assert.equal(got.result.summary, 'Fire');
	(await other.get(`/v1/notifications/get/${made.id}`)).problem(404);
	(await other.post(`/v1/notifications/clear/${made.id}`)).problem(404);
	(await own.post(`/v1/notifications/clear/${made.id}`)).ok();
	(await own.post('/v1/notifications/create', { name: 'x' }))
		.problem(400, { parameter: 'summary' });
});

for (const category of ['siem', 'sink'])
	test(`${category}: events are taken as an array`, async () => {
		const [own, other] = await pair(`${category}_mock_${category}`);
		const path = `/v1/${category}/events`;
		const events = [
			{ class_uid: 2004, message: 'one', time: 1700000000000 },
			{ class_uid: 2004, message: 'two', nested: { deep: [1, null] } },
		];
		(await own.post(path, events)).ok();
		(await own.post(path, [])).ok();
		(await own.post(path, { message: 'no array' })).problem(400);
		(await own.post(path, ['no object'])).problem(400);
		if (category === 'sink')
			return;
		const body = (await own.get(path)).ok().json;
		assert.ok(['PENDING', 'COMPLETE'].includes(body.status));
		assert.equal(typeof body.cursor, 'string');
		assert.deepEqual(body.result.map((event) => event.message).sort(),
			['one', 'two']);
		assert.deepEqual(page(await other.get(path)), []);
	});

test('sink keeps what it was given, for its own integration', async () => {
	const [own] = await pair('sink_mock_sink');
	const answer = (await own.post('/v1/sink/events',
		[{ message: 'kept' }])).ok().json;
	assert.ok(Array.isArray(answer.result));
});

test('storage', async () => {
	const [own, other] = await pair('storage_mock_storage');
	const bytes = Buffer.from([0, 1, 2, 255, 254, 10, 13, 0]);
	(await own.post('/v1/storage/files/reports/one.bin', bytes,
		{ 'content-type': 'application/octet-stream' })).ok();
	const reply = await fetch(
		`${instance.base}/v1/storage/files/reports/one.bin`,
		{ headers: { authorization: `Bearer ${own.token}` } });
	assert.equal(reply.status, 200);
	assert.equal(reply.headers.get('content-type'), 'application/octet-stream');
	assert.deepEqual(Buffer.from(await reply.arrayBuffer()), bytes);
	const folder = (await own.get('/v1/storage/folders/reports')).ok().json;
	assert.ok(folder.result.some((item) => item.name?.includes('one.bin') ||
		item.path?.includes('one.bin')), JSON.stringify(folder));
	(await own.get('/v1/storage/folders')).ok();
	assert.equal((await other.get('/v1/storage/folders/reports')).text
		.includes('one.bin'), false);
	(await other.get('/v1/storage/files/reports/one.bin')).problem(404);
	(await own.delete('/v1/storage/files/reports/one.bin')).ok();
	(await own.get('/v1/storage/files/reports/one.bin')).problem(404);
});

test('storage takes a form with a file, and refuses too much', async () => {
	const [own] = await pair('storage_mock_storage');
	const form = new FormData();
	form.append('content', new Blob(['hello']), 'hello.txt');
	const reply = await fetch(`${instance.base}/v1/storage/files/hello.txt`, {
		method: 'POST', body: form,
		headers: { authorization: `Bearer ${own.token}` } });
	assert.ok(reply.ok, `${reply.status} ${await reply.text()}`);
	const large = Buffer.alloc(512 * 1024 + 1, 'x');
	(await own.post('/v1/storage/files/large', large,
		{ 'content-type': 'application/octet-stream' })).problem(413);
	const fits = Buffer.alloc(512 * 1024, 'x');
	(await own.post('/v1/storage/files/fits', fits,
		{ 'content-type': 'application/octet-stream' })).ok();
	for (const path of ['../x', '%2e%2e/x', 'a//b', 'a/%00']) {
		const answer = await own.get(`/v1/storage/files/${path}`);
		assert.ok([400, 404].includes(answer.status), answer.text);
	}
});
