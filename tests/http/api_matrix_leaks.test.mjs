// A context that is left behind on a connection to the database would be
// another person's: tried for with persons interleaved, pipelined by the
// thousand, and between them whatever could leave something: errors,
// time-outs, callers that go away, and procedures that try to set what the
// gate sets.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Instance } from '../lib/instance.mjs';
import { settled } from '../lib/mcp.mjs';
import { App, appScopes } from '../lib/oauth.mjs';
import { Raw } from '../lib/raw.mjs';
import { Shopper } from '../lib/shop.mjs';

// What a procedure finds around it.  The request's number is its own.
const around = `jsonb_build_object(
	'person', grantd.person(), 'organization', grantd.organization(),
	'client', grantd.client(), 'scopes', to_jsonb(grantd.scopes()),
	'user', current_user, 'answers',
	nullif(current_setting('grantd.answers', true), ''),
	'kind', current_setting('grantd.kind', true),
	'settings', (SELECT jsonb_object_agg(s.name, s.setting) FROM pg_settings s
	    WHERE s.setting IS DISTINCT FROM s.reset_val
	    AND s.name NOT LIKE 'grantd.%'),
	'role', current_setting('role'),
	'locks', (SELECT count(*) FROM pg_locks l WHERE l.pid = pg_backend_pid()
	    AND l.locktype = 'advisory'),
	'listens', (SELECT count(*) FROM pg_listening_channels()),
	'cursors', (SELECT count(*) FROM pg_cursors c WHERE c.is_holdable),
	'temporary', pg_my_temp_schema())`;

const schema = `
	CREATE ROLE leak_owner;
	GRANT grantd_publisher TO leak_owner;
	CREATE SCHEMA leak AUTHORIZATION leak_owner;
	SET ROLE leak_owner;
	CREATE FUNCTION leak.around() RETURNS jsonb LANGUAGE sql STABLE AS
	    $f$ SELECT ${around} $f$;
	CREATE FUNCTION leak.around_write() RETURNS jsonb LANGUAGE sql VOLATILE AS
	    $f$ SELECT ${around} $f$;
	CREATE FUNCTION leak.fails(how text) RETURNS text LANGUAGE plpgsql
	    VOLATILE AS $f$ BEGIN
		CASE how WHEN 'raise' THEN RAISE 'no';
		WHEN 'zero' THEN RETURN (1 / (length(how) - 4))::text;
		WHEN 'problem' THEN PERFORM grantd.problem(418, 'teapot', 'short');
		WHEN 'right' THEN RETURN (SELECT count(*) FROM core.person)::text;
		WHEN 'retry' THEN RAISE 'again' USING ERRCODE = '40001';
		WHEN 'deep' THEN RETURN leak.fails('deep');
		ELSE RETURN how::int4; END CASE; END $f$;
	CREATE FUNCTION leak.sleeps(ms int4) RETURNS int4 LANGUAGE plpgsql STABLE
	    AS $f$ BEGIN PERFORM pg_sleep(ms / 1000.0); RETURN ms; END $f$;
	CREATE FUNCTION leak.sleeps_write(ms int4) RETURNS int4 LANGUAGE plpgsql
	    VOLATILE AS $f$ BEGIN PERFORM pg_sleep(ms / 1000.0); RETURN ms; END $f$;
	CREATE FUNCTION leak.runs(statement text) RETURNS text LANGUAGE plpgsql
	    VOLATILE AS $f$ BEGIN EXECUTE statement; RETURN 'done'; END $f$;
	GRANT USAGE ON SCHEMA leak TO grantd_app;
	SELECT grantd.publish('leak.around', 'stores:read');
	SELECT grantd.publish('leak.around_write', 'stores:read');
	SELECT grantd.publish('leak.fails', 'stores:read');
	SELECT grantd.publish('leak.sleeps', 'stores:read', timeout => '150 ms');
	SELECT grantd.publish('leak.sleeps_write', 'stores:read',
	    timeout => '150 ms');
	SELECT grantd.publish('leak.runs', 'stores:read', trusted => true);
	RESET ROLE;`;

