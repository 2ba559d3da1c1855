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
	recorded "$library: cxx_plugin" "$PROGRAMS/cxx_plugin"
	recorded "$library: perl" perl "$DATA/words.pl" 20000
	recorded "$library: python3" env PYTHONMALLOC=malloc PYTHONHASHSEED=0 /usr/bin/python3 -sS "$DATA/threads.py"
done
