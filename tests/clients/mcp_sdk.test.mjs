// The SDKs that clients of MCP are made with, 1.x and 2.x, from the bare URL
// to a tool call: what they find, register and ask for is their own.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as two from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport }
	from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import './mcp_stage.mjs';
import { instance, issuer, visit } from './stage.mjs';

// Strangers may register: who comes with the URL alone is one.
await instance.psql(`UPDATE core.setting SET value = 2
	WHERE name = 'registration'`);

const redirect = 'http://127.0.0.1:33418/callback';
const name = { name: 'grantd-tests', version: '1' };

// Keeps what the SDK gives it; the person comes in between.
class Provider {
	constructor() {
		this.redirectUrl = redirect;
		this.clientMetadata = { client_name: 'SDK', redirect_uris: [redirect],
			grant_types: ['authorization_code', 'refresh_token'],
			response_types: ['code'], token_endpoint_auth_method: 'none',
			application_type: 'native' };
	}

	state() {
		return 'a-state';
	}

	clientInformation() {
		return this.information;
	}

	saveClientInformation(information) {
		this.information = information;
	}

	tokens() {
		return this.saved;
	}

	saveTokens(tokens) {
		this.saved = tokens;
	}

	saveCodeVerifier(verifier) {
		this.verifier = verifier;
	}

	codeVerifier() {
		return this.verifier;
	}

	saveDiscoveryState(found) {
		this.found = found;
	}

	discoveryState() {
		return this.found;
	}

	redirectToAuthorization(url) {
		this.url = url;
	}
}

// Connects, is sent away, lets the person say yes, and connects again.
async function enter(make, finish) {
	const provider = new Provider();
	const first = make(provider);
	await assert.rejects(first.client.connect(first.transport),
		(error) => /unauthorized/i.test(`${error.name} ${error.message}`));
	const asked = new URL(provider.url).searchParams;
	assert.equal(asked.get('resource'), `${issuer}/mcp`);
	assert.equal(asked.get('code_challenge_method'), 'S256');
	const back = await visit(provider.url);
	await finish(first.transport, back.searchParams);
	const { client, transport } = make(provider);
	await client.connect(transport);
	return { client, provider };
}

async function use({ client, provider }) {
	const { tools } = await client.listTools();
	assert.ok(tools.some((tool) => tool.name === 'test_simple_text'));
	const result = await client.callTool({ name: 'test_simple_text',
		arguments: {} });
	assert.match(result.content[0].text, /simple text response/);
	const { contents } = await client.readResource(
		{ uri: 'test://static-text' });
	assert.match(contents[0].text, /static text/);
	const { messages } = await client.getPrompt(
		{ name: 'test_simple_prompt' });
	assert.equal(messages.length, 1);
	assert.match(provider.information.client_id, /^gc_/);
	assert.ok(provider.saved.scope.split(' ').includes('fixture:use'));
	await client.close();
}

test('SDK 1.x', async () => {
	const there = await enter((authProvider) => ({ client: new Client(name),
		transport: new StreamableHTTPClientTransport(
			new URL(`${issuer}/mcp`), { authProvider }) }),
	(transport, query) => transport.finishAuth(query.get('code')));
	await use(there);
	// and it refreshes by itself
	const { provider } = there;
	const before = provider.saved.access_token;
	provider.saved = { ...provider.saved, access_token: 'gone' };
	const client = new Client(name);
	await client.connect(new StreamableHTTPClientTransport(
		new URL(`${issuer}/mcp`), { authProvider: provider }));
	assert.notEqual(provider.saved.access_token, before);
	await client.close();
});

describe('SDK 2.x', () => {
	for (const mode of ['legacy', 'auto', { pin: '2026-07-28' }])
		test(JSON.stringify(mode), async () => {
			const there = await enter((authProvider) => ({
				client: new two.Client(name, { versionNegotiation: { mode } }),
				transport: new two.StreamableHTTPClientTransport(
					new URL(`${issuer}/mcp`), { authProvider }) }),
			(transport, query) => transport.finishAuth(query));
			await use(there);
		});
});

