// Persons, made by grantctl, and their sessions, made by signing in.

import assert from 'node:assert/strict';
import { unique } from './api.mjs';
import { Browser, filled } from './browser.mjs';

export class Person {
	constructor(instance, facts) {
		this.instance = instance;
		Object.assign(this, facts);
	}

	// organization: name or id, else the root organization
	static async make(instance, { organization, role,
		email = `${unique('person')}@example.com`, name = 'Pat Example',
		password = `pass word ${unique('p')}` } = {}) {
		const words = ['member', 'create', email, '-n', name, '-p'];
		if (organization)
			words.push('-o', organization);
		if (role)
			words.push('-r', role);
		const { result } = await instance.grantctl({ input: `${password}\n` },
			...words);
		return new Person(instance, { id: result.id, email, name, password,
			organization: result.organization });
	}

	// A browser with a session of this person.
	async signIn({ password = this.password, browser } = {}) {
		browser ??= new Browser(this.instance.base);
		const page = await browser.get('/login');
		assert.equal(page.status, 200, page.text);
		const body = filled(page.form('/login'));
		body.set('email', this.email);
		body.set('password', password);
		const answer = await browser.post('/login', body);
		assert.doesNotMatch(answer.redirect(), /^\/login/);
		browser.person = this;
		return browser;
	}
}
