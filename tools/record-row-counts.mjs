/**
 * Records what workerd counts as rows read and written: `node tools/record-row-counts.mjs`.
 *
 * Each group of statements below runs in the order of its list, in a Durable Object of its own, and the counts are written
 * to test/unit/fixtures/workerd-row-counts.json: when `exec` returned, and when the cursor was read to its end. The unit
 * tests run the same groups. All data is made by SQL, so both sides have the same.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';

const FIXTURE = fileURLToPath(new URL('../test/unit/fixtures/workerd-row-counts.json', import.meta.url));

/** One statement a line; a line that begins with white space goes on. `@ 1, 'x'` at the end gives the bindings. */
const groups = {
  /** The measured examples of the platform's row counting. */
  measured: `
create table u(id integer primary key, a, b)
insert into u(a, b) values(1, 2)
insert into u(id, a, b) values(100, 1, 2)
delete from u
select * from u
select count(*) from u
select max(id) from u
insert into u with recursive n(i) as (select 1 union all select i + 1 from n where i < 104) select i, i % 10, i * 7 % 104 from n
select * from u
select * from u where id = 5
select * from u where id = 999
select * from u where id = ? @ 5
select * from u where id = ? @ '5'
select * from u where id = ? @ 'five'
select * from u where id = ? @ 5.5
select * from u where id = ? @ null
select * from u limit 5 offset 10
select * from u order by b limit 1
select * from u order by id desc limit 3
select max(id) from u
select min(id) from u
select exists(select 1 from u where a = 7)
select count(*) from u
select count(a) from u
select a, count(*) from u group by a
select distinct a from u
insert into u(a, b) values(1, 2)
update u set b = 5 where id = 1
update u set b = 5 where id = 999
create index ua on u(a)
insert into u(a, b) values(1, 2)
select * from u where a = 3
select * from u where a = 99
select a from u where a = 3
select * from u order by a limit 1
select max(a) from u
update u set b = 5 where id = 1
update u set a = 5 where id = 1
update u set a = 5 where id = 1
update u set a = 6 where id in (1, 2, 3)
delete from u where id = 2
delete from u where id = 999
create index uab on u(a, b)
update u set a = a + 1 where a = 4
delete from u
select * from json_each('[1,2,3]')
select * from json_tree('{"a":[1,2],"b":{"c":3}}')
select 1 union all select 2
drop index ua
drop table u`,
  /** How the counters of trap 27 go. */
  steps: `
create table u(id integer primary key, a)
insert into u(a) with recursive n(i) as (select 0 union all select i + 1 from n where i < 99) select i % 10 from n
select * from u
select * from u where id=999
select * from u order by a limit 1
select * from u limit 5 offset 10
select count(*) from u
create index ua on u(a)
select * from u where a=3
insert into u(a) values(1)
update u set a=5 where id=1
delete from u
select 1 union all select 2`,
  shop: `
create table customers(id integer primary key, name text not null, city text, credit integer default 0)
create table products(id integer primary key autoincrement, code text unique, price real, taxed real generated always as (price * 1.2) stored, cents integer generated always as (price * 100) virtual)
create table orders(id integer primary key, customer integer references customers(id) on delete cascade, day integer, status text)
create table items(order_id integer references orders(id) on delete cascade, line integer, product integer, quantity integer, primary key(order_id, line)) without rowid
create table settings(key text primary key, value)
create table audit(id integer primary key, what text, ref integer)
create index customers_city on customers(city)
create index orders_customer on orders(customer, day)
create index orders_open on orders(day) where status = 'open'
create index products_cents on products(cents)
create trigger orders_made after insert on orders begin insert into audit(what, ref) values('made', new.id); end
create trigger orders_gone after delete on orders begin insert into audit(what, ref) values('gone', old.id); end
create trigger credit_changed after update of credit on customers when new.credit <> old.credit begin update settings set value = value + 1 where key = 'changes'; end
create view order_totals as select o.id, o.customer, sum(i.quantity * p.price) as total from orders o join items i on i.order_id = o.id join products p on p.id = i.product group by o.id
insert into settings values('changes', 0), ('theme', 'dark'), ('zone', 'utc')
insert into customers(id, name, city, credit) with recursive n(i) as (select 1 union all select i + 1 from n where i < 60) select i, 'customer ' || (i * 37 % 60), 'city ' || (i % 8), i * 13 % 100 from n
insert into products(code, price) with recursive n(i) as (select 1 union all select i + 1 from n where i < 25) select printf('p%03d', i * 11 % 25), (i * 7 % 40) + 0.5 from n
insert into orders(id, customer, day, status) with recursive n(i) as (select 1 union all select i + 1 from n where i < 150) select i, i * 17 % 60 + 1, i % 30, case when i % 5 = 0 then 'open' else 'sent' end from n
insert into items with recursive n(i) as (select 0 union all select i + 1 from n where i < 449) select i / 3 + 1, i % 3, i * 19 % 25 + 1, i % 4 + 1 from n
select count(*) from customers
select count(*) from items
select count(*) from orders where status = 'open'
select count(*), sum(quantity) from items
select * from customers where id = 7
select * from customers where id between 10 and 19
select * from customers where id > 55
select * from customers where id < 6
select * from customers where id <= 6 order by id desc
select * from customers where id > 'text'
select * from customers where id < 'text'
select * from customers where id > 58.5
select * from customers where id > 900
select * from customers where id in (3, 5, 8, 900)
select * from customers where city = 'city 3'
select id from customers where city = 'city 3'
select city from customers where city > 'city 5'
select city from customers where city < 'city 1'
select * from customers where city in ('city 1', 'city 2', 'nowhere')
select * from customers where city = 'nowhere'
select * from customers where name like 'customer 1%'
select * from customers where city like 'city 1%'
select * from customers where city glob 'city 1*'
select * from customers where id = 4 or city = 'city 2'
select * from customers where id = 4 or id = 9
select * from customers where city is null
select * from customers where city is not null limit 3
select * from customers order by name
select * from customers order by city
select * from customers order by city desc limit 4
select * from customers order by city, name
select * from customers order by name limit 5
select * from customers order by name limit 5 offset 5
select * from customers limit 2
select * from customers limit 0
select min(name), max(name) from customers
select min(city) from customers
select max(city) from customers
select min(credit) from customers where city = 'city 4'
select city, count(*) from customers group by city
select city, count(*) from customers group by city having count(*) > 7
select credit / 10, count(*) from customers group by credit / 10
select distinct city from customers
select distinct credit / 10 from customers
select count(distinct city) from customers
select count(distinct credit / 10) from customers
select * from customers where rowid = 3
select * from settings where key = 'theme'
select * from settings where key = 'none'
select key from settings order by key
select * from products where code = 'p007'
select * from products where cents = 2250
select * from products where cents between 1000 and 2000
select * from products where taxed > 30
select * from orders where status = 'open' and day > 20
select * from orders where status = 'open'
select * from orders where customer = 12 and day = 4
select * from orders where customer = 12 and day > 4 order by day
select * from orders where customer = 12 order by day desc limit 1
select * from orders where customer in (4, 5, 6) and day in (3, 4, 5, 6, 7)
select * from orders where customer > 50 and day = 3
select * from items where order_id = 8
select * from items where order_id = 8 and line = 1
select * from items where order_id = 8 and line = 9
select * from items where order_id between 8 and 11
select * from items order by order_id desc, line desc limit 4
select c.name, o.day from customers c join orders o on o.customer = c.id where c.id = 12
select c.name, o.day from customers c join orders o on o.customer = c.id
select c.name, o.id from customers c left join orders o on o.customer = c.id and o.day > 25
select c.name, o.id from orders o left join customers c on c.id = o.customer where o.day = 3
select c.name from customers c left join orders o on o.customer = c.id where o.id is null
select p.code, sum(i.quantity) from items i join products p on p.id = i.product group by p.code
select o.id, i.line, p.code from orders o join items i on i.order_id = o.id join products p on p.id = i.product where o.customer = 12
select a.id, b.id from customers a, customers b where a.credit = b.credit and a.id < b.id
select a.id, b.key from customers a join settings b
select a.id from customers a join products b on b.price = a.credit + 0.5
select * from customers natural join settings limit 3
select count(*) from orders cross join settings
select o.id, c.id from orders o full join customers c on c.id = o.customer and o.day = 2
select name from customers where id in (select customer from orders where day = 3)
select name from customers where id not in (select customer from orders)
select name from customers c where exists(select 1 from orders o where o.customer = c.id and o.day = 3)
select name from customers c where not exists(select 1 from orders o where o.customer = c.id)
select name, (select count(*) from orders o where o.customer = c.id) from customers c
select name, (select max(day) from orders o where o.customer = c.id) from customers c limit 5
select * from orders where customer = (select id from customers where name = 'customer 14')
select * from (select city, count(*) as n from customers group by city) where n > 7
select * from order_totals where customer = 12
select * from order_totals order by total desc limit 3
select city from customers union select status from orders
select city from customers union all select status from orders
select id from customers except select customer from orders
select id from customers intersect select customer from orders where day < 5
select id from customers union all select id from products order by 1 limit 5
select id, row_number() over (order by name) from customers
select id, sum(credit) over (partition by city order by id) from customers
select id, lag(day) over (partition by customer order by day) from orders where customer < 4
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20) select * from n
with recursive n(i) as (select 1 union select (i + 1) % 10 from n) select * from n
with recursive chain(id, hop) as (select 1, 0 union all select o.id, hop + 1 from chain join orders o on o.customer = chain.id where hop < 3) select * from chain
with big as materialized (select * from customers where credit > 50) select * from big a join big b on a.city = b.city where a.id < b.id
with big as (select * from customers where credit > 50) select count(*) from big
with busy as (select customer, count(*) as n from orders group by customer) select c.name, busy.n from customers c join busy on busy.customer = c.id where busy.n > 2
values (1), (2), (3)
select o.id from orders o where exists(select 1 from customers c where c.id = o.customer and c.city = 'city 3')
select o.id from orders o where exists(select 1 from customers c where c.id = o.customer)
select c.id from customers c where exists(select 1 from orders o where o.customer = c.id and o.status = 'open')
select c.id from customers c where exists(select 1 from orders o where o.customer = c.id) and c.city = 'city 4'
select c.id from customers c where exists(select 1 from orders o where o.day = c.credit)
select c.id from customers c where exists(select 1 from settings)
select c.id from customers c where exists(select 1 from orders o join items i on i.order_id = o.id where o.customer = c.id and i.quantity = 4)
select c.id from customers c where exists(select 1 from orders o where o.customer = c.id) or c.id = 5
select c.id, o.id from customers c join orders o on o.customer = c.id where exists(select 1 from items i where i.order_id = o.id and i.product = 5)
select count(*) from customers c where exists(select 1 from orders o where o.customer = c.id and o.day > 20)
select count(*) from items i join orders o on o.id = i.order_id join customers c on c.id = o.customer join products p on p.id = i.product where c.city = 'city 1' and p.price > 10
select count(*) from items i, orders o, customers c, products p, settings s where o.id = i.order_id and c.id = o.customer and p.id = i.product and s.key = 'theme'
select city from customers union select status from orders order by 1
select city from customers union select status from orders limit 3
select id from customers where city = 'city 1' union select customer from orders where day = 4
select count(*) from (select city from customers union select status from orders)
select * from customers where id in (select customer from orders where day = 3 union select 5)
select city, (select count(*) from customers d where d.city = c.city) from customers c group by city
select distinct c.city, o.status from customers c join orders o on o.customer = c.id
select c.city, sum(i.quantity) q from customers c join orders o on o.customer = c.id join items i on i.order_id = o.id group by c.city order by q desc limit 3
select * from (select * from orders order by day limit 10) where customer > 20
select * from (select * from orders order by day) o join customers c on c.id = o.customer limit 5
select max(id), city from customers group by city
select * from orders where day = (select max(day) from orders)
select * from orders o where o.day > (select avg(day) from orders x where x.customer = o.customer)
select j.value from customers c, json_each(json_array(c.id, c.credit)) j where c.id < 4
select * from (select 1 as x) left join json_each('[]')
select * from customers c left join json_each('[]') j on j.value = c.id where c.id < 4
select id from orders where (customer, day) in (select 12, 4 union all select 18, 1)
select id from orders where (customer, day) = (18, 1)
select id from orders where customer = 18 and day in (1, 2, 3)
select * from orders where customer between 5 and 8 and status = 'open'
select * from customers order by id limit 1 offset 59
select sum(credit) filter (where city = 'city 1') from customers
select name from customers c where id = (select customer from orders where id = 3) and exists(select 1 from settings)
select a.id from orders a join orders b on a.customer = b.customer and a.day = b.day - 1
select count(*) from customers where not (city = 'city 1' or credit > 50)
select name from customers where city = 'city 1' order by name limit 3
select code from products where id in (select product from items where order_id = 3) order by code
select o.id from orders o indexed by orders_open where o.status = 'open' and day between 5 and 10
select * from orders not indexed where customer = 3
select * from customers where (city, id) > ('city 4', 30) order by city, id limit 5
select * from customers where id + 0 = 5
select * from customers where city || '' = 'city 3'
select min(id), max(id) from customers
select count(*) from customers where id > 30
select 1 from customers where id > 30 limit 1
select exists(select 1 from customers where city = 'city 5')
select customer, max(day) from orders group by customer order by 2 desc limit 2
select product, count(*) as n from items group by product order by n desc, product limit 3
select group_concat(distinct city) from customers
select ntile(4) over (order by credit), id from customers limit 4
select first_value(day) over (partition by customer order by day rows between unbounded preceding and current row) from orders where customer < 4
with recursive tree(n) as (select 1 union all select n * 2 from tree where n < 100 union all select n * 3 from tree where n < 20) select count(*) from tree
with a as (select id from customers where credit > 90), b as (select customer from orders where day > 28) select * from a union all select * from b
with t(x) as not materialized (select credit from customers) select count(*) from t a join t b on a.x = b.x
select j.value, c.name from json_each('[3,5,7]') j join customers c on c.id = j.value
select * from customers where id in (select value from json_each('[3,5,7]'))
select json_group_array(name) from customers where city = 'city 3'
select group_concat(name, ', ') from (select name from customers order by name limit 4)
insert into customers(id, name, city) values(61, 'new', 'city 9')
insert into customers(name, city) values('a', 'x'), ('b', 'y'), ('c', 'z')
insert into settings values('theme', 'light') on conflict do nothing
insert into settings values('theme', 'light') on conflict(key) do update set value = excluded.value
insert into settings values('font', 'serif') on conflict(key) do update set value = excluded.value
insert into settings values('font', 'sans') on conflict(key) do update set value = excluded.value where settings.value <> 'sans'
insert or ignore into settings values('zone', 'cet')
insert or ignore into products(code, price) values('p001', 3), ('new1', 4)
insert or replace into settings values('zone', 'cet')
insert or replace into products(id, code, price) values(3, 'p001', 9)
replace into customers(id, name, city) values(61, 'newer', 'city 9')
insert into products(code, price) values('q1', 5) returning id, taxed
insert into audit(what, ref) select 'copy', id from orders where status = 'open'
insert into orders(customer, day, status) values(7, 31, 'open')
insert into orders(customer, day, status) select customer, day + 40, 'sent' from orders where customer = 12
insert into items select order_id, line + 10, product, quantity from items where order_id = 5
insert into items values(5, 0, 1, 1) on conflict(order_id, line) do update set quantity = quantity + 1
update customers set name = 'renamed' where id = 9
update customers set city = 'moved' where id = 9
update customers set city = 'moved' where city = 'city 3'
update customers set name = upper(name)
update customers set credit = credit + 1 where id = 4
update customers set credit = credit where id between 1 and 10
update customers set id = 1000 where id = 64
update orders set status = 'sent' where id = 5
update orders set status = 'open' where id = 6
update orders set day = day + 1 where status = 'open'
update orders set customer = customer + 0 where id < 10
update items set quantity = quantity + 1 where order_id = 7
update items set line = line + 100 where order_id = 7
update products set price = price * 2 where code = 'p010'
update products set code = code || 'x' where id > 20
update settings set value = 1 where key = 'changes' returning *
update customers set credit = 7 where id = 3 returning id, credit
update orders set status = 'late' from customers c where c.id = orders.customer and c.city = 'moved'
update or ignore products set code = 'q1' where id = 1
update or replace settings set key = 'font' where key = 'zone'
delete from customers where id = 900
delete from customers where id = 12
delete from orders where id = 30
delete from orders where customer = 20
delete from orders where day > 25 returning id
delete from items where quantity > 4
delete from items where order_id = 40 and line = 1
delete from products where code = 'q1'
delete from customers where id not in (select customer from orders)
delete from audit
delete from settings
delete from items
select count(*) from audit`,
  /** Joins, views, subqueries, common table expressions and window functions: what the planner has to choose for. */
  plans: `
create table p(id integer primary key, x integer, y text)
create table q(id integer primary key, p integer, z integer, t text)
create table w(k text primary key, v integer, u integer) without rowid
insert into p with recursive n(i) as (select 1 union all select i+1 from n where i<30) select i, i%7, 'y'||(i%5) from n
insert into q with recursive n(i) as (select 1 union all select i+1 from n where i<80) select i, i%30+1, i%11, 't'||(i%6) from n
insert into w with recursive n(i) as (select 1 union all select i+1 from n where i<20) select 'y'||i, i%7, i from n
create view pv as select p.id, p.x, count(q.id) n from p left join q on q.p = p.id group by p.id
create view pd as select distinct x, y from p
create view un as select id, x from p union all select id, z from q
create view lm as select * from q order by z limit 20
select * from p join q on q.p = p.x
select * from p left join q on q.z = p.x
select * from p, q where q.z = p.x and p.y = q.t
select * from p join w on w.v = p.x
select * from p left join w on w.v = p.x
select * from pv
select * from pv where n > 2
select * from pv join p on p.id = pv.id
select * from pv left join q on q.p = pv.id
select * from q left join pv on pv.id = q.p
select * from q join pv on pv.n = q.z
select * from pd join p on p.x = pd.x
select * from p left join pd on pd.x = p.x
select * from un join p on p.id = un.id
select * from p left join un on un.x = p.x
select * from lm join p on p.id = lm.p
select * from p left join lm on lm.p = p.id
select * from (select x, count(*) c from p group by x) a join (select z, count(*) c from q group by z) b on a.x = b.z
select * from (select x, count(*) c from p group by x) a left join (select z, count(*) c from q group by z) b on a.x = b.z
with m as materialized (select * from q where z > 3) select * from p join m on m.p = p.id
with m as not materialized (select * from q where z > 3) select * from p join m on m.p = p.id
with m as materialized (select * from q) select * from p left join m on m.z = p.x
with m as (select * from q where z > 3) select * from m a join m b on a.p = b.z
with recursive r(n) as (select 1 union all select n + 1 from r where n < 20) select * from r join p on p.id = r.n
with recursive r(n) as (select 1 union select n + 1 from r where n < 20) select * from r left join q on q.z = r.n
with recursive r(id, d) as (select id, 0 from p where id = 1 union all select q.id, d + 1 from r join q on q.p = r.id where d < 3 limit 50) select * from r
select *, (select count(*) from q where q.p = p.id) from p
select *, (select max(z) from q where q.p = p.id and q.t = p.y) from p
select * from p where exists (select 1 from q where q.p = p.id and q.z = 4)
select * from p where id in (select p from q where z = 4)
select * from p where x in (select z from q)
select * from p where x not in (select z from q where z < 4)
select * from p where (x, y) in (select z, t from q)
select * from p where x = (select max(z) from q where p = 3)
select *, row_number() over (partition by x order by y) from p
select *, sum(x) over (order by id rows between 2 preceding and current row) from p
select *, rank() over w1, lag(x, 2) over w1 from p window w1 as (partition by y order by x desc)
select * from (select *, row_number() over (partition by p order by z desc) r from q) where r = 1
select * from p join (select *, row_number() over (partition by p order by z desc) r from q) s on s.p = p.id and r <= 2
select x, count(*) from p group by x having count(*) > 3 order by 2 desc, 1
select count(distinct x) from p
select distinct x from p order by x
select y, group_concat(x, ',') from (select * from p order by x) group by y
select p.y, q.t, count(*) from p join q on q.p = p.id group by 1, 2
select p.y, q.t, count(*) from p left join q on q.p = p.id group by 1, 2 order by 3 desc limit 4
select * from p natural join w
select * from p right join q on q.z = p.x
select * from p full join q on q.z = p.x
select * from p left join q on q.p = p.id left join w on w.v = q.z
select * from p join q on q.p = p.id join w on w.v = q.z
select * from p cross join q on q.z = p.x
select * from p a join p b on a.x = b.x and a.id < b.id
select * from p a left join p b on a.x = b.x and a.id < b.id where b.id is null
select id from p where x = 3 or id = 4
select id from p where x = 3 or y = 'y2'
select * from p where id between 3 and 9 order by x
select * from p order by y, x limit 5
select max(x), min(x) from p
select * from p, json_each('[1,2,3]') j where j.value = p.x
select * from json_each('[1,2,3]') j left join p on p.x = j.value
select j.value, (select count(*) from q where z = j.value) from json_each('[1,2,3]') j
update p set x = (select max(z) from q where q.p = p.id)
update p set x = s.m from (select p, max(z) m from q group by p) s where s.p = p.id
delete from p where x in (select z from q where t = 't1')
insert into p(x, y) select z, t from q where p in (select id from p where x = 2)
insert into w(k, v) select 'n' || id, z from q where id < 5 on conflict do nothing
insert into w(k, v) values ('y1', 2) on conflict(k) do update set v = excluded.v returning *
replace into w(k, v) values ('y2', 2)
delete from q where not exists (select 1 from p where p.id = q.p)
delete from q where id in (select id from lm)
select * from pv natural join pd
select sum(n) from pv
select count(*) from un
select x, count(*) from un group by x
select * from un order by id limit 7
select * from un where id = 4
select * from (select * from p limit 5) a join (select * from q limit 5) b on a.id = b.id
select * from (select * from p order by y limit 5) a left join q on q.p = a.id
select count(*) from p where y like 'y1%'
select * from p where y glob 'y1*'
values (1), (2), (3)
select * from (values (1), (2), (3)) v join p on p.x = v.column1
select exists (select 1 from q where z = 11)
select (select count(*) from p) + (select count(*) from q)
select iif(exists(select 1 from q where q.p = p.id), 1, 0), x from p
select * from p where x > (select avg(z) from q) order by id desc limit 3
select case when x > 3 then (select count(*) from q where q.p = p.id) else 0 end from p
select * from p where y collate nocase = 'Y1'
select * from p where +id = 5
select * from p where id + 0 = 5
select * from p where rowid in (1, 5, 900)
select * from w where k in ('y1', 'y9', 'zz')
select * from w where k > 'y3' order by k desc limit 2
select * from w order by v`,
  schema: `
create table t(a integer primary key, b, c unique, d)
create table if not exists t(a)
insert into t(b, c, d) with recursive n(i) as (select 1 union all select i + 1 from n where i < 40) select i % 6, i, i * 7 % 11 from n
create index tb on t(b)
create unique index td on t(d, a)
create index te on t(b + d) where b > 2
create table copy as select * from t where b < 3
create table w(a, b, primary key(a, b)) without rowid
insert into w select b, a from t
create view v as select b, count(*) as n from t group by b
create trigger t_gone after delete on t begin delete from w where b = old.a; end
select * from v
select * from t where b + d = 9 and b > 2
pragma table_info(t)
pragma table_list
pragma index_list(t)
pragma index_info(td)
pragma foreign_key_list(t)
pragma foreign_key_check
pragma quick_check
pragma integrity_check
pragma optimize
analyze
analyze t
select * from sqlite_schema
select name from sqlite_master where type = 'table'
select count(*) from sqlite_stat1
select * from t where b = 3 and d = 4
alter table t rename to t2
alter table t2 rename column d to e
alter table t2 add column f
alter table t2 add column g default 5
alter table t2 add column h generated always as (b + 1) virtual
alter table t2 drop column f
select * from t2 where a = 4
update t2 set g = 1
update t2 set e = 1
reindex
reindex tb
delete from t2 where a < 5
delete from w
drop trigger t_gone
drop view v
drop index tb
drop table copy
drop table w
drop table t2
drop table if exists t2
create table parent(id integer primary key)
create table child(id integer primary key, parent integer references parent(id) on delete set null on update cascade)
insert into parent values(1), (2), (3)
insert into child(parent) values(1), (1), (2), (3), (3), (3), (null)
update parent set id = 10 where id = 1
delete from parent where id = 3
create index child_parent on child(parent)
update parent set id = 20 where id = 2
delete from parent where id = 10
drop table parent`,
};

