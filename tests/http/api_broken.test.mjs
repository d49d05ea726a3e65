// An operation that the server cannot use stands beside good ones: it alone
// is missing, after publishing and after a restart of the frontend.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, eventually } from '../lib/instance.mjs';
import { published } from '../lib/probe.mjs';

let instance;

before(async () => {
	instance = await Instance.start({ conf: 'password cost 6' });
	await instance.psql(`CREATE SCHEMA odd;
		CREATE FUNCTION odd.first() RETURNS int4 LANGUAGE sql STABLE
			AS 'SELECT 1';
		CREATE FUNCTION odd.broken() RETURNS int4 LANGUAGE sql STABLE
			AS 'SELECT 2';
		CREATE FUNCTION odd.later() RETURNS int4 LANGUAGE sql STABLE
			AS 'SELECT 3';
		SELECT grantd.publish('odd.' || f, 'public')
		FROM unnest('{first,broken}'::text[]) f`);
	await published(instance, '/api/odd/broken');
});

after(() => instance?.stop());

const result = async (name) =>
	(await (await fetch(`${instance.base}/api/odd/${name}`)).json()).result;

// What publish would not have let in.
const spoil = (member, value) => instance.psql(`
	UPDATE publish.procedure SET entry = (entry::jsonb || jsonb_build_object(
		'${member}', '${value}'::jsonb))::json WHERE name = 'odd.broken';
	UPDATE publish.state SET generation = generation + 1`);

const complaints = () => instance.log()
	.match(/published, but left out: odd\.broken: .*/g) ?? [];

test('what is published beside and behind it is there', async () => {
	await spoil('arguments', '{"type":"objct"}');
	await published(instance, '/api/odd/broken', 404);
	await instance.psql(`SELECT grantd.publish('odd.later', 'public')`);
	await published(instance, '/api/odd/later');
	assert.equal(await result('first'), 1);
	assert.equal(await result('later'), 3);
	const { paths } = await (await fetch(
		`${instance.base}/api/openapi.json`)).json();
	assert.ok(paths['/api/odd/later']);
	assert.equal(paths['/api/odd/broken'], undefined);
	// of two catalogues, by two frontends
	await eventually(() => complaints().length >= 4, 30000, 'complaints');
	const said = complaints();
	assert.match(said[0], /type is none of JSON Schema's/);
	assert.equal(said.length, 4, said.join('\n'));
});

test('after a restart of the frontends, too', async () => {
	const old = instance.processes().filter((p) => p.role === 'frontend');
	assert.ok(old.length > 0);
	for (const { pid } of old)
		process.kill(pid, 'SIGKILL');
	await eventually(() => {
		const now = instance.processes().filter((p) =>
			p.role === 'frontend' && !old.some((o) => o.pid === p.pid));
		return now.length === old.length;
	}, 30000, 'new frontends');
	await eventually(() => fetch(instance.base).then(() => true,
		() => false), 30000, 'they answer');
	await published(instance, '/api/odd/later');
	await published(instance, '/api/odd/first');
	await published(instance, '/api/odd/broken', 404);
});

test('what is mended is there again', async () => {
	await instance.psql('SELECT grantd.refresh()');
	await published(instance, '/api/odd/broken');
	assert.equal(await result('broken'), 2);
});
