// An organization with people, apps that they let in and tokens, as many as
// one likes, written straight into the database: what the provider's figures
// are measured on.  The tokens are no JWTs that anybody signed; for a lookup
// by hash that makes no difference.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, sha256 } from '../lib/oauth.mjs';
import { say } from './measure.mjs';

const scopes = ['openid', 'offline_access', 'orders:read'];
const chunk = 20000;		// families that one statement makes
const each = 10;		// tokens of a family
const ids = (letter, number) => `md5('${letter}' || ${number})::uuid`;
const text = `'bench.' || lib.base64url(convert_to('{"exp":' || x.exp
	|| ',"n":' || x.i || ',"k":' || x.k || '}', 'UTF8')) || '.x'`;

export class Stock {
	// people and apps: of the stock at its largest
	static async make(grantd, people, apps) {
		const stock = new Stock();
		Object.assign(stock, { grantd, people, apps, families: 0,
			org: await grantd.organization() });
		const { id } = stock.org;
		const facts = { organization: id, origin: 'admin', scopes };
		stock.service = await App.make(grantd, { ...facts,
			grants: ['client_credentials'] });
		stock.web = await App.make(grantd, facts);
		stock.end = Math.floor(Date.now() / 1000) + 3600;
		await stock.sql(`WITH r AS (SELECT id FROM core.role
				WHERE organization = '${id}' AND name = 'member'), p AS (
			INSERT INTO core.person (id, email, fullname)
			SELECT ${ids('p', 'i')}, 'p' || i || '@example.com', 'Pat ' || i
			FROM generate_series(0, ${people - 1}) i RETURNING id), m AS (
			INSERT INTO core.member (organization, person)
			SELECT '${id}', id FROM p)
			INSERT INTO core.member_role (organization, person, role)
			SELECT '${id}', p.id, r.id FROM p, r`);
		await stock.sql(`INSERT INTO oauth.client (id, organization, origin,
			auth_method, name, scopes)
			SELECT 'gc_benchbenchbench' || i, '${id}', 'admin',
			'client_secret_basic', 'App ' || i, '{${scopes}}'
			FROM generate_series(0, ${apps - 1}) i`);
		await stock.sql(`INSERT INTO oauth.connection (id, person, client,
			organization, scopes, audience)
			SELECT ${ids('w', 'i')}, ${ids('p', 'i')}, '${stock.web.id}',
			'${id}', '{${scopes}}', 12
			FROM generate_series(0, ${people - 1}) i`);
		return stock;
	}

	// As the superuser, without the checks of foreign keys.
	sql(words) {
		return this.grantd.psql(
			`SET session_replication_role = replica; ${words}`);
	}

	file(name, lines) {
		const path = join(this.grantd.dir, name);
		writeFileSync(path, lines.join('\n'), { mode: 0o644 });
		return path;
	}

	get basic() {
		return ['-H', `Authorization: ${this.web.basic}`];
	}

