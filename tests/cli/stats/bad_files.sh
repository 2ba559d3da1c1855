# One clear line and status 1 for what is no trace.
mkdir directory
printf '\177ELF\2\1\1\0' >core.4711
echo text >text
: >empty
for file in absent directory core.4711 text empty "$TRACES/future.tmz"; do
	"$TMTRACE" stats "$file"
	echo $?
done
