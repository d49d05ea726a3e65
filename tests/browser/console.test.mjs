// The console at /api/docs: signing in as an ordinary client, calling, and
// seeing why a call was refused.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { published } from '../lib/probe.mjs';
import { launch, Person } from './browser.mjs';
import { makePerson } from './people.mjs';

const instance = await sharedInstance();
const user = await makePerson(instance, { name: 'Cora Console',
	role: 'administrator' });
let browser, cora;

before(async () => {
	const [[organization]] = await instance.psql(`SELECT organization
		FROM core.member WHERE person = '${user.id}'`);
	await instance.psql(`SELECT shop.load('${organization}', '{${user.id}}',
		50, 120)`);
	await published(instance, '/api/shop/categories');
	browser = await launch();
	cora = await Person.arrive(browser, instance.issuer);
});
after(async () => {
	await cora?.leave();
	await browser?.close();
});

const block = (path) => cora.page.locator('.opblock-get')
	.filter({ has: cora.page.locator(`[data-path="${path}"]`) });

// Opens a call and runs it; the status and the body that came.
async function call(path) {
	const one = block(path);
	if (!await one.locator('.execute').isVisible())
		await one.locator('.opblock-summary-control').click();
	await one.locator('.execute').click();
	const answer = one.locator('.live-responses-table');
	await answer.waitFor();
	await one.locator('.loading-container').waitFor({ state: 'detached' });
	return { status: (await answer.locator('.response-col_status').nth(1)
		.innerText()).trim().split(/\s/)[0],
	text: await answer.innerText() };
}

test('everybody sees what there is', async () => {
	await cora.go('/api/docs');
	await cora.sees('API');
	await block('/api/shop/orders').waitFor();
	await cora.look('console');
	const { status, text } = await call('/api/shop/categories');
	assert.equal(status, '200', text);
	const refused = await call('/api/shop/orders');
	assert.equal(refused.status, '401');
	assert.match(refused.text, /A token is required/);
});

test('signing in by consent, as any client', async () => {
	await cora.page.locator('.btn.authorize').first().click();
	const dialog = cora.page.locator('.modal-ux');
	await dialog.waitFor();
	const flow = dialog.locator('.auth-container').first();
	assert.equal(await flow.locator('input[id^=client_id]').inputValue(),
		'gc_grantd-api-console');
	await flow.locator('label[for^="orders:read-authorizationCode"]').click();
	const [popup] = await Promise.all([cora.context.waitForEvent('page'),
		flow.locator('.auth-btn-wrapper .authorize').click()]);
	const said = [];
	popup.on('console', (message) => message.type() === 'error' &&
		said.push(message.text()));
	await popup.getByLabel('E-mail address', { exact: true })
		.fill(user.email);
	await popup.getByLabel('Password', { exact: true }).fill(user.password);
	await popup.getByRole('button', { name: 'Sign in' }).click();
	await popup.getByRole('heading', { name: /Allow API console/ }).waitFor();
	await Promise.all([popup.waitForEvent('close'),
		popup.getByRole('button', { name: 'Allow' }).click()]);
	assert.deepEqual(said, []);
	await flow.getByText('Logout').waitFor().catch(async (error) => {
		error.message += await dialog.innerText();
		throw error;
	});
	await dialog.locator('.close-modal').click();
});

test('orders with rows, and segments with the reason why not', async () => {
	const orders = await call('/api/shop/orders');
	assert.equal(orders.status, '200', orders.text);
	assert.match(orders.text, /"customer"/);
	const segments = await call('/api/shop/segments');
	assert.equal(segments.status, '403');
	assert.match(segments.text, /insufficient_scope/);
	assert.match(segments.text, /segments:read/);
	await cora.look('console-refused');
});

test('with the navigation of whoever signed in', async () => {
	await cora.go('/settings/connections');
	assert.match(await cora.page.locator('main').innerText(), /API console/);
	await cora.page.getByRole('link', { name: 'API', exact: true }).first()
		.click();
	await cora.sees('API');
	await block('/api/shop/orders').waitFor();
});

test('the management API, too', async () => {
	await cora.go('/v1/docs');
	await block('/v1/accounts').waitFor();
	await cora.look('console-v1');
	const { status, text } = await call('/v1/accounts');
	assert.equal(status, '401', text);
});
