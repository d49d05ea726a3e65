// OAuth clients as the attacks need them: registered straight in the
// database (no page lies between), and every step of a flow by hand.

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Answer, unique } from './api.mjs';
import { filled } from './browser.mjs';
import { Person } from './people.mjs';

export const sha256 = (text) => createHash('sha256').update(text).digest();
export const random = (bytes = 32) => randomBytes(bytes).toString('base64url');

export function pkce() {
	const verifier = random();
	return { verifier, challenge: sha256(verifier).toString('base64url') };
}

const quote = (text) => `'${text.replaceAll("'", "''")}'`;
const array = (list) => `ARRAY[${list.map(quote).join(',')}]::text[]`;

// What every OAuth answer that is not a success looks like.
export function oauthError(answer, status, error) {
	assert.equal(answer.status, status, answer.text);
	assert.match(answer.headers.get('content-type') ?? '',
		/^application\/json\b/);
	assert.equal(answer.headers.get('cache-control'), 'no-store');
	assert.deepEqual(Object.keys(answer.json).sort(),
		['error', 'error_description'], answer.text);
	if (error instanceof RegExp)
		assert.match(answer.json.error, error, answer.text);
	else
		assert.equal(answer.json.error, error, answer.text);
	assert.match(answer.json.error_description, /^[ !#-[\]-~]+$/);
	assert.doesNotMatch(answer.text, /SELECT|SQLSTATE|pg_|\.c:\d/);
	return answer.json;
}

export const appScopes = ['stores:read', 'customers:read', 'orders:read',
	'products:read', 'segments:read', 'segments:write'];
export const identityScopes = ['openid', 'profile', 'email',
	'offline_access'];

export class App {
	constructor(instance, facts) {
		this.instance = instance;
		Object.assign(this, facts);
	}

	// A client as a page would have made it.
	static async make(instance, { organization, owner,
		origin = 'user', method = 'client_secret_basic',
		name = unique('App'), redirects = ['https://app.example.com/callback'],
		logouts = [], scopes = [...identityScopes, ...appScopes],
		required = [], grants = ['authorization_code', 'refresh_token'],
		pkceRequired = true, firstParty = false, jwks } = {}) {
		const id = `gc_${random(18)}`;
		const secret = method.startsWith('client_secret') ?
			`gcs_${random()}` : undefined;
		await instance.psql(`INSERT INTO oauth.client (id, organization,
			owner, origin, auth_method, name, redirect_uris, logout_uris,
			scopes, required_scopes, grant_types, pkce_required, first_party,
			jwks) VALUES (${quote(id)},
			${organization ? quote(organization) : 'NULL'},
			${owner ? quote(owner) : 'NULL'}, ${quote(origin)},
			${quote(method)}, ${quote(name)}, ${array(redirects)},
			${array(logouts)}, ${array(scopes)}, ${array(required)},
			${array(grants)}, ${pkceRequired}, ${firstParty},
			${jwks ? quote(JSON.stringify(jwks)) : 'NULL'})`);
		const app = new App(instance, { id, secret, method, name,
			redirect: redirects[0], scopes });
		if (secret)
			await app.addSecret(secret);
		if (grants.includes('client_credentials'))
			await app.#family(organization);
		return app;
	}

	// The family that tokens of a client itself belong to.
	#family(organization) {
		return this.instance.psql(`WITH f AS (INSERT INTO token.family
			(organization, id, kind, token_type, name, fullname, scopes,
			token_ttl, access_expires_at, expires_at, client, client_epoch,
			audience) SELECT ${quote(organization)}, u, 'client',
			'logon', u::text, u::text, array(SELECT unnest(c.scopes)
			EXCEPT SELECT unnest(${array(identityScopes)})), 3600, 'infinity',
			'infinity', c.id, c.epoch, 12
			FROM oauth.client c, gen_random_uuid() u
			WHERE c.id = ${quote(this.id)} RETURNING id)
			UPDATE oauth.client SET family = f.id FROM f
			WHERE client.id = ${quote(this.id)}`);
	}

	addSecret(secret, expires = 'NULL') {
		return this.instance.psql(`INSERT INTO oauth.secret (client, id, hash,
			expires_at) VALUES (${quote(this.id)}, gen_random_uuid(),
			'\\x${sha256(secret).toString('hex')}', ${expires})`);
	}

	// A client registered by a person on a page, as people do; `path` is that
	// of the form, for an administrator another one.  The page that shows
	// the secret is kept in `page`.
	static async register(instance, browser, fields,
		path = '/settings/oauth-apps') {
		const answer = await browser.submit(`${path}/new`, path, {
			name: unique('Page App'), redirect_uris:
				'https://app.example.com/callback', ...fields });
		const shown = answer.redirect();
		const id = /\/(gc_[A-Za-z0-9_-]+)/.exec(shown)?.[1];
		const page = await browser.get(shown);
		assert.ok(id, `not registered: ${shown} ${page.words}`);
		const secret = /<output id="secret"[^>]*>(gcs_[^<]+)</
			.exec(page.text)?.[1];
		return new App(instance, { id, secret, page,
			method: secret ? 'client_secret_basic' : 'none',
			redirect: (fields.redirect_uris ??
				'https://app.example.com/callback').split(/\s/)[0] });
	}

	// One that the server vouches for: the root's administrators made it.
	static async trusted(instance, facts = {}) {
		const root = (await instance.psql(`SELECT id FROM core.organization
			WHERE organization_type = 'root'`))[0]?.[0] ??
			(await Person.make(instance)).organization.id;
		return App.make(instance,
			{ organization: root, origin: 'admin', ...facts });
	}

	as(facts) {
		return new App(this.instance, { ...this, ...facts });
	}

	// --- front channel ----------------------------------------------

	// Path of an authorization request; undefined values leave one out,
	// arrays repeat it.
	path(params = {}) {
		const all = { response_type: 'code', client_id: this.id,
			redirect_uri: this.redirect, scope: 'stores:read',
			state: 'state-1', code_challenge: pkce().challenge,
			code_challenge_method: 'S256', ...params };
		const query = new URLSearchParams();
		for (const [name, value] of Object.entries(all))
			for (const one of [value ?? []].flat())
				query.append(name, one);
		return `/oauth/authorize?${query}`;
	}

	// Opens the request; a consent page is answered by `decide`.  Returns
	// the last answer.
	async ask(browser, params = {}, decide = {}) {
		const page = await browser.get(this.path(params));
		if (page.status !== 200)
			return page;
		return this.decide(browser, page, decide);
	}

	// Sends the consent form: all boxes ticked unless `grant` names some.
	decide(browser, page, { decision = 'allow', grant, organization,
		change } = {}) {
		const form = page.form('/oauth/authorize');
		const body = filled(form);
		if (!grant)
			grant = form.fields.filter(({ name }) => name === 'grant')
				.map(({ value }) => value);
		body.delete('grant');
		for (const scope of grant)
			body.append('grant', scope);
		body.set('decision', decision);
		if (organization)
			body.set('organization', organization);
		change?.(body);
		return browser.post('/oauth/authorize', body);
	}

	// Parameters of the redirect to the app.
	landed(answer, redirect = this.redirect) {
		const location = answer.redirect();
		assert.ok(location.startsWith(redirect), location);
		const got = Object.fromEntries(new URL(location).searchParams);
		assert.equal(got.iss, this.instance.issuer, location);
		// RFC 6749 4.1.2.1
		assert.match(got.error_description ?? '-', /^[ !#-[\]-~]+$/);
		return got;
	}

	// A fresh code with what redeems it.
	async code(browser, params = {}, decide = {}) {
		const { verifier, challenge } = pkce();
		const answer = await this.ask(browser,
			{ code_challenge: challenge, ...params }, decide);
		const got = this.landed(answer, params.redirect_uri ?? this.redirect);
		assert.match(got.code ?? '', /^gac_/, JSON.stringify(got));
		return { code: got.code, state: got.state, verifier,
			redirect: params.redirect_uri ?? this.redirect };
	}

	// Code and redemption: the tokens.
	async tokens(browser, params = {}, decide = {}) {
		return (await this.redeem(await this.code(browser, params, decide)))
			.ok(200).json;
	}

	// --- back channel -----------------------------------------------

	async send(path, fields, headers = {}) {
		const body = new URLSearchParams();
		for (const [name, value] of Object.entries(fields))
			for (const one of [value ?? []].flat())
				body.append(name, one);
		const reply = await fetch(this.instance.base + path,
			{ method: 'POST', body, redirect: 'manual', headers });
		return new Answer(reply.status, reply.headers, await reply.text());
	}

	get basic() {
		const pair = [this.id, this.secret]
			.map((half) => encodeURIComponent(half)).join(':');
		return `Basic ${Buffer.from(pair).toString('base64')}`;
	}

	// As this client is registered, unless `headers` or fields say more.
	call(path, fields) {
		if (this.method === 'client_secret_basic')
			return this.send(path, fields, { authorization: this.basic });
		return this.send(path, { client_id: this.id,
			client_secret: this.secret, ...fields });
	}

	token(fields) {
		return this.call('/oauth/token', fields);
	}

	redeem({ code, verifier, redirect }, more = {}) {
		return this.token({ grant_type: 'authorization_code', code,
			redirect_uri: redirect, code_verifier: verifier, ...more });
	}

	refresh(secret, more = {}) {
		return this.token({ grant_type: 'refresh_token',
			refresh_token: secret, ...more });
	}

	credentials(more = {}) {
		return this.token({ grant_type: 'client_credentials', ...more });
	}

	revoke(token, more = {}) {
		return this.call('/oauth/revoke', { token, ...more });
	}

	introspect(token, more = {}) {
		return this.call('/oauth/introspect', { token, ...more });
	}

	userinfo(token) {
		return this.instance.client(token).get('/oauth/userinfo');
	}

	// Whether the token opens the door that every person has.
	async alive(token) {
		const answer = await this.userinfo(token);
		if (answer.status === 200 || answer.status === 403)
			return true;
		assert.equal(answer.status, 401, answer.text);
		return false;
	}
}

// An organization with a member who is signed in, and an app of it.
export async function stage(instance, app = {}, person = {}) {
	const org = await instance.organization();
	const one = await Person.make(instance,
		{ organization: org.name, ...person });
	const browser = await one.signIn();
	return { org, person: one, browser, app: await App.make(instance,
		{ organization: org.id, owner: one.id, ...app }) };
}
