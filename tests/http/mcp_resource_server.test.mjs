// /mcp as a protected resource: one test for each of R1 to R9, what MCP asks
// of a resource server.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { Mcp, begin, challenge, program, refused } from '../lib/mcp.mjs';
import { sha256, stage } from '../lib/oauth.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
const nobody = new Mcp(instance);
const metadata = `${instance.issuer}/.well-known/oauth-protected-resource/mcp`;
let org, mcp, token;

before(async () => {
	({ org, mcp, token } = await begin(instance));
});

const known = (path) => fetch(`${instance.base}/.well-known/${path}`);

test('R1: the metadata of the resource names its authorization server',
	async () => {
		const answer = await known('oauth-protected-resource/mcp');
		assert.equal(answer.status, 200);
		const told = await answer.json();
		assert.equal(told.resource, `${instance.issuer}/mcp`);
		assert.deepEqual(told.authorization_servers, [instance.issuer]);
		assert.deepEqual(told.bearer_methods_supported, ['header']);
	});

test('R2: it is found by the challenge and by both well-known paths',
	async () => {
		const answer = await nobody.ask('tools/list');
		assert.equal(answer.status, 401);
		assert.equal(challenge(answer).resource_metadata, metadata);
		for (const path of ['', '/mcp'])
			assert.equal((await known(`oauth-protected-resource${path}`))
				.status, 200);
		const got = await nobody.send(undefined, {}, { method: 'GET' });
		assert.equal(got.status, 401);
		assert.equal(challenge(got).resource_metadata, metadata);
	});

test('R3: a challenge says which scopes', async () => {
	const first = challenge(await nobody.ask('tools/list'));
	assert.ok(first.scope.split(' ').includes('mt:read'), first.scope);
	const answer = await mcp.call('guarded', {});
	assert.equal(answer.status, 403);
	assert.equal(challenge(answer).scope, 'mt:admin');
});

test('R4: offline_access is neither in challenge nor in metadata', async () => {
	const first = challenge(await nobody.ask('tools/list'));
	assert.ok(!first.scope.split(' ').includes('offline_access'));
	const told = await (await known('oauth-protected-resource/mcp')).json();
	assert.ok(told.scopes_supported.includes('mt:read'));
	assert.ok(!told.scopes_supported.includes('offline_access'));
});

describe('R5: only tokens of ours, for this resource', () => {
	test('one of the API', async () => {
		const other = await program(instance, org, ['mt:read'], '/api');
		assert.equal((await other.mcp.call('echo', { words: 'a' })).status,
			401);
	});
	test('one of an organization', async () => {
		const { token: own } = await instance.organization();
		assert.equal((await mcp.as(own).ask('tools/list')).status, 401);
	});
	test('one that was changed', async () => {
		const [head, body, mac] = token.split('.');
		for (const bad of [`${head}.${body}.${mac.slice(0, -4)}AAAA`,
			`${head}.${body}.`, 'x', `${token}x`])
			assert.equal((await mcp.as(bad).ask('tools/list')).status, 401);
	});
	test('the right one', async () => {
		assert.equal((await mcp.ask('tools/list')).status, 200);
	});
});

describe('R6: 401, 403, 400', () => {
	test('401 of a token that is revoked', async () => {
		const other = await program(instance, org, ['mt:read']);
		assert.equal((await other.mcp.ask('tools/list')).status, 200);
		await other.app.revoke(other.token);
		const answer = await other.mcp.ask('tools/list');
		assert.equal(answer.status, 401);
		assert.equal(challenge(answer).error, 'invalid_token');
	});
	test('403 where a scope is missing, with all that are needed', async () => {
		const answer = await mcp.call('guarded', {});
		assert.equal(answer.status, 403);
		const told = challenge(answer);
		assert.equal(told.error, 'insufficient_scope');
		assert.equal(told.scope, 'mt:admin');
		assert.equal(told.resource_metadata, metadata);
	});
	test('a broader scope has the narrower one in it', async () => {
		const other = await program(instance, org, ['mt:write']);
		const result = await other.mcp.tool('echo', { words: 'a' });
		assert.equal(result.structuredContent.result, 'a');
	});
	test('400 of what is no message', async () => {
		refused(await mcp.send('{'), 400, -32700);
	});
});

