# Files that cannot be read or made: status 1, and nothing is left behind.
try() {
	"$TMTRACE" import "$@"
	echo "$* -> $?"
}
echo '{"domain":0,"size":1,"traceback":[["a",1]]}' >good.jsonl
mkdir folder
try missing.jsonl -o out.tmz
try folder -o out.tmz
try good.jsonl -o missing/out.tmz
try good.jsonl -o folder
try good.jsonl
try -o out.tmz
try good.jsonl good.jsonl -o out.tmz
try "$TRACES/small.tmz" -o out.tmz
ls
