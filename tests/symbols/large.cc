// SPDX-License-Identifier: MIT
/*
 * A large C++ program, for its debug information: the same heavy headers over types of its own in
 * each of PARTS objects (-DPART=N), and PART 0, which calls them all.
 */
#if PART == 0

#define DECLARE(n)                                                                                 \
	namespace part##n                                                                          \
	{                                                                                          \
		int run(int, char **);                                                             \
	}
DECLARE(1)
DECLARE(2)
DECLARE(3)
DECLARE(4)
DECLARE(5)
DECLARE(6)
DECLARE(7)
DECLARE(8)

int main(int argc, char **argv)
{
	return (part1::run(argc, argv) + part2::run(argc, argv) + part3::run(argc, argv) +
		part4::run(argc, argv) + part5::run(argc, argv) + part6::run(argc, argv) +
		part7::run(argc, argv) + part8::run(argc, argv)) == 0;
}

#else

#include <algorithm>
#include <functional>
#include <future>
#include <iostream>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>
#if __has_include(<boost/multi_index_container.hpp>)
#define HAVE_BOOST
#include <boost/multi_index/hashed_index.hpp>
#include <boost/multi_index/member.hpp>
#include <boost/multi_index/ordered_index.hpp>
#include <boost/multi_index_container.hpp>
#endif
#if __has_include(<nlohmann/json.hpp>)
#define HAVE_JSON
#include <nlohmann/json.hpp>
#endif

#define JOIN(a, b) a##b
#define NAMED(a, b) JOIN(a, b)
#define SPACE NAMED(part, PART)
namespace SPACE
{
struct item {
	int id;
	std::string name;
	std::vector<double> values;
};

using stored = std::variant<int, std::string, item>;

/* A class inside a class, defined outside of it. */
struct outer {
	struct inner;
	static int count(int n);
};

struct outer::inner {
	int left;
	__attribute__((noinline)) int halve(int n)
	{
		return n ? n / 2 + left : std::stoi("1");
	}
};

int outer::count(int n)
{
	return inner{n}.halve(n);
}

namespace
{
__attribute__((noinline)) int twice(const std::vector<item> &all)
{
	return 2 * (int)std::count_if(all.begin(), all.end(),
				      [](const item &one) { return one.name.size() > 2; });
}
} // namespace

#ifdef HAVE_BOOST
namespace mi = boost::multi_index;
using indexed = mi::multi_index_container<
	item, mi::indexed_by<mi::ordered_unique<mi::member<item, int, &item::id>>,
			     mi::hashed_non_unique<mi::member<item, std::string, &item::name>>>>;

static int index_all(int argc, char **argv)
{
	indexed all;

	for (int i = 0; i < argc; i++)
		all.insert(item{i, argv[i], {1, 2, 3.5}});
	return (int)all.get<1>().count(argv[0]);
}
#else
static int index_all(int argc, char **argv)
{
	std::multimap<std::string, item> all;

	for (int i = 0; i < argc; i++)
		all.emplace(argv[i], item{i, argv[i], {1, 2, 3.5}});
	return (int)all.count(argv[0]);
}
#endif

#ifdef HAVE_JSON
static std::string write_all(const std::map<std::string, std::vector<item>> &all)
{
	nlohmann::json json = {{"count", all.size()}, {"list", {1, 2, 3}}};

	for (auto &[name, items] : all)
		json[name] = items.size();
	return nlohmann::json::parse(json.dump(2)).dump();
}
#else
static std::string write_all(const std::map<std::string, std::vector<item>> &all)
{
	std::ostringstream text;

	for (auto &[name, items] : all)
		text << name << ' ' << items.size() << '\n';
	return text.str();
}
#endif

static size_t sort_all(std::vector<item> items)
{
	std::sort(items.begin(), items.end(), [](auto &a, auto &b) { return a.name < b.name; });
	std::stable_sort(items.begin(), items.end(),
			 [](auto &a, auto &b) { return a.values.size() < b.values.size(); });
	return items.size();
}

int run(int argc, char **argv)
{
	std::map<std::string, std::vector<item>> by_name;
	std::unordered_map<std::string, stored> by_hash;
	std::set<std::pair<int, std::string>> pairs;
	std::vector<item> items;
	std::smatch match;
	std::regex word("([a-z]+)([0-9]*)");
	std::string text = argv[0];

	for (int i = 0; i < argc; i++) {
		item one{i, argv[i], {1, 2, 3.5}};

		by_name[argv[i]].push_back(one);
		by_hash[argv[i]] = one;
		pairs.insert({i, argv[i]});
		items.push_back(one);
	}
	bool found = std::regex_search(text, match, word);
	auto later = std::async(std::launch::deferred, [&] {
		std::ostringstream out;

		out << write_all(by_name) << found;
		return out.str();
	});
	return (int)later.get().size() + (int)sort_all(items) + (int)pairs.size() +
	       index_all(argc, argv) + twice(items) + outer::count(argc);
}
} // namespace SPACE

#endif
