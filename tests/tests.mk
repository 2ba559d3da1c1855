# SPDX-License-Identifier: MIT
# Included by the Makefile: everything that tests, measures or judges.

# Files named lib*.c and lib*.cc in tests/programs are libraries that the programs load.
PROGRAM_SOURCES := $(wildcard tests/programs/*.c tests/programs/*.cc)
PROGRAM_LIBS := $(filter tests/programs/lib%,$(PROGRAM_SOURCES))
PROGRAM_FILES := $(addprefix $(B)/tests/,$(basename $(notdir $(filter-out $(PROGRAM_LIBS),$(PROGRAM_SOURCES)))) \
		 $(addsuffix .so,$(basename $(notdir $(PROGRAM_LIBS)))))
PROGRAM_FLAGS := -O2 -g -D_GNU_SOURCE -Wall -Wextra -Wshadow -Wvla $(if $(DEV),-Werror) -fno-omit-frame-pointer
CXX ?= c++
COUNTER := $(B)/tests/libcounter.so
FUZZ := $(patsubst tests/fuzz/%.c,$(B)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?=
# tsan of gcc 12 does not know the address layout of newer kernels: no randomisation for it.
TSAN_TESTS := test_races block codec journal record totals unwind_slow live_table reader merge ahead replay symbols_all

check: check-unit check-cli check-tracemalloc check-preload ## every test: the four below

check-unit: $(B)/unit ## unit tests; ONLY=TEXT: those whose file or name contains it
	$(B)/unit $(ONLY)

check-cli: all ## the command's exact output, tests/cli
	B=$(B) tests/cli/run $(ONLY)

check-tracemalloc: all ## tracemalloc's own answers, stored and live; ARGS="--random N --seed N": see tests/tracemalloc
	B=$(B) tests/tracemalloc/run $(ARGS)

check-preload: all programs ## recording real programs and tests/programs against known truth
	B=$(B) tests/preload/run $(ONLY)

.PHONY: check-programs storm
check-programs: all ## long: real programs and servers, traced and untraced; PROGRAMS="redis git/jemalloc": only these, tests/real
	scripts/packages programs
	B=$(B) tests/real/run $(ARGS) $(PROGRAMS)

storm: all programs ## 10 storms of 20 million events each on 2, 4 and 16 threads, and many of ctl: takes minutes
	B=$(B) STORM_RUNS=10 STORM_MILLIONS=20 CTL_ROUNDS=200 CTL_MOMENTS=9 tests/preload/run storm ctl

.PHONY: deadlocks
deadlocks: all programs ## 100 runs of everything that might hang, and a handler at each instruction of the hooks: long
	B=$(B) DEADLOCK_RUNS=100 STEPPED=1 tests/preload/run deadlocks stepped

bless: all ## rewrite the expected output of tests/cli
	B=$(B) tests/cli/run --bless $(ONLY)

sanitize: ## unit tests under address and undefined, those of TSAN_TESTS also under thread
	+$(MAKE) --no-print-directory SAN=address,undefined B=$(B)/address-undefined $(B)/address-undefined/unit
	$(B)/address-undefined/unit $(ONLY)
	+$(MAKE) --no-print-directory SAN=thread B=$(B)/thread $(B)/thread/unit
	for part in $(TSAN_TESTS); do setarch -R $(B)/thread/unit $$part || exit 1; done

fuzz: $(FUZZ) ## the fuzz targets of tests/fuzz, a minute each, the symbolizer ten, or FUZZ_SECONDS; needs clang
	B=$(B) FUZZ_SECONDS=$(FUZZ_SECONDS) tests/fuzz/run $(FUZZ)

FUZZ_FLAGS := -O1 -g -fno-sanitize-recover=all
fuzz_objects = $(patsubst %.c,$(B)/fuzz/objects/%.o,$(1))

$(FUZZ): $(B)/fuzz/%: $(B)/fuzz/objects/tests/fuzz/%.o $(call fuzz_objects,$(COMMON))
	$(call say,LD,$@)clang $(FUZZ_FLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ \
		$(if $(filter $(B)/fuzz/objects/analyzer/%,$^),$(ANALYZER_LIBS))

# Of the targets only the codec's does without the analyzer.
$(filter-out $(B)/fuzz/fuzz_codec,$(FUZZ)): $(call fuzz_objects,$(ANALYZER_TESTED))
$(B)/fuzz/fuzz_trace $(B)/fuzz/fuzz_journal: $(call fuzz_objects,tests/fuzz/judged_trace.c)

$(B)/fuzz/objects/%.o: %.c Makefile
	$(call say,CLANG,$<)mkdir -p $(@D) && clang $(BASE) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link,address,undefined \
		-c -o $@ $<

lint: all ## what machines can judge: format, includes, sizes, exports, hardening, man pages, shell, spelling
	B=$(B) CC=$(CC) scripts/lint

format: ## clang-format everything
	clang-format -i $(wildcard */*.[ch] */*/*.[ch] */*/*.cc)

.PHONY: torture check-stacks

# The same cases by other compilers and with other flags; those whose compiler is missing are left out.
TORTURE_O0 := gcc -O0
TORTURE_O2 := gcc -O2
TORTURE_O3 := gcc -O3 -fomit-frame-pointer
TORTURE_Os := gcc -Os -fomit-frame-pointer -falign-functions=1
TORTURE_no-plt := gcc -O2 -fno-plt -Wl,-z,now
TORTURE_lazy := gcc -O2 -no-pie -Wl,-z,lazy -fcf-protection=full
TORTURE_pointers := gcc -O1 -fno-omit-frame-pointer -mno-red-zone
TORTURE_clang-O0 := clang -O0
TORTURE_clang-O2 := clang -O2 -fomit-frame-pointer $(if $(shell command -v ld.lld),-fuse-ld=lld -Wno-unused-command-line-argument)
TORTURE_clang-O3 := clang -O3 -fno-plt -fno-omit-frame-pointer
TORTURE := $(patsubst TORTURE_%,%,$(filter TORTURE_%,$(.VARIABLES)))
TORTURES := $(foreach variant,$(TORTURE),$(if $(shell command -v $(firstword $(TORTURE_$(variant)))),$(variant)))
TORTURE_PROGRAMS := $(TORTURES:%=$(B)/torture/%/torture) $(if $(shell command -v rustc),$(B)/torture/rust/torture)

torture: $(TORTURE_PROGRAMS)

$(B)/torture/rust/torture: tests/torture/torture_rust.rs
	$(call say,RUST,$@)mkdir -p $(@D) && MAKEFLAGS= rustc --edition 2021 -C opt-level=3 -o $@ $<

$(B)/torture/%/torture: $(wildcard tests/torture/*.c tests/torture/*.cc tests/torture/*.h)
	$(call say,CC,$@)mkdir -p $(@D) && CFLAGS="$(WARNINGS) -Wno-infinite-recursion $(if $(DEV),-Werror)" \
		tests/torture/build $(@D) $(TORTURE_$*)

check-stacks: all torture $(B)/tests/compare_cfi ## long: every stack of real programs against libunwind, every rule of large files
	B=$(B) tests/stacks/run $(ONLY)
	$(B)/tests/compare_cfi 1 $(wildcard $(shell gcc -print-prog-name=cc1plus) /usr/lib/x86_64-linux-gnu/libLLVM-??.so.1)

$(B)/tests/compare_cfi: $(call objects,tests/stacks/compare_cfi.c tests/unit/compared_cfi.c preload/cfi.c preload/cfi_program.c)
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(TEST_LIBS)

$(B)/tests/libtmtrace-liar.so: $(B)/tests/liar.o $(call objects,$(PRELOAD) $(COMMON)) preload/exports.map
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $(filter %.o,$^) $(ZSTD_STATIC) $(LIBRARY_FLAGS) \
		-Wl,--wrap=stack_check

$(B)/tests/liar.o: tests/stacks/liar.c
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(BASE) $(CFLAGS) $(GUEST) -c -o $@ $<

programs: $(PROGRAM_FILES) $(COUNTER) $(B)/tests/libtmtrace-liar.so torture ## build tests/programs, tests/torture and the counter

$(B)/tests/%.so: tests/programs/%.c
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) -std=c11 $(PROGRAM_FLAGS) -fPIC -shared -o $@ $<

$(PROGRAM_FILES): $(wildcard tests/programs/*.h) preload/tmtrace.h

$(B)/tests/libearly.so: PROGRAM_FLAGS += -fno-builtin -Wl,-z,initfirst

$(B)/tests/%.so: tests/programs/%.cc
	$(call say,CXX,$<)mkdir -p $(@D) && $(CXX) -std=c++17 -fno-builtin $(PROGRAM_FLAGS) -fPIC -shared -o $@ $<

$(COUNTER): tests/counter/counter.c
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) -std=c11 $(PROGRAM_FLAGS) -Wmissing-prototypes -Wstrict-prototypes \
		-fPIC -fvisibility=hidden -ftls-model=initial-exec -fno-builtin -shared -o $@ $< -Wl,-z,now -Wl,-z,nodelete

$(B)/tests/%: tests/programs/%.c
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) -std=c11 -fno-builtin $(PROGRAM_FLAGS) -o $@ $< -pthread

$(B)/tests/%: tests/programs/%.cc
	$(call say,CXX,$<)mkdir -p $(@D) && $(CXX) -std=c++17 -fno-builtin $(PROGRAM_FLAGS) -o $@ $< -pthread

include tests/bench/bench.mk
include tests/faults/faults.mk
include tests/coverage/coverage.mk
include tests/soak/soak.mk
include tests/symbols/symbols.mk
