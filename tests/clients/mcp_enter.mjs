// What an SDK's client needs beside the URL: a place for what it is given, and
// a person who lets it in.

import assert from 'node:assert/strict';
import { App } from '../lib/oauth.mjs';

const redirect = 'http://127.0.0.1:33418/callback';
export const name = { name: 'grantd-tests', version: '1' };

// Keeps what the SDK gives it; the person comes in between.
export class Provider {
	// document: the URL of its metadata, if it has one.
	constructor(document) {
		this.clientMetadataUrl = document;
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

// What makes a person who follows the link of an app, signs in when asked and
// says yes; the link's answer is what the app's own address then gets.
export const visitor = ({ instance, person, browser }) =>
	async (url, who = browser) => {
		const { pathname, search, origin } = new URL(url);
		if (origin !== new URL(instance.issuer).origin)
			throw new Error(`not our own address: ${url}`);
		let page = await who.get(pathname + search);
		if (page.status === 303 && page.location.startsWith('/login')) {
			await person.signIn({ browser: who });
			page = await who.get(pathname + search);
		}
		if (page.status === 200)
			page = await new App(instance, {}).decide(who, page);
		return new URL(page.redirect());
	};

// Connects, is sent away, lets the person say yes, and connects again.
export async function enter({ issuer, visit, make, finish, document }) {
	const provider = new Provider(document);
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

// What it came for; ends the connection.
export async function use({ client, provider }) {
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
	assert.ok(provider.saved.scope.split(' ').includes('fixture:use'));
	await client.close();
}

// With a token that is none any more it comes back by itself.
export async function again(provider, make) {
	const before = provider.saved.access_token;
	provider.saved = { ...provider.saved, access_token: 'gone' };
	const { client, transport } = make(provider);
	await client.connect(transport);
	assert.notEqual(provider.saved.access_token, before);
	await client.close();
}
