// The life of a token family: birth, refresh and its repeat, secondary,
// rotate, reset, narrowed tokens, end.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { crowd } from '../lib/crowd.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { claims, time, unique, uuid } from '../lib/api.mjs';

const instance = await sharedInstance();
const org = await instance.organization();
const { api } = org;
const account = await api.account({ name: unique('acc') });
const masked = '********';

async function born() {
	const { integration, token } = await api.integration(account.name,
		'ticketing_mock_ticketing', { name: unique('int') });
	return { ...integration, access: token.access.secret,
		refresh: token.refresh.secret, pair: token };
}

const door = '/v1/ticketing/projects';

async function opens(access, path = door) {
	const reply = await api.as(access).get(path);
	if (reply.status === 200)
		return true;
	const problem = reply.problem(401);
	assert.match(reply.headers.get('www-authenticate'),
		/^Bearer .*error="invalid_token"/);
	assert.match(problem.message, /\S/);
	return false;
}

const refresh = (id, secret) =>
	api.as(secret).put(`/v1/tokens/${id}/refresh`);

test('a pair is born with its integration', async () => {
	const made = await born();
	assert.match(made.refresh_token_id, uuid);
	const { access, refresh: second } = made.pair;
	assert.match(access.secret, /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/);
	assert.match(access.expires, time);
	assert.match(second.expires, time);
	assert.ok(Date.parse(second.expires) > Date.parse(access.expires));
	for (const { permissions } of [access, second]) {
		assert.equal(permissions.resource_type, 'integration');
		assert.equal(permissions.resource_id, made.id);
		assert.equal(permissions.organization_id, org.id);
		assert.equal(typeof permissions.member_id, 'string');
		assert.equal(typeof permissions.parent_id, 'string');
		assert.match(permissions.id, uuid);
	}
	assert.ok(await opens(made.access));
});

test('the record shows no secret again', async () => {
	const made = await born();
	const path = `/v1/tokens/${made.refresh_token_id}/info`;
	const info = (await api.get(path)).ok().result;
	assert.equal(info.id, made.refresh_token_id);
	assert.equal(info.owner_id, made.id);
	assert.equal(info.owner_type, 'integration');
	assert.equal(info.token_type, 'default');
	assert.match(info.token_ttl, /^(\d+h)?(\d+m)?(\d+s)?$/);
	assert.equal(info.primary.access.secret, masked);
	assert.equal(info.primary.refresh.secret, masked);
	for (const member of ['created_at', 'updated_at', 'expires'])
		assert.match(info[member], time);
	for (const member of ['name', 'fullname'])
		assert.equal(typeof info[member], 'string');
	assert.equal('secondary' in info, false);
});

test('refresh: a new primary, the former one lives on as secondary',
	async () => {
		const made = await born();
		const next = (await refresh(made.refresh_token_id, made.refresh))
			.ok().result;
		assert.equal(next.id, made.refresh_token_id);
		assert.notEqual(next.primary.access.secret, made.access);
		assert.notEqual(next.primary.refresh.secret, made.refresh);
		assert.equal(next.secondary.access.secret, masked);
		assert.equal(next.secondary.refresh.secret, masked);
		assert.ok(await opens(made.access));
		assert.ok(await opens(next.primary.access.secret));
	});

test('refresh repeated: the same successor, a fresh access token',
	async () => {
		const made = await born();
		const id = made.refresh_token_id;
		const first = (await refresh(id, made.refresh)).ok().result.primary;
		const again = (await refresh(id, made.refresh)).ok().result.primary;
		assert.equal(again.refresh.secret, first.refresh.secret);
		assert.notEqual(again.access.secret, first.access.secret);
		assert.ok(await opens(again.access.secret));
		assert.ok(await opens(made.access));
		const third = (await refresh(id, first.refresh.secret)).ok().result;
		assert.notEqual(third.primary.refresh.secret, first.refresh.secret);
	});

