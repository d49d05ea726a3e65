// A person's walk: signing in, own apps, connections, security.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';
import { launch, Person } from './browser.mjs';
import { makePerson } from './people.mjs';

const instance = await sharedInstance();
const browser = await launch();
const admin = await makePerson(instance, { name: 'Ada Admin',
	role: 'administrator' });
const user = await makePerson(instance, { name: 'Uma User',
	role: 'member' });
const walkers = [];
after(async () => {
	for (const walker of walkers)
		await walker.leave();
	await browser.close();
});

async function arrive(options) {
	const walker = await Person.arrive(browser, instance.issuer, options);
	walkers.push(walker);
	return walker;
}

// As if the password had been given long ago.
function forget(person) {
	return instance.psql(`UPDATE core.session SET auth_time =
		now() - interval '10 minutes' WHERE person = '${person.id}'`);
}

const uma = await arrive();

test('a page sends to sign-in and back', async () => {
	await uma.go('/');
	await uma.look('start');
	await uma.go('/settings/security?done=saved');
	assert.equal(new URL(uma.page.url()).pathname, '/login');
	await uma.look('login');
	await uma.fill('E-mail address', user.email);
	await uma.fill('Password', 'wrong password');
	await uma.press('Sign in');
	assert.equal(new URL(uma.page.url()).pathname, '/login');
	await uma.page.getByRole('alert').waitFor();
	assert.equal(await uma.page.getByLabel('E-mail address').inputValue(),
		user.email);
	await uma.look('login-wrong');
	await uma.fill('Password', user.password);
	await uma.press('Sign in');
	assert.equal(new URL(uma.page.url()).pathname, '/settings/security');
	await uma.sees('Security');
});

test('sign-in leads to no other site', async () => {
	for (const to of ['https://evil.example/', '//evil.example/',
		'/\\evil.example', 'javascript:alert(1)']) {
		const one = await Person.arrive(browser, instance.issuer);
		await one.go(`/login?return_to=${encodeURIComponent(to)}`);
		await one.fill('E-mail address', user.email);
		await one.fill('Password', user.password);
		await one.press('Sign in');
		await one.page.waitForURL(`${instance.issuer}/settings`);
		await one.leave();
	}
});

test('a session that ended elsewhere leads to sign-in, not in circles',
	async () => {
		const one = await arrive();
		await one.signIn(user.email, user.password);
		await instance.psql(`UPDATE core.session SET ended_at = now()
			WHERE person = '${user.id}' AND id = (SELECT id FROM core.session
			WHERE person = '${user.id}' ORDER BY created_at DESC LIMIT 1)`);
		await one.go('/settings');
		assert.equal(new URL(one.page.url()).pathname, '/login');
		await one.go('/login');
		await one.sees('Sign in');
	});

let clientId, secret;

test('an app is registered, its secret shown once', async () => {
	await uma.go('/settings/oauth-apps');
	await uma.look('apps-empty');
	await uma.link('Register an app');
	await uma.look('app-new');
	await uma.fill('Name', 'Harvest <b>planner</b>');
	await uma.fill('Redirect URIs', 'https://planner.example/callback\n' +
		'http://127.0.0.1/callback');
	await uma.fill('Description optional', 'Plans harvests & deliveries.');
	await uma.page.locator('[id="s-orders:read"]').check();
	await uma.page.locator('[id="s-stores:read"]').check();
	await uma.press('Register the app');
	assert.match(await uma.notice, /registered/);
	await uma.sees('Harvest <b>planner</b>');
	secret = await uma.page.locator('#secret').innerText();
	assert.match(secret, /^gcs_/);
	clientId = await uma.page.locator('#client-id').innerText();
	assert.match(clientId, /^gc_/);
	await uma.look('app-secret');
	await uma.page.reload();
	assert.equal(await uma.page.locator('#secret').count(), 0);
});

test('the copy button copies', async () => {
	await uma.context.grantPermissions(['clipboard-read', 'clipboard-write']);
	const button = uma.page.getByRole('button',
		{ name: 'Copy the client ID' });
	await button.click();
	await uma.page.getByText('Copied').waitFor();
	assert.equal(await uma.page.evaluate(() =>
		navigator.clipboard.readText()), clientId);
});

