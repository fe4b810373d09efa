import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'FTS5 makes tables that can be searched.',
  rows: ['9.fts5', '20.modules'],
  waitsFor: 'an engine with FTS5',
  program: sqlObject(`
    all('create virtual table doc using fts5(title, body)',
      "insert into doc values('one', 'the quick brown fox'), ('two', 'a lazy dog')",
      "select title from doc where doc match 'fox'",
      "select title, round(bm25(doc), 3) as b from doc where doc match 'lazy OR fox' order by rank",
      "select highlight(doc, 1, '[', ']') as h, snippet(doc, 1, '<', '>', '…', 2) as s from doc('brown')",
      "select name from sqlite_master where name like 'doc%' order by name",
      "create virtual table terms using fts5vocab(doc, row)", "select term, cnt from terms where term like 'l%'",
      "delete from doc where title = 'two'", "select count(*) as n from doc", 'create virtual table _cf_x using fts5(a)',
      'select bm25(1)', 'select highlight(1)', 'select snippet(1)', 'select fts5(1)', 'select fts5_locale(1, 2)',
      'select fts5_get_locale(1)', 'select fts5_source_id()', 'drop table doc');
`),
});
