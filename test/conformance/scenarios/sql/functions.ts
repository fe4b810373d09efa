import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A function is allowed, refused by name, or unknown.',
  rows: ['9.functions', '20.authorizer'],
  program: sqlObject(String.raw`
    sql.exec('create table t(a); insert into t values (1)');
    const names = ('abs acos acosh asin asinh atan atan2 atanh auto_extension avg base64 base85 cbrt ceil ceiling changes '
      + 'char coalesce compress concat concat_ws cos cosh cot coth count crc32 cume_dist current_date current_time '
      + 'current_timestamp date datetime decimal decimal_add degrees dense_rank difference edit erf exp first_value '
      + 'floor format fts3_tokenizer fts5_decode fts5_fold fts5_insttoken '
      + 'generate_series geopoly_area glob group_concat hex ieee754 if ifnull iif instr json '
      + 'json_array json_array_insert json_array_length json_each json_error_position json_extract json_group_array '
      + 'json_group_object json_insert json_object json_patch json_pretty json_quote json_remove json_replace json_set '
      + 'json_tree json_type json_valid jsonb jsonb_array jsonb_extract jsonb_group_array jsonb_group_object '
      + 'jsonb_insert jsonb_object jsonb_patch jsonb_remove jsonb_replace jsonb_set julianday lag last_insert_rowid '
      + 'last_value lead length levenshtein like likelihood likely ln load_extension localtime log log10 log2 lower '
      + 'lpad ltrim match matchinfo max md5 median min mod mode now nth_value ntile nullif octet_length offsets '
      + 'optimize percent_rank percentile percentile_cont pi pow power printf quartile quote radians random randomblob '
      + 'rank readfile regexp replace reverse right round row_number rpad rtreecheck rtreedepth rtreenode rtrim sha1 '
      + 'sha3 sign sin sinh soundex sqlar_compress sqlite_add_constraint sqlite_compileoption_get '
      + 'sqlite_compileoption_used sqlite_drop_column sqlite_drop_constraint sqlite_fail sqlite_find_constraint '
      + 'sqlite_log sqlite_offset sqlite_rename_column sqlite_rename_quotefix sqlite_rename_table sqlite_rename_test '
      + 'sqlite_source_id sqlite_version sqrt square stat_get stat_init stat_push stddev strftime string_agg strpos '
      + 'subtype substr substring subsec sum tan tanh time timediff to_char total total_changes trim trunc truncate '
      + 'typeof unhex unicode unistr unistr_quote unixepoch unlikely upper uuid uuid7 variance vector writefile '
      + 'zeroblob ').trim().split(' ');
    const argumentLists = ['', 'a', 'a, a', 'a, a, a', 'a, a, a, a'];
    const isCount = (text) => /wrong number of arguments/.test(text);
    // By how it is refused, not by what it gives: some give another number every time.
    const verdict = (call) => {
      const text = showNow(() => (rows('select ' + call + ' as v from t'), 'allowed'));
      return text.replace(/^THROWS Error.Error.: /, '').replace(/ at offset \d+/, '');
    };
    for (const name of names) {
      const verdicts = argumentLists.map((list) => verdict(name + '(' + list + ')')).filter((text) => !isCount(text));
      line(name + ': ' + [...new Set(verdicts)].join(' | '));
    }
    all('select ABS(-1) as v', 'select Abs(-1) as v', 'select "abs"(-1) as v', "select 'abs'(-1) as v", 'select LOG10(1)',
      'select log10(1, 2)', 'select 1 + log10(1)', 'select a from t where log10(a)', 'select a from t order by power(a, 2)',
      'select a from t group by ceiling(a)', "select json_pretty('{}')", "select sum(log10(a)) from t",
      'create index i on t(log10(a))', 'create table y(a, b as (log10(a)))', 'create table y(a check (log10(a) > 0))',
      'create view v as select log10(1) as l', 'select * from v',
      'create trigger g after insert on t begin select log10(1); end', 'insert into t values(2)',
      "select current_date > '2020', current_time is not null, current_timestamp > '2020'",
      "select 'a' like 'b', 'a' glob 'b', 'a' -> '$', 'a' ->> '$'", "select 'a' match 'b'", "select 'a' regexp 'b'");
`),
});
