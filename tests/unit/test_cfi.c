// SPDX-License-Identifier: MIT
/*
 * Every row of the call frame information of real libraries, compared with elfutils; and damaged
 * sections, which must end in false without a read outside them.
 */
#include <dlfcn.h>
#include <string.h>
#include <sys/mman.h>

#include "compared_cfi.h"
#include "preload/cfi.h"
#include "preload/cfi_module.h"
#include "tests/test.h"

#ifdef __SANITIZE_ADDRESS__
enum { EVERY = 13 }; /* every 13th address and the ends of all rows */
#else
enum { EVERY = 1 };
#endif

/* At every address of the library that holds `symbol`. */
static void check_library(const char *name, const char *symbol, unsigned long rows_at_least)
{
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	void *code = handle ? dlsym(handle, symbol) : NULL;
	struct cfi_tally tally;
	Dl_info info;

	if (!code || !dladdr(code, &info))
		SKIP("no such library here");
	CHECK(compare_cfi(info.dli_fname, EVERY, &tally));
	CHECK_EQ(tally.different, 0);
	CHECK(tally.rows >= rows_at_least);
	CHECK(tally.addresses > tally.rows);
}

TEST(rows_of_libc_are_those_of_elfutils)
{
	check_library("libc.so.6", "qsort", 10000);
}

TEST(rows_of_the_loader_are_those_of_elfutils)
{
	check_library(NULL, "__tls_get_addr", 1000);
}

TEST(rows_of_libstdcxx_are_those_of_elfutils)
{
	check_library("libstdc++.so.6", "__cxa_throw", 10000);
}

TEST(rows_of_libcrypto_are_those_of_elfutils)
{
	check_library("libcrypto.so.3", "EVP_DigestInit", 10000);
}

TEST(rows_of_the_vdso_are_found)
{
	static struct cfi_scratch scratch;
	struct cfi_section section;
	struct cfi_row row;
	Dl_info info;
	void *code = dlvsym(dlopen("linux-vdso.so.1", RTLD_NOW | RTLD_NOLOAD),
			    "__vdso_clock_gettime", "LINUX_2.6");

	if (!code || !dladdr(code, &info))
		SKIP("no vdso here");
	CHECK(cfi_module_find((uintptr_t)code, &scratch, &section, &row) == CFI_FOUND);
}

/* ---- hand-made sections ---- */

enum { CODE = 0x10000, CODE_SIZE = 0x100, FRAMES = 64 };

/* A section whose one FDE covers CODE .. CODE + CODE_SIZE, ending right before an unreadable page.
 */
struct made {
	uint8_t *page; /* two pages, the second one unreadable */
	uint8_t bytes[512];
	size_t size;
};

static void put(struct made *made, uint64_t value, unsigned size)
{
	for (unsigned i = 0; i < size; i++)
		made->bytes[made->size++] = (uint8_t)(value >> 8 * i);
}

static size_t record_begin(struct made *made)
{
	put(made, 0, 4);
	return made->size;
}

static void record_end(struct made *made, size_t start)
{
	while ((made->size - start) % 4)
		put(made, 0, 1);
	uint32_t length = (uint32_t)(made->size - start);

	memcpy(made->bytes + start - 4, &length, 4);
}

/* The header has no table (scan) or a table of one entry whose offsets count from the header. */
static void make(struct made *made, const void *program, size_t size)
{
	static const uint8_t cie[] = {1, 'z',  'R',  'S', 0, 1,	   0x78, 16,
				      1, 0x00, 0x0c, 7,	  8, 0x90, 1};

	*made = (struct made){.page = made->page};
	if (!made->page) {
		made->page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				  -1, 0);
		mprotect(made->page + 4096, 4096, PROT_NONE);
	}
	put(made, 1, 1);
	put(made, 0x1b, 1); /* .eh_frame: 4 bytes from here */
	put(made, 0xff, 1);
	put(made, 0xff, 1);
	put(made, 4, 4);
	size_t start = record_begin(made);
	size_t cie_place = start - 4;

	put(made, 0, 4);
	memcpy(made->bytes + made->size, cie, sizeof(cie));
	made->size += sizeof(cie);
	record_end(made, start);
	start = record_begin(made);
	put(made, start - cie_place, 4);
	put(made, CODE, 8);
	put(made, CODE_SIZE, 8);
	put(made, 0, 1);
	memcpy(made->bytes + made->size, program, size);
	made->size += size;
	record_end(made, start);
}

