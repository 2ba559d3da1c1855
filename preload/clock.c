// SPDX-License-Identifier: MIT
/*
 * The coarse clock is read through the vDSO, found by hand: libc's clock_gettime may be interposed
 * by the program (libfaketime), and a system call every few events would cost more than the events.
 */
#include "clock.h"

#include <elf.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>

#include "sys.h"

bool clock_uses_tsc;
uint64_t clock_counter;

static int (*vdso_clock_gettime)(clockid_t, struct timespec *);
static uint64_t started_ns;

/* The dynamic section's pointers, which the vDSO leaves unrelocated. */
struct vdso_tables {
	const Elf64_Sym *symbols;
	const char *strings;
	const uint32_t *hash; /* DT_HASH; [1] is the number of symbols */
};

static struct vdso_tables read_vdso(uintptr_t base)
{
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)base;
	const Elf64_Phdr *segments = (const Elf64_Phdr *)(base + header->e_phoff);
	const Elf64_Dyn *dynamic = NULL;
	uintptr_t bias = 0;
	struct vdso_tables tables = {0};

	for (unsigned i = 0; i < header->e_phnum; i++) {
		if (segments[i].p_type == PT_LOAD)
			bias = base + segments[i].p_offset - segments[i].p_vaddr;
		else if (segments[i].p_type == PT_DYNAMIC)
			dynamic = (const Elf64_Dyn *)(base + segments[i].p_offset);
	}
	for (; dynamic && dynamic->d_tag != DT_NULL; dynamic++) {
		if (dynamic->d_tag == DT_SYMTAB)
			tables.symbols = (const Elf64_Sym *)(bias + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_STRTAB)
			tables.strings = (const char *)(bias + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_HASH)
			tables.hash = (const uint32_t *)(bias + dynamic->d_un.d_ptr);
	}
	return tables;
}

static void find_vdso(void)
{
	uintptr_t base = getauxval(AT_SYSINFO_EHDR);
	struct vdso_tables tables = base ? read_vdso(base) : (struct vdso_tables){0};

	if (!tables.symbols || !tables.strings || !tables.hash)
		return;
	for (uint32_t i = 0; i < tables.hash[1]; i++)
		if (strcmp(tables.strings + tables.symbols[i].st_name, "__vdso_clock_gettime") == 0)
			vdso_clock_gettime = (int (*)(clockid_t, struct timespec *))(
				base + tables.symbols[i].st_value);
}

/* The kernel keeps a clock source based on the TSC only while it trusts it on all cores. */
static bool kernel_trusts_tsc(void)
{
	static const char *const trusted[] = {"tsc\n", "kvm-clock\n",
					      "hyperv_clocksource_tsc_page\n"};
	char name[64] = "";
	int setting = PR_TSC_ENABLE;
	int fd = sys_open("/sys/devices/system/clocksource/clocksource0/current_clocksource",
			  O_RDONLY | O_CLOEXEC, 0);
	long size;

	if (fd < 0)
		return false;
	size = sys_read(fd, name, sizeof name - 1);
	sys_close(fd);
	sys_prctl(PR_GET_TSC, (long)&setting);
	for (size_t i = 0;
	     size > 0 && setting == PR_TSC_ENABLE && i < sizeof trusted / sizeof *trusted; i++)
		if (strcmp(name, trusted[i]) == 0)
			return true;
	return false;
}

static uint64_t read_clock(clockid_t clock)
{
	struct timespec now = {0};

	if (!vdso_clock_gettime || vdso_clock_gettime(clock, &now) != 0)
		sys_clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void clock_start(void)
{
	clock_uses_tsc = kernel_trusts_tsc();
	clock_counter = 0;
	if (!vdso_clock_gettime)
		find_vdso();
	started_ns = read_clock(CLOCK_MONOTONIC_COARSE);
}

uint64_t clock_coarse(void)
{
	return read_clock(CLOCK_MONOTONIC_COARSE) - started_ns;
}

uint64_t clock_realtime(void)
{
	return read_clock(CLOCK_REALTIME);
}
