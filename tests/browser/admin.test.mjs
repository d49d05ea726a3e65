// An administrator's walk: organizations, members and their links, roles,
// accounts, integrations, tokens, the audit trail.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';
import { launch, Person } from './browser.mjs';
import { makePerson } from './people.mjs';

const instance = await sharedInstance();
const browser = await launch();
const admin = await makePerson(instance, { name: 'Ada Admin',
	role: 'administrator' });
let ada;

before(async () => {
	ada = await Person.arrive(browser, instance.issuer);
	await ada.signIn(admin.email, admin.password);
});
after(async () => {
	await ada?.leave();
	await browser.close();
});

test('the navigation leads to every page and says where one is', async () => {
	await ada.go('/settings');
	const nav = ada.page.locator('.side').getByRole('navigation');
	const links = await nav.getByRole('link').evaluateAll((all) =>
		all.map((a) => [a.textContent, a.getAttribute('href')]));
	assert.ok(links.length >= 12, JSON.stringify(links));
	for (const [text, href] of links) {
		const answer = await ada.go(href);
		assert.equal(answer.status(), 200, href);
		const marked = await nav.locator('[aria-current]').allTextContents();
		assert.deepEqual(marked, [text]);
		const name = text.toLowerCase().replaceAll(' ', '-');
		await ada.look(`admin-${name}`);
	}
});

const short = unique('shop');

test('an organization is created', async () => {
	await ada.go('/admin/organizations');
	await ada.link('New organization');
	await ada.look('organization-new');
	await ada.fill('Name', short);
	await ada.fill('Full name optional', 'The shop at the corner');
	await ada.press('Create the organization');
	assert.match(await ada.notice, /created/);
	await ada.sees('The shop at the corner');
	await ada.look('organization');
});

test('one works in it, and back; it is disabled and enabled', async () => {
	const path = ada.page.url();
	await ada.press('Work in this organization');
	assert.equal(await ada.notice, 'You work in The shop at the corner now.');
	assert.match(await ada.page.locator('main').innerText(),
		/The shop at the corner/);
	await ada.page.getByLabel('Organization').selectOption({ label: 'Root' });
	await ada.press('Switch');
	assert.match(await ada.page.locator('main').innerText(), /Root/);
	await ada.go(path);
	await ada.confirm('Disable the organization', 'Disable the organization');
	assert.match(await ada.notice, /disabled/);
	await ada.look('organization-disabled');
	await ada.press('Enable the organization');
	assert.match(await ada.notice, /enabled/);
});

test('long lists have pages', async () => {
	await ada.go('/admin/organizations?limit=1&search=o');
	const first = await ada.page.locator('.list a').first().innerText();
	await ada.link('Next page');
	assert.match(ada.page.url(), /start_after=.+search=o&limit=1/);
	assert.notEqual(await ada.page.locator('.list a').first().innerText(),
		first);
	await ada.link('Back to the first page');
	const { searchParams } = new URL(ada.page.url());
	assert.equal(searchParams.get('search'), 'o');
	assert.equal(searchParams.get('limit'), '1');
	assert.equal(searchParams.get('start_after'), null);
});

test('a field that is wrong is told at the field', async () => {
	await ada.go('/admin/organizations/new');
	await ada.fill('Name', '!!');
	await ada.fill('Full name optional', 'Kept');
	await ada.press('Create the organization');
	const field = ada.page.getByLabel('Name', { exact: true });
	assert.equal(await field.getAttribute('aria-invalid'), 'true');
	assert.equal(await field.inputValue(), '!!');
	assert.equal(await ada.page.getByLabel('Full name').inputValue(), 'Kept');
	const described = (await field.getAttribute('aria-describedby'))
		.split(' ').at(-1);
	assert.notEqual(await ada.page.locator(`#${described}`).innerText(), '');
	await ada.look('organization-wrong');
});

