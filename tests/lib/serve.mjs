// Starts an instance, runs a command that finds it in GRANTD_TEST_INSTANCE,
// stops the instance and exits as the command did:
//
//	node tests/lib/serve.mjs node --test FILE...
//
// Or several instances, for most of the tests' time is waiting: the command
// is run for each file by itself, on whichever instance is free, and what it
// said is shown when it is done.
//
//	node tests/lib/serve.mjs -n 3 node --test -- FILE...

import { spawn } from 'node:child_process';
import { Instance, everything } from './instance.mjs';

const argv = process.argv.slice(2);
const several = argv[0] === '-n';
const count = several ? Number(argv[1]) : 1;
const words = several ? argv.slice(2) : argv;
const end = several ? words.indexOf('--') : words.length;
const [command, ...args] = words.slice(0, end);
const calls = several ? words.slice(end + 1).map((file) => [...args, file]) :
	[args];
const children = new Set();
let failed = false;
let stopped = false;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.prependListener(signal, () => {
		stopped = true;
		children.forEach((child) => child.kill(signal));
	});

// Resolves to whether the command was content.
function call(instance, words) {
	const said = [];
	const child = spawn(command, words, {
		stdio: several ? ['inherit', 'pipe', 'pipe'] : 'inherit',
		env: { ...process.env,
			GRANTD_TEST_INSTANCE: JSON.stringify(instance.facts) },
	});
	children.add(child);
	child.stdout?.on('data', (data) => said.push(data));
	child.stderr?.on('data', (data) => said.push(data));
	return new Promise((resolve) => {
		child.on('error', (error) => {
			console.error(error.message);
			resolve(false);
		});
		child.on('close', (code) => {
			children.delete(child);
			process.stdout.write(Buffer.concat(said));
			resolve(code === 0);
		});
	});
}

async function serve() {
	const instance = await Instance.start({ settings: everything,
		conf: 'password cost 6' });
	let good = true;
	for (let next; !stopped && (next = calls.shift());)
		good = await call(instance, next) && good;
	if (instance.exit) {
		console.error('grantd ended during the tests:', instance.exit);
		good = false;
	}
	if (!good || process.env.GRANTD_TEST_LOG)
		console.error(`--- grantd's log (last lines)\n` +
			instance.log().split('\n').slice(-40).join('\n'));
	await instance.stop();
	failed ||= !good;
}

await Promise.all(Array.from({ length: count }, () =>
	serve().catch((error) => {
		console.error(error.message);
		failed = true;
	})));
process.exit(failed || stopped ? 1 : 0);
