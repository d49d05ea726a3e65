// There is no second path: every route of docs/ENDPOINTS.md is asked with
// every kind of credential, badly and well formed, and then PostgreSQL's log
// says what each transaction of the daemon began with.  It is the gate, or one
// of the entry functions that ask the same questions themselves; and each route
// and each operation was seen there, but for those that are named here.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { top } from '../lib/cluster.mjs';
import { Instance } from '../lib/instance.mjs';
import { Mcp } from '../lib/mcp.mjs';
import { App, appScopes } from '../lib/oauth.mjs';
import { Person } from '../lib/people.mjs';
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

// Routes that ask nothing: files, and what the server says of itself.
const files = new Set(['GET /', 'GET /static/{version}/style.css',
	'GET /static/{version}/page.js', 'GET /static/{version}/icon.svg',
	'GET /v1/version', 'GET /v1/openapi.json', 'GET /oauth/jwks',
	'GET /.well-known/oauth-protected-resource',
	'GET /.well-known/oauth-protected-resource/api',
	'GET /.well-known/oauth-protected-resource/mcp',
	'GET /mcp/.well-known/oauth-protected-resource',
	'GET /api/docs/oauth2-redirect', 'GET /api/docs/{file}']);

// Operations and routes that share calls, and what these begin with.
const shared = {
	'token.issue': 'token_issue_plan',
	'token.redeem': 'token_redeem_plan',
	'token.oauth_refresh': 'token_oauth_refresh_plan',
	'token.client_credentials': 'token_client_credentials_plan',
	'oauth.introspect': 'oauth_introspect',
	'POST /oauth/token': 'token_client_credentials_plan',
	'POST /oauth/introspect': 'oauth_introspect',
	'POST /v1/tokens/{accountId}/{integrationId}': 'token_issue_plan',
};

// Fields of forms; the other bodies are of the schemas of /v1.
const forms = {
	'POST /link/{secret}': { new_password: 'twelve letters and more' },
	'POST /settings/organization': { organization: 'nowhere' },
	'POST /settings/confirm': { password: 'not that' },
	'POST /settings/security/password': { password: 'not that',
		new_password: 'twelve letters and more' },
	'POST /oauth/token': { grant_type: 'client_credentials' },
	// without a field of ours an app's request goes on by GET
	'POST /oauth/authorize': { csrf: 'x' },
	'POST /oauth/logout': { csrf: 'x' },
	'POST /oauth/revoke': { token: 'gat_nothing' },
	'POST /oauth/introspect': { token: 'gat_nothing' },
};
const named = { JsonPatch: [{ op: 'replace', path: '/fullname', value: 'x' }],
	Events: [{}] };

// The least that a schema takes.
function sample(schema) {
	if (schema.$ref)
		return named[schema.$ref.split('/').at(-1)];
	if (schema.enum || 'const' in schema)
		return schema.enum?.[0] ?? schema.const;
	if (schema.type === 'object')
		return Object.fromEntries((schema.required ?? []).map((name) =>
			[name, sample(schema.properties?.[name] ?? {})]));
	return { array: [], integer: 1, number: 1, boolean: true }[schema.type]
		?? 'x';
}

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

// What the gate was asked for: routes, as they came, and operations.
function entries() {
	const found = { routes: new Set(), operations: new Set() };
	const text = readFileSync(instance.cluster.log(), 'utf8');
	for (const [, operation, method, path] of text.matchAll(/DETAIL: {2}parameters: \$1 = .* \$5 = '([^']+)', \$6 = .* \$10 = '([A-Z]+)', \$11 = '([^']*)'/g)) {
		found.routes.add(`${method} ${path}`);
		found.operations.add(operation);
	}
	return found;
}

// A link for somebody who is asked to join.
async function link(boss, organization, { email }) {
	const members = `/admin/organizations/${organization.id}/members`;
	const form = await boss.get(`${members}/new`);
	const box = /<label for="r-([0-9a-f-]+)">viewer</i.exec(form.text);
	const answer = await boss.submit(`${members}/new`, members,
		{ email, fullname: '', role: box[1] });
	const page = await boss.get(answer.location);
	return /\/link\/(gsl_[^<]+)</.exec(page.text)[1];
}