	// Brings the families (each with its connection) to this many, with
	// ten tokens each, which end in the next twenty hours.
	async grow(families) {
		for (; this.families < families; this.families += 2 * chunk) {
			const first = this.families;
			const middle = Math.min(first + chunk, families);
			const end = Math.min(middle + chunk, families);
			await Promise.all([this.#add(first, middle),
				this.#add(middle, end)]);
			if (Math.floor(end / 1e5) > Math.floor(first / 1e5))
				say(`${end} of ${families} families, ${end * each} tokens`);
		}
		this.families = families;
	}

	#add(first, end) {
		const { id } = this.org;
		const range = `generate_series(${first}, ${end - 1}) i`;
		return this.sql(`INSERT INTO oauth.connection (id, person, client,
			organization, scopes, audience)
			SELECT ${ids('c', 'i')}, ${ids('p', `i % ${this.people}`)},
			'gc_benchbenchbench' || i / ${this.people}, '${id}',
			'{${scopes}}', 12 FROM ${range};
			INSERT INTO token.family (organization, id, kind,
			token_type, name, fullname, scopes, token_ttl, seed_key,
			seed, refresh_hash, access_expires_at, expires_at, person,
			client, client_epoch, connection, audience)
			SELECT '${id}', f, 'user', 'logon', f::text, f::text,
			'{${scopes}}', 3600, 1, '\\x00', sha256(decode(md5(i::text),
			'hex')), now() + interval '1 day', now() + interval '90 days',
			${ids('p', `i % ${this.people}`)},
			'gc_benchbenchbench' || i / ${this.people}, 1,
			${ids('c', 'i')}, 12
			FROM (SELECT i, ${ids('f', 'i')} AS f FROM ${range}) x;
			INSERT INTO token.access_token (slot, hash, expires_at,
			organization, family, epoch, generation, jti)
			SELECT token.slot(x.exp), sha256(convert_to(${text}, 'UTF8')),
			to_timestamp(x.exp), '${id}', ${ids('f', 'x.i')}, 1, 1,
			gen_random_uuid()
			FROM (SELECT i, k, ${this.end}::int8 + k * 7200 AS exp
			FROM ${range}, generate_series(0, ${each - 1}) k) x
			ORDER BY 1`);
	}

	// Forms that ask for tokens anywhere in the stock.
	async lookups(count) {
		const rows = await this.grantd.psql(`SELECT ${text} FROM (
			SELECT n, (random() * ${this.families - 1})::int4 AS i, n % ${each}
			AS k, ${this.end}::int8 + n % ${each} * 7200 AS exp
			FROM generate_series(1, ${count}) n) x`);
		return this.file('lookups', rows.map(([t]) => `token=${t}`));
	}

	// Forms that redeem codes; each is good for once.
	async codes(count) {
		const verifier = 'v'.repeat(43);
		const batch = Math.random().toString(36).slice(2);
		const code = `'gac_' || lib.base64url(sha256(convert_to('${batch}'
			|| i, 'UTF8')))`;
		await this.sql(`TRUNCATE oauth.code;
			INSERT INTO oauth.code (hash, client, client_epoch, person,
			organization, connection, session, redirect_uri, redirect_sent,
			challenge, scopes, audience, auth_time, expires_at)
			SELECT sha256(convert_to(${code}, 'UTF8')), '${this.web.id}', 1,
			${ids('p', `i % ${this.people}`)}, '${this.org.id}',
			${ids('w', `i % ${this.people}`)}, gen_random_uuid(),
			'${this.web.redirect}', false,
			'${sha256(verifier).toString('base64url')}',
			'{${scopes.slice(1)}}', 12, now(), now() + interval '1 hour'
			FROM generate_series(1, ${count}) i`);
		const rows = await this.grantd.psql(`SELECT ${code}
			FROM generate_series(1, ${count}) i`);
		return this.file('codes', rows.map(([c]) =>
			`grant_type=authorization_code&code=${c}&code_verifier=${verifier}`));
	}

	// Forms that refresh, each a family of its own, got by redeeming codes.
	async refreshes(count) {
		const forms = readFileSync(await this.codes(count), 'utf8');
		const lines = [];
		for (const body of forms.split('\n')) {
			const reply = await fetch(`${this.grantd.base}/oauth/token`,
				{ method: 'POST', body: new URLSearchParams(body),
					headers: { authorization: this.web.basic } });
			const { refresh_token: secret } = await reply.json();
			if (!secret)
				throw new Error(`a code gave no refresh token: ${reply.status}`);
			lines.push(`grant_type=refresh_token&refresh_token=${secret}`);
		}
		return this.file('refreshes', lines);
	}

	// Families of the app for rotate.c, new.
	async rotations(count) {
		const rows = await this.sql(`INSERT INTO token.family (organization,
			id, kind, token_type, name, fullname, scopes, token_ttl, seed_key,
			seed, refresh_hash, access_expires_at, expires_at, person, client,
			client_epoch, connection, audience)
			SELECT '${this.org.id}', f, 'user', 'logon', f::text, f::text,
			'{${scopes}}', 3600, 1, '\\x00', sha256('x'), now() + interval
			'1 day', now() + interval '90 days', ${ids('p', 'i')},
			'${this.web.id}', 1, ${ids('w', 'i')}, 12
			FROM (SELECT i, gen_random_uuid() AS f
			FROM generate_series(0, ${count - 1}) i) x RETURNING id`);
		return this.file('rotations', rows.map(([id]) => id));
	}
}
