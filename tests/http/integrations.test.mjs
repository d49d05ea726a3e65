// Integrations: made with their pair in one reply, read, verified, changed.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { mocks, time, unique, uuid } from '../lib/api.mjs';

const instance = await sharedInstance();
const { api } = await instance.organization();
const account = await api.account({ name: unique('acc') });
const base = `/v1/integrations/${account.name}`;
const ticketing = { type: 'ticketing_mock_ticketing' };

test('every mock provider can be integrated', async () => {
	for (const type of mocks) {
		const { integration, token } = await api.integration(account.id, type);
		assert.match(integration.id, uuid);
		assert.match(integration.refresh_token_id, uuid);
		assert.equal(integration.account_id, account.id);
		assert.equal(integration.category, type.split('_')[0]);
		assert.equal(integration.provider_type, type);
		assert.equal(integration.provider_config.type, type);
		assert.match(integration.provider_fullname, /\S/);
		assert.match(integration.created_at, time);
		assert.match(integration.updated_at, time);
		assert.equal(integration.name, integration.id);
		assert.match(token.access.secret, /^eyJ/);
		const got = (await api.get(
			`${base}/${integration.id}`)).ok().result;
		assert.deepEqual(got, integration);
	}
});

test('the configuration is checked against the provider', async () => {
	const wrong = [
		[{}, 'provider_config'],
		[{ provider_config: null }, 'provider_config'],
		[{ provider_config: 'ticketing_mock_ticketing' }, 'provider_config'],
		[{ provider_config: {} }, undefined],
		[{ provider_config: { type: 'ticketing_of_dreams' } }, undefined],
		[{ provider_config: { type: 7 } }, undefined],
		[{ provider_config: { type: 'storage_mock_storage' } }, undefined],
		[{ provider_config: { type: 'storage_mock_storage', bucket: 3 } },
			undefined],
		[{ provider_config: { ...ticketing, nonsense: 1 } }, undefined],
	];
	for (const [body, parameter] of wrong) {
		const problem = (await api.post(base, { name: unique('bad'), ...body }))
			.problem(400, { parameter, location: 'body' });
		assert.match(problem.context.parameter.id, /provider_config/);
	}
});

test('by id or name of account and integration', async () => {
	const { integration } = await api.integration(account.name,
		ticketing.type, { name: unique('int') });
	for (const a of [account.id, account.name])
		for (const i of [integration.id, integration.name])
			assert.equal((await api.get(`/v1/integrations/${a}/${i}`))
				.ok().result.id, integration.id);
	const other = await api.account({});
	(await api.get(`/v1/integrations/${other.id}/${integration.id}`))
		.problem(404);
});

test('a create that is repeated: the same ids, a fresh pair, one pair alive',
	async () => {
		const body = { name: unique('again'), provider_config: ticketing };
		const one = (await api.post(base, body)).ok().result;
		const two = (await api.post(base, body)).ok().result;
		assert.equal(two.integration.id, one.integration.id);
		assert.equal(two.integration.refresh_token_id,
			one.integration.refresh_token_id);
		assert.notEqual(two.token.access.secret, one.token.access.secret);
		assert.notEqual(two.token.refresh.secret, one.token.refresh.secret);
		const door = '/v1/ticketing/projects';
		(await api.as(one.token.access.secret).get(door)).problem(401);
		(await api.as(two.token.access.secret).get(door)).ok();
		const path = `/v1/tokens/${one.integration.refresh_token_id}/refresh`;
		(await api.as(one.token.refresh.secret).put(path)).problem(401);
		(await api.as(two.token.refresh.secret).put(path)).ok();
		(await api.post(base, { ...body, fullname: 'Different' }))
			.problem(409, { code: 'name_taken' });
	});

