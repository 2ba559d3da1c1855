# What cannot be read in a folder is left out and said; what is named must be readable.
mkdir run empty
cp "$TRACES/old.tmz" "$TRACES/cut.tmz" "$TRACES/future.tmz" run
echo words >run/words.tmz
: >run/nothing.tmz
"$TMTRACE" stats run 2>&1
echo "status $?"
"$TMTRACE" stats run@1.2s -g process 2>&1
echo "status $?"
"$TMTRACE" stats run -g process --format json 2>/dev/null
for operand in run/words.tmz run/absent.tmz empty run/old.tmz@9s run@nonsense; do
	"$TMTRACE" stats run/old.tmz "$operand" 2>&1
	echo "status $?"
done
rm run/old.tmz run/cut.tmz
"$TMTRACE" stats run 2>&1
echo "status $?"
