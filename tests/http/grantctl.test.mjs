// grantctl member create: passwords by standard input and terminal, links,
// and what is refused before it is asked.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { unique } from '../lib/api.mjs';
import { prefix } from '../lib/instance.mjs';
import { Person } from '../lib/people.mjs';
import { sharedInstance } from '../lib/shared.mjs';

const instance = await sharedInstance();
const org = await instance.organization();
const program = join(prefix, 'sbin/grantctl');
const socket = ['-s', join(instance.dir, 'run/control.sock')];

function started(file, args, input) {
	const child = spawn(file, args);
	let out = '', err = '';
	child.stdout.on('data', (data) => {
		out += data;
	});
	child.stdin.on('error', () => {});	// it need not read
	child.stderr.on('data', (data) => {
		err += data;
	});
	const done = new Promise((resolve) => child.on('close',
		(code) => resolve({ code, out, err })));
	if (input !== undefined)
		child.stdin.end(input);
	return { child, done, seen: () => out };
}

const ctl = (input, ...args) =>
	started(program, [...socket, ...args], input).done;
const address = () => `${unique('member')}@example.com`;

test('with a password of standard input: signs in', async () => {
	for (const password of ['ten bytes.', 'é'.repeat(36)]) {
		const email = address();
		const { code, out } = await ctl(`${password}\nmore\n`, 'member',
			'create', email, '-o', org.name, '-r', 'viewer', '-p');
		assert.equal(code, 0);
		assert.equal(out, `${email} is a member of ${org.name} now, ` +
			'as viewer\n');
		await new Person(instance, { email, password }).signIn();
	}
});

test('without one: a link, once, that works', async () => {
	const email = address();
	const { code, out, err } = await ctl('', 'mem', 'cr', '-o', org.id, email);
	assert.equal(code, 0, err);
	const [, url] = /\n\t(http\S+\/link\/\S+)\n/.exec(out);
	assert.ok(url.startsWith(`${instance.issuer}/link/gsl_`), url);
	const page = await fetch(url);
	assert.equal(page.status, 200);
	assert.match(await page.text(), new RegExp(email));
});

test('as JSON', async () => {
	const email = address();
	const { out } = await ctl('', 'member', 'create', email, '-j', '-n',
		'Jo "J" Doe', '-o', org.name);
	const { result } = JSON.parse(out);
	assert.equal(result.email, email);
	assert.equal(result.fullname, 'Jo "J" Doe');
	assert.equal(result.issuer, instance.issuer);
	assert.match(result.link_secret, /^gsl_/);
});

test('on a terminal: asked twice, never shown', async () => {
	const email = address();
	const words = [program, ...socket, 'member', 'create', email, '-o',
		org.name, '-p'].map((word) => `'${word}'`).join(' ');
	const type = async (first, second) => {
		const { child, done, seen } = started('script',
			['-qec', words, '/dev/null']);
		for (const [prompt, text] of [['New password: ', first],
			['again: ', second]]) {
			while (!seen().includes(prompt) && child.exitCode === null)
				await new Promise((resolve) => {
					setTimeout(resolve, 20);
				});
			child.stdin.write(`${text}\n`);
		}
		return done;
	};
	const other = await type('one password', 'two passwords');
	assert.equal(other.code, 2, other.out);
	assert.match(other.out, /the passwords differ/);
	const good = await type('typed password', 'typed password');
	assert.equal(good.code, 0, good.out);
	assert.doesNotMatch(other.out + good.out, /one pass|two pass|typed/);
	await new Person(instance, { email, password: 'typed password' })
		.signIn();
});

test('what is refused before it is asked', async () => {
	for (const [input, words, told] of [
		['nine byte\n', ['-p'], /10 to 72 bytes, this one has less/],
		['', ['-p'], /10 to 72 bytes, this one has less/],
		[`${'é'.repeat(37)}\n`, ['-p'], /10 to 72 bytes, this one has more/],
		[`${'x'.repeat(5000)}\n`, ['-p'], /10 to 72 bytes, this one has more/],
		['nul\0 inside it\n', ['-p'], /no NUL/],
		['', ['-x'], /usage/],
		['', ['too', 'many', 'words', 'here'], /usage|not understood/]]) {
		const { code, err, out } = await ctl(input, 'member', 'create',
			address(), ...words);
		assert.equal(code, 2, err);
		assert.match(err, told);
		assert.equal(out, '');
	}
	const { code, err } = await ctl('', 'status', '-r', 'viewer');
	assert.equal(code, 2);
	assert.match(err, /-r says nothing to this command/);
});

test('what the database refuses', async () => {
	for (const [words, told] of [
		[['-o', 'nobody-knows-it'], /no such organization/i],
		[['-o', org.name, '-r', 'king'], /Known: .*viewer/]]) {
		const { code, err } = await ctl('', 'member', 'create', address(),
			...words);
		assert.equal(code, 1, err);
		assert.match(err, told);
	}
	const email = address();
	await ctl('', 'member', 'create', email, '-o', org.name);
	const again = await ctl('', 'member', 'create', email, '-o', org.name);
	assert.equal(again.code, 1);
	assert.match(again.err, /member already/);
});

test('a list stands below its heading, an error says a thing once',
	async () => {
		const { code, out } = await ctl('', 'organization', 'list');
		assert.equal(code, 0);
		const [head, ...rows] = out.trimEnd().split('\n');
		const row = rows.find((one) => one.endsWith(` ${org.name}`));
		assert.equal(head.indexOf('NAME'), row.indexOf(org.name));
		assert.equal(head.indexOf('CREATED'), 38);
		const bad = await ctl('', 'organization', 'create', '');
		assert.equal(bad.code, 1);
		assert.equal(bad.err.split('must be').length, 2, bad.err);
	});
