// What a person meets who is in a hurry, on a small phone, with another
// script than Latin, or makes a mistake: where it is told, what is kept, and
// that the pages do not say what is not so.

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
const other = await instance.organization(unique('elsewhere'));
const root = `/admin/organizations/${admin.organization.id}`;
const long = 'Unbroken'.repeat(14);
const arabic = 'تطبيق الحصاد';
let ada;

before(async () => {
	ada = await Person.arrive(browser, instance.issuer);
	await ada.signIn(admin.email, admin.password);
});
after(async () => {
	await ada?.leave();
	await browser.close();
});

// The text that assistive technology reads with a field or a group.
async function described(locator) {
	const ids = await locator.getAttribute('aria-describedby') ?? '';
	const said = [];
	for (const id of ids.split(' ').filter(Boolean))
		said.push(await ada.page.locator(`[id="${id}"]`).innerText());
	return said.join(' ');
}

async function fill(name) {
	await ada.go('/settings/oauth-apps/new');
	await ada.page.locator('#f-name').fill(name);
	await ada.page.locator('#f-redirect_uris').fill('https://a.example/cb');
	await ada.page.locator('#f-description').fill('Does things.');
	await ada.page.locator('[id="s-orders:read"]').check();
}

async function register(name) {
	await fill(name);
	await ada.press('Register the app');
	assert.match(await ada.notice, /registered/);
}

// Whether the page held back each of these clicks, one at once after another.
function heldBack(...selectors) {
	return ada.page.evaluate((all) => {
		const kept = [];
		// after the page's own; nothing goes out, so the page stays
		const stay = (event) => {
			kept.push(event.defaultPrevented);
			event.preventDefault();
		};
		window.addEventListener('submit', stay);
		for (const one of all)
			document.querySelector(one).click();
		window.removeEventListener('submit', stay);
		return kept;
	}, selectors);
}

test('a double click sends a form once', async () => {
	await fill(unique('Twice'));
	const button = 'main form p.buttons button';
	assert.deepEqual(await heldBack(button, button), [false, true]);
	// another button of the form is another decision
	await ada.page.locator(button).evaluate((one) =>
		one.after(one.cloneNode(true)));
	const other = `${button} + button`;
	assert.deepEqual(await heldBack(other, button, other),
		[false, true, true]);
	await ada.go('/admin/organizations?search=a');
	const search = 'form[role=search] button';
	assert.deepEqual(await heldBack(search, search), [false, false]);
});

test('a mistake in what is folded away is seen', async () => {
	await ada.go('/settings/oauth-apps/new');
	await ada.page.locator('#f-name').fill('Folded');
	await ada.page.locator('#f-redirect_uris').fill('https://a.example/cb');
	await ada.page.locator('summary', { hasText: /^More$/ }).click();
	await ada.page.locator('#f-uri').fill('http://plain.example/');
	await ada.press('Register the app');
	const field = ada.page.locator('#f-uri');
	assert.equal(await field.getAttribute('aria-invalid'), 'true');
	assert.ok(await field.isVisible());
	assert.match(await described(field), /https/);
	await ada.look('app-wrong-folded');
});

test('what was emptied stays empty when another field is wrong', async () => {
	await register('Emptied');
	await ada.page.locator('#f-description').fill('');
	await ada.page.locator('[id="s-orders:read"]').uncheck();
	await ada.page.locator('#f-redirect_uris').fill('ftp://a.example/');
	await ada.press('Save');
	await ada.page.getByRole('alert').waitFor();
	assert.equal(await ada.page.locator('#f-description').inputValue(), '');
	assert.ok(!await ada.page.locator('[id="s-orders:read"]').isChecked());
});

test('a group that is wrong says so', async () => {
	await ada.go(`${root}/members/new`);
	await ada.page.locator('#f-email').fill('nobody@example.com');
	await ada.press('Add the member');
	assert.match(await described(ada.page.getByRole('group',
		{ name: 'Roles' })), /needs a role/);
	await ada.go(`${root}/roles/new`);
	await ada.page.locator('#f-name').fill('nothing');
	await ada.press('Create the role');
	assert.match(await described(ada.page.getByRole('group',
		{ name: 'Scopes' })), /needs a scope/);
});

