// A transaction, as the superuser, that has done something and waits: what it
// locked stays so until the test says, however slow the machine is.

import { spawn } from 'node:child_process';

// Until so many of whom that is true wait, or nobody does.
const until = (n, which) => `DO $$ BEGIN
	WHILE (SELECT count(*) FROM pg_locks WHERE NOT granted AND ${which})
	    ${n > 0 ? '<' : '>'} ${Number(n)}
	LOOP
		PERFORM pg_sleep(0.01);
	END LOOP;
END $$`;

export class Held {
	#said = '';
	#out = '';
	#wake = () => {};

	constructor(env) {
		this.psql = spawn('psql', ['-XAtq', '-v', 'ON_ERROR_STOP=1'], { env });
		this.psql.stderr.on('data', (data) => {
			this.#said += data;
		});
		this.psql.stdout.on('data', (data) => {
			this.#out += data;
			this.#wake();
		});
		// why it ended is told by its end
		this.psql.stdin.on('error', () => {});
		this.ended = new Promise((resolve, reject) => {
			this.psql.once('error', reject);
			this.psql.once('close', (code) => code === 0 ? resolve() :
				reject(new Error(`psql: ${code}\n${this.#said}`)));
		});
		this.ended.catch(() => {});
	}

	// Calls meanwhile(held) in between; commits when it did not.
	static async during(env, sql, meanwhile) {
		const held = new Held(env);
		try {
			held.pid = (await held.run(`BEGIN;
				SET LOCAL statement_timeout = '30s';
				SELECT pg_backend_pid()`)).trim();
			await held.run(sql);
			await meanwhile(held);
			await held.end();
		} finally {
			held.psql.kill();
		}
	}

	// What it printed.
	async run(sql) {
		this.psql.stdin.write(`${sql};\n\\echo done\n`);
		await Promise.race([this.ended, new Promise((resolve) => {
			this.#wake = () => {
				if (/^done$/m.test(this.#out))
					resolve();
			};
		})]);
		const printed = this.#out.replace(/^done\n$/m, '');
		this.#out = '';
		return printed;
	}

	// Until so many wait for it, or nobody does.
	blocks(n = 1) {
		return this.run(until(n,
			'pg_backend_pid() = ANY (pg_blocking_pids(pid))'));
	}

	// Until the other one waits for somebody.
	awaits(other) {
		return this.run(until(1, `pid = ${other.pid}`));
	}

	end() {
		if (!this.psql.stdin.writableEnded)
			this.psql.stdin.end('COMMIT;\n');
		return this.ended;
	}
}