const program = `
  import { DurableObject } from 'cloudflare:workers';
  export class Obj extends DurableObject {
    async fetch(request) {
      const sql = this.ctx.storage.sql;
      const counts = (cursor) => [cursor.rowsRead, cursor.rowsWritten];
      return Response.json((await request.json()).map(([text, ...bindings]) => {
        try {
          const cursor = sql.exec(text, ...bindings);
          const opened = counts(cursor);
          const rows = cursor.raw().toArray().length;
          return { rows, opened, ended: counts(cursor) };
        } catch (error) { return { error: error.message }; }
      }));
    }
  }
  export default { fetch: (request, env) => env.OBJ.getByName(new URL(request.url).pathname).fetch(request) };`;

const version = JSON.parse(
  readFileSync(new URL('../node_modules/workerd/package.json', import.meta.url), 'utf8'),
).version;
const miniflare = new Miniflare({
  modules: true,
  script: program,
  durableObjects: { OBJ: { className: 'Obj', useSQLite: true } },
  compatibilityDate: '2026-07-30',
});
const recorded = [];
try {
  for (const [name, text] of Object.entries(groups)) {
    const steps = text.trim().split('\n').map(step);
    const body = JSON.stringify(steps);
    const reply = await miniflare.dispatchFetch(`http://localhost/${name}`, { method: 'POST', body });
    const results = await reply.json();
    const lines = steps.map(([sql, ...bindings], i) =>
      JSON.stringify({ sql, ...(bindings.length > 0 ? { bindings } : {}), ...results[i] }),
    );
    recorded.push(`  ${JSON.stringify(name)}: [\n    ${lines.join(',\n    ')}\n  ]`);
  }
} finally {
  await miniflare.dispose();
}
writeFileSync(FIXTURE, `{\n  "workerd": ${JSON.stringify(version)},\n${recorded.join(',\n')}\n}\n`);

function step(line) {
  const [sql, bindings] = line.split(' @ ');
  return [sql, ...(bindings === undefined ? [] : JSON.parse(`[${bindings.replaceAll("'", '"')}]`))];
}
