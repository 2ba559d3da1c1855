# shellcheck shell=sh
# Debug files come from a server where the user asks for it, and no socket is opened where not.
cat >prog.c <<'END'
#include <stdlib.h>
void *volatile kept;
static inline __attribute__((always_inline)) void *inner(size_t size) { return malloc(size); }
static __attribute__((noinline)) void outer(size_t size) { kept = inner(size); kept = (char *)kept + 1; }
int main(void)
{
	for (int i = 0; i < 10; i++)
		outer(11111);
	return 0;
}
END
id_of() { LC_ALL=C readelf -n "$1" | sed -n 's/.*Build ID: //p'; }
# serve FILE ID KIND: what the server has.
serve() { mkdir -p "srv/buildid/$2" && cp "$1" "srv/buildid/$2/$3"; }
location() { "$TMTRACE" stats x.tmz --no-cache --format csv -n 1 "$@" 2>err | sed -n '2s|.*/||p;2s|.*,||p' | head -n 1; }
told() { "$TMTRACE" info x.tmz --no-cache "$@" >info.txt 2>err; }
gcc -g -O1 -o prog prog.c
cp prog whole
serve prog "$(id_of prog)" debuginfo
strip prog
"$TMTRACE" run -o x.tmz -- ./prog 2>run.err
wanted=prog.c:3

cat >server.py <<'END'
import functools, http.server, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        print("request", self.path, file=sys.stderr, flush=True)
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory="srv"))
print(server.server_address[1], flush=True)
server.serve_forever()
END
cat >silent.py <<'END'
import socket, time
s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1], flush=True)
time.sleep(60)
END
port_of() { # FILE: what is in it, as soon as there is something
	while [ ! -s "$1" ]; do sleep 0.1; done
	cat "$1"
}
/usr/bin/python3 -I server.py >port 2>requests &
server=$!
/usr/bin/python3 -I silent.py >silent.port &
silent=$!
trap 'kill $server $silent 2>/dev/null || true' EXIT
DEBUGINFOD_URLS=http://127.0.0.1:$(port_of port)
export DEBUGINFOD_CACHE_PATH="$PWD/cache" http_proxy='' no_proxy='*'

expect "without DEBUGINFOD_URLS, --debuginfod says so and goes on" equal "$(location --debuginfod)" prog:0
expect "in one line" equal "$(cat err)" "tmtrace: --debuginfod: DEBUGINFOD_URLS names no server; only this machine is searched"
export DEBUGINFOD_URLS
expect "without the option there is no line" equal "$(location)" prog:0
told
expect "and info tells of the option" grep -q -- "prog .*or give --debuginfod" info.txt
expect "the server was not asked" equal "$(wc -l <requests)" 0
if have strace; then
	strace -f -e trace=%network -o strace.out "$TMTRACE" info x.tmz --no-cache >info.txt
	refuse "no socket is opened" grep -q '(' strace.out
else
	skip "strace is not installed"
fi

if ! ldconfig -p 2>/dev/null | grep -q libdebuginfod.so.1 && [ ! -e /usr/lib/x86_64-linux-gnu/libdebuginfod.so.1 ]; then
	told --debuginfod
	expect "without the library, --debuginfod says so" grep -q "there is no libdebuginfod.so.1" err
	skip "libdebuginfod1 is not installed"
	exit 0
fi
expect "with it there is" equal "$(location --debuginfod)" "$wanted"
expect "the server was asked for the debug file" grep -q "buildid/$(id_of prog)/debuginfo" requests
kill "$server"
expect "what was fetched is kept, also when the server is gone" equal "$(location --debuginfod)" "$wanted"

rm -rf cache
expect "a server that is gone leaves all as it is" equal "$(location --debuginfod)" prog:0
told --debuginfod
expect "and info says so" grep -q "prog .*debuginfod: " info.txt

: >port
serve whole "$(id_of whole)" executable
/usr/bin/python3 -I server.py >port 2>requests &
server=$!
DEBUGINFOD_URLS=http://127.0.0.1:$(port_of port)
rm -rf cache prog "srv/buildid/$(id_of whole)/debuginfo"
gcc -O1 -o unrelated prog.c
strip -g -o symbols whole
serve symbols "$(id_of whole)" executable
expect "a program that is gone comes from the server, for its names" \
	equal "$("$TMTRACE" stats x.tmz --no-cache --debuginfod -g function --format csv -n 1 2>err | tail -n 1)" 111110,10,11111,outer
rm -rf cache
serve unrelated "$(id_of whole)" executable
serve unrelated "$(id_of whole)" debuginfo
expect "what a server sends under another's build-id is not used" equal "$(location --debuginfod)" prog:0
if have dwz; then
	rm -rf cache
	gcc -g -gdwarf-4 -O1 -o prog prog.c
	cp prog twin
	dwz -m common prog twin
	serve common "$(id_of common)" debuginfo
	serve prog "$(id_of prog)" debuginfo
	rm common
	strip prog
	"$TMTRACE" run -o dwz.tmz -- ./prog 2>run.err
	"$TMTRACE" stats dwz.tmz --no-cache --debuginfod -g function --format csv -n 1 >out 2>err
	expect "so does the file with common parts that dwz made" equal "$(tail -n 1 out)" 111110,10,11111,inner
else
	skip "dwz is not installed"
fi

rm -rf cache
DEBUGINFOD_URLS=http://127.0.0.1:$(port_of silent.port)
status out err timeout --preserve-status -s INT 1 "$TMTRACE" info x.tmz --no-cache --debuginfod
# shellcheck disable=SC2154
expect "an interrupt ends the wait for a server" equal "$status" 130
