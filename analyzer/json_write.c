// SPDX-License-Identifier: MIT
/*
 * JSON as text that every parser reads back to the same bytes.
 */
#include "json_write.h"

#include <string.h>

#include "utf8.h"

static void escaped(unsigned char c, FILE *out)
{
	static const char from[] = "\"\\\n\r\t\b\f", to[] = "\"\\nrtbf";
	const char *found = c ? strchr(from, c) : NULL;

	if (found)
		fprintf(out, "\\%c", to[found - from]);
	else
		fprintf(out, c < 0x80 ? "\\u%04x" : "\\udc%02x", c);
}

void json_string(const char *text, size_t size, FILE *out)
{
	fputc('"', out);
	while (size) {
		uint32_t code;
		size_t n = utf8_decode(text, size, &code);

		if (!n || code < ' ' || code == '"' || code == '\\' || code == 0x7f) {
			escaped((unsigned char)*text, out);
			n = 1;
		} else {
			fwrite(text, 1, n, out);
		}
		text += n;
		size -= n;
	}
	fputc('"', out);
}

void json_seconds(uint64_t ns, FILE *out)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%llu.%09llu", (unsigned long long)(ns / 1000000000u),
			 (unsigned long long)(ns % 1000000000u));

	while (text[n - 1] == '0' && text[n - 2] != '.')
		n--;
	fwrite(text, 1, (size_t)n, out);
}

void json_traceback(const struct frames *frames, uint32_t traceback, FILE *out)
{
	size_t n, size;
	const uint32_t *ids = frames_traceback_get(frames, traceback, &n);

	fputc('[', out);
	for (size_t i = 0; i < n; i++) {
		const struct frame *frame = frames_get(frames, ids[i]);
		const char *file = frames_text(frames, frame->file, &size);

		fputs(i ? ",[" : "[", out);
		json_string(file, size, out);
		fprintf(out, ",%u]", frame->line);
	}
	fputc(']', out);
}
