# shellcheck shell=sh
needs=sqlite3 over="jemalloc tcmalloc mimalloc" least=1000000
scenario() {
	record sqlite3 :memory: ".read /tmp/data/memory.sql"
	record sqlite3 file.db "create table t(a integer primary key, b text, c blob);
		with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
		insert into t select i, 'row ' || i, zeroblob(i % 100) from n; create index ti on t(b); analyze;"
	record sqlite3 file.db "delete from t where a % 3 = 0; vacuum; pragma integrity_check; select count(*), sum(a) from t;" \
		".backup copy.db" ".schema"
	record sqlite3 copy.db .dump >dump.sql
	digest dump.sql file.db copy.db
	record sqlite3 file.db "select * from nowhere" ".read absent.sql"
	record sqlite3 -json file.db "select json_group_array(b) from t where a < 30; select group_concat(a) over (order by b) from t limit 5"
}
