// The Model Context Protocol's conformance scenarios for servers, the sets
// that the revisions require.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { conformance, node, skip } from './conformance.mjs';
import { changes, proxy } from './mcp_stage.mjs';

const there = skip ? undefined : await proxy();
after(() => there?.close());
if (!skip)
	changes();

const expected = readFileSync(new URL('mcp_failures.yml', import.meta.url),
	'utf8').split('\n').flatMap((line) => /^ +- (.*)$/.exec(line)?.[1] ?? []);

// What failed of what the revision requires, by the verdict of the scenarios
// themselves, and what they only warn of: [scenario, check].
async function scenarios(revision) {
	const dir = mkdtempSync(join(tmpdir(), 'grantd-mcp-'));
	try {
		const child = spawn(node, [conformance, 'server', '--url', there.url,
			'--requirements', revision, '-o', dir],
		{ stdio: ['ignore', 'pipe', 'pipe'], timeout: 240000 });
		let out = '';
		for (const stream of [child.stdout, child.stderr])
			stream.setEncoding('utf8').on('data', (text) => {
				out += text;
			});
		const code = await new Promise((resolve) =>
			child.on('close', resolve));
		const unscored = new Set([...out.matchAll(
			/^ +[✓✗] (\S+) \(.*\)$/gm)].map(([, name]) => name));
		const found = { code, out, failed: [], warned: [] };
		for (const name of readdirSync(dir)) {
			const file = join(dir, name, 'checks.json');
			const scenario = /^(?:server-)?(.*?)-\d{4}-\d\d-\d\dT/.exec(name)[1];
			const checks = JSON.parse(readFileSync(file));
			const of = (status) => checks.filter((one) =>
				one.status === status).map((one) =>
				[scenario, one.id, one.errorMessage]);
			if ([...unscored].some((one) => one.endsWith(scenario)))
				continue;
			found.failed.push(...of('FAILURE'));
			found.warned.push(...of('WARNING'));
		}
		return found;
	} finally {
		rmSync(dir, { recursive: true, force: true });
	}
}

test('revision 2026-07-28, all that it requires', { skip }, async () => {
	const { code, out, failed, warned } = await scenarios('2026-07-28');
	assert.deepEqual(failed, [], out);
	// of two it allows no more time than a change may take to be seen
	assert.deepEqual(warned.filter(([, id]) =>
		!/^sep-2575-server-sends-.*-on-subscription$/.test(id)), [], out);
	assert.equal(code, 0, out);
});

test('revision 2025-11-25, but what needs a session', { skip }, async () => {
	const { out, failed, warned } = await scenarios('2025-11-25');
	assert.deepEqual([...new Set(failed.map(([name]) => name))].sort(),
		expected.toSorted(), out);
	// it asks for a session before it looks
	assert.deepEqual(warned.map(([, id]) => id),
		['server-sse-multiple-streams-session'], out);
});
