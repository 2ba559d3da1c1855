# shellcheck shell=sh
# A server whose memory is a shared mapping: postgres alone, which refuses to be root.
as=
[ "$(id -u)" != 0 ] || as="setpriv --reuid=nobody --regid=nogroup --clear-groups"
folder=$(mktemp -d /tmp/tmtrace-postgres-XXXXXX)
trap 'rm -rf "$folder"' EXIT
chmod 777 "$folder"
cp "$LIB" "$folder/libtmtrace.so" # where anybody may read it
chmod 644 "$folder/libtmtrace.so"
cd "$folder" || exit
cat >queries <<-END
	create table t as select i, md5(i::text) as s from generate_series(1, 20000) i;
	select count(distinct s), sum(length(s)) from t;
	drop table t;
END
# shellcheck disable=SC2086  # words
postgres_run() {
	$as env "$@" sh -c 'exec postgres --single -D data postgres <queries 2>log'
}
# shellcheck disable=SC2086
if have initdb && have postgres && $as initdb -D data -A trust --no-sync >initdb.out 2>&1; then
	status plain.out err postgres_run LC_ALL=C
	# shellcheck disable=SC2154  # of the prelude
	plain=$status
	status traced.out err postgres_run LC_ALL=C LD_PRELOAD="$folder/libtmtrace.so" TMTRACE_OUTPUT="$folder/%e.tmz"
	expect "postgres ends as untraced, status $plain" test "$status" = "$plain"
	expect "postgres writes the same to stdout" cmp plain.out traced.out
	expect "postgres: nothing is lost" equal "$(info postgres.tmz quality.lost_events)" 0
	"$TMTRACE" stats postgres.tmz@peak --domain-filter include,1 --format json >stats.json
	expect "postgres: its shared buffers of 128 MiB are there" test "$(check get stats.json total.size)" -ge 134217728
	cd /
else
	cd /
	skip "postgres is not installed or makes no data base"
fi
