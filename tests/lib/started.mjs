// A grantd that serves may still be starting: until all of its processes are
// ready it takes no reload.

import { eventually } from './instance.mjs';

export const started = (instance) => eventually(async () =>
	(await instance.grantctl('status')).result.every(({ ready }) => ready),
30000, 'every process is ready');
