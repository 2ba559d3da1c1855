# A closed pipe ends it as it ends every filter.
("$TMTRACE" stats "$TRACES/app.tmz" --format json; echo $? >status) | true
cat status
(trap '' PIPE; "$TMTRACE" dump "$TRACES/app.tmz" 2>err; echo $? >status) | true
cat status err
