// Who may come in where: every kind of credential at every kind of door, and
// what the audit keeps of a refusal.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusal, events } from '../lib/audit.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { claims, unique } from '../lib/api.mjs';
import { exchange, request } from '../lib/raw.mjs';

const instance = await sharedInstance();
const org = await instance.organization();
const { api } = org;
const account = await api.account({ name: unique('acc') });
const ticketing = await api.integration(account.id,
	'ticketing_mock_ticketing', { name: 'tickets' });
const siem = await api.integration(account.id, 'siem_mock_siem');

const management = ['/v1/organization', '/v1/accounts', '/v1/integrations',
	`/v1/accounts/${account.id}`, '/v1/tokens'];
const connector = ['/v1/ticketing/projects', '/v1/ticketing/tickets'];

test('an integration token does not open the management API', async () => {
	const client = api.as(ticketing.token.access.secret);
	for (const path of management) {
		const answer = await client.get(path);
		assert.ok([401, 403].includes(answer.status), answer.text);
		const problem = answer.problem(answer.status);
		assert.match(`${problem.message} ${problem.detail}`,
			/integration|organization|kind/i);
		const event = await refusal(instance, answer);
		assert.equal(event.organization, org.id);
	}
});

test('an organization token does not open a connector', async () => {
	for (const path of connector) {
		const answer = await api.get(path);
		assert.ok([401, 403].includes(answer.status), answer.text);
		answer.problem(answer.status);
		await refusal(instance, answer);
	}
});

test('a token of one category does not open another', async () => {
	for (const [secret, path] of [
		[siem.token.access.secret, '/v1/ticketing/tickets'],
		[ticketing.token.access.secret, '/v1/siem/events']]) {
		const answer = await api.as(secret).get(path);
		answer.problem(403);
		await refusal(instance, answer);
	}
});

test('without a token: 401, and how to bring one', async () => {
	for (const path of [...management, ...connector]) {
		const answer = await api.as(null).get(path);
		answer.problem(401);
		const challenge = answer.headers.get('www-authenticate');
		assert.match(challenge, /^Bearer realm="[^"]+"/);
		assert.doesNotMatch(challenge, /error=/);
	}
});

test('tokens that are none', async () => {
	const good = org.token;
	const [head, body, mac] = good.split('.');
	// its first character counts whole, the last ones may be what is put there
	const other = (mac[0] === 'A' ? 'B' : 'A') + mac.slice(1);
	const forged = Buffer.from(JSON.stringify({ ...claims(good),
		scope: 'accounts:edit', exp: claims(good).exp + 3600 }))
		.toString('base64url');
	const none = Buffer.from('{"alg":"none","typ":"at+jwt"}')
		.toString('base64url');
	for (const bad of [
		good.slice(0, -1), good.slice(0, 40), good + 'A', good + '=',
		`${head}.${body}`, `${head}.${forged}.${mac}`, `${none}.${body}.`,
		`${head}.${body}.${other}`, `.${body}.${mac}`, '...',
		'eyJ', 'x', 'null', 'undefined', 'Bearer', 'a'.repeat(4000),
		good.toLowerCase(), `${good}.${mac}`]) {
		const answer = await api.as(bad).get('/v1/organization');
		answer.problem(401);
		assert.match(answer.headers.get('www-authenticate'),
			/error="invalid_token"/);
	}
	(await api.get('/v1/organization')).ok();
});

test('a token of another deployment is foreign', async () => {
	const { generateKeyPairSync, sign } = await import('node:crypto');
	const { privateKey } = generateKeyPairSync('ec',
		{ namedCurve: 'prime256v1' });
	const [head, body] = org.token.split('.');
	const mac = sign('sha256', Buffer.from(`${head}.${body}`),
		{ key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url');
	(await api.as(`${head}.${body}.${mac}`).get('/v1/organization'))
		.problem(401);
});

test('the header itself: other schemes, two of them, odd forms', async () => {
	const get = (lines) => exchange(instance.target,
		request('GET', '/v1/organization', null, lines));
	for (const value of [`Basic ${org.token}`, org.token, 'Bearer',
		'Bearer ', `Bearer${org.token}`, `Bearer ${org.token} x`,
		`Bearer "${org.token}"`, `Bearer ${org.token},Bearer x`]) {
		const answer = await get({ Authorization: value });
		assert.ok([400, 401].includes(answer.status),
			`${value.slice(0, 20)}: ${answer.text}`);
		answer.problem(answer.status);
	}
	for (const value of [`bearer ${org.token}`, `BEARER ${org.token}`])
		(await get({ Authorization: value })).ok();
	const twice = await exchange(instance.target,
		request('GET', '/v1/organization', org.token,
			{ Authorization: `Bearer ${org.token}` }));
	twice.problem(400);
	(await api.as(null).get(`/v1/organization?access_token=${org.token}`))
		.problem(401);
});

test('a state change is in the audit with its actor', async () => {
	const answer = await api.post('/v1/accounts', { name: unique('seen') });
	const found = await events(instance,
		answer.ok().headers.get('x-request-id'));
	assert.equal(found.length, 1, JSON.stringify(found));
	const [event] = found;
	assert.equal(event.operation, 'account.create');
	assert.equal(event.organization, org.id);
	assert.equal(event.family, org.pair.id);
	assert.match(event.peer, /127\.0\.0\.1/);
});

test('a client cannot choose the request id or the peer', async () => {
	const id = '0190c9a0-0000-7000-8000-000000000001';
	const answer = (await api.get('/v1/organization', { 'x-request-id': id,
		'x-forwarded-for': '192.0.2.1' })).ok();
	assert.notEqual(answer.headers.get('x-request-id'), id);
	const made = (await api.post('/v1/accounts', {},
		{ 'x-forwarded-for': '192.0.2.1' })).ok();
	const [event] = await events(instance, made.headers.get('x-request-id'));
	assert.doesNotMatch(event.peer, /192\.0\.2\.1/);
});
