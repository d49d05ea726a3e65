# Makes a C table of the files in pages/: name without folder and, of .html,
# without suffix; text; length.  Run it with LC_ALL=C.

function octal(c) {
	return sprintf("\\%03o", ord[c])
}

function emit(line,	i, c, out) {
	out = ""
	for (i = 1; i <= length(line); i++) {
		c = substr(line, i, 1)
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
	sub(/.*\//, "", name)
	sub(/\.html$/, "", name)
	printf "\t{ \"%s\",\n", name
	len = 0
}

{ emit($0) }

END {
	finish()
	print "\t{ NULL, NULL, 0 }\n};"
}
