# Makes of queries.sql a psql script that prepares each statement as the role
# that runs it, and one TAP line for each.

function finish() {
	if (name == "")
		return
	printf "%s;\n", (role == "api" ? "SET ROLE grantd_api" : "RESET ROLE")
	printf "PREPARE %s%s AS\n%s", name, (params == "" ? "" : " (" params ")"), text
	printf "RESET ROLE;\n"
	printf "INSERT INTO query VALUES ('%s', '%s', '%s', '%s');\n", name, role, operation, class
	name = ""
}
/^-- query: /		{ finish(); name = $3; role = operation = class = params = text = ""; next }
/^-- role: /		{ role = $3; next }
/^-- operation: /	{ operation = $3; class = $4; next }
/^-- params:/		{ sub(/^-- params: */, ""); params = $0; next }
/^--/ || /^$/		{ next }
name != ""		{ text = text $0 "\n" }
END			{ finish() }
