import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A failure while a statement runs is told in the words of SQLite, with its code.',
  rows: ['9.error-format', '20.error-text'],
  program: sqlObject(String.raw`
    sql.exec("create table t(a); insert into t values (1), (2)");
    const f = (...expressions) => { for (const e of expressions) say(e, () => rows('select ' + e + ' as v')[0].v) };
    f('abs(-9223372036854775808)', 'sum(column1) from (values (9223372036854775807), (1))',
      'total(column1) from (values (9223372036854775807), (1))', 'avg(column1) from (values (9223372036854775807), (1))',
      '9223372036854775807 + 1', '-9223372036854775808 / -1', '-9223372036854775808 % -1', '1 / 0', '1 % 0', "json('{')",
      "json('')", "json('nope')", "json('{a:1}')", "json('[1,]')", "json('[1,,2]')", "json('{\"a\":1,}')", "json('\\u')",
      "json(x'00')", "json(x'ff')", 'json(1)', 'json(null)', "json_extract('{', '$')", "json_extract('{}', 'a')",
      "json_extract('{}', '$[')", "json_extract('{}', '$.')", "json_extract('{}', '$..a')",
      "json_extract('{\"a\":[1,2]}', '$.a[#-1]')", "json_extract('{}')", "json_extract('[1,2]', '$[0]', '$[9]')", "'{' -> 'a'",
      "'{}' -> '$['", "'{\"a\":1}' ->> 'a'", "'[1,2]' -> 1", "'[1,2]' ->> -1", "json_object('a')", 'json_object(1, 2)',
      "json_object('a', x'00')", "json_array(x'00')", "json_set('{}', '$.a')", "json_set('{}', 'a', 1)",
      "json_insert('{}', '$.a', 1, '$.b')", "json_remove('{}', 'x')", "json_patch('{', '{}')", "json_type('{}', 'x')",
      "json_valid('{')", "json_valid('{}', 99)", "json_valid('{}', 0)", "json_quote(x'00')",
      "json_each.value from json_each('{')", "json_each.value from json_each('[1]', 'x')", "json_array_length('{', '$')",
      "jsonb('{')", "json(jsonb('[1]'))", "jsonb_extract('{}', 'x')",
      "'a' like 'b' escape 'cc'", "'a' like 'b' escape ''", "'a%' like 'a\\%' escape '\\'", "'a' regexp 'b'", "'a' match 'b'",
        "substr('abc', -2)", "substr('abc', 0, 2)", "replace('aaa', '', 'b')", "instr('abc', null)", 'zeroblob(-1)',
        'zeroblob(3000000)', 'length(zeroblob(3000000))', 'length(randomblob(3000000))',
        "length(replace(hex(zeroblob(1000000)), '0', 'xx'))", 'char(1114112)', 'unhex(1)', "unhex('zz')", "unhex('4')",
        "unhex('4 1', ' ')", 'hex(1.5)', "round(1.5, 'x')", 'round(1e300, 400)', "cast('9223372036854775808' as integer)",
        'sqrt(-1)', 'log(0)', 'log(-1)', 'ln(0)', 'log2(0)', 'log(2, 0)', 'pow(0, -1)', 'exp(1000)', 'acos(2)', "sin('x')",
        "mod(1, 0)", "strftime()", "strftime('%Q')", "strftime('%Y', 'nope')", "date('2024-02-30')", "date('2024-13-01')",
        "date('now', 'nope')", "datetime('2024-01-01', '+1 month', 'weekday 0')", "time('25:00')", "julianday('nope')",
        "unixepoch('2024-01-01T00:00:00Z')", "timediff('2024-01-01', '2023-01-01')", "timediff('x', 'y')",
        "typeof(current_timestamp)", "likelihood(1, 2)", "likelihood(1, 0.5)", "nth_value(a, 0) over () from t",
        "ntile(0) over () from t", "lag(a, 'x') over () from t", "sum(a) over (rows -1 preceding) from t",
        "sum(a) over (order by a range between 'x' preceding and current row) from t", "group_concat(a, '-') from t",
        "string_agg(a) from t", "string_agg(a, '-' order by a desc) from t", "max('a', null)", "min(2, '1')", "max(x'00', 'z')",
        "coalesce(1)", "nullif(1)", "iif(1)", "trim('xax', 'x')", "unicode('')", "quote(x'00ff')", "quote('it''s')",
        "quote(char(0))", "format('%d', 'x')", "format('%s')", "format('%q', 'a''b')", "concat()", "concat_ws()",
        "concat_ws(',')", "concat(null, 1)", "octet_length('é')", "sign('x')",
        "random() between -9223372036854775808 and 9223372036854775807", "typeof(randomblob(0))", "glob('a*', 'abc')",
        "like('a%', 'ABC')", "like('a!%', 'a%', '!')", "changes()", "unistr('x')", "if(1, 2, 3)", "median(1)", "soundex('x')",
        "uuid()", "regexp('a', 'b')", "generate_series from generate_series(1, 2)", "load_extension('x')", "edit('x')",
        "readfile('x')", "fts3_tokenizer('x')", "offsets('x')", "sqlite_offset(a) from t");
    all("insert into t values(zeroblob(2200001))", "update t set a = a || replace(hex(zeroblob(1100000)), '0', '00')",
      "select count(*) as n from t",
      "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000) select max(n) as m from r",
      "create trigger deep after insert on t when new.a < 100 begin insert into t values(new.a + 1); end; pragma recursive_triggers = on; insert into t values(1)",
      "select count(*) as n from t");
`),
});
