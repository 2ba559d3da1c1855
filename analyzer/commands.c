// SPDX-License-Identifier: MIT
/*
 * The table of commands, from which dispatch, help and the check of formats come.
 */
#include <string.h>

#include "command.h"
#include "die.h"
#include "nearest.h"
#include "query.h"

#define FORMAT(name) (1u << FORMAT_##name)
#define STATISTIC_FORMATS                                                                          \
	(FORMAT(TABLE) | FORMAT(PLAIN) | FORMAT(TRACEBACK) | FORMAT(JSON) | FORMAT(CSV))
#define QUERY_OPTIONS                                                                              \
	(OPTIONS_GROUP | OPTIONS_FILTER | OPTIONS_FRAMES | OPTIONS_FORMAT | OPTIONS_LOOK |         \
	 OPTIONS_NAMES | OPTIONS_SYMBOLS | OPTIONS_DEBUG | OPTIONS_OUTPUT)

#define MOMENTS                                                                                    \
	"TRACE is FILE or FILE@WHEN: @end (default), @start, @peak, @12.5s, @event:N, "            \
	"@mark:NAME[#N].\n"                                                                        \
	"FILE may be the number of a running process.\n"
#define NEWEST                                                                                     \
	"Without TRACE the newest tmtrace.*.tmz of the working directory is taken; - is standard " \
	"input.\n"
#define PEOPLE "Tables are for people; --format json or csv is for programs.\n"