test('the app is edited, a mistake is told', async () => {
	await uma.fill('Redirect URIs', 'ftp://planner.example/');
	await uma.press('Save');
	await uma.page.getByRole('alert').waitFor();
	assert.equal(await uma.page.getByLabel('Redirect URIs').inputValue(),
		'ftp://planner.example/');
	await uma.look('app-wrong');
	await uma.fill('Redirect URIs', 'https://planner.example/cb');
	await uma.press('Save');
	assert.equal(await uma.notice, 'Saved.');
	assert.equal(await uma.page.getByLabel('Redirect URIs').inputValue(),
		'https://planner.example/cb');
});

test('a new secret with overlap, after the password', async () => {
	await forget(user);
	await uma.page.locator('summary', { hasText: 'Make a new secret' })
		.click();
	await uma.page.getByLabel('The secrets of now').selectOption('86400');
	await uma.press('Make a new secret');
	await uma.sees('Confirm your password');
	await uma.look('confirm');
	await uma.fill('Password', 'not this one');
	await uma.press('Confirm');
	await uma.page.getByRole('alert').waitFor();
	await uma.fill('Password', user.password);
	await uma.press('Confirm');
	assert.match(await uma.notice, /confirmed/);
	// what was chosen waited
	assert.equal(await uma.page.getByLabel('The secrets of now').inputValue(),
		'86400');
	await uma.press('Make a new secret');
	assert.match(await uma.notice, /new client secret/);
	const fresh = await uma.page.locator('#secret').innerText();
	assert.match(fresh, /^gcs_/);
	assert.notEqual(fresh, secret);
	assert.equal(await uma.page.getByText('Former secret').count(), 1);
	await uma.look('app-overlap');
});

test('what a form held waits for the password', async () => {
	await forget(user);
	await uma.go('/settings/oauth-apps/new');
	await uma.fill('Name', 'Second one');
	await uma.fill('Redirect URIs', 'https://second.example/cb');
	await uma.page.locator('[id="s-orders:read"]').check();
	await uma.page.getByLabel('On people\'s devices').check();
	await uma.press('Register the app');
	await uma.fill('Password', user.password);
	await uma.press('Confirm');
	assert.equal(new URL(uma.page.url()).pathname, '/settings/oauth-apps/new');
	assert.equal(await uma.page.getByLabel('Name', { exact: true })
		.inputValue(), 'Second one');
	assert.ok(await uma.page.locator('[id="s-orders:read"]').isChecked());
	assert.ok(await uma.page.getByLabel('On people\'s devices').isChecked());
	await uma.look('app-confirmed');
	await uma.press('Register the app');
	await uma.sees('Second one');
	assert.equal(await uma.page.locator('#secret').count(), 0);
	await uma.confirm('Delete the app', 'Delete the app');
	assert.match(await uma.notice, /deleted/);
	await uma.look('apps');
});

test('connections say what to do when there are none', async () => {
	await uma.go('/settings/connections');
	await uma.page.getByText('No application acts for you').waitFor();
	await uma.look('connections-empty');
});

test('security: sessions end, the password changes', async () => {
	const other = await arrive({ userAgent: 'The other browser' });
	await other.signIn(user.email, user.password);
	await uma.go('/settings/security');
	await uma.look('security');
	await uma.page.getByRole('listitem')
		.filter({ hasText: 'The other browser' })
		.getByRole('button', { name: 'End' }).click();
	assert.match(await uma.notice, /ended/);
	await other.go('/settings');
	await other.sees('Sign in');

	await uma.fill('Password now', 'not this one');
	await uma.fill('New password', 'another good password');
	await uma.press('Change the password');
	await uma.page.getByRole('alert').waitFor();
	await uma.fill('Password now', user.password);
	await uma.fill('New password', 'another good password');
	await uma.press('Change the password');
	assert.match(await uma.notice, /changed/);
	user.password = 'another good password';
	await other.signIn(user.email, user.password);
	await other.sees(/Uma User/);
});

