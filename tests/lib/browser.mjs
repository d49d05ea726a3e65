// A browser without a screen: cookies, pages and their forms.

import assert from 'node:assert/strict';
import { Answer } from './api.mjs';

const entities = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decode(text) {
	return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
		(all, hex, number, name) => hex ? String.fromCodePoint(parseInt(hex, 16)) :
			number ? String.fromCodePoint(Number(number)) :
				entities[name] ?? all);
}

function attributes(tag) {
	const found = {};
	for (const [, name, quoted, plain] of tag.matchAll(
		/([a-z-]+)(?:="([^"]*)"|=([^\s>]+))?/gi))
		found[name.toLowerCase()] = decode(quoted ?? plain ?? '');
	return found;
}

// The option of a select that would be sent.
function chosen(text) {
	const options = [...text.slice(0, text.indexOf('</select'))
		.matchAll(/<option\b([^>]*)>/gi)].map(([, rest]) => attributes(rest));
	return (options.find((one) => 'selected' in one) ?? options[0])?.value ?? '';
}

export class Page extends Answer {
	get location() {
		return this.headers.get('location');
	}

	// [{ action, method, fields: [{ name, value, type, checked }] }]
	get forms() {
		return [...this.text.matchAll(/<form\b([^>]*)>([^]*?)<\/form>/gi)]
			.map(([, head, body]) => ({
				...attributes(head),
				fields: [...body.matchAll(
					/<(input|button|select|textarea)\b([^>]*)>([^<]*)/gi)]
					.map(({ 1: kind, 2: rest, 3: text, index }) => {
						const a = attributes(rest);
						if (kind === 'textarea')
							a.value = decode(text).replace(/^\n/, '');
						else if (kind === 'select')
							a.value = chosen(body.slice(index));
						return { value: '', ...a, checked: 'checked' in a,
							type: kind === 'input' ? a.type ?? 'text' : kind };
					}).filter((field) => field.name !== undefined &&
						!('disabled' in field)),
			}));
	}

	// The form that posts to this path.
	form(action) {
		const form = this.forms.find((one) =>
			(one.method ?? 'get').toLowerCase() === 'post' &&
			(one.action ?? '') === action);
		assert.ok(form, `no form for ${action} in ${this.status}: ${this.text}`);
		return form;
	}

	get words() {
		return decode(this.text.replace(/<(style|script)[^]*?<\/\1>/gi, '')
			.replace(/<[^>]+>/g, ' ')).replace(/\s+/g, ' ').trim();
	}

	redirect() {
		assert.equal(this.status, 303, `${this.status}: ${this.text}`);
		return this.location;
	}
}

// What a form would send: hidden fields and ticked boxes.
export function filled(form) {
	const body = new URLSearchParams();
	for (const { name, type, value, checked } of form.fields)
		if (type === 'checkbox' || type === 'radio') {
			if (checked)
				body.append(name, value || 'on');
		} else if (type !== 'button' && type !== 'submit')
			body.append(name, value);
	return body;
}

export class Browser {
	constructor(base) {
		this.base = base;
		this.jar = new Map();
	}

	copy() {
		const other = new Browser(this.base);
		other.jar = new Map(this.jar);
		return other;
	}

	get cookie() {
		return [...this.jar].map(([name, value]) => `${name}=${value}`)
			.join('; ');
	}

	async send(method, path, body, headers = {}) {
		const init = { method, body, redirect: 'manual',
			headers: { ...headers } };
		if (this.jar.size > 0 && !('cookie' in headers))
			init.headers.cookie = this.cookie;
		const reply = await fetch(new URL(path, this.base), init);
		for (const line of reply.headers.getSetCookie()) {
			const [pair, ...rest] = line.split(/; */);
			const [, name, value] = /^([^=]+)=(.*)$/.exec(pair);
			if (value === '' || rest.includes('Max-Age=0'))
				this.jar.delete(name);
			else
				this.jar.set(name, value);
		}
		return new Page(reply.status, reply.headers, await reply.text());
	}

	get(path, headers) {
		return this.send('GET', path, undefined, headers);
	}

	// Fields: an object (arrays repeat a name) or URLSearchParams.
	post(path, fields, headers) {
		let body = fields;
		if (!(fields instanceof URLSearchParams)) {
			body = new URLSearchParams();
			for (const [name, value] of Object.entries(fields))
				for (const one of [value].flat())
					body.append(name, one);
		}
		return this.send('POST', path, body, headers);
	}

	// From a sign-in on the way of an app back to the app's request: by a
	// page with a link, so that no form's redirect leaves this server.
	async onward(answer) {
		const page = await this.get(answer.redirect());
		const link = /<a class="button" href="([^"]+)"/.exec(page.text);
		assert.ok(link, page.words);
		const to = decode(link[1]);
		assert.match(to, /^\/oauth\/authorize\?/);
		return this.get(to);
	}

	// Opens a page, fills its form for `action` and sends it.
	async submit(path, action, fields = {}) {
		const page = await this.get(path);
		assert.equal(page.status, 200, `${path}: ${page.status} ` +
			`${page.location ?? page.text}`);
		const body = filled(page.form(action));
		for (const [name, value] of Object.entries(fields)) {
			body.delete(name);
			for (const one of [value].flat())
				body.append(name, one);
		}
		return this.post(action, body);
	}
}
