// oidc-provider with its in-memory store, for comparison: a client with
// access tokens for itself, refresh tokens that it may use again and again
// (the fastest that it can do), and introspection.  PEER_PORT is where it
// listens, PEER_TOKENS is the file that its refresh tokens go to.  Ends with
// its standard input.

import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import Provider from 'oidc-provider';

const port = Number(process.env.PEER_PORT);
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

const provider = new Provider(`http://localhost:${port}`, {
	clients: [{ client_id: 'bench', client_secret: 'secret',
		grant_types: ['client_credentials', 'refresh_token',
			'authorization_code'],
		redirect_uris: ['https://app.example.com/callback'],
		response_types: ['code'], id_token_signed_response_alg: 'ES256' }],
	jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256',
		use: 'sig' }] },
	scopes: ['orders:read', 'offline_access'],
	findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
	rotateRefreshToken: false,
	features: {
		clientCredentials: { enabled: true },
		introspection: { enabled: true },
		devInteractions: { enabled: false },
		resourceIndicators: {
			enabled: true,
			defaultResource: () => 'urn:jwt',
			useGrantedResource: () => true,
			getResourceServerInfo: (ctx, resource) => ({
				scope: 'orders:read', accessTokenTTL: 3600,
				accessTokenFormat: resource === 'urn:jwt' ? 'jwt' : 'opaque',
				jwt: { sign: { alg: 'ES256' } } }),
		},
	},
});

async function refreshToken() {
	const grant = new provider.Grant({ accountId: 'pat', clientId: 'bench' });
	grant.addResourceScope('urn:jwt', 'orders:read');
	grant.addOIDCScope('offline_access');
	const token = new provider.RefreshToken({ accountId: 'pat',
		client: await provider.Client.find('bench'),
		grantId: await grant.save(), gty: 'authorization_code',
		resource: 'urn:jwt', scope: 'orders:read offline_access' });
	return token.save();
}

const lines = [];
for (let i = 0; i < 128; i++)
	lines.push('grant_type=refresh_token&refresh_token=' +
		await refreshToken());
writeFileSync(process.env.PEER_TOKENS, lines.join('\n'));
const server = provider.listen(port, '127.0.0.1', () =>
	process.stdout.write('ready\n'));
process.stdin.on('end', () => {
	server.close();
	process.exit(0);
});
process.stdin.resume();
