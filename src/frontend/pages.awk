# Makes a C table of the files in pages/: name without folder and, of .html,
# without suffix; text; length.  One more, "static", names the present texts of
# the others (style sheet and so on) for their paths.  Run it with LC_ALL=C.

function octal(c) {
	return sprintf("\\%03o", ord[c])
}

function emit(line,	i, c, out) {
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
		if (as_it_is) {
			sum = (sum * 257 + ord[c] + 1) % 2147483647
			other = (other * 263 + ord[c] + 1) % 2147483629
		}
		if (c == "\\" || c == "\"")
			out = out "\\" c
		else if (c == "?")
			out = out "\\?"	# no trigraphs
		else if (c < " " || c > "~")
			out = out octal(c)
		else
			out = out c
	}
	printf "\t    \"%s\\n\"\n", out
	len += length(line) + 1
}

function finish() {
	if (name != "")
		printf "\t    , %d },\n", len
}

BEGIN {
	for (i = 0; i < 256; i++)
		ord[sprintf("%c", i)] = i
	print "/* Made by pages.awk of the files in pages/. */\n"
	print "#include \"config.h\"\n"
	print "#include <stddef.h>\n"
	print "#include \"template.h\"\n"
	print "const struct template pages[] = {"
}

FNR == 1 {
	finish()
	name = FILENAME
	as_it_is = name !~ /\.html$/
	sub(/.*\//, "", name)
	sub(/\.html$/, "", name)
	printf "\t{ \"%s\",\n", name
	len = 0
}

{ emit($0) }

END {
	finish()
	printf "\t{ \"static\", \"%08x%08x\\n\", 17 },\n", sum, other
	print "\t{ NULL, NULL, 0 }\n};"
}
