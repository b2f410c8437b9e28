-- SPDX-License-Identifier: GPL-2.0-or-later
-- Inserts, an index, joins, groups, updates and text functions in a database in memory.
PRAGMA temp_store = memory;
CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, kind INTEGER, price INTEGER);
WITH RECURSIVE n(i, r) AS (SELECT 1, 12345 UNION ALL SELECT i + 1, (r * 1103515245 + 12345) & 2147483647 FROM n WHERE i < 40000)
INSERT INTO item SELECT i, 'item-' || (r % 5000) || '-' || hex(r >> 16), (r >> 8) % 97, (r >> 4) % 10000 FROM n;
CREATE INDEX by_kind ON item(kind, price);
CREATE INDEX by_name ON item(name);
SELECT kind, count(*), sum(price), min(name) FROM item GROUP BY kind HAVING kind % 16 = 3 ORDER BY kind;
SELECT count(*) FROM item a JOIN item b ON b.kind = (a.kind + 1) % 97 AND b.price = a.price;
SELECT count(*), sum(length(name)) FROM item WHERE name LIKE '%-1_3%' OR name GLOB '*[A-C]7*';
UPDATE item SET price = price + 1 WHERE kind BETWEEN 10 AND 30;
DELETE FROM item WHERE id % 7 = 0;
SELECT upper(substr(name, 6, 4)) AS part, count(*) AS n FROM item GROUP BY part ORDER BY n DESC, part LIMIT 5;
SELECT id, name, price FROM item ORDER BY price DESC, name LIMIT 5;
SELECT count(*), sum(price) FROM item WHERE id IN (SELECT id * 3 FROM item WHERE kind = 5);
