// SPDX-License-Identifier: MIT
/*
 * What a C++ program does with its heap, DEPTH calls deep: nested DEPTH OPERATIONS.
 *
 * A document is walked by mutually recursive functions; every level keeps something for its callees
 * and drops it on return. Which function a level is rarely changes, but for the innermost levels:
 * those branch at random, and the leaves work on strings, vectors, maps, shared pointers and
 * functions. So stacks repeat as they do in programs. One operation makes about 20 events.
 */
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#define OWN_FRAME __attribute__((noinline))

namespace
{

constexpr unsigned branching = 4; /* levels above a leaf that call their callees twice */

struct chance {
	uint64_t state = 88172645463325252;

	unsigned below(unsigned n)
	{
		state ^= state << 13;
		state ^= state >> 7;
		state ^= state << 17;
		return static_cast<unsigned>((state >> 32) % n);
	}
};

struct node {
	std::string name;
	std::vector<std::shared_ptr<node>> children;
};

class document
{
      public:
	document(unsigned calls, unsigned long operations) : depth(calls), left(operations)
	{
	}

	OWN_FRAME void run()
	{
		while (left)
			section(1, "document");
	}

	unsigned long total() const
	{
		return sum + words.size() + recent.size();
	}

      private:
	/* The levels: each has its own frame layout, and keeps other things while its callees run. */
	OWN_FRAME void section(unsigned level, const std::string &path)
	{
		std::string here = path.substr(0, 24) + "/section-" + std::to_string(level);

		descend(level, here);
		sum += here.size();
	}

	OWN_FRAME void list(unsigned level, const std::string &path)
	{
		std::vector<unsigned> order;

		for (unsigned i = 0; i < 2 + level % 5; i++)
			order.push_back(luck.below(100));
		std::sort(order.begin(), order.end(), std::greater<>());
		descend(level, path);
		sum += order.front();
	}

	OWN_FRAME void table(unsigned level, const std::string &path)
	{
		char cells[96];

		sum += static_cast<unsigned>(
			snprintf(cells, sizeof cells, "%u:%s", level, path.c_str()));
		descend(level, path);
		sum += static_cast<unsigned char>(cells[luck.below(2)]);
	}

	OWN_FRAME void quote(unsigned level, const std::string &path)
	{
		auto held = std::make_unique<node>();

		held->name = path;
		descend(level, held->name);
	}

	OWN_FRAME void descend(unsigned level, const std::string &path)
	{
		bool branches = level + 2 * branching > depth;
		unsigned times = branches ? 2 : 1;

		/* Two frames a level: this one and the level's own. */
		while (times-- && left) {
			unsigned which =
				branches || !luck.below(64) ? luck.below(4) : level / 2 % 4;

			if (level + 2 > depth) {
				leaf(path);
				continue;
			}
			switch (which) {
			case 0:
				section(level + 2, path);
				break;
			case 1:
				list(level + 2, path);
				break;
			case 2:
				table(level + 2, path);
				break;
			default:
				quote(level + 2, path);
				break;
			}
		}
	}

	OWN_FRAME void leaf(const std::string &path)
	{
		left--;
		switch (luck.below(6)) {
		case 0:
			count_words(path);
			break;
		case 1:
			remember(path);
			break;
		case 2:
			build_tree(luck.below(3) + 1, path);
			break;
		case 3:
			sort_names();
			break;
		case 4:
			call_later(path);
			break;
		default:
			forget();
			break;
		}
	}

	OWN_FRAME void count_words(const std::string &path)
	{
		std::string text = path + " of a longer text with some more words";
		std::vector<std::string> parts;

		for (size_t at = 0; at < text.size();) {
			size_t end = std::min(text.find_first_of(" /", at), text.size());

			parts.push_back(text.substr(at, end - at) +
					std::string(luck.below(40), '.'));
			at = end + 1;
		}
		for (auto &part : parts)
			words[part]++;
	}

	OWN_FRAME void remember(const std::string &path)
	{
		std::string key = "key number " + std::to_string(luck.below(5000));

		store[key].push_back(path.size());
		recent.push_back(std::make_shared<node>(node{key, {}}));
		if (recent.size() > 1000)
			recent.pop_front();
	}

	OWN_FRAME std::shared_ptr<node> build_tree(unsigned levels, const std::string &name)
	{
		auto made = std::make_shared<node>(node{name.substr(0, 8 + luck.below(30)), {}});

		for (unsigned i = 0; levels && i < 2; i++)
			made->children.push_back(build_tree(levels - 1, name));
		if (levels > 2)
			recent.push_back(made);
		return made;
	}

	OWN_FRAME void sort_names()
	{
		std::vector<std::string> names;

		for (const auto &[key, value] : store) {
			names.push_back(key);
			if (names.size() == 8)
				break;
		}
		std::stable_sort(names.begin(), names.end(),
				 [](const std::string &a, const std::string &b) {
					 return a.back() < b.back();
				 });
		sum += names.size();
	}

	OWN_FRAME void call_later(const std::string &path)
	{
		later.push_back([copy = path, this] { sum += copy.size(); });
		if (later.size() < 20)
			return;
		for (auto &task : later)
			task();
		later.clear();
	}

	OWN_FRAME void forget()
	{
		if (!store.empty())
			store.erase(store.begin());
		if (words.size() > 20000)
			words.clear();
		while (recent.size() > 500)
			recent.pop_front();
	}

	unsigned depth;
	unsigned long left, sum = 0;
	chance luck;
	std::map<std::string, std::vector<size_t>> store;
	std::unordered_map<std::string, unsigned> words;
	std::deque<std::shared_ptr<node>> recent;
	std::vector<std::function<void()>> later;
};

} // namespace

int main(int argc, char **argv)
{
	unsigned depth = argc > 1 ? static_cast<unsigned>(atoi(argv[1])) : 20;
	document document(depth, argc > 2 ? strtoul(argv[2], nullptr, 10) : 1000);

	document.run();
	printf("%lu\n", document.total());
}
