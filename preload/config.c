// SPDX-License-Identifier: MIT
/*
 * Parsing without allocation and without libc's locale. A value that is not understood is an error:
 * never run untraced by mistake.
 */
#include "config.h"

#include <string.h>

#include "identity.h"
#include "sys.h"

#define DEFAULT_PATTERN "tmtrace.%e.%p.tmz"
#define NFRAME_MAX 65535

static bool read_output(struct config *config, const char *value)
{
	size_t size = strlen(value);

	if (!size || size >= sizeof config->pattern)
		return false;
	for (const char *at = value; *at; at++)
		if (*at == '%' && (!*++at || !strchr("peh%", *at)))
			return false;
	memcpy(config->pattern, value, size + 1);
	return true;
}

static bool read_number(const char *text, uint64_t max, uint64_t *number)
{
	*number = 0;
	while (*text == ' ')
		text++;
	if (!*text)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		*number = *number * 10 + (uint64_t)(*text - '0');
		if (*number > max)
			return false;
	}
	return true;
}

static bool read_nframe(struct config *config, const char *value)
{
	return read_number(value, NFRAME_MAX, &config->nframe) && config->nframe >= 1;
}

static bool read_bool(const char *value, bool *result)
{
	*result = value[0] == '1';
	return (value[0] == '0' || value[0] == '1') && !value[1];
}

static bool read_start(struct config *config, const char *value)
{
	return read_bool(value, &config->start);
}

static bool read_children(struct config *config, const char *value)
{
	if (strcmp(value, "-") == 0) {
		config->is_untraced_child = true;
		return true;
	}
	return read_bool(value, &config->children);
}

static bool read_check_stacks(struct config *config, const char *value)
{
	return read_bool(value, &config->check_stacks);
}

static bool read_live(struct config *config, const char *value)
{
	return read_bool(value, &config->live);
}

static bool read_verbose(struct config *config, const char *value)
{
	bool verbose;

	if (!read_bool(value, &verbose))
		return false;
	config->verbose = verbose ? VERBOSE_YES : VERBOSE_NO;
	return true;
}

/* "PID:PATH", set by `tmtrace run` for the process it becomes. */
static bool read_run(struct config *config, const char *value)
{
	char digits[12];
	const char *colon = strchr(value, ':');
	uint64_t pid;

	if (!colon || (size_t)(colon - value) >= sizeof digits)
		return false;
	memcpy(digits, value, (size_t)(colon - value));
	digits[colon - value] = '\0';
	if (!read_number(digits, INT_MAX, &pid))
		return false;
	config->run_pid = (int)pid;
	config->run_path = colon + 1;
	return true;
}

static const struct variable {
	const char *name;
	bool (*read)(struct config *config, const char *value);
	const char *expected;
} variables[] = {
	{"OUTPUT", read_output, "a path in which % is followed by p, e, h or %"},
	{"NFRAME", read_nframe, "a number from 1 to 65535"},
	{"START", read_start, "0 or 1"},
	{"CHILDREN", read_children, "0 or 1"},
	{"LIVE", read_live, "0 or 1"},
	{"VERBOSE", read_verbose, "0 or 1"},
	{"CHECK_STACKS", read_check_stacks, "0 or 1"},
	{"RUN", read_run, "what 'tmtrace run' sets"},
};

static bool read_variable(struct config *config, const char *assignment, struct line *error)
{
	const char *name = assignment + strlen("TMTRACE_");
	const char *equals = strchr(name, '=');
	struct line warning;

	if (!equals)
		return true;
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const struct variable *variable = &variables[i];
		size_t size = strlen(variable->name);

		if (size != (size_t)(equals - name) || memcmp(variable->name, name, size) != 0)
			continue;
		if (variable->read(config, equals + 1))
			return true;
		line_add_bytes(error, assignment, strlen(assignment));
		line_add(error, ": expected ");
		line_add(error, variable->expected);
		return false;
	}
	if (identity_is_child())
		return true;
	line_clear(&warning);
	line_add(&warning, "warning: unknown variable ");
	line_add_bytes(&warning, assignment, (size_t)(equals - assignment));
	line_say(&warning);
	return true;
}

bool config_read(struct config *config, char **environment, struct line *error)
{
	*config = (struct config){.pattern = DEFAULT_PATTERN, .start = true, .children = true};
	/* One that is gone has no name; one outside of a new root begins with "(unreachable)". */
	if (sys_getcwd(config->directory, sizeof config->directory) < 0 ||
	    config->directory[0] != '/')
		memcpy(config->directory, ".", 2);
	line_clear(error);
	bool valid = true;

	/* To the end in any case: the caller wants to know whose process this is. */
	for (; environment && *environment; environment++)
		if (strncmp(*environment, "TMTRACE_", strlen("TMTRACE_")) == 0 && valid)
			valid = read_variable(config, *environment, error);
		else if (strncmp(*environment, "TMTRACE_RUN=", strlen("TMTRACE_RUN=")) == 0)
			read_run(config, *environment + strlen("TMTRACE_RUN="));
	return valid;
}

void config_mark_children(char **environment)
{
	for (; environment && *environment; environment++)
		if (strcmp(*environment, "TMTRACE_CHILDREN=0") == 0)
			(*environment)[strlen("TMTRACE_CHILDREN=")] = '-';
}

bool config_path(const struct config *config, const char *program, const char *host, int pid,
		 struct line *path)
{
	line_clear(path);
	if (config->pattern[0] != '/') {
		line_add(path, config->directory);
		line_add(path, "/");
	}
	for (const char *at = config->pattern; *at; at++) {
		if (*at != '%') {
			line_add_bytes(path, at, 1);
			continue;
		}
		switch (*++at) {
		case 'p':
			line_add_number(path, (uint64_t)pid);
			break;
		case 'e':
			line_add(path, program);
			break;
		case 'h':
			line_add(path, host);
			break;
		default:
			line_add(path, "%");
		}
	}
	return !path->cut && path->size < PATH_MAX;
}
