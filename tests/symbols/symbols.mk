# SPDX-License-Identifier: MIT
# Included by tests/tests.mk: names and lines of real programs against eu-addr2line, tests/symbols.

SYMBOLS_PARTS := 0 1 2 3 4 5 6 7 8
SYMBOLS_TOOLS := $(addprefix $(B)/symbols/,ask_symbols witness)
SYMBOLS_LARGE := $(B)/symbols/large-gcc $(if $(shell command -v clang++),$(B)/symbols/large-clang) \
		 $(if $(shell command -v rustc),$(B)/symbols/large-rust)
SYMBOLS_CXX_gcc := g++ -std=c++17 -O2 -g
# Without .debug_aranges eu-addr2line finds no unit.
SYMBOLS_CXX_clang := clang++ -std=c++17 -O2 -g -gdwarf-aranges
# The same DWARF whoever builds it where.
SYMBOLS_PREFIX = -fdebug-prefix-map=$(CURDIR)=.

.PHONY: check-symbols check-symbols-quick
check-symbols: all $(SYMBOLS_TOOLS) $(SYMBOLS_LARGE) ## long: 20,000 addresses each of large programs against eu-addr2line; ARGS="[-n N] NAME..."
	/usr/bin/python3 -B tests/symbols/agreement.py --build $(B) $(ARGS)

check-symbols-quick: all $(SYMBOLS_TOOLS) $(B)/tests/before_after ## 300 addresses each of small programs and libraries
	/usr/bin/python3 -B tests/symbols/agreement.py --build $(B) --quick $(ARGS)

$(B)/symbols/ask_symbols: $(call objects,tests/symbols/ask_symbols.c $(ANALYZER_TESTED) $(COMMON))
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(ANALYZER_LIBS)

$(B)/symbols/witness: $(call objects,tests/symbols/witness.c)
	$(call say,LD,$@)mkdir -p $(@D) && $(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -o $@ $^ $(ANALYZER_LIBS)

# Kept, though only steps to the programs.
.SECONDARY: $(foreach by,gcc clang,$(SYMBOLS_PARTS:%=$(B)/symbols/$(by)-%.o))

define symbols_program
$(B)/symbols/$(1)-%.o: tests/symbols/large.cc
	$$(call say,CXX,$$@)mkdir -p $$(@D) && $(SYMBOLS_CXX_$(1)) $(SYMBOLS_PREFIX) -DPART=$$* -c -o $$@ $$<

$(B)/symbols/large-$(1): $(SYMBOLS_PARTS:%=$(B)/symbols/$(1)-%.o)
	$$(call say,LD,$$@)$(SYMBOLS_CXX_$(1)) -o $$@ $$^ -pthread
endef
$(foreach by,gcc clang,$(eval $(call symbols_program,$(by))))

$(B)/symbols/large-rust: tests/symbols/large.rs
	$(call say,RUST,$@)mkdir -p $(@D) && MAKEFLAGS= rustc --edition 2021 -C opt-level=2 -g -o $@ $<
