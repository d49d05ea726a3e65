# Prints the value at the path `want` of the JSON text on standard input:
#	awk -v want=result.primary.access.secret -f etc/json.awk

function blank()
{
	while (substr(s, p, 1) ~ /[ \t\r\n]/)
		p++
}

function text(  c, out)
{
	for (p++; (c = substr(s, p, 1)) != "\"" && c != ""; p++) {
		if (c == "\\")
			c = substr(s, ++p, 1)
		out = out c
	}
	p++
	return out
}

# An object (end "}") or array (end "]"): each member by its own path.
function members(path, end,  n, key)
{
	p++
	blank()
	for (n = 0; substr(s, p, 1) != end && p <= length(s); n++) {
		key = n
		if (end == "}") {
			key = text()
			blank()
			p++
		}
		value(path == "" ? key : path "." key)
		blank()
		if (substr(s, p, 1) == ",")
			p++
		blank()
	}
	p++
}

function value(path,  c, v)
{
	blank()
	c = substr(s, p, 1)
	if (c == "{") {
		members(path, "}")
		return
	}
	if (c == "[") {
		members(path, "]")
		return
	}
	if (c == "\"")
		v = text()
	else {
		match(substr(s, p), /^[^],} \t\r\n]+/)
		v = substr(s, p, RLENGTH)
		p += RLENGTH > 0 ? RLENGTH : 1
	}
	if (path == want)
		print v
}

{ s = s $0 "\n" }
END { p = 1; value("") }
