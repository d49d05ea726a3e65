// Load: clients that mint tokens of one integration over and over, keep what
// they were given, and count what they were not.

import { setTimeout as sleep } from 'node:timers/promises';
import { claims, unique } from './api.mjs';

export class Load {
	#stopped = false;
	#clients = [];

	constructor(instance, api, path) {
		this.instance = instance;
		this.api = api;
		this.path = path;
		this.tokens = [];
		this.failed = 0;
		this.strange = [];
	}

	static async of(instance) {
		const org = await instance.organization();
		const account = await org.api.account({ name: unique('load') });
		const { integration } = await org.api.integration(account.id,
			'ticketing_mock_ticketing');
		const load = new Load(instance, org.api,
			`/v1/tokens/${account.id}/${integration.id}`);
		load.org = org;
		return load;
	}

	start(clients = 8) {
		for (let i = 0; i < clients; i++)
			this.#clients.push(this.#run());
		return this;
	}

	async #run() {
		while (!this.#stopped)
			if (!await this.one())
				await sleep(20);
	}

	// One request.  A failure must be a broken connection or a 503 or 504.
	async one() {
		let answer;
		try {
			answer = await this.api.post(this.path, { token_ttl: '1h' });
		} catch {
			this.failed++;
			return false;
		}
		if (answer.status === 200 || answer.status === 201) {
			this.tokens.push(answer.result.secret);
			return true;
		}
		this.failed++;
		if (answer.status !== 503 && answer.status !== 504)
			this.strange.push(`${answer.status}: ${answer.text}`);
		return false;
	}

	// Waits until n more tokens were given.
	async more(n, ms = 30000) {
		const want = this.tokens.length + n;
		const deadline = Date.now() + ms;
		while (this.tokens.length < want) {
			if (Date.now() > deadline)
				throw new Error(`only ${n - want + this.tokens.length} of ` +
					`${n} tokens within ${ms} ms, ${this.failed} failed`);
			await sleep(10);
		}
	}

	async stop() {
		this.#stopped = true;
		await Promise.all(this.#clients);
	}

	get ids() {
		return this.tokens.map((token) => claims(token).jti);
	}

	// How many of the tokens do not open their door.
	async dead() {
		let dead = 0;
		const queue = [...this.tokens];
		await Promise.all(Array.from({ length: 16 }, async () => {
			for (let token; (token = queue.pop()) !== undefined;) {
				const answer = await this.api.as(token)
					.get('/v1/ticketing/projects?limit=1');
				if (answer.status !== 200)
					dead++;
			}
		}));
		return dead;
	}
}
