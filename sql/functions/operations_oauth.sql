-- Operations of the OAuth provider, and what the gate says to clients.

INSERT INTO gate.operation (name, kinds, scope, class, timeout_ms, description,
    fresh, csrf, named)
SELECT name, kinds::text[], nullif(scope, ''), class, 10000, description,
    flags LIKE '%fresh%', flags NOT LIKE '%open%', flags LIKE '%named%'
FROM (VALUES
    ('authorization.start', '{session,visitor,none}', '', 'write', 'open', 'Ask for a sign-in or consent, or send a code'),
    ('authorization.decide', '{session}', '', 'write', '', 'Let a client in, or not'),
    ('token.redeem', '{confidential,public}', '', 'mintbatch', '', 'Redeem an authorization code'),
    ('token.oauth_refresh', '{confidential,public}', '', 'mintbatch', '', 'Refresh the tokens of a person''s client'),
    ('token.client_credentials', '{confidential}', '', 'mintbatch', '', 'Make a token of a client itself'),
    ('oauth.revoke', '{confidential,public}', '', 'write', '', 'Revoke a token (RFC 7009)'),
    ('oauth.introspect', '{confidential}', '', 'read', '', 'Tell what a token is (RFC 7662)'),
    ('oauth.userinfo', '{user}', 'openid', 'read', '', 'Tell who the person is'),
    ('oauth.scopes', '{none}', '', 'read', '', 'List scopes for discovery'),
    ('oauth.end_session', '{session,visitor,none}', '', 'read', '', 'Ask whether to sign out'),
    ('oauth.end_session_decide', '{session}', '', 'write', '', 'Sign out for a client'),
    ('registration.create', '{none,registration}', '', 'write', '', 'Register a client (RFC 7591)'),
    ('registration.get', '{registration}', '', 'read', '', 'Show a registration (RFC 7592)'),
    ('registration.update', '{registration}', '', 'write', '', 'Change a registration'),
    ('registration.delete', '{registration}', '', 'write', '', 'Delete a registration'),
    ('app.list', '{session}', '', 'read', '', 'List own apps'),
    ('app.new', '{session}', '', 'read', '', 'Show the form of a new app'),
    ('app.create', '{session}', '', 'write', 'fresh', 'Register an app'),
    ('app.show', '{session}', '', 'read', '', 'Show an app'),
    ('app.update', '{session}', '', 'write', '', 'Change an app'),
    ('app.secret_new', '{session}', '', 'write', 'fresh', 'Make a new secret of an app'),
    ('app.secret_end', '{session}', '', 'write', '', 'End a secret of an app'),
    ('app.revoke_tokens', '{session}', '', 'write', '', 'Revoke all tokens of an app'),
    ('app.delete', '{session}', '', 'write', '', 'Delete an app'),
    ('connection.list', '{session}', '', 'read', '', 'List what was let in'),
    ('connection.revoke', '{session}', '', 'write', '', 'End a connection and its tokens'),
    ('client_admin.list', '{session}', 'oauth-clients:view', 'read', 'named', 'List clients'),
    ('client_admin.new', '{session}', 'oauth-clients:edit', 'read', 'named', 'Show the form of a new client'),
    ('client_admin.create', '{session}', 'oauth-clients:edit', 'write', 'named fresh', 'Register a client'),
    ('client_admin.show', '{session}', 'oauth-clients:view', 'read', 'named', 'Show a client'),
    ('client_admin.update', '{session}', 'oauth-clients:edit', 'write', 'named', 'Change a client'),
    ('client_admin.secret_new', '{session}', 'oauth-clients:edit', 'write', 'named fresh', 'Make a new secret of a client'),
    ('client_admin.secret_end', '{session}', 'oauth-clients:edit', 'write', 'named', 'End a secret of a client'),
    ('client_admin.suspend', '{session}', 'oauth-clients:edit', 'write', 'named', 'Suspend a client'),
    ('client_admin.resume', '{session}', 'oauth-clients:edit', 'write', 'named', 'Let a suspended client go on'),
    ('client_admin.revoke', '{session}', 'oauth-clients:edit', 'write', 'named', 'Revoke all tokens of a client'),
    ('client_admin.delete', '{session}', 'oauth-clients:edit', 'write', 'named', 'Delete a client'),
    ('client_admin.initial_list', '{session}', 'oauth-clients:view', 'read', 'named', 'List initial access tokens'),
    ('client_admin.initial_create', '{session}', 'oauth-clients:edit', 'write', 'named fresh', 'Make an initial access token'),
    ('client_admin.initial_end', '{session}', 'oauth-clients:edit', 'write', 'named', 'End an initial access token'))
    AS v(name, kinds, scope, class, flags, description);

INSERT INTO gate.refusal (code, status, message, detail, remediation) VALUES
    ('invalid_client', 401, 'The client could not be authenticated',
     'The client is not known, is suspended, or did not prove itself in the way that it is registered for.',
     'Check client ID and secret (or key) in the settings of the app.'),
    ('unauthorized_client', 403, 'This client may not do that',
     'The grant or endpoint is not open to this kind of client.',
     'Use a client that is registered for it.'),
    ('wrong_audience', 401, 'The token is for another resource',
     'The token names other resources of this server than this one.',
     'Ask for a token with the right "resource" (RFC 8707).');

-- Each scope with what it implies, at any distance.
UPDATE core.scope s SET implies = n.implies
FROM (
	WITH RECURSIVE below (scope, implies) AS (
		SELECT i.scope, i.implies FROM core.scope_implication i
		UNION
		SELECT b.scope, i.implies
		FROM below b JOIN core.scope_implication i ON i.scope = b.implies
	)
	SELECT t.name, coalesce(array_agg(b.implies ORDER BY b.implies)
	    FILTER (WHERE b.implies IS NOT NULL), '{}') AS implies
	FROM core.scope t LEFT JOIN below b ON b.scope = t.name
	GROUP BY t.name
) n
WHERE n.name = s.name AND s.implies IS DISTINCT FROM n.implies;
