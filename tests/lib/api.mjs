// What a client of the HTTP API needs: requests with a bearer token, answers
// with their JSON, and checks of the forms that every answer must have.

import assert from 'node:assert/strict';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

export class Answer {
	constructor(status, headers, text) {
		this.status = status;
		this.headers = headers;
		this.text = text;
	}

	get json() {
		return JSON.parse(this.text);
	}

	get result() {
		return this.json.result;
	}

	// 2xx with a JSON object, or 204 without a body; returns itself.
	ok(status) {
		if (status)
			assert.equal(this.status, status, this.text);
		assert.ok(this.status >= 200 && this.status < 300,
			`${this.status}: ${this.text}`);
		assert.match(this.headers.get('x-request-id') ?? '', uuid);
		if (this.status === 204)
			assert.equal(this.text, '');
		else
			assert.match(this.headers.get('content-type'),
				/^application\/json\b/);
		return this;
	}

	// An error in the form of /v1; `want` may name code, parameter (a name,
	// or a JSON pointer without its first slash) and location.  Returns the
	// error object.
	problem(status, want = {}) {
		assert.equal(this.status, status, this.text);
		assert.match(this.headers.get('content-type') ?? '',
			/^application\/problem\+json\b/);
		const problem = this.json;
		assert.equal(problem.status, status);
		assert.match(problem.message, /\S/);
		assert.match(problem.occurred_at, time);
		assert.equal(problem.instance,
			`urn:uuid:${this.headers.get('x-request-id')}`);
		assert.match(problem.code, /^[a-z][a-z0-9_]*$/);
		assert.doesNotMatch(this.text, /SELECT|SQLSTATE|pg_|\.c:\d/);
		if (want.code)
			assert.equal(problem.code, want.code, this.text);
		if (want.parameter)
			assert.equal(problem.context?.parameter?.id
				.replace(/^\//, ''), want.parameter, this.text);
		if (want.location)
			assert.equal(problem.context?.parameter?.location,
				want.location, this.text);
		return problem;
	}
}

export class Client {
	constructor(base, token) {
		this.base = base;
		this.token = token;
	}

	// The same door with another credential.
	as(token) {
		return new Client(this.base, token);
	}

	async send(method, path, body, headers = {}) {
		const init = { method, headers: { ...headers }, redirect: 'manual' };
		if (this.token)
			init.headers.authorization = `Bearer ${this.token}`;
		if (body instanceof Uint8Array || typeof body === 'string')
			init.body = body;
		else if (body !== undefined)
			init.body = JSON.stringify(body);
		if (init.body !== undefined && !('content-type' in headers))
			init.headers['content-type'] = 'application/json';
		const reply = await fetch(this.base + path, init);
		return new Answer(reply.status, reply.headers, await reply.text());
	}

	get(path, headers) {
		return this.send('GET', path, undefined, headers);
	}

	post(path, body, headers) {
		return this.send('POST', path, body, headers);
	}

	put(path, body, headers) {
		return this.send('PUT', path, body, headers);
	}

	patch(path, body, headers) {
		return this.send('PATCH', path, body, headers);
	}

	delete(path, headers) {
		return this.send('DELETE', path, undefined, headers);
	}

	// --- what most tests begin with ---------------------------------

	async account(body = {}) {
		return (await this.post('/v1/accounts', body)).ok().result.account;
	}

	// Makes an integration; returns { integration, token }.
	async integration(account, type, more = {}) {
		const config = { type, ...configOf[type] };
		return (await this.post(`/v1/integrations/${account}`,
			{ provider_config: config, ...more })).ok().result;
	}
}

const configOf = {
	storage_mock_storage: { bucket: 'files' },
};

export const mocks = ['ticketing_mock_ticketing',
	'notifications_mock_notifications', 'siem_mock_siem',
	'sink_mock_sink', 'storage_mock_storage'];

let counter = 0;

// A name that no other test of this run uses.
export function unique(prefix) {
	counter++;
	return `${prefix}-${process.pid}-${counter}`;
}

// Claims of a JWT, unchecked.
export function claims(token) {
	return JSON.parse(Buffer.from(token.split('.')[1], 'base64url'));
}

export { uuid, time };
