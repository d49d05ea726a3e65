// The OpenAPI documents: valid for a validator of others, good for a client
// that is generated from them, and true: real answers fit their schemas.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import addFormats from 'ajv-formats';
import Ajv from 'ajv/dist/2020.js';
import createClient from 'openapi-fetch';
import openapiTS, { astToString } from 'openapi-typescript';
import { unique } from '../lib/api.mjs';
import { Caller, loadProbe } from '../lib/probe.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
const require = createRequire(import.meta.url);
const dir = mkdtempSync(join(tmpdir(), 'openapi-'));
let caller, everybody, mine, management;

before(async () => {
	await loadProbe(instance);
	caller = await Caller.make(instance,
		{ scope: 'products:read stores:read' });
	everybody = (await caller.get('/api/openapi.json', { token: null }))
		.ok(200).json;
	mine = (await caller.get('/api/openapi.json')).ok(200).json;
	management = (await caller.get('/v1/openapi.json', { token: null }))
		.ok(200).json;
});
after(() => rmSync(dir, { recursive: true }));

test('the documents are valid', async () => {
	for (const document of [everybody, mine, management]) {
		const result = await new Validator().validate(
			structuredClone(document));
		assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
		const ids = Object.values(document.paths).flatMap((item) =>
			Object.values(item).map((one) => one.operationId));
		assert.equal(new Set(ids).size, ids.length);
	}
});

test('they list what the caller may call', () => {
	assert.ok(everybody.paths['/api/shop/segments']);
	assert.ok(!mine.paths['/api/shop/segments']);
	assert.ok(mine.paths['/api/shop/stores'].get);
	assert.ok(!mine.paths['/api/probe/count_up'].get);
	assert.ok(!everybody.paths['/api/probe/hidden']);
	const { flows } = mine.components.securitySchemes.oauth2;
	assert.equal(flows.authorizationCode.tokenUrl,
		`${instance.issuer}/oauth/token`);
	assert.ok(flows.authorizationCode.scopes['orders:read']);
	assert.deepEqual(mine.paths['/api/shop/stores'].get.security,
		[{ oauth2: ['stores:read'] }]);
	assert.deepEqual(mine.paths['/api/probe/open'].get.security, [{}]);
});

// A validator for a schema inside of a document.
function schemaOf(document, pointer) {
	const ajv = new Ajv({ strict: false, allErrors: true });
	addFormats(ajv);
	ajv.addSchema({ $id: 'doc', ...document });
	return ajv.compile({ $ref: `doc#${pointer}` });
}

const escape = (path) => path.replaceAll('~', '~0').replaceAll('/', '~1');

test('answers of procedures fit their schemas', async () => {
	const calls = { '/api/probe/types': { i8: 5, c: { x: 1, y: 2 }, a: [1],
		ts: '2026-01-01T00:00:00Z', iv: 'P1D', by: '\\x00', t: 'x' },
	'/api/probe/numbers': {}, '/api/probe/exact': { i8: '5', n: '1.5' },
	'/api/probe/many': {}, '/api/probe/open': {},
	'/api/probe/who': {}, '/api/probe/nobody': {}, '/api/shop/stores': {}, '/api/shop/categories': {},
	'/api/shop/products': {} };
	for (const [path, body] of Object.entries(calls)) {
		const answer = (await caller.post(path, body)).ok(200);
		const fits = schemaOf(mine, `/paths/${escape(path)}/post/responses` +
			'/200/content/application~1json/schema');
		assert.ok(fits(answer.json), `${path}: ${answer.text} ` +
			JSON.stringify(fits.errors));
	}
	const fits = schemaOf(mine, '/components/schemas/Problem');
	const asked = schemaOf(mine, '/components/responses/InputRequired/content/'
		+ 'application~1problem+json/schema');
	const question = await caller.post('/api/probe/drop_it', { id: 1 });
	assert.equal(question.status, 428);
	assert.ok(asked(question.json), JSON.stringify(asked.errors));
	assert.ok(!asked({ ...question.json, input: {} }));
	for (const answer of [await caller.post('/api/probe/types', { i4: 'x' }),
		await caller.get('/api/probe/big?n=1', { token: null }),
		await caller.post('/api/probe/fail', { state: 'P0001' })])
		assert.ok(fits(answer.json), answer.text);
});

