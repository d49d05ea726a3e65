# Reads file names, then the files; prints includes that the table forbids.

function library(h)
{
	if (h ~ /^event2\/(http|keyvalq|dns|rpc|tag)/)
		return "http"
	if (h ~ /^(event2\/|event\.h|evhttp\.h|evutil\.h)/)
		return "event"
	if (h ~ /^openssl\/(sha|evp|x509)\.h$/)
		return "hash"
	if (h ~ /^openssl\//)
		return "crypto"
	if (h ~ /^(libpq|pg_|postgres|postgresql\/)/)
		return "pq"
	if (h ~ /^yajl\//)
		return "yajl"
	if (h ~ /^seccomp\.h$/)
		return "seccomp"
	if (h ~ /^crypt\.h$/)
		return "crypt"
	if (h ~ /^(linux|asm|bsd)\/|^sys\/(prctl|syscall|epoll|eventfd|signalfd|timerfd|sendfile|random|auxv|capability|sysinfo|vfs|statfs)\.h$|^(malloc|error|endian|features)\.h$/)
		return "linux"
	return ""
}

function has(list, word)
{
	return index("," list ",", "," word ",") > 0
}

function room(path)
{
	sub(/^src\//, "", path)
	sub(/\/.*/, "", path)
	return path
}

function base(path)
{
	sub(/.*\//, "", path)
	return path
}

function dir(path)
{
	sub(/[^\/]*$/, "", path)
	return path
}

# Row of the table, as libs[f] and rooms[f].
function classify(f,	i)
{
	for (i = 1; i <= nrows; i++)
		if (f ~ pattern[i]) {
			libs[f] = rowlibs[i]
			rooms[f] = rowrooms[i]
			return 1
		}
	print f ": no row in tests/rooms/includes"
	return 0
}

# The file that "name" means in f: beside it, else anywhere.
function find(name, f,	i)
{
	if ((dir(f) name) in known)
		return dir(f) name
	for (i = 1; i <= nfiles; i++)
		if (base(files[i]) == base(name))
			return files[i]
	return ""
}

# Libraries that a file takes in, itself or by its headers.
function taken(f, depth,	i, n, list, l, h)
{
	if (f in memo)
		return memo[f]
	if (depth > 20)
		return ""
	list = ""
	for (i = 1; i <= nsys[f]; i++)
		if ((l = library(sys[f, i])) != "" && !has(list, l))
			list = list "," l
	for (i = 1; i <= nown[f]; i++) {
		h = find(own[f, i], f)
		if (h == "" || h == f)
			continue
		n = split(taken(h, depth + 1), part, ",")
		for (l = 1; l <= n; l++)
			parts[depth, l] = part[l]
		for (l = 1; l <= n; l++)
			if (parts[depth, l] != "" && !has(list, parts[depth, l]))
				list = list "," parts[depth, l]
	}
	memo[f] = list
	return list
}

BEGIN {
	while ((getline line < table) > 0) {
		if (line ~ /^#/ || line ~ /^[ \t]*$/)
			continue
		split(line, field, /[ \t]+/)
		pattern[++nrows] = field[1]
		rowlibs[nrows] = field[2]
		rowrooms[nrows] = field[3]
	}
	if (nrows == 0)
		print table ": empty"
}

{
	files[++nfiles] = $0
	known[$0] = 1
}

END {
	for (i = 1; i <= nfiles; i++) {
		f = files[i]
		while ((getline line < f) > 0) {
			if (line !~ /^#[ \t]*include(_next)?[ \t]/)
				continue
			h = line
			sub(/^#[ \t]*include(_next)?[ \t]*["<]/, "", h)
			sub(/[">].*/, "", h)
			if (line ~ /</)
				sys[f, ++nsys[f]] = h
			else
				own[f, ++nown[f]] = h
		}
		close(f)
	}
	for (i = 1; i <= nfiles; i++) {
		f = files[i]
		if (!classify(f))
			continue
		n = split(taken(f, 1), word, ",")
		for (j = 1; j <= n; j++)
			if (word[j] != "" && !has(libs[f], word[j]) &&
			    f !~ /^compat\//)
				print f ": headers of " word[j]
		for (j = 1; j <= nown[f]; j++) {
			h = find(own[f, j], f)
			if (h != "" && !has(rooms[f], room(h)))
				print f ": \"" own[f, j] "\" of room " room(h)
		}
	}
}
