// There is no second path: every route of docs/ENDPOINTS.md is asked with
// every kind of credential, and then PostgreSQL's log says what each
// transaction of the daemon began with.  It is the gate, or one of the entry
// functions that ask the same questions themselves.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { top } from '../lib/cluster.mjs';
import { Instance } from '../lib/instance.mjs';
import { App, appScopes } from '../lib/oauth.mjs';
import { stage, tool, examples, argumentsOf } from '../lib/shop.mjs';

// Statements that are transactions of their own, and why.
const alone = {
	gate_version: 'what schema this is',
	gate_refusals: 'the audit of refusals',
	gate_maintain: 'expired rows',
	gate_publish_key: 'keys of the signer',
	gate_signing_keys: 'keys of all signers',
	gate_assertion_key: 'public keys of clients',
	gate_document_wanted: 'documents of clients',
	gate_document_store: 'documents of clients',
	gate_catalogue: 'what is published',
	gate_catalogue_generation: 'whether it changed',
	gate_catalogue_follow: 'what it is made of',
	gate_lint: 'for the log',
	cancel_backend: 'ends a read whose caller went away',
	token_issue_plan: 'asks for each element', token_issue_batch: 'the same',
	token_client_credentials_plan: 'the same',
	token_client_credentials_batch: 'the same',
	token_oauth_refresh_plan: 'the same',
	token_oauth_refresh_batch: 'the same',
	token_redeem_plan: 'the same', token_redeem_batch: 'the same',
	oauth_introspect: 'the same',
};

