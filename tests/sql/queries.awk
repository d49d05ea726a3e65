# Makes of queries.sql a psql script that prepares each statement as the role
# that runs it, and one TAP line for each; or, with -v table=1, rows of
# t.statement: each statement as text, with the sources of its parameters.

function finish() {
	if (name == "")
		return
	if (table) {
		if (operation != "")
			printf "INSERT INTO t.statement VALUES ('%s', '%s', '%s', '%s', $q$%s$q$);\n", operation, class, params, binds, text
		name = ""
		return
	}
	printf "%s;\n", (role == "api" ? "SET ROLE grantd_api" : "RESET ROLE")
	printf "PREPARE %s%s AS\n%s", name, (params == "" ? "" : " (" params ")"), text
	printf "RESET ROLE;\n"
	printf "INSERT INTO query VALUES ('%s', '%s', '%s', '%s');\n", name, role, operation, class
	name = ""
}
/^-- query: /		{ finish(); name = $3; role = operation = class = params = text = binds = ""; next }
/^-- role: /		{ role = $3; next }
/^-- operation: /	{ operation = $3; class = $4; next }
/^-- params:/		{ sub(/^-- params: */, ""); params = $0; next }
/^-- binds:/		{ sub(/^-- binds: */, ""); binds = binds (binds == "" ? "" : ", ") $0; next }
/^--/ || /^$/		{ next }
name != ""		{ text = text $0 "\n" }
END			{ finish() }
