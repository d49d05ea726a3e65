// The world of metadata documents: a certification authority, a TLS server
// on loopback with several names, and the name server that knows them.

import dgram from 'node:dgram';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { join } from 'node:path';
import tls from 'node:tls';
import { run, scratch } from './cluster.mjs';

// Whom a name leads to; default 127.0.0.1.  A function is called each time.
const hosts = {
	'private.test': () => ['10.0.0.1'],
	'metadata.test': () => ['169.254.169.254'],
	'mixed.test': () => ['127.0.0.1', '192.168.1.1'],
	'unknown.test': () => null,
	// good until it was fetched from, then inside
	'rebind.test': ({ requests }) => [requests.some(([host]) =>
		host === 'rebind.test') ? '169.254.169.254' : '127.0.0.1'],
};

const A = 1;

function question(message) {
	const labels = [];
	let at = 12;
	while (message[at]) {
		labels.push(message.toString('latin1', at + 1,
			at + 1 + message[at]));
		at += 1 + message[at];
	}
	return { name: labels.join('.'), type: message.readUInt16BE(at + 1),
		end: at + 5 };
}

export class World {
	static async make() {
		const world = new World();
		world.dir = scratch('grantd-documents-');
		world.requests = [];		// [host, path] of each
		world.queries = [];		// names, of type A
		world.pages = new Map();	// path: function (request, response)
		await world.#authority();
		await world.#names();
		await world.#server();
		return world;
	}

	path(name) {
		return join(this.dir, name);
	}

	openssl(...args) {
		return run('openssl', args, { cwd: this.dir });
	}

	async #authority() {
		const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
			'-nodes'];
		for (const ca of ['ca', 'stranger'])
			await this.openssl('req', '-x509', ...key, '-keyout',
				`${ca}.key`, '-out', `${ca}.pem`, '-days', '2', '-subj',
				`/CN=${ca}`);
		await this.certificate('good', 'ca',
			'DNS:docs.test,DNS:localhost,DNS:mixed.test,DNS:many.test,' +
			'DNS:rebind.test');
		await this.certificate('stranger-made', 'stranger',
			'DNS:stranger.test');
		await this.certificate('other', 'ca', 'DNS:other.example');
		await this.certificate('old', 'ca', 'DNS:old.test', -1);
	}

	async certificate(name, ca, names, days = 2) {
		const extensions = this.path(`${name}.ext`);
		writeFileSync(extensions, `subjectAltName=${names}\n`);
		await this.openssl('req', '-new', '-newkey', 'ec', '-pkeyopt',
			'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`,
			'-out', `${name}.csr`, '-subj', `/CN=${name}`);
		await this.openssl('x509', '-req', '-in', `${name}.csr`, '-CA',
			`${ca}.pem`, '-CAkey', `${ca}.key`, '-CAcreateserial', '-out',
			`${name}.pem`, '-extfile', extensions, '-days', String(days));
	}

	// Knows every name; addresses of version 6 it has none.
	async #names() {
		this.dns = dgram.createSocket('udp4');
		this.dns.on('message', (message, from) => {
			const { name, type, end } = question(message);
			if (type === A)
				this.queries.push(name);
			const list = name in hosts ? hosts[name](this) : ['127.0.0.1'];
			const reply = Buffer.from(message.subarray(0, end));
			reply.writeUInt16BE(list ? 0x8180 : 0x8183, 2);
			reply.writeUInt16BE(type === A && list ? list.length : 0, 6);
			reply.writeUInt16BE(0, 10);
			const records = type === A && list ? list.map((address) =>
				Buffer.from([0xc0, 12, 0, A, 0, 1, 0, 0, 0, 0, 0, 4,
					...address.split('.').map(Number)])) : [];
			this.dns.send(Buffer.concat([reply, ...records]), from.port,
				from.address);
		});
		await new Promise((resolve) =>
			this.dns.bind(0, '127.0.0.1', resolve));
	}

	context(name) {
		return tls.createSecureContext({
			key: readFileSync(this.path(`${name}.key`)),
			cert: readFileSync(this.path(`${name}.pem`)) });
	}

	async #server() {
		const certificates = { 'stranger.test': 'stranger-made',
			'wrong.test': 'other', 'old.test': 'old' };
		this.sockets = new Set();
		this.server = https.createServer({
			key: readFileSync(this.path('good.key')),
			cert: readFileSync(this.path('good.pem')),
			SNICallback: (name, done) =>
				done(null, this.context(certificates[name] ?? 'good')),
		}, (request, response) => {
			this.requests.push([request.headers.host.split(':')[0],
				request.url]);
			const page = this.pages.get(request.url);
			if (page)
				page(request, response);
			else
				response.writeHead(404).end();
		});
		this.server.on('connection', (socket) => {
			this.sockets.add(socket);
			socket.on('error', () => {});
			socket.on('close', () => this.sockets.delete(socket));
		});
		this.server.on('tlsClientError', () => {});
		await new Promise((resolve) =>
			this.server.listen(0, '127.0.0.1', resolve));
		this.port = this.server.address().port;
	}

	// Lines for grantd.conf.
	get conf() {
		return `fetcher {
	allow loopback
	ca file "${this.path('ca.pem')}"
	nameserver "127.0.0.1:${this.dns.address().port}"
	port ${this.port}
}`;
	}

	url(path, host = 'docs.test') {
		return `https://${host}:${this.port}${path}`;
	}

	// A document at this path; change may alter it, send how it is sent.
	document(path, change = {}, { host, send } = {}) {
		const id = this.url(path, host);
		const text = JSON.stringify({ client_id: id,
			client_name: 'Document Reader',
			redirect_uris: ['http://127.0.0.1/callback',
				'https://app.example.com/callback'],
			token_endpoint_auth_method: 'none',
			grant_types: ['authorization_code', 'refresh_token'],
			...change });
		this.pages.set(path, send ? (request, response) =>
			send(response, text) : (request, response) => {
			response.setHeader('content-type', 'application/json');
			response.end(text);
		});
		return id;
	}

	// How often a path was asked for.
	count(path) {
		return this.requests.filter(([, one]) => one === path).length;
	}

	stop() {
		this.dns.close();
		this.server.close();
		for (const socket of this.sockets)
			socket.destroy();
		rmSync(this.dir, { recursive: true });
	}
}
