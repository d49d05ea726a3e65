-- What lists are made of.  Expressions are text of queries: they come from
-- here alone, and grantd_api cannot write these tables.

DELETE FROM gate.list_field;
DELETE FROM gate.list;
INSERT INTO gate.list (name, source, body, tie, default_order, pages) VALUES
    ('organization', 'gate.control_organizations() r', 'api.organization_json(r)', 'name', 'name', 'name'),
    ('account', 'core.account r', 'api.account_json(r)', 'name', 'name', 'name'),
    ('integration', 'core.integration r JOIN core.provider p ON p.type = r.provider',
     'api.integration_json(r, p.fullname, $1 #> ''{query,expand}'')', 'name', 'name', 'name'),
    ('token', 'token.family_info r', 'api.refresh_token_json(r, false)', 'name', 'name', 'name'),
    ('project', 'connector.project r', 'json_build_object(''id'', r.id, ''name'', r.name)', 'id', 'name', 'cursor'),
    ('ticket', 'connector.ticket r', 'api.ticket_json(r)', 'id', 'created_at', 'cursor'),
    ('siem_event', 'connector.siem_event r', 'r.data', 'id', 'created_at', 'cursor');

INSERT INTO gate.list_field (list, field, expression, type)
SELECT list, field, 'r.' || field || CASE type WHEN 'text' THEN ' COLLATE "C"' ELSE '' END, type
FROM (VALUES
    ('organization', 'name', 'text'), ('organization', 'fullname', 'text'),
    ('organization', 'created_at', 'time'),
    ('account', 'name', 'text'), ('account', 'fullname', 'text'),
    ('account', 'environment', 'text'), ('account', 'created_at', 'time'),
    ('account', 'updated_at', 'time'),
    ('integration', 'name', 'text'), ('integration', 'fullname', 'text'),
    ('integration', 'category', 'text'), ('integration', 'created_at', 'time'),
    ('integration', 'updated_at', 'time'),
    ('token', 'name', 'text'), ('token', 'fullname', 'text'),
    ('token', 'token_type', 'text'), ('token', 'created_at', 'time'),
    ('token', 'updated_at', 'time'),
    ('project', 'id', 'text'), ('project', 'name', 'text'),
    ('ticket', 'name', 'text'), ('ticket', 'created_at', 'time'),
    ('ticket', 'updated_at', 'time'),
    ('siem_event', 'created_at', 'time')) AS v(list, field, type);

INSERT INTO gate.list_field (list, field, expression, type, sortable) VALUES
    ('organization', 'id', 'r.id::text COLLATE "C"', 'text', true),
    ('account', 'id', 'r.id::text COLLATE "C"', 'text', true),
    ('account', 'labels', 'r.labels', 'labels', false),
    ('integration', 'id', 'r.id::text COLLATE "C"', 'text', true),
    ('integration', 'account_id', 'r.account::text COLLATE "C"', 'text', true),
    ('integration', 'provider_type', 'r.provider COLLATE "C"', 'text', true),
    ('integration', 'provider_fullname', 'p.fullname COLLATE "C"', 'text', true),
    ('token', 'id', 'r.id::text COLLATE "C"', 'text', true),
    ('token', 'owner_id', 'coalesce(r.integration, r.organization)::text COLLATE "C"', 'text', true),
    ('token', 'owner_type', 'r.kind COLLATE "C"', 'text', true),
    ('token', 'expires', 'r.expires_at', 'time', true),
    ('ticket', 'id', 'r.id::text COLLATE "C"', 'text', true),
    ('siem_event', 'id', 'r.id::text COLLATE "C"', 'text', true),
    ('siem_event', 'time', 'coalesce(CASE jsonb_typeof(r.data -> ''time'') WHEN ''number'' THEN (r.data ->> ''time'')::numeric END, 0)', 'number', true);

INSERT INTO gate.list_field (list, field, expression, type)
SELECT 'ticket', f, format('coalesce(r.data ->> %L, '''') COLLATE "C"', f), 'text'
FROM unnest(ARRAY['summary', 'description', 'status', 'priority', 'project',
    'assignee', 'creator', 'contact', 'issue_type']) f;
INSERT INTO gate.list_field (list, field, expression, type)
SELECT 'siem_event', f, format('coalesce(r.data ->> %L, '''') COLLATE "C"', f), 'text'
FROM unnest(ARRAY['message', 'severity', 'class_name', 'category_name',
    'activity_name', 'status']) f;
INSERT INTO gate.list_field (list, field, expression, type, sortable)
SELECT 'siem_event', f, format('CASE jsonb_typeof(r.data -> %L) '
    'WHEN ''number'' THEN (r.data ->> %1$L)::numeric END', f), 'number', false
FROM unnest(ARRAY['class_uid', 'category_uid', 'activity_id', 'type_uid',
    'severity_id', 'status_id']) f;

-- Shapes of bodies.  Names and titles are alike everywhere.

