// One path: what the shop publishes, as page session, HTTP and tool the same
// rows for the same person; and with every other credential nothing.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { sharedInstance } from '../lib/shared.mjs';
import { unique } from '../lib/api.mjs';
import { Browser } from '../lib/browser.mjs';
import { App, appScopes, random } from '../lib/oauth.mjs';
import { Shopper, argumentsOf, examples, stage, tool } from '../lib/shop.mjs';
import { Person } from '../lib/people.mjs';

const instance = await sharedInstance();
const procedures = Object.keys(examples);
const needs = Object.fromEntries((await instance.psql(`SELECT name, scope, class
	FROM publish.procedure WHERE kind = 'procedure' AND name LIKE 'shop.%'`))
	.map(([name, scope, kind]) => [name, { scope, write: kind === 'write' }]));
let here, there, ann, bob, eve;

before(async () => {
	({ here, there, ann, bob, eve } = await stage(instance));
});

const path = (name) => `/api/${name.replace('.', '/')}`;
const closed = procedures.filter((name) => needs[name].scope);
const reads = procedures.filter((name) => !needs[name].write);

test('every published procedure of the shop is in the matrix', () => {
	assert.deepEqual(Object.keys(needs).sort(), [...procedures].sort());
});

// A refusal, with no row in it.  405: not by GET, whoever asks.
function nothing(answer, name, more = []) {
	assert.ok([401, 403, ...more].includes(answer.status),
		`${name}: ${answer.status} ${answer.text}`);
	assert.doesNotMatch(answer.text, /"items"|"result"|@example\.|"csv"/);
}

describe('the same person, the same rows', () => {
	for (const name of reads)
		test(name, async () => {
			for (const who of [ann, bob]) {
				const args = argumentsOf(name, who.ids);
				const direct = await who.rows(name, args);
				const page = (await who.paged(name, args)).ok(200).json;
				const called = await who.tool(name, args);
				assert.equal(called.status, 200, called.text);
				const { result } = called.json;
				assert.ok(!result.isError, called.text);
				assert.deepEqual(page, direct);
				assert.deepEqual(result.structuredContent, direct);
				assert.deepEqual(JSON.parse(result.content[0].text), direct);
				assert.ok(JSON.stringify(direct).length > 20);
			}
		});
	test('each sees what the database says, and others other rows', async () => {
		for (const who of [ann, bob, eve]) {
			const [[count]] = await instance.psql(`SELECT count(*)
				FROM shop.orders o JOIN shop.staff s ON s.store = o.store
				WHERE s.person = '${who.person.id}'`);
			let seen = [];
			let cursor;
			do {
				const page = await who.api.get(`/api/shop/orders${
					cursor ? `?cursor=${cursor}` : ''}`);
				seen = seen.concat(page.ok(200).json.items);
				cursor = page.json.next_cursor;
			} while (cursor);
			assert.equal(seen.length, Number(count));
			assert.equal(new Set(seen.map((one) => one.id)).size, seen.length);
			who.seen = new Set(seen.map((one) => one.id));
		}
		assert.ok([...bob.seen].every((one) => ann.seen.has(one)));
		assert.ok(ann.seen.size > bob.seen.size);
		assert.ok([...eve.seen].every((one) => !ann.seen.has(one)));
	});
});

describe('numbers of others', () => {
	const of = ['get_store', 'get_customer', 'get_order', 'get_segment'];
	for (const name of of)
		test(`${name} of another organization is not found`, async () => {
			const args = argumentsOf(`shop.${name}`, ann.ids);
			assert.equal((await eve.call(`shop.${name}`, args)).status, 404);
			assert.equal((await eve.paged(`shop.${name}`, args)).status, 404);
			const called = await eve.tool(`shop.${name}`, args);
			assert.equal(called.json.result.isError, true, called.text);
			assert.doesNotMatch(called.text, /@example\./);
		});
	test('segments of others cannot be changed or deleted', async () => {
		for (const [who, status] of [[eve, 404], [bob, 403]])
			for (const name of ['update_segment', 'delete_segment']) {
				const answer = await who.call(`shop.${name}`,
					{ id: ann.ids.segment });
				if (answer.status === 428)
					continue;
				assert.equal(answer.status, status, answer.text);
			}
		assert.equal((await ann.call('shop.get_segment',
			{ id: ann.ids.segment })).status, 200);
	});
	test('a person is not at home in another organization', async () => {
		const guest = await Shopper.make(instance, there, eve.app);
		assert.deepEqual((await guest.rows('shop.orders')).items, []);
		assert.deepEqual((await guest.rows('shop.customers')).items, []);
		assert.notEqual((await guest.rows('shop.stores')).items.length, 0);
	});
});

