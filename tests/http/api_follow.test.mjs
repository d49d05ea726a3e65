// Nobody has to say that a type changed: the server looks.  And what lint()
// finds is in its log, when it starts and when something changed.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Instance, eventually } from '../lib/instance.mjs';
import { published } from '../lib/probe.mjs';

let instance;

before(async () => {
	instance = await Instance.start({ conf: 'password cost 6', workers: 2 });
	await instance.psql(`CREATE SCHEMA hue;
		CREATE TYPE hue.colour AS ENUM ('red');
		CREATE FUNCTION hue.paint(colour hue.colour) RETURNS hue.colour
			LANGUAGE sql STABLE AS 'SELECT colour';
		SELECT grantd.publish('hue.paint', 'public')`);
	await published(instance, '/api/hue/paint?colour=red');
});

after(() => instance?.stop());

const paint = (colour) => fetch(`${instance.base}/api/hue/paint`, {
	method: 'POST', headers: { 'content-type': 'application/json' },
	body: JSON.stringify({ colour }) });
const found = (object) => instance.log().split('\n').filter((line) =>
	line.includes(`lint: `) && line.includes(`: ${object}: `));

test('lint is in the log, once for all workers', async () => {
	await eventually(() => found('hue.paint').length > 0, 30000, 'lint');
	const [line, more] = found('hue.paint');
	assert.match(line, /lint: notice: hue\.paint: has no comment: nobody learns what it does; COMMENT ON FUNCTION hue\.paint IS/);
	assert.equal(more, undefined);
});

test('a value that a type got is in the schema and taken', async () => {
	assert.equal((await paint('blue')).status, 422);
	const lines = found('hue.paint').length;
	await instance.psql(`ALTER TYPE hue.colour ADD VALUE 'blue'`);
	await published(instance, '/api/hue/paint?colour=blue');
	assert.deepEqual(await (await paint('blue')).json(), { result: 'blue' });
	const { paths } = await (await fetch(
		`${instance.base}/api/openapi.json`)).json();
	assert.match(JSON.stringify(paths['/api/hue/paint']),
		/"enum":\["red","blue"/);
	assert.match(instance.log(), /1 of what is published followed its types/);
	await eventually(() => found('hue.paint').length > lines, 30000,
		'lint after a change');
});

test('what is wrong is told when it begins, and what is closed', async () => {
	await instance.psql('ALTER FUNCTION hue.paint(hue.colour) RENAME TO gone');
	await published(instance, '/api/hue/paint?colour=red', 404);
	await eventually(() => found('hue.paint').some((line) =>
		/lint: error: hue\.paint: is closed: there is no function/.test(line)),
	30000, 'an error');
	const lines = found('hue.paint').length;
	for (const { pid, role } of instance.processes())
		if (role === 'broker')
			process.kill(pid, 'SIGKILL');
	await eventually(() => found('hue.paint').length > lines, 20000,
		'lint of a new broker');
	await instance.psql('ALTER FUNCTION hue.gone(hue.colour) RENAME TO paint');
	await published(instance, '/api/hue/paint?colour=red');
});
