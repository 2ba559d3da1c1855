# shellcheck shell=sh
# The server and its clients are all traced; the package links it with jemalloc. The server is the checker by another name.
needs="redis-benchmark redis-check-rdb redis-cli" over="tcmalloc mimalloc" least=10000
until_saved() { until_it sh -c 'redis-cli info persistence | grep -q "^rdb_bgsave_in_progress:0" && redis-cli info persistence | grep -q "^aof_rewrite_in_progress:0"'; }
scenario() {
	ln -s "$(command -v redis-check-rdb)" redis-server
	for threads in 1 4; do
		serve ./redis-server --bind 127.0.0.1 --port 6379 --save '' --io-threads "$threads" --io-threads-do-reads yes --enable-debug-command yes
		until_it redis-cli ping
		record redis-benchmark -q -n 1000 -c 20 -P 4 -d 100
		record redis-cli eval "for i = 1, 5000 do redis.call('set', 'key' .. i, string.rep('x', i % 300)); redis.call('rpush', 'list' .. i % 50, i);
			redis.call('hset', 'hash' .. i % 9, i, i * i); redis.call('zadd', 'sorted', i % 77, i) end; return redis.call('dbsize')" 0
		record redis-cli bgsave
		record redis-benchmark -q -n 1000 -t set,lpush,zadd -r 100000
		until_saved
		record redis-cli config set appendonly yes
		record redis-cli eval "for i = 1, 5000, 3 do redis.call('del', 'key' .. i) end; return redis.call('dbsize') >= 3333" 0
		until_saved
		record redis-cli bgrewriteaof
		until_saved
		record redis-cli flushall
		record redis-cli debug reload
		record redis-cli --raw lrange list7 0 3
		record redis-cli wrong command
		record redis-cli shutdown save
		finish
		record redis-check-rdb dump.rdb
		cat server.out server.err
		rm -rf dump.rdb appendonlydir server.out server.err
	done
}
# Figures of the benchmark, and its steps on the way; pids, times and sizes in the log; the time and the memory in a dump.
rules() {
	tr '\r' '\n' | sed -E 's/: [0-9.]+ requests per second, p50=[0-9.]+ msec/: FIGURES/; /: rps=[0-9.]+ \(overall/d; /^[[:space:]]*$/d
		s/^[0-9]+:([XCSM]) [0-9]+ [A-Z][a-z]+ [0-9]+ [0-9:.]+ /PID:\1 TIME /; s/pid=[0-9]+|pid [0-9]+|PID: [0-9]+/PID/; s/-bg-[0-9]+/-bg-PID/; s/[0-9.]+ (M[Bb]|seconds)/SOME \1/g
		s/^\[offset [0-9]+\]/[offset]/; s/(AUX FIELD (ctime|used-mem) = ).*/\1FIGURE/; s/[0-9]+ (bytes|keys loaded)/SOME \1/'
}
