// SPDX-License-Identifier: MIT
/*
 * All have their arguments in registers, so that hooks of two shapes serve them: what allocates
 * gets a size and two words more, what frees a pointer and two words more. An exception of the
 * allocator passes through a hook; the next one finds the guard that it left behind.
 */
#include "operators.h"

#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <string.h>

#include "real.h"
#include "record.h"
#include "sys.h"
#include "thread.h"

#define PAGE ((uintptr_t)4096)

/* size_t m, nothrow RKSt9nothrow_t, align_val_t St11align_val_t */
#define NEWS(F)                                                                                    \
	F(0, "_Znwm")                                                                              \
	F(1, "_Znam")                                                                              \
	F(2, "_ZnwmRKSt9nothrow_t")                                                                \
	F(3, "_ZnamRKSt9nothrow_t")                                                                \
	F(4, "_ZnwmSt11align_val_t")                                                               \
	F(5, "_ZnamSt11align_val_t")                                                               \
	F(6, "_ZnwmSt11align_val_tRKSt9nothrow_t")                                                 \
	F(7, "_ZnamSt11align_val_tRKSt9nothrow_t")
#define DELETES(F)                                                                                 \
	F(8, "_ZdlPv")                                                                             \
	F(9, "_ZdaPv")                                                                             \
	F(10, "_ZdlPvm")                                                                           \
	F(11, "_ZdaPvm")                                                                           \
	F(12, "_ZdlPvRKSt9nothrow_t")                                                              \
	F(13, "_ZdaPvRKSt9nothrow_t")                                                              \
	F(14, "_ZdlPvSt11align_val_t")                                                             \
	F(15, "_ZdaPvSt11align_val_t")                                                             \
	F(16, "_ZdlPvmSt11align_val_t")                                                            \
	F(17, "_ZdaPvmSt11align_val_t")                                                            \
	F(18, "_ZdlPvSt11align_val_tRKSt9nothrow_t")                                               \
	F(19, "_ZdaPvSt11align_val_tRKSt9nothrow_t")
#define OPERATORS 20

static void *reals[OPERATORS]; /* NULL: not the allocator's */

typedef void *new_call(size_t, uintptr_t, uintptr_t);
typedef void delete_call(void *, uintptr_t, uintptr_t);

#define NEW(place, name)                                                                           \
	static void *new_##place(size_t size, uintptr_t a, uintptr_t b)                            \
	{                                                                                          \
		struct hook hook = thread_enter((uintptr_t)__builtin_frame_address(0));            \
		void *pointer = ((new_call *)reals[place])(size, a, b);                            \
                                                                                                   \
		if (hook.thread && pointer)                                                        \
			record_alloc(hook, pointer, size, 0, UNWIND_START());                      \
		thread_leave(hook);                                                                \
		return pointer;                                                                    \
	}
#define DELETE(place, name)                                                                        \
	static void delete_##place(void *pointer, uintptr_t a, uintptr_t b)                        \
	{                                                                                          \
		if (!pointer || boot_owns(pointer))                                                \
			return;                                                                    \
		struct hook hook = thread_enter((uintptr_t)__builtin_frame_address(0));            \
                                                                                                   \
		if (hook.thread)                                                                   \
			record_free(hook, pointer, 0);                                             \
		((delete_call *)reals[place])(pointer, a, b);                                      \
		thread_leave(hook);                                                                \
	}
NEWS(NEW)
DELETES(DELETE)
#undef NEW
#undef DELETE

static const struct {
	const char *name;
	void *hook;
} operators[OPERATORS] = {
#define NEW(place, name) [place] = {name, (void *)new_##place},
#define DELETE(place, name) [place] = {name, (void *)delete_##place},
	NEWS(NEW) DELETES(DELETE)
#undef NEW
#undef DELETE
};

/* What of a loaded object is needed here; all addresses are absolute. */
struct object {
	uintptr_t base, start, end;
	uintptr_t relro_start, relro_end;
	const ElfW(Phdr) * headers;
	int n_headers;
	ElfW(Sym) * symbols;
	const char *names;
	const uint32_t *hash;
	const ElfW(Rela) * tables[2];
	size_t sizes[2];
};

static void read_dynamic(struct object *object, const ElfW(Dyn) * entry)
{
	for (; entry->d_tag != DT_NULL; entry++) {
		switch (entry->d_tag) {
		case DT_SYMTAB:
			object->symbols = (ElfW(Sym) *)entry->d_un.d_ptr;
			break;
		case DT_STRTAB:
			object->names = (const char *)entry->d_un.d_ptr;
			break;
		case DT_GNU_HASH:
			object->hash = (const uint32_t *)entry->d_un.d_ptr;
			break;
		case DT_RELA:
			object->tables[0] = (const ElfW(Rela) *)entry->d_un.d_ptr;
			break;
		case DT_RELASZ:
			object->sizes[0] = entry->d_un.d_val / sizeof(ElfW(Rela));
			break;
		case DT_JMPREL:
			object->tables[1] = (const ElfW(Rela) *)entry->d_un.d_ptr;
			break;
		case DT_PLTRELSZ:
			object->sizes[1] = entry->d_un.d_val / sizeof(ElfW(Rela));
			break;
		default:
			break;
		}
	}
}

