// The demo shop in two organizations, and every kind of credential that its
// people and programs can hold.

import assert from 'node:assert/strict';
import { Answer } from './api.mjs';
import { App, appScopes, identityScopes, random } from './oauth.mjs';
import { Person } from './people.mjs';

const all = [...identityScopes, ...appScopes].join(' ');

// The arguments with which each procedure answers with rows.
export const examples = {
	'shop.stores': {}, 'shop.get_store': ({ store }) => ({ id: store }),
	'shop.customers': {}, 'shop.get_customer':
		({ customer }) => ({ id: customer }),
	'shop.orders': {}, 'shop.get_order': ({ order }) => ({ id: order }),
	'shop.sales_summary': { by: 'store', since: '2025-01-01' },
	'shop.export_orders': { since: '2025-01-01', until: '2025-02-28' },
	'shop.categories': {}, 'shop.products': {},
	'shop.segments': {}, 'shop.get_segment':
		({ segment }) => ({ id: segment }),
	'shop.segment_preview': { rules: [{ field: 'orders', test: 'at least',
		value: '2' }] },
	'shop.create_segment': () => ({ name: `s ${random(6)}`,
		rules: [{ field: 'orders', test: 'at least', value: '2' }] }),
	'shop.update_segment': ({ segment }) => ({ id: segment,
		description: `d ${random(6)}` }),
	'shop.delete_segment': () => ({ id: 1 }),
};

export const argumentsOf = (name, ids) => (typeof examples[name] ===
	'function' ? examples[name](ids) : examples[name]);

// One person with a browser, an access token for everything, and numbers of
// rows that she or he sees.
export class Shopper {
	constructor(facts) {
		Object.assign(this, facts);
	}

	static async make(instance, organization, app, role = 'member') {
		const person = await Person.make(instance,
			{ organization: organization.name, role });
		const browser = await person.signIn();
		const tokens = await app.tokens(browser, { scope: all });
		return new Shopper({ instance, organization, app, person, browser,
			tokens, token: tokens.access_token,
			api: instance.client(tokens.access_token) });
	}

	// POST with the access token.
	call(name, args = {}, headers) {
		return this.api.post(`/api/${name.replace('.', '/')}`, args, headers);
	}

	async rows(name, args) {
		return (await this.call(name, args)).ok(200).json;
	}

	// Numbers of rows that only this person's organization has.
	async numbers() {
		const first = async (name) => (await this.rows(name)).items[0].id;
		const [{ id }] = (await this.rows('shop.stores')).items
			.filter((one) => one.works_here);
		this.ids = { store: id, customer: await first('shop.customers'),
			order: await first('shop.orders'),
			segment: (await this.rows('shop.segments')).items
				.find((one) => one.own).id };
		return this.ids;
	}

	// What the page session sends beside its cookie.
	async csrf() {
		const page = await this.browser.get('/settings/oauth-apps/new');
		const [, csrf] = /name="csrf" value="([^"]+)"/.exec(page.text) ?? [];
		assert.ok(csrf, page.text);
		return csrf;
	}

	// The same by the page session.
	async paged(name, args = {}, headers) {
		const reply = await fetch(
			`${this.instance.base}/api/${name.replace('.', '/')}`, {
				method: 'POST', body: JSON.stringify(args), headers: {
					'content-type': 'application/json',
					'x-csrf-token': await this.csrf(),
					cookie: this.browser.cookie, ...headers } });
		return new Answer(reply.status, reply.headers, await reply.text());
	}

	// The same as a tool.
	async tool(name, args = {}, headers = {}) {
		return tool(this.instance, this.token, name.split('.')[1], args,
			headers);
	}
}

let id = 0;

// A call of a tool, in the revision that needs no session.
export async function tool(instance, token, name, args, headers = {}) {
	const version = '2026-07-28';
	const reply = await fetch(`${instance.base}/mcp`, { method: 'POST',
		body: JSON.stringify({ jsonrpc: '2.0', id: id += 1,
			method: 'tools/call', params: { name, arguments: args, _meta: {
				'io.modelcontextprotocol/protocolVersion': version,
				'io.modelcontextprotocol/clientInfo':
					{ name: 'matrix', version: '1' },
				'io.modelcontextprotocol/clientCapabilities': {} } } }),
		headers: { 'content-type': 'application/json',
			accept: 'application/json, text/event-stream',
			'mcp-protocol-version': version, 'mcp-method': 'tools/call',
			'mcp-name': name,
			...token ? { authorization: `Bearer ${token}` } : {},
			...headers } });
	return new Answer(reply.status, reply.headers, await reply.text());
}

// Two organizations with the shop: ann and bob in the first, eve in the other.
export async function stage(instance) {
	const [here, there] = [await instance.organization(),
		await instance.organization()];
	const made = [];
	for (const organization of [here, here, there]) {
		const app = await App.make(instance, { organization: organization.id,
			firstParty: false, name: 'Shop front' });
		made.push(await Shopper.make(instance, organization, app));
	}
	const [ann, bob, eve] = made;
	const load = (organization, ...people) => instance.psql(
		`SELECT shop.load('${organization.id}', '{${people.map((one) =>
			one.person.id)}}', 150, 400)`);
	await load(here, ann, bob);
	await load(there, eve);
	for (const one of made)
		await one.numbers();
	return { here, there, ann, bob, eve };
}
