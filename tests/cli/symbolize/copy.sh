# A copy of a trace with names in it, damaged and killed ones too; nothing half-written is left.
for trace in app cpp jit odd live; do
	"$TMTRACE" symbolize "$TRACES/$trace.tmz" -o "$trace.tmz"
	"$TMTRACE" verify "$trace.tmz"
	for key in lineno traceback function module thread; do
		"$TMTRACE" stats -n 0 -g $key --format csv "$TRACES/$trace.tmz" >before
		"$TMTRACE" stats -n 0 -g $key --format csv "$trace.tmz" | cmp - before
	done
	"$TMTRACE" symbolize - -o - <"$trace.tmz" 2>said | cmp - "$trace.tmz"
done
cat said
"$TMTRACE" symbolize "$TRACES/damaged.tmz" -o damaged.tmz
"$TMTRACE" verify damaged.tmz
cp app.tmz kept.tmz
for arguments in "absent.tmz -o kept.tmz" "app.tmz -o app.tmz" "app.tmz@peak -o kept.tmz" "app.tmz" "app.tmz -o /dev/full" \
	"$TRACES/nothing.tmz -o new.tmz" "app.tmz -o kept.tmz --no-inlines"; do
	# shellcheck disable=SC2086
	"$TMTRACE" symbolize $arguments
	echo "status $?"
done
cmp app.tmz kept.tmz
ls -A
