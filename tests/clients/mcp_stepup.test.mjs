// What the SDKs do by themselves in the middle of it: a scope that is missing
// is asked for (R6), a token that has expired is refreshed (R9).

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { load } from '../lib/mcp.mjs';
import { App, sha256 } from '../lib/oauth.mjs';
import { enter } from './mcp_enter.mjs';
import { sdks } from './mcp_sdks.mjs';
import { browser, instance, issuer } from './stage.mjs';

await load(instance, 'tests/lib/mcp.sql', 'mt');
await instance.psql(`UPDATE core.setting SET value = 2
	WHERE name = 'registration'`);

// The person, who allows these scopes, or all that are asked for.
const visit = (grant) => async (url) => {
	const { pathname, search } = new URL(url);
	let page = await browser.get(pathname + search);
	if (page.status === 200)
		page = await new App(instance, {}).decide(browser, page, { grant });
	return new URL(page.redirect());
};

const begin = (sdk, make, grant) => enter({ issuer, make,
	finish: sdk.finish, visit: visit(grant) });

for (const [what, sdk] of Object.entries(sdks)) {
	const make = (provider) => sdk.make(`${issuer}/mcp`, provider);

	test(`R6: ${what} asks for the scope that a tool needs`, async () => {
		const { client, provider } = await begin(sdk, make,
			['mt:read', 'offline_access']);
		assert.ok(!provider.saved.scope.includes('mt:admin'));
		const guarded = { name: 'guarded', arguments: {} };
		const before = provider.url;
		const { transport } = client;
		if (sdk.refreshes) {
			await assert.rejects(client.callTool(guarded), /403/);
			// what its host does then: sign in again
			provider.saved = undefined;
		}
		await assert.rejects(client.callTool(guarded), (error) =>
			/unauthorized|insufficient/i.test(`${error.name} ${error.message}`));
		assert.notEqual(provider.url, before, 'it asked for nothing');
		const asked = new URL(provider.url).searchParams;
		assert.ok(asked.get('scope').split(' ').includes('mt:admin'));
		assert.equal(asked.get('resource'), `${issuer}/mcp`);
		const back = await visit()(provider.url);
		await sdk.finish(transport, back.searchParams);
		await client.close();
		const again = make(provider);
		await again.client.connect(again.transport);
		const result = await again.client.callTool(guarded);
		assert.equal(result.structuredContent.result, 'guarded');
		await again.client.close();
	});

	test(`R9: ${what} goes on when its token has expired`, async () => {
		const { client, provider } = await begin(sdk, make);
		const words = { name: 'echo', arguments: { words: 'a' } };
		await client.callTool(words);
		const old = provider.saved.access_token;
		assert.ok(provider.saved.refresh_token);
		await instance.psql(`UPDATE token.access_token
			SET expires_at = now() - interval '1 second' WHERE hash =
			'\\x${sha256(old).toString('hex')}'`);
		const result = await client.callTool(words);
		assert.equal(result.structuredContent.result, 'a');
		assert.notEqual(provider.saved.access_token, old);
		await client.close();
	});
}
