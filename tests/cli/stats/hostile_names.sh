# What a trace holds reaches no terminal as it is: no control character, no hidden one, none that reorders.
hidden='[\x{00}-\x{09}\x{0b}-\x{1f}\x{7f}-\x{9f}\x{ad}\x{61c}\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{feff}\x{e0000}-\x{e0fff}]'
check() {
	"$TMTRACE" "$@" >out 2>err
	echo "$(cat out err | LC_ALL=C.UTF-8 grep -aPc "$hidden") bad of $(cat out err | wc -l) lines: $1 $3"
}
h=$TRACES/hostile.tmz
for key in lineno filename traceback function module domain thread; do check stats "$h" -g "$key" --frames 3; done
check stats "$h" -g traceback --most-recent-first --show-allocators
LC_ALL=C check stats "$h" -g function
check stats "$h" --filter "$(printf 'include,pattern=*\033[8m*')"
check stats "$h@mark:none"
check stats "$h@mark:$(printf '\033[5mmark\330\234')"
check stats "$h@mark:$(printf '\033[5mmar')"
check diff "$h@start" "$h" -g function
check info "$h"
check verify "$h"
check dump "$h"
check object "$h" 0x1000
check object "$h" 0x3000
check stats "$(printf '\033[31mabsent\r')"
check stats "$h" --color "$(printf '\033[31m')"
"$TMTRACE" stats "$h" --full-names
"$TMTRACE" stats "$h@mark:none"
