/** Rows read and written, statement by statement, against what workerd counted (`tools/record-row-counts.mjs`). */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openStorage } from '../support/storage.ts';

type Counts = [read: number, written: number];

interface Line {
  sql: string;
  bindings?: unknown[];
  rows?: number;
  opened?: Counts;
  ended?: Counts;
  error?: string;
}

const { workerd, ...groups } = JSON.parse(
  readFileSync(new URL('fixtures/workerd-row-counts.json', import.meta.url), 'utf8'),
) as { workerd: string } & Record<string, Line[]>;

async function play(lines: readonly Line[]): Promise<Line[]> {
  const { sql, committer } = await openStorage();
  committer.beforeWrite();
  return lines.map(({ sql: text, bindings = [] }) => {
    const line = { sql: text, ...(bindings.length > 0 ? { bindings } : {}) };
    try {
      const cursor = sql.exec(text, ...bindings);
      const counts = (): Counts => [cursor.rowsRead, cursor.rowsWritten];
      const opened = counts();
      const rows = cursor.raw().toArray().length;
      return { ...line, rows, opened, ended: counts() };
    } catch (error) {
      return { ...line, error: (error as Error).message };
    }
  });
}

test.each(Object.keys(groups))('%s', async (name) => {
  const theirs = groups[name] as Line[];
  const ours = await play(theirs);
  let bad = 0;
  ours.forEach((line, i) => { if (JSON.stringify(line) !== JSON.stringify(theirs[i])) { bad++; console.log(JSON.stringify(theirs[i]) + '\n' + JSON.stringify(line)); } });
  console.log(name, workerd, 'different', bad, 'of', ours.length);
});
