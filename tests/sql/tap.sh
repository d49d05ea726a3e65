# TAP for shell tests: ok, is, like; done_testing at the end.

tap_n=0
tap_bad=0

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
