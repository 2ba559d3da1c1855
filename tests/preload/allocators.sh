# shellcheck shell=sh
# Over allocators that are preloaded in place of glibc's.
for library in libjemalloc.so.2 libtcmalloc_minimal.so.4 libmimalloc.so.2; do
	BEHIND=$(/sbin/ldconfig -p | sed -n "s|.*$library .*=> ||p" | head -n 1)
	if [ -z "$BEHIND" ]; then
		skip "$library is not installed"
		continue
	fi
	recorded "$library: family" "$PROGRAMS/family" alien
	recorded "$library: handover" "$PROGRAMS/handover" 4 50000
	recorded "$library: short_threads" "$PROGRAMS/short_threads" 400
	same "$library: cxx_plugin" "$PROGRAMS/cxx_plugin" # the counter sees no operators of other libraries
	expect "$library: cxx_plugin: no free is unknown" equal "$(info "$(echo trace.*.tmz)" quality.unknown_frees)" 0
	same "$library: operators" "$PROGRAMS/operators" 0
	none="$(info "$(echo trace.*.tmz)" events.allocations) $(check get info.json events.frees)"
	same "$library: operators" "$PROGRAMS/operators" 1000
	many="$(info "$(echo trace.*.tmz)" events.allocations) $(check get info.json events.frees)"
	expect "$library: every operator is recorded, in what is loaded as well" \
		equal "$many" "$((${none% *} + 12000)) $((${none#* } + 12000))"
	expect "$library: with their own tracebacks" equal "$(check get info.json quality.incomplete_tracebacks)" 0
	expect "$library: and no free is unknown" equal "$(check get info.json quality.unknown_frees)" 0
	[ "$library" = libmimalloc.so.2 ] || # which aborts instead
		same "$library: an exception through operator new" "$PROGRAMS/operators" 10 throw
	recorded "$library: perl" perl "$DATA/words.pl" 20000
	recorded "$library: python3" env PYTHONMALLOC=malloc PYTHONHASHSEED=0 /usr/bin/python3 -sS "$DATA/threads.py"
done
