# shellcheck shell=sh
# Dates and names are set, so that all objects have the same names in both runs.
needs="git perl" over="jemalloc tcmalloc mimalloc" least=100000
scenario() {
	export GIT_CONFIG_NOSYSTEM=1 GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@b.c GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@b.c
	export GIT_AUTHOR_DATE="2026-01-02T03:04:05Z" GIT_COMMITTER_DATE="2026-01-02T03:04:05Z"
	record git init -q -b main one
	perl /tmp/data/commits.pl 1000 >commits
	record git -C one fast-import --quiet <commits
	record git -C one reset -q --hard
	cp /tmp/data/* one
	record git -C one add -A
	record git -C one commit -q -m "tests: the data"
	record git -C one checkout -q -b side HEAD~20
	echo more >>one/words.pl
	record git -C one add words.pl
	record git -C one commit -q -m "a conflict"
	record git -C one merge main
	record git -C one status --short
	record git -C one merge --abort
	record git -C one rebase -q -X theirs main
	record git -C one --no-pager log --stat -n 50 --graph
	record git -C one --no-pager blame words.pl
	record git -C one --no-pager grep -n -c print
	record git -C one gc --quiet --prune=now
	record git -C one fsck --full --strict
	record git clone -q one two
	record git clone -q --bare --no-local one three.git
	serve git daemon --reuseaddr --export-all --base-path=/tmp/work --listen=127.0.0.1 --port=9418 --enable=receive-pack
	until_it git ls-remote git://127.0.0.1/three.git
	record git clone -q --depth 5 git://127.0.0.1/three.git four
	echo last >two/last
	record git -C two add last
	record git -C two commit -q -m last
	record git -C two push -q git://127.0.0.1/three.git HEAD:pushed
	kill "$server"
	finish
	record git -C two archive --format=tar.gz -o ../two.tar.gz HEAD
	record git -C two format-patch -q -3
	record git -C two rev-parse nothing
	git -C three.git for-each-ref
	git -C four rev-parse HEAD
	digest two.tar.gz two/*.patch one/words.pl
}
