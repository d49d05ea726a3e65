// What the audit says of a request, read by psql as an auditor would.

import assert from 'node:assert/strict';

// The events of one request: [{ operation, outcome, status, code, ... }].
export async function events(instance, requestId) {
	assert.match(requestId, /^[0-9a-f-]{36}$/);
	const rows = await instance.psql(`SELECT to_jsonb(e) FROM audit.event e
		WHERE request_id = '${requestId}' ORDER BY seq`);
	return rows.map(([json]) => JSON.parse(json));
}

// The refusal that an answer must have left behind.
export async function refusal(instance, answer) {
	const found = await events(instance, answer.headers.get('x-request-id'));
	assert.equal(found.length, 1, `audit: ${JSON.stringify(found)}`);
	assert.equal(found[0].status, answer.status);
	return found[0];
}
