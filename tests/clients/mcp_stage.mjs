// What the clients of /mcp need: the fixture of the conformance scenarios, a
// token for it, and a proxy that adds the token.

import { spawn } from 'node:child_process';
import { createServer, request } from 'node:http';
import { after } from 'node:test';
import { load, program } from '../lib/mcp.mjs';
import { instance, org } from './stage.mjs';

await load(instance, 'tests/clients/mcp_fixture.sql', 'fixture');

export const { token } = await program(instance, org, ['fixture:use']);

// Passes everything on, both ways and at once, with the token added: the
// scenarios know of none.  close() ends it.
export async function proxy() {
	const server = createServer((asked, answer) => {
		const onward = request({ host: '127.0.0.1', port: instance.port,
			method: asked.method, path: asked.url, headers:
				{ ...asked.headers, authorization: `Bearer ${token}` } },
		(got) => {
			answer.writeHead(got.statusCode, got.rawHeaders);
			got.pipe(answer);
			got.on('error', () => answer.destroy());
		});
		onward.on('error', () => answer.destroy());
		answer.on('close', () => onward.destroy());
		asked.pipe(onward);
	});
	await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
	const { port } = server.address();
	return { url: `http://127.0.0.1:${port}/mcp`, close: () => {
		server.close();
		server.closeAllConnections();
	} };
}

// Does what the fixture's triggers want, while the scenarios run.
export function changes() {
	const psql = spawn('psql', ['-Xqo', '/dev/null'], { env:
		instance.cluster.env(instance.database),
	stdio: ['pipe', 'ignore', 'ignore'] });
	psql.stdin.write('SET ROLE fixture_owner;\n' +
		'SELECT fixture.apply() \\watch 0.1\n');
	after(() => psql.kill());
}
