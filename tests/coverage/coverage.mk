# SPDX-License-Identifier: MIT
# Included by tests/tests.mk: which lines the tests execute. Set COUNTED for the build that counts.

COVERED := libtmtrace.so tests/libtmtrace-liar.so tmtrace unit
COVERAGE_FLAGS := -O1 -g -Wno-unused-command-line-argument -Xclang -fprofile-instrument=clang \
		  -Xclang -fcoverage-mapping -mllvm -runtime-counter-relocation
COVERAGE = /usr/bin/python3 -B tests/coverage/coverage.py --build build/coverage

.PHONY: coverage
coverage: ## the lines that the tests execute, by folder, and those that they do not; needs clang and llvm: takes minutes
	+$(MAKE) --no-print-directory B=build/coverage COUNTED=1 CC=clang CFLAGS="$(COVERAGE_FLAGS)" \
		$(COVERED:%=build/coverage/%)
	$(COVERAGE) begin $(COVERED)
	+status=0; $(MAKE) --no-print-directory -k B=build/coverage check || status=$$?; \
		$(COVERAGE) end $(COVERED) && exit $$status

ifdef COUNTED
$(COVERED:%=$(B)/%): $(B)/%: $(B)/counters-%.o
$(foreach name,$(COVERED),$(eval $(B)/$(name): LDFLAGS += $(B)/counters-$(name).o))

$(B)/counters-%.o: tests/coverage/counters.c
	$(call say,CC,$@)mkdir -p $(@D) && $(CC) -std=c11 -D_GNU_SOURCE -I. $(WARNINGS) -O2 -fPIC -c -o $@ $< \
		-DCOUNTERS='"$(abspath $(B))/$*.counters"'
endif
