#!/bin/sh
#
# Many at once, in backends of their own: a one-time link is used once, wrong
# passwords are counted one by one, an organization keeps an administrator.

. ./tap.sh
db=grantd_test_people
many=12
new_database $db
"$GRANTD_SQL/migrate" -d $db >/dev/null || { echo "Bail out! migrate failed"; exit 1; }
psql -X -q -d $db -f lib.sql -f "$GRANTD_TEST_WORK/statements.psql" \
    -c "INSERT INTO t.credential VALUES ('visitor', 5, 'cookie', 0, NULL)"
patient $db

q $db "SELECT t.form('control', 'member.create', '{\"body\": {\"email\": \"a@b\"}}', '{}', 'link')" >/dev/null
got=$(together $db $many "SELECT t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', (SELECT secret FROM t.credential WHERE name = 'link'), 'new_password', 'pw %d'), 's%d')")
is "$got" " 1 200 $((many - 1)) 404 link_invalid " "$many at once use a link: one does"
is "$(q $db "SELECT count(*) FROM core.session WHERE ended_at IS NULL")" 1 "and is signed in"
is "$(q $db "SELECT count(*) FROM audit.event WHERE operation = 'link.use' AND target_kind = 'link'")" 1 "with one event"

got=$(together $db $many "SELECT t.form_code('visitor', 'session.create', '{\"body\": {\"email\": \"a@b\"}}', '{\"password\": \"wrong\"}', 's%d')")
is "$got" " 5 400 sign_in_failed $((many - 5)) 429 throttled " "$many wrong passwords at once: five are tried"
got=$(together $db $many "SELECT t.form_code('visitor', 'session.create', '{\"body\": {\"email\": \"ghost@b\"}}', '{\"password\": \"wrong\"}', 's%d')")
is "$got" " 5 400 sign_in_failed $((many - 5)) 429 throttled " "of a name that nobody has, too"
q $db "DELETE FROM core.throttle" >/dev/null

# Two administrators who take each other's role.
q $db "SELECT t.call('control', 'organization.create', '{\"body\": {\"name\": \"duo\"}}')" >/dev/null
for who in x y; do
	q $db "SELECT t.form('control', 'member.create', '{\"body\": {\"email\": \"$who@d\", \"organization\": \"duo\", \"role\": \"administrator\"}}', '{\"new_password\": \"$who\"}')" >/dev/null
	q $db "SELECT t.form('visitor', 'session.create', '{\"body\": {\"email\": \"$who@d\"}}', '{\"password\": \"$who\"}', '$who')" >/dev/null
done
got=$(together $db $many "SELECT t.code(CASE %d % 2 WHEN 0 THEN 'y' ELSE 'x' END, 'admin.member_remove', jsonb_build_object('path', jsonb_build_object('personId', (SELECT id FROM core.person WHERE email = CASE %d % 2 WHEN 0 THEN 'x@d' ELSE 'y@d' END))))")
like "$got" " 1 200 " "administrators who remove each other: one does"
is "$(q $db "SELECT count(*) FROM core.member m JOIN core.organization o ON o.id = m.organization WHERE o.name = 'duo'")" 1 "and one is left"
case $got in
*40P01*|*40001*|*55P03*) false ;;
esac
ok $? "without deadlocks ($got)"

page() {	# page WHO OPERATION EMAIL [BODY]: SQL of a form of members
	echo "SELECT t.code('$1', '$2', jsonb_build_object('path', jsonb_build_object('personId', (SELECT id FROM core.person WHERE email = '$3')), 'body', '${4:-{\}}'::jsonb))"
}
q $db "DELETE FROM core.throttle; ALTER DATABASE $db SET grantd.issuer = 'https://auth.example'" >/dev/null
q $db "SELECT t.call('control', 'organization.create', '{\"body\": {\"name\": \"trio\"}}')" >/dev/null
for who in ann bob; do
	q $db "SELECT t.form('control', 'member.create', '{\"body\": {\"email\": \"$who@t\", \"organization\": \"trio\"}}', '{\"new_password\": \"$who\"}')" >/dev/null
	q $db "SELECT t.form('visitor', 'session.create', '{\"body\": {\"email\": \"$who@t\"}}', '{\"password\": \"$who\"}', '$who')" >/dev/null
done
for who in cat zed; do
	q $db "SELECT t.form('control', 'member.create', '{\"body\": {\"email\": \"$who@t\", \"organization\": \"trio\", \"role\": \"administrator\"}}', '{\"new_password\": \"$who\"}')" >/dev/null
	q $db "SELECT t.form('visitor', 'session.create', '{\"body\": {\"email\": \"$who@t\"}}', '{\"password\": \"$who\"}', '$who')" >/dev/null
