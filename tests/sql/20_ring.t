#!/bin/sh
#
# The ring of access tokens, with periods of two seconds: it forgets what is
# over and nothing else, and no lookup waits while it does.
# GRANTD_TEST_LONG is how many seconds the long transaction takes.

. ./tap.sh
db=grantd_test_ring
long=${GRANTD_TEST_LONG:-60}
new_database $db
"$GRANTD_SQL/migrate" -d $db >/dev/null || { echo "Bail out! migrate failed"; exit 1; }
psql -X -q -d $db -f lib.sql \
    -c "ALTER DATABASE $db SET grantd.access_lifetime = '9'" \
    -c "UPDATE core.setting SET value = 2 WHERE name = 'slot_length'"
is "$(q $db 'SELECT core.slot_length()')" 2 "the length of a slot follows the setting"

q $db "SELECT t.call('control', 'organization.create', '{\"body\": {\"name\": \"ring\"}}')" >/dev/null
q $db "SELECT t.call('control', 'organization.token_create', '{\"body\": {\"organization\": \"ring\"}}', 'o')" >/dev/null
family=$(q $db "SELECT id FROM token.family")
q $db "SELECT t.call('o', 'account.create', '{\"body\": {\"name\": \"a\"}}')" >/dev/null
q $db "SELECT t.call('o', 'integration.create', '{\"path\": {\"accountId\": \"a\"}, \"body\": {\"name\": \"i\", \"provider_config\": {\"type\": \"sink_mock_sink\"}}}', 'p')" >/dev/null
is "$(q $db "SELECT t.code('o', 'organization.get')")" 200 "a token in the ring works"
like "$(q $db "UPDATE core.setting SET value = 3 WHERE name = 'slot_length'")" "cannot change while" \
    "the length cannot change while tokens are stored"

# Twelve periods of two seconds; tokens of 1 to 9 seconds are made all along.
start=$(date +%s)
i=0
wrong=0
most=0
# What the workers do, only more often.
printf '%s\n' 'SELECT gate.maintain() \watch 0.15' |
    PGUSER=grantd_broker psql -X -q -A -t -d $db >"$GRANTD_TEST_WORK/ring.maintain" 2>&1 &
maintainer=$!
trap 'kill $maintainer 2>/dev/null' EXIT
while [ $(($(date +%s) - start)) -lt 24 ]; do
	i=$((i + 1))
	[ $((i % 8)) -ne 1 ] || q $db "SELECT t.call('o.refresh', 'token.refresh', '{\"path\": {\"refreshTokenId\": \"$family\"}}', 'o')" >/dev/null
	q $db "SELECT t.code('o', 'token.issue', '{\"path\": {\"accountId\": \"a\", \"integrationId\": \"i\"}, \"body\": {\"token_ttl\": \"$((i % 9 + 1))s\"}}', 'i$i')" >/dev/null
	# Every token made so far: good before its end, refused after it.
	n=$(q $db "SELECT count(*) FROM (SELECT name, expiry, clock_timestamp() AS at, t.code(name, 'sink.event_create', '{\"body\": []}') AS code
	    FROM t.credential WHERE name ~ '^i[0-9]+$' AND abs(expiry - extract(epoch FROM now())) > 0.5 AND abs(expiry - extract(epoch FROM now())) < 8) x
	    WHERE (code = '200') <> (to_timestamp(expiry) > at) AND abs(expiry - extract(epoch FROM at)) > 0.5")
	wrong=$((wrong + n))
	rows=$(q $db "SELECT count(*) FROM token.access_token")
	[ "$rows" -le "$most" ] || most=$rows
done
truncated=$(grep -c truncated "$GRANTD_TEST_WORK/ring.maintain")
made=$(q $db "SELECT count(*) FROM audit.event WHERE detail ? 'jti'")
echo "# $made tokens in 12 periods, $truncated truncations, at most $most rows at a time"
ok "$wrong" "in twelve periods every token was good before its end and refused after it ($wrong wrong)"
[ "$truncated" -ge 8 ]
ok $? "slots were emptied again and again"
[ "$most" -lt $((made * 4 / 5)) ]
ok $? "and the ring did not grow"
sleep 2
stale=$(q $db "SELECT count(*) FROM token.access_token WHERE expires_at < now() - interval '6 seconds'")
is "$stale" 0 "nothing of earlier periods is left"

token() {
	q $db "SELECT t.code('o.refresh', 'token.refresh', '{\"path\": {\"refreshTokenId\": \"$family\"}}', 'o')" >/dev/null
	q $db "SELECT t.code('o', 'token.issue', '{\"path\": {\"accountId\": \"a\", \"integrationId\": \"i\"}, \"body\": {\"token_ttl\": \"3s\"}}', '$1')" >/dev/null
}

