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

# together NAME SQL: SQL in many backends, %d their number; the answers sorted.
together() {
	name=$1
	i=0
	pids=
	while [ $i -lt $many ]; do
		i=$((i + 1))
		psql -X -q -A -t -d $db \
		    -c "SELECT pg_sleep(greatest(0, $at - extract(epoch FROM clock_timestamp())))" \
		    -c "$(printf '%s' "$2" | sed "s/%d/$i/g")" \
		    >"$GRANTD_TEST_WORK/$name.$i" 2>&1 &
		pids="$pids $!"
	done
	for pid in $pids; do
		wait "$pid"
	done
	cat "$GRANTD_TEST_WORK/$name".* | grep . | sort | uniq -c | tr -s ' \n' ' '
}
soon() {
	at=$(($(date +%s) + 2))
}

q $db "SELECT t.form('control', 'member.create', '{\"body\": {\"email\": \"a@b\"}}', '{}', 'link')" >/dev/null
soon
got=$(together link "SELECT t.form_code('visitor', 'link.use', '{}', jsonb_build_object('secret', (SELECT secret FROM t.credential WHERE name = 'link'), 'new_password', 'pw %d'), 's%d')")
is "$got" " 1 200 $((many - 1)) 404 link_invalid " "$many at once use a link: one does"
is "$(q $db "SELECT count(*) FROM core.session WHERE ended_at IS NULL")" 1 "and is signed in"
is "$(q $db "SELECT count(*) FROM audit.event WHERE operation = 'link.use' AND target_kind = 'link'")" 1 "with one event"

soon
got=$(together sign "SELECT t.form_code('visitor', 'session.create', '{\"body\": {\"email\": \"a@b\"}}', '{\"password\": \"wrong\"}', 's%d')")
is "$got" " 5 400 sign_in_failed $((many - 5)) 429 throttled " "$many wrong passwords at once: five are tried"
soon
got=$(together ghost "SELECT t.form_code('visitor', 'session.create', '{\"body\": {\"email\": \"ghost@b\"}}', '{\"password\": \"wrong\"}', 's%d')")
is "$got" " 5 400 sign_in_failed $((many - 5)) 429 throttled " "of a name that nobody has, too"
q $db "DELETE FROM core.throttle" >/dev/null

# Two administrators who take each other's role.
q $db "SELECT t.call('control', 'organization.create', '{\"body\": {\"name\": \"duo\"}}')" >/dev/null
for who in x y; do
	q $db "SELECT t.form('control', 'member.create', '{\"body\": {\"email\": \"$who@d\", \"organization\": \"duo\", \"role\": \"administrator\"}}', '{\"new_password\": \"$who\"}')" >/dev/null
	q $db "SELECT t.form('visitor', 'session.create', '{\"body\": {\"email\": \"$who@d\"}}', '{\"password\": \"$who\"}', '$who')" >/dev/null
done
soon
got=$(together duo "SELECT t.code(CASE %d % 2 WHEN 0 THEN 'y' ELSE 'x' END, 'admin.member_remove', jsonb_build_object('path', jsonb_build_object('personId', (SELECT id FROM core.person WHERE email = CASE %d % 2 WHEN 0 THEN 'x@d' ELSE 'y@d' END))))")
like "$got" " 1 200 " "administrators who remove each other: one does"
is "$(q $db "SELECT count(*) FROM core.member m JOIN core.organization o ON o.id = m.organization WHERE o.name = 'duo'")" 1 "and one is left"
case $got in
*40P01*|*40001*|*55P03*) false ;;
esac
ok $? "without deadlocks ($got)"
q postgres "DROP DATABASE $db WITH (FORCE)"
done_testing
