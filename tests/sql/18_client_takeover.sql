-- Whoever runs an organization's clients gets no rights through them that he
-- does not have himself.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
SELECT t.form('control', 'member.create', '{"body": {"email": "first@x18"}}', '{"new_password": "x"}') \g /dev/null
SELECT t.form('control', 'member.create', '{"body": {"email": "root18@x", "organization": "root", "role": "administrator"}}', '{"new_password": "password of root"}') \g /dev/null
SELECT t.result('control', 'organization.create', '{"body": {"name": "shop18"}}') \g /dev/null
SELECT t.form('control', 'member.create', format('{"body": {"email": "%s", "organization": "shop18"}}', e)::jsonb, '{"new_password": "password of all"}')
FROM unnest('{boss@shop18,cleo@shop18}'::text[]) e \g /dev/null
SELECT t.form_code('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', e)), '{"password": "password of all"}', split_part(e, '@', 1) || '18')
FROM unnest('{boss@shop18,cleo@shop18}'::text[]) e \g /dev/null
SELECT t.form_code('visitor', 'session.create', '{"body": {"email": "root18@x"}}', '{"password": "password of root"}', 'root18') \g /dev/null
SELECT is(t.code('boss18', 'admin.role_create', '{"body": {"name": "clients18", "scope": ["oauth-clients:edit", "users:view"]}}'), '200', 'a role that runs clients and no more');
SELECT jsonb_build_object('path', jsonb_build_object('personId', id), 'body', '{"role": "clients18"}'::jsonb) AS cleo FROM core.person WHERE email = 'cleo@shop18' \gset
SELECT is(t.code('boss18', 'admin.member_roles', :'cleo'), '200', 'is all that cleo has');
CREATE FUNCTION t.make18(p_who text, p_operation text, p_more jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT coalesce(c #>> '{body,id}', concat_ws(' ', c ->> 'sqlstate', c ->> 'code')) FROM t.form(p_who, p_operation, jsonb_build_object('body',
	    '{"name": "App", "redirect_uris": "https://app.example/cb"}'::jsonb || p_more), '{}', 'x') c $$;