// --- credentials that open nothing --------------------------------------

// What is sent, and what opens a procedure all the same.
const bearers = {
	'no token': async () => undefined,
	'an empty token': async () => '',
	'nonsense': async () => 'nonsense',
	'a token that was tampered with': async () =>
		ann.token.replace(/.$/, (c) => (c === 'A' ? 'B' : 'A')),
	'a token without its signature': async () =>
		ann.token.replace(/[^.]*$/, ''),
	'an organization token': async () => here.token,
	'an organization\'s refresh secret': async () => here.refresh,
	'an integration token': async () => {
		const account = await here.api.account();
		const { token } = await here.api.integration(account.id,
			'ticketing_mock_ticketing');
		return token.access.secret;
	},
	'a user\'s refresh secret': async () => (await ann.app.tokens(ann.browser,
		{ scope: `offline_access ${appScopes.join(' ')}` })).refresh_token ??
		'none',
	'an ID token': async () => ann.tokens.id_token,
	'an authorization code': async () => (await ann.app.code(ann.browser,
		{ scope: appScopes.join(' ') })).code,
	'a client secret': async () => ann.app.secret,
	'a revoked token': async () => {
		const made = await ann.app.tokens(ann.browser,
			{ scope: appScopes.join(' ') });
		await ann.app.revoke(made.access_token);
		return made.access_token;
	},
	'an expired token': async () => {
		const made = await ann.app.tokens(ann.browser,
			{ scope: appScopes.join(' ') });
		const hash = `'\\x${(await import('../lib/oauth.mjs'))
			.sha256(made.access_token).toString('hex')}'`;
		await instance.psql(`UPDATE token.access_token SET expires_at = now()
			- interval '1 second' WHERE hash = ${hash}`);
		return made.access_token;
	},
	'a token whose client is suspended': async () => {
		const other = await Shopper.make(instance, here, await App.make(instance,
			{ organization: here.id, owner: ann.person.id }));
		await instance.psql(`UPDATE oauth.client SET status = 'suspended'
			WHERE id = '${other.app.id}'`);
		return other.token;
	},
	'a token of somebody who left': async () => {
		const other = await Shopper.make(instance, here, ann.app);
		await instance.psql(`UPDATE core.member SET status = 'disabled'
			WHERE person = '${other.person.id}'`);
		return other.token;
	},
	'a token of a disabled person': async () => {
		const other = await Shopper.make(instance, here, ann.app);
		await instance.psql(`UPDATE core.person SET status = 'disabled'
			WHERE id = '${other.person.id}'`);
		return other.token;
	},
	'a token for who one is': async () => (await ann.app.tokens(ann.browser,
		{ scope: 'openid' }, { grant: ['openid'] })).access_token,
};

