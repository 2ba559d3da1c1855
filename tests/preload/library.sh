# shellcheck shell=sh
# What libtmtrace.so asks of a process and what it puts into its symbol scope.
readelf -dW "$LIB" >dynamic
expect "libc.so.6 is the only NEEDED library" \
	equal "$(sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' dynamic | grep -v '^ld-linux' | tr '\n' ' ')" "libc.so.6 "
expect "it is initialised first" grep -q 'FLAGS_1.*INITFIRST' dynamic
expect "it is never unloaded" grep -q 'FLAGS_1.*NODELETE' dynamic
refuse "it has no text relocations" grep -q TEXTREL dynamic
nm -D --defined-only "$LIB" | awk '{ sub("@.*", "", $3); print $3 }' | LC_ALL=C sort >exported
tr ';' '\n' <"$SOURCE/preload/exports.map" | sed -n '/global:/,/local:/p' | tr -d ' \t{}' | grep -v ':' | grep . |
	LC_ALL=C sort >listed
grep -v '\*' listed >plain
expect "every listed symbol is exported" equal "$(LC_ALL=C comm -13 exported plain)" ""
expect "no other symbol is exported" equal "$(LC_ALL=C comm -23 exported plain | grep -v '^tmtrace_' || true)" ""
grep '^tmtrace_' exported >functions
sed -n '/^#ifdef TMTRACE_LIBRARY/,/^#else/p' "$SOURCE/preload/tmtrace.h" | grep -o 'tmtrace_[a-z_]*' | LC_ALL=C sort -u >declared
expect "its functions are those of tmtrace.h" cmp functions declared
grep -o '^TMTRACE_FUNCTION_ tmtrace_[a-z_]*' "$SOURCE/preload/tmtrace.h" | sed 's/.* //' | LC_ALL=C sort >wrapped
expect "each has its place in the table and in the header" sh -c 'grep -v "^tmtrace_functions$" functions | cmp - wrapped'
sed -n 's/^\.Fn \(tmtrace_[a-z_]*\) .*/\1/p' "$SOURCE/man/tmtrace.3" | LC_ALL=C sort -u >described
expect "and its description in tmtrace(3)" cmp wrapped described
readelf -lW "$LIB" >segments
refuse "its stack is not executable" grep -q 'GNU_STACK.*RWE' segments
