// SPDX-License-Identifier: MIT
// Every operator new and delete in turn, for operators.cc: as part of it, and loaded.
#include <cstddef>
#include <new>

static void *volatile held;

template <class New, class Delete> static void pair(New take, Delete give)
{
	held = take();
	give(held);
}

extern "C" void operators_round()
{
	constexpr auto wide = std::align_val_t{64};
	using std::nothrow;

	pair([] { return operator new(10); }, [](void *p) { operator delete(p); });
	pair([] { return operator new(20); },
	     [](void *p) { operator delete (p, std::size_t{20}); });
	pair([] { return operator new(30, nothrow); },
	     [](void *p) { operator delete(p, nothrow); });
	pair([] { return operator new[](40); }, [](void *p) { operator delete[](p); });
	pair([] { return operator new[](50); },
	     [](void *p) { operator delete[](p, std::size_t{50}); });
	pair([] { return operator new[](60, nothrow); },
	     [](void *p) { operator delete[](p, nothrow); });
	pair([=] { return operator new(70, wide); }, [=](void *p) { operator delete(p, wide); });
	pair([=] { return operator new(80, wide); },
	     [=](void *p) { operator delete (p, std::size_t{80}, wide); });
	pair([=] { return operator new(90, wide, nothrow); },
	     [=](void *p) { operator delete(p, wide, nothrow); });
	pair([=] { return operator new[](100, wide); },
	     [=](void *p) { operator delete[](p, wide); });
	pair([=] { return operator new[](110, wide); },
	     [=](void *p) { operator delete[](p, std::size_t{110}, wide); });
	pair([=] { return operator new[](120, wide, nothrow); },
	     [=](void *p) { operator delete[](p, wide, nothrow); });
	operator delete(nullptr);
	operator delete[](nullptr);
}
