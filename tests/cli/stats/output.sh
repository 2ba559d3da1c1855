# -o replaces a regular file when complete, and writes to anything else.
umask 022
"$TMTRACE" stats "$TRACES/small.tmz" -o out
cat out
stat -c %a out
chmod 640 out
ln -s out link
"$TMTRACE" stats "$TRACES/small.tmz@start" --output=link
cat out
stat -c %a out
"$TMTRACE" stats absent -o out
cat out
"$TMTRACE" stats "$TRACES/small.tmz" -o /dev/full
echo $?
"$TMTRACE" stats "$TRACES/small.tmz" -o absent/out
echo $?
"$TMTRACE" stats "$TRACES/small.tmz@start" -o -
ls -A
