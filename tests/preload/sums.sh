# shellcheck shell=sh
# Trees of processes: what stats says of the folder is the sum of what it says of each trace.
sums() { /usr/bin/python3 -I "$SOURCE/tests/preload/sums.py" "$@"; }
into() { # FOLDER COMMAND...
	mkdir "$1"
	TMTRACE_OUTPUT="$PWD/$1/%e.%p.tmz"
	shift
	export TMTRACE_OUTPUT
	status out err env LD_PRELOAD="$LIB" "$@"
}
into shell sh -c 'for i in 1 2 3; do sh -c "(true; ls / | wc -l); exec sh -c \"ls /\""; done; sh -c "exec ls" | sort'
expect "the shell's tree ends as it should" equal "$status" 0
expect "a shell and its children are summed in every key" sums shell 10
expect "the two programs of one pid are told apart" sh -c '"$TMTRACE" stats shell -g process --format csv | grep "#2$"'
first=$("$TMTRACE" stats shell -g process --format json | sed -n 's/^{"trace":"\([^"]*\)","process":"[^"]*#1".*/\1/p' | head -n 1)
expect "the first of them names the second, which it became" sh -c '"$TMTRACE" info "$1" | grep "after exec: shell/"' sh "$first"
if have python3 && /usr/bin/python3 -c 'import multiprocessing' 2>/dev/null; then
	cat >pool.py <<-'EOF'
		import multiprocessing


		def work(number):
		    return [bytes(1000) for _ in range(number * 100)]


		if __name__ == "__main__":
		    with multiprocessing.get_context("fork").Pool(3) as pool:
		        print(sum(map(len, pool.map(work, range(10)))))
	EOF
	into pool env PYTHONMALLOC=malloc /usr/bin/python3 -sS pool.py
	expect "the pool computes what it should" equal "$(cat out)" 4500
	expect "a pool of workers and their threads are summed in every key" sums pool 3
	/usr/bin/python3 - <<-'EOF'
		import glob
		for path in glob.glob("pool/python*.tmz")[:1]:
		    with open(path, "r+b") as trace:
		        trace.write(bytes(64))
	EOF
	expect "one that is broken does not keep the others from being summed" "$TMTRACE" stats pool
	expect "and is told of" sh -c '"$TMTRACE" stats pool 2>&1 | grep -q "left out$"'
else
	skip "python3 has no multiprocessing"
fi
into many sh -c 'i=0; while [ $i -lt 100 ]; do sh -c "(:)"; i=$((i + 1)); done'
expect "a hundred small traces are summed" sh -c '"$TMTRACE" stats many | grep -Eq "^[0-9]{3,} processes in many"'
# shellcheck disable=SC3045  # dash knows it
expect "with few descriptors and little memory" sh -c 'ulimit -n 16; ulimit -v 300000; "$TMTRACE" stats many'
