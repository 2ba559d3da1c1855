# shellcheck shell=sh
# The debugger and what it debugs are both traced.
needs="gdb gcc" least=100000
scenario() {
	cat >small.c <<-'END'
		#include <pthread.h>
		#include <stdio.h>
		#include <stdlib.h>
		struct node { int n; struct node *next; };
		static struct node *build(int n)
		{
			struct node *one = malloc(sizeof *one);
			one->n = n;
			one->next = n ? build(n - 1) : NULL;
			return one;
		}
		static void *work(void *p) { return build(*(int *)p); }
		int main(void)
		{
			int n = 5;
			pthread_t thread;
			struct node *list = build(3), *other;
			pthread_create(&thread, NULL, work, &n);
			pthread_join(thread, (void **)&other);
			for (int i = 0; i < 3; i++)
				printf("%d\n", list->n + other->n + i);
			fflush(stdout);
			*(volatile int *)0 = 1;
		}
	END
	record gcc -g -pthread small.c -o small
	record gdb -nx -batch -ex 'break 8 if n == 0' -ex run -ex bt -ex 'print n' -ex finish -ex 'info threads' -ex continue -ex 'up 2' \
		-ex 'watch n' -ex delete -ex continue -ex bt -ex 'print list->next->n' -ex 'print $_siginfo.si_signo' -ex 'ptype list' -ex kill ./small
	record gdb -nx -batch -ex 'python print(sum(len(s.name) for s in gdb.lookup_static_symbol("main").symtab.static_block()))' \
		-ex 'python import json; print(json.dumps([str(gdb.parse_and_eval("sizeof(struct node)"))] * 3))' -ex 'list main' -ex 'disassemble work' ./small
	record gdb -nx -batch -ex 'break main' -ex run -ex 'print (long)strlen("called")' -ex 'print ((struct node *)malloc(16))->n * 0' -ex 'catch fork' \
		-ex 'tbreak work' -ex continue -ex 'print *(int *)p' -ex kill ./small
}
# Numbers of processes and threads; addresses on the heap and of what is loaded, since one library more is loaded. That a
# thread ended is told when gdb gets to it, before or after what comes next.
rules() { sed -E '/^\[Thread .* exited\]$/d; s/process [0-9]+/PROCESS/; s/LWP [0-9]+/LWP/; s/Thread 0x[0-9a-f]+/Thread/; s/(\(p=|\(struct node \*\) )0x[0-9a-f]+/\1ADDRESS/'; }