describe('R6: a scope that is missing is asked for, and given', () => {
	const resource = `${instance.issuer}/mcp`;
	const make = async (role) => {
		const there = await stage(instance, { method: 'none',
			scopes: ['mt:read', 'mt:admin', 'offline_access'] }, { role });
		// what the first challenge says, less than this client could have
		const tokens = await there.app.tokens(there.browser,
			{ scope: 'mt:read offline_access', resource });
		return { ...there, tokens,
			as: (which) => mcp.as(which.access_token) };
	};
	const refusal = async (who) => {
		const answer = await who.call('guarded', {});
		assert.equal(answer.status, 403);
		const told = challenge(answer);
		assert.equal(told.error, 'insufficient_scope');
		assert.equal(told.resource_metadata, metadata);
		return told.scope;
	};
	// The client asks for what it has and what it was told that it lacks.
	const wider = async ({ tokens, as }) =>
		`${tokens.scope} ${await refusal(as(tokens))}`;

	test('with the consent of the person', async () => {
		const one = await make('administrator');
		const scope = await wider(one);
		const page = await one.browser.get(one.app.path({ scope, resource }));
		assert.equal(page.status, 200);
		assert.match(page.text, /What few may/);
		const tokens = await one.app.tokens(one.browser, { scope, resource });
		assert.deepEqual(tokens.scope.split(' ').sort(),
			['mt:admin', 'mt:read', 'offline_access']);
		assert.equal((await one.as(tokens).tool('guarded', {}))
			.structuredContent.result, 'guarded');
		await one.as(tokens).tool('echo', { words: 'a' });
		// its refresh keeps it; the one before has no more than it had
		const { access_token: next } = (await one.app.refresh(
			tokens.refresh_token, { resource })).ok(200).json;
		await mcp.as(next).tool('guarded', {});
		const { status } = await one.as(one.tokens).call('guarded', {});
		assert.ok(status === 403 || status === 401, `${status}`);
	});
	test('not without it', async () => {
		const one = await make('administrator');
		const scope = await wider(one);
		const answer = await one.app.ask(one.browser, { scope, resource },
			{ decision: 'deny' });
		assert.equal(one.app.landed(answer).error, 'access_denied');
		await refusal(one.as(one.tokens));
		await one.as(one.tokens).tool('echo', { words: 'a' });
		// who allows all but this
		const tokens = await one.app.tokens(one.browser, { scope, resource },
			{ grant: ['mt:read'] });
		assert.doesNotMatch(tokens.scope, /mt:admin/);
		await refusal(one.as(tokens));
	});
	test('not beyond what the person may', async () => {
		const one = await make('viewer');
		const scope = await wider(one);
		const tokens = await one.app.tokens(one.browser, { scope, resource });
		assert.doesNotMatch(tokens.scope, /mt:admin/);
		await refusal(one.as(tokens));
	});
	test('not by a refresh', async () => {
		const one = await make('administrator');
		const answer = await one.app.refresh(one.tokens.refresh_token,
			{ scope: await wider(one), resource });
		assert.equal(answer.status, 400);
		assert.equal(answer.json.error, 'invalid_scope');
	});
});

describe('R7: the token is in the header of each request', () => {
	test('never in the query', async () => {
		const there = new Mcp(instance);
		there.url += `?access_token=${token}`;
		assert.equal((await there.ask('tools/list')).status, 401);
	});
	test('not on the connection', async () => {
		assert.equal((await mcp.ask('tools/list')).status, 200);
		assert.equal((await nobody.ask('tools/list')).status, 401);
	});
	test('notifications, too', async () => {
		const note = { jsonrpc: '2.0', method: 'notifications/x' };
		assert.equal((await nobody.send(note)).status, 401);
		assert.equal((await mcp.send(note)).status, 202);
	});
});