CREATE FUNCTION t.on18(p_who text, p_operation text, p_client text, p_body jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code(p_who, p_operation, jsonb_build_object('path', jsonb_build_object('clientId', p_client), 'body',
	    '{"name": "App", "redirect_uris": "https://evil.example/cb"}'::jsonb || p_body), '{}', 'x') $$;

-- An app of a person acts for that person.
SELECT t.make18('boss18', 'app.create', '{"service": "1", "scope": ["orders:read", "accounts:view"]}') AS app \gset
SELECT is(t.on18('cleo18', 'client_admin.secret_new', :'app'), '403 foreign_client', 'no secret of a person''s app');
SELECT is(t.on18('cleo18', 'client_admin.update', :'app'), '403 foreign_client', 'nor another address to send codes to');
SELECT is(t.on18('boss18', 'app.secret_new', :'app'), '200', 'but its owner');
SELECT is(t.on18('cleo18', 'client_admin.suspend', :'app'), '200', 'it can be suspended');
SELECT is(t.on18('root18', 'client_admin.resume', :'app'), '200', 'the root runs everything');
SELECT is(t.on18('cleo18', 'client_admin.delete', :'app'), '200', 'and deleted');

-- Clients of the organization that act for themselves.
SELECT t.make18('boss18', 'client_admin.create', '{"service": "1", "scope": ["accounts:edit"]}') AS app \gset
SELECT is(t.on18('cleo18', 'client_admin.secret_new', :'app'), '403 insufficient_scope', 'no secret of a client that may do more');
SELECT is(t.on18('cleo18', 'client_admin.update', :'app', '{"service": "1"}'), '403 insufficient_scope', 'nor any change of it');
SELECT is(t.on18('boss18', 'client_admin.secret_new', :'app'), '200', 'who has all of it may');
SELECT t.make18('boss18', 'client_admin.create', '{"scope": ["orders:read"]}') AS app \gset
SELECT is(t.on18('cleo18', 'client_admin.update', :'app', '{"scope": ["orders:read"]}'), '200', 'one that asks people is another matter');
SELECT is(t.on18('cleo18', 'client_admin.update', :'app', '{"scope": ["orders:read"], "service": "1"}'), '403 insufficient_scope', 'unless it is to act for itself');

-- Nobody is asked by a client of the house.
SELECT is(t.make18('cleo18', 'client_admin.create', '{"first_party": "1", "scope": ["orders:read"]}'), 'HT403 insufficient_scope', 'nobody makes one with more than he has');
SELECT isnt(t.make18('boss18', 'client_admin.create', '{"first_party": "1", "scope": ["orders:read"]}'), 'HT403 insufficient_scope', 'who has it does');
SELECT is(t.on18('cleo18', 'client_admin.update', :'app', '{"scope": ["orders:read"], "first_party": "1"}'), '403 insufficient_scope', 'nor turns one into it');
SELECT t.form('control', 'member.create', '{"body": {"email": "rita18@x", "organization": "root", "role": "member"}}', '{"new_password": "password of rita"}') \g /dev/null
SELECT t.form_code('visitor', 'session.create', '{"body": {"email": "rita18@x"}}', '{"password": "password of rita"}', 'rita18') \g /dev/null
SELECT is(t.code('root18', 'admin.role_create', '{"body": {"name": "clients18", "scope": ["oauth-clients:edit", "orders:read"]}}'), '200', 'the same role in the root');
SELECT jsonb_build_object('path', jsonb_build_object('personId', id), 'body', '{"role": "clients18"}'::jsonb) AS rita FROM core.person WHERE email = 'rita18@x' \gset
SELECT is(t.code('root18', 'admin.member_roles', :'rita'), '200', 'is all that rita has');
SELECT is(t.make18('rita18', 'client_admin.create', '{"first_party": "1", "scope": ["orders:read"]}'), 'HT403 root_required', 'one for everybody is made by the root alone');
SELECT isnt(t.make18('root18', 'client_admin.create', '{"first_party": "1", "scope": ["orders:read"]}'), 'HT403 root_required', 'who makes it');

-- What registers itself.
CREATE FUNCTION t.register18(p_who text, p_more jsonb) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code(p_who, 'client_admin.initial_create', '{"body": {"name": "all"}}', '{}', 'initial');
	SELECT set_config('grantd.issuer', 'https://auth.example', false);
	UPDATE t.credential SET kind = 8 WHERE name = 'initial';
	SELECT coalesce(c #>> '{body,scope}', c::text) FROM t.form('initial', 'registration.create', jsonb_build_object('body',
	    '{"redirect_uris": ["https://app.example/cb"], "scope": "orders:read"}'::jsonb || p_more),
	    (SELECT jsonb_build_object('credential', secret) FROM t.credential WHERE name = 'initial'), 'x') c $$;
SELECT is(t.register18('cleo18', '{"grant_types": ["authorization_code", "client_credentials"]}'), 'email offline_access openid profile', 'acts for itself with what who let it register has');
SELECT is(t.register18('boss18', '{"grant_types": ["client_credentials"]}'), 'email offline_access openid orders:read profile', 'which may be more');
SELECT is(t.register18('cleo18', '{}'), 'email offline_access openid orders:read profile', 'and asks people for anything');

