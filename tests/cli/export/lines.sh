# JSON Lines, there and back.
"$TMTRACE" export "$TRACES/small.tmz"
"$TMTRACE" export "$TRACES/odd.tmz" -o odd.jsonl
cat odd.jsonl
"$TMTRACE" import odd.jsonl -o odd.tmz
"$TMTRACE" export odd.tmz | cmp - odd.jsonl
"$TMTRACE" export "$TRACES/small.tmz" --format csv
echo $?
