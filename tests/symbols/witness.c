// SPDX-License-Identifier: MIT
/*
 * What the DWARF of a file states about addresses, by brute force: every DIE with code around the
 * address, outermost first, and every row of the line table that stands for it.  It chooses nothing,
 * so it can judge between two that did.  Linked with nothing of the analyzer.
 *
 * witness FILE <ADDRESSES; each answer is a line "> ADDRESS" and below it, by tabs:
 *   die TAG OFFSET LOW HIGH UNIT-OF-ORIGIN CALL-FILE CALL-LINE LINKAGE NAME TAG:OFFSET...
 *                                      LOW and HIGH: of the range that has the address;
 *                                      at the end the DIEs around it, the unit's last
 *   row UNIT FILE LINE IS-STMT START END   the last row at or before the address, and its like
 */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct asked {
	uint64_t address;
	char *text; /* the answer */
	size_t size;
	FILE *out;
};

/* The way to a DIE. */
struct path {
	const struct path *outer;
	Dwarf_Die *die;
	Dwarf_Files *files;    /* of the unit */
	const char *directory; /* too */
};

static struct asked *asked;
static size_t n_asked;

static int by_address(const void *a, const void *b)
{
	const struct asked *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static size_t first_from(uint64_t address)
{
	size_t low = 0, high = n_asked;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (asked[middle].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const char *text_of(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	const char *text = NULL;

	if (dwarf_attr_integrate(die, attribute, &found))
		text = dwarf_formstring(&found);
	return text && *text ? text : "??";
}

/* A path as it is stated, below the directory of the compilation unless that is said. */
static void tell_file(FILE *out, const char *directory, const char *file)
{
	if (file && *file != '/' && directory)
		fprintf(out, "%s/", directory);
	fprintf(out, "%s\t", file ? file : "??");
}

static Dwarf_Off origin_unit(Dwarf_Die *die)
{
	Dwarf_Attribute found;
	Dwarf_Die origin, unit;

	if (dwarf_attr(die, DW_AT_abstract_origin, &found) && dwarf_formref_die(&found, &origin) &&
	    dwarf_diecu(&origin, &unit, NULL, NULL))
		return dwarf_dieoffset(&unit);
	return 0;
}

static Dwarf_Word number_of(Dwarf_Die *die, unsigned attribute)
{
	Dwarf_Attribute found;
	Dwarf_Word number = 0;

	if (dwarf_attr(die, attribute, &found))
		dwarf_formudata(&found, &number);
	return number;
}

/* The DIE is the last on the path. */
static void tell_die(FILE *out, const struct path *path, uint64_t low, uint64_t high)
{
	Dwarf_Die *die = path->die;
	const char *file = NULL;

	if (dwarf_hasattr(die, DW_AT_call_file) && path->files)
		file = dwarf_filesrc(path->files, number_of(die, DW_AT_call_file), NULL, NULL);
	fprintf(out, "die\t%#x\t%#lx\t%#lx\t%#lx\t%#lx\t", (unsigned)dwarf_tag(die),
		dwarf_dieoffset(die), low, high, origin_unit(die));
	tell_file(out, path->directory, file);
	fprintf(out, "%lu\t%s\t%s\t", number_of(die, DW_AT_call_line),
		text_of(die, DW_AT_linkage_name), text_of(die, DW_AT_name));
	for (const struct path *at = path->outer; at; at = at->outer)
		fprintf(out, "%#x:%#lx ", (unsigned)dwarf_tag(at->die), dwarf_dieoffset(at->die));
	fputc('\n', out);
}

static void tell_ranges(const struct path *path)
{
	Dwarf_Addr base, low, high;
	ptrdiff_t at = 0;

	while ((at = dwarf_ranges(path->die, at, &base, &low, &high)) > 0)
		for (size_t i = first_from(low); low && i < n_asked && asked[i].address < high; i++)
			tell_die(asked[i].out, path, low, high);
}

static void tell_dies(const struct path *path)
{
	Dwarf_Die child;
	struct path below = {path, &child, path->files, path->directory};

	tell_ranges(path);
	if (dwarf_child(path->die, &child) == 0)
		do
			tell_dies(&below);
		while (dwarf_siblingof(&child, &child) == 0);
}

static void tell_row(const struct path *unit, Dwarf_Line *row, uint64_t start, uint64_t end)
{
	int line = 0;
	bool statement = false, last = false;

	dwarf_lineendsequence(row, &last);
	if (last)
		return;
	dwarf_lineno(row, &line);
	dwarf_linebeginstatement(row, &statement);
	for (size_t i = first_from(start); i < n_asked && asked[i].address < end; i++) {
		FILE *out = asked[i].out;

		fprintf(out, "row\t%#lx\t", dwarf_dieoffset(unit->die));
		tell_file(out, unit->directory, dwarf_linesrc(row, NULL, NULL));
		fprintf(out, "%d\t%d\t%#lx\t%#lx\n", line, statement, start, end);
	}
}

/* All rows at one address are told, in their order. */
static void tell_lines(const struct path *unit)
{
	Dwarf_Lines *lines;
	size_t n, next = 0;

	if (dwarf_getsrclines(unit->die, &lines, &n) != 0)
		return;
	for (size_t i = 0; i < n; i = next) {
		Dwarf_Addr start, end = 0;

		dwarf_lineaddr(dwarf_onesrcline(lines, i), &start);
		for (next = i + 1; next < n; next++)
			if (dwarf_lineaddr(dwarf_onesrcline(lines, next), &end) == 0 &&
			    end != start)
				break;
		for (size_t k = i; k < next && next < n && start; k++)
			tell_row(unit, dwarf_onesrcline(lines, k), start, end);
	}
}

static void read_addresses(void)
{
	char line[64];
	size_t cap = 0;

	while (fgets(line, sizeof(line), stdin)) {
		if (n_asked == cap) {
			cap = cap ? 2 * cap : 1024;
			asked = realloc(asked, cap * sizeof(*asked));
			if (!asked)
				exit(1);
		}
		asked[n_asked++] = (struct asked){.address = strtoull(line, NULL, 16)};
	}
	qsort(asked, n_asked, sizeof(*asked), by_address);
	for (size_t i = 0; i < n_asked; i++) {
		asked[i].out = open_memstream(&asked[i].text, &asked[i].size);
		if (!asked[i].out)
			exit(1);
	}
}

/* Units that hold code; those of dwz's and those that were split off are not read. */
static void tell_units(Dwarf *dwarf)
{
	Dwarf_CU *unit = NULL;
	Dwarf_Die die;
	uint8_t type;

	while (dwarf_get_units(dwarf, unit, &unit, NULL, &type, &die, NULL) == 0) {
		struct path path = {NULL, &die, NULL, NULL};
		Dwarf_Attribute found;

		if (type != DW_UT_compile)
			continue;
		dwarf_getsrcfiles(&die, &path.files, NULL);
		path.directory = dwarf_formstring(dwarf_attr(&die, DW_AT_comp_dir, &found));
		tell_dies(&path);
		tell_lines(&path);
	}
}

int main(int argc, char **argv)
{
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	Dwarf *dwarf = dwarf_begin(fd, DWARF_C_READ);

	if (fd < 0)
		return 2;
	read_addresses();
	if (dwarf)
		tell_units(dwarf);
	for (size_t i = 0; i < n_asked; i++) {
		fclose(asked[i].out);
		printf("> %#lx\n%s", asked[i].address, asked[i].text);
		free(asked[i].text);
	}
	free(asked);
	return 0;
}
