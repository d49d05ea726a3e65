// The SDKs that clients of MCP are made with, 1.x and 2.x, from the bare URL
// to a tool call: what they find, register and ask for is their own.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { again, enter, use } from './mcp_enter.mjs';
import { sdks } from './mcp_sdks.mjs';
import './mcp_stage.mjs';
import { instance, issuer, visit } from './stage.mjs';

// Strangers may register: who comes with the URL alone is one.
await instance.psql(`UPDATE core.setting SET value = 2
	WHERE name = 'registration'`);

for (const [what, sdk] of Object.entries(sdks))
	test(what, async () => {
		const make = (provider) => sdk.make(`${issuer}/mcp`, provider);
		const { client, provider } = await enter({ issuer, visit, make,
			finish: sdk.finish });
		assert.match(provider.information.client_id, /^gc_/);
		await use({ client, provider });
		await again(provider, make);
	});

test('SDK 2.x hears that a resource changed', async () => {
	const uri = 'test://watched-resource';
	const sdk = sdks['SDK 2.x, 2026-07-28'];
	const { client } = await enter({ issuer, visit, finish: sdk.finish,
		make: (provider) => sdk.make(`${issuer}/mcp`, provider) });
	const heard = new Promise((resolve) => client.setNotificationHandler(
		'notifications/resources/updated', ({ params }) => resolve(params)));
	const there = await client.listen({ resourceSubscriptions: [uri] });
	assert.deepEqual(there.honoredFilter.resourceSubscriptions, [uri]);
	await instance.psql(`SET ROLE fixture_owner;
		SELECT grantd.changed('${uri}')`);
	assert.equal((await heard).uri, uri);
	await there.close();
	await client.close();
});
