// SPDX-License-Identifier: MIT
/*
 * A table that only grows at its end or reuses the places of modules that have gone. Readers scan
 * it without a lock; a reader that meets a place in the midst of reuse at worst takes the slow path.
 */
#include "modules.h"

#include <dlfcn.h>
#include <elf.h>
#include <limits.h>
#include <link.h>
#include <string.h>

#include "common/bytes.h"
#include "common/format.h"
#include "epoch.h"
#include "writer.h"

#define MODULES_MAX 4096
#define RECORDS_SIZE (64u << 10)
#define RECORD_SIZE_MAX (PATH_MAX + 256)
#define BUILD_ID_MAX 64

struct module {
	uintptr_t start, size; /* size 0: the place is free */
	const struct link_map *map;
	uint32_t id;
};

uint32_t modules_generation, modules_n_pending;
int modules_closing;

static struct module modules[MODULES_MAX];
static uint32_t n_modules, next_id;
static uint8_t records[RECORDS_SIZE];
static size_t records_used;
static uint32_t n_records; /* in `records`; those that are pending were not tried to write yet */

static struct module *find(uintptr_t address)
{
	uint32_t n = __atomic_load_n(&n_modules, __ATOMIC_ACQUIRE);

	for (uint32_t i = 0; i < n; i++)
		if (address - modules[i].start < modules[i].size)
			return &modules[i];
	return NULL;
}

/* The build id from the notes of the mapped file; 0 bytes when there is none. */
static size_t find_build_id(const struct dl_find_object *object, uint8_t build_id[BUILD_ID_MAX])
{
	uintptr_t start = (uintptr_t)object->dlfo_map_start, end = (uintptr_t)object->dlfo_map_end;
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)start;

	if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
	    header->e_phentsize != sizeof(Elf64_Phdr) ||
	    header->e_phoff > 4096 - sizeof(Elf64_Phdr))
		return 0;
	const Elf64_Phdr *segment = (const Elf64_Phdr *)(start + header->e_phoff);

	for (unsigned i = 0; i < header->e_phnum; i++, segment++) {
		uintptr_t at = object->dlfo_link_map->l_addr + segment->p_vaddr;

		if (segment->p_type != PT_NOTE || at < start || at > end ||
		    segment->p_memsz > end - at)
			continue;
		uintptr_t notes_end = at + segment->p_memsz;

		while (notes_end - at >= sizeof(Elf64_Nhdr)) {
			const Elf64_Nhdr *note = (const Elf64_Nhdr *)at;
			uintptr_t name = at + sizeof *note;
			uintptr_t value = name + (note->n_namesz + 3u) / 4 * 4;

			if (value > notes_end || note->n_descsz > notes_end - value)
				break;
			if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
			    memcmp((void *)name, "GNU", 4) == 0 && note->n_descsz <= BUILD_ID_MAX) {
				memcpy(build_id, (void *)value, note->n_descsz);
				return note->n_descsz;
			}
			at = value + (note->n_descsz + 3u) / 4 * 4;
			if (at > notes_end)
				break;
		}
	}
	return 0;
}

/* The absolute path of a module. Relative ones are relative to where the program now is. */
static void put_path(struct put *p, const struct link_map *map, bool main_program)
{
	static char
		path[PATH_MAX]; /* static: the caller may be on a small stack, and has the lock */
	size_t size = 0, name_size = strlen(map->l_name);
	long length;

	if (main_program) {
		length = sys_readlink("/proc/self/exe", path, sizeof path);
		size = length > 0 ? (size_t)length : 0;
	} else if (strncmp(map->l_name, "linux-vdso", strlen("linux-vdso")) == 0) {
		size = strlen("[vdso]");
		memcpy(path, "[vdso]", size);
	} else {
		if (map->l_name[0] != '/') {
			length = sys_getcwd(path, sizeof path);
			if (length > 1 && (size_t)length + name_size < sizeof path) {
				size = (size_t)length;
				path[size - 1] = '/';
			}
		}
		if (name_size > sizeof path - size)
			name_size = sizeof path - size;
		memcpy(path + size, map->l_name, name_size);
		size += name_size;
	}
	put_string(p, path, size);
}

static void flush_locked(void)
{
	bool written = !n_records || writer_chunk(CHUNK_MODULES, n_records, records, records_used);

	/* The next block is another try, as long as there is room. */
	if (written || RECORDS_SIZE - records_used < RECORD_SIZE_MAX)
		records_used = n_records = 0;
	__atomic_store_n(&modules_n_pending, 0, __ATOMIC_RELEASE);
}

static struct put record_begin(enum module_record type, uint32_t id)
{
	if (RECORDS_SIZE - records_used < RECORD_SIZE_MAX)
		flush_locked();
	struct put p = put_into(records + records_used, RECORDS_SIZE - records_used);

