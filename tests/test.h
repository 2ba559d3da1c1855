// SPDX-License-Identifier: MIT
/*
 * The unit-test harness. A test is TEST(a_fact_that_holds) { CHECK(...); ... } in tests/unit/; it
 * registers itself. A check that fails is printed with its values and the test goes on. Every check
 * evaluates each argument once and yields whether it held, so that `if (!CHECK(p)) return;` works.
 */
#ifndef TESTS_TEST_H
#define TESTS_TEST_H

#include <stdbool.h>
#include <stdio.h>

struct test {
	const char *name, *file;
	void (*run)(void);
	struct test *next;
};

void test_register(struct test *test);
bool test_check(bool ok, const char *file, int line, const char *text);
/* Values that do not fit a long long are shown and compared as their bits. */
bool test_check_eq(long long a, long long b, const char *file, int line, const char *text);
/* NULL equals only NULL. */
bool test_check_str(const char *a, const char *b, const char *file, int line, const char *text);
bool test_check_mem(const void *a, const void *b, size_t size, const char *file, int line,
		    const char *text);
void test_skip(const char *why);
/* The path of a new file name in a directory of this run; removed at the end. Borrowed until the
 * next call. */
const char *test_path(const char *name);

#define TEST(fact)                                                                                 \
	static void test_##fact(void);                                                             \
	__attribute__((constructor)) static void register_##fact(void)                             \
	{                                                                                          \
		static struct test test = {.name = #fact, .file = __FILE__, .run = test_##fact};   \
		test_register(&test);                                                              \
	}                                                                                          \
	static void test_##fact(void)

#define CHECK(x) test_check(x, __FILE__, __LINE__, #x)
#define CHECK_EQ(a, b)                                                                             \
	test_check_eq((long long)(a), (long long)(b), __FILE__, __LINE__, #a " == " #b)
#define CHECK_STR(a, b) test_check_str(a, b, __FILE__, __LINE__, #a " is " #b)
#define CHECK_MEM(a, b, size) test_check_mem(a, b, size, __FILE__, __LINE__, #a " holds " #b)
/* Ends the test and counts it as skipped. */
#define SKIP(why)                                                                                  \
	do {                                                                                       \
		test_skip(why);                                                                    \
		return;                                                                            \
	} while (0)

#endif
