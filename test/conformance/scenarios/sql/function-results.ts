import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'The functions that are allowed give what SQLite gives on any machine.',
  rows: ['9.functions'],
  program: sqlObject(String.raw`
    const f = (...expressions) => { for (const e of expressions) say(e, () => rows('select ' + e + ' as v')[0].v) };
    f('abs(-1.5)', 'ceil(1.2)', 'floor(-1.2)', 'trunc(-1.7)', 'round(2.5)', 'round(-2.5)', 'round(1.005, 2)',
      'round(1234.5678, -2)', 'sign(-3)', 'mod(7.5, 2)', 'pow(2, 10)', 'sqrt(2)', 'exp(1)', 'ln(10)', 'log(100)', 'log(2, 8)',
      'log2(8)', 'pi()', 'degrees(pi())', 'radians(180)', 'sin(1)', 'cos(1)', 'tan(1)', 'asin(1)', 'acos(0)', 'atan(1)',
      'atan2(1, 2)', 'sinh(1)', 'cosh(1)', 'tanh(1)', 'asinh(1)', 'acosh(2)', 'atanh(0.5)', 'max(1, 2, 3)', "min('a', 'b')",
      'coalesce(null, 2)', 'ifnull(null, 3)', "nullif(1, 1)", "iif(0, 1, 2)", 'likely(1)', 'unlikely(0)', "length('é')",
      "octet_length('é')", "upper('aé')", "lower('AÉ')", "trim('  a ')", "ltrim('xxa', 'x')", "rtrim('axx', 'x')",
      "substr('hello', 2, 3)", "substr('hello', -3, 2)", "substring('hello', 2)", "substr('hello', 4, -2)",
      "replace('aXbX', 'X', '--')", "instr('hello', 'l')", "hex('abc')", "unhex('616263')", "char(104, 105)", "unicode('é')",
      "quote(1.5)", "quote(null)", "quote('a''b')", "concat(1, 'a', null)", "concat_ws('-', 1, null, 2)",
      "printf('%05d|%-5s|%x|%e|%g|%c|%%|%,d', 42, 'ab', 255, 12345.678, 0.0001, 'xyz', 1234567)",
      "format('%q %Q %w', 'a''b', null, 'c\"d')\", \"printf('%.3f %10.2f', 2.0005, 3.14159)\", \"glob('*.ts', 'a.ts')\", \"like('A_', 'ab')\", \"typeof(x'')\", \"'a' || 1 || 2.0\", \"zeroblob(2) || 'a'\", \"date(0, 'unixepoch')\", \"datetime(1700000000, 'unixepoch')\", \"datetime(1700000000.5, 'unixepoch', 'subsec')\", \"time('12:34:56.789')\", \"julianday('2000-01-01')\", \"unixepoch('2000-01-01')\", \"unixepoch('2000-01-01 00:00:00.5', 'subsec')\", \"strftime('%Y-%m-%d %H:%M:%S %f %j %w %W %s %J %G %V %u %e %k %l %p %I %R %T', '2024-02-29 13:14:15.678')\", \"date('2024-01-31', '+1 month')\", \"date('2024-01-31', '+1 month', 'floor')\", \"date('2024-02-29', '-1 year')\", \"date('2024-05-15', 'start of month', '+1 month', '-1 day')\", \"date('2024-05-15', 'weekday 1')\", \"datetime('2024-01-01', '+1.5 hours')\", \"timediff('2024-03-01', '2024-02-01')\", \"datetime('2024-01-01 00:00', 'localtime')\", \"datetime('2024-01-01 00:00', 'utc')\", \"date('2024-01-01T10:00:00+02:00')\", \"abs(unixepoch() - unixepoch('now')) < 2\", \"date(2460000.5)\", \"date('12:00')\", \"json('{\"a\": [1, 2.50, null, true, \"x\"]}')\", \"json_array(1, 'a', null, json('[2]'), 1.5)\", \"json_object('a', 1, 'b', json_array())\", \"json_extract('{\"a\":{\"b\":[10,20]}}', '$.a.b[1]')\", \"json_extract('{\"a\":1}', '$.a', '$.b')\", \"'{\"a\":\"x\"}' -> 'a'\", \"'{\"a\":\"x\"}' ->> 'a'\", \"'{\"a\":9007199254740993}' ->> 'a'\", \"json_set('{\"a\":1}', '$.a', 2, '$.b', 3)\", \"json_insert('[1,2]', '$[#]', 3)\", \"json_replace('{\"a\":1}', '$.b', 3)\", \"json_remove('[1,2,3]', '$[1]')\", \"json_patch('{\"a\":1,\"b\":2}', '{\"b\":null,\"c\":3}')\", \"json_type('[1,2.5,\"x\",null,true,{}]', '$[1]')\", \"json_valid('[1]')\", \"json_quote('a\"b')",
      "json_array_length('[1,2,3]')", "json_group_array(column1) from (values (1), ('a'))",
      "json_group_object(column1, column2) from (values ('a', 1), ('b', 2))", "hex(jsonb('[1,\"a\"]'))",
      "json(jsonb_set('{}', '$.a', 5))", "json('{a: 0x10, b: +1, \"c\": .5, // comment\n}')",
      "group_concat(column1, '|') from (values (1), (2))", "string_agg(column1, ',') from (values (1), (2))",
      "sum(column1) from (values (1), (2.5))", "total(column1) from (values (null))", "avg(column1) from (values (1), (2))",
      "sum(column1) from (values (null))", "count(*) from (values (1), (null))", "count(column1) from (values (1), (null))",
      "sum(0.1) from (values (1), (2), (3))", "last_insert_rowid()", "changes()", "total_changes()");
    say('windows',
      () => sql.exec('select column1 as x, row_number() over w as rn, rank() over w as r, dense_rank() over w as d, percent_rank() over w as p, cume_dist() over w as c, ntile(2) over w as n, lag(column1, 1, 0) over w as la, lead(column1) over w as le, first_value(column1) over w as f, last_value(column1) over w as l, nth_value(column1, 2) over w as nt, sum(column1) over w as s from (values (1), (2), (2), (4)) window w as (order by column1)').raw().toArray().map((r) => r.join()).join(' | '));
    say('json_each',
      () => sql.exec("select key, value, type, atom, fullkey, path from json_each('{\"a\":[1],\"b\":null,\"c\":\"x\"}')").raw().toArray());
    say('json_tree', () => sql.exec("select fullkey, type from json_tree('{\"a\":[1,{\"b\":2}]}')").raw().toArray());
    say('random is a whole number', () => Number.isInteger(rows('select random() as r')[0].r));
    say('two are not alike', () => rows('select random() = random() as same')[0].same);
    say('randomblob', () => rows('select randomblob(5) as r')[0].r.byteLength);
`),
});