test('a generated client works', async () => {
	const types = astToString(await openapiTS(structuredClone(mine)));
	writeFileSync(join(dir, 'schema.d.ts'), types);
	// the client as its users write it, checked by the compiler
	writeFileSync(join(dir, 'use.ts'), `
import type { paths } from "./schema";
type Numbers = paths["/api/probe/numbers"]["get"];
const query: Numbers["parameters"]["query"] = { up_to: 4, page_size: 2 };
type Answer = Numbers["responses"]["200"]["content"]["application/json"];
const first = (answer: Answer) => answer.items[0];
type Body = NonNullable<
	paths["/api/probe/types"]["post"]["requestBody"]
>["content"]["application/json"];
const good: Body = { i4: 1, e: "red", a: [1, 2], c: { x: 1 } };
// @ts-expect-error not one of the enum
const bad: Body = { e: "pink" };
type Drop = paths["/api/probe/drop_it"]["post"];
type Asked =
	Drop["responses"]["428"]["content"]["application/problem+json"];
const state = (asked: Asked): NonNullable<Drop["parameters"]["query"]> =>
	({ request_state: asked.input.requestState,
		answers: JSON.stringify({ sure: { action: "accept" } }) });
export { query, first, good, bad, state };
`);
	execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'),
		'--noEmit', '--strict', '--skipLibCheck', join(dir, 'use.ts')]);
	const client = createClient({ baseUrl: instance.base,
		headers: { authorization: `Bearer ${caller.token}` } });
	const { data } = await client.GET('/api/probe/numbers',
		{ params: { query: { up_to: 4, page_size: 2 } } });
	assert.deepEqual(data.items.map((one) => one.n), [1, 2]);
	const list = await client.GET('/api/probe/list',
		{ params: { query: { a: [1, 2] } } });
	assert.equal(list.data.result, '{1,2};{}');
	const { data: typed } = await client.POST('/api/probe/types',
		{ body: { i4: 1, e: 'red' } });
	assert.equal(typed.e, 'red');
	const asked = await client.POST('/api/probe/drop_it', { body: { id: 1 } });
	assert.equal(asked.response.status, 428);
	const again = await client.POST('/api/probe/drop_it', { body: { id: 1 },
		params: { query: { request_state: asked.error.input.requestState,
			answers: JSON.stringify({ sure: { action: 'accept',
				content: { yes: true } } }) } } });
	assert.equal(again.data.result, 'dropped 1');
	const { error, response } = await client.POST('/api/probe/types',
		{ body: { e: 'pink' } });
	assert.equal(response.status, 422);
	assert.equal(error.errors[0].pointer, '/e');
});

test('examples fit', () => {
	let n = 0;
	for (const [path, item] of Object.entries(everybody.paths)) {
		const media = item.post.requestBody?.content['application/json'];
		const fits = schemaOf(everybody, `/paths/${escape(path)}/post` +
			'/requestBody/content/application~1json/schema');
		for (const { value } of Object.values(media?.examples ?? {})) {
			assert.ok(fits(value), `${path} ${JSON.stringify(fits.errors)}`);
			n++;
		}
	}
	assert.ok(n > 3);
});

