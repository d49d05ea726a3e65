// What the lists of administration offer to choose from: each choice finds
// what there is of it.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { mocks, unique } from '../lib/api.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { App } from '../lib/oauth.mjs';
import { Person } from '../lib/people.mjs';

const instance = await sharedInstance();
let org, browser;

before(async () => {
	org = await instance.organization();
	const other = await instance.organization();
	await instance.psql(`UPDATE core.organization SET status = 'disabled'
		WHERE id = '${other.id}'`);
	const root = await Person.make(instance, { role: 'administrator' });
	browser = await root.signIn();
	for (const origin of ['admin', 'user', 'dynamic'])
		await App.make(instance, { organization: org.id, origin });
	const gone = await App.make(instance, { organization: org.id });
	await instance.psql(`UPDATE oauth.client SET status = 'suspended'
		WHERE id = '${gone.id}'`);
	// known by its address, as if it had been fetched
	await instance.psql(`INSERT INTO oauth.client (id, origin, auth_method,
		name, redirect_uris, scopes, grant_types) VALUES
		('https://${unique('a')}.example/c', 'document', 'none', 'Document',
		'{https://a.example/}', '{openid}', '{authorization_code}')`);
	for (const environment of ['prod', 'test'])
		await org.api.account({ environment });
	const account = await org.api.account();
	for (const type of mocks)
		await org.api.integration(account.id, type);
	// refused, and so in the trail
	await org.api.delete(`/v1/accounts/${org.id}`);
});

for (const [list, fields] of Object.entries({
	'/admin/oauth-clients': ['origin', 'status'],
	'/admin/organizations': ['status'],
	'/accounts': ['environment'], '/integrations': ['category'],
	'/tokens': ['kind'], '/audit': ['outcome'] }))
	test(list, async () => {
		const path = list.startsWith('/admin') ? list :
			`/admin/organizations/${org.id}${list}`;
		const all = await browser.get(path);
		for (const name of fields) {
			const [, options] = new RegExp(`<select[^>]* name="${name}"` +
				'[^>]*>([^]*?)</select>').exec(all.text);
			const values = [...options.matchAll(/<option value="([^"]*)"/g)]
				.map(([, value]) => value);
			assert.equal(values[0], '', `${name}: all of them`);
			assert.ok(values.length > 1, name);
			for (const value of values.slice(1)) {
				const page = await browser.get(`${path}?${
					new URLSearchParams({ [name]: value })}`);
				assert.equal(page.status, 200);
				assert.ok(page.text.includes(
					`<option value="${value}" selected>`), value);
				assert.doesNotMatch(page.words, /Nothing fits/,
					`${name}=${value}`);
			}
		}
	});

describe('the audit trail', () => {
	const events = async (query) => {
		const page = await browser.get(`/admin/organizations/${org.id}/audit?${
			new URLSearchParams(query)}`);
		assert.equal(page.status, 200, page.words);
		return [...page.text.matchAll(
			/<dt>Operation<\/dt>\s*<dd><code>([^<]*)</g)].map(([, o]) => o);
	};
	test('by operation, in words', async () => {
		const page = await browser.get(`/admin/organizations/${org.id}/audit`);
		assert.match(page.text,
			/<option value="account.create">Create an account</);
		const found = await events({ operation: 'account.create' });
		assert.equal(found.length, 3);
		assert.deepEqual(new Set(found), new Set(['account.create']));
		assert.match((await browser.get(`/admin/organizations/${org.id
		}/audit?operation=account.create`)).text,
		/<option value="account.create" selected>/);
	});
	test('by person, as the label says: id or e-mail', async () => {
		const one = await Person.make(instance, { organization: org.name });
		const made = await one.signIn();
		await made.submit('/settings/security', '/settings/security/name',
			{ name: 'Another Name' });
		for (const person of [one.id, one.email, one.email.toUpperCase()])
			assert.deepEqual(await events({ person,
				operation: 'person.update' }), ['person.update'], person);
		assert.deepEqual(await events({ person: 'nobody@example.com' }), []);
	});
	test('by day, the last one included', async () => {
		// of the first event: the day may end meanwhile
		const [[day, before]] = await instance.psql(`SELECT d::date,
			(d - interval '1 day')::date FROM (SELECT min(at) AT TIME ZONE
			'UTC' AS d FROM audit.event WHERE organization = '${org.id}') o`);
		assert.ok((await events({ since: day, until: day })).length > 0);
		assert.deepEqual(await events({ until: before }), []);
		assert.ok((await events({ since: `${before}T00:00:00Z`,
			until: `${day}T23:59:59.999Z` })).length > 0);
		assert.deepEqual(await events({ until: `${day}T00:00:00Z` }), []);
	});
});
