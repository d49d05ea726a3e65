// The signer's journal: its hash chain, checked, and its records.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// [{ sequence, time, event, jti?, ... }], oldest first.  A line that a crash
// tore is followed by a "torn" record that disowns it.
export function readJournal(instance) {
	const lines = readFileSync(join(instance.dir, 'journal'), 'latin1')
		.split('\n');
	assert.equal(lines.pop(), '', 'the journal ends with a whole line');
	const records = [];
	let last = '0'.repeat(64);
	let torn = false;
	for (const [i, line] of lines.entries()) {
		const hash = line.slice(0, 64);
		const rest = line.slice(65);
		const want = createHash('sha256').update(`${last} ${rest}`, 'latin1')
			.digest('hex');
		if (hash !== want && !torn) {
			torn = line;
			continue;
		}
		assert.equal(hash, want, `journal line ${i + 1}: ${line}`);
		last = hash;
		const [sequence, time, event, ...words] = rest.split(' ');
		assert.equal(event === 'torn', torn !== false,
			`journal before line ${i + 1}: ${torn}`);
		torn = false;
		const record = { sequence: Number(sequence), time, event };
		for (const word of words) {
			const [key, value] = word.split('=', 2);
			record[key] = value;
		}
		records.push(record);
	}
	assert.equal(torn, false, `the journal's last line: ${torn}`);
	return records;
}

// Holds client, journal and database against each other: what the client
// was given is stored and was signed, nothing is stored that was not signed,
// and what was signed but not stored is a token that nobody can use.
export async function account(instance, acknowledged) {
	const stored = new Set((await instance.psql(
		'SELECT jti FROM token.access_token')).map(([jti]) => jti));
	const signed = new Set(readJournal(instance)
		.filter((record) => record.event === 'mint')
		.map((record) => record.jti));
	const lost = acknowledged.filter((jti) => !stored.has(jti));
	assert.deepEqual(lost, [], 'acknowledged tokens are stored');
	const unsigned = [...stored].filter((jti) => !signed.has(jti));
	assert.deepEqual(unsigned, [], 'stored tokens are in the journal');
	const known = new Set(acknowledged);
	return {
		signed: signed.size,
		stored: stored.size,
		abandoned: signed.size - stored.size,
		unheard: [...stored].filter((jti) => !known.has(jti)).length,
	};
}
