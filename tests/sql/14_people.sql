-- People: the first member, signing in, sessions, CSRF, the throttle, links.
-- Units are transactions of their own here.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;

-- The first one.
SELECT t.form('control', 'member.create', '{"body": {"email": "Root@Example.com"}}', '{"new_password": "root password"}') #> '{body,result}' AS root \gset
SELECT is(:'root'::jsonb -> 'roles', '["administrator"]', 'the first member is an administrator');
SELECT is(:'root'::jsonb #>> '{organization,name}', 'root', 'of the root organization, which is made');
SELECT is(:'root'::jsonb -> 'link_secret', NULL, 'with a password there is no link');
SELECT is((SELECT organization_type FROM core.organization WHERE name = 'root'), 'root', 'it is the root');
SELECT is(t.form_code('control', 'member.create', '{"body": {"email": "root@example.COM"}}', '{"new_password": "x"}'), '409 member_exists', 'an address is one person, in any case');
SELECT is(t.form_code('control', 'member.create', '{"body": {"email": "nobody"}}', '{}'), '400 invalid_email', 'no address');
SELECT is(t.form_code('control', 'member.create', '{"body": {"email": "a@b", "organization": "none"}}', '{}'), '404 organization_not_found', 'no organization');
SELECT is(t.form_code('control', 'member.create', '{"body": {"email": "a@b", "role": "none"}}', '{}'), '404 role_not_found', 'no role');
SELECT is((SELECT count(*)::int FROM core.person WHERE email = 'a@b'), 0, 'and no trace of it');
SELECT is(t.form_code('visitor', 'member.create', '{"body": {"email": "a@b"}}', '{}'), '403 wrong_token_kind', 'only grantctl creates members so');
SELECT t.result('control', 'organization.create', '{"body": {"name": "shop", "fullname": "The Shop"}}') ->> 'id' AS shop \gset
SELECT t.form('control', 'member.create', '{"body": {"email": "ann@shop", "organization": "shop"}}', '{}', 'annlink') #> '{body,result}' AS ann \gset
SELECT is(:'ann'::jsonb ->> 'link_secret', chr(1) || '3', 'without a password there is a link, shown once');
SELECT is(:'ann'::jsonb -> 'roles', '["administrator"]', 'the first of an organization administers it');
SELECT t.form('control', 'member.create', '{"body": {"email": "bob@shop", "organization": "shop", "fullname": "Bob"}}', '{"new_password": "bob password"}') #> '{body,result}' AS bob \gset
SELECT is(:'bob'::jsonb -> 'roles', '["member"]', 'the next one is a member');

-- Signing in.
CREATE FUNCTION t.login(p_email text, p_password text, p_save text, p_who text DEFAULT 'visitor') RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code(p_who, 'session.create', jsonb_build_object('body', jsonb_build_object('email', p_email),
	    'header', '{"user_agent": "Browser"}'::jsonb), jsonb_build_object('password', p_password), p_save) $$;
CREATE FUNCTION t.csrf(p_csrf text, p_who text, p_operation text, p_args jsonb DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
	SELECT set_config('t.csrf', p_csrf, false) WHERE false;
	SELECT t.code(p_who, p_operation, p_args) $$;
SELECT is(t.login('ROOT@example.com ', 'root password', 'root'), '200', 'sign-in, whatever the case of the address');
SELECT is(t.call('root', 'page.frame') #>> '{body,me,email}', 'Root@Example.com', 'the session is the person''s');
SELECT is(t.call('root', 'page.frame') #>> '{body,me,root}', 'true', 'an administrator of the root');
SELECT is(t.login('root@example.com', 'wrong', 'x'), '400 sign_in_failed', 'a wrong password is an answer');
SELECT is(t.login('who@example.com', 'wrong', 'x'), '400 sign_in_failed', 'an unknown name is the same answer');
SELECT is(t.form('visitor', 'session.create', '{"body": {"email": "who@example.com"}}', '{"password": "x"}') #- '{body,email}',
    t.form('visitor', 'session.create', '{"body": {"email": "root@example.com"}}', '{"password": "x"}') #- '{body,email}', 'to the letter');
SELECT is(t.form_code('visitor', 'session.create', '{"body": {"email": "root@example.com"}}', '{"new_password": "x"}'), '400 sign_in_failed', 'no password at all');
SELECT is((SELECT count(*)::int FROM audit.event WHERE operation = 'session.create' AND outcome = 'refused' AND person = (:'root'::jsonb ->> 'id')::uuid), 3, 'failures of somebody known are events');
SELECT is((SELECT sum(count)::int FROM audit.unknown_credential WHERE code = 'sign_in_failed'), 2, 'those of nobody are counted');
SELECT is(t.login('ann@shop', '', 'x'), '400 sign_in_failed', 'an invited person without a password cannot sign in');
SELECT is(t.login('ann@shop', '#', 'x'), '400 sign_in_failed', 'with none');
DELETE FROM core.throttle;

-- CSRF.
SELECT set_config('t.csrf', 'none', false) \g /dev/null
SELECT is(t.login('root@example.com', 'root password', 'x'), '403 csrf_failed', 'sign-in without the token of the form');
SELECT is(t.code('root', 'session.end'), '403 csrf_failed', 'sign-out without it');
SELECT is(t.code('root', 'page.frame'), '200', 'looking needs none');
SELECT is((SELECT string_agg(name, ' ') FROM gate.operation WHERE csrf AND class <> 'read' AND kinds && '{session,visitor}'
    AND t.code('root', name) NOT IN ('403 csrf_failed')), NULL, 'every other operation of a session does');
SELECT set_config('t.csrf', 'wrong', false) \g /dev/null
SELECT is(t.login('root@example.com', 'root password', 'x'), '403 csrf_failed', 'sign-in with another token');
SELECT is((SELECT string_agg(name, ' ') FROM gate.operation WHERE csrf AND class <> 'read' AND kinds && '{session,visitor}'
    AND t.code('root', name) NOT IN ('403 csrf_failed')), NULL, 'and every other operation');
SELECT set_config('t.csrf', '', false) \g /dev/null

-- What a session opens, and what it does not.
INSERT INTO t.credential SELECT 'root.access', 1, secret, 0, NULL::uuid FROM t.credential WHERE name = 'root'
UNION ALL SELECT 'root.visitor', 5, secret, 0, NULL FROM t.credential WHERE name = 'root'
UNION ALL SELECT 'root.other', 4, secret || 'x', 0, NULL FROM t.credential WHERE name = 'root';
SELECT is(t.code('root', 'account.list'), '403 wrong_token_kind', 'a session at /v1');
SELECT is(t.code('root.access', 'account.list'), '401 invalid_token', 'its secret as a token');
SELECT is(t.code('root.visitor', 'page.frame'), '401 session_required', 'a visitor at a page');
SELECT is(t.code('root.other', 'page.frame'), '401 session_ended', 'a session that nobody has');
SELECT is(t.code('none', 'page.frame'), '401 missing_token', 'no cookie at all');
SELECT is(t.code('root', 'no.such'), '404 unknown_operation', 'no operation');
BEGIN;
SELECT t.enter('root', 'organization.switch', 'call') \g /dev/null
SELECT current_setting('grantd.person') AS person, core.this_session() IS NOT NULL AS session, core.this_kind() AS kind,
    current_setting('grantd.integration') = '' AND current_setting('grantd.resources') = '' AS empty \gset
COMMIT;
SELECT is(:'person'::text, :'root'::jsonb ->> 'id', 'the person is in the context');
SELECT is(:'kind'::text || :'session' || :'empty', 'sessiontt', 'kind and session, too; the rest is empty');
SELECT is(current_setting('grantd.person', true), '', 'and nothing is left of it');
BEGIN;
SELECT t.enter('control', 'organization.list', 'call') \g /dev/null
SELECT concat(core.this_person(), core.this_client(), core.this_session(), core.this_scopes(), core.this_root()) AS left \gset
COMMIT;
SELECT is(:'left'::text, '{}f', 'others have no person');

-- Sessions: several, and their ends.
SELECT is(t.login('root@example.com', 'root password', 'root2'), '200', 'a second browser');
SELECT is(t.login('bob@shop', 'bob password', 'bob'), '200', 'another person');
SELECT t.page('root', 'session.list') AS list \gset
SELECT is(jsonb_array_length(:'list'::jsonb #> '{sessions,items}'), 2, 'one''s own sessions');
SELECT is(:'list'::jsonb #>> '{sessions,items,0,current}', 'true', 'the present one first');
SELECT is(:'list'::jsonb #>> '{sessions,items,1,user_agent}', 'Browser', 'with the browser');
SELECT is(:'list'::jsonb #>> '{sessions,items,1,peer}', '192.0.2.1', 'and the address');
SELECT :'list'::jsonb #>> '{sessions,items,1,id}' AS second \gset
SELECT is(t.code('bob', 'session.end_one', jsonb_build_object('path', jsonb_build_object('sessionId', :'second'))), '404 session_not_found', 'nobody ends another''s');
SELECT is(t.code('root2', 'page.frame'), '200', 'which lives on');
SELECT is(t.code('root', 'session.end_one', jsonb_build_object('path', jsonb_build_object('sessionId', :'second'))), '200', 'one ends one''s own');
SELECT is(t.code('root2', 'page.frame'), '401 session_ended', 'at once');
SELECT is(t.code('root', 'session.end_one', jsonb_build_object('path', jsonb_build_object('sessionId', :'second'))), '404 session_not_found', 'once');
SELECT is(t.login('root@example.com', 'root password', 'root3'), '200', 'again');
SELECT is(t.login('root@example.com', 'root password', 'root4', 'root3'), '200', 'signing in with a session');
SELECT is(t.code('root3', 'page.frame'), '401 session_ended', 'ends it: the cookie is another one');
SELECT is(t.login('root@example.com', 'root password', 'root5', 'root3'), '200', 'a cookie that is over does not keep out');
SELECT is(t.page('root5', 'session.end_others') ->> 'ended', '2', 'all others end');
SELECT is(t.code('root', 'page.frame') || t.code('root5', 'page.frame'), '401 session_ended200', 'but the present');
SELECT is(t.code('root5', 'session.end'), '200', 'sign-out');
SELECT is(t.code('root5', 'page.frame'), '401 session_ended', 'ends it');
SELECT is(t.login('root@example.com', 'root password', 'root'), '200', 'back again');
SELECT is((SELECT count(*)::int FROM core.session WHERE length(hash) <> 32), 0, 'only hashes are stored');

-- Limits of time.
CREATE FUNCTION t.session(p_name text) RETURNS uuid LANGUAGE sql AS $$
	SELECT s.id FROM core.session s, t.credential c WHERE c.name = p_name AND s.hash = t.hash(c.secret) $$;
UPDATE core.session SET idle_expires_at = now() WHERE id = t.session('root');
SELECT is(t.code('root', 'page.frame'), '401 session_ended', 'an idle session is over');
SELECT is(t.login('root@example.com', 'root password', 'root'), '200', 'sign-in');
UPDATE core.session SET seen_at = now() - interval '6 minutes', idle_expires_at = now() + interval '1 minute' WHERE id = t.session('root');
BEGIN;
SELECT t.enter('root', 'page.frame', 'call') \g /dev/null
COMMIT;
SELECT is((SELECT idle_expires_at > now() + interval '11 hours' FROM core.session WHERE id = t.session('root')), true, 'use moves the idle end');
-- However short that is, use comes in time to move it.
UPDATE core.setting SET value = 120 WHERE name = 'session_idle';
UPDATE core.session SET seen_at = now() - interval '1 minute', idle_expires_at = now() + interval '1 minute' WHERE id = t.session('root');
BEGIN;
SELECT t.enter('root', 'page.frame', 'call') \g /dev/null
COMMIT;
SELECT is((SELECT idle_expires_at > now() + interval '110 seconds' FROM core.session WHERE id = t.session('root')), true, 'of two minutes, too');
UPDATE core.setting SET value = 12 * 3600 WHERE name = 'session_idle';
UPDATE core.session SET expires_at = now() WHERE id = t.session('root');
SELECT is(t.code('root', 'page.frame'), '401 session_ended', 'the absolute end it does not');
SELECT is((SELECT expires_at FROM core.session WHERE id = t.session('bob')), (SELECT created_at + interval '168 hours' FROM core.session WHERE id = t.session('bob')), 'which is a week');
UPDATE core.person SET status = 'disabled' WHERE email = 'bob@shop';
SELECT is(t.code('bob', 'page.frame'), '401 session_ended', 'a disabled person has no session');
SELECT is(t.login('bob@shop', 'bob password', 'x'), '400 sign_in_failed', 'nor a new one');
SELECT is((SELECT array_agg(DISTINCT m.person_status) FROM core.member m JOIN core.person p ON p.id = m.person WHERE p.email = 'bob@shop'), '{disabled}', 'memberships know it');
SELECT throws_ok($$UPDATE core.member m SET person_status = 'enabled' FROM core.person p WHERE p.id = m.person AND p.email = 'bob@shop'$$, '23503', NULL, 'and nothing else');
UPDATE core.person SET status = 'enabled' WHERE email = 'bob@shop';
SELECT is(t.login('root@example.com', 'root password', 'root'), '200', 'sign-in');

-- Confirming the password.
UPDATE core.session SET auth_time = now() - interval '301 seconds' WHERE id = t.session('root');
SELECT is(t.code('root', 'admin.organization_create', '{"body": {"name": "late"}}'), '403 reauthentication_required', 'after five minutes the password is asked again');
SELECT is((SELECT string_agg(name, ' ') FROM gate.operation WHERE fresh AND t.code('root', name) <> '403 reauthentication_required'), NULL, 'by all that makes tokens, clients or members');
SELECT is(t.form_code('root', 'session.confirm', '{}', '{"password": "no"}'), '400 wrong_password', 'a wrong one does not help');
SELECT is(t.code('root', 'admin.organization_create', '{"body": {"name": "late"}}'), '403 reauthentication_required', 'not at all');
SELECT is(t.form_code('root', 'session.confirm', '{}', '{"new_password": "no"}'), '400 wrong_password', 'nor none');
SELECT is(t.form_code('root', 'session.confirm', '{}', '{"password": "root password"}'), '200', 'the right one does');
SELECT is(t.code('root', 'admin.organization_create', '{"body": {"name": "late"}}'), '200', 'then it is done');

-- Changing it.
SELECT is(t.login('bob@shop', 'bob password', 'bob2'), '200', 'two sessions');
SELECT is(t.form_code('bob', 'person.password_change', '{}', '{"password": "no", "new_password": "new"}'), '400 wrong_password', 'the present one must be right');
SELECT is(t.form_code('bob', 'person.password_change', '{}', '{"new_password": "new"}'), '400 wrong_password', 'and given');
SELECT is(t.form_code('bob', 'person.password_change', '{}', '{"password": "bob password", "new_password": "bob new"}'), '200', 'a change');
SELECT is(t.code('bob', 'page.frame') || t.code('bob2', 'page.frame'), '200401 session_ended', 'ends the other sessions');
SELECT is(t.login('bob@shop', 'bob password', 'x'), '400 sign_in_failed', 'the old one is over');
SELECT is(t.login('bob@shop', 'bob new', 'bob'), '200', 'the new one works');
SELECT is(t.code('bob', 'person.update', '{"body": {"fullname": "Robert"}}'), '200', 'a name');
SELECT is(t.page('bob', 'page.frame') #>> '{me,name}', 'Robert', 'can be changed');
SELECT is(t.code('bob', 'person.update', '{"body": {"fullname": " "}}'), '400 invalid_field', 'but not be empty');
SELECT is(t.code('bob', 'person.update', jsonb_build_object('body', jsonb_build_object('fullname', chr(1) || '3'))), '400 invalid_field', 'nor hold the mark of a secret');
SELECT is(t.form('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', chr(1) || '3')), '{"password": "x"}') #>> '{body,email}', '3', 'nor is it echoed');

-- A commit of a sign-in whose password changed meanwhile.
SELECT t.read('visitor', 'session.create', 'plan', 'SELECT to_jsonb(p) FROM gate.session_create_plan($1) p', '{"body": {"email": "bob@shop"}}') AS plan \gset
UPDATE core.person SET password_hash = '#other' WHERE email = 'bob@shop';
BEGIN;
SELECT t.enter('visitor', 'session.create', 'commit') \g /dev/null
SELECT status FROM gate.session_create_commit('{}', :'plan'::jsonb -> 'carry', true, NULL, sha256('late')) \gset
COMMIT;
SELECT is(:'status'::text, '400', 'is a wrong one');
UPDATE core.person SET password_hash = '#bob new' WHERE email = 'bob@shop';
-- The cost grew: the new hash is stored.
BEGIN;
SELECT t.enter('visitor', 'session.create', 'commit') \g /dev/null
SELECT status FROM gate.session_create_commit('{}', :'plan'::jsonb -> 'carry', true, '#stronger', sha256('stale')) \gset
COMMIT;
SELECT is(:'status' || (SELECT password_hash FROM core.person WHERE email = 'bob@shop'), '200#stronger', 'a stale hash is replaced');
UPDATE core.person SET password_hash = '#bob new' WHERE email = 'bob@shop';
DELETE FROM core.throttle;

-- Only the plan of such an operation gives a hash.
SELECT throws_ok($$SELECT t.read('root', 'page.frame', 'call', 'SELECT to_jsonb(p) FROM gate.own_password_plan($1) p', '{}')$$, '42501', NULL, 'no hash in another operation');
SELECT throws_ok($$SELECT t.read('root', 'session.confirm', 'commit', 'SELECT to_jsonb(p) FROM gate.own_password_plan($1) p', '{}')$$, '42501', NULL, 'nor in another phase');
SELECT throws_ok($$SELECT t.read('root', 'session.confirm', 'plan', 'SELECT to_jsonb(p) FROM gate.session_create_plan($1) p', '{"body": {"email": "bob@shop"}}')$$, '42501', NULL, 'nor somebody else''s');
SELECT throws_ok($$SELECT t.read('root', 'page.frame', 'call', 'SELECT to_jsonb(password_hash) FROM core.person', '{}')$$, '42501', NULL, 'grantd_api reads no hash');
SELECT throws_ok($$SELECT t.read('root', 'page.frame', 'call', 'SELECT to_jsonb(id) FROM core.session', '{}')$$, '42501', NULL, 'no session');
SELECT throws_ok($$SELECT t.read('root', 'page.frame', 'call', 'SELECT to_jsonb(id) FROM core.link', '{}')$$, '42501', NULL, 'no link');
SELECT throws_ok($$SELECT t.read('root', 'page.frame', 'call', 'SELECT to_jsonb(gate.organization_make(''x'', ''x'', ''root''))', '{}')$$, '42501', NULL, 'makes no organization elsewhere');
SELECT throws_ok($$SELECT t.read('root', 'page.frame', 'call', 'SELECT to_jsonb(m) FROM gate.member_put(''x@y'', ''x'', ''{}'', NULL, NULL) m', '{}')$$, '42501', NULL, 'and no members');
SELECT is_empty($$SELECT c.oid::regclass, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
	WHERE c.oid IN ('core.session'::regclass, 'core.link'::regclass, 'core.throttle'::regclass)
	AND a.grantee NOT IN ('grantd_owner'::regrole, 'grantd_definer'::regrole)$$, 'whole tables of secrets are the definer''s');
SELECT is_empty($$SELECT a.attname FROM pg_attribute a, aclexplode(a.attacl) x
	WHERE a.attrelid IN ('core.person'::regclass, 'core.session'::regclass, 'core.link'::regclass)
	AND a.attname IN ('password_hash', 'hash') AND x.grantee <> 'grantd_definer'::regrole$$, 'their hashes nobody else''s');

-- The throttle.
CREATE FUNCTION t.tries(p_email text, p_peer text, p_n int4, p_password text DEFAULT 'wrong') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v text := '';
BEGIN
	PERFORM set_config('t.peer', p_peer, false);
	FOR i IN 1 .. p_n LOOP
		v := t.login(p_email, p_password, 'tries');
	END LOOP;
	PERFORM set_config('t.peer', '', false);
	RETURN v;
END $$;
SELECT is(t.tries('bob@shop', '198.51.100.1', 5), '400 sign_in_failed', 'five tries');
SELECT is(t.tries('bob@shop', '198.51.100.1', 1), '429 throttled', 'the sixth is too many');
SELECT is(t.tries('bob@shop', '198.51.100.1', 1, 'bob new'), '429 throttled', 'even with the right password');
SELECT is(t.tries('bob@shop', '198.51.100.2', 1, 'bob new'), '200', 'from elsewhere nobody is locked out');
SELECT is(t.tries('root@example.com', '198.51.100.1', 1, 'root password'), '200', 'nor another name from there');
SELECT is(t.tries('ghost@shop', '198.51.100.3', 5), '400 sign_in_failed', 'an unknown name: five tries');
SELECT is(t.tries('ghost@shop', '198.51.100.3', 1), '429 throttled', 'and one too many, alike');
UPDATE core.throttle SET at = at - interval '61 seconds';
SELECT is(t.tries('bob@shop', '198.51.100.1', 1), '400 sign_in_failed', 'after a minute one more');
SELECT is(t.tries('bob@shop', '198.51.100.1', 1), '429 throttled', 'and no more');
UPDATE core.throttle SET at = at - interval '10 minutes';
SELECT is(t.tries('bob@shop', '198.51.100.1', 4), '400 sign_in_failed', 'later, four');
SELECT is(t.tries('bob@shop', '198.51.100.1', 1, 'bob new'), '200', 'and the right one');
SELECT is(t.tries('bob@shop', '198.51.100.1', 5), '400 sign_in_failed', 'forgives the name');
SELECT is(t.tries('person' || n || '@shop', '198.51.100.9', 1), '400 sign_in_failed', 'many names from one address') FROM generate_series(1, 60) n WHERE n IN (1, 60) OR t.tries('person' || n || '@shop', '198.51.100.9', 1) = '';
SELECT is(t.tries('person61@shop', '198.51.100.9', 1), '429 throttled', 'are too many, too');
SELECT is(t.tries('bob@shop', '2001:db8::1', 5), '400 sign_in_failed', 'of IPv6');
SELECT is(t.tries('bob@shop', '2001:db8::2', 1), '429 throttled', 'the network counts');
SELECT is(t.tries('bob@shop', '2001:db8:0:1::2', 1, 'bob new'), '200', 'not a wider one');
SELECT is(t.tries('eve@shop', format('2001:db8:1:%s::1', n), 4), '400 sign_in_failed', 'nobody is wider than a /48') FROM generate_series(1, 5) n;
SELECT is(t.tries('eve@shop', '2001:db8:1:6::1', 1), '429 throttled', 'whose tries for one name are counted together');
SELECT is(t.tries('ann@shop', '2001:db8:1:6::1', 1), '400 sign_in_failed', 'for one');
SELECT is(t.tries('eve@shop', '2001:db8:2::1', 1), '400 sign_in_failed', 'elsewhere they are not');
-- Many at once: their plans all passed, their commits are counted one by one.
DELETE FROM core.throttle;
SELECT t.read('visitor', 'session.create', 'plan', 'SELECT to_jsonb(p) FROM gate.session_create_plan($1) p', '{"body": {"email": "bob@shop"}}') AS plan \gset
CREATE FUNCTION t.commit(p_plan jsonb, p_ok boolean) RETURNS text LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
	v text;
BEGIN
	PERFORM t.enter('visitor', 'session.create', 'commit');
	SELECT status::text INTO v FROM gate.session_create_commit('{}', p_plan -> 'carry', p_ok, NULL, sha256(convert_to(clock_timestamp()::text, 'UTF8')));
	RESET SESSION AUTHORIZATION;
	RETURN v;
EXCEPTION WHEN SQLSTATE 'HT429' THEN
	RETURN '429';
END $$;
SELECT is((SELECT string_agg(t.commit(:'plan', n = 7), ' ') FROM generate_series(1, 7) n), '400 400 400 400 400 429 429', 'a flood of plans tries no more than the burst');
DELETE FROM core.throttle;

-- One-time links.
SELECT secret AS link FROM t.credential WHERE name = 'annlink' \gset
SELECT is(t.form_code('none', 'link.show', '{}', jsonb_build_object('secret', :'link')), '200', 'a link can be looked at');
SELECT is(t.form('visitor', 'link.show', '{}', jsonb_build_object('secret', :'link')) #> '{body,link}' #- '{expires}',
    '{"kind": "invite", "invite": true, "email": "ann@shop", "name": "ann", "organization": "The Shop"}', 'and says whose it is');
SELECT is(t.form_code('none', 'link.show', '{}', '{"secret": "gsl_guess"}'), '404 link_invalid', 'not a guess');
SELECT is(t.form_code('none', 'link.show', '{}', '{}'), '404 link_invalid', 'nor nothing');
SELECT is(t.form_code('none', 'link.use', '{}', jsonb_build_object('secret', :'link', 'new_password', 'x')), '401 missing_token', 'using it needs a cookie, for the CSRF token');
SELECT is(t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', :'link')), '400 new_password_missing', 'and a password');
SELECT is(t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', :'link', 'new_password', 'ann password'), 'ann'), '200', 'it sets one');
SELECT is(t.page('ann', 'page.frame') #>> '{me,email}', 'ann@shop', 'and signs in');
SELECT is(t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', :'link', 'new_password', 'again')), '404 link_invalid', 'once');
SELECT is(t.form_code('visitor', 'link.show', '{}', jsonb_build_object('secret', :'link')), '404 link_invalid', 'then nobody sees it');
SELECT is(t.login('ann@shop', 'ann password', 'ann2'), '200', 'the password works');
SELECT t.page('ann', 'admin.member_link', jsonb_build_object('path', jsonb_build_object('personId', :'bob'::jsonb ->> 'id')), 'boblink') AS l \gset
SELECT is(:'l'::jsonb ->> 'kind', 'password', 'a link for a forgotten password');
SELECT t.page('ann', 'admin.member_link', jsonb_build_object('path', jsonb_build_object('personId', :'bob'::jsonb ->> 'id')), 'boblink2') AS l \gset
SELECT secret AS link FROM t.credential WHERE name = 'boblink' \gset
SELECT secret AS link2 FROM t.credential WHERE name = 'boblink2' \gset
SELECT is(t.form_code('none', 'link.show', '{}', jsonb_build_object('secret', :'link')), '404 link_invalid', 'the newer one ends the older');
UPDATE core.link SET expires_at = now() WHERE hash = t.hash(:'link2');
SELECT is(t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', :'link2', 'new_password', 'x')), '404 link_invalid', 'an expired one is over');
UPDATE core.link SET expires_at = now() + interval '1 hour' WHERE hash = t.hash(:'link2');
SELECT is(t.login('bob@shop', 'bob new', 'bob'), '200', 'a session');
-- Two at once: the plans of both pass.
BEGIN;
SELECT t.enter('visitor', 'link.use', 'commit') \g /dev/null
SELECT status FROM gate.link_use_commit('{}', '{}', sha256(convert_to(:'link2', 'UTF8')), '#first', sha256('s1')) \gset
COMMIT;
SELECT is(:'status'::text, '200', 'the first');
SELECT is(t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', :'link2', 'new_password', 'second')), '404 link_invalid', 'the second is too late');
SELECT is((SELECT password_hash FROM core.person WHERE email = 'bob@shop'), '#first', 'and changes nothing');
SELECT is(t.code('bob', 'page.frame'), '401 session_ended', 'a link ends all sessions of its person');
SELECT is((SELECT count(*)::int FROM core.link WHERE length(hash) <> 32), 0, 'only hashes are stored');

-- People and organizations are told by name, on the consent page too: nothing
-- in it turns or hides letters, nor in an address.
SELECT is(t.code('ann', 'person.update', jsonb_build_object('body', jsonb_build_object('fullname', 'Ann' || c))), '400 invalid_field', 'a name with ' || to_hex(ascii(c)))
FROM unnest(ARRAY[U&'\202e', U&'\200b', U&'\2066', U&'\feff', U&'\200f']) c;
SELECT is(t.code('ann', o, jsonb_build_object('path', jsonb_build_object('organizationId', 'shop'), 'body', b)), c, o || ' ' || f)
FROM (VALUES ('admin.member_add', 'fullname', jsonb_build_object('email', 'joe@shop', 'role', 'member', 'fullname', U&'Joe\202e'), '400 invalid_field'),
    ('admin.member_add', 'email', jsonb_build_object('email', U&'joe\200b@shop', 'role', 'member'), '400 invalid_email'),
    ('admin.organization_update', 'fullname', jsonb_build_object('fullname', U&'\202eShop'), '400 invalid_field')) v(o, f, b, c);
SELECT is(t.code('root', 'admin.organization_create', jsonb_build_object('body', jsonb_build_object('name', 'turned', 'fullname', U&'\202eShop'))), '400 invalid_field', 'a new organization');

-- A role that is named twice is one.
SELECT is(t.code('ann', o, jsonb_build_object('path', jsonb_build_object('personId', p.id), 'body', jsonb_build_object('email', 'twice@shop', 'role', '["member", "viewer", "Member", "viewer"]'::jsonb))), '200', o)
FROM unnest('{admin.member_add,admin.member_roles}'::text[]) o LEFT JOIN LATERAL (SELECT id FROM core.person WHERE email = 'bob@shop') p ON true;
SELECT is((SELECT count(*)::int FROM core.member_role mr JOIN core.person p ON p.id = mr.person WHERE p.email = 'twice@shop'), 2, 'of four names two roles');

-- Whoever is removed or disabled has no link any more, whatever it was for.
CREATE FUNCTION t.on14(p_operation text, p_id text, p_save text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code('ann', p_operation, jsonb_build_object('path', jsonb_build_object('personId', p_id)), '{}', p_save) $$;
CREATE FUNCTION t.link14(p_name text) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code('none', 'link.show', '{}', jsonb_build_object('secret', secret)) || ' ' || t.form_code('visitor', 'link.use', '{}',
	    jsonb_build_object('secret', secret, 'new_password', 'late password'), 'x') FROM t.credential WHERE name = p_name $$;
SELECT t.page('ann', 'admin.member_add', '{"body": {"email": "tom@shop", "role": "member"}}', 'tomlink') ->> 'id' AS tom \gset
SELECT is(t.on14('admin.member_remove', :'tom'), '200', 'who was invited is removed');
SELECT is(t.link14('tomlink'), '404 link_invalid 404 link_invalid', 'and the link with it');
SELECT is((SELECT password_hash FROM core.person WHERE email = 'tom@shop'), NULL, 'no password is set');
SELECT t.page('ann', 'admin.member_add', '{"body": {"email": "tom@shop", "role": "member"}}', 'tomlink') \g /dev/null
SELECT is(t.link14('tomlink'), '200 200', 'invited again there is a new one');
SELECT is(t.on14('admin.member_link', :'tom', 'tomlink'), '200', 'a link for a forgotten password');
SELECT is(t.on14('admin.member_disable', :'tom'), '200', 'whose member is disabled');
SELECT is(t.link14('tomlink'), '404 link_invalid 404 link_invalid', 'ends with that');
SELECT is(t.on14('admin.member_enable', :'tom'), '200', 'enabled again');
SELECT is(t.link14('tomlink'), '404 link_invalid 404 link_invalid', 'it does not come back');

-- Refusals of sessions are events of their person; of visitors, counted.
SELECT count(*) AS before FROM audit.event \gset
SELECT gate.refusals(ARRAY[t.hash(a.secret), t.hash('visitor cookie'), t.hash('who')], '{4,5,4}', '{0,0,0}', ARRAY[NULL, NULL, NULL]::uuid[], '{session.end,session.create,session.end}',
    ARRAY[gen_random_uuid(), gen_random_uuid(), gen_random_uuid()], '{192.0.2.7,192.0.2.8,192.0.2.8}', '{POST,POST,POST}', '{/logout,/login,/logout}', '{403,403,401}', '{csrf_failed,csrf_failed,session_ended}', NULL, NULL, NULL)
FROM t.credential a WHERE a.name = 'ann' \g /dev/null
SELECT is((SELECT count(*)::int FROM audit.event), :before + 1, 'of three refusals one is somebody''s');
SELECT is((SELECT ROW(actor_kind, person = actor, organization = :'shop', code, peer)::text FROM audit.event ORDER BY seq DESC LIMIT 1), '(session,t,t,csrf_failed,192.0.2.7)', 'and says whose');
SELECT is((SELECT sum(count)::int FROM audit.unknown_credential WHERE peer = '192.0.2.8'), 2, 'the others are counted');

-- Forgetting.
UPDATE core.session SET ended_at = now() - interval '31 days' WHERE ended_at IS NOT NULL;
UPDATE core.throttle SET at = now() - interval '2 days';
SELECT cmp_ok((gate.maintain()::jsonb ->> 'people')::int, '>=', 5, 'what is over is forgotten');
SELECT is((SELECT count(*)::int FROM core.session WHERE ended_at IS NOT NULL), 0, 'sessions');
DROP FUNCTION t.login(text, text, text, text), t.csrf(text, text, text, jsonb), t.session(text), t.tries(text, text, int4, text), t.commit(jsonb, boolean), t.on14(text, text, text), t.link14(text);
SELECT * FROM finish();
