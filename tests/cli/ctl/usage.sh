# Arguments that its requests do not have.
for words in "" "1" "1 stop now" "1 status now" "1 mark" "1 mark a b" "1 start x" "1 start 1 2" "1 dance"; do
	# shellcheck disable=SC2086
	"$TMTRACE" ctl $words
	echo "$words: $?"
done
