# It is of the whole recording; a missing file; nothing here.
"$TMTRACE" info "$TRACES/app.tmz@peak"
echo $?
"$TMTRACE" info absent.tmz
echo $?
"$TMTRACE" info
echo $?
"$TMTRACE" info "$TRACES/app.tmz" --format csv
echo $?
