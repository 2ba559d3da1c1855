# SPDX-License-Identifier: MIT
# Included by tests/tests.mk: programs that run for long.

SOAK_SECONDS ?= 600

.PHONY: soak
soak: all $(B)/tests/endless ## long: programs recorded for SOAK_SECONDS (600) each: memory, losses, reading meanwhile; ARGS="PROGRAM..."
	scripts/packages bench
	/usr/bin/python3 -B tests/soak/soak.py --build $(B) --seconds $(SOAK_SECONDS) $(ARGS)
