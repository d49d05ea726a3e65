-- Links and passwords that would open what belongs to somebody else.
SELECT * FROM no_plan();
INSERT INTO t.credential VALUES ('visitor', 5, 'visitor cookie', 0, NULL) ON CONFLICT DO NOTHING;
CREATE FUNCTION t.login(p_email text, p_password text, p_save text) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code('visitor', 'session.create', jsonb_build_object('body', jsonb_build_object('email', p_email)),
	    jsonb_build_object('password', p_password), p_save) $$;
CREATE FUNCTION t.use(p_link text, p_password text) RETURNS text LANGUAGE sql AS $$
	SELECT t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret',
	    (SELECT secret FROM t.credential WHERE name = p_link), 'new_password', p_password), 'x') $$;
SELECT t.form('control', 'member.create', '{"body": {"email": "root@x"}}', '{"new_password": "root password"}') \g /dev/null
SELECT t.result('control', 'organization.create', format('{"body": {"name": "%s"}}', n)::jsonb) FROM unnest('{one,two}'::text[]) n \g /dev/null
SELECT t.form('control', 'member.create', '{"body": {"email": "admin@one", "organization": "one"}}', '{"new_password": "one password"}') \g /dev/null
SELECT t.form('control', 'member.create', '{"body": {"email": "admin@two", "organization": "two"}}', '{"new_password": "two password"}') \g /dev/null
SELECT t.login(a || '@' || o, CASE a WHEN 'root' THEN 'root' ELSE o END || ' password', a || o)
FROM (VALUES ('admin', 'one'), ('admin', 'two'), ('root', 'x')) v(a, o) \g /dev/null

-- A link outlives no other membership.
SELECT is(t.form_code('adminone', 'admin.member_add', '{"body": {"email": "dan@x", "role": "member"}}', '{}', 'first'), '200', 'a person of one organization');
SELECT is(t.use('first', 'dans password'), '200', 'has a password');
SELECT jsonb_build_object('path', jsonb_build_object('personId', id)) AS dan FROM core.person WHERE email = 'dan@x' \gset
SELECT is(t.form_code('adminone', 'admin.member_link', :'dan', '{}', 'kept'), '200', 'its administrator makes a link and keeps it');
SELECT is(t.form_code('admintwo', 'admin.member_add', '{"body": {"email": "dan@x", "role": "administrator"}}', '{}', 'x'), '200', 'the person becomes an administrator elsewhere');
SELECT is(t.use('kept', 'stolen password'), '404 link_invalid', 'and the link that was kept is over');
SELECT is(t.form_code('adminone', 'admin.member_link', :'dan', '{}', 'kept'), '403 foreign_person', 'and there is no other');
SELECT is(t.login('dan@x', 'dans password', 'dan'), '200', 'the password is the person''s');
SELECT is(t.form_code('adminone', 'admin.member_add', '{"body": {"email": "eve@x", "role": "member"}}', '{}', 'kept'), '200', 'the same with one who was invited');
SELECT is(t.form_code('admintwo', 'admin.member_add', '{"body": {"email": "eve@x", "role": "administrator"}}', '{}', 'none'), '200', 'and never came');
SELECT is(t.use('kept', 'stolen password'), '404 link_invalid', 'before somebody else did');
SELECT jsonb_build_object('path', jsonb_build_object('personId', id, 'organizationId', 'two')) AS eve FROM core.person WHERE email = 'eve@x' \gset
SELECT is(t.form_code('rootx', 'admin.member_link', :'eve', '{}', 'good'), '200', 'the root makes a new one');
SELECT is(t.use('good', 'eves password'), '200', 'which is good');

-- A yes of the hasher is worth nothing for somebody who had no hash.
SELECT t.form('control', 'member.create', '{"body": {"email": "fay@x", "organization": "one"}}', '{}', 'fay') \g /dev/null
CREATE FUNCTION t.liar() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	v_carry	jsonb := t.read('visitor', 'session.create', 'plan',
		    'SELECT p.carry FROM gate.session_create_plan($1) p',
		    '{"body": {"email": "fay@x"}}');
	v_result text;
BEGIN
	UPDATE core.person SET password_hash = 'later', status = 'enabled'
	WHERE email = 'fay@x';
	v_carry := v_carry || jsonb_build_object('person', (SELECT id
	    FROM core.person WHERE email = 'fay@x'));
	PERFORM t.enter('visitor', 'session.create', 'commit');
	SELECT status INTO v_result FROM gate.session_create_commit('{}',
	    v_carry, true, NULL, sha256('x'));
	RESET SESSION AUTHORIZATION;
	RETURN v_result;
END
$$;
SELECT t.liar() AS liar \gset
SELECT is(:'liar'::text, '400', 'nor when the person got one in between');
SELECT * FROM finish();
