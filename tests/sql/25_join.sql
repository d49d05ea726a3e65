-- Joining: who is asked into an organization is a member only by saying so in
-- a session of that very account, and until then the organization knows no
-- more than what it typed.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
CREATE FUNCTION t.secret25(p_link text, p_more jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT jsonb_build_object('secret', secret) || p_more FROM t.credential WHERE name = p_link $$;
CREATE FUNCTION t.answer25(p_who text, p_link text, p_operation text DEFAULT 'link.join') RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code(p_who, p_operation, '{}', t.secret25(p_link)) $$;
CREATE FUNCTION t.shown25(p_who text, p_link text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.form(p_who, 'link.show', '{}', t.secret25(p_link)) #> '{body,link}' $$;
CREATE FUNCTION t.invite25(p_who text, p_email text, p_role text, p_save text) RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.form(p_who, 'admin.member_add', jsonb_build_object('body', jsonb_build_object('email', p_email, 'role', p_role)), '{}', p_save) $$;
CREATE FUNCTION t.on25(p_who text, p_operation text, p_id text, p_body jsonb DEFAULT '{}') RETURNS jsonb LANGUAGE sql AS $$
	SELECT t.form(p_who, p_operation, jsonb_build_object('path', jsonb_build_object('personId', p_id), 'body', p_body), '{}', 'again') $$;
DELETE FROM core.throttle;
SELECT t.form('control', 'member.create', '{"body": {"email": "first@x25"}}', '{"new_password": "x"}') \g /dev/null
SELECT t.result('control', 'organization.create', format('{"body": {"name": "%s"}}', n)::jsonb) FROM unnest('{home25,away25}'::text[]) n \g /dev/null
SELECT t.form('control', 'member.create', format('{"body": {"email": "%s", "organization": "%s", "fullname": "Real %s", "role": "%s"}}', e, o, e, r)::jsonb, '{"new_password": "a password"}')
FROM (VALUES ('ann@h', 'home25', 'administrator'), ('pat@h', 'home25', 'member'), ('sam@h', 'home25', 'member'), ('adm@w', 'away25', 'administrator'), ('see@w', 'away25', 'viewer')) v(e, o, r) \g /dev/null
SELECT t.form_code('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', e)), '{"password": "a password"}', replace(e, '@', ''))
FROM unnest('{ann@h,pat@h,sam@h,adm@w,see@w}'::text[]) e \g /dev/null
SELECT id AS pat FROM core.person WHERE email = 'pat@h' \gset

