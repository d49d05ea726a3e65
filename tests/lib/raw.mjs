// HTTP by hand over a socket, for what a well-behaved client cannot send.

import assert from 'node:assert/strict';
import net from 'node:net';
import { Answer } from './api.mjs';

const CRLF = '\r\n';

export class Raw {
	#buffer = Buffer.alloc(0);
	#waiting = [];

	constructor(socket) {
		this.socket = socket;
		this.ended = false;
		socket.on('data', (data) => {
			this.#buffer = Buffer.concat([this.#buffer, data]);
			this.#wake();
		});
		const end = () => {
			this.ended = true;
			this.#wake();
		};
		socket.on('end', end);
		socket.on('close', end);
		socket.on('error', end);
	}

	// target: { port, host? } or { path } of a unix socket
	static connect(target) {
		return new Promise((resolve, reject) => {
			const socket = net.connect({ host: '127.0.0.1',
				allowHalfOpen: true, ...target });
			socket.once('error', reject);
			socket.once('connect', () => {
				socket.off('error', reject);
				resolve(new Raw(socket));
			});
		});
	}

	#wake() {
		for (const wake of this.#waiting.splice(0))
			wake();
	}

	async #until(test, ms, what) {
		const deadline = Date.now() + ms;
		let got;
		while ((got = test()) === undefined) {
			const left = deadline - Date.now();
			if (left <= 0)
				throw new Error(`no ${what} within ${ms} ms; got ` +
					JSON.stringify(this.#buffer.toString('latin1')
						.slice(0, 300)));
			let timer;
			await new Promise((resolve) => {
				this.#waiting.push(resolve);
				timer = setTimeout(resolve, left);
			});
			clearTimeout(timer);
		}
		return got;
	}

	write(text) {
		if (!this.socket.destroyed)
			this.socket.write(typeof text === 'string' ?
				Buffer.from(text, 'latin1') : text);
		return this;
	}

	// Our half of the connection ends; answers may still come.
	finish() {
		this.socket.end();
		return this;
	}

	destroy() {
		this.socket.destroy();
	}

	// Gone for good, where destroy() may be one that only sends no more.
	reset() {
		this.socket.resetAndDestroy();
	}

	// The next answer; `bodyless` for the answer of a HEAD request.
	async answer({ ms = 20000, bodyless = false } = {}) {
		const head = await this.#until(() => {
			const end = this.#buffer.indexOf('\r\n\r\n');
			if (end < 0)
				return this.ended ? null : undefined;
			const text = this.#buffer.subarray(0, end).toString('latin1');
			this.#buffer = this.#buffer.subarray(end + 4);
			return text;
		}, ms, 'answer');
		assert.ok(head !== null, 'closed without an answer');
		const [line, ...fields] = head.split(CRLF);
		const parts = /^HTTP\/1\.[01] (\d{3}) /.exec(line);
		assert.ok(parts, `status line: ${line}`);
		const headers = new Headers();
		for (const field of fields) {
			const colon = field.indexOf(':');
			headers.append(field.slice(0, colon),
				field.slice(colon + 1).trim());
		}
		const status = Number(parts[1]);
		if (status >= 100 && status < 200)
			return this.answer({ ms, bodyless });
		const none = bodyless || status === 204 || status === 304;
		const body = none ? '' : await this.#body(headers, ms);
		return new Answer(status, headers, body);
	}

	async #body(headers, ms) {
		assert.ok(!headers.has('transfer-encoding'),
			'answers have a Content-Length');
		const length = headers.get('content-length');
		if (length === null) {
			await this.closed(ms);
			return this.#buffer.toString();
		}
		const want = Number(length);
		await this.#until(() => this.#buffer.length >= want || this.ended ||
			undefined, ms, 'whole body');
		assert.ok(this.#buffer.length >= want, 'body was cut off');
		const body = this.#buffer.subarray(0, want).toString();
		this.#buffer = this.#buffer.subarray(want);
		return body;
	}

	// Resolves once the server has closed its half.
	closed(ms = 20000) {
		return this.#until(() => this.ended || undefined, ms, 'close');
	}

	rest() {
		return this.#buffer.toString('latin1');
	}
}

// One request text on a connection of its own; returns the answer.
export async function exchange(target, text, options) {
	const raw = await Raw.connect(target);
	try {
		return await raw.write(text).answer(options);
	} finally {
		raw.destroy();
	}
}

// Header lines of a request with a bearer token.
export function request(method, path, token, headers = {}, body = '') {
	const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost'];
	if (token)
		lines.push(`Authorization: Bearer ${token}`);
	for (const [name, value] of Object.entries(headers))
		lines.push(`${name}: ${value}`);
	return lines.join(CRLF) + CRLF + CRLF + body;
}