const struct command commands[] = {
	{
		.name = "run",
		.run = cmd_run,
		.synopsis = "[-o FILE] [--nframe N] [--] PROGRAM [ARGUMENT ...]",
		.summary = "run a program and record what it allocates",
		.details = "The trace is tmtrace.PROGRAM.PID.tmz in the working directory unless "
			   "-o names another.\n"
			   "Exit status, signals and standard streams are the program's own.\n",
		.options = OPTIONS_RUN,
		.operands_least = 1,
		.operands_most = (unsigned)-1,
		.operands_end = true,
	},
	{
		.name = "stats",
		.run = cmd_stats,
		.synopsis = "[OPTION ...] [TRACE[@WHEN] | FOLDER[@WHEN]] ...",
		.summary = "who holds the memory: statistics of the live blocks at a moment",
		.details = "Of several traces, or of all in a FOLDER, the sum; -g process says "
			   "what is whose.\n" MOMENTS NEWEST PEOPLE,
		.options = QUERY_OPTIONS,
		.formats = STATISTIC_FORMATS,
		.operands_most = (unsigned)-1,
	},
	{
		.name = "diff",
		.run = cmd_diff,
		.synopsis = "[OPTION ...] OLD[@WHEN] NEW[@WHEN]",
		.summary = "what has grown and shrunk from OLD to NEW",
		.details = "OLD and NEW may be two moments of one trace, as in 'tmtrace diff "
			   "app.tmz@peak app.tmz@end'.\n" MOMENTS PEOPLE,
		.options = QUERY_OPTIONS,
		.formats = STATISTIC_FORMATS,
		.operands_least = 2,
		.operands_most = 2,
	},
	{
		.name = "snapshot",
		.run = cmd_snapshot,
		.synopsis = "[OPTION ...] TRACE[@WHEN] -o OUT.tmz",
		.summary = "write the (filtered) snapshot as a trace of its own, names included",
		.details = MOMENTS,
		.options = OPTIONS_FILTER | OPTIONS_SYMBOLS | OPTIONS_DEBUG | OPTIONS_OUTPUT,
		.operands_least = 1,
		.operands_most = 1,
		.writes_trace = true,
	},
	{
		.name = "info",
		.run = cmd_info,
		.synopsis = "[OPTION ...] [TRACE]",
		.summary = "what was recorded: totals, peak, modules, data quality",
		.details = NEWEST "The table is for people; --format json is for programs.\n",
		.options = OPTIONS_FORMAT | OPTIONS_LOOK | OPTIONS_SYMBOLS | OPTIONS_DEBUG |
			   OPTIONS_OUTPUT,
		.formats = FORMAT(TABLE) | FORMAT(JSON),
		.operands_most = 1,
	},
	{
		.name = "object",
		.run = cmd_object,
		.synopsis = "[OPTION ...] TRACE[@WHEN] ADDRESS",
		.summary = "the traceback of the live block that holds ADDRESS",
		.details = MOMENTS,
		.options = OPTIONS_FRAMES | OPTIONS_FORMAT | OPTIONS_LOOK | OPTIONS_NAMES |
			   OPTIONS_SYMBOLS | OPTIONS_DEBUG | OPTIONS_OUTPUT,
		.formats = FORMAT(TABLE) | FORMAT(TRACEBACK) | FORMAT(JSON),
		.operands_least = 2,
		.operands_most = 2,
	},
	{
		.name = "ctl",
		.run = cmd_ctl,
		.synopsis = "[OPTION ...] PID start [NFRAME] | stop | mark NAME | status",
		.summary = "tell a running program to start or stop recording, or to set a mark",
		.details = "The program must have been started by 'tmtrace run' or with "
			   "libtmtrace.so preloaded; TMTRACE_START=0\n"
			   "lets it wait. It notices when it next allocates or frees something. "
			   "Status 1: it did not, or could\n"
			   "not do it.\n",
		.options = OPTIONS_CTL | OPTIONS_FORMAT | OPTIONS_OUTPUT,
		.formats = FORMAT(TABLE) | FORMAT(JSON),
		.operands_least = 2,
		.operands_most = 3,
	},
	{
		.name = "export",
		.run = cmd_export,
		.synopsis = "[OPTION ...] TRACE[@WHEN] [-o OUT]",
		.summary = "the snapshot as JSON Lines, one live block a line",
		.details = MOMENTS,
		.options = OPTIONS_FILTER | OPTIONS_FORMAT | OPTIONS_SYMBOLS | OPTIONS_DEBUG |
			   OPTIONS_OUTPUT,
		.formats = FORMAT(JSONL),
		.operands_least = 1,
		.operands_most = 1,
	},
	{
		.name = "import",
		.run = cmd_import,
		.synopsis = "[OPTION ...] FILE.jsonl -o OUT.tmz",
		.summary = "make a trace of a snapshot in JSON Lines",
		.details = "A line is "
			   "{\"domain\":D,\"size\":N,\"traceback\":[[\"file\",line],...],\"total_"
			   "nframe\":N}.\n",
		.options = OPTIONS_OUTPUT,
		.operands_least = 1,
		.operands_most = 1,
		.writes_trace = true,
	},
	{
		.name = "dump",
		.run = cmd_dump,
		.synopsis = "[OPTION ...] TRACE",
		.summary = "the events as text, one a line",
		.details = "A line is: number, seconds, thread, event, address, size, flags, and "
			   "the call stack, most recent\n"
			   "call first, as MODULE+0xADDRESS in the module's file.\n",
		.options = OPTIONS_OUTPUT,
		.operands_least = 1,
		.operands_most = 1,
	},
	{
		.name = "verify",
		.run = cmd_verify,
		.synopsis = "[OPTION ...] [TRACE]",
		.summary = "check every chunk: is all of the recording there",
		.details = NEWEST "Status 0: all is whole; 1: what is damaged or missing is "
				  "listed.\n",
		.options = OPTIONS_OUTPUT,
		.operands_most = 1,
	},
	{
		.name = "recover",
		.run = cmd_recover,
		.synopsis = "[OPTION ...] TRACE -o OUT.tmz",
		.summary = "everything readable, journal included, as one clean trace",
		.details = "The journal of a program that was killed, TRACE.live, is folded in; "
			   "what is damaged is left out\n"
			   "and counted as lost.\n",
		.options = OPTIONS_OUTPUT,
		.operands_least = 1,
		.operands_most = 1,
		.writes_trace = true,
	},
	{
		.name = "symbolize",
		.run = cmd_symbolize,
		.synopsis = "[OPTION ...] TRACE -o OUT.tmz",
		.summary = "the trace with names, files and lines in it, to be read anywhere",
		.details = "Names that the trace has stay; what is missing is looked up here.\n",
		.options = OPTIONS_DEBUG | OPTIONS_OUTPUT,
		.operands_least = 1,
		.operands_most = 1,
		.writes_trace = true,
	},
	{
		.name = "help",
		.run = cmd_help,
		.synopsis = "[COMMAND]",
		.summary = "this list, or the options of a command",
		.operands_most = 1,
	},
};

const size_t n_commands = sizeof commands / sizeof *commands;

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < n_commands; i++)
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	return NULL;
}

void command_unknown(const char *name)
{
	struct nearest nearest = nearest_to(name);

	for (size_t i = 0; i < n_commands; i++)
		nearest_try(&nearest, commands[i].name);
	if (nearest.best)
		die_usage("no command '%s'; did you mean '%s'?", name, nearest.best);
	die_usage("no command '%s'; 'tmtrace help' lists them", name);
}
