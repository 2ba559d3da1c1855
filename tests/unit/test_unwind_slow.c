// SPDX-License-Identifier: MIT
/*
 * Stacks that need more than the simple rules: handlers, other stacks, other registers, generated
 * and wrongly described code.
 */
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <stdlib.h>
#include <time.h>
#include <ucontext.h>

#include "tests/test.h"
#include "walked_stack.h"

static void on_signal(int signal)
{
	random_state = (uint32_t)signal;
	hook();
	climb(4);
	hook();
}

static void raise_under(unsigned depth)
{
	if (depth)
		raise_under(depth - 1);
	else
		raise(SIGUSR1);
	KEEP_FRAME();
}

static void check_handler(int flags)
{
	char *alternate = map_zeros(1 << 16);
	stack_t stack = {.ss_sp = alternate, .ss_size = 1 << 16}, old_stack;
	struct sigaction action = {.sa_handler = on_signal, .sa_flags = flags}, old_action;

	seen_begin();
	sigaltstack(&stack, &old_stack);
	sigaction(SIGUSR1, &action, &old_action);
	for (unsigned i = 0; i < 50; i++) {
		raise_under(i % 7);
		raise_under(i % 5);
		hook();
	}
	sigaction(SIGUSR1, &old_action, NULL);
	sigaltstack(&old_stack, NULL);
	munmap(alternate, 1 << 16);
	check_seen(150);
}

TEST(a_signal_handler_is_walked_through)
{
	check_handler(0);
}

TEST(a_signal_handler_on_another_stack_is_walked_through)
{
	check_handler(SA_ONSTACK);
}

static volatile sig_atomic_t interruptions;

static void on_timer(int signal)
{
	(void)signal;
	interruptions++;
	hook();
}

/* Interrupts at every kind of instruction: prologues, epilogues, stubs of the linker. */
TEST(a_stack_interrupted_anywhere_is_walked)
{
	struct sigaction action = {.sa_handler = on_timer}, old;
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
	struct itimerspec interval = {.it_value.tv_nsec = 100000, .it_interval.tv_nsec = 100000};
	timer_t timer;

	seen_begin();
	sigaction(SIGUSR2, &action, &old);
	timer_create(CLOCK_MONOTONIC, &event, &timer);
	timer_settime(timer, 0, &interval, NULL);
	for (unsigned i = 0; interruptions < 300; i++) {
		char bytes[] = "sphinx of black quartz";

		qsort(bytes, sizeof(bytes) - 1, 1, (int (*)(const void *, const void *))strcmp);
	}
	timer_delete(timer);
	sigaction(SIGUSR2, &old, NULL);
	check_seen(300);
}

static ucontext_t contexts[3];

static void coroutine(int number)
{
	for (unsigned i = 0; i < 20; i++) {
		climb(i % 6);
		swapcontext(&contexts[number], &contexts[1 - number]);
	}
}

TEST(coroutines_end_where_they_were_made)
{
	enum { SIZE = 1 << 18 };
	char *stacks = map_zeros(2 * SIZE);

	seen_begin();
	random_state = 9;
	for (int i = 0; i < 2; i++) {
		getcontext(&contexts[i]);
		contexts[i].uc_stack.ss_sp = stacks + i * SIZE;
		contexts[i].uc_stack.ss_size = SIZE;
		contexts[i].uc_link = &contexts[2];
		makecontext(&contexts[i], (void (*)(void))coroutine, 1, i);
	}
	swapcontext(&contexts[2], &contexts[0]);
	munmap(stacks, 2 * SIZE);
	check_seen(40);
}

/* Like ld.so's lazy binding: the CFA is in rbx, which the functions called then save. */
__asm__(".text\n"
	"call_over_rbx:\n"
	".cfi_startproc\n"
	"	push %rbx\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset rbx, -16\n"
	"	mov %rsp, %rbx\n"
	".cfi_def_cfa_register rbx\n"
	"	and $-64, %rsp\n"
	"	sub $128, %rsp\n"
	"	call *%rdi\n"
	"	mov %rbx, %rsp\n"
	".cfi_def_cfa_register rsp\n"
	"	pop %rbx\n"
	".cfi_def_cfa_offset 8\n"
	".cfi_restore rbx\n"
	"	ret\n"
	".cfi_endproc\n");
void call_over_rbx(void (*function)(void));

static void climb_over_rbx(void)
{
	random_state += busy_frame(5, 1, 2, 3, 4) & 1;
	KEEP_FRAME();
}

TEST(registers_that_a_fast_walk_lacks_are_found)
{
	seen_begin();
	random_state = 5;
	for (int i = 0; i < 20; i++) {
		climb(3);
		call_over_rbx(climb_over_rbx);
	}
	check_seen(100);
}

/* Goes on upon another stack, the frame pointer staying behind: as Rust's psm does. */
__asm__(".text\n"
	"call_on_stack:\n"
	".cfi_startproc\n"
	"	push %rbp\n"
	".cfi_def_cfa_offset 16\n"
	".cfi_offset rbp, -16\n"
	"	mov %rsp, %rbp\n"
	".cfi_def_cfa_register rbp\n"
	"	mov %rsi, %rsp\n"
	"	call *%rdi\n"
	"	mov %rbp, %rsp\n"
	"	pop %rbp\n"
	".cfi_def_cfa rsp, 8\n"
	"	ret\n"
	".cfi_endproc\n");
void call_on_stack(void (*function)(void), char *top);

static void climb_there(void)
{
	climb(6);
}

