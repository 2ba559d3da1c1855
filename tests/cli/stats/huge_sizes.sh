# Sums are exact to 2^64 - 1 bytes, and more is refused, never wrapped.
line='{"domain":0,"size":9223372036854775807,"traceback":[["a.c",1]]}'
printf '%s\n%s\n' "$line" "$line" >two.jsonl
printf '%s\n%s\n%s\n' "$line" "$line" "$line" >three.jsonl
printf '' >none.jsonl
for name in two three none; do
	"$TMTRACE" import "$name.jsonl" -o "$name.tmz"
done
"$TMTRACE" stats two.tmz --format csv
"$TMTRACE" stats three.tmz --format csv
echo "status $?"
"$TMTRACE" diff none.tmz two.tmz --format csv
echo "status $?"
