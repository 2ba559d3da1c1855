# What --help says of synopses and options is in the man page, and the other way round.
commands=$("$TMTRACE" help | sed -n 's/^  \([a-z]*\)  *.*/\1/p')
for command in $commands; do
	"$TMTRACE" help "$command" | sed -n 's/^usage: //p'
done >synopses
sed -n '/^\.Bd -literal$/,/^\.Ed$/{/^tmtrace /p}' "$MAN/tmtrace.1" | head -n "$(wc -l <synopses)" | diff synopses -
for command in $commands; do
	"$TMTRACE" help "$command" | sed -n '/^options:/,$s/^  .. *\(--.*[^ ]\)  .*/\1/p; /^options:/,$s/^  \(-[a-z], --.*[^ ]\)  .*/\1/p'
done | sed 's/   *.*//' | sort -u >options
sed -n '/^\.Sh OPTIONS/,/^\.Sh KEYS/s/^\.It Fl //p' "$MAN/tmtrace.1" |
	sed 's/^\([a-z]\) , Fl -\(.*\)/-\1, --\2/; s/^-\([a-z-]*\)\($\| Ar\)/--\1\2/; s/ Ar / /' | sort -u | diff options -
for command in $commands; do
	grep -q "^\.It Ic $command\$" "$MAN/tmtrace.1" || echo "$command is not in the man page"
done
grep -c . options
