// A person lets an app in and ends it: consent, where the redirect may lead,
// tokens that die with the connection; signing out for an app.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';
import { App } from '../lib/oauth.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { launch, Person } from './browser.mjs';
import { makePerson } from './people.mjs';

const instance = await sharedInstance();
const user = await makePerson(instance, { name: 'Uma User',
	role: 'administrator' });
let browser, uma, app, clientId, secret;

// The app, on this computer.
const landed = [];
const server = createServer((request, answer) => {
	const url = new URL(request.url, app);
	if (url.pathname === '/callback')
		landed.push(url.searchParams);
	answer.setHeader('content-type', 'text/html');
	answer.end(page(url.pathname === '/form' ? form(url.searchParams) :
		'Thanks'));
});

// A page of an app.  Its icon, fetched late, would be laid to the next page:
// it has none.
function page(body) {
	return '<!DOCTYPE html><html lang="en"><title>App</title>' +
		`<link rel="icon" href="data:,">${body}`;
}

// A page of the app that sends what it is asked with to the server, by POST.
function form(fields) {
	const inputs = [...fields].filter(([name]) => name !== 'to')
		.map(([name, value]) => `<input name="${name}" value="${value}">`);
	return `<form method="post" action="${instance.issuer}${
		fields.get('to')}">${inputs.join('')}<button>Send</button></form>`;
}

before(async () => {
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	app = `http://127.0.0.1:${server.address().port}/callback`;
	browser = await launch();
	uma = await Person.arrive(browser, instance.issuer);
	await uma.signIn(user.email, user.password);
	await uma.go('/settings/oauth-apps/new');
	await uma.fill('Name', 'Harvest planner');
	await uma.fill('Redirect URIs', ['http://127.0.0.1/callback',
		'https://planner.invalid/callback', 'com.example.planner:/callback']
		.join('\n'));
	for (const scope of ['orders:read', 'stores:read', 'products:read',
		'segments:read'])
		await uma.page.locator(`[id="s-${scope}"]`).check();
	await uma.page.locator('[name=required_scope][value="stores:read"]')
		.check();
	await uma.press('Register the app');
	clientId = await uma.page.locator('#client-id').innerText();
	secret = await uma.page.locator('#secret').innerText();
});
after(async () => {
	await uma?.leave();
	await browser?.close();
	server.close();
});

const verifier = randomBytes(32).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');

function authorize(fields = {}) {
	return '/oauth/authorize?' + new URLSearchParams({ client_id: clientId,
		response_type: 'code', redirect_uri: app, state: 'a state',
		scope: 'stores:read orders:read products:read offline_access',
		code_challenge: challenge, code_challenge_method: 'S256',
		...fields });
}

async function post(path, fields) {
	const answer = await fetch(instance.base + path, { method: 'POST',
		headers: { authorization: 'Basic ' +
			Buffer.from(`${clientId}:${secret}`).toString('base64') },
		body: new URLSearchParams(fields) });
	return { status: answer.status, json: await answer.json() };
}

async function isAlive(token) {
	return (await post('/oauth/introspect', { token })).json.active;
}

let tokens;

test('consent: who asks, for what, and where it leads', async () => {
	await uma.go(authorize());
	await uma.sees(/Allow Harvest planner/);
	const text = await uma.page.locator('main').innerText();
	assert.match(text, /Uma User/);
	assert.match(text, /127\.0\.0\.1/);
	await uma.look('consent');
	const needed = uma.page.locator('[id="s-stores:read"]');
	assert.ok(await needed.isChecked() && await needed.isDisabled());
	await uma.page.locator('[id="s-products:read"]').uncheck();
	await uma.press('Allow');
	await uma.page.waitForURL(/^http:\/\/127\.0\.0\.1/);
	const got = landed.at(-1);
	assert.equal(got.get('state'), 'a state');
	assert.equal(got.get('iss'), instance.issuer);
	const { status, json } = await post('/oauth/token', {
		grant_type: 'authorization_code', code: got.get('code'),
		redirect_uri: app, code_verifier: verifier });
	assert.equal(status, 200, JSON.stringify(json));
	assert.ok(!json.scope.split(' ').includes('products:read'), json.scope);
	assert.ok(json.scope.split(' ').includes('stores:read'), json.scope);
	assert.ok(await isAlive(json.access_token));
	tokens = json;
});

