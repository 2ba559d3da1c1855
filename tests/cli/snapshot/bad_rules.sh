# A bad rule or option is named with what was expected; status 2, and no file is made or replaced.
echo untouched >old.tmz
try() {
	"$TMTRACE" snapshot "$TRACES/small.tmz" -o old.tmz "$@" || echo "$* -> $?"
}
for rule in '' foo include 'include,' 'include,pattern' 'Include,pattern=*' 'include;pattern=*' ',pattern=*' \
	'include,lineno=,pattern=*' 'include,lineno=x,pattern=*' 'include,lineno=-1,pattern=*' 'include,lineno=1.5,pattern=*' \
	'include,lineno=4294967296,pattern=*' 'include,lineno=1,lineno=2,pattern=*' 'include,domain=-1,pattern=*' \
	'include,domain=4294967296,pattern=*' 'include,allframes,pattern=*' 'include,all-frames=1,pattern=*' 'exclude,all-frames'; do
	try --filter "$rule"
done
for rule in '' foo include 'include,' include,x include,-1 include,4294967296 exclude,1,2 'exclude, 1' 1; do
	try --domain-filter "$rule"
done
try --filter include,pattern=x --domain-filter include,-1
try --filter
try --filters include,pattern=x
try --domain-filter=
"$TMTRACE" stats "$TRACES/small.tmz" -o old.tmz --filter foo || echo $?
"$TMTRACE" diff "$TRACES/small.tmz" "$TRACES/small.tmz" -o new.txt --domain-filter include,4294967296 || echo $?
cat old.tmz
ls
