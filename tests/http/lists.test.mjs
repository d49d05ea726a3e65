// What every list takes: limit, start_after, order, filter, expand, total.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
const { api } = await instance.organization();

const made = [];
for (let i = 0; i < 12; i++)
	made.push(await api.account({
		name: `item-${String(i).padStart(2, '0')}`,
		fullname: `Item ${'abcdefghijkl'[11 - i]}`,
		environment: i % 2 ? 'prod' : 'test',
	}));
const names = made.map((account) => account.name);

async function list(query, path = '/v1/accounts') {
	return (await api.get(`${path}?${new URLSearchParams(query)}`)).ok().json;
}

async function named(query) {
	return (await list(query)).result.map((item) => item.name);
}

test('the order is by name, and all fit on a page of 100', async () => {
	assert.deepEqual(await named([]), names);
});

test('limit and start_after walk through, a short page is the end',
	async () => {
		const seen = [];
		for (let after = '';;) {
			const page = await named({ limit: 5,
				...(after && { start_after: after }) });
			seen.push(...page);
			if (page.length < 5)
				break;
			after = page.at(-1);
		}
		assert.deepEqual(seen, names);
		assert.deepEqual(await named({ start_after: 'item-11' }), []);
		assert.deepEqual(await named({ start_after: 'item-09x' }),
			['item-10', 'item-11']);
	});

test('order: field, [asc], [desc], several', async () => {
	const back = [...names].reverse();
	assert.deepEqual(await named({ order: 'name[desc]' }), back);
	assert.deepEqual(await named({ order: 'name[asc]' }), names);
	assert.deepEqual(await named({ order: 'fullname' }), back);
	const twice = await named([['order', 'environment[desc]'],
		['order', 'name[desc]']]);
	assert.deepEqual(twice, [...back.filter((name) => made[Number(
		name.slice(5))].environment === 'test'), ...back.filter((name) =>
		made[Number(name.slice(5))].environment === 'prod')]);
});

test('start_after goes on where the page ended, in the order asked for',
	async () => {
		assert.deepEqual(await named({ order: 'name[desc]',
			start_after: 'item-03' }), ['item-02', 'item-01', 'item-00']);
	});

test('filter: every operator', async () => {
	const cases = [
		['name[eq]item-03', ['item-03']],
		['name[eq]Item-03', ['item-03']],
		['name[in]ITEM-03,item-04', ['item-03', 'item-04']],
		['name[ne]item-03', names.filter((name) => name !== 'item-03')],
		['name[in]item-01,item-05,nothing', ['item-01', 'item-05']],
		['name[like]item-1*', ['item-10', 'item-11']],
		['name[like]item-1%', ['item-10', 'item-11']],
		['name[like]*-07', ['item-07']],
		['name[like]item_03', []],
		['name[gt]item-09', ['item-10', 'item-11']],
		['name[gte]item-10', ['item-10', 'item-11']],
		['name[lt]item-01', ['item-00']],
		['name[lte]item-01', ['item-00', 'item-01']],
		['environment[eq]test', names.filter((_, i) => i % 2 === 0)],
		[`id[eq]${made[4].id}`, ['item-04']],
		[`created_at[lt]${made[0].created_at}`, []],
		[`created_at[gte]${made[0].created_at}`, names],
	];
	for (const [filter, want] of cases)
		assert.deepEqual(await named({ filter }), want, filter);
});

test('filters are joined by and', async () => {
	assert.deepEqual(await named([['filter', 'name[gte]item-04'],
		['filter', 'name[lt]item-08'], ['filter', 'environment[eq]prod']]),
	['item-05', 'item-07']);
});

test('total counts what the filter leaves, not the page', async () => {
	const page = await list([['total', 'true'], ['limit', '2'],
		['filter', 'environment[eq]test']]);
	assert.equal(page.total, 6);
	assert.equal(page.result.length, 2);
	assert.equal('total' in await list({ limit: 1 }), false);
	assert.equal('total' in await list({ total: 'false' }), false);
});

// One name in each of the accounts, as programs like to choose.
async function alike(name, count) {
	for (let i = 0; i < count; i++)
		await api.integration(made[i].id, 'storage_mock_storage', { name });
	return async (query) => (await list({ ...query,
		filter: 'category[eq]storage' }, '/v1/integrations')).result;
}

