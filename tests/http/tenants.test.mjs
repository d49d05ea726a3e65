// What belongs to another organization does not exist: 404, not 403, and
// nothing of it in any list.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';

const instance = await sharedInstance();
const ours = await instance.organization();
const theirs = await instance.organization();
const account = await theirs.api.account({ name: unique('secret') });
const { integration } = await theirs.api.integration(account.id,
	'ticketing_mock_ticketing', { name: unique('hidden') });
const family = integration.refresh_token_id;
const own = await ours.api.account({ name: unique('own') });

const body = { provider_config: { type: 'ticketing_mock_ticketing' } };
const patch = [{ op: 'replace', path: '/fullname', value: 'mine' }];
const attempts = [
	['GET', `/v1/accounts/${account.id}`],
	['GET', `/v1/accounts/${account.name}`],
	['PUT', `/v1/accounts/${account.id}`, account],
	['PATCH', `/v1/accounts/${account.id}`, patch],
	['DELETE', `/v1/accounts/${account.id}`],
	['GET', `/v1/integrations/${account.id}`],
	['POST', `/v1/integrations/${account.id}`, body],
	['POST', `/v1/integrations/${account.id}/verify`, { integration: body }],
	['GET', `/v1/integrations/${account.id}/${integration.id}`],
	['GET', `/v1/integrations/${own.id}/${integration.id}`],
	['PUT', `/v1/integrations/${account.id}/${integration.id}`, integration],
	['PATCH', `/v1/integrations/${account.id}/${integration.id}`, patch],
	['DELETE', `/v1/integrations/${account.id}/${integration.id}`],
	['POST', `/v1/integrations/${account.id}/${integration.id}/verify`],
	['GET', `/v1/tokens/${family}/info`],
	['GET', `/v1/tokens/${theirs.pair.id}/info`],
	['POST', `/v1/tokens/${account.id}/${integration.id}`, {}],
	['POST', `/v1/tokens/${own.id}/${integration.id}`, {}],
	['PUT', `/v1/tokens/${integration.id}/${family}/rotate`],
	['PUT', `/v1/tokens/${integration.id}/${family}/reset`],
	['PUT', `/v1/tokens/${theirs.id}/${theirs.pair.id}/reset`],
	['PUT', `/v1/tokens/${ours.id}/${theirs.pair.id}/reset`],
	['DELETE', `/v1/tokens/${family}/secondary`],
	['DELETE', `/v1/tokens/${theirs.pair.id}`],
];

for (const [method, path, value] of attempts)
	test(`${method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]+/g, ':id')} is 404`,
		async () => {
			const answer = await ours.api.send(method, path, value);
			answer.problem(404);
			assert.doesNotMatch(answer.text, new RegExp(theirs.id));
		});

test('no list shows a foreign thing', async () => {
	for (const path of ['/v1/accounts', '/v1/integrations', '/v1/tokens']) {
		const { text } = (await ours.api.get(`${path}?limit=1000`)).ok();
		for (const id of [account.id, integration.id, family, theirs.id,
			theirs.pair.id])
			assert.equal(text.includes(id), false, `${path} shows ${id}`);
		(await ours.api.get(`${path}?start_after=${account.name}`)).ok();
	}
	const answer = await ours.api.get(
		`/v1/integrations?filter=account_id[eq]${account.id}`);
	assert.deepEqual(answer.ok().result, []);
});

test('both may use the same names', async () => {
	const mine = await ours.api.account({ name: account.name });
	assert.notEqual(mine.id, account.id);
	const seen = (await theirs.api.get(`/v1/accounts/${account.name}`)).ok();
	assert.equal(seen.result.id, account.id);
});

test('what was tried changed nothing', async () => {
	assert.deepEqual((await theirs.api.get(`/v1/accounts/${account.id}`))
		.ok().result, account);
	assert.deepEqual((await theirs.api.get(
		`/v1/integrations/${account.id}/${integration.id}`)).ok().result,
	integration);
	(await theirs.api.get('/v1/organization')).ok();
});