// method, path with variables, path as it is, body
async function answers() {
	const organization = await instance.organization();
	const api = organization.api;
	const calls = [];
	const call = async (client, method, pattern, path, body, headers) => {
		const answer = await client.send(method.toUpperCase(), path, body,
			headers);
		calls.push({ method, pattern, answer });
		return answer;
	};
	const created = await call(api, 'post', '/v1/accounts', '/v1/accounts',
		{ name: unique('acme'), labels: ['a'] });
	const { id } = created.ok().result.account;
	const account = `/v1/accounts/${id}`;
	await call(api, 'get', '/v1/version', '/v1/version');
	await call(api, 'get', '/v1/organization', '/v1/organization');
	await call(api, 'get', '/v1/accounts', '/v1/accounts?total=true');
	await call(api, 'get', '/v1/accounts/{accountId}', account);
	await call(api, 'patch', '/v1/accounts/{accountId}', account,
		[{ op: 'replace', path: '/fullname', value: 'Acme' }]);
	await call(api, 'get', '/v1/accounts/{accountId}', '/v1/accounts/none');
	await call(api, 'post', '/v1/accounts', '/v1/accounts', { nosuch: 1 });
	const made = {};
	for (const type of ['ticketing', 'notifications', 'siem', 'sink',
		'storage']) {
		const answer = await call(api, 'post', '/v1/integrations/{accountId}',
			`/v1/integrations/${id}`, { name: unique(type),
				provider_config: { type: `${type}_mock_${type}`,
					...type === 'storage' && { bucket: 'files' } } });
		made[type] = api.as(answer.ok().result.token.access.secret);
		made[type].id = answer.result.integration.id;
	}
	const integration = `/v1/integrations/${id}/${made.ticketing.id}`;
	await call(api, 'get', '/v1/integrations', '/v1/integrations?expand=all');
	await call(api, 'get', '/v1/integrations/{accountId}',
		`/v1/integrations/${id}`);
	await call(api, 'get', '/v1/integrations/{accountId}/{integrationId}',
		integration);
	await call(api, 'get', '/v1/tokens', '/v1/tokens');
	const { refresh_token_id: pair } = (await api.get('/v1/organization'))
		.result;
	await call(api, 'get', '/v1/tokens/{refreshTokenId}/info',
		`/v1/tokens/${pair}/info`);
	await call(api, 'post', '/v1/tokens/{accountId}/{integrationId}',
		`/v1/tokens/${id}/${made.ticketing.id}`, {});
	const { ticketing, notifications, siem, sink, storage } = made;
	const ticket = await call(ticketing, 'post', '/v1/ticketing/tickets',
		'/v1/ticketing/tickets', { name: 'a', summary: 'b', tags: ['x'],
			due_date: '2026-01-31T12:00:00Z' });
	await call(ticketing, 'get', '/v1/ticketing/tickets/{ticketId}',
		`/v1/ticketing/tickets/${ticket.ok().result.id}`);
	await call(ticketing, 'get', '/v1/ticketing/tickets',
		'/v1/ticketing/tickets?limit=1');
	await call(ticketing, 'get', '/v1/ticketing/projects',
		'/v1/ticketing/projects');
	const note = await call(notifications, 'post',
		'/v1/notifications/create', '/v1/notifications/create',
		{ summary: 's' });
	await call(notifications, 'get', '/v1/notifications/get/{id}',
		`/v1/notifications/get/${note.ok().result.id}`);
	await call(notifications, 'post', '/v1/notifications/clear/{id}',
		`/v1/notifications/clear/${note.result.id}`);
	await call(siem, 'post', '/v1/siem/events', '/v1/siem/events', [{ a: 1 }]);
	await call(siem, 'get', '/v1/siem/events', '/v1/siem/events');
	await call(sink, 'post', '/v1/sink/events', '/v1/sink/events', [{ a: 1 }]);
	await call(storage, 'post', '/v1/storage/files/{path}',
		'/v1/storage/files/a.txt', Buffer.from('text'),
		{ 'content-type': 'application/octet-stream' });
	await call(storage, 'get', '/v1/storage/folders', '/v1/storage/folders');
	await call(api, 'put', '/v1/tokens/{ownerId}/{refreshTokenId}/rotate',
		`/v1/tokens/${organization.id}/${pair}/rotate`);
	await call(api, 'delete', '/v1/accounts/{accountId}', account);
	return calls;
}

test('answers of the management API fit their schemas', async () => {
	for (const { method, pattern, answer } of await answers()) {
		const at = `/paths/${escape(pattern)}/${method}`;
		const operation = management.paths[pattern]?.[method];
		assert.ok(operation, `${method} ${pattern}`);
		const good = operation.responses[answer.status];
		if (answer.status === 204) {
			assert.ok(good, `${method} ${pattern}: 204`);
			continue;
		}
		if (answer.status < 400)
			assert.ok(good, `${method} ${pattern}: ${answer.text}`);
		const fits = answer.status < 400 ? schemaOf(management,
			`${at}/responses/${answer.status}/content/` +
			'application~1json/schema') :
			schemaOf(management, '/components/schemas/Problem');
		assert.ok(fits(answer.json), `${method} ${pattern}: ${answer.text} ` +
			JSON.stringify(fits.errors));
	}
});