test('mistakes are told in words for people, at the field', async () => {
	for (const [path, fields, button, at, said] of [
		['/accounts/new', { name: 'Ünïcode' }, 'Create the account', 'name',
			/The name must be/],
		['/accounts/new', { name: 'fine', labels: 'good, bad!label' },
			'Create the account', 'labels', /"bad!label" must be/],
	]) {
		await ada.go(root + path);
		for (const [field, value] of Object.entries(fields))
			await ada.page.locator(`#f-${field}`).fill(value);
		await ada.press(button);
		const alert = await ada.page.getByRole('alert').innerText();
		assert.match(alert, said);
		assert.doesNotMatch(alert, /the body|(^|\s)\//);
		const field = ada.page.locator(`#f-${at}`);
		assert.equal(await field.getAttribute('aria-invalid'), 'true');
		assert.match(await described(field), said);
	}
});

test('a wrong password is told at the password', async () => {
	await ada.go('/settings/security');
	await ada.page.locator('#f-password').fill('not this one');
	await ada.page.locator('#f-new_password').fill('four words of mine');
	await ada.press('Change the password');
	const field = ada.page.locator('#f-password');
	assert.equal(await field.getAttribute('aria-invalid'), 'true');
	assert.match(await described(field), /wrong/);
	await ada.look('security-wrong');
});

test('a provider\'s field that is wrong is told at the field', async () => {
	const name = unique('customer');
	await ada.go(`${root}/accounts/new`);
	await ada.page.locator('#f-name').fill(name);
	await ada.press('Create the account');
	await ada.link('New integration');
	await ada.page.getByLabel('Provider').selectOption(
		'ticketing_mock_ticketing');
	await ada.page.locator('form.filters button').click();
	await ada.page.locator('#f-name').fill(name);
	const field = ada.page.locator('#c-name');
	await field.fill('n'.repeat(300));
	await ada.press('Create the integration');
	assert.match(await ada.page.getByRole('alert').innerText(),
		/^Name must have at most 256 characters/);
	assert.equal(await field.getAttribute('aria-invalid'), 'true');
	assert.match(await described(field), /at most 256/);
});

test('the title names what is open', async () => {
	await register(`Planner ${arabic}`);
	assert.match(await ada.page.title(), /^Planner .+ · App · grantd$/);
	await ada.go(`${root}/members/${admin.id}`);
	assert.equal(await ada.page.title(), 'Ada Admin · Member · grantd');
});

test('an error page says what is wrong first, and leads on', async () => {
	const one = await Person.arrive(browser, instance.issuer);
	await one.go('/link/no-such-link');
	await one.sees('This link cannot be used');
	assert.match(await one.page.title(), /^This link cannot be used/);
	await one.leave();
	await ada.go('/settings/no-such-page');
	const nav = ada.page.locator('.side').getByRole('navigation');
	for (const name of ['Overview', 'Connections', 'Your apps', 'Security'])
		assert.equal(await nav.getByRole('link', { name }).count(), 1, name);
	await ada.look('error-nothing');
});

test('who must sign in first is told why', async () => {
	const one = await Person.arrive(browser, instance.issuer);
	await one.go('/settings/security');
	assert.match(await one.page.locator('main').innerText(),
		/Sign in to go on/);
	await one.go('/login');
	assert.doesNotMatch(await one.page.locator('main').innerText(),
		/to go on/);
	await one.leave();
});

test('a long address fits on its link\'s page', async () => {
	const email = `${unique('a'.repeat(40))}@${'b'.repeat(60)}.example`;
	await ada.go(`${root}/members/new`);
	await ada.page.locator('#f-email').fill(email);
	await ada.page.getByLabel('Member', { exact: true }).check();
	await ada.press('Add the member');
	const link = await ada.page.locator('#link').innerText();
	const one = await Person.arrive(browser, instance.issuer,
		{ viewport: { width: 320, height: 700 } });
	await one.go(link);
	assert.match(await one.page.locator('main').innerText(), /bbbbb/);
	assert.ok(await one.page.evaluate(() =>
		document.documentElement.scrollWidth <= innerWidth));
	await one.leave();
});

test('the head names the organization that one works in', async () => {
	const chosen = ada.page.locator('#switch option:checked');
	await ada.go(`/admin/organizations/${other.id}`);
	assert.equal(await chosen.innerText(), other.name);
	await ada.press('Work in this organization');
	await ada.go('/settings');
	assert.equal(await chosen.innerText(), other.name);
	await ada.page.locator('#switch').selectOption({ label: 'Root' });
	await ada.press('Switch');
	assert.equal(await chosen.innerText(), 'Root');
});

test('nobody is led to a page that is gone for oneself', async () => {
	await ada.go(`${root}/members/${admin.id}`);
	const main = ada.page.locator('main');
	assert.equal(await main.getByText('Disable…').count(), 0);
	assert.equal(await main.getByText('Remove from this').count(), 0);
	assert.match(await main.innerText(), /Another administrator/);
});

test('names of any length and script keep to their place', async () => {
	for (const name of [long, `${arabic} 12`, `${long.slice(0, 90)} ${arabic}`])
		await register(name);
	await ada.page.setViewportSize({ width: 320, height: 700 });
	for (const path of ['/settings/oauth-apps', '/admin/oauth-clients',
		'/settings/oauth-apps/new', `${root}/members/new`,
		'/settings/security']) {
		await ada.go(path);
		assert.ok(await ada.page.evaluate(() =>
			document.documentElement.scrollWidth <= innerWidth), path);
	}
	// what is written beside a name in another direction stays beside it
	await ada.go('/settings/oauth-apps');
	assert.equal(await ada.page.locator('.list strong').first().evaluate(
		(e) => getComputedStyle(e).unicodeBidi), 'plaintext');
	// a tick box stands beside its words
	await ada.go(`${root}/members/new`);
	const box = await ada.page.locator('.box input').first().boundingBox();
	const words = await ada.page.locator('.box label').first().boundingBox();
	assert.ok(words.x > box.x + box.width && words.y < box.y + box.height,
		JSON.stringify([box, words]));
	await ada.page.setViewportSize({ width: 1280, height: 900 });
});

test('one is one', async () => {
	await register('Single');
	const id = await ada.page.locator('#client-id').innerText();
	await instance.psql(`INSERT INTO oauth.connection (id, person, client,
		organization, scopes, audience) VALUES (gen_random_uuid(),
		'${admin.id}', '${id}', '${admin.organization.id}', '{openid}', 1)`);
	await ada.go(`/admin/oauth-clients/${id}`);
	const main = await ada.page.locator('main').textContent();
	assert.doesNotMatch(main, /\b1 people\b/);
	assert.match(main, /connections of 1 person end/);
});
