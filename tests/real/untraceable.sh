# shellcheck shell=sh
# What cannot be recorded: `tmtrace run` says why and does not start it; with the library preloaded all the same it runs as
# without. These are made here; chromium, which brings a malloc of its own, is taken if it is there.
needs="gcc clang++ setpriv" least=0
alone() { # NAME COMMAND...: it is refused, in one line, without a trace; and by LD_PRELOAD alone it runs
	name=$1
	shift
	ended=0
	if [ "$TRACED" ]; then
		/tmp/bin/tmtrace run -o refused.tmz -- "$@" >refused.out 2>refused.err || ended=$?
		[ "$ended" = 1 ] || echo "$name: refused with status $ended"
		[ ! -s refused.out ] || echo "$name: was started"
		[ "$(wc -l <refused.err)" = 1 ] || echo "$name: is not refused in one line: $(cat refused.err)"
		[ ! -e refused.tmz ] || echo "$name: there is a trace"
		(LD_PRELOAD=/tmp/bin/libtmtrace.so TMTRACE_VERBOSE=0 TMTRACE_OUTPUT="/tmp/traces/%e.%p.tmz" exec "$@") || ended=$?
	else
		"$@" || ended=$?
	fi
	echo "$name: status $ended"
}
scenario() {
	cat >main.c <<-'END'
		#include <stdio.h>
		#include <stdlib.h>
		#include <string.h>
		#include <unistd.h>
		int main(int n, char **v)
		{
			char *p = NULL;
			for (size_t i = 1; i < 5000; i++) {
				char *q = malloc(i);
				memset(q, 1, i);
				if (i % 3)
					free(q);
				else
					p = realloc(q, i * 2);
			}
			printf("%s %s %d %d\n", strrchr(*v, '/'), strdup("works"), (int)geteuid(), p[7]);
			if (n > 1)
				printf("%d\n", p[2 * 5000]);
			return 7;
		}
	END
	cat >own.c <<-'END'
		#include <stddef.h>
		#include <string.h>
		static char heap[64 << 20] __attribute__((aligned(16)));
		static size_t used;
		void *malloc(size_t n) { size_t *at = (size_t *)(heap + used); used += (n + 31) / 16 * 16; *at = n; return at + 2; }
		void free(void *p) { (void)p; }
		void *calloc(size_t n, size_t size) { return memset(malloc(n * size), 0, n * size); }
		void *realloc(void *p, size_t n) { void *q = malloc(n); if (p) { size_t had = ((size_t *)p)[-2]; memcpy(q, p, had < n ? had : n); } return q; }
	END
	gcc -static main.c -o static
	gcc -static-pie main.c -o static-pie
	gcc -rdynamic main.c own.c -o own
	gcc main.c -o setuid
	gcc main.c -o setgid
	gcc -g -fsanitize=address main.c -o asan-gcc
	clang -g -fsanitize=address main.c -o asan-clang
	chown nobody setuid
	chgrp nogroup setgid
	chmod 4755 setuid
	chmod 2755 setgid
	alone "static" ./static
	alone "static, position-independent" ./static-pie
	alone "its own malloc" ./own
	alone "set-user-ID" ./setuid
	alone "set-group-ID" ./setgid
	for compiler in gcc clang; do
		ASAN_OPTIONS=detect_leaks=0 alone "ASan of $compiler" "./asan-$compiler"
		alone "ASan of $compiler, with a fault" "./asan-$compiler" fault 2>fault.err
		grep -o 'ERROR: AddressSanitizer: [a-z-]*' fault.err
	done
	if command -v setcap >/dev/null; then
		gcc main.c -o capable
		setcap cap_net_raw+ep capable
		alone "file capabilities" ./capable
	fi
	[ ! -x /usr/lib/chromium/chromium ] ||
		alone chromium /usr/lib/chromium/chromium --headless --no-sandbox --disable-gpu --dump-dom "data:text/html,<b>hi</b>" 2>/dev/null
}