describe('credentials that open nothing', () => {
	for (const [kind, make] of Object.entries(bearers))
		test(kind, async () => {
			const token = await make();
			const api = instance.client(token);
			for (const name of closed) {
				const args = argumentsOf(name, ann.ids);
				nothing(await api.post(path(name), args), name);
				nothing(await tool(instance, token, name.split('.')[1], args),
					name);
				if (!needs[name].write && !args.rules)
					nothing(await api.get(`${path(name)}?${
						new URLSearchParams(args)}`), name, [405]);
			}
		});

	test('a token with every scope but the one that is needed', async () => {
		for (const name of closed) {
			const { scope } = needs[name];
			// segments:write implies segments:read
			const scopes = appScopes.filter((one) => one !== scope &&
				!(scope === 'segments:read' && one === 'segments:write'));
			const app = await App.make(instance, { organization: here.id,
				owner: ann.person.id, scopes });
			const { access_token: token } = await app.tokens(ann.browser,
				{ scope: scopes.join(' ') });
			const args = argumentsOf(name, ann.ids);
			const answer = await instance.client(token).post(path(name), args);
			assert.equal(answer.status, 403, answer.text);
			assert.match(answer.headers.get('www-authenticate'),
				new RegExp(`error="insufficient_scope".*scope="[^"]*${scope}`));
			nothing(await tool(instance, token, name.split('.')[1], args), name);
		}
	});

	test('a token for the other door', async () => {
		const resource = (door) => ann.app.tokens(ann.browser,
			{ scope: appScopes.join(' '),
				resource: `${instance.issuer}${door}` });
		const { access_token: mcp } = await resource('/mcp');
		const { access_token: api } = await resource('/api');
		for (const name of closed) {
			const args = argumentsOf(name, ann.ids);
			const direct = await instance.client(mcp).post(path(name), args);
			assert.equal(direct.status, 401, direct.text);
			nothing(direct, name);
			const called = await tool(instance, api, name.split('.')[1], args);
			assert.equal(called.status, 401, called.text);
			nothing(called, name);
		}
	});

	test('a token of a client: rows of the organization, of no person',
		async () => {
			const app = await App.make(instance, { organization: here.id,
				origin: 'admin', scopes: appScopes,
				grants: ['client_credentials'] });
			const { access_token: token } = (await app.credentials()).ok(200)
				.json;
			const api = instance.client(token);
			const items = async (name) => (await api.post(path(name), {}))
				.ok(200).json.items;
			assert.deepEqual(await items('shop.orders'), []);
			assert.deepEqual(await items('shop.customers'), []);
			assert.notEqual((await items('shop.stores')).length, 0);
			for (const name of ['shop.get_order', 'shop.get_customer'])
				assert.equal((await api.post(path(name),
					argumentsOf(name, ann.ids))).status, 404);
			assert.equal((await api.post(path('shop.create_segment'),
				argumentsOf('shop.create_segment'))).status, 403);
		});

	test('pages: a visitor, and a session that does not show its token',
		async () => {
			const visitor = new Browser(instance.base);
			await visitor.get('/login');
			for (const name of closed) {
				const args = argumentsOf(name, ann.ids);
				const headers = { 'content-type': 'application/json' };
				const send = (cookie, more) => instance.client().post(path(name),
					args, { ...headers, cookie, ...more });
				nothing(await send(visitor.cookie), name);
				nothing(await send(ann.browser.cookie.replace(/.$/, '!'),
					{ 'x-csrf-token': await ann.csrf() }), name);
				// what only reads changes nothing, and no other site sees it
				if (needs[name].write)
					for (const csrf of [undefined, random(),
						await bob.csrf()])
						nothing(await send(ann.browser.cookie,
							csrf && { 'x-csrf-token': csrf }), name);
				nothing(await tool(instance, undefined, name.split('.')[1], args,
					{ cookie: ann.browser.cookie,
						'x-csrf-token': await ann.csrf() }), name);
			}
		});

	test('pages: a role without the scope', async () => {
		const person = await Person.make(instance, { organization: here.name });
		const browser = await person.signIn();
		await instance.psql(`DELETE FROM core.member_role
			WHERE person = '${person.id}'`);
		for (const name of closed.filter((one) => !needs[one].write))
			nothing(await instance.client().get(`${path(name)}?${
				new URLSearchParams(argumentsOf(name, ann.ids))}`,
			{ cookie: browser.cookie }), name, [405]);
	});

	test('tokens in other places than the header', async () => {
		const token = encodeURIComponent(ann.token);
		for (const name of closed) {
			for (const key of ['access_token', 'token', 'authorization'])
				assert.notEqual((await instance.client().get(
					`${path(name)}?${key}=${token}`)).status, 200);
			nothing(await instance.client().post(path(name), {},
				{ cookie: `access_token=${token}` }), name);
		}
	});

	test('an organization that is closed', async () => {
		const shut = await instance.organization(unique('shut'));
		const app = await App.make(instance, { organization: shut.id });
		const who = await Shopper.make(instance, shut, app);
		(await who.call('shop.stores')).ok(200);
		await instance.psql(`UPDATE core.organization SET status = 'disabled'
			WHERE id = '${shut.id}'`).catch(() => instance.psql(`UPDATE
			core.organization SET status = 'suspended' WHERE id = '${shut.id}'`));
		for (const name of closed)
			nothing(await who.call(name, argumentsOf(name, ann.ids)), name);
	});
});

test('what is public is so for everybody, and holds nothing of anybody',
	async () => {
		const open = procedures.filter((name) => !needs[name].scope);
		assert.deepEqual(open, ['shop.categories']);
		const bare = (await instance.client().get('/api/shop/categories'))
			.ok(200).json;
		assert.deepEqual(await eve.rows('shop.categories'), bare);
		assert.deepEqual(await ann.rows('shop.categories'), bare);
		const [[count]] = await instance.psql(
			'SELECT count(*) FROM shop.categories');
		assert.equal(bare.items.length, Number(count));
	});
