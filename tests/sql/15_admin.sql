-- The pages of administration: organizations, members, roles, accounts,
-- integrations, tokens, audit; and that one organization never sees another.
-- Units are transactions of their own here.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
CREATE FUNCTION t.person(p_email text, p_org text, p_role text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
	v	jsonb := t.form('control', 'member.create', jsonb_strip_nulls(jsonb_build_object('body', jsonb_build_object(
		    'email', p_email, 'organization', p_org, 'role', p_role))), jsonb_build_object('new_password', 'pw ' || p_email)) #> '{body,result}';
BEGIN
	IF t.form_code('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', p_email)),
	    jsonb_build_object('password', 'pw ' || p_email), split_part(p_email, '@', 1)) <> '200' THEN
		RAISE EXCEPTION '% cannot sign in', p_email;
	END IF;
	RETURN (v ->> 'id')::uuid;
END $$;
CREATE FUNCTION t.at(VARIADIC p text[]) RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('path', jsonb_object(p)) $$;
CREATE FUNCTION t.body(p_body jsonb, VARIADIC p text[] DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('path', jsonb_object(p), 'body', p_body) $$;
CREATE FUNCTION t.names(p jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(e ->> 'name', ' ') FROM jsonb_array_elements(p) e $$;
DELETE FROM core.throttle;

SELECT t.result('control', 'organization.create', '{"body": {"name": "alpha", "fullname": "Alpha"}}') ->> 'id' AS alpha \gset
SELECT t.result('control', 'organization.create', '{"body": {"name": "beta", "fullname": "Beta"}}') ->> 'id' AS beta \gset
SELECT t.person('chief@r', NULL, 'administrator') AS chief, t.person('al@a', 'alpha', NULL) AS al, t.person('mia@a', 'alpha', NULL) AS mia,
    t.person('vic@a', 'alpha', 'viewer') AS vic, t.person('ben@b', 'beta', NULL) AS ben \gset
CREATE FUNCTION t.join(p_who text, p_link text) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code(p_who, 'link.join', '{}', jsonb_build_object('secret', secret)) FROM t.credential WHERE name = p_link $$;
SELECT t.form('control', 'member.create', '{"body": {"email": "mia@a", "organization": "beta", "role": "viewer"}}', '{}', 'mialink') \g /dev/null
SELECT t.join('mia', 'mialink') \g /dev/null

-- Who sees what.
SELECT is(t.names(t.page('al', 'admin.organization_list') #> '{organizations,items}'), 'alpha', 'one''s own organization');
SELECT is(t.names(t.page('mia', 'admin.organization_list') #> '{organizations,items}'), 'alpha beta', 'two, of a member of two');
SELECT is(t.names(t.page('chief', 'admin.organization_list', '{"query": {"search": "a"}}') #> '{organizations,items}') ~ 'alpha.*beta', true, 'all, of an administrator of the root');
SELECT is(t.page('chief', 'admin.organization_list', '{"query": {"search": "alph"}}') #> '{organizations,total}', '1', 'searched');
SELECT is(t.page('al', 'page.frame') #> '{me,navigation,members}', 'true', 'navigation follows the scopes');
SELECT is(t.page('mia', 'page.frame') #> '{me,navigation,members}', 'false', 'and is less for less');
SELECT is(t.page('mia', 'page.frame') #>> '{me,several}', 'true', 'somebody with a choice');
SELECT is(t.page('mia', 'page.frame') #>> '{me,can,segments_write}', 'true', 'a member works with the application');
SELECT is(t.page('vic', 'page.frame') #> '{me,can,accounts_edit}', NULL, 'a viewer changes nothing');
SELECT is(t.page('chief', 'admin.member_list', t.at('organizationId', 'alpha')) #> '{me,can,orders_read}', NULL, 'the root runs organizations, and has no data of theirs');

-- The organization of the path.
SELECT is(t.page('al', 'admin.home') #>> '{me,organization,name}', 'alpha', 'without one it is the present one');
SELECT is(t.page('mia', 'admin.member_list', t.at('organizationId', 'beta')) #>> '{me,organization,name}', 'beta', 'with one it is that');
SELECT is(t.code('mia', 'admin.member_list', t.at('organizationId', 'alpha')), '403 insufficient_scope', 'with the scopes there');
SELECT is(t.call('mia', 'admin.member_list', t.at('organizationId', 'alpha')) ->> 'scope', 'users:view', 'which are named');
SELECT is(t.code('mia', 'organization.switch', '{"body": {"organization": "beta"}}'), '200', 'a switch');
SELECT is(t.page('mia', 'page.frame') #>> '{me,organization,name}', 'beta', 'lasts');
SELECT is(t.code('al', 'organization.switch', '{"body": {"organization": "beta"}}'), '404 organization_not_found', 'nobody switches to another''s');
SELECT is(t.code('al', 'organization.switch', '{"body": {}}'), '404 organization_not_found', 'nor to nothing');
SELECT is(t.page('chief', 'admin.organization_show', t.at('organizationId', 'beta')) #>> '{organization,fullname}', 'Beta', 'the root opens any');

SELECT is(jsonb_path_query_array(t.page('chief', 'admin.home', t.at('organizationId', 'beta')), '$.me.organizations[*] ? (@.current == true).name'), '["beta"]', 'and the choice of organizations says that it is there');
SELECT is(jsonb_path_query_array(t.page('mia', 'page.frame'), '$.me.organizations[*].name'), '["alpha", "beta"]', 'others choose among their own');

-- Accounts and integrations.
SELECT is(t.code('al', 'admin.account_create', t.body(x)), '400 invalid_field', 'a mistake in a form is one of a field: ' || left(x::text, 60))
FROM unnest(ARRAY['{"name": "Ünï"}', '{"name": "fine", "labels": "good bad!"}', jsonb_build_object('name', 'fine', 'labels', (SELECT string_agg('l' || n, ' ') FROM generate_series(1, 65) n))]::jsonb[]) x;
SELECT t.page('al', 'admin.account_create', t.body('{"fullname": "Acme & Co", "labels": "big, old  fat", "environment": ""}')) AS acct \gset
SELECT is(:'acct'::jsonb ->> 'name', 'acme-co', 'an account of a form');
SELECT t.page('al', 'admin.account_show', t.at('accountId', 'acme-co')) AS a \gset
SELECT is(:'a'::jsonb #>> '{account,labels_text}', 'big, old, fat', 'with labels');
SELECT is(:'a'::jsonb #> '{integrations,items}', '[]', 'and nothing in it');
SELECT is(t.code('al', 'admin.account_create', t.body('{"name": "acme-co"}')), '409 name_taken', 'twice');
SELECT is(t.code('al', 'admin.account_create', t.body('{"name": "a b"}')), '400 invalid_field', 'no name');
SELECT is(t.code('al', 'admin.account_update', t.body('{"fullname": "Acme", "environment": "test"}', 'accountId', 'acme-co')), '200', 'a change');
SELECT is(t.page('al', 'admin.account_show', t.at('accountId', 'acme-co')) #> '{account}' #- '{id}' #- '{created}' #- '{updated}',
    '{"name": "acme-co", "test": true, "labels": ["big", "old", "fat"], "fullname": "Acme", "environment": "test", "labels_text": "big, old, fat", "integrations": 0}', 'keeps what the form does not name');
SELECT is(t.code('vic', 'admin.account_create', t.body('{"name": "x"}')), '403 insufficient_scope', 'a viewer makes none');
SELECT t.page('al', 'admin.account_create', t.body(jsonb_build_object('name', 'acct-' || n, 'fullname', 'Account ' || n))) FROM generate_series(1, 5) n \g /dev/null
SELECT t.page('al', 'admin.account_list', '{"query": {"limit": "4"}}') -> 'accounts' AS p1 \gset
SELECT is(jsonb_array_length(:'p1'::jsonb -> 'items') || (:'p1'::jsonb ->> 'total') || (:'p1'::jsonb ->> 'more'), '46true', 'a list has pages');
SELECT t.page('al', 'admin.account_list', jsonb_build_object('query', jsonb_build_object('limit', '4', 'start_after', :'p1'::jsonb ->> 'next'))) -> 'accounts' AS p2 \gset
SELECT is(t.names(:'p2'::jsonb -> 'items') || (:'p2'::jsonb ->> 'more'), 'acct-5 acme-cofalse', 'which go on');
SELECT is(t.page('al', 'admin.account_list', '{"query": {"search": "100%_"}}') -> 'accounts', '{"items": [], "total": 0, "next": "", "more": false, "search": "100%_", "filtered": true, "limit": 50}', 'a search that finds nothing');
SELECT is(t.names(t.page('al', 'admin.account_list', '{"query": {"environment": "test"}}') #> '{accounts,items}'), 'acme-co', 'a filter');
SELECT is(t.code('al', 'admin.account_list', '{"query": {"start_after": "junk"}}'), '400 invalid_cursor', 'a page that is none');
SELECT is(t.code('al', 'admin.account_list', '{"query": {"limit": "-5", "filter": [{"field": "secret", "op": "eq", "value": "x"}], "order": 5}}'), '200', 'strange queries do no harm');

SELECT t.page('al', 'admin.integration_new', t.at('accountId', 'acme-co')) AS n \gset
SELECT is(:'n'::jsonb -> 'fields', '[]', 'a new integration begins with a provider');
SELECT is(jsonb_array_length(:'n'::jsonb -> 'providers'), 5, 'out of all');
SELECT t.page('al', 'admin.integration_new', t.at('accountId', 'acme-co') || '{"query": {"provider": "storage_mock_storage"}}') AS n \gset
SELECT is(:'n'::jsonb #> '{fields,0}' #- '{help}', '{"name": "config.bucket", "key": "bucket", "label": "Bucket", "type": "text", "required": true, "enum": null, "value": "", "maxlength": "256",
    "is_text": true, "is_number": false, "is_checkbox": false, "is_select": false, "is_json": false}', 'whose schema makes the form');
SELECT is(api.provider_fields('{"required": ["b"], "properties": {"type": {}, "a": {"type": "string", "enum": ["x", "y"], "default": "y"}, "b": {"type": "integer"}, "c": {"type": "boolean"}, "d": {"type": "object"}}}')::jsonb #> '{}' @>
    '[{"key": "b", "type": "number", "required": true}, {"key": "a", "type": "select", "enum": [{"value": "x", "selected": false}, {"value": "y", "selected": true}]}, {"key": "c", "type": "checkbox"}, {"key": "d", "type": "json"}]', true, 'of every kind');
SELECT is(t.code('al', 'admin.integration_create', t.body('{"name": "disk"}', 'accountId', 'acme-co')), '400 invalid_field', 'no provider');
SELECT is(t.code('al', 'admin.integration_create', t.body('{"name": "disk", "provider": "storage_mock_storage"}', 'accountId', 'acme-co')), '400 invalid_provider_config', 'a field is missing');
SELECT is(t.code('al', 'admin.integration_create', t.body('{"name": "tix", "provider": "ticketing_mock_ticketing", "config.custom_field_mappings": "nonsense"}', 'accountId', 'acme-co')), '400 invalid_field', 'what must be JSON and is none');
SELECT t.page('al', 'admin.integration_create', t.body('{"name": "disk", "provider": "storage_mock_storage", "config.bucket": "b1"}', 'accountId', 'acme-co'), 'disk') AS i \gset
SELECT is(:'i'::jsonb ->> 'access' || (:'i'::jsonb ->> 'refresh'), chr(1) || '0' || chr(1) || '1', 'the pair is shown');
SELECT is(t.code('disk', 'storage.file_list'), '200', 'and works');
SELECT t.page('al', 'admin.integration_show', t.at('accountId', 'acme-co', 'integrationId', 'disk')) -> 'integration' AS s \gset
SELECT is(:'s'::jsonb -> 'config', '[{"name": "bucket", "label": "Bucket", "value": "b1"}]', 'its configuration in words');
SELECT is(:'s'::jsonb #>> '{token,integration,name}', 'disk', 'and its pair');
SELECT t.page('al', 'admin.integration_reset', t.at('accountId', 'acme-co', 'integrationId', 'disk'), 'disk2') ->> 'id' AS again \gset
SELECT is(t.code('disk', 'storage.file_list') || t.code('disk2', 'storage.file_list'), '401 token_revoked200', 'a reset ends the older pair');
SELECT is(t.names(t.page('mia', 'admin.integration_list', t.at('organizationId', 'alpha') || '{"query": {"category": "storage"}}') #> '{integrations,items}'), 'disk', 'a list of all');
SELECT is(t.code('al', 'admin.integration_delete', t.at('accountId', 'acme-co', 'integrationId', 'disk')), '200', 'deletion');
SELECT is(t.code('disk2', 'storage.file_list'), '401 token_revoked', 'ends its tokens');

-- Organization tokens.
SELECT is(t.page('al', 'admin.token_list') #> '{tokens,items}', '[]', 'no tokens yet');
SELECT t.page('al', 'admin.token_create', t.body('{"name": "ci"}'), 'ci') ->> 'id' AS ci \gset
SELECT is(t.result('ci', 'organization.get') ->> 'name', 'alpha', 'a token of the organization works');
SELECT is(t.code('al', 'admin.token_create', t.body('{"name": "ci"}')), '409 name_taken', 'a name twice');
SELECT is(t.code('al', 'admin.token_create', t.body('{"name": "odd", "permission_set": "king"}')), '400 invalid_field', 'no such permission set');
SELECT is(t.code('mia', 'admin.token_create', t.body('{"name": "odd"}', 'organizationId', 'alpha')), '403 insufficient_scope', 'a member makes none');
SELECT is(t.names(t.page('al', 'admin.token_list') #> '{tokens,items}'), 'ci', 'it is in the list');
SELECT is(t.code('ben', 'admin.token_revoke', t.at('refreshTokenId', :'ci')), '404 token_not_found', 'another organization does not revoke it');
SELECT is(t.code('al', 'admin.token_revoke', t.at('refreshTokenId', :'ci')), '200', 'its own does');
SELECT is(t.code('ci', 'organization.get'), '401 token_revoked', 'at once');

-- Members and roles.
SELECT t.page('al', 'admin.member_list') AS m \gset
SELECT is(t.names(:'m'::jsonb #> '{members,items}'), 'al mia vic', 'members');
SELECT is(t.page('al', 'admin.member_list', '{"query": {"role": "viewer"}}') #>> '{members,items,0,email}', 'vic@a', 'by role');
SELECT t.page('al', 'admin.role_create', t.body('{"fullname": "Order Clerk", "scope": ["orders:read", "segments:write"]}')) ->> 'id' AS clerk \gset
SELECT is(t.page('al', 'admin.role_show', t.at('roleId', 'order-clerk')) #> '{role,scopes}' @> '[{"name": "segments:read"}]', true, 'a role has what its scopes imply');
SELECT is(t.code('al', 'admin.role_create', t.body('{"name": "order-clerk", "scope": "orders:read"}')), '409 name_taken', 'its name is taken');
SELECT is(t.code('al', 'admin.role_create', t.body('{"name": "x", "scope": ["openid"]}')), '400 invalid_field', 'who one is, is no matter of roles');
SELECT is(t.code('al', 'admin.role_create', t.body('{"name": "x", "scope": ["siem:use"]}')), '400 invalid_field', 'nor are connectors');
SELECT is(t.code('al', 'admin.role_create', t.body('{"name": "x"}')), '400 invalid_field', 'a role without scopes');
SELECT is(t.code('al', 'admin.role_update', t.body('{"scope": "orders:read"}', 'roleId', 'viewer')), '409 builtin_role', 'built-in ones stay');
SELECT is(t.code('al', 'admin.member_roles', t.body(jsonb_build_object('role', jsonb_build_array('order-clerk')), 'personId', :'vic')), '200', 'roles of a member change');
SELECT is(t.code('vic', 'admin.account_list'), '403 insufficient_scope', 'at once, for living sessions');
SELECT is(t.page('vic', 'page.frame') #>> '{me,can,orders_read}', 'true', 'both ways');
SELECT is(t.code('al', 'admin.role_delete', t.at('roleId', 'order-clerk')), '409 role_in_use', 'a role in use stays');
SELECT is(t.code('al', 'admin.role_update', t.body('{"scope": ["accounts:view", "organizations:view"]}', 'roleId', 'order-clerk')), '200', 'but changes');
SELECT is(t.code('vic', 'admin.account_list'), '200', 'for its members, at once');

-- Nobody rises by himself.
SELECT t.page('al', 'admin.role_create', t.body('{"name": "hr", "scope": ["users:edit", "roles:edit", "organizations:view"]}')) ->> 'id' AS hr \gset
SELECT is(t.code('al', 'admin.member_roles', t.body('{"role": ["hr"]}', 'personId', :'vic')), '200', 'somebody who manages members');
SELECT is(t.code('vic', 'admin.member_roles', t.body('{"role": ["administrator"]}', 'personId', :'vic')), '403 insufficient_scope', 'gives no role above the own');
SELECT is(t.code('vic', 'admin.role_create', t.body('{"name": "up", "scope": ["audit:view"]}')), '403 insufficient_scope', 'makes none');
SELECT is(t.code('vic', 'admin.role_update', t.body('{"scope": ["audit:view"]}', 'roleId', 'hr')), '403 insufficient_scope', 'widens none');
SELECT is(t.code('vic', 'admin.member_remove', t.at('personId', :'al')), '403 insufficient_scope', 'removes nobody above');
SELECT is(t.code('vic', 'admin.member_link', t.at('personId', :'al')), '403 insufficient_scope', 'sets nobody''s password above');
SELECT is(t.code('vic', 'admin.member_roles', t.body('{"role": []}', 'personId', :'vic')), '400 invalid_field', 'a member has a role');
SELECT is(t.code('al', 'admin.member_roles', t.body('{"role": ["member"]}', 'personId', :'vic')), '200', 'back to a member');
SELECT is(t.code('al', 'admin.member_roles', t.body('{"role": ["member"]}', 'personId', :'al')), '409 last_administrator', 'the last administrator stays');
SELECT is(t.code('al', 'admin.member_remove', t.at('personId', :'al')), '409 last_administrator', 'in any way');
SELECT is(t.code('al', 'admin.member_disable', t.at('personId', :'al')), '409 last_administrator', 'at all');
SELECT is(t.code('al', 'page.frame'), '200', 'and nothing of it was done');
UPDATE core.member_role mr SET role = r.id FROM core.role r, core.organization o
WHERE o.organization_type = 'root' AND mr.organization = o.id AND mr.person <> :'chief' AND r.organization = o.id AND r.name = 'viewer';
SELECT is(t.code('chief', x, t.body('{"role": ["viewer"]}', 'organizationId', 'root', 'personId', :'chief')), '409 last_administrator', 'nor goes the last one of the root: ' || x)
FROM unnest('{admin.member_roles,admin.member_remove,admin.member_disable}'::text[]) x;

-- New members and links.
SELECT t.page('al', 'admin.member_add', t.body('{"email": "new@a", "fullname": "New One", "role": ["member", "viewer"]}'), 'newlink') AS new \gset
SELECT is(:'new'::jsonb ->> 'link_secret', chr(1) || '3', 'a new person gets a link');
SELECT is(t.page('al', 'admin.member_show', t.at('personId', :'new'::jsonb ->> 'id')) #>> '{member,status}', 'invited', 'and is invited until it is used');
SELECT secret AS link FROM t.credential WHERE name = 'newlink' \gset
SELECT is(t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', :'link', 'new_password', 'pw'), 'new'), '200', 'which happens');
SELECT is(t.page('new', 'page.frame') #>> '{me,organization,name}', 'alpha', 'in the organization');
SELECT t.page('chief', 'admin.member_add', t.body('{"email": "BEN@b", "role": "viewer"}', 'organizationId', 'alpha'), 'benlink') AS ben2 \gset
SELECT is(t.code('ben', 'admin.home', t.at('organizationId', 'alpha')), '404 organization_not_found', 'an account that another organization made is only invited');
SELECT is(t.join('ben', 'benlink'), '200', 'until its person joins');
SELECT is(t.code('al', 'admin.member_add', t.body('{"email": "ben@b", "role": "viewer"}')), '409 member_exists', 'and is a member once');
SELECT is(t.code('al', 'admin.member_link', t.at('personId', :'ben')), '403 foreign_person', 'whose password this organization cannot set');
SELECT is(t.code('ben', 'admin.member_link', t.at('organizationId', 'beta', 'personId', :'ben')), '403 foreign_person', 'nor the other one any more: two rely on it');
SELECT is(t.code('chief', 'admin.member_link', t.at('organizationId', 'beta', 'personId', :'ben')), '200', 'the root can');
SELECT is(t.code('al', 'admin.member_remove', t.at('personId', :'ben')), '200', 'removal');
SELECT is(t.code('ben', 'admin.home', t.at('organizationId', 'alpha')), '404 organization_not_found', 'works at once');
SELECT is(t.code('al', 'admin.member_show', t.at('personId', :'ben')), '404 member_not_found', 'both ways');
SELECT is(t.code('al', 'admin.member_disable', t.at('personId', :'new'::jsonb ->> 'id')), '200', 'a disabled member');
SELECT is(t.page('new', 'page.frame') #> '{me,organization}', 'null', 'has no organization');
SELECT is(t.code('new', 'admin.home'), '404 no_organization', 'to work in');
SELECT is(t.page('new', 'page.frame') #>> '{me,email}', 'new@a', 'but is still signed in');

-- Every page with an id of another organization.
SELECT t.page('ben', 'admin.account_create', t.body('{"name": "hidden"}')) ->> 'id' AS hidden \gset
SELECT t.page('ben', 'admin.integration_create', t.body('{"name": "hid", "provider": "sink_mock_sink"}', 'accountId', 'hidden'), 'hid') ->> 'id' AS hid \gset
SELECT t.page('ben', 'admin.token_create', t.body('{"name": "theirs"}'), 'theirs') ->> 'id' AS theirs \gset
SELECT t.page('ben', 'admin.role_create', t.body('{"name": "theirs", "scope": "orders:read"}')) ->> 'id' AS role \gset
SELECT matches(t.code('al', o.name, t.body('{"role": "viewer", "scope": "orders:read", "fullname": "x", "provider": "sink_mock_sink"}', 'accountId', :'hidden', 'integrationId', :'hid',
    'refreshTokenId', :'theirs', 'roleId', :'role', 'personId', :'ben')), '^404 (account|token|role|member)_not_found$', o.name || ' with ids of another organization')
FROM gate.operation o WHERE o.name ~ '^admin\.(account|integration|member|role|token)_(show|update|delete|new|create|reset|revoke|roles|remove|disable|enable|link)$'
    AND o.name NOT IN ('admin.account_create', 'admin.token_create', 'admin.role_create', 'admin.role_new', 'admin.member_new') ORDER BY o.name;
SELECT is(t.code('al', o.name, t.at('organizationId', :'beta')), '404 organization_not_found', o.name || ' in another organization')
FROM gate.operation o WHERE o.named AND kinds = '{session}' AND class IN ('read', 'write') AND o.name LIKE 'admin.%' AND NOT o.name LIKE '%\_%able' ORDER BY o.name;
SELECT is(t.call('al', 'admin.audit_list', '{"query": {"limit": "200"}}')::text ~ (:'hidden' || '|' || :'hid' || '|' || :'theirs'), false, 'nor is anything of them in the audit');
-- As SQL, too.
SELECT is(t.read('al', o, 'call', format('SELECT to_jsonb(count(*)) FROM %s', q), '{}'), n::text::jsonb, q || ' in ' || o) FROM (VALUES
    ('admin.home', 'core.account', 0), ('admin.home', 'core.member', 0), ('admin.home', 'core.role', 0), ('admin.home', 'core.organization', 0),
    ('admin.home', 'audit.event', 0), ('admin.home', 'token.family_info', 0), ('admin.home', 'core.person', 1), ('page.frame', 'core.account', 6),
    ('page.frame', 'core.organization', 1), ('page.frame', 'core.member', 4), ('page.frame', 'core.person', 4)) v(o, q, n);
SELECT is(t.read('al', 'page.frame', 'call', 'SELECT to_jsonb(count(*)) FROM audit.event WHERE organization IS DISTINCT FROM core.this_organization()', '{}'), '0', 'nothing of others in audit');
SELECT throws_ok($$SELECT t.read('control', 'organization.list', 'call', 'SELECT to_jsonb(o) FROM gate.act_in(''{"path": {"organizationId": "beta"}}'') o', '{}')$$, '42501', NULL, 'only sessions choose their organization so');

-- The root runs organizations.
SELECT is(t.code('al', 'admin.organization_create', t.body('{"name": "mine"}')), '403 root_required', 'an administrator makes no organizations');
SELECT is(t.code('al', 'admin.organization_disable', t.at('organizationId', 'alpha')), '403 root_required', 'nor disables one');
SELECT is(t.code('al', 'admin.organization_update', t.body('{"fullname": "Alpha Ltd"}')), '200', 'but gives it a title');
SELECT is(t.code('chief', 'admin.organization_create', t.body('{"fullname": "Gamma"}')), '200', 'the root makes one');
SELECT is(t.code('chief', 'admin.member_add', t.body('{"email": "gus@g", "role": "administrator"}', 'organizationId', 'gamma')), '200', 'and its administrator');
SELECT is(t.code('chief', 'admin.organization_disable', t.at('organizationId', 'beta')), '200', 'and disables one');
SELECT is(t.code('theirs', 'organization.get'), '402 organization_disabled', 'whose tokens are dead');
SELECT is(t.code('ben', 'admin.home'), '404 no_organization', 'and whose members are out');
SELECT is(t.page('mia', 'page.frame') #>> '{me,organization,name}', 'alpha', 'or elsewhere');
SELECT is(t.code('chief', 'admin.organization_enable', t.at('organizationId', 'beta')), '200', 'until it is enabled');
SELECT is(t.page('ben', 'admin.home') #>> '{counts,accounts}', '1', 'then all is as before');

-- What happened with a client: all of it to the root, else what happened in
-- the organization.
INSERT INTO oauth.client (id, organization, origin, auth_method, name, redirect_uris)
VALUES ('gc_alphaalphaalphaalpha', :'alpha', 'admin', 'none', 'Alpha App', '{https://alpha.example/}'),
    ('gc_nonenonenonenonenone', NULL, 'dynamic', 'none', 'Nobody''s', '{https://none.example/}');
INSERT INTO audit.event (organization, actor_kind, operation, target_kind, target, outcome, status, client)
SELECT o, 'none', op, 'client', c, 'success', 200, CASE WHEN op = 'authorization.decide' THEN c END
FROM (VALUES (:'alpha'::uuid, 'client_admin.suspend', 'gc_alphaalphaalphaalpha'), (:'beta', 'authorization.decide', 'gc_alphaalphaalphaalpha'),
    (NULL, 'registration.create', 'gc_nonenonenonenonenone'), (:'beta', 'authorization.decide', 'gc_nonenonenonenonenone')) e(o, op, c);
INSERT INTO oauth.connection (id, person, client, organization, scopes, audience)
SELECT gen_random_uuid(), :'ben', c, :'beta', '{openid}', 12 FROM unnest('{gc_alphaalphaalphaalpha,gc_nonenonenonenonenone}'::text[]) c;
CREATE FUNCTION t.happened(p_who text, p_client text, p_org text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT string_agg(e ->> 'operation', ' ') FROM jsonb_array_elements(t.page(p_who, 'client_admin.show',
	    t.at(VARIADIC ARRAY['clientId', p_client] || CASE WHEN p_org IS NULL THEN '{}' ELSE ARRAY['organizationId', p_org] END)) -> 'events') e $$;
SELECT is(t.happened(who, c, org), said, concat_ws(' ', 'events of', c, 'for', who, org))
FROM (VALUES ('chief', 'gc_alphaalphaalphaalpha', NULL, 'authorization.decide client_admin.suspend'), ('chief', 'gc_alphaalphaalphaalpha', 'alpha', 'authorization.decide client_admin.suspend'),
    ('chief', 'gc_nonenonenonenonenone', NULL, 'authorization.decide registration.create'), ('al', 'gc_alphaalphaalphaalpha', NULL, 'client_admin.suspend'),
    ('ben', 'gc_alphaalphaalphaalpha', NULL, 'authorization.decide'), ('ben', 'gc_nonenonenonenonenone', NULL, 'authorization.decide')) v(who, c, org, said);
SELECT is(t.code('al', 'client_admin.show', t.at('clientId', 'gc_nonenonenonenonenone')), '404 client_not_found', 'and of nobody''s nothing');
CREATE FUNCTION t.events(p_who text, p_client text) RETURNS int LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v	int;
BEGIN
	PERFORM t.enter(p_who, 'client_admin.show', 'call');
	PERFORM gate.act_in('{}');
	SELECT count(*) INTO v FROM gate.client_events(p_client);
	RESET SESSION AUTHORIZATION;
	RETURN v;
END $$;
SELECT is(t.events(who, 'gc_nonenonenonenonenone'), n, 'nor by the function, for ' || who) FROM (VALUES ('chief', 2), ('al', 0), ('ben', 1)) v(who, n);
DROP FUNCTION t.happened(text, text, text), t.events(text, text);
DELETE FROM oauth.connection WHERE person = :'ben';
DELETE FROM oauth.client WHERE id IN ('gc_alphaalphaalphaalpha', 'gc_nonenonenonenonenone');

SELECT is(t.code('chief', 'admin.organization_disable', t.at('organizationId', 'root')), '409 root_organization', 'the root itself stays');
SELECT is(t.code('chief', 'admin.account_create', t.body('{"name": "by-root"}', 'organizationId', 'beta')), '200', 'the root works in any');
UPDATE core.member_role SET role = (SELECT r.id FROM core.role r WHERE r.organization = member_role.organization AND r.name = 'viewer')
WHERE person = :'chief' AND organization = (SELECT id FROM core.organization WHERE name = 'root');
SELECT is(t.code('chief', 'admin.account_list', t.at('organizationId', 'beta')), '404 organization_not_found', 'but not with less than that role');

-- Keys and audit.
SELECT is(t.code('al', 'admin.key_list'), '200', 'keys');
SELECT t.page('al', 'admin.audit_list', '{"query": {"operation": "admin.member_remove", "limit": "1"}}') -> 'events' AS e \gset
SELECT is(:'e'::jsonb #> '{items,0}' ?& '{id,at,operation,title,outcome,actor,person,peer,target,request_id,detail}', true, 'an event has all that happened');
SELECT is(:'e'::jsonb #>> '{items,0,person,email}', 'al@a', 'and who did it');
SELECT is(t.page('al', 'admin.audit_list', '{"query": {"outcome": "refused", "since": "2020-01-01"}}') #>> '{events,filtered}', 'true', 'filters');
SELECT is(t.code('al', 'admin.audit_list', '{"query": {"since": "yesterdayish"}}'), '400 invalid_filter', 'that must make sense');
SELECT is(t.code('mia', 'admin.audit_list', t.at('organizationId', 'alpha')), '403 insufficient_scope', 'not for everybody');
SELECT is(jsonb_array_length(t.page('al', 'admin.scope_list') -> 'groups'), 4, 'scopes by level');
SELECT is((t.page('al', 'admin.home') #>> '{counts,members}')::int, 4, 'the start has counts');
SELECT is_empty($$SELECT e.operation FROM audit.event e WHERE e.actor_kind = 'session' AND (e.person IS NULL OR e.session IS NULL OR e.actor IS DISTINCT FROM e.person)$$, 'events of sessions name person and session');
SELECT is_empty($$SELECT o.name FROM gate.operation o WHERE o.name LIKE 'admin.%' AND o.class <> 'read'
    AND NOT EXISTS (SELECT FROM audit.event e WHERE e.operation = o.name AND e.outcome = 'success') AND o.name NOT IN ('admin.account_delete', 'admin.role_delete', 'admin.member_enable')$$, 'every operation that writes leaves an event');
SELECT is(t.code('al', 'admin.account_delete', t.at('accountId', 'acme-co')) || t.code('al', 'admin.member_enable', t.at('personId', :'new'::jsonb ->> 'id')), '200200', 'the rest');
SELECT is((SELECT count(DISTINCT operation)::int FROM audit.event WHERE operation IN ('admin.account_delete', 'admin.member_enable')), 2, 'too');
DROP FUNCTION t.person(text, text, text), t.at(text[]), t.body(jsonb, text[]), t.names(jsonb);
SELECT * FROM finish();
