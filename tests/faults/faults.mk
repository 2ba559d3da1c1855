# SPDX-License-Identifier: MIT
# The library whose system calls fail as a test says: the same sources, another sys_call.

FAULT_LIB := $(B)/fault/libtmtrace.so
FAULT_OBJECTS := $(patsubst %.c,$(B)/fault/%.o,$(PRELOAD) $(COMMON) tests/faults/fault_call.c)

.PHONY: check-faults

check-faults: all programs $(FAULT_LIB) ## long: every system call of the library fails, each time, in every way; every disk gets full
	B=$(B) FAULTS=all tests/preload/run disks limits faults

$(FAULT_LIB): $(FAULT_OBJECTS) preload/exports.map
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $(filter %.o,$^) $(ZSTD_STATIC) $(LIBRARY_FLAGS)

$(B)/fault/%.o: %.c
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(BASE) -DTMTRACE_FAULTS $(CFLAGS) $(GUEST) -c -o $@ $<

programs: $(FAULT_LIB)
