// A client of /mcp as the tests need it: messages of both eras by hand, with
// whatever headers, and streams of events.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, top } from './cluster.mjs';
import { App, stage } from './oauth.mjs';
import { published } from './probe.mjs';

export const modern = '2026-07-28';
export const legacy = '2025-11-25';
const key = (name) => `io.modelcontextprotocol/${name}`;
export const keys = { version: key('protocolVersion'),
	can: key('clientCapabilities'), level: key('logLevel'),
	server: key('serverInfo'), subscription: key('subscriptionId') };

// Runs a file of SQL once in this instance's database, whoever comes first,
// and waits until every worker knows what it published.
export async function load(instance, file, schema) {
	const input = `SELECT pg_advisory_lock(7283);
SELECT to_regnamespace('${schema}') IS NULL AS fresh \\gset
\\if :fresh
\\i ${join(top, file)}
\\endif
`;
	await run('psql', ['-Xq', '-o', '/dev/null', '-v', 'ON_ERROR_STOP=1'],
		{ env: { ...instance.cluster.env(instance.database),
			PGOPTIONS: '-c client_min_messages=warning' }, input });
	await settled(instance);
}

let marks = 0;

// Until every worker has the catalogue of now: one that has what is published
// last has all that was before.
export async function settled(instance) {
	const mark = `m${process.pid}_${++marks}`;
	await instance.psql(`CREATE SCHEMA IF NOT EXISTS mark;
		CREATE FUNCTION mark.${mark}() RETURNS int4 LANGUAGE sql STABLE
		AS 'SELECT 1';
		SELECT grantd.publish('mark.${mark}', 'public', mcp => false)`);
	await published(instance, `/api/mark/${mark}`);
}

// Events of a response, one by one.
export class Events {
	#buffer = '';
	#queue = [];

	constructor(response, abort) {
		this.response = response;
		this.abort = abort;
		this.reader = response.body.getReader();
		this.decoder = new TextDecoder();
		this.comments = 0;
	}

	// The next message; undefined at the end.
	async next(ms = 20000) {
		while (this.#queue.length === 0) {
			const late = sleep(ms, 'late', { ref: false });
			const got = await Promise.race([this.reader.read(), late]);
			if (got === 'late')
				throw new Error(`no event within ${ms} ms`);
			if (got.done)
				return undefined;
			this.#buffer += this.decoder.decode(got.value, { stream: true });
			const parts = this.#buffer.split('\n\n');
			this.#buffer = parts.pop();
			for (const part of parts)
				if (part.startsWith(':'))
					this.comments++;
				else
					this.#queue.push(JSON.parse(part.replace(/^data: /, '')));
		}
		return this.#queue.shift();
	}

	async all() {
		const found = [];
		for (let one; (one = await this.next()) !== undefined;)
			found.push(one);
		return found;
	}

	close() {
		this.abort.abort();
	}
}

let id = 0;

export class Mcp {
	constructor(instance, token) {
		this.instance = instance;
		this.token = token;
		this.url = `${instance.base}/mcp`;
	}

	as(token) {
		return new Mcp(this.instance, token);
	}

	// Any body, any headers; the answer with .json where it is JSON, .events
	// where it is a stream.
	async send(body, headers = {}, { method = 'POST' } = {}) {
		const abort = new AbortController();
		const all = { 'content-type': 'application/json',
			accept: 'application/json, text/event-stream', ...headers };
		if (this.token && !('authorization' in all))
			all.authorization = `Bearer ${this.token}`;
		for (const [name, value] of Object.entries(all))
			if (value === undefined)
				delete all[name];
		const response = await fetch(this.url, { method, headers: all,
			signal: abort.signal, redirect: 'manual',
			body: body === undefined ? undefined :
				typeof body === 'string' ? body : JSON.stringify(body) });
		const answer = { status: response.status, headers: response.headers,
			id: body?.id };
		const type = response.headers.get('content-type') ?? '';
		if (type.startsWith('text/event-stream'))
			answer.events = new Events(response, abort);
		else {
			answer.text = await response.text();
			if (/json/.test(type))
				answer.json = JSON.parse(answer.text);
		}
		return answer;
	}

	// A request of the modern era; meta adds to _meta, undefined takes away.
	message(method, params = {}, meta = {}) {
		const _meta = { [keys.version]: modern, [keys.can]: {}, ...meta };
		return { jsonrpc: '2.0', id: ++id, method, params:
			{ ...params, _meta } };
	}

	headers(body) {
		const name = body.params?.name ?? body.params?.uri;
		const named = ['tools/call', 'prompts/get', 'resources/read']
			.includes(body.method);
		return { 'mcp-protocol-version': modern, 'mcp-method': body.method,
			...named && name !== undefined ? { 'mcp-name': name } : {} };
	}

	ask(method, params, meta, headers = {}) {
		const body = this.message(method, params, meta);
		return this.send(body, { ...this.headers(body), ...headers });
	}

	// The same before it: no _meta, another header.
	old(method, params, headers = {}) {
		return this.send({ jsonrpc: '2.0', id: ++id, method, params },
			{ 'mcp-protocol-version': legacy, ...headers });
	}

	// The result of a request that succeeds; from a stream the last event.
	async result(...args) {
		return done(await this.ask(...args));
	}

	call(name, args, meta) {
		return this.ask('tools/call', { name, arguments: args }, meta);
	}

	async tool(name, args, meta) {
		return done(await this.call(name, args, meta));
	}

	async all(method, member) {
		const found = [];
		let cursor;
		do {
			const page = await this.result(method, cursor === undefined ? {} :
				{ cursor });
			found.push(...page[member]);
			cursor = page.nextCursor;
		} while (cursor !== undefined);
		return found;
	}
}

export async function done(answer) {
	const message = answer.events ? (await answer.events.all()).at(-1) :
		answer.json;
	assert.equal(answer.status, 200, answer.text);
	assert.ok(message.result, JSON.stringify(message));
	return message.result;
}

// A JSON-RPC error with this HTTP status and code; returns it.
export function refused(answer, status, code) {
	assert.equal(answer.status, status, answer.text);
	assert.equal(answer.json?.error?.code, code, answer.text);
	assert.equal(answer.json.jsonrpc, '2.0');
	assert.match(answer.json.error.message, /\S/);
	assert.doesNotMatch(answer.text, /SELECT|SQLSTATE|pg_|\.c:\d/);
	return answer.json.error;
}

// The parts of a Bearer challenge.
export function challenge(answer) {
	const text = answer.headers.get('www-authenticate') ?? '';
	assert.match(text, /^Bearer /);
	return Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)]
		.map(([, name, value]) => [name, value]));
}

// A program with a token of its own for this resource.
export async function program(instance, org, scopes, resource = '/mcp') {
	const app = await App.make(instance, { organization: org.id,
		origin: 'admin', scopes, grants: ['client_credentials'] });
	const { access_token: token } = (await app.credentials({
		scope: scopes.join(' '), resource: instance.issuer + resource }))
		.ok(200).json;
	return { app, token, mcp: new Mcp(instance, token) };
}

// What keeps mt.read_held and mt.write_held from their end.
export const hold = (instance, meanwhile) =>
	instance.hold('SELECT pg_advisory_xact_lock(7284)', meanwhile);

// What the tests of /mcp begin with.
export async function begin(instance) {
	await load(instance, 'tests/lib/mcp.sql', 'mt');
	const there = await stage(instance, { scopes: ['mt:read', 'mt:write'] },
		{ role: 'administrator' });
	const one = await program(instance, there.org, ['mt:read', 'mt:write']);
	return { ...there, ...one };
}
