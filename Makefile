# SPDX-License-Identifier: MIT
# `make help` lists the targets. Knobs: CC CFLAGS DESTDIR PREFIX V=1 DEV=1 SAN=address,undefined|thread B=builddir

VERSION := 0.1.0
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib/tmtrace
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
INCLUDEDIR ?= $(PREFIX)/include
PKGCONFIGDIR ?= $(PREFIX)/lib/pkgconfig
CC ?= cc
CFLAGS ?= -O2 -g
PKG_CONFIG ?= pkg-config
SAN ?=
DEV ?=
comma := ,
B ?= build$(if $(SAN),/$(subst $(comma),-,$(SAN)))

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-5s %s\n' $(1) $(2);)

WARNINGS := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wpointer-arith
BASE := -std=c11 -D_GNU_SOURCE -DTMTRACE_VERSION='"$(VERSION)"' -DTMTRACE_LIBDIR='"$(LIBDIR)"' -I. $(WARNINGS) \
	$(if $(DEV),-Werror) -MMD -MP
# Sanitizers do their own checking, and glibc's needs a build that optimizes. What is checked of it: tests/lint/hardening.
OPTIMIZES := $(filter-out -O0,$(filter -O%,$(CFLAGS)))
HARDEN := -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	$(if $(SAN),,$(if $(OPTIMIZES),-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3))
HARDEN_LINK := -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
SANITIZE := $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)

# The guest in a foreign process: TLS that never allocates, and hooks whose frames the walk can start from.
GUEST := -fPIC -fvisibility=hidden -ftls-model=initial-exec -fno-omit-frame-pointer -fno-optimize-sibling-calls \
	-fno-tree-slp-vectorize
LIBRARY_FLAGS := -Wl,--version-script=preload/exports.map -Wl,-soname,libtmtrace.so \
	-Wl,-z,defs $(HARDEN_LINK) -Wl,-z,initfirst -Wl,-z,nodelete -Wl,--exclude-libs,ALL
ZSTD_STATIC = $(shell $(CC) -print-file-name=libzstd.a)
ANALYZER_LIBS = $(shell $(PKG_CONFIG) --libs libdw libelf libzstd) -liberty -lpthread
TEST_LIBS = $(ANALYZER_LIBS) -lunwind -lm

COMMON := $(wildcard common/*.c)
PRELOAD := $(wildcard preload/*.c)
ANALYZER := $(wildcard analyzer/*.c)
UNIT := tests/main.c $(wildcard tests/unit/*.c)
# What interposes or starts by itself cannot live in the unit-test binary.
PRELOAD_TESTED := $(filter-out preload/intercept.c preload/mapping.c preload/exec.c preload/fork.c preload/start.c,$(PRELOAD))
ANALYZER_TESTED := $(filter-out analyzer/main.c,$(ANALYZER))
MAN := $(wildcard man/*.[1-8])

objects = $(patsubst %.c,$(B)/%.o,$(1))

.DEFAULT_GOAL := all
.PHONY: all help check check-unit check-cli check-preload check-tracemalloc bless lint format sanitize fuzz bench \
	install uninstall clean programs

all: $(B)/libtmtrace.so $(B)/tmtrace ## build the library and the command

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' Makefile tests/tests.mk tests/*/*.mk | expand -t 22

$(B)/libtmtrace.so: $(call objects,$(PRELOAD) $(COMMON)) preload/exports.map
	$(call say,LD,$@)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $(filter %.o,$^) $(ZSTD_STATIC) $(LIBRARY_FLAGS)

$(B)/tmtrace: $(call objects,$(ANALYZER) $(COMMON))
	$(call say,LD,$@)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -pie $(HARDEN_LINK) -o $@ $^ $(ANALYZER_LIBS)

$(B)/unit: $(call objects,$(UNIT) $(PRELOAD_TESTED) $(ANALYZER_TESTED) $(COMMON))
	$(call say,LD,$@)$(CC) $(CFLAGS) $(SANITIZE) $(LDFLAGS) -rdynamic -o $@ $^ $(ZSTD_STATIC) $(TEST_LIBS)

$(B)/preload/%.o: preload/%.c Makefile
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(BASE) $(CFLAGS) $(HARDEN) $(GUEST) $(SANITIZE) -c -o $@ $<

$(B)/common/%.o: common/%.c Makefile
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(BASE) $(CFLAGS) $(HARDEN) $(GUEST) $(SANITIZE) -c -o $@ $<

$(B)/%.o: %.c Makefile
	$(call say,CC,$<)mkdir -p $(@D) && $(CC) $(BASE) $(CFLAGS) $(HARDEN) -fPIE $(SANITIZE) -c -o $@ $<

include tests/tests.mk

# For programs that include tmtrace.h; `preload` is what to set LD_PRELOAD to.
define PC
includedir=$(INCLUDEDIR)
preload=$(LIBDIR)/libtmtrace.so

Name: tmtrace
Description: what a program may say to the heap profiler that records it
Version: $(VERSION)
Cflags: -I$${includedir}
endef
export PC

install: all ## copy to $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(LIBDIR) $(DESTDIR)$(INCLUDEDIR) $(DESTDIR)$(PKGCONFIGDIR)
	install -m 755 $(B)/tmtrace $(DESTDIR)$(BINDIR)/tmtrace
	install -m 644 $(B)/libtmtrace.so $(DESTDIR)$(LIBDIR)/libtmtrace.so
	install -m 644 preload/tmtrace.h $(DESTDIR)$(INCLUDEDIR)/tmtrace.h
	printf '%s\n' "$$PC" >$(DESTDIR)$(PKGCONFIGDIR)/tmtrace.pc
	for page in $(MAN); do install -D -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}; done

uninstall: ## remove what install copied
	rm -f $(DESTDIR)$(BINDIR)/tmtrace $(DESTDIR)$(LIBDIR)/libtmtrace.so
	rm -f $(DESTDIR)$(INCLUDEDIR)/tmtrace.h $(DESTDIR)$(PKGCONFIGDIR)/tmtrace.pc
	for page in $(MAN); do rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}; done
	-rmdir $(DESTDIR)$(LIBDIR)

clean: ## remove what was built
	rm -rf build

-include $(shell find $(B) -name '*.d' 2>/dev/null)
