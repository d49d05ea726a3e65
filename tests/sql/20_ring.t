#!/bin/sh
#
# The ring of access tokens, with periods of two seconds: it forgets what is
# over and nothing else, and no lookup waits while it does.
# GRANTD_TEST_LONG is how many seconds the long transaction takes at least.

. ./tap.sh
db=grantd_test_ring
long=${GRANTD_TEST_LONG:-20}	# each of the eight slots comes up once
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

# Twelve periods of two seconds, or as many as a busy machine needs until eight
# slots had something to empty and the ring is smaller than all that was made,
# however fast that was; tokens of 1 to 9 seconds are made all along.
start=$(date +%s)
fresh=$start
i=0
wrong=0
most=0
# What the workers do, only more often.
printf '%s\n' 'SELECT gate.maintain() \watch 0.15' |
    PGUSER=grantd_broker psql -X -q -A -t -d $db >"$GRANTD_TEST_WORK/ring.maintain" 2>&1 &
maintainer=$!
trap 'kill $maintainer 2>/dev/null' EXIT
truncated=0
made=0
while [ $(($(date +%s) - start)) -lt 24 ] ||
    { { [ "$truncated" -lt 8 ] || [ "$most" -ge $((made * 4 / 5)) ]; } &&
    [ $(($(date +%s) - start)) -lt 120 ]; }; do
	i=$((i + 1))
	if [ "$(date +%s)" -ge "$fresh" ]; then
		fresh=$(($(date +%s) + 2))
		q $db "SELECT t.call('o.refresh', 'token.refresh', '{\"path\": {\"refreshTokenId\": \"$family\"}}', 'o')" >/dev/null
	fi
	q $db "SELECT t.code('o', 'token.issue', '{\"path\": {\"accountId\": \"a\", \"integrationId\": \"i\"}, \"body\": {\"token_ttl\": \"$((i % 9 + 1))s\"}}', 'i$i')" >/dev/null
	# Every token made so far: not good after its end, which is a matter of
	# when the statement began, and good while it has not come.
	n=$(q $db "SELECT count(*) FROM (SELECT expiry, t.code(name, 'sink.event_create', '{\"body\": []}') AS code, clock_timestamp() AS after
	    FROM t.credential WHERE name ~ '^i[0-9]+$' AND abs(expiry - extract(epoch FROM now())) < 8) x
	    WHERE CASE code WHEN '200' THEN to_timestamp(expiry) <= now() ELSE to_timestamp(expiry) > after END")
	wrong=$((wrong + n))
	rows=$(q $db "SELECT count(*) FROM token.access_token")
	[ "$rows" -le "$most" ] || most=$rows
	truncated=$(grep -c truncated "$GRANTD_TEST_WORK/ring.maintain")
	made=$(q $db "SELECT count(*) FROM audit.event WHERE detail ? 'jti'")
done
echo "# $made tokens in $(($(date +%s) - start)) s, $truncated truncations, at most $most rows at a time"
ok "$wrong" "every token was good before its end and refused after it ($wrong wrong)"
[ "$truncated" -ge 8 ]
ok $? "slots were emptied again and again"
[ "$most" -lt $((made * 4 / 5)) ]
ok $? "and the ring did not grow"
# A slot that was busy has its next turn when the ring has gone round.
within sees $db "count(*) = 0 FROM token.access_token WHERE expires_at < now() - interval '6 seconds'"
ok $? "nothing of earlier periods is left"

token() {
	q $db "SELECT t.code('o.refresh', 'token.refresh', '{\"path\": {\"refreshTokenId\": \"$family\"}}', 'o')" >/dev/null
	q $db "SELECT t.code('o', 'token.issue', '{\"path\": {\"accountId\": \"a\", \"integrationId\": \"i\"}, \"body\": {\"token_ttl\": \"9s\"}}', '$1')" >/dev/null
}