-- An address of somebody and one of nobody look alike to who asks.
SELECT t.invite25('admw', 'PAT@h', 'administrator', 'patlink') #> '{body}' AS known \gset
SELECT t.invite25('admw', 'new@h', 'administrator', 'newlink') #> '{body}' AS unknown \gset
SELECT is(:'known'::jsonb #- '{id}' #- '{link_expires,at}', :'unknown'::jsonb #- '{id}' #- '{link_expires,at}', 'the same answer');
SELECT is(:'known'::jsonb ->> 'id' > t.id, true, 'with an id as young') FROM (SELECT max(id::text) AS id FROM core.person WHERE email <> 'new@h') t;
SELECT is(jsonb_agg(k ORDER BY k), NULL, 'the same members in the list but for what was typed') FROM (
    SELECT jsonb_object_keys(a) AS k, a, b FROM (SELECT t.on25('admw', 'admin.member_show', :'known'::jsonb ->> 'id') #> '{body,member}' AS a,
	t.on25('admw', 'admin.member_show', :'unknown'::jsonb ->> 'id') #> '{body,member}' AS b) q) r
WHERE a -> k IS DISTINCT FROM b -> k AND k NOT IN ('id', 'name', 'email', 'since');
SELECT t.on25('admw', 'admin.member_show', :'known'::jsonb ->> 'id') #> '{body,member}' AS m \gset
SELECT is(:'m'::jsonb ->> k, v, 'of who is invited: ' || k) FROM (VALUES ('email', 'PAT@h'), ('name', 'PAT'), ('status', 'invited'), ('signed_in', NULL), ('may_link', 'true'), ('self', 'false')) x(k, v);
SELECT is(t.on25('admw', 'admin.member_show', :'pat') ->> 'code', 'member_not_found', 'the id of the person finds nothing');
SELECT is(t.call('admw', 'admin.member_list', '{"query": {"search": "Real pat"}}') #>> '{body,members,total}', '0', 'nor does a name that was not typed');
SELECT is(t.call('admw', 'admin.member_list', '{"query": {"search": "pat@h"}}') #>> '{body,members,total}', '1', 'the address does');
SELECT is(position(:'pat' IN (t.call('admw', 'admin.member_list', '{"query": {"limit": "1"}}') ->> 'body')), 0, 'the list does not name the person');
SELECT is(count(*), 0::int8, 'nor does any event of the organization') FROM audit.event e JOIN core.organization o ON o.id = e.organization AND o.name = 'away25'
WHERE e.target = :'pat' OR e.detail::text LIKE '%' || :'pat' || '%' OR e.detail::text LIKE '%Real%';
SELECT is(t.invite25('admw', 'pat@h', 'member', 'x') ->> 'code', 'member_exists', 'twice is once');
SELECT is(t.on25('admw', p.op, i.v::jsonb ->> 'id') ->> 'code', 'member_invited', p.op || ' is not for who did not come')
FROM unnest('{admin.member_enable,admin.member_disable}'::text[]) p(op), (VALUES (:'known'), (:'unknown')) i(v);

-- Until the person says yes there is nothing.
SELECT is(gate.person_scopes(:'pat', o.id), '{}', 'no scope') FROM core.organization o WHERE o.name = 'away25';
SELECT is(t.form_code('path', 'organization.switch', '{"body": {"organization": "away25"}}', '{}'), '404 organization_not_found', 'no way in');
SELECT is(t.call('path', 'page.frame') #>> '{body,me,several}', 'false', 'no other organization');
SELECT is(gate.may_link(:'pat'), false, 'outside of a unit');
SELECT is(t.on25('annh', 'admin.member_link', :'pat') ->> 'status', '200', 'at home nothing has changed: a link sets the password');

-- The link counts for its person only.
SELECT is(t.shown25('visitor', 'patlink') - 'expires', '{"me": null, "join": true, "kind": "join", "mine": false, "name": "", "other": false, "email": "PAT@h", "organization": "away25"}', 'who is not signed in sees where to go');
SELECT is(t.shown25('samh', 'patlink') - 'expires', '{"me": "sam@h", "join": true, "kind": "join", "mine": false, "name": "", "other": true, "email": "PAT@h", "organization": "away25"}', 'somebody else, that it is not theirs');
SELECT is(t.shown25('path', 'patlink') #>> p, v, 'its person sees ' || p::text) FROM (VALUES ('{inviter,email}'::text[], 'adm@w'), ('{roles,0,fullname}', 'Administrator'), ('{maker}', 'home25'), ('{mine}', 'true')) x(p, v);
SELECT is(t.answer25(w, 'patlink', o), c, o || ' as ' || w) FROM (VALUES ('samh', 'link.join', '403 other_person'), ('samh', 'link.decline', '403 other_person'), ('admw', 'link.join', '403 other_person'),
    ('visitor', 'link.join', '401 session_required'), ('visitor', 'link.decline', '401 session_required')) x(w, o, c);
SELECT is(t.form_code('visitor', 'link.use', '{}', t.secret25('patlink', '{"new_password": "stolen password"}'), 'x'), '404 link_invalid', 'it sets no password');
SELECT set_config('t.csrf', 'none', false) \g /dev/null
SELECT is(t.answer25('path', 'patlink'), '403 csrf_failed', 'nor does it count without the token of the form');
SELECT set_config('t.csrf', '', false) \g /dev/null
SELECT is(t.answer25('path', 'newlink'), '404 link_invalid', 'a link that sets a password joins nobody');

-- A newer link ends the older; the home's links and this one leave each other.
SELECT is(t.on25('admw', 'admin.member_link', :'known'::jsonb ->> 'id') #>> '{body,kind}', 'invite', 'a new link');
SELECT secret AS fresh FROM t.credential WHERE name = 'again' \gset
SELECT is(t.answer25('path', 'patlink'), '404 link_invalid', 'ends the former');
SELECT is(t.on25('annh', 'admin.member_link', :'pat') #>> '{body,kind}', 'password', 'one that sets the password at home');
INSERT INTO t.credential VALUES ('freshlink', 99, :'fresh', 0, NULL), ('homelink', 99, (SELECT secret FROM t.credential WHERE name = 'again'), 0, NULL);
SELECT is(t.shown25('path', 'freshlink') ->> 'mine', 'true', 'does not');
UPDATE core.organization SET status = 'disabled' WHERE name = 'away25';
SELECT is(t.answer25('path', 'freshlink'), '404 link_invalid', 'an organization that is disabled takes nobody');
UPDATE core.organization SET status = 'active' WHERE name = 'away25';
UPDATE core.session SET auth_time = now() - interval '301 seconds' WHERE person = :'pat';
SELECT is(t.answer25('path', 'freshlink'), '403 reauthentication_required', 'nobody becomes a member without the password of a moment ago');
UPDATE core.session SET auth_time = now() WHERE person = :'pat';
SELECT is(t.answer25('path', 'freshlink'), '200', 'its person joins');
SELECT is(t.answer25('path', 'freshlink'), '404 link_invalid', 'once');
SELECT is('users:edit' = ANY (gate.person_scopes(:'pat', o.id)), true, 'and has the roles') FROM core.organization o WHERE o.name = 'away25';
SELECT is(t.form_code('visitor', 'link.use', '{}', t.secret25('homelink', '{"new_password": "stolen password"}'), 'x'), '404 link_invalid', 'a link that was kept at home is over');
SELECT is(t.on25('annh', 'admin.member_link', :'pat') ->> 'code', 'foreign_person', 'and there is no other');
SELECT is(t.on25('admw', 'admin.member_show', :'pat') #>> '{body,member,name}', 'Real pat@h', 'now the name is seen');
SELECT is(t.on25('admw', 'admin.member_show', :'known'::jsonb ->> 'id') ->> 'code', 'member_not_found', 'and the invitation is gone');

-- Ended, declined, too old.
SELECT t.invite25('admw', 'sam@h', 'member', 'samlink') #>> '{body,id}' AS sam \gset
SELECT is(t.on25('seew', 'admin.member_remove', :'sam') ->> 'code', 'insufficient_scope', 'who may not, ends no invitation');
SELECT is(t.on25('admw', 'admin.member_roles', :'sam', '{"role": "viewer"}') ->> 'status', '200', 'its roles can change');
SELECT is(t.shown25('samh', 'samlink') #>> '{roles,0,fullname}', 'Viewer', 'before it is accepted');
SELECT is(t.on25('admw', 'admin.member_remove', :'sam') ->> 'status', '200', 'it can be ended');
SELECT is(t.answer25('samh', 'samlink'), '404 link_invalid', 'at once');
SELECT is(t.form('samh', 'link.show', '{}', t.secret25('samlink')) ->> 'code', 'link_invalid', 'which its page says');
SELECT t.invite25('admw', 'sam@h', 'member', 'samnew') \g /dev/null
SELECT is(t.answer25('samh', 'samlink'), '404 link_invalid', 'and does not come back with another');
UPDATE core.link SET expires_at = now() - interval '1 second' WHERE hash = (SELECT t.hash(secret) FROM t.credential WHERE name = 'samnew');
SELECT is(t.answer25('samh', 'samnew'), '404 link_invalid', 'too old');
SELECT is(t.on25('admw', 'admin.member_remove', (SELECT invitation::text FROM core.member WHERE invited_email = 'sam@h')) ->> 'status', '200', 'still listed, and ended');
SELECT t.invite25('admw', 'sam@h', 'member', 'samlast') \g /dev/null
SELECT is(t.answer25('samh', 'samlast', 'link.decline'), '200', 'an invitation is declined');
SELECT is(count(*), 0::int8, 'and gone') FROM core.member m JOIN core.person p ON p.id = m.person AND p.email = 'sam@h' JOIN core.organization o ON o.id = m.organization AND o.name = 'away25';
SELECT is(t.invite25('seew', 'sam@h', 'member', 'x') ->> 'code', 'insufficient_scope', 'who may not add members invites nobody');
SELECT is(t.invite25(w, 'sam@h', 'member', 'x') ->> 'status', '401', w || ' invites nobody') FROM unnest('{visitor}'::text[]) w;

-- Nobody gets there by himself.
SELECT throws_ok($$SET ROLE grantd_api; SELECT gate.link_answer('{}', '\x00')$$, '42501', NULL, 'outside of its operation');
RESET ROLE;
SELECT is(has_function_privilege(r, 'gate.link_answer(jsonb, bytea)', 'EXECUTE'), e, r || ' and joining') FROM (VALUES ('grantd_api', true), ('grantd_broker', false), ('grantd_auditor', false), ('public', false)) v(r, e);
SELECT is(has_function_privilege('grantd_api', f, 'EXECUTE'), false, f || ' is inside') FROM unnest('{gate.join_find(bytea),gate.join_page(core.link)}'::text[]) f;
SELECT * FROM finish();
