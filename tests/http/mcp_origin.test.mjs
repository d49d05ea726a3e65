// /mcp of an issuer on the internet, as pages of other origins meet it: a
// client of MCP that runs in a browser has nothing but its token.

import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { Cluster } from '../lib/cluster.mjs';
import { Instance } from '../lib/instance.mjs';
import { challenge, load, Mcp, program } from '../lib/mcp.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const shared = await sharedInstance();
const instance = await Instance.start({
	cluster: new Cluster(shared.clusterDir),
	workers: 1,
	prepare: (one) => {
		one.issuer = 'https://auth.example.com';
	} });
after(() => instance.stop());
await load(instance, 'tests/lib/mcp.sql', 'mt');
const org = await instance.organization();
const { mcp, token } = await program(instance, org, ['mt:read']);
const page = 'https://inspector.example.net';

describe('an origin of this issuer', () => {
	for (const [origin, status] of [['https://auth.example.com', 200],
		[page, 200], ['https://inspector.example.net:8443', 200],
		['http://localhost:6274', 200], ['http://127.0.0.1:1', 200],
		['http://[::1]:1', 200],
		// where a name of somebody else's may have led to this server
		['http://auth.example.com', 403],
		['http://inspector.example.net', 403],
		['http://localhost.example.net', 403],
		['http://127.0.0.1.example.net', 403],
		['http://10.0.0.1', 403], ['null', 403], ['', 403], ['*', 403],
		['https://', 403], ['HTTPS://auth.example.com', 403],
		['https://a@b', 403], ['https://a/b', 403],
		['file:///etc', 403], ['chrome-extension://abc', 403]])
		test(`${JSON.stringify(origin)} ${status}`, async () => {
			assert.equal((await mcp.ask('tools/list', {}, {}, { origin }))
				.status, status);
			// nothing is told of a token before
			assert.equal((await new Mcp(instance).ask('tools/list', {}, {},
				{ origin })).status, status === 200 ? 401 : 403);
		});
});

describe('a page of another origin', () => {
	// What a browser asks before, and what it then lets the page see.
	const preflight = async (path, method, headers) => {
		const answer = await fetch(instance.base + path, { method: 'OPTIONS',
			headers: { origin: page, 'access-control-request-method': method,
				'access-control-request-headers': headers.join(', ') } });
		assert.equal(answer.status, 204, path);
		assert.equal(answer.headers.get('access-control-allow-origin'), '*');
		assert.match(answer.headers.get('access-control-allow-methods'),
			new RegExp(`\\b${method}\\b`), path);
		const allowed = answer.headers.get('access-control-allow-headers')
			.toLowerCase().split(/, */);
		for (const name of headers)
			assert.ok(allowed.includes(name), `${path}: ${name}`);
		// a cookie never counts, so no page may send one
		assert.equal(answer.headers
			.get('access-control-allow-credentials'), null, path);
	};
	const seen = (answer, ...names) => {
		assert.equal(answer.headers.get('access-control-allow-origin'), '*');
		assert.equal(answer.headers
			.get('access-control-allow-credentials'), null);
		const exposed = (answer.headers.get('access-control-expose-headers') ??
			'').toLowerCase().split(/, */);
		for (const name of names)
			assert.ok(exposed.includes(name), name);
	};
	test('may send everything that a call needs', async () => {
		await preflight('/mcp', 'POST', ['authorization', 'content-type',
			'accept', 'mcp-protocol-version', 'mcp-method', 'mcp-name',
			'mcp-session-id', 'last-event-id']);
	});
	test('sees answers, streams and why it was refused', async () => {
		const headers = { origin: page };
		seen(await mcp.ask('tools/list', {}, {}, headers));
		const none = await new Mcp(instance).ask('tools/list', {}, {},
			headers);
		assert.equal(none.status, 401);
		seen(none, 'www-authenticate');
		assert.match(challenge(none).resource_metadata, /^https:/);
		const few = await mcp.ask('tools/call', { name: 'guarded',
			arguments: {} }, {}, headers);
		assert.equal(few.status, 403);
		seen(few, 'www-authenticate');
		const stream = await mcp.ask('tools/call', { name: 'watch',
			arguments: { seconds: 1 } }, { progressToken: 1 }, headers);
		assert.match(stream.headers.get('content-type'),
			/^text\/event-stream/);
		seen(stream);
		await stream.events.all();
	});
	test('finds the way in', async () => {
		for (const path of ['/.well-known/oauth-protected-resource/mcp',
			'/.well-known/oauth-authorization-server',
			'/.well-known/openid-configuration', '/oauth/jwks']) {
			await preflight(path, 'GET', ['mcp-protocol-version']);
			const answer = await fetch(instance.base + path,
				{ headers: { origin: page } });
			assert.equal(answer.status, 200, path);
			seen(answer);
		}
		for (const path of ['/oauth/token', '/oauth/register',
			'/oauth/revoke'])
			await preflight(path, 'POST', ['content-type']);
	});
	test('has nothing by a cookie', async () => {
		for (const name of ['__Host-session', 'session', 'grantd_session']) {
			const answer = await mcp.ask('tools/list', {}, {},
				{ origin: page, authorization: undefined,
					cookie: `${name}=${token}` });
			assert.equal(answer.status, 401);
		}
	});
});