/* Copies `size` bytes up against the unreadable page and looks pc up. */
static bool find_in(const struct made *made, size_t size, uintptr_t pc, struct cfi_section *section,
		    struct cfi_row *row)
{
	static struct cfi_scratch scratch;
	uint8_t *start = made->page + 4096 - size;

	memcpy(start, made->bytes, size);
	*section = (struct cfi_section){.start = start, .end = start + size, .header = start};
	return cfi_find(section, pc, &scratch, row);
}

TEST(a_row_holds_from_its_location_to_the_next)
{
	static const uint8_t program[] = {0x0e, 16, 0x44, 0x0e, 24, 0x86, 3, 0x41, 0xc6};
	struct made made = {0};
	struct cfi_section section;
	struct cfi_row row;

	make(&made, program, sizeof(program));
	CHECK(!find_in(&made, made.size, CODE - 1, &section, &row));
	CHECK(!find_in(&made, made.size, CODE + CODE_SIZE, &section, &row));
	CHECK(find_in(&made, made.size, CODE + 3, &section, &row));
	CHECK_EQ(row.cfa.value, 16);
	CHECK(row.signal);
	CHECK(find_in(&made, made.size, CODE + 4, &section, &row));
	CHECK_EQ(row.cfa.value, 24);
	CHECK_EQ(row.reg[CFI_RBP].value, -24);
	CHECK(find_in(&made, made.size, CODE + 5, &section, &row));
	CHECK_EQ(row.reg[CFI_RBP].how, CFI_UNSPECIFIED);
	CHECK_EQ(row.reg[CFI_RIP].value, -8);
	munmap(made.page, 8192);
}

TEST(a_section_cut_at_any_byte_is_refused_or_read)
{
	static const uint8_t program[] = {0x0a, 0x0e, 16,   0x0f, 3,	0x77, 8,    6, 0x16,
					  3,	2,    0x77, 0,	  0x0b, 0x44, 0x2e, 8};
	struct made made = {0};
	struct cfi_section section;
	struct cfi_row row;

	make(&made, program, sizeof(program));
	CHECK(find_in(&made, made.size, CODE + 1, &section, &row));
	for (size_t size = 0; size < made.size; size++)
		CHECK(!find_in(&made, size, CODE + 1, &section, &row));
	munmap(made.page, 8192);
}

/* An FDE of [from, from + size), relative to the header; returns where it stands. */
static size_t put_fde(struct made *made, size_t cie, uint32_t from, uint32_t size)
{
	size_t start = record_begin(made);

	put(made, start - cie, 4);
	put(made, from - (uint32_t)made->size, 4);
	put(made, size, 4);
	put(made, 0, 1);
	record_end(made, start);
	return start - 4;
}

TEST(empty_functions_hide_no_others)
{
	static const uint8_t cie_bytes[] = {1, 'z',  'R',  0, 1, 0x78, 16,
					    1, 0x1b, 0x0c, 7, 8, 0x90, 1};
	enum { ENTRIES = 3 };
	static const uint32_t starts[ENTRIES] = {0x1000, 0x1040, 0x2000};
	size_t places[ENTRIES];
	struct made made = {0};
	struct cfi_section section;
	struct cfi_row row;

	make(&made, "", 0);
	made.size = 0;
	put(&made, 0x3b031b01, 4);
	put(&made, 8 + 8 * ENTRIES, 4);
	put(&made, ENTRIES, 4);
	made.size += 8 * ENTRIES;
	size_t cie = made.size, start = record_begin(&made);

	put(&made, 0, 4);
	memcpy(made.bytes + made.size, cie_bytes, sizeof(cie_bytes));
	made.size += sizeof(cie_bytes);
	record_end(&made, start);
	places[0] = put_fde(&made, cie, 0x1000, 0x100);
	places[1] = put_fde(&made, cie, 0x1040, 0); /* inside of another one */
	places[2] = put_fde(&made, cie, 0x2000, 0); /* named in place of the next one */
	put_fde(&made, cie, 0x2000, 0x10);
	for (unsigned i = 0; i < ENTRIES; i++) {
		uint32_t entry[2] = {starts[i], (uint32_t)places[i]};

		memcpy(made.bytes + 12 + 8 * i, entry, sizeof(entry));
	}
	uintptr_t header = (uintptr_t)made.page + 4096 - made.size;

	CHECK(find_in(&made, made.size, header + 0x1000, &section, &row));
	CHECK(find_in(&made, made.size, header + 0x1040, &section, &row));
	CHECK(find_in(&made, made.size, header + 0x10ff, &section, &row));
	CHECK(!find_in(&made, made.size, header + 0x1100, &section, &row));
	CHECK(find_in(&made, made.size, header + 0x2000, &section, &row));
	CHECK(find_in(&made, made.size, header + 0x200f, &section, &row));
	CHECK(!find_in(&made, made.size, header + 0x2010, &section, &row));
	munmap(made.page, 8192);
}

