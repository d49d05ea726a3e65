-- Scopes, permission sets, providers: what is true of every installation.

INSERT INTO core.scope (name, kind, description) VALUES
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
    SET kind = excluded.kind, description = excluded.description;

DELETE FROM core.scope_implication;
INSERT INTO core.scope_implication (scope, implies) VALUES
    ('organizations:edit', 'organizations:view'),
    ('members:edit', 'members:view'),
    ('accounts:edit', 'accounts:view'),
    ('integrations:edit', 'integrations:view'),
    ('credentials:edit', 'credentials:view'),
    ('tokens:edit', 'tokens:view'),
    ('tokens:edit', 'tokens:issue');

INSERT INTO core.permission_set (name, description) VALUES
    ('administrator', 'Everything in the organization'),
    ('viewer', 'Sees everything, changes nothing'),
    ('member', 'Manages accounts, integrations and credentials; sees the rest'),
    ('account-manager', 'Manages accounts and what is in them'),
    ('connect-ui', 'Creates and deletes integrations and credentials for a connect page'),
    ('token-issuer', 'Makes access tokens of integrations, nothing else')
ON CONFLICT (name) DO UPDATE SET description = excluded.description;

DELETE FROM core.permission_set_scope;
INSERT INTO core.permission_set_scope (permission_set, scope)
SELECT 'administrator', name FROM core.scope WHERE kind = 'organization'
UNION ALL
SELECT 'viewer', name FROM core.scope
    WHERE kind = 'organization' AND name LIKE '%:view'
UNION ALL
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

-- The gate reads one array: each set with all that it implies.  Families
-- that were given a set follow it.
UPDATE core.permission_set p SET scopes = c.scopes
FROM (
	WITH RECURSIVE closure (permission_set, scope) AS (
		SELECT permission_set, scope FROM core.permission_set_scope
		UNION
		SELECT c.permission_set, i.implies
		FROM closure c JOIN core.scope_implication i ON i.scope = c.scope
	)
	SELECT permission_set, array_agg(scope ORDER BY scope) AS scopes
	FROM closure GROUP BY permission_set
) c
WHERE c.permission_set = p.name AND p.scopes IS DISTINCT FROM c.scopes;
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
