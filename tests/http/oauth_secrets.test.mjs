// Codes, tokens, client secrets and passwords appear in the answer that makes
// them, and nowhere else: not on another page, not in a log, not in the
// audit, not in the database or what it logs.

import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedInstance } from '../lib/shared.mjs';
import { run } from '../lib/cluster.mjs';
import { App, oauthError, random, stage } from '../lib/oauth.mjs';

const instance = await sharedInstance();
let org, person, browser, app, service;
const secrets = {};

before(async () => {
	({ org, person, browser } = await stage(instance, {},
		{ role: 'administrator' }));
	app = await App.register(instance, browser,
		{ scope: ['openid', 'stores:read'] });
	secrets['client secret'] = app.secret;
	const grant = await app.code(browser, { scope: 'openid stores:read',
		nonce: `nonce-${random()}` });
	secrets.code = grant.code;
	secrets.verifier = grant.verifier;
	const first = (await app.redeem(grant)).ok(200).json;
	const second = (await app.refresh(first.refresh_token)).ok(200).json;
	secrets['access token'] = first.access_token;
	secrets['ID token'] = first.id_token;
	secrets['refresh token'] = first.refresh_token;
	secrets['second access token'] = second.access_token;
	secrets['second refresh token'] = second.refresh_token;
	const unused = await app.code(browser, { scope: 'openid' });
	secrets['unused code'] = unused.code;
	secrets.session = browser.jar.get('grantd_session');
	secrets.visitor = browser.jar.get('grantd_visitor');
	secrets.password = person.password;
	// what is refused must not be told either
	secrets['wrong secret'] = `gcs_${random()}`;
	await app.as({ secret: secrets['wrong secret'] }).refresh('grt_x');
	secrets['wrong code'] = `gac_${random()}`;
	await app.redeem({ code: secrets['wrong code'],
		verifier: secrets.verifier, redirect: app.redirect });
	secrets['wrong refresh token'] = `grt_${random(49)}`;
	await app.refresh(secrets['wrong refresh token']);
	secrets['query secret'] = `gcs_${random()}`;
	await app.send(`/oauth/token?client_secret=${secrets['query secret']}`, {});
	await app.introspect(first.access_token);
	await app.revoke(second.access_token);
	await app.userinfo(first.access_token);
	service = await App.register(instance, browser, { service: '1',
		code: [], redirect_uris: '', scope: ['stores:read'] },
	'/admin/oauth-clients');
	secrets['service secret'] = service.secret;
	secrets['service token'] = (await service.credentials()).ok(200)
		.json.access_token;
	await instance.psql(`UPDATE core.setting SET value = 2
		WHERE name = 'registration'`);
	const made = (await instance.client().post('/oauth/register',
		{ redirect_uris: ['https://x.example/cb'] })).json;
	secrets['registration token'] = made.registration_access_token;
	secrets['registered secret'] = made.client_secret;
	const own = instance.client(made.registration_access_token);
	(await own.put(`/oauth/register/${made.client_id}`, { ...made })).ok(200);
	await own.delete(`/oauth/register/${made.client_id}`);
	const changed = `changed ${random(12)}`;
	(await browser.submit('/settings/security', '/settings/security/password',
		{ password: person.password, new_password: changed })).redirect();
	secrets['new password'] = changed;
});

// The signature of a JWT, the last part of anything else: what is secret.
const core = (secret) => secret.split('.').at(-1).slice(-24);

function assertNone(text, where) {
	for (const [name, secret] of Object.entries(secrets)) {
		assert.ok(secret, name);
		assert.equal(text.includes(core(secret)), false,
			`${where} shows the ${name}`);
	}
}

describe('a client secret', () => {
	test('is shown once: not when the page is opened again', async () => {
		assert.ok(app.page.text.includes(app.secret));
		for (const path of [`/settings/oauth-apps/${app.id}`,
			'/settings/oauth-apps', `/admin/oauth-clients/${app.id}`,
			'/admin/oauth-clients', `/admin/oauth-clients/${service.id}`]) {
			const page = await browser.get(path);
			assert.equal(page.status, 200, `${path}: ${page.words}`);
			assertNone(page.text, path);
		}
	});
	test('the page shows to the minute whether a former one is in use',
		async () => {
			const one = await App.register(instance, browser, {});
			const path = `/settings/oauth-apps/${one.id}`;
			(await browser.submit(path, `${path}/secret`,
				{ overlap: '3600' })).redirect();
			const former = async () => /Former secret.*?, last used (.*?),/
				.exec((await browser.get(path)).words)[1].trim();
			assert.equal(await former(), 'never');
			for (const use of ['introspect', 'revoke']) {
				await one[use]('x');
				assert.equal(await former(), 'just now', use);
				await instance.psql(`UPDATE oauth.secret
					SET used_at = now() - interval '7 minutes'
					WHERE client = '${one.id}'`);
				assert.equal(await former(), '7 minutes ago');
				await one[use]('x');
				assert.equal(await former(), 'just now', use);
				await instance.psql(`UPDATE oauth.secret SET used_at = NULL
					WHERE client = '${one.id}'`);
			}
		});
	test('a new one ends the old one, or overlaps with it', async () => {
		const one = await App.register(instance, browser,
			{ scope: ['openid', 'stores:read'] });
		const path = `/settings/oauth-apps/${one.id}`;
		const renew = async (overlap) => {
			const shown = (await browser.submit(path, `${path}/secret`,
				{ overlap })).redirect();
			const page = await browser.get(shown);
			const secret = /<output id="secret"[^>]*>(gcs_[^<]+)</
				.exec(page.text)?.[1];
			assert.ok(secret, page.words);
			return secret;
		};
		const overlapping = await renew('3600');
		oauthError(await one.refresh('x'), 400, 'invalid_grant');
		oauthError(await one.as({ secret: overlapping }).refresh('x'), 400,
			'invalid_grant');
		const last = await renew('0');
		for (const secret of [one.secret, overlapping])
			oauthError(await one.as({ secret }).refresh('x'), 401,
				'invalid_client');
		oauthError(await one.as({ secret: last }).refresh('x'), 400,
			'invalid_grant');
	});
});

test('no page and no answer shows any of it again', async () => {
	for (const path of ['/settings', '/settings/connections',
		'/settings/security', '/admin', `/admin/organizations/${org.id}/audit`, '/admin/oauth-clients',
		`/admin/oauth-clients/${app.id}`]) {
		const page = await browser.get(path);
		assert.equal(page.status, 200, `${path} ${page.location}`);
		assertNone(page.text, path);
	}
	for (const path of ['/v1/tokens', '/v1/organization'])
		assertNone((await org.api.get(path)).text, path);
});

test('no log shows it', () => {
	assertNone(instance.log(), 'the log of grantd');
	assertNone(readFileSync(join(instance.dir, 'journal'), 'latin1'),
		'the journal');
});

test('the audit does not', async () => {
	const rows = await instance.psql('SELECT to_json(e) FROM audit.event e');
	assert.ok(rows.length > 10);
	assertNone(rows.join('\n'), 'the audit');
});

test('the database never sees it, not even as a parameter', async () => {
	const log = readFileSync(instance.cluster.log(), 'latin1');
	assert.match(log, /gate\.enter/);
	// a verifier is hashed in the database: it is no secret once it was used
	delete secrets.verifier;
	assertNone(log, 'the log of PostgreSQL');
	const dump = await run('pg_dump', ['--inserts'],
		{ env: instance.cluster.env(instance.database) });
	assert.ok(dump.includes(app.id));
	assertNone(dump, 'the database');
});
