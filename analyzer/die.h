// SPDX-License-Identifier: MIT
/*
 * How the analyzer speaks and gives up: the only file that prints messages or exits.
 *
 * A format that ends in ':' gets strerror(errno) appended. Every message is one line on stderr that
 * begins with "tmtrace: ". Only cmd_*.c, query.c and main.c call die, die_usage and warn; stages
 * return errors. Running out of memory or of numbers is the exception: the x* functions die with
 * status 1.
 */
#ifndef ANALYZER_DIE_H
#define ANALYZER_DIE_H

#include <stddef.h>
#include <stdint.h>

#define EXIT_FAILED 1 /* the input or the machine failed */
#define EXIT_USAGE 2

void warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die(const char *format, ...) __attribute__((format(printf, 1, 2)));
_Noreturn void die_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file that die and die_usage remove first, so that nothing half-written is left; NULL: none. */
void die_removes(const char *path);

/* Never NULL; x*array check the product for overflow. Freed with free(). */
void *xmalloc(size_t size);
void *xcalloc(size_t count, size_t size);
void *xrealloc(void *old, size_t size);
void *xreallocarray(void *old, size_t count, size_t size);
char *xstrdup(const char *text);
char *xstrndup(const char *text, size_t size);
char *xasprintf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The sum of two sizes; more than 2^64 - 1 bytes, only a made-up snapshot has. */
uint64_t xsum(uint64_t a, uint64_t b);
/* a - b, which must lie within 63 bits and a sign. */
int64_t xdifference(uint64_t a, uint64_t b);

#endif