// What a client of /mcp can ask.
async function everyMethod(mcp) {
	const { tools } = await mcp.result('tools/list');
	const { resources } = await mcp.result('resources/list');
	const { resourceTemplates } = await mcp.result('resources/templates/list');
	const { prompts } = await mcp.result('prompts/list');
	assert.ok(tools.length > 0 && resources.length + resourceTemplates.length > 0
		&& prompts.length > 0);
	await mcp.ask('server/discover');
	for (const { name, inputSchema } of tools)
		await mcp.call(name, sample(inputSchema));
	for (const { uri } of resources)
		await mcp.ask('resources/read', { uri });
	for (const { uriTemplate } of resourceTemplates)
		await mcp.ask('resources/read',
			{ uri: uriTemplate.replace(/\{\w+\}/g, '1') });
	for (const { name } of prompts)
		await mcp.ask('prompts/get', { name, arguments: {} });
	await mcp.ask('completion/complete', { argument: { name: 'x', value: '' },
		ref: { type: 'ref/prompt', name: prompts[0].name } });
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
	const other = await instance.organization();
	const boss = await (await Person.make(instance, { organization: other.name,
		role: 'administrator' })).signIn();
	const guest = await Person.make(instance, { organization: here.name,
		role: 'member' });
	const known = { accountId: account.id, integrationId: integration.id,
		group: 'shop', procedure: 'orders', clientId: service.id,
		path: 'a/b.txt',
		secret: await link(boss, other, guest) };
	assert.ok(routes.length > 100);
	const { paths } = await (await fetch(
		`${instance.base}/v1/openapi.json`)).json();
	const bodies = ({ method, pattern }) => {
		const route = `${method} ${pattern}`;
		const found = [['application/json', '{}'],
			['application/x-www-form-urlencoded', '']];
		if (forms[route])
			found.push([found[1][0], `${new URLSearchParams(forms[route])}`]);
		const content = paths[pattern.replace('*}', '}')]
			?.[method.toLowerCase()]?.requestBody?.content ?? {};
		for (const [type, { schema }] of Object.entries(content))
			if (type !== 'multipart/form-data')
				found.push([type, type === 'application/json' ?
					JSON.stringify(sample(schema)) : 'x']);
		return found;
	};
	const processes = JSON.stringify(instance.processes());
	const asked = new Map();
	const ask = async ({ method, pattern }) => {
		const path = pattern.replace(/\{(\w+)\*?\}/g, (_, name) =>
			known[name] ?? '00000000-0000-7000-8000-000000000000');
		asked.set(`${method} ${pattern}`, path);
		await Promise.all(Object.entries(credentials).map(
			async ([kind, headers]) => {
				const controller = new AbortController();
				const ended = setTimeout(() => controller.abort(), 15000);
				for (const [type, body] of method === 'GET' ||
					method === 'HEAD' ? [[]] : bodies({ method, pattern })) {
					const reply = await again(() => fetch(instance.base + path, {
						method, redirect: 'manual', signal: controller.signal,
						headers: { ...headers, ...type &&
							{ 'content-type': type } }, body }));
					assert.ok(reply.status < 500 || reply.status === 503,
						`${method} ${path} as ${kind}: ${reply.status}`);
					await reply.body?.cancel();
				}
				clearTimeout(ended);
			}));
	};
	// what ends what others need comes last
	const last = ({ pattern }) => /logout/.test(pattern);
	for (const route of routes.filter((one) => !last(one)))
		await ask(route);
	for (const name of Object.keys(examples)) {
		await ann.call(name, argumentsOf(name, ann.ids));
		await ann.paged(name, argumentsOf(name, ann.ids));
		await tool(instance, machine, name.split('.')[1],
			argumentsOf(name, ann.ids));
	}

	const { access_token: fresh } = (await ann.app.refresh(
		ann.tokens.refresh_token)).ok(200).json;
	await everyMethod(new Mcp(instance, fresh));
	for (const route of routes.filter(last))
		await ask(route);

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
	const entered = entries();
	// What is behind a secret in a path is not passed on: the operations tell.
	const came = ([route, path]) => entered.routes.has(`${route.split(' ')[0]} ${
		path.replace(/^(\/link\/)gsl_.*/, '$1')}`);
	assert.deepEqual([...asked].filter((one) => !came(one))
		.map(([route]) => route).filter((route) => !files.has(route)
			&& !seen.has(shared[route])), [], 'routes that came to no gate');
	assert.deepEqual([...asked].filter(came).map(([route]) => route)
		.filter((route) => files.has(route)), []);
	const operations = (await instance.psql('SELECT name FROM gate.operation'))
		.map(([name]) => name);
	assert.deepEqual(operations.filter((name) =>
		!entered.operations.has(name) && !seen.has(shared[name])), [],
	'operations that came to no gate');
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
