// SPDX-License-Identifier: MIT
/*
 * The demonstration: a small C++ service that allocates in many ways and forgets to free some of
 * it. `leak --sites` prints "FILE LINE COUNT BYTES" of what is still held at each site at the end.
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <vector>

struct site {
	int line;
	unsigned long count, bytes;
};
static site sites[32];
static int n_sites;

// Says what a line leaves behind; no allocation of its own, so that the table stays the program's.
static void held(int line, unsigned long count, unsigned long bytes)
{
	for (int i = 0; i < n_sites; i++) {
		if (sites[i].line == line) {
			sites[i].count += count;
			sites[i].bytes += bytes;
			return;
		}
	}
	sites[n_sites++] = {line, count, bytes};
}
#define HELD(count, bytes, call) (held(__LINE__, count, bytes), call)

struct session {
	char name[24];
	session *next;
};
using node = std::_Rb_tree_node<std::pair<const int, int>>; // of the map
struct picture {
	unsigned char pixels[64 * 64];
};

static session *sessions;
static std::vector<char *> log_lines;
static std::vector<std::unique_ptr<picture>> cache;
static std::map<int, int> *hits;
static std::string *motto;
static void *volatile sink;

static void session_open(int i)
{
	session *s = HELD(1, sizeof *s, new session); // the leak: nobody ever closes one

	snprintf(s->name, sizeof s->name, "session %d", i);
	s->next = sessions;
	sessions = s;
}

static char *log_line(const char *text)
{
	char *line = HELD(1, strlen(text) + 1, strdup(text));

	return line;
}

static std::unique_ptr<picture> picture_load()
{
	auto p = HELD(1, sizeof(picture), std::make_unique<picture>());

	memset(p->pixels, 7, sizeof p->pixels);
	return p;
}

template <typename T> static T *table_make(size_t n)
{
	void *table = HELD(1, n * sizeof(T), calloc(n, sizeof(T)));

	return static_cast<T *>(table);
}

static unsigned long checksum(const unsigned char *bytes, size_t size)
{
	unsigned char *copy = static_cast<unsigned char *>(malloc(size)); // freed again below
	unsigned long sum = 0;

	memcpy(copy, bytes, size);
	for (size_t i = 0; i < size; i++)
		sum += copy[i];
	free(copy);
	return sum;
}

static unsigned long serve(int requests)
{
	unsigned long sum = 0;

	for (int i = 0; i < requests; i++) {
		session_open(i);
		if (i % 4 == 0)
			log_lines.push_back(log_line("request served in 12 ms"));
		if (i % 10 == 0)
			cache.push_back(picture_load());
		sum += checksum(cache.back()->pixels, sizeof(picture));
	}
	return sum;
}

int main(int argc, char **argv)
{
	HELD(1, 500 * sizeof(char *), log_lines.reserve(500));
	HELD(1, 200 * sizeof(void *), cache.reserve(200));
	hits = HELD(1, sizeof *hits, (new std::map<int, int>));
	for (int i = 0; i < 100; i++)
		HELD(1, sizeof(node), hits->emplace(i, i));
	motto = HELD(2, sizeof *motto + 201, new std::string(200, 'm'));
	sink = HELD(1, 333 * sizeof(double), new double[333]);
	sink = HELD(1, 12345, malloc(12345));
	sink = table_make<int>(1000);
	sink = table_make<double>(500);
	sink = HELD(1, 54321, realloc(malloc(10), 54321));
	sink = HELD(1, 1024, aligned_alloc(256, 1024));
	{
		std::vector<char> report(3 << 20, 'r'); // the peak is here, and nothing of it stays
		sink = report.data();
	}
	unsigned long sum = serve(1000);

	if (argc > 1 && strcmp(argv[1], "--sites") == 0)
		for (int i = 0; i < n_sites; i++)
			printf("%s %d %lu %lu\n", __FILE__, sites[i].line, sites[i].count,
			       sites[i].bytes);
	else
		printf("served 1000 requests, checksum %lu\n", sum);
	fflush(stdout);
	// Still reachable from globals: nobody frees it, as in a service that is stopped.
	_Exit(0);
}