test('refresh repeated by many at once: one successor', async () => {
	const made = await born();
	const replies = await crowd(10,
		() => refresh(made.refresh_token_id, made.refresh));
	const secrets = new Set(replies.map((reply) =>
		reply.ok().result.primary.refresh.secret));
	assert.equal(secrets.size, 1);
});

test('once the successor was used, the former secret refreshes no more',
	async () => {
		const made = await born();
		const id = made.refresh_token_id;
		const two = (await refresh(id, made.refresh)).ok().result.primary;
		const three = (await refresh(id, two.refresh.secret)).ok()
			.result.primary;
		(await refresh(id, made.refresh)).problem(401);
		assert.ok(await opens(two.access.secret));
		assert.ok(await opens(three.access.secret));
		assert.equal(await opens(made.access), false);
		const four = (await refresh(id, three.refresh.secret)).ok();
		assert.ok(await opens(four.result.primary.access.secret));
	});

test('the secondary is removed by a refresh secret or the organization',
	async () => {
		for (const by of ['primary', 'secondary', 'organization']) {
			const made = await born();
			const id = made.refresh_token_id;
			const next = (await refresh(id, made.refresh)).ok().result;
			const secret = { primary: next.primary.refresh.secret,
				secondary: made.refresh, organization: org.token }[by];
			(await api.as(secret).delete(`/v1/tokens/${id}/secondary`))
				.ok(204);
			assert.equal(await opens(made.access), false, by);
			assert.ok(await opens(next.primary.access.secret), by);
			const info = (await api.get(`/v1/tokens/${id}/info`)).ok().result;
			assert.equal('secondary' in info, false, by);
			(await refresh(id, made.refresh)).problem(401);
			(await refresh(id, next.primary.refresh.secret)).ok();
		}
	});

test('rotate: as refresh, by the organization; a secondary is dropped',
	async () => {
		const made = await born();
		const id = made.refresh_token_id;
		const path = `/v1/tokens/${made.id}/${id}/rotate`;
		const two = (await api.put(path)).ok().result;
		assert.ok(await opens(made.access));
		assert.ok(await opens(two.primary.access.secret));
		assert.equal(two.secondary.access.secret, masked);
		const three = (await api.put(path)).ok().result;
		assert.equal(await opens(made.access), false);
		assert.ok(await opens(two.primary.access.secret));
		assert.ok(await opens(three.primary.access.secret));
		(await refresh(id, three.primary.refresh.secret)).ok();
		(await api.as(made.refresh).put(path)).problem(401);
	});

test('reset: everything older is dead at once', async () => {
	for (const by of ['organization', 'refresh']) {
		const made = await born();
		const id = made.refresh_token_id;
		const two = (await refresh(id, made.refresh)).ok().result.primary;
		const single = (await api.post(
			`/v1/tokens/${account.id}/${made.id}`, {})).ok().result;
		const secret = by === 'refresh' ? two.refresh.secret : org.token;
		const reset = (await api.as(secret)
			.put(`/v1/tokens/${made.id}/${id}/reset`)).ok().result;
		assert.equal('secondary' in reset, false);
		for (const dead of [made.access, two.access.secret, single.secret])
			assert.equal(await opens(dead), false, by);
		for (const dead of [made.refresh, two.refresh.secret])
			(await refresh(id, dead)).problem(401);
		assert.ok(await opens(reset.primary.access.secret));
		(await refresh(id, reset.primary.refresh.secret)).ok();
	}
});

test('reset and rotate need the right owner', async () => {
	const one = await born();
	const two = await born();
	for (const word of ['reset', 'rotate'])
		(await api.put(`/v1/tokens/${two.id}/${one.refresh_token_id}/${word}`))
			.problem(404);
	assert.ok(await opens(one.access));
});