test('a member is added and sets a password by the link', async () => {
	const email = `${unique('uma')}@example.com`;
	await ada.go('/admin/organizations');
	await ada.page.getByRole('link', { name: 'The shop at the corner' })
		.first().click();
	await ada.page.locator('.side').getByRole('link', { name: 'Members' })
		.click();
	await ada.link('Add a member');
	await ada.look('member-new');
	await ada.fill('E-mail address', email);
	await ada.fill('Name optional', 'Uma User');
	await ada.page.getByLabel('Member', { exact: true }).check();
	await ada.press('Add the member');
	assert.match(await ada.notice, /added/);
	const link = await ada.page.locator('#link').innerText();
	assert.ok(link.startsWith(`${instance.issuer}/link/`), link);
	await ada.look('member-link');

	await ada.page.reload();
	assert.equal(await ada.page.locator('#link').count(), 0);

	const uma = await Person.arrive(browser, instance.issuer);
	await uma.go(link);
	await uma.look('link');
	await uma.fill('New password', 'a new password of hers');
	await uma.press('Set the password and sign in');
	assert.match(await uma.notice, /password is set/);
	await uma.sees(/Uma User/);
	await uma.look('overview-member');
	const again = await uma.go(link);
	assert.equal(again.status(), 404);
	await uma.look('link-used');
	assert.ok(!instance.log().includes(link.split('/').at(-1)));

	// a member sees no administration, and is told which scope is missing
	const refused = await uma.go('/admin/oauth-clients');
	assert.equal(refused.status(), 403);
	assert.match(await uma.page.locator('main').innerText(),
		/oauth-clients:view/);
	await uma.look('no-scope');
	await uma.page.getByRole('navigation').getByRole('link',
		{ name: 'Overview' }).first().click();
	assert.equal(new URL(uma.page.url()).pathname, '/settings');
	await uma.leave();
});

test('whoever has an account is asked, signs in and joins', async () => {
	const known = await makePerson(instance, { name: 'Kit Known' });
	await instance.psql(`UPDATE core.person SET home = NULL
		WHERE email = '${known.email}'`);
	await instance.psql(`DELETE FROM core.member WHERE person =
		(SELECT id FROM core.person WHERE email = '${known.email}')`);
	await ada.go('/admin/organizations');
	await ada.page.getByRole('link', { name: 'The shop at the corner' })
		.first().click();
	await ada.page.locator('.side').getByRole('link', { name: 'Members' })
		.click();
	await ada.link('Add a member');
	await ada.fill('E-mail address', known.email);
	await ada.page.getByLabel('Viewer', { exact: true }).check();
	await ada.press('Add the member');
	const link = await ada.page.locator('#link').innerText();
	await ada.page.getByText('invited', { exact: true }).waitFor();
	await ada.page.reload();
	await ada.look('member-invited');

	const kit = await Person.arrive(browser, instance.issuer);
	await kit.go(link);
	await kit.look('join-sign-in');
	await kit.link('Sign in');
	await kit.fill('E-mail address', known.email);
	await kit.fill('Password', known.password);
	await kit.press('Sign in');
	await kit.sees(/^Join The shop at the corner/);
	await kit.look('join');
	await kit.press('Join');
	assert.match(await kit.notice, /a member now/);
	await kit.go(link);
	assert.match(await kit.page.locator('main').innerText(),
		/cannot be used/);
	await kit.leave();

	// somebody else's link says whose it is
	const other = await makePerson(instance, { name: 'Olga Other' });
	await instance.psql(`UPDATE core.person SET home = NULL
		WHERE email = '${other.email}'`);
	await instance.psql(`DELETE FROM core.member WHERE person =
		(SELECT id FROM core.person WHERE email = '${other.email}')`);
	await ada.go('/admin/organizations');
	await ada.page.getByRole('link', { name: 'The shop at the corner' })
		.first().click();
	await ada.page.locator('.side').getByRole('link', { name: 'Members' })
		.click();
	await ada.link('Add a member');
	await ada.fill('E-mail address', other.email);
	await ada.page.getByLabel('Viewer', { exact: true }).check();
	await ada.press('Add the member');
	await ada.go(await ada.page.locator('#link').innerText());
	await ada.look('join-other');
	await ada.page.goBack();
	await ada.confirm('End the invitation', 'End the invitation');
	assert.match(await ada.notice, /removed/);
});