DELETE FROM gate.shape;
INSERT INTO gate.shape (name, schema)
SELECT name, jsonb_build_object('type', 'object', 'additionalProperties', false,
    'required', required, 'properties', properties
	|| CASE WHEN named THEN
    '{"name": {"type": "string", "pattern": "^[a-z0-9_-]{1,128}$",
	"x-text": "must be 1 to 128 of the characters a-z, 0-9, _ and -"},
      "fullname": {"type": "string", "minLength": 1, "maxLength": 256}}'::jsonb
	ELSE '{}' END)
FROM (VALUES
    ('account.create', true, '[]'::jsonb,
     '{"environment": {"type": "string", "enum": ["prod", "test"]},
       "labels": {"type": "array", "maxItems": 64, "items": {"type": "string",
	"pattern": "^[A-Za-z0-9_.:-]{1,48}$",
	"x-text": "must be 1 to 48 letters, digits and the characters _ - : ."}}}'::jsonb),
    ('account.update', true, '[]',
     '{"environment": {"type": "string", "enum": ["prod", "test"]},
       "labels": {"type": "array", "maxItems": 64, "items": {"type": "string",
	"pattern": "^[A-Za-z0-9_.:-]{1,48}$",
	"x-text": "must be 1 to 48 letters, digits and the characters _ - : ."}},
       "id": {}, "organization_id": {}, "created_at": {}, "updated_at": {}}'),
    ('integration.create', true, '["provider_config"]',
     '{"provider_config": {"type": "object", "required": ["type"],
	"properties": {"type": {"type": "string", "maxLength": 128}}}}'),
    ('integration.update', true, '["provider_config"]',
     '{"provider_config": {"type": "object", "required": ["type"],
	"properties": {"type": {"type": "string", "maxLength": 128}}},
       "id": {}, "refresh_token_id": {}, "account_id": {}, "category": {},
       "provider_fullname": {}, "provider_type": {}, "created_at": {},
       "updated_at": {}, "account": {}, "integration_point": {}}'),
    ('integration.verify_new', false, '["integration"]',
     '{"integration": {"type": "object"}}'),
    ('token.create', true, '["resources", "permission_set"]',
     '{"permission_set": {"type": "string", "maxLength": 128},
       "token_ttl": {"type": "string", "maxLength": 64},
       "resources": {"type": "object", "additionalProperties": false, "properties": {
	"organizations": {"type": "object", "additionalProperties": false, "properties": {
	    "ids": {"type": "array", "maxItems": 1000, "items": {"type": "string", "maxLength": 128}},
	    "labels": {"type": "array", "maxItems": 0}}},
	"accounts": {"type": "object", "additionalProperties": false, "properties": {
	    "ids": {"type": "array", "maxItems": 1000, "items": {"type": "string", "maxLength": 128}},
	    "labels": {"type": "array", "maxItems": 64, "items": {"type": "string", "maxLength": 48}},
	    "environments": {"type": "array", "maxItems": 8, "items": {"type": "string", "enum": ["prod", "test", "*"]}}}},
	"integrations": {"type": "object", "additionalProperties": false, "properties": {
	    "categories": {"type": "array", "maxItems": 64, "items": {"type": "string", "maxLength": 64}}}}}}}'),
    ('token.issue', true, '[]',
     '{"token_ttl": {"type": "string", "maxLength": 64}}'),
    ('organization.create', true, '["name"]', '{}'),
    ('organization.token_create', true, '["organization"]',
     '{"organization": {"type": "string", "minLength": 1, "maxLength": 128}}'))
    AS v(name, named, required, properties);

INSERT INTO gate.shape (name, schema)
SELECT name, jsonb_build_object('type', 'object', 'additionalProperties', false,
    'required', required, 'properties', more
    || (SELECT jsonb_object_agg(f, '{"type": "string", "maxLength": 1024}'::jsonb)
	FROM unnest(ARRAY['name', 'summary', 'priority', 'project', 'status',
	    'issue_type', 'creator', 'assignee', 'contact']) f)
    || '{"description": {"type": "string", "maxLength": 65536},
	 "due_date": {"type": "string", "format": "date-time"},
	 "tags": {"type": "array", "maxItems": 100, "items": {"type": "string", "maxLength": 256}},
	 "attachments": {"type": "array", "maxItems": 100, "items": {"type": "object"}}}'::jsonb)
FROM (VALUES
    ('ticket.create', '["name"]'::jsonb,
     '{"completion_date": {"type": "string", "format": "date-time"},
       "custom_fields": {"type": "object"}}'::jsonb),
    ('ticket.patch', '["name"]',
     '{"completion_date": {"type": "string", "format": "date-time"},
       "custom_fields": {"type": "object"},
       "id": {}, "created_at": {}, "updated_at": {}}'),
    ('notification.create', '["summary"]', '{}')) AS v(name, required, more);
UPDATE gate.shape SET schema = jsonb_set(schema, '{properties,name,minLength}', '1')
WHERE name IN ('ticket.create', 'ticket.patch', 'notification.create');
