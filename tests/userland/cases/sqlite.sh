# SPDX-License-Identifier: GPL-2.0-or-later
# sqlite3: tables, indexes, transactions, joins, windows, floating point, a file reopened, integrity.
cat >s.sql <<'END'
create table t(id integer primary key, name text, value real);
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) insert into t select i, 'name ' || (i * 7919 % 1000), i / 7.0 from n;
create index by_name on t(name);
select count(*), sum(id), printf('%.6f', avg(value)), min(name), max(name) from t;
select name, count(*) as c from t group by name order by c desc, name limit 3;
begin; delete from t where id % 3 = 0; select changes(); rollback; select count(*) from t;
update t set value = round(value * 1.5, 3) where id between 10 and 15; select id, value from t where id between 9 and 16;
select a.id, b.id from t a join t b on a.name = b.name and a.id < b.id order by a.id, b.id limit 3;
select id, sum(id) over (order by id rows 2 preceding) from t limit 4;
select hex('abc'), upper('text'), abs(-5), 7 / 2, 7 % 3, 7.5 / 2, length('länge'), substr('abcdef', 2, 3), 9223372036854775807 + 1, date('2020-02-28', '+2 days'), json_extract('{"a":[1,2]}', '$.a[1]');
pragma integrity_check; vacuum;
END
sqlite3 d.db <s.sql; echo $?; sqlite3 d.db 'select count(*) from t; select typeof(value) from t limit 1;'; sqlite3 d.db .dump | head -3; sqlite3 d.db 'select * from missing' 2>/dev/null; echo $?