/* A loader that finds nothing but zeros. */
static bool load_zero(struct cfi_memory *memory, uintptr_t address, unsigned size, uint64_t *value)
{
	(void)memory, (void)address, (void)size;
	*value = 0;
	return true;
}

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525u + 1013904223u;
	return *state >> 8;
}

TEST(random_damage_neither_hangs_nor_reads_outside)
{
	static const uint8_t program[] = {0x0a, 0x0e, 16,   0x0f, 3,	0x77, 8,    6, 0x16,
					  3,	2,    0x77, 0,	  0x0b, 0x44, 0x2e, 8};
	struct cfi_memory memory = {.load = load_zero};
	struct cfi_registers from = {.known = UINT32_MAX}, to;
	struct made made = {0};
	struct cfi_section section;
	struct cfi_row row;
	uint32_t random = 1, found = 0;

	for (int round = 0; round < 200000; round++) {
		make(&made, program, sizeof(program));
		for (unsigned n = 1 + next_random(&random) % 6; n; n--)
			made.bytes[next_random(&random) % made.size] =
				(uint8_t)next_random(&random);
		if (!find_in(&made, made.size, CODE + next_random(&random) % 8, &section, &row))
			continue;
		found++;
		cfi_step(&section, &row, &from, &memory, &to);
	}
	CHECK(found > 1000);
	munmap(made.page, 8192);
}

/* Runs one expression as the rule of the CFA over rsp = 1000 and zeroed memory. */
static uint64_t cfa_by(const void *expression, uint8_t size, enum cfi_end expected)
{
	struct cfi_memory memory = {.load = load_zero};
	struct cfi_registers from = {.known = 0}, to;
	struct made made = {0};
	struct cfi_section section;
	struct cfi_row row;
	uint8_t program[64] = {0x0f, size};

	memcpy(program + 2, expression, size);
	make(&made, program, size + 2u);
	cfi_set(&from, CFI_RSP, 1000);
	CHECK(find_in(&made, made.size, CODE, &section, &row));
	CHECK_EQ(cfi_step(&section, &row, &from, &memory, &to), expected);
	munmap(made.page, 8192);
	return to.value[CFI_RSP];
}

TEST(expressions_compute)
{
	static const uint8_t plt[] = {0x77, 8, 0x77, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22};
	static const uint8_t arithmetic[] = {0x08, 7,	 0x32, 0x1e, 0x35, 0x1b,
					     0x19, 0x1f, 0x20, 0x23, 100};
	static const uint8_t stack[] = {0x31, 0x32, 0x33, 0x17, 0x16, 0x14,
					0x13, 0x1c, 0x1c, 0x12, 0x22};
	static const uint8_t loop[] = {0x2f, 0xfd, 0xff};
	static const uint8_t other[] = {0x73, 0};
	static const uint8_t zero[] = {0x31, 0x30, 0x1b};

	CHECK_EQ(cfa_by(plt, sizeof(plt), CFI_STEPPED), 1008);
	CHECK_EQ(cfa_by(arithmetic, sizeof(arithmetic), CFI_STEPPED), 101);
	CHECK_EQ(cfa_by(stack, sizeof(stack), CFI_STEPPED), 4);
	cfa_by(loop, sizeof(loop), CFI_UNREADABLE);
	cfa_by(other, sizeof(other), CFI_UNKNOWN);
	cfa_by(zero, sizeof(zero), CFI_UNREADABLE);
}
