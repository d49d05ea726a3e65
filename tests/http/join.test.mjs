// Joining an organization with an account that another one made, and attacks
// on it, each named after what it tries.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { unique } from '../lib/api.mjs';
import { Browser, filled } from '../lib/browser.mjs';
import { Person } from '../lib/people.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
let home, away, boss, members, pat, patBrowser;

before(async () => {
	home = await instance.organization();
	away = await instance.organization();
	boss = await (await Person.make(instance, { organization: away.name,
		role: 'administrator', name: 'Bea Boss' })).signIn();
	members = `/admin/organizations/${away.id}/members`;
	pat = await Person.make(instance, { organization: home.name,
		role: 'member', name: 'Pat of Home' });
	patBrowser = await pat.signIn();
});

// Adds an address; the member's path and the link that is shown once.
async function invite(email, role = 'member') {
	const form = await boss.get(`${members}/new`);
	const box = new RegExp(`<label for="r-([0-9a-f-]+)">${role}<`, 'i')
		.exec(form.text);
	const answer = await boss.submit(`${members}/new`, members,
		{ email, fullname: '', role: box[1] });
	const path = new URL(answer.redirect(), instance.base).pathname;
	const page = await boss.get(answer.location);
	assert.equal(page.status, 200, page.text);
	const link = /<output id="link"[^>]*>([^<]+)</.exec(page.text)[1];
	assert.ok(link.startsWith(`${instance.issuer}/link/gsl_`), link);
	return { path, page, link: new URL(link).pathname };
}

test('whoever is asked signs in, sees who asks, and joins', async () => {
	const { path, link } = await invite(pat.email, 'viewer');
	const stranger = new Browser(instance.base);
	const first = await stranger.get(link);
	assert.equal(first.status, 200);
	assert.ok(first.words.includes(away.name), first.words);
	assert.ok(!first.words.includes('Pat of Home'));
	assert.ok(first.text.includes(
		`/login?return_to=${encodeURIComponent(link)}`), first.text);
	assert.equal(first.headers.get('referrer-policy'), 'no-referrer');

	const login = await stranger.submit(`/login?return_to=${
		encodeURIComponent(link)}`, '/login',
	{ email: pat.email, password: pat.password });
	assert.equal(login.redirect(), link);
	const page = await stranger.get(link);
	for (const word of ['Bea Boss', boss.person.email, away.name, 'Viewer',
		home.name])
		assert.ok(page.words.includes(word), `${word}: ${page.words}`);
	const answer = await stranger.submit(link, `${link}/join`);
	assert.match(answer.redirect(), /^\/settings\?done=joined$/);
	assert.match((await stranger.get(answer.location)).words,
		/You are a member now/);
	assert.equal((await stranger.get(
		`/admin/organizations/${away.id}/members`)).status, 200);
	// the other session of the account is over, the link is used
	assert.match((await patBrowser.get('/settings')).redirect(), /^\/login/);
	assert.equal((await stranger.get(link)).status, 404);
	assert.equal((await boss.get(path)).status, 404);
	patBrowser = await pat.signIn();
	assert.ok(!instance.log().includes(link.split('/').at(-1)));
});

test('an invitation is declined', async () => {
	const zoe = await Person.make(instance, { organization: home.name });
	const { path, link } = await invite(zoe.email);
	const browser = await zoe.signIn();
	const form = (await browser.get(link)).form(`${link}/join`);
	const csrf = form.fields.find((one) => one.name === 'csrf').value;
	const answer = await browser.post(`${link}/decline`, { csrf });
	assert.match(answer.redirect(), /done=declined/);
	assert.equal((await browser.get(link)).status, 404);
	assert.equal((await boss.get(path)).status, 404);
});

