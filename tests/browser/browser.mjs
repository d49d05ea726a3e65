// A person at a browser: Chromium, what it complains of, pictures of what it
// shows, and what axe says of it.

import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { top } from '../lib/cluster.mjs';

const require = createRequire(import.meta.url);
const axe = require('axe-core').source;

// Where the pictures go.
export const pictures = join(process.env.GRANTD_BUILD ??
	join(top, 'var/tests'), 'pictures');
mkdirSync(pictures, { recursive: true });

const widths = { phone: { width: 390, height: 844 },
	desk: { width: 1280, height: 900 } };

export function launch() {
	return chromium.launch({
		executablePath: process.env.GRANTD_CHROMIUM ?? '/usr/bin/chromium',
		args: ['--headless', '--no-sandbox', '--disable-gpu',
			'--disable-quic', '--no-first-run', '--disable-component-update',
			'--disable-background-networking', '--disable-sync'],
	});
}

export class Person {
	static async arrive(browser, base, options = {}) {
		const person = new Person();
		person.base = base;
		person.context = await browser.newContext({ baseURL: base,
			viewport: widths.desk, ...options });
		person.page = await person.context.newPage();
		person.complaints = [];
		person.page.on('console', (message) => {
			// an answer of 4xx is no complaint of the page
			if (message.type() === 'error' &&
			    !/status of 4\d\d/.test(message.text()))
				person.complaints.push(message.text());
		});
		person.page.on('pageerror',
			(error) => person.complaints.push(error.message));
		person.page.setDefaultTimeout(30000);
		return person;
	}

	async leave() {
		await this.context.close();
		assert.deepEqual(this.complaints, [], 'the browser complained');
	}

	async go(path) {
		const answer = await this.page.goto(path);
		assert.ok(answer.status() < 500, `${path}: ${answer.status()}`);
		return answer;
	}

	// That the page, or the one it goes on to by itself, has this heading:
	// all of it, or an expression.
	async sees(name) {
		const heading = this.page.getByRole('heading', { level: 1 });
		await this.page.getByRole('heading', { level: 1, name, exact: true })
			.waitFor().catch(async () => assert.fail(
				`"${await heading.innerText()}", not ${name}`));
	}

	// What happened: a notice, or what was wrong.
	get notice() {
		return this.page.locator('[role=status], [role=alert]').first()
			.innerText();
	}

	link(name, options) {
		return this.#click('link', { name, ...options });
	}

	press(name, options) {
		return this.#click('button', { name, ...options });
	}

	// Playwright's click waits until the next page begins; what is read of
	// it must be there whole.
	async #click(role, options) {
		await this.page.getByRole(role, options).click();
		await this.page.waitForLoadState('load');
	}

	fill(label, value) {
		return this.page.getByLabel(label, { exact: true }).fill(value);
	}

	// Opens what asks before it acts, and acts.
	async confirm(summary, button) {
		await this.page.locator('summary', { hasText: summary }).first()
			.click();
		await this.press(button, { exact: true });
	}

	async signIn(email, password) {
		await this.go('/login');
		await this.fill('E-mail address', email);
		await this.fill('Password', password);
		await this.press('Sign in');
	}

	// axe, and pictures of both widths in both schemes.
	async look(name) {
		await this.#axe(name);
		for (const scheme of ['light', 'dark'])
			for (const [width, size] of Object.entries(widths)) {
				await this.page.emulateMedia({ colorScheme: scheme });
				await this.page.setViewportSize(size);
				await this.#fits(`${name} ${width}`);
				if (scheme === 'dark' && width === 'phone')
					await this.#axe(name, 'color-contrast');
				await this.page.screenshot({ fullPage: true, path:
					join(pictures, `${name}-${width}-${scheme}.png`) });
			}
		await this.page.emulateMedia({ colorScheme: 'light' });
		await this.page.setViewportSize(widths.desk);
	}

	// Nothing sticks out to the right.
	async #fits(name) {
		const wide = await this.page.evaluate(() =>
			document.documentElement.scrollWidth -
			document.documentElement.clientWidth);
		assert.ok(wide <= 0, `${name}: ${wide} pixels too wide`);
	}

	// only: names of rules, all if there are none
	async #axe(name, ...only) {
		if (!await this.page.evaluate(() => 'axe' in globalThis))
			await this.page.evaluate(axe);
		const { violations } = await this.page.evaluate((values) =>
			// what is inside of Swagger UI is another's
			globalThis.axe.run({ exclude: ['#console'] }, values.length ?
				{ runOnly: { type: 'rule', values } } : {}), only);
		const found = violations.filter((v) =>
			['serious', 'critical', 'moderate'].includes(v.impact))
			.map((v) => `${v.impact} ${v.id}: ${v.help}: ` +
				v.nodes.map((n) => n.html).join(' | ').slice(0, 300));
		assert.deepEqual(found, [], `axe on ${name}`);
	}
}
