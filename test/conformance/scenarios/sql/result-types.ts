import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Integers beyond 2 ** 53 come back rounded, blobs as ArrayBuffer, text with all that it holds.',
  rows: ['9.result-types', '20.blobs-and-ints'],
  program: sqlObject(String.raw`
    const v = (expression) => say(expression, () => rows('select ' + expression + ' as v')[0].v);
    for (const e of ['1', '-1', '9007199254740991', '9007199254740992', '9007199254740993', '-9007199254740993',
      '9223372036854775807', '-9223372036854775808', '9223372036854775808', '0x7fffffffffffffff', '0xffffffffffffffff', '0x10',
      '1_000',
      '1.0', '-0.0', '0.1', '1e308', '9e999', '-9e999', '9e999 - 9e999', '5e-324', '1e-400', '0.1 + 0.2', '1 / 0', '1.0 / 0',
        '5 % 0', '7 / 2', '7.0 / 2', '-7 / 2', '-7 % 3', '1 << 62', '1 << 63', '1 << 64', '1 >> -1', '~0',
        '- -9223372036854775808', '9223372036854775807 + 1', '-9223372036854775807 - 2', '9223372036854775807 * 2', 'true',
        'false', 'null',
      "''", "'text'", "'é€\u{1f600}'", "'a' || char(0) || 'b'", 'char(0)', 'char(65279)', 'char(55296)', 'char(1114112)',
        'char()', "x''", "x'00ff'", 'zeroblob(3)', "cast(x'41ff42' as text)", "cast(x'c3' as text)", "cast(x'eda080' as text)",
        "cast(x'efbbbf41' as text)", "cast(x'f09f9880' as text)", "cast(x'f8808080' as text)", "cast(x'4100' as text)",
        "cast('é' as blob)", "cast(1.0 as text)", "cast(1e100 as text)", "cast(0.1 as text)",
        "cast(123456789012345678.0 as text)", "cast('12abc' as integer)", "cast('1e3' as integer)", "cast('1e3' as numeric)",
        "cast(' 7' as real)", "cast(9e18 as integer)", "cast(9e99 as integer)", "cast('' as integer)", "'1' + '2'", "'a' + 1",
        "1 = '1'", "'abc' < x'00'", 'null = null', 'null is null', "typeof(1.0)", "1 between 0 and 2", "'a' like 'A'",
        "'a' glob 'A'", "'b' in ('a', 'b')", "1 in ()", "case 1 when 2 then 3 end", "iif(1, 2, 3)", "(select 1 where 0)",
        "exists (select 1)"]) v(e);
    say('the classes', () => { const r = rows("select x'01' as b, 's' as s, 1 as n")[0]; return [tag(r.b), typeof r.s,
      typeof r.n] });
    say('a text of 100 characters beyond ASCII', () => rows("select ? as a", 'é'.repeat(100))[0].a.length);
    say('lone surrogates stay bytes', () => rows('select ? as a, hex(?) as h, length(?) as n', '\ud800x\udc00', '\ud800x\udc00',
      '\ud800x\udc00'));
`),
});