test('a create that is repeated at once: one integration, one pair alive',
	async () => {
		const body = { name: unique('race'), provider_config: ticketing };
		const all = await Promise.all(Array.from({ length: 4 },
			() => api.post(base, body)));
		const made = all.map((reply) => reply.ok().result);
		assert.equal(new Set(made.map((m) => m.integration.id)).size, 1);
		const alive = await Promise.all(made.map(async (m) => (await api
			.as(m.token.access.secret).get('/v1/ticketing/projects')).status));
		assert.deepEqual(alive.sort(), [200, 401, 401, 401]);
	});

test('nameless creates with one title: each is new, none is a clash',
	async () => {
		const body = { fullname: 'Smith Ltd', provider_config: ticketing };
		const all = await Promise.all(Array.from({ length: 3 },
			() => api.post(base, body)));
		const made = all.map((reply) => reply.ok().result.integration);
		assert.equal(new Set(made.map((i) => i.id)).size, 3);
		assert.deepEqual(made.map((i) => i.name.replace(/-[0-9a-f]{8}$/, '')),
			['smith-ltd', 'smith-ltd', 'smith-ltd']);
		assert.equal(new Set(made.map((i) => i.name)).size, 3);
		assert.deepEqual(made.map((i) => i.fullname),
			['Smith Ltd', 'Smith Ltd', 'Smith Ltd']);
	});

test('the same name in another account is no clash', async () => {
	const body = { name: unique('same'), provider_config: ticketing };
	const other = await api.account({});
	const one = (await api.post(base, body)).ok().result.integration;
	const two = (await api.post(`/v1/integrations/${other.id}`, body)).ok()
		.result.integration;
	assert.notEqual(one.id, two.id);
});

test('verify: of a new one and of one that is there', async () => {
	const good = await api.post(`${base}/verify`, {
		integration: { provider_config: ticketing } });
	assert.equal('result' in good.ok().json, false);
	(await api.post(`${base}/verify`, {
		integration: { provider_config: { type: 'nothing' } } })).problem(400);
	const { integration } = await api.integration(account.id, ticketing.type);
	(await api.post(`${base}/${integration.id}/verify`)).ok();
	(await api.post(`${base}/nobody/verify`)).problem(404);
	const list = (await api.get(`${base}?limit=1000`)).ok().result;
	assert.equal(list.filter((item) => item.provider_type === 'nothing')
		.length, 0);
});

test('an integration named verify can be read and deleted', async () => {
	await api.integration(account.id, ticketing.type, { name: 'verify' });
	assert.equal((await api.get(`${base}/verify`)).ok().result.name, 'verify');
	(await api.delete(`${base}/verify`)).ok(204);
});

test('PUT and PATCH', async () => {
	const { integration } = await api.integration(account.id, ticketing.type,
		{ name: unique('change') });
	const path = `${base}/${integration.id}`;
	const put = (await api.put(path, { ...integration, fullname: 'New',
		provider_config: { ...ticketing, name: 'board' } })).ok().result;
	assert.equal(put.fullname, 'New');
	assert.equal(put.provider_config.name, 'board');
	assert.equal(put.refresh_token_id, integration.refresh_token_id);
	const patched = (await api.patch(path, [{ op: 'replace',
		path: '/provider_config/name', value: 'other' }])).ok().result;
	assert.equal(patched.provider_config.name, 'other');
	for (const [member, value] of [['id', 'x'], ['category', 'siem'],
		['account_id', '0190c9a0-0000-7000-8000-000000000000'],
		['refresh_token_id', '0190c9a0-0000-7000-8000-000000000000']])
		(await api.patch(path, [{ op: 'replace', path: `/${member}`, value }]))
			.problem(400);
	(await api.put(path, { ...put, provider_config: { type: 'nothing' } }))
		.problem(400);
	assert.deepEqual((await api.get(path)).ok().result.provider_config,
		patched.provider_config);
});

test('an integration of an unknown account is 404', async () => {
	(await api.post('/v1/integrations/nobody', { provider_config: ticketing }))
		.problem(404);
});
