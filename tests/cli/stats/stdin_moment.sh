# A moment may follow the dash of standard input; -o goes through a link to a file that is not there yet.
"$TMTRACE" stats -@peak -n 1 <"$TRACES/app.tmz"
ln -s target.txt link
"$TMTRACE" stats "$TRACES/small.tmz" -n 1 -o link
test -h link && cat target.txt
