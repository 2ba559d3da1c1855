# SPDX-License-Identifier: MIT
# Included by tests/tests.mk: what is measured, never a pass or a fail.

BENCH_PROGRAMS := $(addprefix $(B)/bench/,measure exchange longest nested)
# As programs are built: without frame pointers.
BENCH_FLAGS := $(filter-out -fno-omit-frame-pointer,$(PROGRAM_FLAGS))
BENCH_STAGES := interpose unwind record encode compress
BENCH_LIBS := $(BENCH_STAGES:%=$(B)/bench/libtmtrace-%.so)
SCALE = /usr/bin/python3 -B tests/bench/scale.py --build $(B)

# What stage.c replaces in the library of each stage: all that comes after it.
WRAP_compress := trace_file_sink
WRAP_encode := $(WRAP_compress) ZSTD_compressCCtx ZSTD_compress2
WRAP_record := $(WRAP_encode) codec_encode
WRAP_unwind := $(WRAP_record) record_alloc record_free record_undo record_track record_unmap record_undo_unmap
WRAP_interpose := $(WRAP_unwind)

.PHONY: bench bench-programs bench-instructions bench-scale bench-snapshots
bench: bench-programs $(B)/tests/make_snapshot ## untraced, tmtrace and heaptrack: all figures; ARGS="-n ROUNDS -o FILE.json PART...": these alone
	B=$(B) scripts/bench $(ARGS)
	$(if $(ARGS),,$(SCALE))
	$(if $(ARGS),,$(MAKE) --no-print-directory bench-symbols)

bench-instructions: bench-programs ## the cost of each stage in instructions, by callgrind: repeatable; ARGS="WORKLOAD..."
	/usr/bin/python3 -B tests/bench/instructions.py --build $(B) $(ARGS)

bench-scale: all $(B)/tests/make_events ## a trace of EVENTS million events (1000), its peak and a diff: time and memory; ARGS="--live N --stacks N"
	/usr/bin/python3 -B tests/bench/scale_events.py --build $(B) $(if $(EVENTS),--events $(EVENTS)) $(ARGS)

bench-snapshots: all $(B)/tests/make_snapshot ## stats and diff of 1, 2 and 5 million traces: time and memory; ARGS="MILLIONS..."
	$(SCALE) $(ARGS)

# Kept, though only steps to the libraries.
.SECONDARY: $(BENCH_STAGES:%=$(B)/bench/stage-%.o)

bench-programs: all $(BENCH_PROGRAMS) $(BENCH_LIBS)

$(B)/tests/make_events: $(call objects,tests/bench/make_events.c $(ANALYZER_TESTED) $(COMMON))
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(ANALYZER_LIBS)

$(B)/tests/make_snapshot: $(call objects,tests/bench/make_snapshot.c $(ANALYZER_TESTED) $(COMMON))
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(ANALYZER_LIBS)

$(B)/bench/stage-%.o: tests/bench/stage.c
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(BASE) $(CFLAGS) $(GUEST) -c -o $@ $< \
		-DSTAGE_UNWINDS=$(if $(filter interpose,$*),0,1)

$(B)/bench/libtmtrace-%.so: $(B)/bench/stage-%.o $(call objects,$(PRELOAD) $(COMMON)) preload/exports.map
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $(filter %.o,$^) $(ZSTD_STATIC) $(LIBRARY_FLAGS) \
		$(WRAP_$*:%=-Wl,--wrap=%)

$(B)/bench/%: tests/bench/%.c
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) -std=c11 -fno-builtin $(BENCH_FLAGS) -o $@ $< -pthread

$(B)/bench/%: tests/bench/%.cc
	$(call say,CXX,$<)mkdir -p $(@D) && $(CXX) -std=c++17 $(BENCH_FLAGS) -o $@ $<

.PHONY: bench-replay
bench-replay: all $(B)/tests/replay_speed ## events a second of reading and replaying, by stage; ARGS="FILE.tmz..." or one recorded now
	B=$(B) tests/bench/replay.sh $(ARGS)

$(B)/tests/replay_speed: $(call objects,tests/bench/replay_speed.c $(ANALYZER_TESTED) $(COMMON))
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(ANALYZER_LIBS)

.PHONY: bench-symbols
# The large program is that of check-symbols.
bench-symbols: bench-programs $(B)/tests/symbolize $(if $(wildcard tests/symbols/symbols.mk),$(B)/symbols/large-gcc) ## names and lines beside eu-addr2line and heaptrack; ARGS="-n ROUNDS --all ..."
	scripts/packages bench
	/usr/bin/python3 -B tests/bench/symbols.py --build $(B) $(ARGS)

$(B)/tests/symbolize: $(call objects,tests/bench/symbolize.c $(ANALYZER_TESTED) $(COMMON))
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(ANALYZER_LIBS)
