// Procedures for the tests of /api (probe.sql), and who calls them.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Answer } from './api.mjs';
import { top } from './cluster.mjs';
import { eventually } from './instance.mjs';
import { App } from './oauth.mjs';
import { Person } from './people.mjs';

// Once per database; then waits until every worker knows them.
export async function loadProbe(instance) {
	const [[there]] = await instance.psql(
		`SELECT to_regnamespace('probe') IS NOT NULL`);
	if (there === 'f')
		await instance.psql('SELECT 1', '-f',
			join(top, 'tests/lib/probe.sql'));
	await published(instance, '/api/probe/open');
}

// Every broker has what is published now: it says so when it has.  Whoever is
// asked over HTTP may be one worker only, when another stands still.
async function loaded(instance) {
	const [[now]] = await instance.psql(
		'SELECT generation FROM publish.state');
	const brokers = instance.processes()
		.filter(({ role }) => role === 'broker').length;
	await eventually(() => {
		const times = {};
		for (const [, one] of instance.log().matchAll(
			/are published, generation (\d+)$/gm))
			if (Number(one) >= Number(now))
				times[one] = (times[one] ?? 0) + 1;
		return Object.values(times).some((n) => n >= brokers);
	}, 30000, `${brokers} brokers with generation ${now}`);
}

// So often after one another.
function answers(instance, path, status, times) {
	let seen = 0;
	return eventually(async () => {
		const reply = await fetch(instance.base + path,
			{ headers: { connection: 'close' } });
		await reply.arrayBuffer();
		if (reply.status === 429)
			return false;	// where calls are limited
		seen = reply.status === status ? seen + 1 : 0;
		return seen >= times;
	}, 30000, `${path} is ${status}`);
}

// By every worker.
export async function published(instance, path, status = 200) {
	await answers(instance, path, status, 1);
	await loaded(instance);
	await answers(instance, path, status, 12);
}

// A problem in the form of RFC 9457, with what it must have.
export function problem(answer, status, code) {
	assert.equal(answer.status, status, answer.text);
	assert.match(answer.headers.get('content-type'),
		/^application\/problem\+json\b/);
	const found = answer.json;
	assert.equal(found.status, status);
	assert.match(found.title, /\S/);
	assert.equal(found.type.split('/').slice(-2).join('/'),
		`problems/${found.code}`);
	assert.equal(found.instance,
		`urn:uuid:${answer.headers.get('x-request-id')}`);
	assert.doesNotMatch(answer.text, /SELECT|SQLSTATE|pg_|\.c:\d/);
	if (code)
		assert.equal(found.code, code, answer.text);
	return found;
}

// { pointer: detail } of a problem.
export const wrong = (found) => Object.fromEntries(
	found.errors.map(({ pointer, detail }) => [pointer, detail]));

export class Caller {
	// A person with a token for these scopes, and a browser.
	static async make(instance, { scope = 'products:read', organization,
		app } = {}) {
		const caller = new Caller();
		caller.instance = instance;
		caller.person = await Person.make(instance,
			organization ? { organization, role: 'member' } :
				{ role: 'administrator' });
		caller.browser = await caller.person.signIn();
		caller.app = app ?? await App.trusted(instance,
			{ firstParty: false });
		caller.token = (await caller.app.tokens(caller.browser,
			{ scope })).access_token;
		return caller;
	}

	async send(method, path, { body, headers = {}, token = this.token } = {}) {
		const reply = await fetch(this.instance.base + path, { method,
			redirect: 'manual', body: typeof body === 'object' &&
				!(body instanceof URLSearchParams) ?
				JSON.stringify(body) : body,
			headers: { ...typeof body === 'object' || typeof body ===
				'string' ? { 'content-type': body instanceof
				URLSearchParams ? 'application/x-www-form-urlencoded' :
				'application/json' } : {},
			...token ? { authorization: `Bearer ${token}` } : {},
			...headers } });
		return new Answer(reply.status, reply.headers, await reply.text());
	}

	get(path, options) {
		return this.send('GET', path, options);
	}

	post(path, body = {}, options = {}) {
		return this.send('POST', path, { body, ...options });
	}

	async csrf() {
		const page = await this.browser.get('/settings/oauth-apps/new');
		return /name="csrf" value="([^"]+)"/.exec(page.text)[1];
	}
}