test('equal names share a page, ids go through them one by one', async () => {
	const page = await alike('alike', 7);
	assert.equal((await page({ limit: 3 })).length, 7);
	assert.deepEqual(await page({ limit: 3, start_after: 'alike' }), []);
	for (const order of ['id', 'name', 'created_at', 'created_at[desc]']) {
		const seen = [];
		const first = (await page({ order, limit: 1000 }))[0].id;
		for (let after = first; after;) {
			seen.push(after);
			const next = await page({ order, limit: 1, start_after: after });
			assert.ok(next.length <= 1);
			after = next[0]?.id;
		}
		assert.equal(seen.length, 7, order);
		assert.equal(new Set(seen).size, 7, order);
	}
	assert.equal((await page({ order: 'id', limit: 3 })).length, 3);
	// Where it is not clear which one is meant, nothing is left out.
	(await api.get('/v1/integrations?order=created_at&start_after=alike'))
		.problem(400, { code: 'invalid_start_after' });
	const nobody = made[0].organization_id;
	(await api.get(`/v1/integrations?order=created_at&start_after=${nobody}`))
		.problem(400, { code: 'invalid_start_after' });
	for (const { account_id: account, id } of await page({ limit: 1000 }))
		(await api.delete(`/v1/integrations/${account}/${id}`)).ok(204);
});

test('what a list does not take is 400 and named', async () => {
	const bad = [
		['limit=0', 'limit'], ['limit=-1', 'limit'], ['limit=1001', 'limit'],
		['limit=abc', 'limit'], ['limit=1.5', 'limit'], ['limit=', 'limit'],
		['limit=99999999999999999999', 'limit'],
		['limit=1&limit=2', 'limit'],
		['order=nothing', 'order'], ['order=name[up]', 'order'],
		['order=name[asc', 'order'], ['order=', 'order'],
		['order=name;drop', 'order'],
		['filter=name', 'filter'], ['filter=name[is]x', 'filter'],
		['filter=nothing[eq]x', 'filter'], ['filter=[eq]x', 'filter'],
		['filter=created_at[gt]yesterday-ish', 'filter'],
		['filter=id[eq]no-uuid', undefined],
		['total=maybe', 'total'],
	];
	for (const [query, parameter] of bad) {
		const reply = await api.get(`/v1/accounts?${query}`);
		if (parameter === undefined && reply.status === 200) {
			assert.deepEqual(reply.result, []);
			continue;
		}
		assert.equal(reply.status, 400, `${query}: ${reply.text}`);
		reply.problem(400, { parameter, location: 'query' });
	}
});

test('values are values: quotes, percent signs, backslashes', async () => {
	for (const value of ["'", "';--", '%', '\\', '*', '_', '[eq]', '%00', 'é'])
		for (const op of ['eq', 'ne', 'like', 'in', 'gt']) {
			const reply = await api.get('/v1/accounts?filter=' +
				encodeURIComponent(`fullname[${op}]${value}`));
			assert.equal(reply.status, 200, `${op} ${value}: ${reply.text}`);
		}
});

test('integrations expand their account', async () => {
	await api.integration('item-00', 'sink_mock_sink', { name: 'sink' });
	for (const path of ['/v1/integrations', '/v1/integrations/item-00']) {
		const plain = await list({}, path);
		assert.equal(plain.result.length, 1);
		assert.equal('account' in plain.result[0], false);
		for (const expand of ['account', 'accounts', 'all']) {
			const { result } = await list({ expand }, path);
			assert.equal(result[0].account.id, made[0].id, expand);
			assert.equal(result[0].account.name, 'item-00');
		}
		assert.equal((await list({ total: 'true' }, path)).total, 1);
		const both = await list([['expand', 'account'],
			['expand', 'integration_point']], path);
		assert.equal(both.result[0].account.id, made[0].id);
		(await api.get(`${path}?expand=moon`)).problem(400,
			{ parameter: 'expand', location: 'query' });
	}
	assert.deepEqual((await list({}, '/v1/integrations/item-01')).result, []);
	(await api.get('/v1/integrations/nobody')).problem(404);
});

test('integrations are filtered and ordered by their own fields', async () => {
	await api.integration('item-02', 'siem_mock_siem', { name: 'siem' });
	const of = async (query) => (await list(query, '/v1/integrations')).result
		.map((item) => item.name);
	assert.deepEqual(await of({ filter: 'category[eq]siem' }), ['siem']);
	assert.deepEqual(await of({ filter: 'provider_type[eq]sink_mock_sink' }),
		['sink']);
	assert.deepEqual(await of({ order: 'name[desc]' }), ['sink', 'siem']);
	assert.deepEqual(await of({ filter: `account_id[eq]${made[2].id}` }),
		['siem']);
});
