# Programs that cannot be recorded are told so and not started.
cat >main.c <<'EOF'
#include <stdio.h>
int main(void)
{
	puts("started");
	return 0;
}
EOF
cat >own.c <<'EOF'
#include <stddef.h>
static char heap[1 << 20];
static size_t used;
void *malloc(size_t size)
{
	used += size + 64;
	return heap + used - size;
}
void free(void *block) { (void)block; }
int main(void) { return 0; }
EOF
try() {
	"$TMTRACE" run -o trace.tmz "$@"
	echo "$* -> $?"
}
cc main.c -o dynamic
cc -static main.c -o static
cc -static-pie main.c -o static-pie
cc -rdynamic own.c -o own
cc -rdynamic -Wl,--hash-style=sysv own.c -o own-sysv
cc -fsanitize=address main.c -o asan 2>/dev/null || { echo "no ASan" >&2; exit 77; }
cp dynamic setuid
chmod u+s setuid
cp dynamic setgid
chmod g+s setgid
printf '#!./static\n' >script
chmod +x script
for program in static static-pie own own-sysv asan setuid setgid script; do
	try ./$program
done
ls ./*.tmz 2>/dev/null
true