TEST(a_stack_that_continues_on_another_is_walked)
{
	enum { SIZE = 1 << 18 };
	char *stack = map_zeros(SIZE);

	seen_begin();
	random_state = 11;
	for (int i = 0; i < 20; i++) {
		call_on_stack(climb_there, stack + SIZE);
		climb(3);
	}
	munmap(stack, SIZE);
	check_seen(100);
}

/* ---- code that nothing describes ---- */

/* push rbp; mov $rbp_value or rsp, %rbp; call *rdi; pop rbp; ret */
static void (*generate(bool frame_pointer, uint64_t rbp_value))(void (*)(void))
{
	uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint8_t *at = code;
	void (*function)(void (*)(void));

	*at++ = 0x55;
	if (frame_pointer) {
		memcpy(at, "\x48\x89\xe5", 3);
		at += 3;
	} else {
		memcpy(at, "\x48\xbd", 2);
		memcpy(at + 2, &rbp_value, 8);
		at += 10;
	}
	memcpy(at, "\xff\xd7\x5d\xc3", 4);
	memcpy(&function, &code, sizeof(function));
	return function;
}

TEST(generated_code_with_a_frame_pointer_is_walked_through)
{
	void (*generated)(void (*)(void)) = generate(true, 0);

	seen_begin();
	hook_alone();
	uint32_t depth = seen.depth;

	generated(hook_alone);
	CHECK_EQ(seen.depth, depth + 1);
	generated(hook_alone);
	hook_alone();
	CHECK_EQ(seen.depth, depth);
	check_seen(4);
}

static void *copy_code(const char *bytes, size_t size)
{
	uint8_t *code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memcpy(code, bytes, size);
	return code;
}

TEST(generated_code_that_recurses_deeply_is_walked_through)
{
	/*
	 * push rbp; mov rsp, rbp; test esi, esi; jz 1f; dec esi; call itself; jmp 2f; 1: call *rdi;
	 * 2: pop rbp; ret
	 */
	static const char bytes[] = "\x55\x48\x89\xe5\x85\xf6\x74\x09\xff\xce"
				    "\xe8\xf1\xff\xff\xff\xeb\x02\xff\xd7\x5d\xc3";
	void (*recurse)(void (*)(void), unsigned);
	void *code = copy_code(bytes, sizeof bytes);

	memcpy(&recurse, &code, sizeof recurse);
	seen_begin();
	hook_alone();
	uint32_t depth = seen.depth;

	recurse(hook_alone, 5000);
	CHECK_EQ(seen.depth, depth + 5001);
	recurse(hook_alone, 7);
	CHECK_EQ(seen.depth, depth + 8);
	check_seen(3);
}

TEST(generated_code_that_only_makes_room_for_a_call_is_walked_through)
{
	/* sub $8, rsp; call *rdi; add $8, rsp; ret */
	static const char bytes[] = "\x48\x83\xec\x08\xff\xd7\x48\x83\xc4\x08\xc3";
	void (*trampoline)(void (*)(void));
	void *code = copy_code(bytes, sizeof bytes);

	memcpy(&trampoline, &code, sizeof trampoline);
	seen_begin();
	hook_alone();
	uint32_t depth = seen.depth;

	trampoline(hook_alone);
	CHECK_EQ(seen.depth, depth + 1);
	trampoline(hook_alone);
	hook_alone();
	CHECK_EQ(seen.depth, depth);
	check_seen(4);
}

TEST(a_stack_ends_at_generated_code_without_a_frame_pointer)
{
	static const uint64_t values[] = {
		0, 8, 3, 0x7fff00000000, 0xdeadbeefdeadbeef, 0x8000000000000000, UINT64_MAX - 7};

	seen_begin();
	for (unsigned i = 0; i < sizeof(values) / sizeof(*values); i++) {
		generate(false, values[i])(hook_alone);
		CHECK_EQ(seen.depth, 1);
		CHECK_EQ(seen.incomplete, i + 1);
	}
	CHECK_EQ(seen.wrong_kept, 0);
	seen_end();
}

/* Described as if rbp were the frame pointer, which it is not. */
__asm__(".text\n"
	"call_misdescribed:\n"
	".cfi_startproc\n"
	"	push %rbp\n"
	".cfi_offset rbp, -16\n"
	".cfi_def_cfa rbp, 16\n"
	"	mov %rsi, %rbp\n"
	"	call *%rdi\n"
	"	pop %rbp\n"
	"	ret\n"
	".cfi_endproc\n");
void call_misdescribed(void (*function)(void), uint64_t rbp);

TEST(a_wrong_description_does_no_harm)
{
	uint64_t heap[8] = {0}, *far_away = map_zeros(8192);

	seen_begin();
	mprotect((char *)far_away + 4096, 4096, PROT_NONE);
	uint64_t values[] = {
		0,
		8,
		16,
		3,
		0x7fff00000000,
		0x7ffffffffff8,
		0xdeadbeefdeadbeef,
		UINT64_MAX - 7,
		(uintptr_t)heap,
		(uintptr_t)far_away,
		(uintptr_t)far_away + 4080,
		(uintptr_t)far_away + 4088,
		(uintptr_t)far_away + 5000,
	};

	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < sizeof(values) / sizeof(*values); i++)
			call_misdescribed(hook_alone, values[i]);
	CHECK(seen.walks == 3 * sizeof(values) / sizeof(*values));
	CHECK_EQ(seen.wrong_kept, 0);
	munmap(far_away, 8192);
	seen_end();
}
