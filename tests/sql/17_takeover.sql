-- Links and passwords that would open what belongs to somebody else.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
CREATE FUNCTION t.login17(p_email text, p_password text, p_save text) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', p_email)),
	    jsonb_build_object('password', p_password), p_save) $$;
CREATE FUNCTION t.use17(p_link text, p_password text) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret',
	    (SELECT secret FROM t.credential WHERE name = p_link), 'new_password', p_password), 'x') $$;
CREATE FUNCTION t.join17(p_who text, p_link text) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code(p_who, 'link.join', '{}', jsonb_build_object('secret', secret)) FROM t.credential WHERE name = p_link $$;
SELECT t.form('control', 'member.create', '{"body": {"email": "first@x17"}}', '{"new_password": "x"}') \g /dev/null
SELECT t.form('control', 'member.create', '{"body": {"email": "root@x17", "organization": "root", "role": "administrator"}}', '{"new_password": "root password"}') \g /dev/null
SELECT t.result('control', 'organization.create', format('{"body": {"name": "%s"}}', n)::jsonb) FROM unnest('{one17,two17}'::text[]) n \g /dev/null
SELECT t.form('control', 'member.create', '{"body": {"email": "admin@one17", "organization": "one17"}}', '{"new_password": "one17 password"}') \g /dev/null
SELECT t.form('control', 'member.create', '{"body": {"email": "admin@two17", "organization": "two17"}}', '{"new_password": "two17 password"}') \g /dev/null
SELECT t.login17(a || '@' || o, CASE a WHEN 'root' THEN 'root' ELSE o END || ' password', a || o)
FROM (VALUES ('admin', 'one17'), ('admin', 'two17'), ('root', 'x17')) v(a, o) \g /dev/null

-- An account that was made for somebody's address is given nothing elsewhere.
SELECT is(t.form_code('adminone17', 'admin.member_add', '{"body": {"email": "cfo@two17", "role": "member"}}', '{}', 'planted'), '200', 'an organization makes an account with another''s address');
SELECT is(t.use17('planted', 'planted password'), '200', 'and keeps its password');
SELECT is(t.login17('cfo@two17', 'planted password', 'cfo17'), '200', 'and signs in with it');
SELECT is(t.form_code('admintwo17', 'admin.member_add', '{"body": {"email": "cfo@two17", "role": "administrator"}}', '{}', 'cfolink'), '200', 'the other makes that address its administrator');
SELECT is(t.code('cfo17', 'admin.home', '{"path": {"organizationId": "two17"}}'), '404 organization_not_found', 'who made the account gets nothing of that');
SELECT is(t.use17('cfolink', 'stolen password'), '404 link_invalid', 'the link sets no password');
SELECT '{"path": {"organizationId": "two17"}}'::jsonb AS two \gset

-- A link outlives no other membership.
SELECT is(t.form_code('adminone17', 'admin.member_add', '{"body": {"email": "dan@x17", "role": "member"}}', '{}', 'first'), '200', 'a person of one organization');
SELECT is(t.use17('first', 'dans password'), '200', 'has a password');
SELECT jsonb_build_object('path', jsonb_build_object('personId', id)) AS dan FROM core.person WHERE email = 'dan@x17' \gset
SELECT is(t.form_code('adminone17', 'admin.member_link', :'dan', '{}', 'kept'), '200', 'its administrator makes a link and keeps it');
SELECT is(t.form_code('rootx17', 'admin.member_add', :'two'::jsonb || '{"body": {"email": "dan@x17", "role": "administrator"}}', '{}', 'danlink'), '200', 'the person is asked to be an administrator elsewhere');
SELECT is(t.login17('dan@x17', 'dans password', 'dan'), '200', 'signs in');
SELECT is(t.login17('dan@x17', 'dans password', 'dan2'), '200', 'as somebody else does who knows the password');
SELECT is(t.join17('dan', 'danlink'), '200', 'and joins');
SELECT is(t.code('dan2', 'page.frame'), '401 session_ended', 'the other session is over');
SELECT is(t.use17('kept', 'stolen password'), '404 link_invalid', 'and the link that was kept is over');
SELECT is(t.form_code('adminone17', 'admin.member_link', :'dan', '{}', 'kept'), '403 foreign_person', 'and there is no other');
SELECT is(t.login17('dan@x17', 'dans password', 'dan'), '200', 'the password is the person''s');
SELECT is(t.form_code('adminone17', 'admin.member_add', '{"body": {"email": "eve@x17", "role": "member"}}', '{}', 'kept'), '200', 'the same with one who was invited');
SELECT is(t.form_code('rootx17', 'admin.member_add', :'two'::jsonb || '{"body": {"email": "eve@x17", "role": "administrator"}}', '{}', 'evelink'), '200', 'and never came');
SELECT is(t.use17('kept', 'stolen password'), '200', 'who keeps the first link takes the account');
SELECT is(t.login17('eve@x17', 'stolen password', 'eve'), '200', 'signs in');
SELECT is(t.code('eve', 'admin.home', :'two'::jsonb), '404 organization_not_found', 'and has nothing of the other organization');

-- A yes of the hasher is worth nothing for somebody who had no hash.
SELECT t.form('control', 'member.create', '{"body": {"email": "fay@x17", "organization": "one17"}}', '{}', 'fay') \g /dev/null
CREATE FUNCTION t.liar17() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_carry	jsonb := t.read('visitor', 'session.create', 'plan',
		    'SELECT p.carry FROM gate.session_create_plan($1) p',
		    '{"body": {"email": "fay@x17"}}');
	v_result text;
BEGIN
	UPDATE core.person SET password_hash = 'later', status = 'enabled'
	WHERE email = 'fay@x17';
	v_carry := v_carry || jsonb_build_object('person', (SELECT id
	    FROM core.person WHERE email = 'fay@x17'));
	PERFORM t.enter('visitor', 'session.create', 'commit');
	SELECT status INTO v_result FROM gate.session_create_commit('{}',
	    v_carry, true, NULL, sha256('x'));
	RESET SESSION AUTHORIZATION;
	RETURN v_result;
END
$$;
SELECT t.liar17() AS liar \gset
SELECT is(:'liar'::text, '400', 'nor when the person got one in between');
SELECT * FROM finish();
