import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A list of pragmas is allowed; every other one is not authorized.',
  rows: ['9.pragmas', '20.authorizer'],
  program: sqlObject(String.raw`
    sql.exec('create table t(a integer primary key, b text not null default 7, c references t(a)); create index i on t(b desc); insert into t(a) values (1)');
    const names = ('analysis_limit application_id auto_vacuum automatic_index busy_timeout cache_size cache_spill case_sensitive_like cell_size_check '
      + 'checkpoint_fullfsync collation_list compile_options count_changes data_store_directory data_version database_list default_cache_size defer_foreign_keys '
      + 'empty_result_callbacks encoding foreign_key_check foreign_key_list foreign_keys freelist_count full_column_names fullfsync function_list '
      + 'hard_heap_limit ignore_check_constraints incremental_vacuum index_info index_list index_xinfo integrity_check journal_mode journal_size_limit '
      + 'legacy_alter_table legacy_file_format locking_mode max_page_count mmap_size module_list optimize page_count page_size '
      + 'parser_trace pragma_list query_only quick_check read_uncommitted recursive_triggers reverse_unordered_selects schema_version secure_delete '
      + 'short_column_names shrink_memory soft_heap_limit stats synchronous table_info table_list table_xinfo temp_store '
      + 'temp_store_directory threads trusted_schema user_version vdbe_addoptrace vdbe_debug vdbe_listing vdbe_trace wal_autocheckpoint '
      + 'wal_checkpoint writable_schema nope ').trim().split(' ');
    for (const name of names) say(name, () => {
      const r = showNow(() => name === 'data_version' ? sql.exec('pragma data_version').raw().toArray().length : rows('pragma ' + name));
      return r.length > 200 ? r.slice(0, 200) : r });
    for (const name of names) { const r = showNow(() => rows('pragma ' + name + ' = 1'));
      if (!r.includes('not authorized')) line(name + ' = 1: ' + r) }
    for (const name of names) { const r = showNow(() => rows('pragma ' + name + "('t')"));
      if (!r.includes('not authorized')) line(name + "('t'): " + r) }
    for (const name of names) { const r = showNow(() => rows('select * from pragma_' + name));
      if (name !== 'data_version' && !/not authorized|no such table/.test(r)) line('pragma_' + name + ': ' + r) }
    all('pragma foreign_keys = maybe', 'pragma foreign_keys = 2', 'pragma foreign_keys = -1', 'pragma foreign_keys = true',
      'pragma foreign_keys = ON', 'Pragma foreign_keys = Yes', 'pragma Table_Info(t)', "pragma foreign_keys = 'on'",
      'pragma foreign_keys(off)', 'pragma foreign_keys', 'pragma foreign_keys = on', 'pragma main.foreign_keys',
      'pragma temp.foreign_keys', 'pragma nope.foreign_keys', 'PRAGMA FOREIGN_KEYS', 'pragma main.table_info(t)',
      'pragma temp.table_info(t)', 'pragma table_info', 'pragma table_info(t, u)', 'pragma table_info = t',
      'pragma table_info("t")', 'pragma table_info(sqlite_master)', 'pragma table_xinfo(t)', 'pragma index_list(t)',
      'pragma index_info(i)', 'pragma index_xinfo(i)', 'pragma foreign_key_list(t)', 'pragma foreign_key_check',
      'pragma foreign_key_check(t)', 'pragma table_list(t)', 'pragma quick_check', 'pragma quick_check(1)',
      'pragma quick_check(t)', 'pragma quick_check(nope)', 'pragma optimize', 'pragma optimize(-1)', 'pragma optimize(0x10002)',
      'pragma optimize(x)', 'pragma data_version = 1', 'pragma user_version', 'pragma user_version = 5',
      'pragma writable_schema = on', 'pragma trusted_schema = off', 'pragma page_size = 512', 'pragma journal_mode = delete',
      'pragma max_page_count = 5', 'pragma synchronous = 0', 'pragma query_only = 1',
      "select name, pk from pragma_table_info('t')", "select name from pragma_index_list('t')",
        "select name from pragma_index_info('i')", "select \"from\" from pragma_foreign_key_list('t')",
        'select * from pragma_foreign_keys', 'select * from pragma_user_version', 'select * from pragma_page_count',
        "select name from pragma_table_list where schema = 'main' order by name", 'select * from pragma_database_list',
        'select * from pragma_function_list',
        "select m.name, p.name from sqlite_master m, pragma_table_info(m.name) p where m.name = 't'",
        'explain pragma user_version', 'pragma recursive_triggers', 'pragma case_sensitive_like', "select 'a' like 'A' as v",
        'pragma case_sensitive_like = on', "select 'a' like 'A' as v", 'pragma case_sensitive_like = off',
        'pragma reverse_unordered_selects = on', 'select column1 as a from (values (1), (2))',
        'pragma reverse_unordered_selects', 'pragma reverse_unordered_selects = off', 'pragma ignore_check_constraints = on',
        'create table ck(a check (a > 0)); insert into ck values(-1)', 'pragma ignore_check_constraints = off',
        'insert into ck values(-1)', 'pragma quick_check(ck)', 'pragma legacy_alter_table = on', 'pragma legacy_alter_table',
        'pragma legacy_alter_table = off');
`),
});