test('an administrator finds the client and suspends it', async () => {
	const ada = await arrive();
	await ada.signIn(admin.email, admin.password);
	await ada.page.locator('.side').getByRole('link',
		{ name: 'OAuth clients' }).click();
	await ada.page.getByLabel('Name or client ID').fill('harvest');
	await ada.page.getByLabel('Origin').selectOption('user');
	await ada.press('Show');
	await ada.look('clients');
	await ada.page.getByRole('link', { name: 'Harvest' }).first().click();
	await ada.look('client');
	await ada.confirm('Suspend', 'Suspend the client');
	assert.match(await ada.notice, /suspended/);
	await ada.page.getByText('suspended', { exact: true }).waitFor();
	await ada.look('client-suspended');
	await uma.go(`/settings/oauth-apps/${clientId}`);
	await uma.page.getByText('suspended', { exact: true }).waitFor();
	await ada.press('Resume the client');
	assert.match(await ada.notice, /works again/);
});

test('an administrator makes a client for a service', async () => {
	const ada = walkers.at(-1);
	await ada.go('/admin/oauth-clients/new');
	await ada.look('client-new');
	await ada.fill('Name', unique('Nightly export '));
	await ada.page.locator('#f-service').check();
	await ada.page.locator('[id="s-orders:read"]').check();
	await ada.press('Create the client');
	assert.match(await ada.notice, /created/);
	assert.match(await ada.page.locator('#secret').innerText(), /^gcs_/);
	await ada.look('client-service');
});

test('a client that is known by an address has a page', async () => {
	const ada = walkers.at(-1);
	const id = `https://app.example/${unique('client')}.json?a=b&c=d`;
	await instance.psql(`INSERT INTO oauth.client (id, origin, auth_method,
		name, redirect_uris, scopes, required_scopes, grant_types,
		pkce_required) VALUES ('${id}', 'document', 'none', 'By document',
		'{https://app.example/cb}', '{stores:read}', '{}',
		'{authorization_code}', true)`);
	await ada.go('/admin/oauth-clients?origin=document');
	await ada.link('By document');
	await ada.sees('By document');
	assert.equal(await ada.page.locator('#client-id').innerText(), id);
	await ada.look('client-document');
	await ada.confirm('Suspend', 'Suspend the client');
	assert.match(await ada.notice, /suspended/);
	assert.equal(await ada.page.locator('#client-id').innerText(), id);
	await ada.confirm('Delete the client', 'Delete the client');
	assert.match(await ada.notice, /deleted/);
});

test('an initial access token is shown once and ended', async () => {
	const ada = walkers.at(-1);
	await ada.go('/admin/oauth-clients/registration');
	await ada.fill('What it is for optional', 'for a test');
	await ada.press('Make the token');
	assert.match(await ada.page.locator('#token').innerText(), /^gri_/);
	await ada.look('registration');
	await ada.confirm('End it', 'End the token');
	assert.match(await ada.notice, /ended/);
});

test('pages are used without scripts, and sign-out signs out', async () => {
	const plain = await arrive({ javaScriptEnabled: false });
	await plain.signIn(user.email, user.password);
	await plain.sees(/Uma User/);
	await plain.go(`/settings/oauth-apps/${clientId}`);
	assert.equal(await plain.page.getByRole('button', { name: 'Copy' })
		.count(), 0);
	await plain.press('Sign out');
	assert.match(await plain.notice, /signed out/);
	await plain.go('/settings');
	await plain.sees('Sign in');
});

test('the keyboard reaches the content first', async () => {
	await uma.go('/settings');
	await uma.page.keyboard.press('Tab');
	assert.equal(await uma.page.evaluate(() =>
		document.activeElement.textContent), 'Skip to the content');
	await uma.page.keyboard.press('Enter');
	assert.equal(await uma.page.evaluate(() =>
		document.activeElement.id), 'main');
});

test('a page that is not there', async () => {
	const answer = await uma.go('/settings/nowhere');
	assert.equal(answer.status(), 404);
	await uma.look('not-found');
	await uma.page.getByRole('navigation').getByRole('link',
		{ name: 'Overview' }).first().click();
	assert.equal(new URL(uma.page.url()).pathname, '/settings');
	await uma.go('/nowhere/at/all');
	await uma.link('To your account');
	assert.equal(new URL(uma.page.url()).pathname, '/settings');
	const nobody = await arrive();
	await nobody.go('/nowhere');
	assert.equal(await nobody.page.getByRole('navigation').count(), 0);
	await nobody.link('To the start page');
	assert.equal(new URL(nobody.page.url()).pathname, '/');
});
