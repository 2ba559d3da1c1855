// SPDX-License-Identifier: MIT
/* Names of every language that is promised, of every length, and some that were made to hurt. */
#include "tests/test.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/demangle.h"

static void check(const char *name, const char *readable)
{
	char *got = demangle(name);

	CHECK_STR(got, readable);
	free(got);
}

TEST(names_of_four_manglings_are_readable)
{
	check("_ZN3foo3barEi", "foo::bar(int)");
	check("_ZNSt6vectorIiSaIiEE9push_backERKi",
	      "std::vector<int, std::allocator<int> >::push_back(int const&)");
	check("_Znwm", "operator new(unsigned long)");
	check("_ZN4core3fmt5Write9write_fmt17h0123456789abcdefE", "core::fmt::Write::write_fmt");
	check("_RNvCs1234_7mycrate4main", "mycrate::main");
	check("_D8demangle4testFaZv", "demangle.test(char)");
}

TEST(other_names_are_left_alone)
{
	const char *names[] = {"",     "_",	 "_Z",	  "_R",	    "_D",
			       "main", "_start", "_Zfoo", "_Dmain", "__libc_malloc"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i], "_Dmain") != 0)
			check(names[i], NULL);
	check("_Dmain", "D main");
}

/* The demangler gives up above 1,024 bytes unless told not to, and then keeps all on the stack. */
TEST(a_name_of_sixty_thousand_bytes_is_readable)
{
	enum { PARTS = 600, LENGTH = 100 };
	char *name = malloc(PARTS * (LENGTH + 3) + 16), *got;
	size_t n = (size_t)sprintf(name, "_ZN");

	for (int i = 0; i < PARTS; i++)
		n += (size_t)sprintf(name + n, "100f%099d", i);
	sprintf(name + n, "1fEv");
	got = demangle(name);
	if (CHECK(got != NULL)) {
		CHECK_EQ(strlen(got), PARTS * (LENGTH + 2) + strlen("f()"));
		CHECK(!strncmp(got + LENGTH - 1, "0::f000", 7));
	}
	free(got);
	free(name);
}

TEST(deep_endless_and_doubling_names_do_no_harm)
{
	size_t size = 100000;
	char *name = malloc(size + 1), *at;

	memset(name, 'P', size); /* pointer to pointer to... */
	memcpy(name, "_Z1f", 4);
	name[size] = 0;
	free(demangle(name));
	memcpy(name + size - 1, "i", 1);
	free(demangle(name));
	/* Each pair holds the one before it twice: two to the power of sixty. */
	at = name + sprintf(name, "_Z1fSt4pairIiiE");
	at += sprintf(at, "St4pairIS1_S1_E");
	for (int i = 1; i < 60; i++)
		at += i < 37 ? sprintf(at, "St4pairIS%c_S%c_E",
				       "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i - 1],
				       "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[i - 1])
			     : sprintf(at, "St4pairIS1%c_S1%c_E", '0' + (i - 37) % 10,
				       '0' + (i - 37) % 10);
	free(demangle(name));
	free(name);
}
