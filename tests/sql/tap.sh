# TAP for shell tests: ok, is, like; done_testing at the end.  What has to
# happen at the same time waits for events: hold and release, together,
# meanwhile.

tap_n=0
tap_bad=0
tap_work=$(mktemp -d "$GRANTD_TEST_WORK/tap.XXXXXX") || exit 1

ok() {		# ok STATUS TEXT
	tap_n=$((tap_n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $tap_n - $2"
	else
		tap_bad=1
		echo "not ok $tap_n - $2"
	fi
}

is() {		# is HAVE WANT TEXT
	[ "$1" = "$2" ]
	ok $? "$3"
	[ "$1" = "$2" ] || printf '# have: %s\n# want: %s\n' "$1" "$2"
}

like() {	# like HAVE PATTERN TEXT
	printf '%s\n' "$1" | grep -E -e "$2" >/dev/null
	ok $? "$3"
	printf '%s\n' "$1" | grep -E -e "$2" >/dev/null ||
	    printf '# have: %s\n# pattern: %s\n' "$1" "$2"
}

done_testing() {
	echo "1..$tap_n"
	exit $tap_bad
}

q() {		# q DATABASE SQL: unaligned answer
	psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2" 2>&1
}

new_database() {
	psql -X -q -d postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" \
	    -c "CREATE DATABASE $1" 2>/dev/null
	psql -X -q -d "$1" -f "$GRANTD_SQL/roles.sql"
}

# Whoever waits for a lock in the gate does so for as long as a test needs, not
# for two seconds.
patient() {	# patient DATABASE
	psql -X -q -v ON_ERROR_STOP=1 -d "$1" <<'EOT' || exit 1
DO $$
DECLARE
	p	text := '(lock_timeout'', ''|lock_timeout TO '')(2000|2s)''';
	v	text;
	n	int4 := 0;
BEGIN
	FOR v IN SELECT regexp_replace(d, p, '\11min''')
	    FROM pg_proc f, pg_get_functiondef(f.oid) d
	    WHERE f.pronamespace = 'gate'::regnamespace AND d ~ p LOOP
		EXECUTE v;
		n := n + 1;
	END LOOP;
	ASSERT n = 6, format('%s functions wait for locks', n);
END
$$;
EOT
}

# Until CMD is true; a minute is more than any machine needs.
within() {	# within CMD...
	tap_tries=1200
	until "$@" >/dev/null 2>&1; do
		tap_tries=$((tap_tries - 1))
		[ $tap_tries -gt 0 ] || return 1
		sleep 0.05
	done
}

sees() {	# sees DATABASE SQL: whether it is true
	[ "$(q "$1" "SELECT $2")" = t ]
}

# A transaction that has done SQL and stays open until release.
hold() {	# hold DATABASE SQL
	rm -f "$tap_work/hold" "$tap_work/held"
	mkfifo "$tap_work/hold"
	psql -X -q -A -t -d "$1" <"$tap_work/hold" \
	    >"$tap_work/held" 2>&1 &
	tap_holder=$!
	exec 9>"$tap_work/hold"
	printf '%s\n' "BEGIN; $2;" '\! echo held >&2' >&9
	within grep -q '^held$' "$tap_work/held" ||
	    echo "# nothing is held: $(cat "$tap_work/held")" >&2
}

# It does SQL, too, and commits; what it said in all.
release() {	# release [SQL]
	printf '%s\n' "${1:+$1;}" 'COMMIT;' '\q' >&9
	exec 9>&-
	wait $tap_holder
	grep -v -e '^held$' -e '^$' "$tap_work/held"
}

# Each SQL in so many backends, all let go in one moment, %d their number;
# the answers counted.
together() {	# together DATABASE BACKENDS SQL...
	tap_db=$1
	tap_many=$2
	shift 2
	hold "$tap_db" "SELECT pg_advisory_xact_lock(4711)"
	tap_i=0
	tap_pids=
	while [ $tap_i -lt "$tap_many" ]; do
		tap_i=$((tap_i + 1))
		{ echo "SELECT pg_advisory_lock_shared(4711);"
		  for tap_sql; do
			printf '%s;\n' "$tap_sql" | sed "s/%d/$tap_i/g"
		  done; } | psql -X -q -A -t -d "$tap_db" \
		    >"$tap_work/together.$tap_i" 2>&1 9>&- &
		tap_pids="$tap_pids $!"
	done
	within sees "$tap_db" "count(*) = $tap_many FROM pg_locks WHERE
	    locktype = 'advisory' AND objid = 4711 AND NOT granted" ||
	    echo "# not all of them came" >&2
	release
	for tap_pid in $tap_pids; do
		wait "$tap_pid"
	done
	tap_i=0
	while [ $tap_i -lt "$tap_many" ]; do
		tap_i=$((tap_i + 1))
		cat "$tap_work/together.$tap_i"
	done | grep . | sort | uniq -c | tr -s ' \n' ' '
}

# The last SQL begins while those before, in one transaction, go on: the second
# of them is done when the last one waits, or has ended.  What it and they say.
meanwhile() {	# meanwhile DATABASE SQL [SQL] SQL
	for tap_last; do :; done
	hold "$1" "$2"
	rm -f "$tap_work/ended"
	{ PGAPPNAME=meanwhile q "$1" "$tap_last" >"$tap_work/last"
	  : >"$tap_work/ended"; } 9>&- &
	tap_pid=$!
	within waits_or_ended "$1" || echo "# it neither waits nor ends" >&2
	[ $# -ge 4 ] || set -- "$1" "$2" ""
	release "$3" >"$tap_work/first"
	wait $tap_pid
	cat "$tap_work/last" "$tap_work/first"
}
waits_or_ended() {
	[ -e "$tap_work/ended" ] ||
	    sees "$1" "EXISTS (SELECT FROM pg_stat_activity WHERE
	    application_name = 'meanwhile' AND pg_blocking_pids(pid) <> '{}')"
}