const statements = ({ person, organization }) => [
	`SET grantd.person = '${person}'`,
	`SET LOCAL grantd.person = '${person}'`,
	`SET grantd.organization = '${organization}'`,
	`SET LOCAL grantd.organization = '${organization}'`,
	'SET grantd.unit = \'\'', 'SET LOCAL grantd.answers = \'{"a": 1}\'',
	'SET grantd.answers = \'{"a": 1}\'', 'SET grantd.kind = \'control\'',
	'SET grantd.client = \'gc_other\'', 'SET grantd.resources = \'[]\'',
	'SET ROLE grantd_api', 'SET ROLE grantd_broker', 'SET ROLE NONE',
	'RESET ROLE', 'SET LOCAL ROLE NONE',
	'SET SESSION AUTHORIZATION grantd_owner', 'RESET SESSION AUTHORIZATION',
	'SET SESSION AUTHORIZATION DEFAULT', 'RESET ALL', 'DISCARD ALL',
	'DISCARD PLANS', 'DISCARD TEMP', 'SET statement_timeout = 0',
	'SET lock_timeout = 0', 'SET search_path = leak, public',
	'SET transaction_read_only = on', 'SET default_transaction_read_only = on',
	'SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY',
	'SET timezone = \'Asia/Tokyo\'', 'SET datestyle = \'SQL, DMY\'',
	'SET intervalstyle = \'postgres\'', 'SET extra_float_digits = 0',
	'SET bytea_output = \'escape\'', 'SET row_security = off',
	'SET client_min_messages = error', 'SET work_mem = \'64kB\'',
	'SET plan_cache_mode = auto', 'SET synchronous_commit = off',
	'SELECT set_config(\'grantd.person\', \'\', false)',
	'SELECT pg_advisory_lock(1)', 'SELECT pg_try_advisory_lock(2)',
	'SELECT pg_advisory_lock_shared(3)', 'SELECT pg_advisory_xact_lock(4)',
	'LISTEN leak', 'NOTIFY leak', 'UNLISTEN *', 'PREPARE leak AS SELECT 1',
	'DEALLOCATE ALL', 'SET standard_conforming_strings = off',
	'CREATE TEMP TABLE leak (a int)', 'CREATE TABLE public.leak (a int)',
	'CREATE FUNCTION pg_temp.now() RETURNS int LANGUAGE sql AS \'SELECT 1\'',
	'DECLARE leak CURSOR WITH HOLD FOR SELECT 1', 'CLOSE ALL',
	'BEGIN', 'COMMIT', 'ROLLBACK', 'SAVEPOINT a', 'SET CONSTRAINTS ALL DEFERRED',
	'LOCK TABLE shop.stores IN ACCESS EXCLUSIVE MODE',
	'SELECT * FROM core.person', 'SELECT * FROM token.family',
	'SELECT gate.enter(NULL, 3, 0, NULL, \'organization.create\', \'call\', ' +
		'gen_random_uuid(), 0, \'\', \'\', \'\', NULL, NULL, NULL, NULL, ' +
		'NULL, NULL, NULL)',
	'ALTER ROLE grantd_app BYPASSRLS', 'ALTER ROLE grantd_app LOGIN',
	'GRANT grantd_owner TO grantd_app', 'ALTER TABLE shop.stores DISABLE ROW ' +
		'LEVEL SECURITY', 'COPY shop.stores TO PROGRAM \'true\'',
	'COPY shop.stores TO STDOUT', 'LOAD \'plpgsql\'',
	'SELECT pg_terminate_backend(pid) FROM pg_stat_activity',
	'SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid <> ' +
		'pg_backend_pid()', 'SELECT pg_read_file(\'PG_VERSION\')',
	'DO $x$ BEGIN EXECUTE \'SET ROLE NONE\'; END $x$',
];

const instance = await Instance.start({
	conf: 'password cost 6\nlimit { calls 0 }' });
after(() => instance.stop());
const people = [];
let there;

const strip = (text) => JSON.parse(text).result;
const request = (who, name, args) => {
	const body = JSON.stringify(args ?? {});
	return `POST /api/leak/${name} HTTP/1.1\r\nHost: localhost\r\n` +
		`Authorization: Bearer ${who.token}\r\n` +
		'Content-Type: application/json\r\n' +
		`Content-Length: ${body.length}\r\n\r\n${body}`;
};

