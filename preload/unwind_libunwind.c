// SPDX-License-Identifier: MIT
/*
 * The only file of the library that knows libunwind.
 *
 * It gets a namespace with a libc of its own. The program's libc has not been initialised yet when
 * this library starts, and a dlopen here would do that with an empty environment and no arguments.
 * Besides, what libunwind allocates does not meet our hooks.
 */
#include "unwind_libunwind.h"

#include <dlfcn.h>
#include <libunwind.h>

#include "readable.h"

#define LIBRARY "libunwind-x86_64.so.8"
#define CACHE_RULES 16384
#define OWN_FRAMES_MAX 64
#define NAME_OF(symbol) #symbol
#define NAME(symbol) NAME_OF(symbol) /* of what the header makes of it */

/* Exported, but in no header: a part of what libunwind's own debuggers use. */
#define search_unwind_table _Ux86_64_dwarf_search_unwind_table

enum { HEADER_TABLE = 12, HEADER_COUNT = 8 }; /* in .eh_frame_hdr as linkers write it */

static struct {
	__typeof__(unw_create_addr_space) *create;
	__typeof__(unw_set_caching_policy) *set_caching_policy;
	__typeof__(unw_set_cache_size) *set_cache_size;
	__typeof__(unw_flush_cache) *flush_cache;
	__typeof__(unw_init_remote) *init;
	__typeof__(unw_step) *step;
	__typeof__(unw_get_reg) *get_reg;
	__typeof__(unw_is_signal_frame) *is_signal_frame;
	int (*search)(unw_addr_space_t, unw_word_t, unw_dyn_info_t *, unw_proc_info_t *, int,
		      void *);
} libunwind;

static unw_addr_space_t space;

/* What the functions below answer from. */
struct place {
	const struct cfi_registers *registers;
	struct readable stack;
	uintptr_t module,
		module_size; /* the last one asked for: its tables are read word by word */
};

static int find_proc_info(unw_addr_space_t as, unw_word_t ip, unw_proc_info_t *info, int need,
			  void *arg)
{
	struct dl_find_object module;
	struct place *place = arg;
	unw_dyn_info_t table = {.format = UNW_INFO_FORMAT_REMOTE_TABLE};
	uint32_t count;

	if (_dl_find_object((void *)ip, &module) != 0 || !module.dlfo_eh_frame)
		return -UNW_ENOINFO;
	uintptr_t header = (uintptr_t)module.dlfo_eh_frame;

	__builtin_memcpy(&count, (const void *)(header + HEADER_COUNT), sizeof count);
	place->module = (uintptr_t)module.dlfo_map_start;
	place->module_size = (uintptr_t)module.dlfo_map_end - place->module;
	table.start_ip = place->module;
	table.end_ip = place->module + place->module_size;
	table.u.rti.segbase = header;
	table.u.rti.table_data = header + HEADER_TABLE;
	table.u.rti.table_len = count;
	return libunwind.search(as, ip, &table, info, need, arg);
}

static void put_unwind_info(unw_addr_space_t as, unw_proc_info_t *info, void *arg)
{
	(void)as, (void)info, (void)arg;
}

static int get_dyn_info_list_addr(unw_addr_space_t as, unw_word_t *address, void *arg)
{
	(void)as, (void)address, (void)arg;
	return -UNW_ENOINFO;
}

static bool load(struct place *place, uintptr_t address, uint64_t *value)
{
	/* Whole modules can be read but for holes, which no table points into. */
	if (address - place->module < place->module_size) {
		*value = stack_load(address);
		return true;
	}
	if (address >= place->stack.high && address - place->stack.high < 64 << 10)
		readable_reach(&place->stack, place->stack.low, place->stack.low,
			       (address + 15) & ~7ull);
	return readable_load(&place->stack, address, 8, value);
}

static int access_mem(unw_addr_space_t as, unw_word_t address, unw_word_t *value, int write,
		      void *arg)
{
	(void)as;
	return !write && load(arg, address, value) ? 0 : -UNW_EINVAL;
}

static int access_reg(unw_addr_space_t as, unw_regnum_t number, unw_word_t *value, int write,
		      void *arg)
{
	const struct cfi_registers *registers = ((struct place *)arg)->registers;

	(void)as;
	if (write || number < 0 || !cfi_known(registers, (unsigned)number))
		return -UNW_EBADREG;
	*value = registers->value[number];
	return 0;
}

static int access_fpreg(unw_addr_space_t as, unw_regnum_t number, unw_fpreg_t *value, int write,
			void *arg)
{
	(void)as, (void)number, (void)value, (void)write, (void)arg;
	return -UNW_EBADREG;
}