# A long transaction has read the ring and holds its locks.
token long
hold $db "SELECT t.code('long', 'sink.event_create', '{\"body\": []}')"
is "$(grep '^[0-9]' "$tap_work/held")" 200 "a long transaction has read the ring"
begun=$(date +%s)
{
	printf '%s\n' '\timing on'
	n=0
	while [ $n -lt 12000 ]; do	# 10 ms each at least
		echo "SELECT t.code('o', 'organization.get') FROM pg_sleep(0.01);"
		n=$((n + 1))
	done
} >"$GRANTD_TEST_WORK/lookups.psql"
# The server says who waits for a lock.  A truncation asks for 20 ms; where the
# machine stands still its time may be over seconds later, but not five.
(PGOPTIONS="-c plan_cache_mode=force_generic_plan -c deadlock_timeout=5s \
    -c log_lock_waits=on -c client_min_messages=log" psql -X -q -A -t -d $db -f "$GRANTD_TEST_WORK/lookups.psql" >"$GRANTD_TEST_WORK/lookups.out" 2>&1) 9>&- &
looker=$!
# count FILE TEXT: of the lines that have it
count() {
	grep -c "$2" "$GRANTD_TEST_WORK/$1"
}
before=$(count ring.maintain busy)
busy=0
lookups=0
while [ $(($(date +%s) - begun)) -lt "$long" ] ||
    { { [ $busy -eq 0 ] || [ $lookups -le 100 ]; } &&
    [ $(($(date +%s) - begun)) -lt $((long + 60)) ]; }; do
	token other
	sleep 0.3
	busy=$(($(count ring.maintain busy) - before))
	lookups=$(count lookups.out ^Time:)
done
ok $((busy == 0)) "while a transaction holds the ring, a truncation gives up ($busy times)"
took=$(($(date +%s) - begun))
is "$(q $db "SELECT count(*) FROM pg_stat_activity WHERE datname = '$db' AND state = 'idle in transaction'")" 1 "the long transaction is still there"
kill $looker 2>/dev/null
wait $looker 2>/dev/null
worst=$(awk '/^Time:/ { if ($2 > m) m = $2 } END { printf "%d", m }' "$GRANTD_TEST_WORK/lookups.out")
echo "# $lookups lookups meanwhile, the slowest took $worst ms"
waits=$(count lookups.out 'still waiting for')
[ "$waits" -eq 0 ] && [ "$worst" -lt $((took * 500)) ] && [ "$lookups" -gt 100 ]
ok $? "and no lookup waits for it ($waits waits, $worst ms at most)"
release >/dev/null
before=$(count ring.maintain truncated)
emptied() {
	token other
	[ "$(count ring.maintain truncated)" -gt "$before" ]
}
within emptied
ok $? "when it is over, the slots are emptied again"

kill $maintainer
wait $maintainer 2>/dev/null
# its last statement goes on without it
within sees $db "NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '$db'
    AND usename = 'grantd_broker')" || echo "# maintenance does not end" >&2

# The rest that maintenance forgets, in small batches.
q $db "INSERT INTO token.successor_use (organization, family, generation, at) SELECT organization, id, 1, now() - interval '3 days' FROM token.family;
    INSERT INTO audit.unknown_credential SELECT now() - interval '91 days' - n * interval '1 minute', 'x', 'y', 1 FROM generate_series(1, 1500) n;
    INSERT INTO audit.refused_client SELECT now() - interval '91 days' - n * interval '1 minute', 'x', NULL, 'x', 'y', 1 FROM generate_series(1, 300) n;
    INSERT INTO connector.sink_event SELECT organization, id, gen_random_uuid(), '{}', now() - interval '40 days' FROM core.integration;
    SELECT t.call('control', 'organization.token_create', '{\"body\": {\"organization\": \"ring\", \"name\": \"old\"}}', 'old');
    UPDATE token.family SET ended_at = now() - interval '40 days' WHERE name = 'old'" >/dev/null
like "$(q $db "SET ROLE grantd_broker; SELECT gate.maintain()")" '"families" : 1, "uses" : 2, "counters" : 1300, "siem_events" : 0, "sink_events" : 1' "maintenance forgets a little at a time"
like "$(q $db "SET ROLE grantd_broker; SELECT gate.maintain()")" '"families" : 0, "uses" : 0, "counters" : 500, "siem_events" : 0, "sink_events" : 0' "and goes on"
hold $db "SELECT gate.maintain()"
is "$(q $db "SET ROLE grantd_broker; SELECT gate.maintain() IS NULL")" t "one worker at a time"
release >/dev/null
q postgres "DROP DATABASE $db WITH (FORCE)" >/dev/null
done_testing
