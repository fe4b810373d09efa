/**
 * The page of the crash test with one large transaction: asks for it, and shows what a killed browser left of it.
 *
 * Promise: what was left is read before anything is opened that could mend it, and handed over in pieces: a message of the
 * browser holds no file of more than 100 MB.
 */
import { Simulator } from '../../src/index.ts';
import { asAccount } from '../../src/protocol/names.ts';
import { openVault } from '../../src/storage/vault.ts';
import { base64, leftFile } from './left-file.ts';

/** What the object holds: every row is of one generation, or something is wrong. */
export interface LargeJudgement {
  readonly generation: number;
  readonly wrong: readonly string[];
}

interface Stub {
  replaceAll(generation: number): Promise<number>;
  judge(): Promise<LargeJudgement>;
}

const CONFIG = {
  name: 'worker',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'LARGE', class_name: 'Large' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Large'] }],
};

let simulator: Simulator | undefined;
let file: Uint8Array | undefined;

function stub(): Stub {
  const namespace = simulator?.env['LARGE'];
  if (!namespace) throw new Error('The account is not open.');
  return namespace.getByName('large') as unknown as Stub;
}

const page = {
  /** How many bytes the object's file has; 0 when there is none. */
  async left(name: string): Promise<number> {
    const { vault } = await openVault({ mode: 'indexeddb', account: asAccount(name) });
    const [object] = await vault.listObjects();
    const store = object && (await vault.findObject(object.address));
    file = store && (await leftFile(store));
    await store?.close();
    vault.close();
    return file?.length ?? 0;
  },

  /** The bytes from `from` on, at most `count` of them, in base 64. */
  piece: (from: number, count: number): string => base64(file?.subarray(from, from + count) ?? new Uint8Array(0)),

  async open(name: string, program: string): Promise<void> {
    file = undefined;
    simulator = await Simulator.open({
      name,
      modules: { 'index.js': program },
      main: 'index.js',
      config: CONFIG,
      storage: 'indexeddb',
    });
  },

  replaceAll: async (generation: number): Promise<number> => await stub().replaceAll(generation),
  judge: async (): Promise<LargeJudgement> => await stub().judge(),
};

export type CrashLargePage = typeof page;

declare global {
  /** set by this module in the page */
  var crashLarge: CrashLargePage;
}

globalThis.crashLarge = page;