test('single tokens of an integration', async () => {
	const made = await born();
	for (const path of [`/v1/tokens/${account.id}/${made.id}`,
		`/v1/tokens/${account.name}/${made.name}`]) {
		const before = Date.now();
		const one = (await api.post(path, {})).ok().result;
		assert.ok(await opens(one.secret));
		const life = Date.parse(one.expires) - before;
		assert.ok(life > 599000 && life < 630000, `default 10m: ${life}`);
		assert.equal('refresh' in one, false);
	}
	const hour = (await api.post(`/v1/tokens/${account.id}/${made.id}`,
		{ token_ttl: '1h' })).ok().result;
	const { exp, iat } = claims(hour.secret);
	assert.equal(exp - iat, 3600);
	(await api.post(`/v1/tokens/${account.id}/${made.id}`)).ok();
});

test('a token_ttl is a duration of at most 24 hours', async () => {
	const made = await born();
	const path = `/v1/tokens/${account.id}/${made.id}`;
	(await api.post(path, { token_ttl: '24h' })).ok();
	(await api.post(path, { token_ttl: '23h59m60s' })).ok();
	for (const ttl of ['24h1s', '25h', '1d', '10', 'h', '-1h', '0s', '', 'x',
		'99999999999999999999h', 600, {}, '1h '])
		(await api.post(path, { token_ttl: ttl })).problem(400,
			{ parameter: 'token_ttl', location: 'body' });
});

test('an expired token is 401 and says so', async () => {
	const made = await born();
	const one = (await api.post(`/v1/tokens/${account.id}/${made.id}`,
		{ token_ttl: '1s' })).ok().result;
	await sleep(2100);
	assert.equal(await opens(one.secret), false);
	const reply = await api.as(one.secret).get(door);
	assert.match(reply.problem(401).message + reply.json.detail, /expired/i);
});

test('the organization\'s own family is refreshed too', async () => {
	const { pair } = await instance.organization();
	const first = pair.primary;
	const next = (await refresh(pair.id, first.refresh.secret)).ok().result;
	for (const secret of [first.access.secret, next.primary.access.secret])
		(await api.as(secret).get('/v1/organization')).ok();
	assert.equal(next.owner_type, 'organization');
});

test('a narrowed token can do less than its maker, never more', async () => {
	const made = (await api.post('/v1/tokens', {
		name: unique('viewer'),
		resources: { organizations: { ids: ['*'] }, accounts: { ids: ['*'] } },
		permission_set: 'viewer', token_ttl: '1h',
	})).ok().result;
	assert.equal(made.token_type, 'adhoc');
	assert.equal(made.owner_id, org.id);
	const { exp, iat } = claims(made.primary.access.secret);
	assert.equal(exp - iat, 3600);
	const viewer = api.as(made.primary.access.secret);
	(await viewer.get('/v1/accounts')).ok();
	(await viewer.get('/v1/organization')).ok();
	const refused = await viewer.post('/v1/accounts', { name: unique('no') });
	refused.problem(403, { code: 'insufficient_scope' });
	assert.match(refused.headers.get('www-authenticate'),
		/error="insufficient_scope".*scope="accounts:edit"/);
	(await viewer.post(`/v1/tokens/${account.id}/x`, {})).problem(403);
	const wider = await viewer.post('/v1/tokens', {
		resources: { organizations: { ids: ['*'] } },
		permission_set: 'administrator' });
	wider.problem(403);
	(await api.delete(`/v1/tokens/${made.id}`)).ok(204);
	(await viewer.get('/v1/organization')).problem(401);
	(await refresh(made.id, made.primary.refresh.secret)).problem(401);
});

test('a narrowed token sees only the accounts that it names', async () => {
	const other = await api.account({ name: unique('other') });
	const made = (await api.post('/v1/tokens', {
		resources: { accounts: { ids: [account.id] } },
		permission_set: 'viewer' })).ok().result;
	const narrow = api.as(made.primary.access.secret);
	(await narrow.get(`/v1/accounts/${account.id}`)).ok();
	(await narrow.get(`/v1/accounts/${other.id}`)).problem(404);
	const seen = (await narrow.get('/v1/accounts')).ok().result;
	assert.deepEqual(seen.map((item) => item.id), [account.id]);
});

