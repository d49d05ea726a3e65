# Copyright (c) 2026 The grantd founders
#
# Permission to use, copy, modify, and distribute this software for any
# purpose with or without fee is hereby granted, provided that the above
# copyright notice and this permission notice appear in all copies.
#
# THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
# WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
# MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
# ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
# WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
# ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
# OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
#
# Makes queries.h (-v out=h) and queries.c (-v out=c) of sql/queries.sql.
# Any awk of POSIX will do.  A block is
#
#	-- query: account_list
#	-- role: login | api
#	-- operation: account.list read|readbatch|write|plan|planbatch|
#						commit|batch
#	-- params: jsonb, ...
#	-- binds: args, ...	(where each parameter comes from: bind.h;
#				 fresh(prefix) has the secret's prefix)
#	-- columns: status int4, body text
#	SELECT ...;
#
# and -v schema=N says which migration the statements were written for.

function fail(text) {
	printf("queries.awk: %s:%d: %s\n", FILENAME, FNR, text) \
	    > "/dev/stderr"
	failed = 1
	exit 1
}

function oid(type) {
	if (!(type in oids))
		fail("type " type " is not known")
	return oids[type]
}

function trim(s) {
	gsub(/^[ \t]+|[ \t]+$/, "", s)
	return s
}

function escape(s) {
	gsub(/\\/, "&&", s)
	gsub(/"/, "\\\\&", s)
	gsub(/\t/, "\\t", s)
	return s
}

# "a int4, b text" or "int4, text": the type is the last word.
function types(s,	n, i, part, word, k, list) {
	s = trim(s)
	ntypes = 0
	if (s == "" || s == "none")
		return ""
	n = split(s, part, ",")
	for (i = 1; i <= n; i++) {
		k = split(trim(part[i]), word, /[ \t]+/)
		list = list (i > 1 ? ", " : "") oid(word[k])
	}
	ntypes = n
	return list
}

function operation(s,	k, word, name, class) {
	k = split(trim(s), word, /[ \t]+/)
	if (k != 2)
		fail("an operation has a name and a class")
	name = word[1]
	class = word[2]
	if (class !~ /^(read|readbatch|write|plan|planbatch|commit|batch)$/)
		fail("class " class " is not known")
	if (!(name in known)) {
		known[name] = 1
		opname[++nops] = name
	}
	if ((name, class) in step)
		fail("operation " name " has two of class " class)
	step[name, class] = id[nq]
	usual[nq] = class
}

# What a statement takes when it does not say.
function binds(q,	list, n, i, part, text, out) {
	list = bound[q]
	if (list == "" && usual[q] ~ /^(read|write|plan)$/)
		list = "args"
	if (list == "" && usual[q] == "commit")
		list = "args, carry, jti, access_hash, iat, exp, " \
		    "refresh_hash, seed, seed_key"
	if (list == "")
		return ""
	n = split(list, part, ",")
	if (n != nparams[q])
		fail("query " qname[q] " has " nparams[q] \
		    " parameters and " n " sources")
	for (i = 1; i <= n; i++) {
		part[i] = trim(part[i])
		text = "NULL"
		if (part[i] ~ /\(.*\)$/) {
			text = part[i]
			sub(/^[^(]*\(/, "\"", text)
			sub(/\)$/, "\"", text)
			sub(/\(.*$/, "", part[i])
		}
		if (part[i] !~ /^[a-z_]+$/)
			fail("query " qname[q] ": bad source " part[i])
		out = out "\t{ BIND_" toupper(part[i]) ", " text " },\n"
	}
	return out
}

function finish() {
	if (nq == 0)
		return
	if (sql[nq] == "")
		fail("query " qname[nq] " has no text")
	if (role[nq] == "")
		fail("query " qname[nq] " has no role")
}

BEGIN {
	oids["bool"] = 16; oids["bytea"] = 17; oids["int8"] = 20
	oids["int4"] = 23; oids["text"] = 25; oids["jsonb"] = 3802
	oids["uuid"] = 2950; oids["timestamptz"] = 1184
	oids["void"] = 2278
	oids["bool[]"] = 1000; oids["bytea[]"] = 1001
	oids["int4[]"] = 1007; oids["text[]"] = 1009
	oids["int8[]"] = 1016; oids["uuid[]"] = 2951
	oids["jsonb[]"] = 3807
}

/^-- query:/ {
	finish()
	qname[++nq] = trim(substr($0, 10))
	if (qname[nq] !~ /^[a-z][a-z0-9_]*$/)
		fail("bad name " qname[nq])
	id[nq] = "QUERY_" toupper(qname[nq])
	if (id[nq] in seen)
		fail("two queries named " qname[nq])
	seen[id[nq]] = 1
	params[nq] = columns[nq] = ""
	nparams[nq] = 0
	ncolumns[nq] = -1
	next
}
/^-- (role|operation|params|binds|columns):/ && nq == 0 {
	fail("no query yet")
}
/^-- role:/ {
	role[nq] = trim(substr($0, 9))
	if (role[nq] != "login" && role[nq] != "api")
		fail("role is login or api")
	next
}
/^-- operation:/ {
	operation(substr($0, 14))
	next
}
/^-- params:/ {
	params[nq] = types(substr($0, 11))
	nparams[nq] = ntypes
	next
}
/^-- binds:/ {
	bound[nq] = (bound[nq] == "" ? "" : bound[nq] ", ") \
	    trim(substr($0, 10))
	next
}
/^-- columns:/ {
	columns[nq] = types(substr($0, 12))
	ncolumns[nq] = ntypes
	# such a plan asks for the hashers, not for the signer
	if ($3 == "password_hash")
		passwords[id[nq]] = 1
	next
}
/^[ \t]*--/ || /^[ \t]*$/ {
	next
}
{
	if (nq == 0)
		fail("text before the first query")
	line = $0
	sub(/;[ \t]*$/, "", line)
	sql[nq] = sql[nq] (sql[nq] == "" ? "" : "\\n\"\n\t    \"") \
	    escape(line)
}

END {
	if (failed)
		exit 1
	finish()
	if (nq == 0)
		fail("no query at all")
	if (schema !~ /^[0-9]+$/)
		fail("-v schema=N is missing: no migrations?")
	sub(/^0+/, "", schema)
	sortops()
	if (out == "h")
		header()
	else
		source()
}

function sortops(	i, j, t) {
	for (i = 2; i <= nops; i++) {
		t = opname[i]
		for (j = i - 1; j >= 1 && opname[j] > t; j--)
			opname[j + 1] = opname[j]
		opname[j + 1] = t
	}
}

function header(	i) {
	print "/* Made by queries.awk of sql/queries.sql: do not edit. */"
	print "\n#ifndef QUERIES_H\n#define QUERIES_H\n"
	print "#define QUERIES_SCHEMA\t" schema "\n"
	print "enum query {"
	for (i = 1; i <= nq; i++)
		print "\t" id[i] ","
	print "\tQUERY__MAX\n};\n"
	print "#endif /* QUERIES_H */"
}

function oplist(name,	class, shared) {
	shared = (name, "planbatch") in step
	if (shared && (name, "plan") in step)
		fail("operation " name " has two plans")
	if (shared)
		step[name, "plan"] = step[name, "planbatch"]
	if ((name, "readbatch") in step) {
		class = "READ, " step[name, "readbatch"] ", QUERY__MAX"
		shared = 1
	} else if ((name, "read") in step)
		class = "READ, " step[name, "read"] ", QUERY__MAX"
	else if ((name, "write") in step)
		class = "WRITE, " step[name, "write"] ", QUERY__MAX"
	else if (!((name, "plan") in step))
		fail("operation " name " has no plan")
	else if (step[name, "plan"] in passwords && (name, "commit") in step)
		class = "PASSWORD, " step[name, "plan"] ", " \
		    step[name, "commit"]
	else if ((name, "batch") in step)
		class = "MINTBATCH, " step[name, "plan"] ", " \
		    step[name, "batch"]
	else if ((name, "commit") in step)
		class = "MINT, " step[name, "plan"] ", " step[name, "commit"]
	else
		fail("operation " name " has no commit")
	return "\t{ \"" name "\", OPERATION_" class ", " shared " },"
}

function source(	i, list) {
	print "/* Made by queries.awk of sql/queries.sql: do not edit. */"
	print "\n#include \"config.h\"\n\n#include \"statement.h\"\n"
	for (i = 1; i <= nq; i++) {
		if (nparams[i] > 0)
			print "static const unsigned params_" qname[i] \
			    "[] = {\n\t" params[i] "\n};"
		if ((list = binds(i)) != "") {
			print "static const struct bound binds_" qname[i] \
			    "[] = {\n" list "};"
			isbound[i] = 1
		}
		if (ncolumns[i] > 0)
			print "static const unsigned columns_" qname[i] \
			    "[] = {\n\t" columns[i] "\n};"
	}
	print "\nconst struct statement statements[QUERY__MAX] = {"
	for (i = 1; i <= nq; i++) {
		print "\t[" id[i] "] = {"
		print "\t\t\"" qname[i] "\","
		print "\t    \"" sql[i] "\","
		print "\t\t" (role[i] == "api" ? "STATEMENT_API" : \
		    "STATEMENT_LOGIN") ", " nparams[i] ", " \
		    (nparams[i] > 0 ? "params_" qname[i] : "NULL") ", " \
		    (i in isbound ? "binds_" qname[i] : "NULL") ","
		print "\t\t" ncolumns[i] ", " \
		    (ncolumns[i] > 0 ? "columns_" qname[i] : "NULL")
		print "\t},"
	}
	print "};\n"
	print "const struct operation operations[] = {"
	for (i = 1; i <= nops; i++)
		print oplist(opname[i])
	print "};"
	print "const size_t noperations ="
	print "    sizeof(operations) / sizeof(operations[0]);"
}
