/** The README's table of differences against the places that it names: none is missing, none is gone. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { differences } from '../conformance/differences.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

const rows = (readme.split('## What differs from Cloudflare')[1] ?? '')
  .split('\n## ')[0]
  ?.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| ---') && !line.startsWith('| subject'));
const places = (rows ?? []).map((row) => row.split(' | ').at(-1) ?? '');
const named = (pattern: RegExp): string[] =>
  places.flatMap((place) => [...place.matchAll(pattern)].map((m) => m[1] ?? ''));

/** Files of `src/`, once for each `DIFFERS:` in them. */
const said = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => `src/${file.split(path.sep).join('/')}`)
  .flatMap((file) => [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/DIFFERS:/g)].map(() => file));

describe('the table of differences', () => {
  test('has a row for every DIFFERS in the code, and no row that names another place', () => {
    expect(said.length).toBeGreaterThan(0);
    expect(named(/\]\((src\/[^)]+)\)/g).sort()).toEqual([...said].sort());
  });

  test('names every scenario that is known to differ, and no other', () => {
    const known = [...new Set(differences.map(({ scenario }) => scenario))];
    expect(named(/`([a-z-]+\/[a-z-]+)`/g).sort()).toEqual(known.sort());
  });
});

test('every link of the two READMEs leads to a file', () => {
  const missing: string[] = [];
  for (const file of ['README.md', 'src/README.md']) {
    const text = readFileSync(path.join(ROOT, file), 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
      const place = path.join(ROOT, path.dirname(file), target);
      if (!readdirSync(path.dirname(place)).includes(path.basename(place))) missing.push(`${file}: ${target}`);
    }
  }
  expect(missing).toEqual([]);
});
