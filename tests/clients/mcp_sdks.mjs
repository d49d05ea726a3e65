// The SDKs, by what they are called: how each makes a client and a transport of
// a URL and a provider, and takes what came back from the person.

import * as two from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport }
	from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { name } from './mcp_enter.mjs';

const second = (mode) => ({
	make: (url, authProvider) => ({
		client: new two.Client(name, { versionNegotiation: { mode } }),
		transport: new two.StreamableHTTPClientTransport(new URL(url),
			{ authProvider }) }),
	finish: (transport, query) => transport.finishAuth(query),
});

export const sdks = {
	'SDK 1.x': {
		make: (url, authProvider) => ({ client: new Client(name),
			transport: new StreamableHTTPClientTransport(new URL(url),
				{ authProvider }) }),
		finish: (transport, query) => transport.finishAuth(query.get('code')),
		// with a refresh token it refreshes instead of asking the person
		refreshes: true,
	},
	'SDK 2.x, legacy': second('legacy'),
	'SDK 2.x, auto': second('auto'),
	'SDK 2.x, 2026-07-28': second({ pin: '2026-07-28' }),
};
