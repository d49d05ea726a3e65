// What was typed into a form is there when the way leads back to it: behind
// the password, behind a mistake; or the page says that it is not.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { filled } from '../lib/browser.mjs';
import { Person } from '../lib/people.mjs';

const instance = await sharedInstance();
const apps = '/settings/oauth-apps';
let person;

before(async () => {
	const org = await instance.organization();
	person = await Person.make(instance, { organization: org.name });
});

const addresses = (n) => Array.from({ length: n }, (_, i) =>
	`https://app${i}.example.com/a/callback/of/some/length`).join('\n');

// The form of a new app, filled in.
async function type(browser, fields) {
	const form = (await browser.get(`${apps}/new`)).form(apps);
	const body = filled(form);
	for (const [name, value] of Object.entries({ name: 'Typed',
		redirect_uris: addresses(2), ...fields }))
		body.set(name, value);
	return body;
}

const grow = (browser) => instance.psql(`UPDATE core.session
	SET auth_time = now() - interval '1 hour'
	WHERE hash = sha256('${browser.jar.get('grantd_session')}')`);

// Sends the form when the password is too old: the page that asks for it.
async function asked(browser, body) {
	await grow(browser);
	const to = (await browser.post(apps, body)).redirect();
	assert.match(to, /^\/settings\/confirm\?/);
	return browser.get(to);
}

async function confirmed(browser, page, password = person.password) {
	const body = filled(page.form('/settings/confirm'));
	body.set('password', password);
	return browser.get((await browser.post('/settings/confirm', body))
		.redirect());
}

const shows = (page, body) => {
	const now = filled(page.form(apps));
	for (const name of ['name', 'description', 'redirect_uris'])
		assert.equal(now.get(name).replaceAll('\r\n', '\n'),
			body.get(name), name);
};

const lost = /What you typed was too long to be kept/;

for (const [what, fields] of Object.entries({
	'a word': { description: 'x' },
	'a long description in Japanese': { description: '説'.repeat(1000) },
	'twenty addresses': { redirect_uris: addresses(20),
		description: 'ä'.repeat(1000) } }))
	describe(what, () => {
		test('waits for the password, also for a wrong one', async () => {
			const browser = await person.signIn();
			const body = await type(browser, fields);
			let page = await asked(browser, body);
			assert.match(page.words, /What you typed is kept/);
			page = await confirmed(browser, page, 'wrong');
			assert.match(page.words, /What you typed is kept/);
			page = await confirmed(browser, page);
			assert.doesNotMatch(page.words, lost);
			shows(page, body);
			const sent = await browser.post(apps,
				filled(page.form(apps)));
			assert.match(sent.redirect(), /\/gc_/);
			assert.deepEqual([...(await browser.get(`${apps}/new`)).form(apps)
				.fields].find(({ name }) => name === 'name').value, '');
		});
		test('is there behind a mistake', async () => {
			const browser = await person.signIn();
			const body = await type(browser, { ...fields, uri: 'http://x' });
			const page = await browser.get((await browser.post(apps, body))
				.redirect());
			assert.match(page.words, /must begin with https/);
			assert.doesNotMatch(page.words, lost);
			shows(page, body);
		});
	});

describe('more than can wait', () => {
	const fields = { description: '説'.repeat(1300),
		redirect_uris: addresses(20).replaceAll('length', 'l'.repeat(90)) };
	test('for the password: it is said, on both pages', async () => {
		const browser = await person.signIn();
		let page = await asked(browser, await type(browser, fields));
		assert.match(page.words, lost);
		assert.doesNotMatch(page.words, /What you typed is kept/);
		page = await confirmed(browser, page, 'wrong');
		assert.match(page.words, lost);
		page = await confirmed(browser, page);
		assert.match(page.words, lost);
		assert.equal(filled(page.form(apps)).get('description'), '');
		assert.doesNotMatch((await browser.get(`${apps}/new`)).words, lost);
	});
	test('behind a mistake: it is said, too', async () => {
		const browser = await person.signIn();
		const page = await browser.get((await browser.post(apps,
			await type(browser, { ...fields, uri: 'http://x' }))).redirect());
		assert.match(page.words, /must begin with https/);
		assert.match(page.words, lost);
	});
	test('a field that is not even read: it is said, too', async () => {
		const browser = await person.signIn();
		const page = await browser.get((await browser.post(apps,
			await type(browser, { description: '説'.repeat(2000) })))
			.redirect());
		assert.match(page.words, /description has more than 4096 bytes/);
		assert.match(page.words, lost);
	});
	test('nothing of it is left for the next form', async () => {
		const browser = await person.signIn();
		await asked(browser, await type(browser,
			{ description: '説'.repeat(1000) }));
		await browser.get(apps);
		assert.deepEqual([...browser.jar.keys()].filter((name) =>
			!/session|visitor/.test(name)), []);
	});
});
