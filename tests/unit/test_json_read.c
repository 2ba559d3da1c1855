// SPDX-License-Identifier: MIT
#include "analyzer/json_read.h"

#include <string.h>

#include "tests/test.h"

/* The text of a JSON string, or NULL; borrowed until the next call. */
static const char *text_of(const char *json_string)
{
	static char copy[64];
	struct json json = json_from(json_string, strlen(json_string), NULL);
	const char *text;
	size_t size;
	bool ok = json_text(&json, &text, &size, "a string") && json.at == json.end;

	if (ok) {
		memcpy(copy, text, size);
		copy[size] = '\0';
	}
	json_release(&json);
	return ok ? copy : NULL;
}

TEST(strings_are_decoded)
{
	CHECK_STR(text_of("\"\""), "");
	CHECK_STR(text_of(" \"a\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "a\"\\/\b\f\n\r\t");
	CHECK_STR(text_of("\"\\u00e9\\u20AC\""), "é€");
	CHECK_STR(text_of("\"\\ud83d\\ude00\""), "\xf0\x9f\x98\x80");
	CHECK_STR(text_of("\"é\""), "é");
}

TEST(bytes_that_are_not_utf8_come_as_surrogates)
{
	CHECK_STR(text_of("\"a\\udcffb\\udc80\""), "a\xff"
						   "b\x80");
}

TEST(other_strings_are_wrong)
{
	static const char *const strings[] = {
		"",
		"a",
		"\"",
		"\"a",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\\ud83d\"",
		"\"\\ud83dx\"",
		"\"\\ud83d\\u0041\"",
		"\"\\udc00\"",
		"\"\\u0000\"",
		"\"\n\"",
		"\"\xff\"",
		"\"\xed\xa0\x80\"",
		"\"\\",
	};

	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		if (!CHECK_STR(text_of(strings[i]), NULL))
			fprintf(stderr, "    %s\n", strings[i]);
}

static bool integer_of(const char *text, uint64_t max, uint64_t *value)
{
	struct json json = json_from(text, strlen(text), NULL);

	return json_integer(&json, max, value, "a number") && json.at == json.end;
}

TEST(integers_are_exact_up_to_their_bound)
{
	uint64_t value;

	CHECK(integer_of("9223372036854775807", INT64_MAX, &value));
	CHECK_EQ(value, INT64_MAX);
	CHECK(integer_of("18446744073709551615", UINT64_MAX, &value));
	CHECK_EQ(value, UINT64_MAX);
	CHECK(integer_of("0", 0, &value));
	CHECK(!integer_of("9223372036854775808", INT64_MAX, &value));
	CHECK(!integer_of("18446744073709551616", UINT64_MAX, &value));
	CHECK(!integer_of("7", 6, &value));
	CHECK(!integer_of("10", 9, &value));
	for (const char *const *text =
		     (const char *const[]){"", "-1", "-0", "01", "1.0", "1e3", "1E3", "+1", "x",
					   "0x1", "\"1\"", NULL};
	     *text; text++)
		CHECK(!integer_of(*text, 100, &value));
}

static bool skips(const char *text)
{
	struct json json = json_from(text, strlen(text), NULL);
	bool ok = json_skip(&json) && json.at == json.end;

	json_release(&json);
	return ok;
}

TEST(any_value_is_skipped_and_no_other_text)
{
	char deep[400];

	CHECK(skips("{\"a\":[1,-2.5e+7,true,false,null,\"x\",{}],\"b\":[]}"));
	CHECK(skips("-0.5"));
	CHECK(!skips("[1,]"));
	CHECK(!skips("{\"a\":1,}"));
	CHECK(!skips("{a:1}"));
	CHECK(!skips("nul"));
	CHECK(!skips("1."));
	CHECK(!skips("[1"));
	CHECK(!skips(""));
	memset(deep, '[', sizeof deep - 1);
	deep[sizeof deep - 1] = '\0';
	CHECK(!skips(deep));
}
