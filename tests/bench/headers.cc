// SPDX-License-Identifier: MIT
/*
 * For the compiler, not for the machine: headers that every C++ program knows, and a few uses that
 * make it instantiate them.
 */
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
#include <vector>

template <typename Key>
static std::map<Key, std::set<std::string>> index(const std::vector<std::string> &lines,
						  Key (*key)(const std::string &))
{
	std::map<Key, std::set<std::string>> found;

	for (const auto &line : lines)
		found[key(line)].insert(line);
	return found;
}

int main()
{
	std::vector<std::string> lines;
	std::regex rule("([a-z]+)=([0-9]+|none)");
	std::smatch match;
	std::unordered_map<std::string, std::function<long(long)>> table;
	std::stringstream out;

	for (std::string line; std::getline(std::cin, line);)
		if (std::regex_match(line, match, rule))
			lines.push_back(match[1].str());
	std::sort(lines.rbegin(), lines.rend());
	for (auto &[letter, names] :
	     index<char>(lines, [](const std::string &line) { return line.front(); }))
		out << letter << ' ' << names.size() << '\n';
	for (auto &[size, names] :
	     index<size_t>(lines, [](const std::string &line) { return line.size(); }))
		table[std::to_string(size)] = [n = names.size()](long x) {
			return x + static_cast<long>(n);
		};
	auto later = std::async([&] { return std::make_shared<std::string>(out.str()); });

	std::cout << *later.get() << table.size() << std::endl;
}