test('a narrowed token needs its resources and permission set', async () => {
	for (const [body, parameter] of [
		[{ permission_set: 'viewer' }, 'resources'],
		[{ resources: {} }, 'permission_set'],
		[{ resources: [], permission_set: 'viewer' }, 'resources'],
		[{ resources: {}, permission_set: 'emperor' }, 'permission_set'],
		[{ resources: {}, permission_set: 'viewer', token_ttl: '25h' },
			'token_ttl']])
		(await api.post('/v1/tokens', body)).problem(400, { parameter });
});

test('tokens of the bearer are listed, masked', async () => {
	const { api: fresh } = await instance.organization();
	const list = (await fresh.get('/v1/tokens')).ok().result;
	assert.ok(list.length >= 1);
	for (const item of list) {
		assert.equal(item.primary.access.secret, masked);
		assert.equal(item.primary.refresh.secret, masked);
	}
});

test('a refresh secret opens its own family and nothing else', async () => {
	const one = await born();
	const two = await born();
	const wrong = api.as(one.refresh);
	(await refresh(two.refresh_token_id, one.refresh)).problem(404);
	for (const path of ['/v1/organization', '/v1/accounts', door,
		`/v1/tokens/${one.refresh_token_id}/info`]) {
		const reply = await wrong.get(path);
		assert.ok([401, 403].includes(reply.status), reply.text);
		reply.problem(reply.status);
	}
	(await wrong.delete(`/v1/tokens/${one.refresh_token_id}`)).problem(
		(await wrong.delete(`/v1/tokens/${one.refresh_token_id}`)).status);
	assert.ok(await opens(two.access));
});

test('a narrowed token that is made by several at once: one pair alive',
	async () => {
		const body = { name: unique('race'), permission_set: 'viewer',
			resources: {} };
		const made = (await crowd(4, () => api.post('/v1/tokens', body)))
			.map((r) => r.ok().result);
		assert.equal(new Set(made.map((m) => m.id)).size, 1);
		const alive = await Promise.all(made.map(async (m) => (await api
			.as(m.primary.access.secret).get('/v1/accounts')).status));
		assert.deepEqual(alive.sort(), [200, 401, 401, 401]);
	});

test('deleting the integration or the account ends its tokens', async () => {
	const one = await born();
	const single = (await api.post(`/v1/tokens/${account.id}/${one.id}`, {}))
		.ok().result;
	(await api.delete(`/v1/integrations/${account.id}/${one.id}`)).ok(204);
	for (const dead of [one.access, single.secret])
		assert.equal(await opens(dead), false);
	(await refresh(one.refresh_token_id, one.refresh)).problem(401);

	const short = await api.account({ name: unique('short') });
	const { integration, token } = await api.integration(short.id,
		'ticketing_mock_ticketing');
	assert.ok(await opens(token.access.secret));
	(await api.delete(`/v1/accounts/${short.id}`)).ok(204);
	assert.equal(await opens(token.access.secret), false);
	(await refresh(integration.refresh_token_id, token.refresh.secret))
		.problem(401);
});

test('a revocation holds for the next request, on every worker', async () => {
	const made = await born();
	const path = `/v1/tokens/${made.id}/${made.refresh_token_id}/reset`;
	for (let round = 0; round < 5; round++) {
		const next = (await api.put(path)).ok().result;
		const dead = made.access;
		made.access = next.primary.access.secret;
		const replies = await Promise.all(Array.from({ length: 16 }, () =>
			api.as(dead).get(door, { connection: 'close' })));
		for (const reply of replies)
			reply.problem(401);
	}
});
