// What every client needs: a person, and apps that were registered on the
// pages, as their users would.

import { Browser } from '../lib/browser.mjs';
import { App, stage } from '../lib/oauth.mjs';
import { sharedInstance } from '../lib/shared.mjs';
import { visitor } from './mcp_enter.mjs';

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

export const visit = visitor({ ...there, instance });

export const stranger = () => new Browser(instance.base);
