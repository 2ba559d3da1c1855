# shellcheck shell=sh
# Every stack of tests/torture, in all variants, is the one that libunwind finds.
if ! TMTRACE_CHECK_STACKS=1 TMTRACE_OUTPUT=probe.tmz LD_PRELOAD="$LIB" "$PROGRAMS/exits" return >/dev/null 2>&1; then
	skip "libunwind is not installed"
	return 0
fi
# The counter also counts what loading libunwind takes, so it counts a run without the check mode.
recorded "torture O2" "$B/torture/O2/torture"
rm -f ./*.tmz
export TMTRACE_CHECK_STACKS=1
for program in "$B"/torture/*/torture; do
	variant=$(basename "$(dirname "$program")")
	same "torture $variant" "$program"
	for trace in trace.*.tmz; do
		expect "$variant: every stack is checked" equal "$(info "$trace" quality.checked_stacks)" \
			"$("$TMTRACE" dump "$trace" | grep -c -E '^[^ ]+ [^ ]+ [^ ]+ (alloc|track) ')"
		expect "$variant: none differs from libunwind's" equal "$(info "$trace" quality.stack_differences)" 0
	done
done
# Stubs of a linker are not described either, but end as calls do.
rm -f trace.*
status out err traced "$B/torture/O2/torture" exact
expect "a handler over a linker's stub has a whole stack" \
	equal "$(info "$(echo trace.*.tmz)" quality.incomplete_tracebacks)" 0
# Nothing tells how 150 of them go on: no call frame information, and rbp is no frame pointer.
for variant in O2 clang-O2; do
	[ -x "$B/torture/$variant/torture" ] || continue
	rm -f trace.*
	status out err traced "$B/torture/$variant/torture" bare
	expect "$variant: only what cannot be known is incomplete" \
		equal "$(info "$(echo trace.*.tmz)" quality.incomplete_tracebacks)" 150
done
unset TMTRACE_CHECK_STACKS
