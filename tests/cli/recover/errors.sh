# Nothing is overwritten by mistake, and nothing half-written left behind.
cp "$TRACES/live.tmz" "$TRACES/live.tmz.live" .
try() { "$TMTRACE" recover "$@"; echo "$?"; }
try live.tmz
try live.tmz -o live.tmz
try live.tmz -o ./live.tmz.live
try live.tmz@peak -o out.tmz
try absent.tmz -o out.tmz
head -c 32 live.tmz >header.tmz
try header.tmz -o out.tmz
try live.tmz -o absent/out.tmz
cmp live.tmz "$TRACES/live.tmz"
cmp live.tmz.live "$TRACES/live.tmz.live"
try - -o out.tmz <live.tmz
ls