	put_varint(&p, type);
	put_varint(&p, id);
	put_varint(&p, modules_generation);
	return p;
}

static void record_end(const struct put *p)
{
	if (p->bad)
		return;
	records_used = (size_t)(p->at - records);
	n_records++;
	modules_n_pending++;
}

static void record_loaded(struct module *module, uintptr_t end, const struct dl_find_object *object)
{
	bool main_program = !module->map->l_name[0];
	uint8_t build_id[BUILD_ID_MAX];
	size_t build_id_size = find_build_id(object, build_id);
	struct put p = record_begin(MODULE_LOADED, module->id);

	put_varint(&p, module->map->l_addr);
	put_path(&p, module->map, main_program);
	put_string(&p, (const char *)build_id, build_id_size);
	put_varint(&p, main_program);
	put_varint(&p, 1);
	put_varint(&p, module->start);
	put_varint(&p, end - module->start);
	record_end(&p);
}

/* A place for a new module: of one that has gone, or a new one at the end. */
static struct module *place(void)
{
	for (uint32_t i = 0; i < n_modules; i++)
		if (!modules[i].size)
			return &modules[i];
	return n_modules < MODULES_MAX ? &modules[n_modules] : NULL;
}

static void end_module(struct module *module)
{
	struct put p;

	__atomic_store_n(&modules_generation, modules_generation + 1, __ATOMIC_RELEASE);
	p = record_begin(MODULE_GONE, module->id);
	record_end(&p);
	__atomic_store_n(&module->size, 0, __ATOMIC_RELEASE);
}

static bool is_still(const struct module *module, const struct dl_find_object *object)
{
	return module->map == object->dlfo_link_map &&
	       module->start == (uintptr_t)object->dlfo_map_start &&
	       module->start + module->size == (uintptr_t)object->dlfo_map_end;
}

/* The record first: who finds the module sees that it is pending, or finds it written. */
static void add_module(const struct dl_find_object *object)
{
	struct module *module = place();
	uintptr_t end = (uintptr_t)object->dlfo_map_end;

	if (!module)
		return;
	module->map = object->dlfo_link_map;
	module->id = next_id++;
	module->start = (uintptr_t)object->dlfo_map_start;
	record_loaded(module, end, object);
	__atomic_store_n(&module->size, end - module->start, __ATOMIC_RELEASE);
	if (module == &modules[n_modules])
		__atomic_store_n(&n_modules, n_modules + 1, __ATOMIC_RELEASE);
}

void modules_note(uint64_t address)
{
	struct dl_find_object object;

	if (!modules_unsettled() && find(address))
		return;
	if (_dl_find_object((void *)(uintptr_t)address, &object) != 0)
		return;
	struct lock_held held = lock_take(&epoch->modules);
	struct module *module = find(address);

	if (module && !is_still(module, &object)) {
		end_module(module);
		module = NULL;
	}
	if (!module)
		add_module(&object);
	lock_give(&held);
}

static void check_locked(void)
{
	struct dl_find_object object;

	for (uint32_t i = 0; i < n_modules; i++)
		if (modules[i].size && (_dl_find_object((void *)modules[i].start, &object) != 0 ||
					!is_still(&modules[i], &object)))
			end_module(&modules[i]);
}

void modules_check(void)
{
	struct lock_held held = lock_take(&epoch->modules);

	check_locked();
	lock_give(&held);
}

void modules_close_begin(void)
{
	__atomic_add_fetch(&modules_closing, 1, __ATOMIC_SEQ_CST);
}

void modules_close_end(void)
{
	modules_check();
	if (modules_unsettled()) /* not in a child that was forked by a library's destructor */
		__atomic_sub_fetch(&modules_closing, 1, __ATOMIC_SEQ_CST);
}

void modules_flush(void)
{
	struct lock_held held = lock_take(&epoch->modules);

	flush_locked();
	lock_give(&held);
}

void modules_forked(void)
{
	modules_closing = 0;
}

static void record_all(void)
{
	uint32_t n = n_modules;
	struct dl_find_object object;

	records_used = n_records = 0;
	modules_n_pending = 0;
	for (uint32_t i = 0; i < n; i++) {
		if (!modules[i].size)
			continue;
		if (_dl_find_object((void *)modules[i].start, &object) == 0 &&
		    is_still(&modules[i], &object))
			record_loaded(&modules[i], (uintptr_t)object.dlfo_map_end, &object);
		else
			modules[i].size = 0;
	}
}

void modules_new_trace(void)
{
	struct lock_held held = lock_take(&epoch->modules);

	record_all();
	lock_give(&held);
}
