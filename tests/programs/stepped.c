// SPDX-License-Identifier: MIT
/*
 * A handler that interrupts the recorder at each of its instructions in turn, by single steps:
 *
 *     stepped CALL ACTION [STRIDE]
 *
 * makes the call again and again, and each time STRIDE instructions farther into libtmtrace.so a handler
 * does what ACTION says. Where a signal could not come, since the library keeps them all off, it
 * does nothing. Without the library it makes the call once.
 *
 * The surprise: a trap while signals are kept off ends the process, so the set that the library is
 * about to keep off is replaced by one without SIGTRAP, in a register and for that system call only.
 */
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#define TRAP_FLAG 0x100
#define HUGE ((size_t)1 << 62)

static uintptr_t code, code_end; /* of the library */
static long instruction, target;
static bool is_child;
static long long saved_set; /* the register that was replaced, 0 if none is */
static uint64_t set;
static void (*action)(void);
static sigjmp_buf back;
static void *volatile sink;
static int (*tracing_start)(unsigned), (*tracing_stop)(void);

static void find_library(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];

	while (maps && fgets(line, sizeof line, maps))
		if (strstr(line, " r-xp ") && strstr(line, "/libtmtrace.so"))
			sscanf(line, "%lx-%lx", &code, &code_end);
	if (maps)
		fclose(maps);
}

/* The system call that keeps signals off, if that is what comes next. */
static bool keeps_off(const greg_t *registers)
{
	const unsigned char *next = (const unsigned char *)registers[REG_RIP];

	return next[0] == 0x0f && next[1] == 0x05 && registers[REG_RAX] == SYS_rt_sigprocmask &&
	       registers[REG_RSI];
}

static void step(int number, siginfo_t *info, void *argument)
{
	ucontext_t *context = argument;
	greg_t *registers = context->uc_mcontext.gregs;

	(void)number, (void)info;
	if (saved_set) {
		registers[REG_RSI] = saved_set;
		saved_set = 0;
	}
	if (keeps_off(registers)) {
		saved_set = registers[REG_RSI];
		set = *(const uint64_t *)saved_set & ~(1ull << (SIGTRAP - 1));
		registers[REG_RSI] = (greg_t)(uintptr_t)&set;
		return;
	}
	if ((uintptr_t)registers[REG_RIP] - code >= code_end - code ||
	    sigismember(&context->uc_sigmask, SIGUSR1) || instruction++ != target)
		return;
	registers[REG_EFL] &= ~TRAP_FLAG;
	action();
}

static void allocate(void)
{
	void *kept = malloc(24);

	free(malloc(40));
	sink = kept;
	free(realloc(malloc(30), 300));
}

static void exec_in_vain(void)
{
	execl("/nonexistent/program", "program", (char *)NULL);
}

static void fork_and_allocate(void)
{
	pid_t child = fork();

	if (child == 0) {
		free(malloc(77));
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* The child goes on where its parent was interrupted. */
static void fork_and_return(void)
{
	pid_t child = fork();

	is_child = child == 0;
	if (!is_child)
		waitpid(child, NULL, 0);
}

static void restart(void)
{
	if (tracing_stop() || tracing_start(100))
		abort();
}

static void map(void)
{
	char *pages = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	munmap(pages, 4096);
	munmap(pages + 4096, 4096);
}

static void jump(void)
{
	siglongjmp(back, 1);
}

static void call_malloc(void)
{
	sink = malloc(50);
}

static void *taken;

static void call_free(void)
{
	free(taken);
}

static void call_realloc(void)
{
	taken = realloc(taken, 60);
}

static void call_realloc_in_vain(void)
{
	sink = realloc(taken, HUGE);
}

static void call_mmap(void)
{
	taken = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static void call_munmap_in_vain(void)
{
	munmap((void *)HUGE, 4096);
}

static void begin_steps(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; orq $0x100, (%%rsp); popfq; lea "
			 "128(%%rsp), %%rsp" ::
				 : "memory", "cc");
}

static void end_steps(void)
{
	__asm__ volatile("lea -128(%%rsp), %%rsp; pushfq; andq $~0x100, (%%rsp); popfq; lea "
			 "128(%%rsp), %%rsp" ::
				 : "memory", "cc");
}

struct call {
	const char *name;
	void (*run)(void);
	bool takes, frees; /* needs a block, and whether that is gone afterwards */
	bool maps;
};

/* Around it one block is freed and taken again, which an undo of the wrong free would bring to light. */
static void run(const struct call *call)
{
	free(malloc(64));
	taken = call->takes ? malloc(50) : NULL;
	if (!sigsetjmp(back, 1)) {
		if (code)
			begin_steps();
		call->run();
		end_steps();
	}
	if (call->maps)
		munmap(taken, 4096);
	else if (call->takes && !call->frees)
		free(taken);
	free(malloc(64));
}

int main(int argc, char **argv)
{
	static const struct call calls[] = {
		{"malloc", call_malloc, false, false, false},
		{"free", call_free, true, true, false},
		{"realloc", call_realloc, true, false, false},
		{"realloc-in-vain", call_realloc_in_vain, true, false, false},
		{"mmap", call_mmap, false, false, true},
		{"munmap-in-vain", call_munmap_in_vain, false, false, false},
	};
	static const struct {
		const char *name;
		void (*run)(void);
	} actions[] = {
		{"allocate", allocate},
		{"exec", exec_in_vain},
		{"fork", fork_and_allocate},
		{"return", fork_and_return},
		{"restart", restart},
		{"map", map},
		{"jump", jump},
	};
	struct sigaction trap = {.sa_sigaction = step, .sa_flags = SA_SIGINFO};
	const struct call *call = NULL;
	long stride;

	for (size_t i = 0; argc > 2 && i < sizeof calls / sizeof *calls; i++)
		if (strcmp(argv[1], calls[i].name) == 0)
			call = &calls[i];
	for (size_t i = 0; argc > 2 && i < sizeof actions / sizeof *actions; i++)
		if (strcmp(argv[2], actions[i].name) == 0)
			action = actions[i].run;
	if (!call || !action)
		return 2;
	stride = argc > 3 ? atoi(argv[3]) : 1;
	find_library();
	*(void **)&tracing_start = dlsym(RTLD_DEFAULT, "tmtrace_start");
	*(void **)&tracing_stop = dlsym(RTLD_DEFAULT, "tmtrace_stop");
	sigaction(SIGTRAP, &trap, NULL);
	target = -1;
	run(call); /* what comes once only: lazy binding, modules that are met */
	target = 0;
	do {
		instruction = 0;
		run(call);
		target += stride;
	} while (instruction > target - stride && !is_child);
	return code && !is_child && target < 50;
}
