// Clients in the hands of administrators: those of an organization and those
// of the root, who run the whole server.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Person } from '../lib/people.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { eventually } from '../lib/instance.mjs';
import { App, stage } from '../lib/oauth.mjs';

const instance = await sharedInstance();
const clients = '/admin/oauth-clients';
let org, boss, chief, app, browser;

before(async () => {
	({ org, app, browser } = await stage(instance, { origin: 'admin' }));
	boss = await (await Person.make(instance, { organization: org.name,
		role: 'administrator', name: 'Bea Boss' })).signIn();
	chief = await (await Person.make(instance, { role: 'administrator',
		name: 'Chris Chief' })).signIn();
});

async function page(who) {
	const answer = await who.get(`${clients}/${app.id}`);
	assert.equal(answer.status, 200, answer.words);
	return answer;
}
// with the token of the page's own forms, whether it shows this one or not
const send = async (who, what) => who.post(`${clients}/${app.id}/${what}`,
	{ csrf: /name="csrf" value="([^"]+)"/.exec((await page(who)).text)[1] });
const offers = async (who, what) => (await page(who)).forms.some(
	({ action }) => action === `${clients}/${app.id}/${what}`);
const asked = async () => (await browser.get(app.path())).status === 200;
const alive = async (token) => (await app.introspect(token)).ok(200)
	.json.active;

