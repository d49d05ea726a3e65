#!/bin/sh
#
# sql/migrate: fresh and upgraded schemas are equal, edited files are refused,
# busy locks are waited for in turns, and a backup holds all rows.  Half of it
# runs in a Korn shell, as on OpenBSD.

. ./tap.sh
db=grantd_test_migrate
other=grantd_test_migrate2
tree=$GRANTD_TEST_WORK/tree
export GRANTD_MIGRATE_LOCK_TIMEOUT=200ms GRANTD_MIGRATE_TRIES=60

fresh_tree() {
	rm -rf "$tree"
	mkdir "$tree"
	cp -R "$GRANTD_SQL/." "$tree"
}

schema() {
	pg_dump -s -d "$1" | grep -v -e '^--' -e '^$' -e '^\\'
}

# Fresh.
psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $db WITH (FORCE)" -c "CREATE DATABASE $db" 2>/dev/null
out=$("$GRANTD_SQL/migrate" -d $db 2>&1)
is $? 1 "without roles.sql it stops"
like "$out" "psql -d $db -f .*/roles.sql" "and says what to run"
psql -X -q -d $db -f "$GRANTD_SQL/roles.sql"
psql -X -q -d $db -f "$GRANTD_SQL/roles.sql"
ok $? "roles.sql may be repeated"
out=$("$GRANTD_SQL/migrate" -n -d $db 2>&1)
like "$out" "is empty; all [0-9]+ migrations" "-n says what would be done"
is "$(q $db "SELECT to_regclass('core.setting') IS NULL")" t "and does nothing"
out=$(PGUSER=grantd_broker "$GRANTD_SQL/migrate" -d $db 2>&1)
like "$out" "may not act as grantd_owner" "the broker's login may not migrate"
out=$("$GRANTD_SQL/migrate" -d $db 2>&1)
is $? 0 "a fresh database is migrated"
like "$out" "0001_core.sql" "with progress"
like "$out" "$db is at version [0-9]+" "to a version"
out=$("$GRANTD_SQL/migrate" -d $db 2>&1)
is "$(printf '%s\n' "$out" | wc -l)" 1 "a second run has nothing to do"
out=$(PGDATABASE=$db "$GRANTD_SQL/migrate" 2>&1)
is $? 0 "the environment names the database, too"
out=$("$GRANTD_SQL/migrate" -d "dbname=$db application_name=x" 2>&1)
is $? 0 "so does a conninfo string"
out=$("$GRANTD_SQL/migrate" -d "dbname=grantd_no_such" 2>&1)
like "$out" 'cannot ask the database: .*grantd_no_such' "a database that is not there gives a sentence"
schema $db >"$GRANTD_TEST_WORK/fresh.sql"

# Clients that were suspended before it was kept by whom: what the audit says of
# an organization's own people is theirs, all else the root's.
suspended="
INSERT INTO core.organization (id, name, fullname, organization_type) VALUES
    ('00000000-0000-7000-8000-000000000001', 'r', 'R', 'root'),
    ('00000000-0000-7000-8000-000000000002', 'o', 'O', 'standard');
INSERT INTO core.person (id, email, fullname)
SELECT format('00000000-0000-7000-8000-00000000001%s', n)::uuid, n || '@x', 'P'
FROM generate_series(1, 4) n;
INSERT INTO core.member (organization, person) VALUES
    ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000011'),
    ('00000000-0000-7000-8000-000000000001', '00000000-0000-7000-8000-000000000012'),
    ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000012'),
    ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000013');
INSERT INTO oauth.client (id, organization, origin, auth_method, name, status)
SELECT 'gc_suspendedbefore00' || n, '00000000-0000-7000-8000-000000000002', 'admin', 'none', 'c',
    CASE n WHEN 6 THEN 'active' ELSE 'suspended' END
FROM generate_series(1, 6) n;
INSERT INTO audit.event (at, organization, actor_kind, person, operation, target_kind, target, outcome, status)
SELECT '2026-01-01Z', format('00000000-0000-7000-8000-00000000000%s', org)::uuid, 'session',
    format('00000000-0000-7000-8000-00000000001%s', person)::uuid, operation, 'client',
    'gc_suspendedbefore00' || client, outcome, 200
