// SPDX-License-Identifier: MIT
#include "analyzer/jit_name.h"

#include <stdlib.h>
#include <string.h>

#include "tests/test.h"

static void check(const char *text, const char *function, const char *file, unsigned line)
{
	/* A copy of its own, so that a sanitizer sees who reads beyond it. */
	size_t size = strlen(text);
	char *copy = malloc(size + 1);

	memcpy(copy, text, size);
	struct jit_name name = jit_name_split(copy, size);

	CHECK_STR(name.function, function);
	CHECK_STR(name.file, file);
	CHECK_EQ(name.line, line);
	jit_name_release(&name);
	free(copy);
}

TEST(names_of_v8_are_function_file_and_line)
{
	check("JS:*render file:///srv/app/x.js:12:34", "render", "/srv/app/x.js", 12);
	check("LazyCompile:~render /srv/app/x.js:12:34", "render", "/srv/app/x.js", 12);
	check("JS:^makeBuffers /tmp/d/t.js:2:21", "makeBuffers", "/tmp/d/t.js", 2);
	check("JS:+hot /t.js:7:1", "hot", "/t.js", 7);
	check("JS:*'hot /t.js:7:1", "hot", "/t.js", 7);
	check("Function:late /t.js:3:4", "late", "/t.js", 3);
	check("JS:~Module._load node:internal/modules/cjs/loader:1003:24", "Module._load",
	      "node:internal/modules/cjs/loader", 1003);
	check("Script:~main /t.js:5", "main", "/t.js", 5);
}

TEST(functions_of_v8_without_a_name_are_called_anonymous)
{
	check("JS:~ /tmp/d/t.js:1:1", "(anonymous)", "/tmp/d/t.js", 1);
	check("Eval:~ /tmp/d/t.js:1:1", "(anonymous)", "/tmp/d/t.js", 1);
	check("JS:~ [eval]:1:1", "(anonymous)", "[eval]", 1);
	check("JS:~", "(anonymous)", NULL, 0);
	check("JS:", "(anonymous)", NULL, 0);
}

TEST(blanks_may_stand_in_functions_and_in_files)
{
	check("JS:*get value /home/me/my app/x.js:3:7", "get value", "/home/me/my app/x.js", 3);
	check("JS:~f evalmachine.<anonymous>:9:2", "f", "evalmachine.<anonymous>", 9);
	check("JS:~f file:///srv/my%20app/100%25.js:3:7", "f", "/srv/my app/100%.js", 3);
	check("JS:~f file:///srv/%zz%0%00.js:3:7", "f", "/srv/%zz%0%00.js", 3);
	check("JS:~f https://example.org/a%20b.js:3:7", "f", "https://example.org/a%20b.js", 3);
}

TEST(v8_may_tell_no_line_or_no_file)
{
	check("JS:*lonely", "lonely", NULL, 0);
	check("JS:*lonely:12:34", "lonely", NULL, 0);
	check("JS:*of no file", "of no file", NULL, 0);
	check("Script:~ /srv/x.js", "(anonymous)", "/srv/x.js", 0);
	check("JS:~f /x.js:99999999999999999999:1", "f", "/x.js", 0);
}

TEST(what_v8_names_besides_functions_stays_as_it_is)
{
	check("Builtin:ArrayMap", "Builtin:ArrayMap", NULL, 0);
	check("BytecodeHandler:Star.Wide", "BytecodeHandler:Star.Wide", NULL, 0);
	check("RegExp:a /b:1:2", "RegExp:a /b:1:2", NULL, 0);
}

TEST(names_of_python_are_function_and_file)
{
	check("py::Store.fill:/srv/app/store.py", "Store.fill", "/srv/app/store.py", 0);
	check("py::<module>:<frozen importlib._bootstrap>", "<module>",
	      "<frozen importlib._bootstrap>", 0);
	check("py::f:", "f", NULL, 0);
	check("py::f", "f", NULL, 0);
}

TEST(other_names_are_functions)
{
	check("Ljava/lang/String;::hashCode", "Ljava/lang/String;::hashCode", NULL, 0);
	check("TRACE_5::x.lua:12", "TRACE_5::x.lua:12", NULL, 0);
	check("", "", NULL, 0);
}

TEST(names_without_an_end_are_cut)
{
	size_t size = 3 * JIT_NAME_MAX;
	char *text = malloc(size);

	memset(text, 'x', size);
	struct jit_name name = jit_name_split(text, size);

	CHECK_EQ(strlen(name.function), JIT_NAME_MAX);
	jit_name_release(&name);
	free(text);
}
