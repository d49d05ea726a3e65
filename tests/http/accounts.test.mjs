// Accounts: create, read, replace, patch, delete, by id and by name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { time, unique, uuid } from '../lib/api.mjs';

const instance = await sharedInstance();
const org = await instance.organization();
const { api } = org;

test('an account has every field that clients require', async () => {
	const name = unique('acme');
	const reply = await api.post('/v1/accounts', { name,
		labels: ['eu', 'tier:1'], environment: 'test' });
	const { account } = reply.ok().result;
	assert.match(account.id, uuid);
	assert.match(account.created_at, time);
	assert.match(account.updated_at, time);
	assert.equal(account.name, name);
	assert.equal(account.fullname, name);
	assert.equal(account.organization_id, org.id);
	assert.equal(account.environment, 'test');
	assert.deepEqual(account.labels, ['eu', 'tier:1']);
});

test('it is found by id and by name, with or without case', async () => {
	const made = await api.account({ name: unique('found') });
	for (const key of [made.id, made.name, made.name.toUpperCase()]) {
		const got = (await api.get(`/v1/accounts/${key}`)).ok().result;
		assert.deepEqual(got, made);
	}
});

test('a fullname alone makes the name, neither makes both the id', async () => {
	const full = await api.account({ fullname: `Köln & Söhne ${unique('x')}` });
	assert.match(full.name, /^[a-z0-9_-]+$/);
	assert.match(full.fullname, /^Köln & Söhne/);
	const none = await api.account({});
	assert.equal(none.name, none.id);
	assert.equal(none.fullname, none.id);
	assert.equal(none.environment, 'prod');
});

test('null is as good as absent', async () => {
	const name = unique('null');
	const made = await api.account({ name, fullname: null, labels: null,
		environment: null });
	assert.equal(made.fullname, name);
	assert.equal(made.environment, 'prod');
});

test('wrong values name the member that is wrong', async () => {
	const wrong = [
		[{ name: 'a/b' }, 'name'],
		[{ name: '' }, 'name'],
		[{ name: 'x'.repeat(300) }, 'name'],
		[{ name: 7 }, 'name'],
		[{ environment: 'moon' }, 'environment'],
		[{ labels: 'eu' }, 'labels'],
		[{ labels: ['ok', 'not ok'] }, undefined],
		[{ labels: ['x'.repeat(49)] }, undefined],
		[{ labels: [''] }, undefined],
		[{ nme: 'typo' }, 'nme'],
	];
	for (const [body, parameter] of wrong)
		(await api.post('/v1/accounts', body)).problem(400,
			{ parameter, location: 'body' });
});

test('the same create again gives the same account, another is 409',
	async () => {
		const body = { name: unique('twice'), labels: ['a'] };
		const first = await api.account(body);
		const again = await api.account(body);
		assert.equal(again.id, first.id);
		(await api.post('/v1/accounts', { ...body, labels: ['b'] }))
			.problem(409, { code: 'name_taken' });
		(await api.post('/v1/accounts', { name: body.name.toUpperCase() }))
			.problem(body.name.toUpperCase() === body.name ? 409 : 400);
	});

test('a repeat by another token is a clash', async () => {
	const body = { name: unique('other') };
	await api.account(body);
	const { result } = await instance.grantctl('token', 'create',
		'organization', org.name);
	const other = api.as(result.primary.access.secret);
	(await other.post('/v1/accounts', body))
		.problem(409, { code: 'name_taken' });
});

test('nameless creates make a new account each time', async () => {
	const one = await api.account({ labels: ['same'] });
	const two = await api.account({ labels: ['same'] });
	assert.notEqual(one.id, two.id);
});

test('nameless creates with one title, too, one by one and at once',
	async () => {
		const body = { fullname: unique('Title Ltd') };
		const one = await api.account(body);
		const two = await api.account({ ...body, labels: ['other'] });
		const all = [one, two, ...await Promise.all([api.account(body),
			api.account(body)])];
		assert.equal(new Set(all.map((a) => a.id)).size, 4);
		assert.equal(new Set(all.map((a) => a.name)).size, 4);
		assert.deepEqual(new Set(all.map((a) => a.fullname)),
			new Set([body.fullname]));
		assert.ok(two.name.startsWith(`${one.name}-`), two.name);
	});

test('many at once under one name: one account', async () => {
	const body = { name: unique('race') };
	const made = await Promise.all(Array.from({ length: 8 },
		() => api.post('/v1/accounts', body)));
	const ids = new Set(made.map((reply) => reply.ok().result.account.id));
	assert.equal(ids.size, 1);
});

test('PUT replaces, with the object that GET gave', async () => {
	const made = await api.account({ name: unique('put') });
	const body = { ...made, fullname: 'Another Name', labels: ['new'] };
	const put = (await api.put(`/v1/accounts/${made.name}`, body)).ok().result;
	assert.equal(put.fullname, 'Another Name');
	assert.deepEqual(put.labels, ['new']);
	assert.equal(put.id, made.id);
	assert.equal(put.created_at, made.created_at);
	assert.ok(put.updated_at >= made.updated_at);
	const got = (await api.get(`/v1/accounts/${made.id}`)).ok().result;
	assert.deepEqual(got, put);
});