FROM (VALUES (1, 2, 2, 'client_admin.suspend', 'success'), (1, 2, 1, 'client_admin.suspend', 'success'),
    (1, 2, 2, 'client_admin.suspend', 'refused'), (2, 2, 2, 'client_admin.suspend', 'success'),
    (3, 2, 4, 'client_admin.suspend', 'success'), (4, 2, 3, 'client_admin.suspend', 'success'),
    (9, 1, 3, 'client_admin.show', 'success'), (6, 2, 1, 'client_admin.suspend', 'success'))
    e(client, org, person, operation, outcome);"

# Upgraded, one migration after the other, over strange functions.
new_database $other
last=0
for f in "$GRANTD_SQL"/migrations/*.sql; do
	last=$((last + 1))
	fresh_tree
	rm "$tree"/functions/*.sql
	echo "CREATE FUNCTION lib.former_$last() RETURNS int LANGUAGE sql AS 'SELECT 1';" >"$tree/functions/x.sql"
	i=0
	for g in "$tree"/migrations/*.sql; do
		i=$((i + 1))
		[ $i -le $last ] || rm "$g"
	done
	mksh "$tree/migrate" -d $other >/dev/null 2>&1 || echo "# failed at $last"
	[ $last -ne 18 ] || q $other "$suspended"
done
out=$("$GRANTD_SQL/migrate" -d $other 2>&1)
is $? 0 "a database is upgraded step by step"
schema $other >"$GRANTD_TEST_WORK/upgraded.sql"
diff "$GRANTD_TEST_WORK/fresh.sql" "$GRANTD_TEST_WORK/upgraded.sql" >"$GRANTD_TEST_WORK/diff"
ok $? "and has the same schema as a fresh one"
is "$(q $other "SELECT right(id, 1) || coalesce(suspended_root::text, '-') || coalesce(right(suspended_by::text, 1), '-') || coalesce(suspended_at::date::text, '-') FROM oauth.client ORDER BY id" | tr '\n' ' ')" \
    "1false12026-01-01 2true22026-01-01 3true42026-01-01 4true32026-01-01 5--- 6--- " \
    "what an organization's own people suspended is theirs to resume, no more"
sed 's/^/# /' "$GRANTD_TEST_WORK/diff" | head -20

# Functions that changed.
fresh_tree
echo "CREATE FUNCTION lib.one_more() RETURNS int LANGUAGE sql AS 'SELECT 1';" >>"$tree/functions/010_lib.sql"
like "$(mksh "$tree/migrate" -n -d $db 2>&1)" "migrate: functions" "changed functions are noticed"
mksh "$tree/migrate" -d $db >/dev/null 2>&1
is "$(q $db 'SELECT lib.one_more()')" 1 "and applied"
"$GRANTD_SQL/migrate" -d $db >/dev/null 2>&1
is "$(q $db "SELECT to_regproc('lib.one_more') IS NULL")" t "what is gone from the files is gone"
echo "CREATE FUNCTION lib.broken( RETURNS" >>"$tree/functions/010_lib.sql"
out=$(mksh "$tree/migrate" -d $db 2>&1)
like "$out" "functions/010_lib.sql:[0-9]+: syntax error" "a broken file is named with its line"
is "$(q $db 'SELECT lib.duration_text(60)')" "1m0s" "and the former functions stay"

# Edited, newer, missing.
fresh_tree
echo "-- changed" >>"$tree/migrations/0001_core.sql"
out=$(mksh "$tree/migrate" -d $db 2>&1)
is $? 1 "an edited migration is refused"
like "$out" "0001_core.sql was edited after it was applied" "by name"
fresh_tree
rm "$tree/migrations/$(printf %04d "$last")"_*.sql
like "$(mksh "$tree/migrate" -d $db 2>&1)" "at version $last, these files end at $((last - 1))" "older files are refused"
fresh_tree
mv "$tree"/migrations/0002_*.sql "$tree/migrations/0009_x.sql"
like "$(mksh "$tree/migrate" -d $db 2>&1)" "expected number 2" "a gap in the numbers is refused"

# A migration sees rows although row-level security is forced; a failed one
# leaves nothing.
psql -X -q -d $db -f lib.sql
q $db "SELECT t.call('control', 'organization.create', '{\"body\": {\"name\": \"rows\"}}')" >/dev/null
q $db "SELECT t.call('control', 'organization.token_create', '{\"body\": {\"organization\": \"rows\"}}', 'o')" >/dev/null
q $db "SELECT t.call('o', 'account.create', '{\"body\": {\"name\": \"a' || n || '\"}}') FROM generate_series(1, 5) n" >/dev/null 2>&1 ||
    q $db "SELECT t.call('o', 'account.create', jsonb_build_object('body', jsonb_build_object('name', 'a' || n))) FROM generate_series(1, 5) n" >/dev/null
q $db "SELECT t.call('o', 'account.create', jsonb_build_object('body', jsonb_build_object('name', 'a' || n))) FROM generate_series(1, 5) n" >/dev/null
fresh_tree
next=$(printf '%04d' $((last + 1)))
echo "UPDATE core.account SET fullname = 'migrated'; SELECT 1 / 0;" >"$tree/migrations/${next}_rows.sql"
like "$(mksh "$tree/migrate" -d $db 2>&1)" "migrations/${next}_rows.sql:1: division by zero" "a failed migration is named"
is "$(q $db "SELECT count(*) FROM core.account WHERE fullname = 'migrated'")" 0 "and leaves nothing"
echo "UPDATE core.account SET fullname = 'migrated'; ALTER TABLE core.account ADD extra text;" >"$tree/migrations/${next}_rows.sql"
hold $db "LOCK core.account IN ACCESS SHARE MODE"
mksh "$tree/migrate" -d $db >"$GRANTD_TEST_WORK/busy" 2>&1 9>&- &
migration=$!
within grep -q "a lock is busy, trying again" "$GRANTD_TEST_WORK/busy"
ok $? "a busy lock is asked for again"
release >/dev/null
wait $migration
is $? 0 "and waited for"
is "$(q $db "SELECT count(*) FROM core.account WHERE fullname = 'migrated'")" 5 "a migration changes the rows of all tenants"

# Two at once.
new_database $other
("$GRANTD_SQL/migrate" -d $other >"$GRANTD_TEST_WORK/one" 2>&1; echo $? >"$GRANTD_TEST_WORK/one.rc") &
"$GRANTD_SQL/migrate" -d $other >"$GRANTD_TEST_WORK/two" 2>&1
is "$?" 0 "of two at once, one waits"
wait
is "$(cat "$GRANTD_TEST_WORK/one.rc")" 0 "and both end well"

# Backup and restore.
new_database $other
PGUSER=grantd_backup pg_dump -d $db -N t >"$GRANTD_TEST_WORK/backup.sql" 2>"$GRANTD_TEST_WORK/backup.err"
is $? 0 "grantd_backup dumps the database"
head -3 "$GRANTD_TEST_WORK/backup.err" | sed 's/^/# /'
psql -X -q -d $other -f "$GRANTD_TEST_WORK/backup.sql" >/dev/null 2>"$GRANTD_TEST_WORK/restore.err"
head -3 "$GRANTD_TEST_WORK/restore.err" | sed 's/^/# /'
for t in core.account core.organization token.family token.access_token audit.event core.role; do
	is "$(q $other "SELECT count(*) FROM $t")" "$(q $db "SELECT count(*) FROM $t")" "the backup keeps the rows of $t"
done
schema $db | grep -v -e 'SCHEMA t' -e ' t\.' >"$GRANTD_TEST_WORK/a.sql"
psql -X -q -d $other -f lib.sql
q $other "INSERT INTO t.credential SELECT 'o', 1, '$(q $db "SELECT secret FROM t.credential WHERE name = 'o'")', $(q $db "SELECT expiry FROM t.credential WHERE name = 'o'"), NULL" >/dev/null
is "$(q $other "SELECT t.code('o', 'account.list')")" 200 "and the restored one works"
PGUSER=grantd_backup q $db "CREATE TABLE core.x (i int)" | grep -e denied -e read-only >/dev/null
ok $? "the backup role cannot write"
is "$(PGOPTIONS='-c role=grantd_owner' pg_dump -d $db -t core.account 2>&1 | grep -c 'row-level security')" 1 "the owner's dump refuses rather than lose rows"
for d in $db $other; do
	q postgres "DROP DATABASE $d WITH (FORCE)" >/dev/null
done
done_testing
