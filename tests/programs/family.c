// SPDX-License-Identifier: MIT
/*
 * Every function of the malloc family, the calls that fail included, and what must be counted of
 * it.
 *
 * Keeps its own truth from nothing but results and prints it last, as
 * "truth ALLOCATIONS FREES BYTES LIVE_COUNT LIVE_BYTES"; uses no stdio, so that nothing else
 * allocates. `family libc` adds functions of libc that allocate, whose calls only a counter knows;
 * `family alien` leaves out pvalloc, which an allocator preloaded in place of glibc's may lack.
 */
#include <errno.h>
#include <malloc.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void free_sized(void *p, size_t size) __attribute__((weak));
void free_aligned_sized(void *p, size_t alignment, size_t size) __attribute__((weak));

static unsigned long allocations, frees, bytes, live_count, live_bytes;
static int wrong;
static bool alien;

__attribute__((format(printf, 2, 3))) static void say(int fd, const char *format, ...)
{
	char text[400];
	va_list args;

	va_start(args, format);
	int n = vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (write(fd, text, (size_t)n) != n)
		_exit(1);
}

static void expect(bool ok, const char *what)
{
	if (!ok) {
		say(2, "family: not so: %s\n", what);
		wrong = 1;
	}
}

static void *born(void *p, size_t size)
{
	expect(p, "a call succeeds");
	allocations++;
	bytes += size;
	live_count++;
	live_bytes += size;
	return p;
}

static void died(size_t size)
{
	frees++;
	live_count--;
	live_bytes -= size;
}

static void dead(void *p, size_t size)
{
	free(p);
	died(size);
}

static void *failed(void *p, int why, const char *what)
{
	expect(!p && errno == why, what);
	return NULL;
}

static void failures(void)
{
	volatile size_t huge = (size_t)PTRDIFF_MAX + 1, many = SIZE_MAX / 2;
	void *volatile p = born(malloc(100), 100); /* volatile: gcc takes it for freed */
	void *q = &wrong;

	memset(p, 'x', 100);
	failed(malloc(huge), ENOMEM, "malloc(huge) fails");
	failed(calloc(many, 16), ENOMEM, "calloc(many, 16) fails");
	failed(calloc(huge, 1), ENOMEM, "calloc(huge, 1) fails");
	failed(realloc(p, huge), ENOMEM, "realloc(p, huge) fails");
	failed(reallocarray(p, many, 16), ENOMEM, "reallocarray(p, many, 16) fails");
	failed(memalign(64, huge), ENOMEM, "memalign(64, huge) fails");
	failed(aligned_alloc(64, huge), ENOMEM, "aligned_alloc(64, huge) fails");
	failed(valloc(huge), ENOMEM, "valloc(huge) fails");
	failed(pvalloc(huge), ENOMEM, "pvalloc(huge) fails");
	expect(posix_memalign(&q, 3, 10) == EINVAL && q == &wrong,
	       "posix_memalign refuses alignment 3");
	expect(posix_memalign(&q, 2, 10) == EINVAL && q == &wrong,
	       "posix_memalign refuses alignment 2");
	expect(posix_memalign(&q, 64, huge) == ENOMEM && q == &wrong,
	       "posix_memalign has no memory");
	expect(((char *)p)[99] == 'x', "a block survives a realloc that failed");
	dead(p, 100);
}

static void resizes(void)
{
	volatile size_t zero = 0;
	void *p = born(realloc(NULL, 10), 10);

	for (size_t size = 10; size < 1 << 20;
	     size *= 3) { /* in place and moved, small and mapped */
		p = born(realloc(p, size * 3), size * 3);
		died(size);
	}
	size_t last = 10 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3 * 3;
	p = born(realloc(p, 20), 20);
	died(last);
	p = born(reallocarray(p, 7, 9), 63);
	died(20);
	p = born(realloc(p, 63), 63); /* neither moves nor resizes */
	died(63);
	p = realloc(p, zero);
	died(63);
	if (p) { /* not with glibc: a new block of no size */
		born(p, 0);
		dead(p, 0);
	}
	dead(born(reallocarray(NULL, 5, 5), 25), 25);
	born(realloc(born(malloc(40), 40), 50), 50); /* stays */
	died(40);
}

static void aligned(void)
{
	void *p;

	for (size_t alignment = 16; alignment <= 65536; alignment *= 2) {
		p = born(memalign(alignment, 33), 33);
		expect((uintptr_t)p % alignment == 0, "memalign aligns");
		dead(p, 33);
		p = born(aligned_alloc(alignment, alignment * 2), alignment * 2);
		expect((uintptr_t)p % alignment == 0, "aligned_alloc aligns");
		expect(malloc_usable_size(p) >= alignment * 2, "the usable size is enough");
		dead(p, alignment * 2);
		expect(posix_memalign(&p, alignment, 77) == 0, "posix_memalign succeeds");
		expect((uintptr_t)p % alignment == 0, "posix_memalign aligns");
		born(p, 77);
		if (alignment < 65536)
			dead(p, 77); /* the last one stays */
	}
	dead(born(valloc(100), 100), 100);
	if (!alien) {
		p = born(pvalloc(100), 100);
		expect((uintptr_t)p % 4096 == 0, "pvalloc aligns");
		dead(p, 100);
	}
	p = born(malloc(88), 88);
	if (free_sized) {
		free_sized(p, 88);
		died(88);
	} else {
		dead(p, 88);
	}
	p = born(aligned_alloc(128, 256), 256);
	if (free_aligned_sized) {
		free_aligned_sized(p, 128, 256);
		free_aligned_sized(NULL, 128, 256);
		free_sized(NULL, 1);
		died(256);
	} else {
		dead(p, 256);
	}
}

static void libc_functions(void)
{
	char *text = NULL, *line = NULL;
	size_t size = 0;
	FILE *stream = open_memstream(&text, &size);

	for (int i = 0; i < 1000; i++)
		fprintf(stream, "line %d\n", i);
	fclose(stream);
	stream = fmemopen(text, size, "r");
	size = 0;
	while (getline(&line, &size, stream) > 0)
		;
	fclose(stream);
	free(line);
	free(text);
	free(strdup("strdup"));
	free(strndup("strndup", 4));
	if (asprintf(&text, "%0400d", 7) > 0)
		free(text);
	free(realpath("/usr/../usr", NULL));
	free(getcwd(NULL, 0));
	setenv("FAMILY", "yes", 1);
	if (!strdup("this one stays"))
		wrong = 1;
}

int main(int argc, char **argv)
{
	alien = argc > 1 && strcmp(argv[1], "alien") == 0;
	free(NULL);
	dead(born(malloc(0), 0), 0);
	dead(born(calloc(0, 5), 0), 0);
	dead(born(calloc(3, 7), 21), 21);
	born(malloc(0), 0); /* stays: a live block of size 0 */
	born(calloc(10, 10), 100);
	for (size_t size = 1; size < 3000000; size = size * 2 + 1)
		dead(born(malloc(size), size), size);
	failures();
	resizes();
	aligned();
	if (argc > 1 && strcmp(argv[1], "libc") == 0)
		libc_functions();
	else
		say(1, "truth %lu %lu %lu %lu %lu\n", allocations, frees, bytes, live_count,
		    live_bytes);
	return wrong;
}
