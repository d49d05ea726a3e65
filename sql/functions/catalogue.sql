-- Scopes, permission sets, providers: what is true of every installation.

INSERT INTO core.scope (name, kind, description) VALUES
    ('openid', 'user', 'Know who you are'),
    ('profile', 'user', 'See your name'),
    ('email', 'user', 'See your e-mail address'),
    ('offline_access', 'user', 'Keep access while you are away'),
    ('users:view', 'user', 'See people, their roles and what the roles allow'),
    ('users:edit', 'user', 'Add and remove people, give roles, make links that set passwords'),
    ('roles:edit', 'user', 'Create, change and delete roles'),
    ('oauth-clients:view', 'user', 'See OAuth clients of everybody in the organization'),
    ('oauth-clients:edit', 'user', 'Create, suspend, revoke and delete OAuth clients of everybody'),
    ('organizations:view', 'organization', 'See the organization'),
    ('organizations:edit', 'organization', 'Change the organization'),
    ('members:view', 'organization', 'See members and roles'),
    ('members:edit', 'organization', 'Add, change and remove members and roles'),
    ('accounts:view', 'organization', 'See accounts'),
    ('accounts:edit', 'organization', 'Create, change and delete accounts'),
    ('integrations:view', 'organization', 'See integrations'),
    ('integrations:edit', 'organization', 'Create, change and delete integrations'),
    ('credentials:view', 'organization', 'See which credentials are stored'),
    ('credentials:edit', 'organization', 'Store and delete credentials'),
    ('tokens:view', 'organization', 'See tokens, without their secrets'),
    ('tokens:issue', 'organization', 'Make access tokens of integrations'),
    ('tokens:edit', 'organization', 'Make, rotate, reset and delete tokens'),
    ('audit:view', 'organization', 'Read the audit trail'),
    ('status:view', 'organization', 'See the state of integrations'),
    ('ticketing:use', 'integration', 'Use the ticketing connector'),
    ('notifications:use', 'integration', 'Use the notifications connector'),
    ('siem:use', 'integration', 'Use the SIEM connector'),
    ('sink:use', 'integration', 'Use the sink connector'),
    ('storage:use', 'integration', 'Use the storage connector')
ON CONFLICT (name) DO UPDATE
    SET kind = excluded.kind, description = excluded.description
    WHERE NOT scope.application;
UPDATE core.scope s SET level = n.level, sensitive = n.sensitive
FROM (
	SELECT name, CASE
	    WHEN name NOT LIKE '%:%' THEN 'identity'
	    WHEN kind = 'integration' THEN 'connector'
	    ELSE 'admin' END AS level,
	    name ~ ':(edit|write|issue)$' OR name IN ('audit:view',
		'credentials:view') AS sensitive
	FROM core.scope WHERE NOT application
) n
WHERE n.name = s.name AND (s.level, s.sensitive) IS DISTINCT FROM (n.level, n.sensitive);

DELETE FROM core.scope_implication i USING core.scope s
WHERE s.name = i.scope AND NOT s.application;
INSERT INTO core.scope_implication (scope, implies) VALUES
    ('organizations:edit', 'organizations:view'),
    ('members:edit', 'members:view'),
    ('accounts:edit', 'accounts:view'),
    ('integrations:edit', 'integrations:view'),
    ('credentials:edit', 'credentials:view'),
    ('tokens:edit', 'tokens:view'),
    ('tokens:edit', 'tokens:issue'),
    ('users:edit', 'users:view'),
    ('oauth-clients:edit', 'oauth-clients:view')
ON CONFLICT DO NOTHING;

INSERT INTO core.permission_set (name, description) VALUES
    ('administrator', 'Everything in the organization'),
    ('viewer', 'Sees everything, changes nothing'),
    ('member', 'Manages accounts, integrations and credentials; sees the rest'),
    ('account-manager', 'Manages accounts and what is in them'),
    ('connect-ui', 'Creates and deletes integrations and credentials for a connect page'),
    ('token-issuer', 'Makes access tokens of integrations, nothing else')
ON CONFLICT (name) DO UPDATE SET description = excluded.description;

-- Those of applications, and which of them the built-in sets have, are
-- settled at the end.
DELETE FROM core.permission_set_scope m USING core.permission_set p
WHERE p.name = m.permission_set AND NOT p.application;
INSERT INTO core.permission_set_scope (permission_set, scope)
SELECT p, s FROM (VALUES
    ('member', 'organizations:view'), ('member', 'members:view'),
    ('member', 'accounts:edit'), ('member', 'integrations:edit'),
    ('member', 'credentials:edit'), ('member', 'tokens:view'),
    ('member', 'tokens:issue'), ('member', 'status:view'),
    ('account-manager', 'organizations:view'),
    ('account-manager', 'accounts:edit'),
    ('account-manager', 'integrations:edit'),
    ('account-manager', 'credentials:edit'),
    ('account-manager', 'tokens:issue'),
    ('account-manager', 'status:view'),
    ('connect-ui', 'accounts:view'),
    ('connect-ui', 'integrations:edit'),
    ('connect-ui', 'credentials:edit'),
    ('token-issuer', 'tokens:issue')) AS v(p, s);

-- Families and roles that were given a set follow it.
SELECT publish.settle_scopes() \g /dev/null
UPDATE token.family f SET scopes = p.scopes FROM core.permission_set p
WHERE p.name = f.permission_set AND f.scopes IS DISTINCT FROM p.scopes;

-- The providers that are built in.
INSERT INTO core.provider (type, category, fullname, config_schema)
SELECT type, category, fullname, jsonb_build_object('type', 'object',
    'additionalProperties', false, 'required', required,
    'properties', jsonb_build_object('type', jsonb_build_object('const', type))
	|| properties)
FROM (VALUES
    ('ticketing_mock_ticketing', 'ticketing', 'Mock Ticketing', '["type"]'::jsonb,
     '{"name": {"type": "string", "maxLength": 256},
       "custom_field_mappings": {"type": "array", "maxItems": 100, "items":
	{"type": "object", "additionalProperties": false,
	 "required": ["name", "provider_field_path"],
	 "properties": {
	    "name": {"type": "string", "minLength": 1, "maxLength": 256},
	    "project_id": {"type": "string", "maxLength": 256},
	    "provider_field_path": {"type": "string", "minLength": 1, "maxLength": 1024}}}}}'::jsonb),
    ('notifications_mock_notifications', 'notifications', 'Mock Notifications', '["type"]',
     '{"channel": {"type": "string", "maxLength": 256}}'),
    ('siem_mock_siem', 'siem', 'Mock SIEM', '["type"]',
     '{"index": {"type": "string", "maxLength": 256}}'),
    ('sink_mock_sink', 'sink', 'Mock Sink', '["type"]',
     '{"destination": {"type": "string", "maxLength": 256}}'),
    ('storage_mock_storage', 'storage', 'Mock Storage', '["type", "bucket"]',
     '{"bucket": {"type": "string", "minLength": 1, "maxLength": 256}}'))
    AS v(type, category, fullname, required, properties)
ON CONFLICT (type) DO UPDATE SET category = excluded.category,
    fullname = excluded.fullname, config_schema = excluded.config_schema;

INSERT INTO connector.project (provider, id, name) VALUES
    ('ticketing_mock_ticketing', 'demo', 'Demo'),
    ('ticketing_mock_ticketing', 'support', 'Support')
ON CONFLICT (provider, id) DO UPDATE SET name = excluded.name;