-- What the root suspended, the root resumes.
CREATE FUNCTION t.see18(p_who text, p_client text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.page(p_who, 'client_admin.show', jsonb_build_object('path', jsonb_build_object('clientId', p_client))) -> 'client' $$;
CREATE FUNCTION t.state18(p_client text) RETURNS text LANGUAGE sql AS $$
	SELECT concat_ws(' ', c.status, CASE WHEN c.suspended_root THEN 'root' WHEN NOT c.suspended_root THEN 'own' END, p.email) FROM oauth.client c LEFT JOIN core.person p ON p.id = c.suspended_by WHERE c.id = p_client $$;
SELECT t.make18('boss18', 'client_admin.create', '{"scope": ["orders:read"]}') AS app \gset
SELECT is(t.see18('boss18', :'app') -> 'suspension', 'null', 'it works: nobody suspended it');
SELECT is(t.on18('root18', 'client_admin.suspend', :'app'), '200', 'the root suspends a client of an organization');
SELECT is(t.state18(:'app'), 'suspended root root18@x', 'which is kept with it');
SELECT is(t.on18(w, 'client_admin.resume', :'app'), '403 root_required', 'that ' || w || ' does not resume') FROM unnest('{boss18,cleo18}'::text[]) w;
SELECT is(t.on18('boss18', 'client_admin.suspend', :'app'), '200', 'to suspend it once more');
SELECT is(t.state18(:'app'), 'suspended root root18@x', 'does not make it the organization''s');
SELECT is(t.on18('boss18', 'client_admin.update', :'app', '{"scope": ["orders:read"]}'), '200', 'nor does a change');
SELECT is(t.on18('boss18', 'client_admin.resume', :'app'), '403 root_required', 'it stays so');
SELECT is(t.see18('boss18', :'app') -> 'may_resume', 'false', 'its page offers nothing');
SELECT is((t.see18('boss18', :'app') -> 'suspension') - 'at', '{"root": true, "person": null, "organization": false}', 'and says who it was, as far as one may know');
SELECT is(t.see18('root18', :'app') -> 'may_resume', 'true', 'the root''s page offers it');
SELECT is(t.see18('root18', :'app') #> '{suspension,person,email}', '"root18@x"', 'with the name');
SELECT is(t.on18('root18', 'client_admin.resume', :'app'), '200', 'the root resumes it');
SELECT is(t.state18(:'app'), 'active', 'and nothing is left of it');
SELECT is((SELECT array_agg(concat_ws(' ', p.email, split_part(e.operation, '.', 2), e.detail ->> 'status', e.detail ->> 'root') ORDER BY e.seq) FROM audit.event e JOIN core.person p ON p.id = e.person
    WHERE e.target = :'app' AND e.operation ~ 'suspend|resume'), ARRAY['root18@x suspend suspended true', 'boss@shop18 suspend suspended true', 'root18@x resume active'], 'the audit has whose it was');
SELECT is(t.on18('boss18', 'client_admin.suspend', :'app'), '200', 'an organization suspends its own');
SELECT is(t.see18('cleo18', :'app') #> '{suspension,person,email}', '"boss@shop18"', 'and sees by whom');
SELECT is((t.see18('cleo18', :'app') -> 'suspension') - '{at,person}'::text[], '{"root": false, "organization": true}', 'of its own');
SELECT is(t.on18('cleo18', 'client_admin.resume', :'app'), '200', 'and resumes it');
SELECT is(t.on18('boss18', 'client_admin.suspend', :'app'), '200', 'suspended by its organization');
SELECT is(t.on18('root18', 'client_admin.suspend', :'app'), '200', 'the root can take that over');
SELECT is(t.on18('boss18', 'client_admin.resume', :'app'), '403 root_required', 'and then decides alone');
SELECT is(t.on18('root18', 'client_admin.resume', :'app'), '200', 'over both');
UPDATE oauth.client SET status = 'suspended' WHERE id = :'app';
SELECT is(t.on18('boss18', 'client_admin.resume', :'app'), '403 root_required', 'what was suspended in the database is the operator''s');
SELECT is(t.see18('boss18', :'app') -> 'suspension', '{"at": null, "root": false, "person": null, "organization": false}', 'as the page says');
SELECT is(t.on18('root18', 'client_admin.resume', :'app'), '200', 'whom the root stands for');
SELECT t.make18('rita18', 'client_admin.create', '{"scope": ["orders:read"]}') AS app \gset
SELECT is(t.on18('root18', 'client_admin.suspend', :'app'), '200', 'a client of the root');
SELECT is(t.on18('rita18', 'client_admin.resume', :'app'), '403 root_required', 'is no matter of its members without that right');

-- A registration that is held is shown as such, to whom the client is shown.
SELECT id AS app FROM oauth.client WHERE organization = (SELECT id FROM core.organization WHERE name = 'shop18') AND origin = 'dynamic' AND NOT 'client_credentials' = ANY (grant_types) \gset
SELECT is(t.see18('cleo18', :'app') -> 'registration', '{"held": null}', 'one that manages itself');
SELECT is(t.on18('cleo18', 'client_admin.update', :'app', '{"scope": ["orders:read"]}'), '200', 'until an administrator changes it');
SELECT is(t.see18(w, :'app') #> '{registration,held,text}', '"just now"', 'as ' || w || ' sees') FROM unnest('{cleo18,root18}'::text[]) w;
SELECT t.make18('cleo18', 'client_admin.create', '{"scope": ["orders:read"]}') AS app \gset
SELECT is(t.see18('cleo18', :'app') -> 'registration', 'null', 'others have none');
SELECT * FROM finish();
