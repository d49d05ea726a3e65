// Publishing again, at once, and while calls run.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { published } from '../lib/probe.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
const schema = `pub${process.pid}`;
const path = (name) => `/api/${schema}/${name}`;
const call = (name) => fetch(instance.base + path(name), { method: 'POST' });
const entry = async (name) => (await instance.psql(`SELECT number, scope,
	kinds, max_rows, (SELECT count(*) FROM gate.operation o
	WHERE o.number = p.number) FROM publish.procedure p
	WHERE name = '${schema}.${name}'`))[0];
const refused = (sql) => instance.psql(sql).then(() => null,
	(error) => error.message);

before(async () => {
	await instance.psql(`CREATE SCHEMA ${schema};
		CREATE TABLE ${schema}.shelf (id int4 PRIMARY KEY);
		SELECT grantd.protect('${schema}.shelf', open => true);
		CREATE FUNCTION ${schema}.slow() RETURNS int4 LANGUAGE plpgsql STABLE
			SET lock_timeout = '50s' AS
			'BEGIN PERFORM pg_advisory_xact_lock_shared(7284); RETURN 1; END';
		CREATE FUNCTION ${schema}.mark() RETURNS int4 LANGUAGE sql STABLE
			AS 'SELECT 1';
		CREATE FUNCTION ${schema}.one() RETURNS int4 LANGUAGE sql STABLE
			AS 'SELECT 1'` + Array.from({ length: 8 }, (_, i) => `;
		CREATE FUNCTION ${schema}.f${i}() RETURNS int4 LANGUAGE sql STABLE
			AS 'SELECT ${i}'`).join(''));
});

// Other files have tools of these names.
after(() => instance.psql(`SELECT grantd.unpublish(name)
	FROM publish.procedure WHERE name LIKE '${schema}%';
	DROP SCHEMA ${schema} CASCADE`));

test('by several at once, of a schema that nobody published of', async () => {
	const all = await Promise.all(Array.from({ length: 8 }, (_, i) =>
		sleep(i && 300).then(() => refused(`BEGIN;
			SELECT grantd.publish('${schema}.one', 'public'),
			grantd.publish('${schema}.f${i}', 'public');
			SELECT pg_sleep(${i ? 0 : 1}); COMMIT`))));
	assert.deepEqual(all, Array(8).fill(null));
	await published(instance, path('f7'));
	assert.equal((await call('one')).status, 200);
});

test('again: the later one holds, under the same number', async () => {
	const [number] = await entry('one');
	await instance.psql(`SELECT grantd.publish('${schema}.one',
		'products:read', max_rows => 7)`);
	assert.deepEqual(await entry('one'), [number, 'products:read',
		'{user,client,session}', '7', '2']);
	await instance.psql(`SELECT grantd.publish('${schema}.one', 'public',
		mcp => false)`);
	assert.deepEqual(await entry('one'), [number, '',
		'{user,client,session,visitor,none}', '100', '1']);
	// under another name beside it
	assert.equal(await refused(`SELECT grantd.publish('${schema}.one',
		'public', "group" => '${schema}b', mcp => false)`), null);
	assert.notEqual((await entry('one'))[0], undefined);
});

test('a table again, with another URI, and another thing with its URI',
	async () => {
		const uri = `${schema}://shelf`;
		const put = (more) => refused(`SELECT grantd.publish_table(
			'${schema}.shelf', 'public', ${more})`);
		assert.equal(await put(`'${uri}'`), null);
		const [number] = await entry('shelf_table');
		assert.equal(await put(`'${uri}'`), null);
		assert.equal(await put(`'${uri}/{id}'`), null);
		assert.equal((await entry('shelf_table'))[0], number);
		assert.equal(await put(`'${uri}', "group" => '${schema}c'`), null);
		assert.match(await put(`'${uri}/{id}', "group" => '${schema}d'`),
			new RegExp(`${schema}\\.shelf_table has that URI already`));
	});

test('the tool name of another', async () => {
	assert.match(await refused(`SELECT grantd.publish('${schema}.f1', 'public',
		tool => 'f0')`), /has that tool name, "f0" already/);
	assert.match(await refused(`SELECT grantd.publish_resource(
		'${schema}.f1', 'public', '${schema}://f1')`),
	/is the name of a published procedure already/);
});

test('what was taken back while it runs ends as it began', async () => {
	await instance.psql(`SELECT grantd.publish('${schema}.slow', 'public',
		mcp => false, timeout => '1 min', trusted => true);
		SELECT grantd.publish('${schema}.mark', 'public', mcp => false)`);
	await published(instance, path('mark'));
	let running;
	await instance.hold('SELECT pg_advisory_xact_lock(7284)', async (held) => {
		running = call('slow');
		await held.blocks();
		await instance.psql(`SELECT grantd.unpublish('${schema}.slow')`);
		assert.match(await refused(
			`SELECT grantd.unpublish('${schema}.slow')`),
		new RegExp(`nothing is published as "${schema}\\.slow"`));
		assert.equal((await call('slow')).status, 404);
	});
	const answer = await running;
	assert.equal(answer.status, 200);
	assert.deepEqual(await answer.json(), { result: 1 });
	// and is open at once when it is back
	await instance.psql(`SELECT grantd.publish('${schema}.one', 'public'),
		grantd.unpublish('${schema}.one'),
		grantd.publish('${schema}.one', 'public')`);
	await published(instance, path('one'));
});
