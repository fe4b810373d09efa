/** Folding and collecting a log while the program has broken one built-in of the language: what is stored stays what it was. */
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { fill, readSnapshot } from '../../src/storage/log-state.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { MemoryObject, MemoryObjectStore } from '../../src/storage/vault-memory.ts';
import { Breakage } from '../support/breakage.ts';
import { type BuiltIn, builtInsOf, languageGlobals, REPLACEMENTS } from '../support/each-built-in.ts';
import { commitOf, Model, openLog, pageOf } from '../support/log-model.ts';

/** What the language itself calls, or looks up, when promises are combined and pieces of arrays are made: a checkpoint then fails. */
const STOPPING = ['Promise.prototype.then', 'TypedArray.Symbol(Symbol.species)', 'Uint8Array.prototype.constructor'];
const BUILT_INS = builtInsOf(languageGlobals(runInNewContext('globalThis') as object));

/** A base of two groups, then a cut, and what touches both groups: a record of a few pages, and one that comes in parts. */
const CHANGES: readonly (readonly [pages: Record<number, number>, pageCount: number])[] = [
  [{ 1: 1, 2: 2, 70: 3 }, 70],
  [{ 2: 4 }, 66],
  [{ 3: 5, 12: 6, 66: 7 }, 66],
  [Object.fromEntries(Array.from({ length: 17 }, (_, i) => [20 + i, 8 + i])), 66],
];
const COMMITS = CHANGES.map(([pages, pageCount]) => commitOf(pages, pageCount));
const EXPECTED = (() => {
  const model = new Model();
  for (const [pages, pageCount] of CHANGES) model.commit(pages, pageCount);
  return Buffer.concat(model.values.map(pageOf));
})();

interface Outcome {
  readonly isWhole: boolean;
  /** it has ended without an error, and moved the base */
  readonly isDone: boolean;
}

/** What a checkpoint of these commits does with one built-in broken. */
async function checkpointed(builtIn: BuiltIn, replacement: (() => unknown) | undefined): Promise<Outcome> {
  const object = new MemoryObject();
  const store = new MemoryObjectStore({ address: 'a' as never, object, onDestroy: () => {} });
  const breakage = new Breakage(builtIn, replacement);
  const { log } = await openLog(breakage.around(store));
  for (const [at, commit] of COMMITS.entries()) {
    await log.append(commit);
    if (at === 0) await log.checkpointIfDue();
  }
  const before = object.base.sequence;
  const ended = await breakage.during(() => log.checkpointIfDue());
  const state = await readSnapshot(store);
  const file = new PageFile();
  if (state) fill(file, state);
  return {
    isWhole: Buffer.compare(file.toBytes(), EXPECTED) === 0,
    isDone: ended !== undefined && !('error' in ended) && object.base.sequence > before,
  };
}

test.each(Object.keys(REPLACEMENTS))('whatever %s, nothing is lost and nothing wrong is written', async (does) => {
  const damaged: string[] = [];
  const stopped: string[] = [];
  for (const builtIn of BUILT_INS) {
    const { isWhole, isDone } = await checkpointed(builtIn, REPLACEMENTS[does]);
    if (!isWhole) damaged.push(builtIn.name);
    if (!isDone) stopped.push(builtIn.name);
  }
  expect(damaged).toEqual([]);
  expect(stopped.filter((name) => !STOPPING.includes(name))).toEqual([]);
});
