# shellcheck shell=sh
# Real programs, each compared with its untraced run and with the counter in the same run.
export PYTHONMALLOC=malloc PYTHONHASHSEED=0 HOME="$PWD" GIT_CONFIG_NOSYSTEM=1 PERL_HASH_SEED=0
if have sqlite3; then
	recorded sqlite3 sqlite3 :memory: ".read $DATA/memory.sql"
	expect "sqlite3 makes a million allocations" test "$(info "$(echo trace.*.tmz)" events.allocations)" -ge 1000000
else
	skip "sqlite3 is not installed"
fi
recorded python3 /usr/bin/python3 -sS "$DATA/objects.py"
recorded "python3, threads" /usr/bin/python3 -sS "$DATA/threads.py"
recorded perl perl "$DATA/words.pl" 200000
if have xmllint; then
	perl "$DATA/library.pl" 20000 >library.xml
	recorded xmllint xmllint --noblanks --format library.xml
	echo '<a><b></a>' >wrong.xml
	recorded "xmllint, on an error" xmllint wrong.xml
else
	skip "xmllint is not installed"
fi
if have git; then
	git init -q repository
	perl "$DATA/commits.pl" 2000 | git -C repository fast-import --quiet
	recorded "git log" git -C repository --no-pager log --stat main
	recorded "git gc, with its children" git -C repository gc --quiet
else
	skip "git is not installed"
fi
recorded "g++, cc1plus and as" g++ -O1 -c "$DATA/containers.cc" -o containers.o
