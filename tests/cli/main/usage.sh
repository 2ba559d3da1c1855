# No command, unknown ones, near misses.
try() {
	"$TMTRACE" "$@"
	echo "$* -> $?"
}
try
try stat app.tmz
try sanpshot
try xyzzy
try help nothing
try help stats diff
try run
try snapshot "$TRACES/small.tmz"
