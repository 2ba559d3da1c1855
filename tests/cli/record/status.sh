# The exit status is the program's; 127 and 126 where there is none; nothing is left behind.
try() {
	"$TMTRACE" run -o trace.tmz "$@" 2>err
	echo "$* -> $?"
	grep '^tmtrace: ' err | grep -v ' events* in '
}
echo data >data
mkdir directory
try sh -c 'exit 7'
"$TMTRACE" run -o trace.tmz sh -c 'kill -9 $$' 2>/dev/null
echo "killed -> $?"
rm -f trace.tmz*
try no-such-program
try ./absent
try ./data
try ./directory
try ''
ls ./*.tmz 2>/dev/null
true