test('what was allowed is not asked again, what is new is', async () => {
	await uma.go(authorize({ scope: 'stores:read orders:read' }));
	await uma.page.waitForURL(/^http:\/\/127\.0\.0\.1/);
	assert.match(landed.at(-1).get('code'), /^gac_/);
	await uma.go(authorize({ scope: 'stores:read segments:read' }));
	await uma.look('consent-again');
	await uma.press('Deny');
	await uma.page.waitForURL(/^http:\/\/127\.0\.0\.1/);
	assert.equal(landed.at(-1).get('error'), 'access_denied');
});

// Chromium holds form-action against every redirect that answers a form: a
// page that forbade one would stay where it is, with a complaint.
for (const [name, uri, policy] of [
	['https', 'https://planner.invalid/callback',
		/form-action 'self' https:\/\/planner\.invalid https:;/],
	['a scheme of its own', 'com.example.planner:/callback',
		/form-action 'self' com\.example\.planner:;/],
])
	test(`the consent form may lead to ${name}`, async () => {
		const one = await Person.arrive(browser, instance.issuer);
		await one.signIn(user.email, user.password);
		const answer = await one.go(authorize({ redirect_uri: uri,
			prompt: 'consent' }));
		assert.match(answer.headers()['content-security-policy'], policy);
		const gone = one.page.waitForEvent('request', (request) =>
			request.url().startsWith(uri));
		const decided = one.page.waitForResponse((r) =>
			r.request().method() === 'POST');
		await one.page.getByRole('button', { name: 'Allow' })
			.click({ noWaitAfter: true });
		const said = await decided;
		assert.equal(said.status(), 303);
		assert.ok(said.headers().location.startsWith(uri));
		if (uri.startsWith('https'))
			assert.match((await gone).url(), /[?&]code=gac_/);
		else
			gone.catch(() => {});
		await one.page.waitForTimeout(300);
		const refused = one.complaints.filter((text) =>
			/Content Security Policy|form-action/.test(text));
		assert.deepEqual(refused, []);
		await one.context.close();
	});

test('an app may send people on to another origin from its redirect',
	async () => {
		const seen = [];
		const other = createServer((request, answer) => {
			if (request.url === '/in')
				seen.push(request.headers);
			answer.setHeader('content-type', 'text/html');
			answer.end(page('In'));
		});
		await new Promise((resolve) => other.listen(0, 'localhost', resolve));
		const there = `http://localhost:${other.address().port}/in`;
		const callback = createServer((request, answer) => {
			seen.push(request.headers);
			answer.writeHead(302, { location: there }).end();
		});
		await new Promise((resolve) =>
			callback.listen(0, '127.0.0.1', resolve));
		after(() => [other, callback].forEach((server) => {
			server.close();
			server.closeAllConnections();
		}));
		const one = await Person.arrive(browser, instance.issuer);
		await one.signIn(user.email, user.password);
		for (const button of ['Allow', 'Deny']) {
			await one.go(authorize({ prompt: 'consent', redirect_uri:
				`http://127.0.0.1:${callback.address().port}/callback` }));
			await one.press(button);
			await one.page.waitForURL(there);
		}
		assert.equal(seen.length, 4);
		for (const headers of seen)
			assert.equal(headers.referer, undefined);
		// going back leads to the question, not through the app again
		await one.page.goBack();
		await one.sees(/Allow Harvest planner/);
		assert.ok(!/gac_/.test(instance.log()));
		await one.leave();
	});

test('a request that the app sends as a form: with the session, and asked',
	async () => {
		const path = authorize({ prompt: 'consent' });
		const fields = new URLSearchParams(path.split('?')[1]);
		fields.set('to', '/oauth/authorize');
		await uma.go(new URL(`/form?${fields}`, app).href);
		await uma.press('Send');
		await uma.sees(/Allow Harvest planner/);
		assert.match(await uma.page.locator('main').innerText(), /Uma User/);
		await uma.press('Deny');
		await uma.page.waitForURL(/^http:\/\/127\.0\.0\.1/);
		assert.equal(landed.at(-1).get('error'), 'access_denied');
		await uma.go(new URL(`/form?to=/oauth/logout&client_id=${clientId}`,
			app).href);
		await uma.press('Send');
		await uma.sees('Sign out?');
		assert.match(await uma.page.locator('main').innerText(), /Uma User/);
	});