before(async () => {
	await instance.psql(schema);
	const here = await instance.organization();
	there = await instance.organization();
	for (const organization of [here, here, there]) {
		const app = await App.make(instance, { organization: organization.id });
		people.push(await Shopper.make(instance, organization, app));
	}
	// One with fewer scopes.
	const [ann] = people;
	const narrow = await ann.app.tokens(ann.browser, { scope: 'stores:read' });
	people.push(new Shopper({ ...ann, token: narrow.access_token,
		api: instance.client(narrow.access_token) }));
	await settled(instance);
	for (const who of people) {
		who.facts = { read: strip((await who.call('leak.around')).text),
			write: strip((await who.call('leak.around_write')).text) };
		assert.equal(who.facts.read.person, who.person.id);
		assert.equal(who.facts.read.user, 'grantd_app');
		assert.equal(who.facts.read.organization, who.organization.id);
		assert.equal(who.facts.read.locks, 0);
	}
	assert.deepEqual(people[3].facts.read.scopes, ['stores:read']);
	assert.deepEqual([...people[0].facts.read.scopes].sort(),
		[...new Set([...people[0].facts.read.scopes])].sort());
	assert.ok(appScopes.every((one) =>
		people[0].facts.read.scopes.includes(one)));
});

// Each person finds what was found at the beginning, on every connection.
async function unharmed(times = 6) {
	const all = [];
	for (let i = 0; i < times; i++)
		for (const who of people)
			for (const kind of ['read', 'write'])
				all.push((async () => {
					const answer = await who.call(kind === 'read' ?
						'leak.around' : 'leak.around_write');
					assert.equal(answer.status, 200, answer.text);
					assert.deepEqual(strip(answer.text), who.facts[kind]);
				})());
	await Promise.all(all);
}

// Sends lists of requests, each on a connection of its own and pipelined.
async function flood(lists, check) {
	await Promise.all(lists.map(async (list) => {
		const raw = await Raw.connect(instance.target);
		for (let i = 0; i < list.length; i += 40) {
			const part = list.slice(i, i + 40);
			raw.write(part.map((one) => one.text).join(''));
			for (const one of part)
				check(one, await raw.answer({ ms: 60000 }));
		}
		raw.destroy();
	}));
}

// The same numbers at each run.
function numbers(seed) {
	let state = seed;
	return (below) => {
		state = (Math.imul(state, 1103515245) + 12345) >>> 0;
		return (state >>> 8) % below;
	};
}

// Under the name of one of them, SQL would run as the login at the next call.
test('nobody can name what the connection has prepared', async () => {
	for (const statement of [
		'DEALLOCATE gate_enter', 'DEALLOCATE become_api',
		'DEALLOCATE procedure_read', 'DEALLOCATE procedure_write',
		'SELECT name FROM pg_prepared_statements',
		'SELECT pg_prepared_statement()',
		'DO $x$ BEGIN PERFORM name FROM pg_prepared_statements; END $x$',
	]) {
		const answer = await people[0].call('leak.runs', { statement });
		assert.notEqual(answer.status, 200, statement);
	}
	assert.equal((await people[0].call('leak.runs',
		{ statement: 'DEALLOCATE ALL' })).status, 200);
	await unharmed(2);
});