test('R8: who may not come in learns nothing', async () => {
	const bad = mcp.as(token.replace(/....$/, 'AAAA'));
	const one = await bad.call('echo', { words: 'a' });
	const other = await bad.call('no_such_tool', {});
	const wrong = await bad.call('echo', { wrong: 1 });
	for (const answer of [one, other, wrong]) {
		assert.equal(answer.status, 401);
		assert.doesNotMatch(answer.text, /echo|no_such_tool|wrong/);
	}
	assert.equal((await bad.ask('no/method')).status, 401);
	// one that is hidden is as if it were not there
	refused(await mcp.call('veiled', {}), 200, -32602);
	assert.equal((await mcp.call('veiled', {})).json.error.message,
		(await mcp.call('no_such_tool', {})).json.error.message);
	assert.equal((await mcp.call('veiled', { more: 1 })).json.error?.message,
		(await mcp.call('no_such_tool', {})).json.error.message);
	const names = (await mcp.all('tools/list', 'tools')).map((t) => t.name);
	assert.ok(!names.includes('guarded') && !names.includes('veiled'));
});

test('R9: a token that expires in the middle is refreshed, and all goes on',
	async () => {
		const resource = `${instance.issuer}/mcp`;
		const { app, browser } = await stage(instance, { method: 'none',
			scopes: ['mt:read', 'mt:write', 'offline_access'] },
		{ role: 'administrator' });
		const old = await app.tokens(browser,
			{ scope: 'mt:read mt:write offline_access', resource });
		const can = { 'io.modelcontextprotocol/clientCapabilities':
			{ elicitation: {} } };
		const wipe = { name: 'wipe', arguments: { what: 'mid' } };
		const asked = await mcp.as(old.access_token)
			.result('tools/call', wipe, can);
		assert.equal(asked.resultType, 'input_required');
		await instance.psql(`UPDATE token.access_token
			SET expires_at = now() - interval '1 second' WHERE hash =
			'\\x${sha256(old.access_token).toString('hex')}'`);
		for (const ask of [() => mcp.as(old.access_token).ask('tools/list'),
			() => mcp.as(old.access_token).old('tools/list', {})]) {
			const answer = await ask();
			assert.equal(answer.status, 401);
			const told = challenge(answer);
			assert.equal(told.error, 'invalid_token');
			assert.equal(told.resource_metadata, metadata);
		}
		const next = (await app.refresh(old.refresh_token, { resource }))
			.ok(200).json;
		const now = mcp.as(next.access_token);
		await now.tool('echo', { words: 'a' });
		// what was asked before is answered now: it is the same person's
		const result = (await now.ask('tools/call', { ...wipe,
			requestState: asked.requestState, inputResponses:
				{ confirmation: { action: 'accept',
					content: { confirm: true } } } }, can)).json.result;
		assert.equal(result?.resultType, 'complete');
		assert.equal(result.isError, undefined, JSON.stringify(result));
	});

test('R9: a state is good for its caller, its call and a while', async () => {
	const can = { 'io.modelcontextprotocol/clientCapabilities':
		{ elicitation: {} } };
	const asked = await mcp.result('tools/call', { name: 'wipe',
		arguments: { what: 'r9' } }, can);
	assert.equal(asked.resultType, 'input_required');
	const answers = { confirmation: { action: 'accept',
		content: { confirm: true } } };
	const again = (who, what, state = asked.requestState) =>
		who.ask('tools/call', { name: 'wipe', arguments: { what },
			inputResponses: answers, requestState: state }, can);
	const { org: elsewhere } = await stage(instance);
	for (const [whose, ids] of [['another program', org],
		['another organization', elsewhere]]) {
		const other = await program(instance, ids, ['mt:read', 'mt:write']);
		const answer = await again(other.mcp, 'r9');
		assert.ok(answer.json.error, whose);
		assert.equal(answer.json.error.code, -32602, whose);
	}
	refused(await again(mcp, 'other arguments'), 200, -32602);
	refused(await again(mcp, 'r9', `${asked.requestState}x`), 200, -32602);
	refused(await again(mcp, 'r9', 'x.y'), 200, -32602);
	const done = (await again(mcp, 'r9')).json.result;
	assert.equal(done.isError, undefined, JSON.stringify(done));
	// it was used up
	refused(await again(mcp, 'r9'), 200, -32602);
});