describe('attacks', () => {
	test('to learn by inviting who has an account here', async () => {
		const known = await Person.make(instance,
			{ organization: home.name, name: 'Known Elsewhere' });
		const nobody = `${unique('nobody')}@example.com`;
		const a = await invite(known.email), b = await invite(nobody);
		const same = (one, email) => one.page.text
			.replaceAll(one.path.split('/').at(-1), 'ID')
			.replaceAll(email, 'EMAIL')
			.replaceAll(email.split('@')[0], 'NAME')
			.replace(/gsl_[\w-]+/g, 'LINK')
			.replace(/(datetime|title)="[^"]*"/g, '$1')
			.replace(/name="csrf" value="[^"]*"/g, 'CSRF');
		assert.equal(same(a, known.email), same(b, nobody));
		assert.ok(!a.page.text.includes('Known Elsewhere'));
		assert.ok(!a.page.text.includes(known.id));
		const list = await boss.get(members);
		assert.ok(!list.text.includes('Known Elsewhere'));
		assert.ok(!list.text.includes(known.id));
		assert.equal((await boss.get(`${members}/${known.id}`)).status, 404);
	});

	test('to use the link in a session of somebody else', async () => {
		const kim = await Person.make(instance, { organization: home.name });
		const { link } = await invite(kim.email, 'administrator');
		const page = await patBrowser.get(link);
		assert.equal(page.status, 200);
		assert.match(page.words, /for the account of/);
		assert.throws(() => page.form(`${link}/join`));
		const settings = await patBrowser.get('/settings/security');
		const csrf = settings.forms.flatMap((one) => one.fields)
			.find((one) => one.name === 'csrf').value;
		for (const way of ['join', 'decline']) {
			const answer = await patBrowser.post(`${link}/${way}`, { csrf });
			assert.equal(answer.status, 403);
			assert.match(answer.words, /for another account/);
		}
	});

	test('to be given rights with an account planted for an address',
		async () => {
			const planted = await Person.make(instance,
				{ organization: home.name, role: 'member' });
			const evil = await planted.signIn();
			await invite(planted.email, 'administrator');
			assert.equal((await evil.get(members)).status, 404);
			const page = await evil.get('/settings');
			assert.ok(!page.words.includes(away.name));
		});

	test('to set the password of the account by the link', async () => {
		const kim = await Person.make(instance, { organization: home.name });
		const { link } = await invite(kim.email);
		const stranger = new Browser(instance.base);
		const login = await stranger.get('/login');
		const csrf = login.form('/login').fields
			.find((one) => one.name === 'csrf').value;
		const answer = await stranger.post(link,
			{ csrf, new_password: 'a stolen password' });
		assert.equal(answer.redirect(), link);
		await kim.signIn();
	});

	test('to have a person join by a page elsewhere (CSRF)', async () => {
		const kim = await Person.make(instance, { organization: home.name });
		const browser = await kim.signIn();
		const { path, link } = await invite(kim.email);
		for (const csrf of [undefined, 'x'.repeat(43)]) {
			const answer = await browser.post(`${link}/join`,
				csrf ? { csrf } : {});
			assert.equal(answer.status, 403, answer.text);
		}
		assert.match((await boss.get(path)).words, /invited/);
	});

	test('to have a session join that was left alone', async () => {
		const kim = await Person.make(instance, { organization: home.name });
		const browser = await kim.signIn();
		const { path, link } = await invite(kim.email);
		await instance.psql(`UPDATE core.session
			SET auth_time = now() - interval '1 hour'
			WHERE person = '${kim.id}'`);
		const asked = (await browser.submit(link, `${link}/join`)).redirect();
		assert.equal(asked, `/settings/confirm?return_to=${
			encodeURIComponent(link)}`);
		assert.match((await boss.get(path)).words, /invited/);
		const back = await browser.submit(asked, '/settings/confirm',
			{ password: kim.password });
		assert.equal(back.redirect().split('?')[0], link);
		assert.match((await browser.submit(link, `${link}/join`)).redirect(),
			/done=joined$/);
	});

	test('to use what was ended or used', async () => {
		const kim = await Person.make(instance, { organization: home.name });
		const browser = await kim.signIn();
		const { path, link } = await invite(kim.email);
		const form = (await browser.get(link)).form(`${link}/join`);
		const csrf = form.fields.find((one) => one.name === 'csrf').value;
		await boss.submit(path, `${path}/remove`);
		const answer = await browser.post(`${link}/join`, { csrf });
		assert.equal((await browser.get(answer.redirect())).status, 404);
		assert.match((await browser.get(link)).words, /cannot be used/);
	});

	test('to set a password after having been removed', async () => {
		const { path, link } = await invite(`${unique('new')}@example.com`);
		const visitor = new Browser(instance.base);
		const body = filled((await visitor.get(link)).forms[0]);
		body.set('new_password', 'a password that is late');
		await boss.submit(path, `${path}/remove`);
		const answer = await visitor.post(link, body);
		assert.equal((await visitor.get(answer.redirect())).status, 404);
		assert.match((await visitor.get('/settings')).redirect(), /^\/login/);
	});
});
