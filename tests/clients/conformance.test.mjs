// The Model Context Protocol's conformance scenarios for authorization
// servers.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { freePort } from '../lib/instance.mjs';
import { conformance, node, skip } from './conformance.mjs';
import { app, issuer, visit } from './stage.mjs';

// Runs all scenarios; the URL that it prints is visited as a person would.
async function scenarios(...args) {
	const child = spawn(node, [conformance, 'authorization',
		'--url', issuer, '--verbose', ...args],
	{ stdio: ['ignore', 'pipe', 'pipe'], timeout: 60000 });
	let out = '', visited = false;
	const read = async (data) => {
		out += data;
		const link = new RegExp(`${issuer}/oauth/authorize\\?\\S+`).exec(out);
		if (link && !visited) {
			visited = true;
			try {
				const back = await visit(link[0].replace(/["',]+$/, ''));
				await (await fetch(back)).text();
			} catch (error) {
				out += `\n${error.stack}`;
				child.kill();
			}
		}
	};
	child.stdout.setEncoding('utf8').on('data', read);
	child.stderr.setEncoding('utf8').on('data', read);
	const code = await new Promise((resolve) => child.on('close', resolve));
	assert.equal(code, 0, out);
	assert.doesNotMatch(out, /"status": *"(FAILURE|SKIPPED|WARNING)"/, out);
	assert.ok(visited, out);
}

// It authenticates with none wherever the metadata knows that: a client
// with a secret cannot pass.
test('authorization server, public client', { skip }, async () => {
	const port = await freePort();
	const made = await app({ kind: 'public',
		redirect_uris: `http://127.0.0.1:${port}/callback` });
	await scenarios('--client-id', made.id, '--resource', `${issuer}/mcp`,
		'-p', String(port));
});