# A long transaction has read the ring and holds its locks.
token long
(q $db "BEGIN; SELECT t.code('long', 'sink.event_create', '{\"body\": []}'); SET LOCAL statement_timeout = 0; SELECT pg_sleep($long); COMMIT" >/dev/null) &
sleeper=$!
sleep 0.5
{
	printf '%s\n' '\timing on'
	n=0
	while [ $n -lt $((long * 100)) ]; do	# 10 ms each at least
		echo "SELECT t.code('o', 'organization.get') FROM pg_sleep(0.01);"
		n=$((n + 1))
	done
} >"$GRANTD_TEST_WORK/lookups.psql"
# The server says who waits for a lock.  A truncation asks for 20 ms; where the
# machine is busy its time may be over later, but not by seconds.
(PGOPTIONS="-c plan_cache_mode=force_generic_plan -c deadlock_timeout=2s \
    -c log_lock_waits=on -c client_min_messages=log" psql -X -q -A -t -d $db -f "$GRANTD_TEST_WORK/lookups.psql" >"$GRANTD_TEST_WORK/lookups.out" 2>&1) &
looker=$!
before=$(grep -c busy "$GRANTD_TEST_WORK/ring.maintain")
end=$(($(date +%s) + long * 9 / 10))
while [ "$(date +%s)" -lt $end ]; do
	token other
	sleep 0.3
done
busy=$(($(grep -c busy "$GRANTD_TEST_WORK/ring.maintain") - before))
[ $busy -gt 0 ]
ok $? "while a transaction of $long s holds the ring, a truncation gives up ($busy times)"
kill -0 $sleeper 2>/dev/null
ok $? "the long transaction is still there"
worst=$(awk '/^Time:/ { if ($2 > m) m = $2 } END { printf "%d", m }' "$GRANTD_TEST_WORK/lookups.out")
count=$(grep -c '^Time:' "$GRANTD_TEST_WORK/lookups.out")
echo "# $count lookups meanwhile, the slowest took $worst ms"
waits=$(grep -c 'still waiting for' "$GRANTD_TEST_WORK/lookups.out")
[ "$waits" -eq 0 ] && [ "$worst" -lt $((long * 250)) ] && [ "$count" -gt 100 ]
ok $? "and no lookup waits for it ($waits waits, $worst ms at most)"
kill $looker 2>/dev/null
wait $looker 2>/dev/null
wait $sleeper
before=$(grep -c truncated "$GRANTD_TEST_WORK/ring.maintain")
end=$(($(date +%s) + 20))
n=0
while [ $n -eq 0 ] && [ "$(date +%s)" -lt $end ]; do
	token other
	sleep 0.4
	[ "$(grep -c truncated "$GRANTD_TEST_WORK/ring.maintain")" -le "$before" ] || n=1
done
is $n 1 "when it is over, the slots are emptied again"

kill $maintainer
wait $maintainer 2>/dev/null

# The rest that maintenance forgets, in small batches.
q $db "INSERT INTO token.successor_use (organization, family, generation, at) SELECT organization, id, 1, now() - interval '3 days' FROM token.family;
    INSERT INTO audit.unknown_credential SELECT now() - interval '91 days' - n * interval '1 minute', 'x', 'y', 1 FROM generate_series(1, 1500) n;
    INSERT INTO audit.refused_client SELECT now() - interval '91 days' - n * interval '1 minute', 'x', NULL, 'x', 'y', 1 FROM generate_series(1, 300) n;
    INSERT INTO connector.sink_event SELECT organization, id, gen_random_uuid(), '{}', now() - interval '40 days' FROM core.integration;
    SELECT t.call('control', 'organization.token_create', '{\"body\": {\"organization\": \"ring\", \"name\": \"old\"}}', 'old');
    UPDATE token.family SET ended_at = now() - interval '40 days' WHERE name = 'old'" >/dev/null
like "$(q $db "SET ROLE grantd_broker; SELECT gate.maintain()")" '"families" : 1, "uses" : 2, "counters" : 1300, "siem_events" : 0, "sink_events" : 1' "maintenance forgets a little at a time"
like "$(q $db "SET ROLE grantd_broker; SELECT gate.maintain()")" '"families" : 0, "uses" : 0, "counters" : 500, "siem_events" : 0, "sink_events" : 0' "and goes on"
(q $db "BEGIN; SELECT gate.maintain(); SELECT pg_sleep(1); COMMIT" >/dev/null) &
sleep 0.4
is "$(q $db "SET ROLE grantd_broker; SELECT gate.maintain() IS NULL")" t "one worker at a time"
wait
q postgres "DROP DATABASE $db WITH (FORCE)" >/dev/null
done_testing
