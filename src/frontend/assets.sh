#!/bin/sh
#
# Makes a C table of the files of Swagger UI that the console needs, on
# standard output; an empty one without a directory.
#
#	src/frontend/assets.sh [DIR]

set -eu
LC_ALL=C
export LC_ALL
dir=${1:-}

# asset NAME FILE: octal digits, which nothing that follows can change.
asset()
{
	[ -s "$2" ] || { echo "$0: $2 is missing" >&2; exit 1; }
	printf '\t{ "%s",\n' "$1"
	od -An -v -to1 "$2" | sed 's/[ ]\([0-7]\)/\\\1/g; s/.*/\t    "&"/'
	printf '\t    , %d },\n' "$(wc -c <"$2")"
}

cat <<'END'
/* Made by assets.sh of the files of swagger-ui-dist. */

#include "config.h"

#include <stddef.h>

#include "template.h"

const struct template assets[] = {
END
if [ -n "$dir" ]; then
	asset swagger-ui.css "$dir/swagger-ui.css"
	asset swagger-ui.js "$dir/swagger-ui-bundle.js"
fi
cat <<'END'
	{ NULL, NULL, 0 }
};
END
