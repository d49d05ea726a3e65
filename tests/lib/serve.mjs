// Starts an instance, runs a command that finds it in GRANTD_TEST_INSTANCE,
// stops the instance and exits as the command did:
//
//	node tests/lib/serve.mjs node --test tests/http/*.test.mjs

import { spawn } from 'node:child_process';
import { Instance, everything } from './instance.mjs';

const [command, ...args] = process.argv.slice(2);
const instance = await Instance.start({ settings: everything,
	conf: 'password cost 6' });
const child = spawn(command, args, {
	stdio: 'inherit',
	env: { ...process.env,
		GRANTD_TEST_INSTANCE: JSON.stringify(instance.facts) },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
	process.prependListener(signal, () => child.kill(signal));
child.on('error', (error) => {
	console.error(error.message);
	process.exitCode = 1;
});
child.on('close', async (code, signal) => {
	let failed = code !== 0 || signal;
	if (instance.exit) {
		console.error('grantd ended during the tests:', instance.exit);
		failed = true;
	}
	if (failed || process.env.GRANTD_TEST_LOG)
		console.error(`--- grantd's log (last lines)\n` +
			instance.log().split('\n').slice(-40).join('\n'));
	await instance.stop().catch((error) => {
		console.error(error.message);
		failed = true;
	});
	process.exit(failed ? 1 : 0);
});
