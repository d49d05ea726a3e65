-- What the lists of the pages are made of.

INSERT INTO gate.list (name, source, body, tie, default_order, pages) VALUES
    ('page_organization', 'gate.my_organizations() r',
     'api.page_organization_json(r.id, r.name, r.fullname, r.organization_type, r.status, r.created_at, r.member)',
     'name', 'fullname', 'cursor'),
    ('page_member', 'core.member r LEFT JOIN core.person p ON p.id = r.person',
     'api.member_json(r)', 'id', 'fullname', 'cursor'),
    ('page_account', 'core.account r', 'api.page_account_json(r)', 'id', 'fullname', 'cursor'),
    ('page_integration', 'core.integration r', 'api.page_integration_json(r)', 'id', 'fullname', 'cursor'),
    ('page_token', 'token.family_info r', 'api.page_token_json(r)', 'id', 'created_at', 'cursor'),
    ('page_event', 'audit.event r', 'api.event_json(r)', 'seq', 'seq', 'cursor');

INSERT INTO gate.list_field (list, field, expression, type) VALUES
    ('page_organization', 'name', 'r.name COLLATE "C"', 'text'),
    ('page_organization', 'fullname', 'lower(r.fullname) COLLATE "C"', 'text'),
    ('page_member', 'id', 'coalesce(r.invitation, r.person)::text COLLATE "C"', 'text'),
    ('page_member', 'fullname', 'lower(coalesce(r.invited_name, p.fullname)) COLLATE "C"', 'text'),
    ('page_account', 'id', 'r.id::text COLLATE "C"', 'text'),
    ('page_account', 'fullname', 'lower(r.fullname) COLLATE "C"', 'text'),
    ('page_integration', 'id', 'r.id::text COLLATE "C"', 'text'),
    ('page_integration', 'fullname', 'lower(r.fullname) COLLATE "C"', 'text'),
    ('page_token', 'id', 'r.id::text COLLATE "C"', 'text'),
    ('page_token', 'created_at', 'r.created_at', 'time'),
    ('page_event', 'seq', 'r.seq', 'number');
