# Wrong usage is status 2 and is found before any file is opened.
try() {
	"$TMTRACE" stats "$@"
	echo "$* -> $?"
}
try --cumulative -g traceback absent
try --cumulative -g Lineno absent
try --cumulative --group-by domain absent
try -g size absent
try --format xml absent
try -n -1 absent
try -n 1x absent
try -n
try --limit= absent
try --frames x absent
try --color blue absent
try --cumulative=yes absent
try --filter foo absent
try --filter include,lineno=x,pattern=a absent
try --domain-filter include,4294967296 absent
try --grop-by lineno absent
try --bogus absent
try -q absent
try - -
try -o '' absent
try --nframe 3 absent
