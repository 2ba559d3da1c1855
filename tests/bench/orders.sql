-- Orders of a shop, in memory; the table `size` says how many.
create table orders(number integer primary key, customer text, amount real);
with recursive counter(i) as (select 1 union all select i + 1 from counter where i < (select n from size))
	insert into orders select i, printf('%011X%011X', i * 2654435761 % 17592186044399, i * 40503 % 4294967291), i * 0.75 from counter;
create index by_customer on orders(customer);
select count(*), sum(amount) > 0 from orders where customer like 'F%';
select length(group_concat(number)), count(*), substr(customer, 1, 2) start from orders group by start order by 2 desc, 3 limit 4;
update orders set customer = customer || '-renamed' where number % 4 = 1;
delete from orders where number % 6 = 0;
