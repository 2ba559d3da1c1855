// SPDX-License-Identifier: MIT
#include "analyzer/allocators.h"
#include "tests/test.h"

TEST(ways_to_the_allocator_are_known)
{
	static const char *const functions[] = {
		"malloc",
		"reallocarray",
		"posix_memalign",
		"__strdup",
		"__GI___strdup",
		"vasprintf",
		"getdelim",
		"operator new(unsigned long)",
		"operator new[](unsigned long, std::align_val_t)",
		"operator new",
		"g_malloc0_n",
		"g_strdup_printf",
		"std::vector<int, std::allocator<int> >::push_back(int const&)",
		"void std::vector<Foo>::_M_realloc_insert<Foo>(Foo*, Foo&&)",
		"std::string::_M_create(unsigned long&, unsigned long)",
		"__gnu_cxx::new_allocator<std::pair<int const, Bar> >::allocate(unsigned long)",
		"std::enable_if<true, void>::type std::foo<int>(int)",
		"decltype (f(x)) std::invoke<int>(int&&)",
		"std::function<void (int)>::operator()(int) const",
		"alloc::vec::Vec<T,A>::reserve",
		"<alloc::string::String as core::clone::Clone>::clone",
		"__rust_alloc",
		"__rg_alloc",
		"tmtrace_track",
		"tmtrace_track(unsigned int, unsigned long, unsigned long)",
		"core::ops::function::FnOnce::call_once",
	};

	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (!CHECK(allocators_has(functions[i])))
			fprintf(stderr, "    %s\n", functions[i]);
}

TEST(functions_of_programs_are_not_hidden)
{
	static const char *const functions[] = {
		"",
		"main",
		"xmalloc",
		"my_malloc",
		"mallocate",
		"foo(std::string)",
		"foo(std::vector<int> const&)",
		"std::vector<int> make_all()",
		"std::string app::name(std::string const&)",
		"app::std::f()",
		"void app::push<std::string>(std::string&&)",
		"Foo::operator new(unsigned long)",
		"std::ostream& operator<<(std::ostream&, Foo const&)",
		"app::Handler::operator()(int) const",
		"app::run()::{lambda(std::string)#1}::operator()(std::string) const",
		"(anonymous namespace)::helper(std::string)",
		"core::Engine::start(int)",
		"alloc::take(int)",
		"standard::f()",
		"<app::Foo as core::clone::Clone>::clone",
		"bool (anonymous namespace)::f()",
	};

	for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
		if (!CHECK(!allocators_has(functions[i])))
			fprintf(stderr, "    %s\n", functions[i]);
}