static int resume(unw_addr_space_t as, unw_cursor_t *cursor, void *arg)
{
	(void)as, (void)cursor, (void)arg;
	return -UNW_EINVAL;
}

static int get_proc_name(unw_addr_space_t as, unw_word_t address, char *name, size_t size,
			 unw_word_t *offset, void *arg)
{
	(void)as, (void)address, (void)name, (void)size, (void)offset, (void)arg;
	return -UNW_ENOINFO;
}

bool libunwind_load(struct line *error)
{
	static unw_accessors_t accessors = {
		.find_proc_info = find_proc_info,
		.put_unwind_info = put_unwind_info,
		.get_dyn_info_list_addr = get_dyn_info_list_addr,
		.access_mem = access_mem,
		.access_reg = access_reg,
		.access_fpreg = access_fpreg,
		.resume = resume,
		.get_proc_name = get_proc_name,
	};
	const struct {
		void *function;
		const char *name;
	} wanted[] = {
		{&libunwind.create, NAME(unw_create_addr_space)},
		{&libunwind.set_caching_policy, NAME(unw_set_caching_policy)},
		{&libunwind.set_cache_size, NAME(unw_set_cache_size)},
		{&libunwind.flush_cache, NAME(unw_flush_cache)},
		{&libunwind.init, NAME(unw_init_remote)},
		{&libunwind.step, NAME(unw_step)},
		{&libunwind.get_reg, NAME(unw_get_reg)},
		{&libunwind.is_signal_frame, NAME(unw_is_signal_frame)},
		{&libunwind.search, NAME(search_unwind_table)},
	};
	void *handle = dlmopen(LM_ID_NEWLM, LIBRARY, RTLD_NOW | RTLD_LOCAL);
	bool found = handle;

	for (unsigned i = 0; found && i < sizeof wanted / sizeof *wanted; i++) {
		void *symbol = dlsym(handle, wanted[i].name);

		__builtin_memcpy(wanted[i].function, &symbol, sizeof symbol);
		found = symbol;
	}
	if (found)
		space = libunwind.create(&accessors, 0);
	if (!space) {
		line_add(error,
			 "TMTRACE_CHECK_STACKS=1: cannot use " LIBRARY " (package libunwind)");
		return false;
	}
	libunwind.set_caching_policy(space, UNW_CACHE_GLOBAL);
	libunwind.set_cache_size(space, CACHE_RULES, 0);
	return true;
}

void libunwind_forget(void)
{
	libunwind.flush_cache(space, 0, 0);
}

bool libunwind_describes(uint64_t address)
{
	struct place place = {0};
	unw_proc_info_t info;

	return find_proc_info(space, address, &info, 0, &place) == 0;
}

/* To the frame that the hook's caller goes on in. */
static bool leave_own_frames(unw_cursor_t *cursor, struct unwind_start start)
{
	for (unsigned frames = 0; frames < OWN_FRAMES_MAX; frames++) {
		unw_word_t pc, rsp;

		if (libunwind.get_reg(cursor, UNW_REG_IP, &pc) < 0 ||
		    libunwind.get_reg(cursor, UNW_REG_SP, &rsp) < 0)
			return false;
		if (pc == unwind_start_pc(start) && rsp == unwind_start_cfa(start))
			return true;
		if (libunwind.step(cursor) <= 0)
			return false;
	}
	return false;
}

enum libunwind_end libunwind_walk(const struct cfi_registers *registers, struct unwind_start start,
				  bool (*visit)(void *arg, uint64_t address), void *arg)
{
	struct place place = {.registers = registers};
	unw_cursor_t cursor;

	readable_start(&place.stack, registers->value[CFI_RSP]);
	if (libunwind.init(&cursor, space, &place) < 0 || !leave_own_frames(&cursor, start))
		return LIBUNWIND_LOST;
	for (;;) {
		bool interrupted = libunwind.is_signal_frame(&cursor) > 0;
		unw_word_t pc;

		if (libunwind.get_reg(&cursor, UNW_REG_IP, &pc) < 0)
			return LIBUNWIND_STUCK;
		if (!pc)
			return LIBUNWIND_OUTERMOST;
		if (!visit(arg, pc - !interrupted))
			return LIBUNWIND_CUT;
		int stepped = libunwind.step(&cursor);

		if (stepped <= 0)
			return stepped ? LIBUNWIND_STUCK : LIBUNWIND_OUTERMOST;
	}
}