test('a session that ended on the consent page: sign in, then go on',
	async () => {
		await uma.go(authorize({ prompt: 'consent' }));
		await instance.psql(`UPDATE core.session SET ended_at = now()
			WHERE person = '${user.id}'`);
		await uma.press('Allow');
		await uma.sees('Sign in');
		await uma.fill('E-mail address', user.email);
		await uma.fill('Password', user.password);
		await uma.press('Sign in');
		await uma.sees(/Allow Harvest planner/);
	});

test('a request that is not signed in fills in the address', async () => {
	const one = await Person.arrive(browser, instance.issuer);
	await one.go(authorize({ login_hint: user.email, scope: 'stores:read' }));
	await one.sees('Sign in');
	assert.equal(await one.page.getByLabel('E-mail address').inputValue(),
		user.email);
	await one.fill('Password', user.password);
	await one.press('Sign in');
	// allowed before: straight on to the app
	await one.page.waitForURL(/^http:\/\/127\.0\.0\.1/);
	assert.match(landed.at(-1).get('code'), /^gac_/);
	await one.leave();
});

test('a request whose address is wrong gets a page, no redirect', async () => {
	const answer = await uma.go(authorize({
		redirect_uri: 'https://evil.example/' }));
	assert.equal(answer.status(), 400);
	assert.equal(new URL(uma.page.url()).pathname, '/oauth/authorize');
	await uma.look('authorize-error');
});

test('an app that nobody vouches for: words, and no way on by itself',
	async () => {
		const one = await App.make(instance, { origin: 'dynamic',
			method: 'none', name: 'Field notes',
			redirects: ['http://127.0.0.1/callback'] });
		await uma.go(one.path({ response_type: 'token',
			redirect_uri: app }));
		assert.equal(new URL(uma.page.url()).origin, instance.issuer);
		await uma.sees('Back to the application');
		await uma.look('leave');
		await uma.go(one.path({ redirect_uri: app }));
		await uma.page.getByText('unverified', { exact: true }).waitFor();
		await uma.look('consent-unverified');
		await uma.press('Allow');
		await uma.page.waitForURL(/^http:\/\/127\.0\.0\.1/);
		await uma.go(one.path({ redirect_uri: app }));
		assert.match(await uma.page.locator('main').innerText(),
			/You let it in before, on 20/);
		await uma.look('consent-before');
		await uma.go(one.path({ response_type: 'token',
			redirect_uri: app }));
		await uma.page.waitForURL(/^http:\/\/127\.0\.0\.1/);
		assert.equal(landed.at(-1).get('error'),
			'unsupported_response_type');
		await instance.psql(`UPDATE oauth.connection SET ended_at = now()
			WHERE client = '${one.id}'`);
	});

test('the connection is seen and revoked, its tokens die', async () => {
	await uma.go('/settings/connections');
	await uma.page.getByText('Harvest planner').first().waitFor();
	await uma.look('connections');
	await uma.page.locator('summary', { hasText: 'Revoke' }).click();
	await uma.look('connections-ask');
	await uma.press('Revoke', { exact: true });
	assert.match(await uma.notice, /revoked/);
	assert.equal(await isAlive(tokens.access_token), false);
	const { status, json } = await post('/oauth/token', {
		grant_type: 'refresh_token', refresh_token: tokens.refresh_token });
	assert.equal(status, 400);
	assert.equal(json.error, 'invalid_grant');
});

test('an app asks to sign out', async () => {
	await uma.go(`/oauth/logout?client_id=${clientId}`);
	await uma.sees('Sign out?');
	await uma.look('end-session');
	await uma.page.locator('main').getByRole('button', { name: 'Sign out' })
		.click();
	assert.match(await uma.notice, /signed out/);
});
