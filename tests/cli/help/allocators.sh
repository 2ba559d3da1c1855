# The lists of allocator frames in the man page are those of the program.
words() { tr ' ' '\n' | grep -v '^$'; }
sed -n '/^static const char \*const .*\[\] = {$/,/^};/p' "$CLI/../../analyzer/allocators.c" |
	grep -o '"[^"]*"' | tr -d '"' | words >listed
sed -n '/^\.Sh ALLOCATOR FRAMES/,/^\.Sh FORMATS/{/^\.Bd/,/^\.Ed/{/^\./d;p}}' "$MAN/tmtrace.1" | words | diff listed -
[ "$(grep -c . listed)" -gt 100 ] && echo "all of them"
