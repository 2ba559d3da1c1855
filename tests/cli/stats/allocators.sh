# Of --show-allocators and --hide-allocators the last one counts.
first() { "$TMTRACE" stats "$TRACES/cpp.tmz" --format plain -n 20 -g lineno "$@"; }
first >hidden
first --show-allocators >shown
cmp -s hidden shown && echo "there is nothing to hide"
first --hide-allocators | cmp - hidden
first --show-allocators --hide-allocators | cmp - hidden
first --hide-allocators --show-allocators | cmp - shown
cat hidden shown