done
got=$(meanwhile $db "$(page ann admin.member_remove zed@t)" "$(page zed admin.member_remove ann@t)")
is "$got" "404 no_organization
200" "who is removed removes nobody any more"
viewer=$(q $db "SELECT r.id FROM core.role r JOIN core.organization o ON o.id = r.organization WHERE o.name = 'trio' AND r.name = 'viewer'")
got=$(meanwhile $db "$(page ann admin.member_roles cat@t "{\"role\": \"$viewer\"}")" "$(page cat admin.member_disable ann@t)")
is "$got" "403 insufficient_scope
200" "nor does who lost the role"
role() {
	q $db "SELECT t.page('ann', 'admin.role_create', '{\"body\": {\"name\": \"odd\", \"scope\": [\"users:view\"]}}') ->> 'id'"
}
id=$(role)
delete="SELECT t.code('ann', 'admin.role_delete', '{\"path\": {\"roleId\": \"$id\"}}')"
got=$(meanwhile $db "$delete" "$(page ann admin.member_roles bob@t "{\"role\": \"$id\"}")")
is "$got" "400 invalid_field
200" "a role is given while it is deleted: there is none"
id=$(role)
delete="SELECT t.code('ann', 'admin.role_delete', '{\"path\": {\"roleId\": \"$id\"}}')"
got=$(meanwhile $db "$(page ann admin.member_roles bob@t "{\"role\": \"$id\"}")" "$delete")
is "$got" "409 role_in_use
200" "it is deleted while it is given: it is in use"
q $db "$(page ann admin.member_roles bob@t '{"role": "member"}')" >/dev/null
got=$(meanwhile $db "$delete" "SELECT t.code('ann', 'admin.role_update', '{\"path\": {\"roleId\": \"$id\"}, \"body\": {\"scope\": [\"audit:view\"]}}')")
is "$got" "404 role_not_found
200" "it is changed while it is deleted: there is none"

# What is let in while its person is removed does not wait for the return.
q $db "INSERT INTO oauth.client (id, organization, origin, auth_method, name, scopes, redirect_uris, grant_types, first_party)
SELECT 'gc_racerracerracerrace', o.id, 'admin', 'none', 'Racer', '{openid}', '{https://x.example/}', '{authorization_code}', true FROM core.organization o WHERE o.name = 'trio'" >/dev/null
ask="SELECT t.call('bob', 'authorization.start', jsonb_build_object('query', jsonb_build_object('client_id', 'gc_racerracerracerrace', 'response_type', 'code', 'scope', 'openid', 'code_challenge_method', 'S256', 'code_challenge', repeat('c', 43)))) #>> '{body,view}'"
got=$(meanwhile $db "$(page ann admin.member_remove bob@t)" "$ask")
like "$got" "200" "a member is removed ($got)"
is "$(q $db "SELECT count(*) FROM oauth.connection WHERE ended_at IS NULL")" 0 "what was let in meanwhile is not kept"
q $db "$(page ann admin.member_add none '{"email": "bob@t", "role": "member"}')" >/dev/null
like "$(q $db "$ask")" "redirect" "back again it is let in"

# Members are locked before persons, persons before links.
q $db "SELECT t.call('control', 'organization.create', '{\"body\": {\"name\": \"else\"}}')" >/dev/null
q $db "SELECT t.form('control', 'member.create', '{\"body\": {\"email\": \"eve@e\", \"organization\": \"else\"}}', '{\"new_password\": \"eve\"}')" >/dev/null
q $db "SELECT t.form('visitor', 'session.create', '{\"body\": {\"email\": \"eve@e\"}}', '{\"password\": \"eve\"}', 'eve')" >/dev/null
q $db "SELECT t.page('eve', 'admin.member_add', '{\"body\": {\"email\": \"bob@t\", \"role\": \"member\"}}', 'join')" >/dev/null
got=$(meanwhile $db "SELECT FROM core.member WHERE person = (SELECT id FROM core.person WHERE email = 'bob@t') FOR UPDATE" \
    "SELECT FROM core.person WHERE email = 'bob@t' FOR UPDATE" \
    "SELECT t.form_code('bob', 'link.join', '{}', jsonb_build_object('secret', (SELECT secret FROM t.credential WHERE name = 'join')))")
is "$got" "200" "an invitation is taken while a link is made for its person"
q $db "$(page ann admin.member_add none '{"email": "new@t", "role": "member"}')" >/dev/null
q $db "UPDATE core.link SET hash = t.hash('new') WHERE person = (SELECT id FROM core.person WHERE email = 'new@t')" >/dev/null
got=$(meanwhile $db "SELECT FROM core.person WHERE email = 'new@t' FOR UPDATE" \
    "SELECT FROM core.link WHERE hash = t.hash('new') FOR UPDATE" \
    "SELECT t.form_code('visitor', 'link.use', '{}', '{\"secret\": \"new\", \"new_password\": \"pw\"}')")
is "$got" "200" "a link is used while another is made"
q postgres "DROP DATABASE $db WITH (FORCE)"
done_testing