describe('nothing is left on a connection', () => {
	test('four thousand requests of four persons, pipelined', async () => {
		const pick = numbers(1);
		let good = 0;
		const lists = Array.from({ length: 10 }, () => Array.from(
			{ length: 400 }, () => {
				const who = people[pick(people.length)];
				const kind = pick(4) === 0 ? 'write' : 'read';
				return { who, kind, text: request(who,
					kind === 'read' ? 'around' : 'around_write') };
			}));
		await flood(lists, ({ who, kind }, answer) => {
			if (answer.status === 503)
				return;
			assert.equal(answer.status, 200, answer.text);
			assert.deepEqual(strip(answer.text), who.facts[kind]);
			good++;
		});
		assert.ok(good > 3000, `${good} of 4000 were answered`);
		await unharmed();
	});

	test('with errors and time-outs in between', async () => {
		const pick = numbers(2);
		const ways = ['raise', 'zero', 'problem', 'right', 'retry', 'deep',
			'text'];
		const lists = Array.from({ length: 8 }, () => Array.from(
			{ length: 200 }, () => {
				const who = people[pick(people.length)];
				switch (pick(8)) {
				case 0:
				case 1:
					return { who, text: request(who, 'fails',
						{ how: ways[pick(ways.length)] }), fails: true };
				case 2:
					return pick(6) > 0 ? { who, fails: true,
						text: request(who, 'fails', { how: 5 }) } : { who,
						fails: true, text: request(who, pick(2) ? 'sleeps' :
							'sleeps_write', { ms: 400 }) };
				default:
					return { who, kind: 'read', text: request(who, 'around') };
				}
			}));
		const seen = new Map();
		await flood(lists, ({ who, kind, fails }, answer) => {
			seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
			if (fails) {
				assert.ok(answer.status >= 400, answer.text);
				assert.doesNotMatch(answer.text, /"person"|core\.person/);
			} else if (answer.status !== 503) {
				assert.equal(answer.status, 200, answer.text);
				assert.deepEqual(strip(answer.text), who.facts[kind]);
			}
		});
		assert.ok(seen.get(200) > 600, JSON.stringify([...seen]));
		assert.ok(seen.get(504) > 0, JSON.stringify([...seen]));
		await unharmed();
	});

	test('with callers that go away', async () => {
		const pick = numbers(3);
		const rounds = Array.from({ length: 60 }, async (_, i) => {
			await sleep(i * 10);
			const raw = await Raw.connect(instance.target);
			const who = people[pick(people.length)];
			raw.write(request(who, pick(2) ? 'sleeps' : 'sleeps_write',
				{ ms: 120 }) + request(people[0], 'around'));
			await sleep(pick(100));
			raw.destroy();
		});
		await Promise.all([...rounds, unharmed(), unharmed()]);
		await unharmed();
	});

	test('with procedures that set what the gate sets', async () => {
		const facts = { person: people[2].person.id,
			organization: there.id };
		const [ann] = people;
		let done = 0;
		for (const statement of statements(facts)) {
			const answer = await ann.call('leak.runs', { statement });
			done += answer.status === 200;
			assert.ok([200, 400, 403, 409, 422, 500, 503, 504]
				.includes(answer.status), `${statement}: ${answer.text}`);
			assert.doesNotMatch(answer.text, new RegExp(facts.person));
			await Promise.all([unharmed(3), ann.call('leak.runs',
				{ statement })]).catch((error) => {
				error.message = `after ${statement}: ${error.message}`;
				throw error;
			});
		}
		assert.ok(done > 10, `only ${done} were let through`);
		await unharmed();
	});

	test('and all of it at once', async () => {
		const pick = numbers(4);
		const list = statements({ person: people[2].person.id,
			organization: there.id });
		const lists = Array.from({ length: 8 }, () => Array.from(
			{ length: 150 }, () => {
				const who = people[pick(people.length)];
				if (pick(5) === 0)
					return { who, text: request(who, 'runs',
						{ statement: list[pick(list.length)] }) };
				if (pick(10) === 0)
					return { who, text: request(who, 'fails', { how: 'zero' }) };
				return { who, kind: 'read', text: request(who, 'around') };
			}));
		let good = 0;
		await flood(lists, ({ who, kind }, answer) => {
			if (!kind || answer.status === 503)
				return;
			assert.equal(answer.status, 200, answer.text);
			assert.deepEqual(strip(answer.text), who.facts[kind]);
			good++;
		});
		assert.ok(good > 500, `${good} were answered`);
		await unharmed();
	});

	test('organization tokens and pages between them', async () => {
		const [ann, , eve] = people;
		const work = [];
		for (let i = 0; i < 150; i++) {
			work.push(unharmed(1));
			work.push((async () => {
				const answer = await instance.client(there.token)
					.get('/v1/organization');
				assert.equal(answer.result.id, there.id);
			})());
			work.push((async () => {
				const page = await (i % 2 ? ann : eve).browser
					.get('/settings/oauth-apps');
				assert.equal(page.status, 200);
			})());
			if (i % 10 === 9)
				await Promise.all(work.splice(0));
		}
		await unharmed();
	});
});