test('roles: one is made, given, and cannot be deleted while held', async () => {
	await ada.go('/admin');
	await ada.page.locator('.side').getByRole('link', { name: 'Roles' })
		.click();
	await ada.link('New role');
	await ada.look('role-new');
	const name = unique('reader');
	await ada.fill('Name', name);
	await ada.fill('Full name optional', 'Reader of audits');
	await ada.page.locator('[id="s-audit:view"]').check();
	await ada.press('Create the role');
	assert.match(await ada.notice, /created/);
	await ada.look('role');
	assert.ok(await ada.page.locator('[id="s-audit:view"]').isChecked());
	await ada.confirm('Delete the role', 'Delete the role');
	assert.match(await ada.notice, /deleted/);
	await ada.page.getByRole('link', { name: 'All scopes' }).click();
	await ada.look('scopes');
});

test('an account, an integration of it, and its pair once', async () => {
	await ada.go('/admin');
	await ada.page.locator('.side').getByRole('link', { name: 'Accounts' })
		.click();
	await ada.look('accounts-empty');
	await ada.page.getByRole('link', { name: 'New account' }).click();
	await ada.look('account-new');
	await ada.fill('Name', unique('acc'));
	await ada.fill('Full name optional', 'Corner café');
	await ada.fill('Labels optional', 'north, gold');
	await ada.press('Create the account');
	assert.match(await ada.notice, /created/);
	await ada.look('account');
	await ada.link('New integration');
	await ada.page.getByLabel('Provider').selectOption(
		'ticketing_mock_ticketing');
	await ada.press('Choose', { exact: true });
	await ada.look('integration-new');
	// what was typed, the provider's fields too, waits for the password
	await instance.psql(`UPDATE core.session SET auth_time =
		now() - interval '10 minutes' WHERE person = '${admin.id}'`);
	const name = unique('int');
	await ada.page.locator('#f-name').fill(name);
	await ada.page.locator('[name="config.name"]').fill('Front "desk"');
	await ada.press('Create the integration');
	await ada.fill('Password', admin.password);
	await ada.press('Confirm');
	assert.equal(await ada.page.locator('#f-name').inputValue(), name);
	assert.equal(await ada.page.locator('[name="config.name"]').inputValue(),
		'Front "desk"');
	await ada.press('Create the integration');
	assert.match(await ada.notice, /created/);
	const access = await ada.page.locator('#access').innerText();
	assert.equal(access.split('.').length, 3);
	assert.notEqual(await ada.page.locator('#refresh').innerText(), '');
	assert.match(await ada.page.locator('main').innerText(), /Front "desk"/);
	await ada.look('integration-pair');
	await ada.page.reload();
	assert.equal(await ada.page.locator('#access').count(), 0);

	// the token works until the integration is deleted
	const projects = () => instance.client(access)
		.get('/v1/ticketing/projects');
	assert.equal((await projects()).status, 200);
	await ada.confirm('Delete the integration', 'Delete the integration');
	assert.match(await ada.notice, /deleted/);
	assert.equal((await projects()).status, 401);
});

test('an organization token, shown once and revoked', async () => {
	await ada.go('/admin');
	await ada.page.locator('.side').getByRole('link',
		{ name: 'Organization tokens' }).click();
	await ada.link('New token');
	await ada.look('token-new');
	const name = unique('tok');
	await ada.fill('Name', name);
	await ada.page.getByRole('radio').first().check();
	await ada.press('Make the token');
	assert.match(await ada.notice, /made/);
	const access = await ada.page.locator('#access').innerText();
	await ada.look('token-pair');
	const organization = () => instance.client(access)
		.get('/v1/organization');
	assert.equal((await organization()).status, 200);
	const row = ada.page.getByRole('listitem').filter({ hasText: name });
	await row.locator('summary').click();
	await row.getByRole('button', { name: 'Revoke' }).click();
	assert.match(await ada.notice, /revoked/);
	assert.equal((await organization()).status, 401);
});

test('the audit trail is filtered', async () => {
	await ada.go('/admin');
	await ada.page.locator('.side').getByRole('link', { name: 'Audit' })
		.click();
	await ada.page.getByLabel('Outcome').selectOption('refused');
	await ada.press('Show');
	assert.match(ada.page.url(), /outcome=refused/);
	assert.equal(await ada.page.getByLabel('Outcome').inputValue(), 'refused');
	await ada.look('audit-filtered');
	await ada.page.getByLabel('Operation, target or code')
		.fill('nothing has this');
	await ada.press('Show');
	await ada.page.getByText('Nothing fits').waitFor();
	await ada.link('Show all');
	assert.doesNotMatch(ada.page.url(), /outcome/);
});