test('an organization does not resume what the root suspended', async () => {
	const { access_token: token } = await app.tokens(browser);
	assert.match((await send(chief, 'suspend')).redirect(),
		/client_suspended/);
	assert.equal((await app.introspect(token)).status, 401);

	assert.equal(await offers(boss, 'resume'), false);
	assert.match((await page(boss)).words, new RegExp('Suspended just now by '
		+ 'an administrator of the root organization Created'));
	assert.match((await page(boss)).words,
		/only administrators of the root organization resume it/);
	assert.doesNotMatch((await page(boss)).text, /Chris Chief/);
	const refused = await send(boss, 'resume');
	assert.equal(refused.status, 403);
	assert.match(refused.words,
		/An administrator of the root organization suspended this client/);
	assert.match((await page(boss)).text, /badge warn">suspended/);
	const [[status, code]] = await instance.psql(`SELECT status, code
		FROM audit.event WHERE operation = 'client_admin.resume'
		AND organization = '${org.id}' AND outcome = 'refused'`);
	assert.deepEqual([Number(status), code], [403, 'root_required']);

	assert.match((await page(chief)).words, new RegExp('Suspended just now by '
		+ 'Chris Chief \\(\\S+\\), an administrator of the root organization '
		+ 'Created'));
	assert.match((await send(chief, 'resume')).redirect(), /client_resumed/);
	assert.equal(await alive(token), true);
	assert.doesNotMatch((await page(boss)).words, /Suspended/);
});

test('it resumes what it suspended itself', async () => {
	assert.match((await send(boss, 'suspend')).redirect(), /client_suspended/);
	assert.match((await page(boss)).words,
		/Suspended just now by Bea Boss \(\S+\) Created/);
	assert.match((await send(boss, 'resume')).redirect(), /client_resumed/);
	assert.equal(await offers(chief, 'suspend'), true);
});

test('unless the root takes the suspension over', async () => {
	assert.match((await send(boss, 'suspend')).redirect(), /client_suspended/);
	assert.equal(await offers(boss, 'suspend'), false);
	assert.equal(await offers(chief, 'suspend'), true);
	assert.match((await page(chief)).words, /Suspend it for the whole server/);
	assert.match((await send(chief, 'suspend')).redirect(),
		/client_suspended/);
	assert.equal(await offers(chief, 'suspend'), false);
	assert.equal(await offers(boss, 'resume'), false);
	assert.match((await send(chief, 'resume')).redirect(), /client_resumed/);
});

test('its owner reads who suspended it', async () => {
	const own = `/settings/oauth-apps/${app.id}`;
	assert.doesNotMatch((await browser.get(own)).words, /suspended/i);
	for (const [who, by, help] of [
		[boss, 'Bea Boss \\(\\S+\\)', 'Ask an administrator of your'],
		[chief, 'an administrator of the root organization',
			'Only those who run this server']]) {
		assert.match((await send(who, 'suspend')).redirect(),
			/client_suspended/);
		const { words } = await browser.get(own);
		assert.match(words, new RegExp(`Suspended just now by ${by} Kind`));
		assert.match(words, new RegExp(`it gets no tokens.*${help}`));
		assert.doesNotMatch(words, /Chris Chief/);
		assert.match((await send(chief, 'resume')).redirect(),
			/client_resumed/);
	}
});

test('what was suspended in the database says so', async () => {
	await instance.psql(`UPDATE oauth.client SET status = 'suspended'
		WHERE id = '${app.id}'`);
	assert.match((await page(boss)).words, new RegExp(
		'Suspended by those who run this server, in its database Created'));
	assert.equal(await offers(boss, 'resume'), false);
	assert.match((await send(chief, 'resume')).redirect(), /client_resumed/);
});

test('tokens of a service are counted', async () => {
	const service = await App.make(instance, { organization: org.id,
		origin: 'admin', grants: ['client_credentials'],
		scopes: ['stores:read'] });
	const shown = async (who = boss) => Number(/Tokens alive (\d+)/.exec(
		(await who.get(`${clients}/${service.id}`)).words)[1]);
	const make = async () => (await service.credentials()).ok(200)
		.json.access_token;
	const event = (at, count = 1) => instance.psql(`INSERT INTO audit.event
		(organization, actor_kind, operation, target_kind, target, outcome,
		status, at) SELECT organization, 'confidential',
		'token.client_credentials', 'token', family::text, 'success', 200,
		${at} FROM oauth.client, generate_series(1, ${count})
		WHERE id = '${service.id}'`);
	assert.equal(await shown(), 0);
	await event(`now() - interval '1 day'`);
	assert.equal(await shown(), 0, 'that of yesterday is over');
	const [first] = [await make(), await make(), await make()];
	assert.deepEqual([await shown(), await shown(chief)], [3, 3]);
	(await service.revoke(first)).ok(200);
	assert.equal(await shown(), 2);
	assert.match((await boss.submit(`${clients}/${service.id}`,
		`${clients}/${service.id}/revoke`)).redirect(), /tokens_revoked/);
	assert.equal(await shown(), 0);
	await make();
	assert.equal(await shown(), 1);
	await event('now()', 1000);
	assert.match((await boss.get(`${clients}/${service.id}`)).words,
		/Tokens alive 1000 or more What/);
	await instance.psql(`UPDATE oauth.client SET epoch = epoch + 1
		WHERE id = '${service.id}'`);
	assert.equal(await shown(), 0, 'revoked by one statement in psql');
});

test('a client that very many let in is revoked at once', async () => {
	const live = async () => Number((await instance.psql(`SELECT count(*)
		FROM oauth.connection WHERE client = '${app.id}'
		AND ended_at IS NULL`))[0][0]);
	const people = async () => /People (\d+)( or more)? Tokens alive (\d+)/
		.exec((await page(boss)).words).slice(1);
	const { access_token: token, refresh_token: refresh } =
		await app.tokens(browser);
	assert.equal(await asked(), false);
	await instance.psql(`SET session_replication_role = replica;
		INSERT INTO oauth.connection (id, person, client, organization, scopes,
		audience) SELECT gen_random_uuid(), gen_random_uuid(), '${app.id}',
		'${org.id}', '{stores:read}', 1 FROM generate_series(1, 10100)`);
	assert.deepEqual((await people()).slice(0, 2), ['1000', ' or more']);
	assert.match((await boss.submit(`${clients}/${app.id}`,
		`${clients}/${app.id}/revoke`)).redirect(), /tokens_revoked/);
	assert.equal(await live(), 101, 'the others are marked later');
	// as if that of this person were one of them
	await instance.psql(`UPDATE oauth.connection SET ended_at = NULL
		WHERE client = '${app.id}' AND person = '${browser.person.id}'`);
	assert.deepEqual(await people(), ['0', undefined, '0']);
	assert.equal(await alive(token), false);
	assert.equal((await app.refresh(refresh)).status, 400);
	assert.doesNotMatch((await browser.get('/settings/connections')).words,
		new RegExp(app.name));
	assert.equal(await asked(), true);
	const { access_token: fresh } = await app.tokens(browser);
	assert.equal(await asked(), false);
	assert.deepEqual(await people(), ['1', undefined, '1']);

	await eventually(async () => {
		await instance.psql('SELECT gate.maintain()');
		return await live() === 1;
	}, 10000, 'the others are marked');
	const after = async () => (await instance.psql(`SELECT connected_after
		FROM oauth.client WHERE id = '${app.id}'`))[0][0];
	await instance.psql('SELECT gate.maintain()');
	assert.notEqual(await after(), '-infinity', 'who began before may not end');
	await instance.psql(`UPDATE oauth.client SET connected_after =
		connected_after - interval '1 minute' WHERE id = '${app.id}'`);
	await eventually(async () => {
		await instance.psql('SELECT gate.maintain()');
		return await after() === '-infinity';
	}, 10000, 'nothing is left to mark');
	assert.equal(await alive(fresh), true);
	assert.equal(await asked(), false);
});

test('a client revoked while nothing seems left to mark', async () => {
	await instance.psql(`UPDATE oauth.client SET connected_after =
		created_at - interval '1 day' WHERE id = '${app.id}'`);
	// what revocation leaves where there are too many to end at once
	await instance.hold(`UPDATE oauth.client SET connected_after =
		clock_timestamp() WHERE id = '${app.id}'`, async (held) => {
		const maintained = instance.psql('SELECT gate.maintain_revoked()');
		await held.blocks();
		await held.end();
		await maintained;
	});
	assert.equal(await asked(), true);
});

const revoke = async () => assert.match((await boss.submit(
	`${clients}/${app.id}`, `${clients}/${app.id}/revoke`)).redirect(),
/tokens_revoked/);

for (const [what, ask] of Object.entries({ 'what was allowed before': {},
	'a decision': { prompt: 'consent' } }))
	test(`${what} gives nothing when a revocation overtakes it`, async () => {
		await app.tokens(browser);
		let code;
		// The code waits for the membership, after the request was checked;
		// not for long, so who revokes is there before.
		await instance.hold('SELECT', (revoker) => instance.hold(`SELECT
			FROM core.member WHERE person = '${browser.person.id}'
			FOR UPDATE`, async (held) => {
			code = app.code(browser, ask);
			await held.blocks();
			await revoker.run(`SELECT gate.client_revoke('${app.id}', NULL,
				'client was revoked')`);
			await revoker.end();
		}));
		const answer = await app.redeem(await code);
		assert.equal(answer.status, 400, answer.text);
		assert.equal(answer.json.error, 'invalid_grant');
		assert.equal(await asked(), true);
	});

test('a connection that is in use does not hold a revocation up', async () => {
	const { access_token: token } = await app.tokens(browser);
	await instance.hold(`SELECT FROM oauth.connection
		WHERE client = '${app.id}' FOR UPDATE`, revoke);
	assert.equal(await alive(token), false);
	assert.equal(await asked(), true);
});