test('PUT refuses to change what is read-only', async () => {
	const made = await api.account({ name: unique('ro') });
	for (const [member, value] of [
		['id', '0190c9a0-0000-7000-8000-000000000000'],
		['organization_id', '0190c9a0-0000-7000-8000-000000000000'],
		['created_at', '2001-01-01T00:00:00Z']])
		(await api.put(`/v1/accounts/${made.id}`,
			{ ...made, [member]: value }))
			.problem(400, { parameter: member, location: 'body' });
	const got = (await api.get(`/v1/accounts/${made.id}`)).ok().result;
	assert.deepEqual(got, made);
});

test('PUT renames, but not onto a name that is taken', async () => {
	const one = await api.account({ name: unique('one') });
	const two = await api.account({ name: unique('two') });
	(await api.put(`/v1/accounts/${two.id}`, { ...two, name: one.name }))
		.problem(409, { code: 'name_taken' });
	const name = unique('three');
	(await api.put(`/v1/accounts/${two.id}`, { ...two, name })).ok();
	(await api.get(`/v1/accounts/${two.name}`)).problem(404);
	assert.equal((await api.get(`/v1/accounts/${name}`)).ok().result.id,
		two.id);
});

test('PATCH: every operation of RFC 6902', async () => {
	const made = await api.account({ name: unique('patch'),
		labels: ['a', 'b'] });
	const path = `/v1/accounts/${made.id}`;
	const patch = async (...operations) =>
		(await api.patch(path, operations)).ok().result;
	let got = await patch({ op: 'test', path: '/name', value: made.name },
		{ op: 'replace', path: '/fullname', value: 'Patched' });
	assert.equal(got.fullname, 'Patched');
	got = await patch({ op: 'add', path: '/labels/-', value: 'c' });
	assert.deepEqual(got.labels, ['a', 'b', 'c']);
	got = await patch({ op: 'add', path: '/labels/0', value: 'z' });
	assert.deepEqual(got.labels, ['z', 'a', 'b', 'c']);
	got = await patch({ op: 'remove', path: '/labels/1' });
	assert.deepEqual(got.labels, ['z', 'b', 'c']);
	got = await patch({ op: 'move', from: '/labels/2', path: '/labels/0' });
	assert.deepEqual(got.labels, ['c', 'z', 'b']);
	got = await patch({ op: 'copy', from: '/name', path: '/fullname' });
	assert.equal(got.fullname, made.name);
	got = await patch({ op: 'replace', path: '/labels', value: [] });
	assert.deepEqual(got.labels ?? [], []);
});

test('PATCH: all or nothing', async () => {
	const made = await api.account({ name: unique('whole') });
	const path = `/v1/accounts/${made.id}`;
	const bad = [
		[{ op: 'test', path: '/name', value: 'no' }],
		[{ op: 'remove', path: '/nothing' }],
		[{ op: 'replace', path: '/id', value: 'x' }],
		[{ op: 'boil', path: '/name' }],
		[{ op: 'replace', path: 'name', value: 'x' }],
		[{ op: 'replace', path: '/name' }],
		[{ op: 'add', path: '/labels/99', value: 'x' }],
		[{ op: 'add', path: '/labels/01', value: 'x' }],
		[{ path: '/name', value: 'x' }],
		['replace'],
	];
	for (const operations of bad) {
		const reply = await api.patch(path, [
			{ op: 'replace', path: '/fullname', value: 'half' },
			...operations]);
		assert.ok([400, 409, 422].includes(reply.status),
			`${JSON.stringify(operations)}: ${reply.status} ${reply.text}`);
		reply.problem(reply.status);
	}
	(await api.patch(path, { op: 'test' })).problem(400);
	const got = (await api.get(path)).ok().result;
	assert.deepEqual(got, made);
});

test('DELETE answers 204, then the account is gone', async () => {
	const made = await api.account({ name: unique('gone') });
	(await api.delete(`/v1/accounts/${made.name}`)).ok(204);
	(await api.get(`/v1/accounts/${made.id}`)).problem(404);
	(await api.get(`/v1/accounts/${made.name}`)).problem(404);
	(await api.delete(`/v1/accounts/${made.id}`)).problem(404);
	await api.account({ name: made.name });
});

test('an id that is none, or of nobody, is 404', async () => {
	for (const id of ['no-such-name', '0190c9a0-0000-7000-8000-000000000000',
		'%00', '%F0%9F%98%80', "'%20or%201=1--", 'x'.repeat(500)]) {
		const reply = await api.get(`/v1/accounts/${id}`);
		assert.ok([400, 404].includes(reply.status), `${id}: ${reply.text}`);
		reply.problem(reply.status);
	}
});

test('the organization shows itself', async () => {
	const got = (await api.get('/v1/organization')).ok().result;
	assert.equal(got.id, org.id);
	assert.equal(got.name, org.name);
	assert.match(got.refresh_token_id, uuid);
	assert.ok(['root', 'standard'].includes(got.organization_type));
	assert.match(got.created_at, time);
});
