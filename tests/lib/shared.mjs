// The instance that the files of one run share (tests/lib/serve.mjs), or,
// when a file is run alone, one that it starts and stops itself.

import { after } from 'node:test';
import { Instance, everything } from './instance.mjs';

export async function sharedInstance() {
	const facts = process.env.GRANTD_TEST_INSTANCE;
	if (facts)
		return new Instance(JSON.parse(facts));
	const instance = await Instance.start({ settings: everything,
		conf: 'password cost 6' });
	after(() => instance.stop());
	return instance;
}
