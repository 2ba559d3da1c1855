# shellcheck shell=sh
# A cluster, pgbench, parallel queries, a dump, the crash of a server process, and the end; as nobody, for it refuses to be root.
needs="initdb pg_ctl pgbench psql pg_dump" over="jemalloc tcmalloc mimalloc" least=100000
PATH=$PATH:$(echo /usr/lib/postgresql/*/bin | tr " " :)
as_nobody() {
	record initdb -D data -A trust -U postgres --no-sync -E UTF8 --locale=C.UTF-8
	record pg_ctl -D data -l log -w -s start -o "-c listen_addresses=127.0.0.1 -k /tmp/work -c fsync=off -c log_min_messages=info"
	record pgbench -q -i -s 2
	record pgbench -c 4 -j 2 -t 100 -n
	cat >queries.sql <<-'END'
		\set ON_ERROR_STOP off
		set max_parallel_workers_per_gather = 2; set parallel_setup_cost = 0; set parallel_tuple_cost = 0; set min_parallel_table_scan_size = 0;
		select bid, count(*), sum(aid) from pgbench_accounts group by bid order by bid;
		create table t as select i, md5(i::text) s, to_jsonb(array[i, i * 2]) j from generate_series(1, 30000) i; create index on t (s); analyze t;
		select count(distinct s), max(j ->> 1), sum(length(s)) from t where s ~ '[0-9]{4}[a-f]';
		select * from absent; select 1 / 0;
		do $$ begin for i in 1..2000 loop begin perform 1 / (i % 3); exception when division_by_zero then null; end; end loop; end $$;
		begin; declare c cursor for select * from t order by s desc; fetch 3 from c; rollback; vacuum full t;
	END
	record psql -X -f queries.sql
	record pg_dump -t t -t pgbench_branches >dump.sql
	grep -c . dump.sql
	record psql -X -c "select pg_terminate_backend(pg_backend_pid())"
	record psql -X -c "create function crash() returns void language plpgsql as 'begin perform pg_sleep(60); end'"
	(psql -X -c "select crash()" >/dev/null 2>&1 || true) &
	until_it sh -c 'psql -X -At -c "select pid from pg_stat_activity where query = '"'select crash()'"'" | grep .'
	kill -SEGV "$(psql -X -At -c "select pid from pg_stat_activity where query = 'select crash()'")"
	until_it grep -q "all server processes terminated" log
	until_it sh -c '[ "$(grep -c "is ready to accept connections" log)" = 2 ]'
	record psql -X -c "select count(*) from pgbench_accounts"
	record pg_ctl -D data -w -s -m fast stop
	record pg_controldata data >control
	grep 'cluster state' control
	sed -E 's/^[-0-9]+ [0-9:.]+ UTC \[[0-9]+\] //' log
}
scenario() {
	export PGHOST=/tmp/work PGUSER=postgres PGDATABASE=postgres
	nobody sh -eu /tmp/real/inside postgresql as_nobody
}
# What pgbench measures; pids, times and positions in the log, and the checkpoints, which run beside the rest.
rules() {
	sed -E '/^(latency|tps|initial connection)/d; /^LOG:  checkpoint (starting|complete)/d; s/^done in .*/done/; s/\(PID [0-9]+\)/(PID)/
		s/[0-9A-F]+\/[0-9A-F]+/POSITION/g; s/[0-9.]+ s\b/TIME s/g; s/at [0-9-]+ [0-9:.]+ UTC/at TIME/; s/CPU: user: .*/CPU/'
}