const routes = readFileSync(join(top, 'docs/ENDPOINTS.md'), 'utf8')
	.split('\n').map((line) => /^### ([A-Z]+) (\/\S*)$/.exec(line))
	.filter(Boolean).map(([, method, pattern]) => ({ method, pattern }));
const instance = await Instance.start({ conf: 'password cost 6', settings: [
	'log_statement=all', 'log_line_prefix=%p|%u|%v|'] });
after(() => instance.stop());
let all;

before(async () => {
	all = await stage(instance);
});

// A connection that was kept may have been closed meanwhile.
async function again(send) {
	for (let tries = 5; ; tries--)
		try {
			return await send();
		} catch (error) {
			if (tries === 0 || error.cause?.code !== 'UND_ERR_SOCKET')
				throw error;
		}
}

// The transactions of the daemon's login so far: lists of statements.
function transactions() {
	const found = new Map();
	const text = readFileSync(instance.cluster.log(), 'utf8');
	for (const line of text.split('\n')) {
		const [, pid, number, kind, words] =
			/^(\d+)\|grantd_broker\|([^|]*)\|LOG: {2}(execute|statement)[ :]*(.*)/
				.exec(line) ?? [];
		if (!pid)
			continue;
		const key = `${pid} ${number}`;
		// without a name: by its text, like what is no statement of ours
		found.set(key, [...found.get(key) ?? [], kind === 'execute' ?
			words.replace(/^<unnamed>: /, '"')
				.replace(/^s[0-9a-f]{16}_(\w+):.*/, '$1') :
			`"${words}`]);
	}
	return [...found.values()];
}

test('every route, with every credential, by the gate', async () => {
	const { here, ann } = all;
	const service = await App.make(instance, { organization: here.id,
		origin: 'admin', scopes: appScopes, grants: ['client_credentials'] });
	const { access_token: machine } = (await service.credentials()).json;
	const account = await here.api.account();
	const { integration, token: pair } = await here.api.integration(account.id,
		'ticketing_mock_ticketing');
	const credentials = {
		nobody: {}, nonsense: { authorization: 'Bearer nonsense' },
		organization: { authorization: `Bearer ${here.token}` },
		refresh: { authorization: `Bearer ${here.refresh}` },
		integration: { authorization: `Bearer ${pair.access.secret}` },
		user: { authorization: `Bearer ${ann.token}` },
		client: { authorization: `Bearer ${machine}` },
		secret: { authorization: service.basic },
		session: { cookie: ann.browser.cookie,
			'x-csrf-token': await ann.csrf() },
	};
	const known = { accountId: account.id, integrationId: integration.id,
		group: 'shop', procedure: 'orders', clientId: service.id };
	assert.ok(routes.length > 100);
	const processes = JSON.stringify(instance.processes());
	for (const { method, pattern } of routes) {
		const path = pattern.replace(/\{(\w+)\}/g, (_, name) =>
			encodeURIComponent(known[name] ??
				'00000000-0000-7000-8000-000000000000'));
		// what would end what the next one needs
		if (/logout/.test(path))
			continue;
		await Promise.all(Object.entries(credentials).map(
			async ([kind, headers]) => {
				const controller = new AbortController();
				const ended = setTimeout(() => controller.abort(), 15000);
				const types = ['application/json',
					'application/x-www-form-urlencoded'];
				for (const type of method === 'GET' || method === 'HEAD' ?
					[undefined] : types) {
					const reply = await again(() => fetch(instance.base + path, {
						method, redirect: 'manual', signal: controller.signal,
						headers: { ...headers, ...type &&
							{ 'content-type': type } },
						body: type && (type === types[0] ? '{}' : '') }));
					assert.ok(reply.status < 500 || reply.status === 503,
						`${method} ${path} as ${kind}: ${reply.status}`);
					await reply.body?.cancel();
				}
				clearTimeout(ended);
			}));
	}
	for (const name of Object.keys(examples)) {
		await ann.call(name, argumentsOf(name, ann.ids));
		await ann.paged(name, argumentsOf(name, ann.ids));
		await tool(instance, machine, name.split('.')[1],
			argumentsOf(name, ann.ids));
	}

	assert.equal(JSON.stringify(instance.processes()), processes);
	const seen = new Set();
	for (const list of transactions()) {
		// Connections begin by preparing statements, which runs none.
		if (list[0].startsWith('"'))
			assert.ok(list.length === 1 && /^"SELECT (gate\.version\(\)|set_config\('role', 'grantd_api', true\))/
				.test(list[0]), list.join(', '));
		else if (list[0] === 'gate_enter')
			assert.ok(list.length <= 3, list.join(', '));
		else
			assert.ok(list.length === 1 && list[0] in alone, list.join(', '));
		for (const one of list)
			seen.add(one);
	}
	// What was let in; the rest was asked for and refused.
	assert.ok(seen.has('procedure_read') && seen.has('procedure_write'));
	assert.ok(seen.size > 60, [...seen].join(', '));
});

test('every operation has a door, and published ones no other', async () => {
	const rows = await instance.psql(`SELECT o.name, o.door, o.kinds, o.scope
		FROM gate.operation o WHERE o.number IS NOT NULL`);
	const published = await instance.psql('SELECT name FROM publish.procedure');
	const names = new Set(rows.map(([name]) => name));
	for (const [name] of published)
		assert.ok(names.has(`api:${name}`) || names.has(`mcp:${name}`), name);
	for (const [name, , kinds] of rows) {
		assert.match(name, /^(api|mcp):/);
		assert.doesNotMatch(kinds, /organization|integration|refresh|control/);
	}
	// Nobody but grantd_api runs wrappers, and it runs nothing of the shop.
	const others = await instance.psql(`SELECT r.rolname, p.oid::regprocedure
		FROM pg_proc p, pg_roles r
		WHERE p.pronamespace = 'published'::regnamespace
		AND p.proname ~ '^p_[0-9]+$' AND NOT r.rolsuper
		AND r.rolname NOT IN ('grantd_api', 'grantd_app', 'grantd_owner')
		AND r.rolname NOT LIKE 'pg\\_%'
		AND has_function_privilege(r.oid, p.oid, 'EXECUTE')`);
	assert.deepEqual(others, []);
	const reach = await instance.psql(`SELECT r.rolname, p.oid::regprocedure
		FROM pg_proc p, pg_roles r WHERE p.pronamespace = 'shop'::regnamespace
		AND r.rolname IN ('grantd_api', 'grantd_broker', 'grantd_auditor')
		AND has_function_privilege(r.oid, p.oid, 'EXECUTE')`);
	assert.deepEqual(reach, []);
	const tables = await instance.psql(`SELECT r.rolname, c.oid::regclass
		FROM pg_class c, pg_roles r WHERE c.relnamespace = 'shop'::regnamespace
		AND c.relkind = 'r' AND r.rolname IN ('grantd_api', 'grantd_broker',
		'grantd_auditor', 'grantd_definer')
		AND has_table_privilege(r.oid, c.oid, 'SELECT')`);
	assert.deepEqual(tables, []);
});
