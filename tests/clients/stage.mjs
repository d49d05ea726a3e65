// What every client needs: a person, and apps that were registered on the
// pages, as their users would.

import { Browser } from '../lib/browser.mjs';
import { App, stage } from '../lib/oauth.mjs';
import { sharedInstance } from '../lib/shared.mjs';

export const instance = await sharedInstance();
export const { issuer } = instance;
const there = await stage(instance, {}, { role: 'administrator' });
export const { org, person, browser } = there;

export const scope = ['openid', 'profile', 'email', 'offline_access',
	'stores:read', 'orders:read'];

export const app = (fields = {}) => App.register(instance, browser,
	{ scope, ...fields });

export const service = (fields = {}) => App.register(instance, browser,
	{ service: '1', code: [], redirect_uris: '', scope: ['stores:read'],
		...fields }, '/admin/oauth-clients');

// A person follows the link of an app, signs in when asked, says yes; what
// the app's own address then gets.
export async function visit(url, who = browser) {
	const { pathname, search, origin } = new URL(url);
	if (origin !== new URL(issuer).origin)
		throw new Error(`not our own address: ${url}`);
	let page = await who.get(pathname + search);
	if (page.status === 303 && page.location.startsWith('/login')) {
		await person.signIn({ browser: who });
		page = await who.get(pathname + search);
	}
	if (page.status === 200)
		page = await new App(instance, {}).decide(who, page);
	return new URL(page.redirect());
}

export const stranger = () => new Browser(instance.base);