/* False for one without symbols, or whose table is not relocated (the vDSO's). */
static bool read_object(struct object *object, const struct dl_phdr_info *info)
{
	*object = (struct object){.base = info->dlpi_addr,
				  .start = UINTPTR_MAX,
				  .headers = info->dlpi_phdr,
				  .n_headers = info->dlpi_phnum};
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &info->dlpi_phdr[i];
		uintptr_t start = object->base + header->p_vaddr, end = start + header->p_memsz;

		if (header->p_type == PT_LOAD) {
			object->start = start < object->start ? start : object->start;
			object->end = end > object->end ? end : object->end;
		} else if (header->p_type == PT_GNU_RELRO) {
			object->relro_start = start & -PAGE;
			object->relro_end = end & -PAGE;
		} else if (header->p_type == PT_DYNAMIC) {
			read_dynamic(object, (const ElfW(Dyn) *)start);
		}
	}
	return (uintptr_t)object->symbols >= object->start &&
	       (uintptr_t)object->symbols < object->end && object->names;
}

/* The operator that a symbol names, or -1. */
static int operator_of(const struct object *object, const ElfW(Sym) * symbol)
{
	const char *name = object->names + symbol->st_name;

	if (name[0] != '_' || name[1] != 'Z' || (name[2] != 'n' && name[2] != 'd'))
		return -1;
	for (int i = 0; i < OPERATORS; i++)
		if (strcmp(name, operators[i].name) == 0)
			return i;
	return -1;
}

static bool missed; /* a reference could not be turned */

/* Writes a word of memory whose protection is `kept` otherwise. */
static void write_word(uintptr_t *at, uintptr_t value, int kept)
{
	uintptr_t page = (uintptr_t)at & -PAGE;

	if (sys_mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE) < 0) {
		missed = true;
		return;
	}
	*at = value;
	sys_mprotect((void *)page, PAGE, kept);
}

/* Within the allocator what is not bound yet is, so that it stays its own. */
static void turn_reference(const struct object *object, const ElfW(Rela) * reference)
{
	unsigned type = ELF64_R_TYPE(reference->r_info);
	const ElfW(Sym) *symbol = &object->symbols[ELF64_R_SYM(reference->r_info)];

	if (type != R_X86_64_GLOB_DAT && type != R_X86_64_JUMP_SLOT && type != R_X86_64_64)
		return;
	int place = operator_of(object, symbol);
	uintptr_t *slot = (uintptr_t *)(object->base + reference->r_offset);

	if (place < 0 || !reals[place])
		return;
	/* A slot that leads into the object itself is not bound yet. */
	bool own = real_is_allocator(object->start);
	bool unbound = type == R_X86_64_JUMP_SLOT && (own || symbol->st_shndx == SHN_UNDEF) &&
		       *slot - object->start < object->end - object->start;
	uintptr_t target = (uintptr_t)(own ? reals[place] : operators[place].hook);

	if (*slot != (uintptr_t)reals[place] && !unbound)
		return;
	if ((uintptr_t)slot - object->relro_start < object->relro_end - object->relro_start)
		write_word(slot, target, PROT_READ);
	else
		*slot = target;
}

static size_t symbol_count(const uint32_t *hash)
{
	uint32_t n_buckets = hash[0], first = hash[1], last = 0;
	const uint32_t *buckets = hash + 4 + hash[2] * (sizeof(uint64_t) / sizeof *hash),
		       *chain = buckets + n_buckets;

	for (uint32_t i = 0; i < n_buckets; i++)
		last = buckets[i] > last ? buckets[i] : last;
	if (last < first)
		return 0;
	while (!(chain[last - first] & 1))
		last++;
	return last + 1;
}

static int protection_of(const struct object *object, uintptr_t address)
{
	for (int i = 0; i < object->n_headers; i++) {
		const ElfW(Phdr) *header = &object->headers[i];

		if (header->p_type == PT_LOAD &&
		    address - object->base - header->p_vaddr < header->p_memsz)
			return (header->p_flags & PF_R ? PROT_READ : 0) |
			       (header->p_flags & PF_W ? PROT_WRITE : 0) |
			       (header->p_flags & PF_X ? PROT_EXEC : 0);
	}
	return PROT_READ;
}

/*
 * Takes the operators that the allocator defines and that are found under their names, and has
 * ld.so find the hooks there from now on. A look-up cannot fail here: failures allocate.
 */
static void turn_definitions(const struct object *object)
{
	size_t n = object->hash ? symbol_count(object->hash) : 0;

	for (size_t i = 0; i < n; i++) {
		ElfW(Sym) *symbol = &object->symbols[i];
		int place = symbol->st_shndx == SHN_UNDEF ? -1 : operator_of(object, symbol);
		uintptr_t defined = object->base + symbol->st_value;

		if (place < 0 || dlsym(RTLD_DEFAULT, operators[place].name) != (void *)defined)
			continue;
		reals[place] = (void *)defined;
		write_word(&symbol->st_value, (uintptr_t)operators[place].hook - object->base,
			   protection_of(object, (uintptr_t)&symbol->st_value));
	}
}

static int turn_allocator(struct dl_phdr_info *info, size_t size, void *unused)
{
	struct object object;

	(void)size;
	(void)unused;
	if (read_object(&object, info) && real_is_allocator(object.start)) {
		turn_definitions(&object);
		return 1;
	}
	return 0;
}

static int turn_references(struct dl_phdr_info *info, size_t size, void *unused)
{
	struct object object;

	(void)size;
	(void)unused;
	if (!read_object(&object, info))
		return 0;
	for (int table = 0; table < 2; table++)
		for (size_t i = 0; i < object.sizes[table]; i++)
			turn_reference(&object, &object.tables[table][i]);
	return 0;
}

void operators_take(void)
{
	if (real_has_allocator() && dl_iterate_phdr(turn_allocator, NULL))
		dl_iterate_phdr(turn_references, NULL);
}

bool operators_are_missed(void)
{
	return missed;
}
