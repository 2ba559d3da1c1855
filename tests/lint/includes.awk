# preload -> common <- analyzer: a quoted include is "common/...", or bare and of the same folder.
FNR == 1 { folder = FILENAME; sub("/[^/]*$", "", folder) }
/^#include "/ {
	split($0, part, "\"")
	name = part[2]
	path = folder "/" name
	if (name ~ /^common\//)
		path = name
	else if (name ~ /\// || folder == "common")
		path = "/"
	if ((getline line <path) < 0)
		printf "%s:%d: includes %s\n", FILENAME, FNR, name
	close(path)
}
