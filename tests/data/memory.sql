-- An in-memory database that allocates more than a million times and prints little.
create table book(id integer primary key, title text, author text, price real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 120000)
	insert into book select i, printf('title %d of %d', i, i % 977), printf('author %d', i % 5003), i * 0.25 from n;
create index by_author on book(author, price);
select count(*), sum(price), min(title), max(author) from book where title like 'title 1%';
select substr(author, 1, 9) k, count(*), length(group_concat(title)) from book group by k order by 2 desc, 1 limit 5;
update book set title = replace(title, 'of', 'out of') where id % 3 = 0;
delete from book where id % 5 = 0;
select count(distinct upper(title)), total(length(trim(author) || title)) from book;
select json_extract(json_object('a', json_array(id, title, author)), '$.a[1]') j from book order by j desc limit 3;
