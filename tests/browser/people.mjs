// Persons of a test, made by grantctl.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { unique } from '../lib/api.mjs';
import { prefix } from '../lib/instance.mjs';

export async function makePerson(instance, { organization, role, name } = {}) {
	const email = `${unique('person')}@example.com`;
	const password = `Correct horse ${unique('x')}`;
	const words = ['-s', join(instance.dir, 'run/control.sock'), '-j',
		'member', 'create', '-p'];
	for (const [flag, value] of [['-n', name], ['-o', organization],
		['-r', role]])
		if (value)
			words.push(flag, value);
	const child = spawn(join(prefix, 'sbin/grantctl'), [...words, email],
		{ stdio: ['pipe', 'pipe', 'inherit'] });
	let out = '';
	child.stdout.on('data', (data) => (out += data));
	child.stdin.end(`${password}\n`);
	const [code] = await once(child, 'close');
	if (code !== 0)
		throw new Error(`grantctl member create ${email}: ${code}`);
	return { ...JSON.parse(out).result, email, password };
}
