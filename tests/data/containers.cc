// For the compiler to work on.
#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

template <typename K, typename V> struct index {
	std::map<K, std::vector<std::unique_ptr<V>>> entries;
	V &add(const K &key, V value)
	{
		auto &list = entries[key];
		list.push_back(std::make_unique<V>(std::move(value)));
		return *list.back();
	}
};

int use(int n)
{
	index<std::string, std::string> words;
	index<int, std::vector<double>> numbers;
	std::vector<std::pair<std::string, int>> sorted;

	for (int i = 0; i < n; i++) {
		words.add(std::to_string(i), "x");
		numbers.add(i % 7, {1.0, 2.0});
		sorted.emplace_back("y", i);
	}
	std::stable_sort(sorted.begin(), sorted.end(),
			 [](auto &a, auto &b) { return a.second > b.second; });
	return (int)(words.entries.size() + numbers.entries.size()) + sorted.front().second;
}
