// The SDKs once more, known by the URL of a metadata document: nobody may
// register here.  The real grantd-fetcher fetches it, from a TLS server on
// loopback.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { World } from '../lib/documents.mjs';
import { Instance } from '../lib/instance.mjs';
import { load } from '../lib/mcp.mjs';
import { stage } from '../lib/oauth.mjs';
import { Provider, again, enter, use, visitor } from './mcp_enter.mjs';
import { sdks } from './mcp_sdks.mjs';

const world = await World.make();
const instance = await Instance.start({
	conf: `password cost 6\n${world.conf}` });
after(async () => {
	world.stop();
	await instance.stop();
});
const { issuer } = instance;
const there = await stage(instance, {}, { role: 'administrator' });
const visit = visitor({ ...there, instance });
await load(instance, 'tests/clients/mcp_fixture.sql', 'fixture');
await instance.psql(`UPDATE core.setting SET value = 0
	WHERE name = 'registration'`);

for (const [i, [what, sdk]] of Object.entries(sdks).entries())
	test(what, async () => {
		const path = `/client-${i}.json`;
		const document = world.document(path, { client_name: what });
		const make = (provider) => sdk.make(`${issuer}/mcp`, provider);
		const { client, provider } = await enter({ issuer, visit, make,
			finish: sdk.finish, document });
		assert.equal(provider.information.client_id, document);
		assert.equal(new URL(provider.url).searchParams.get('client_id'),
			document);
		await use({ client, provider });
		await again(provider, make);
		assert.equal(world.count(path), 1);
	});

test('who has no document stays outside', async () => {
	for (const sdk of Object.values(sdks)) {
		const provider = new Provider();
		const { client, transport } = sdk.make(`${issuer}/mcp`, provider);
		await assert.rejects(client.connect(transport), /regist/i);
		assert.equal(provider.url, undefined);
	}
});
