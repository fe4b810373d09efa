/**
 * State as real workerd leaves it on a disk, and workerd on state that somebody else left there.
 *
 * Promise: a folder of its own for each, removed by `remove`; workerd has ended when `run` has.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Miniflare } from 'miniflare';

export interface Program {
  readonly script: string;
  readonly className: string;
  readonly worker: string;
}

export interface StateFolder {
  /** what `wrangler dev` has at `.wrangler/state/v3` */
  readonly root: string;
  /** Starts workerd on the folder, asks the Worker for paths, and ends it. @returns the answers */
  run(program: Program, paths: readonly string[]): Promise<string[]>;
  /** The same while `use` asks. */
  serve(program: Program, use: (ask: (path: string) => Promise<string>) => Promise<void>): Promise<void>;
  /** what is under `do`, by path from the root; shared memory left out */
  files(): Map<string, Uint8Array>;
  /** puts files there, as `unzip` would */
  write(files: ReadonlyMap<string, Uint8Array>): void;
  copy(): StateFolder;
  remove(): void;
}

export function stateFolder(root = mkdtempSync(path.join(tmpdir(), 'durabox-state-'))): StateFolder {
  return {
    root,
    async run(program, paths) {
      const answers: string[] = [];
      await this.serve(program, async (ask) => {
        for (const asked of paths) answers.push(await ask(asked));
      });
      return answers;
    },
    async serve({ script, className, worker }, use) {
      const runtime = new Miniflare({
        cf: false,
        name: worker,
        modules: true,
        script,
        compatibilityDate: '2026-07-30',
        defaultPersistRoot: root,
        durableObjectsPersist: path.join(root, 'do'),
        durableObjects: { OBJECTS: { className, useSQLite: true } },
      });
      try {
        await use(async (asked) => (await runtime.dispatchFetch(`http://worker${asked}`)).text());
      } finally {
        await runtime.dispose();
      }
    },
    files() {
      const names = readdirSync(path.join(root, 'do'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && !entry.name.endsWith('-shm'))
        .map((entry) => path.join(entry.parentPath, entry.name));
      return new Map(names.sort().map((name) => [path.relative(root, name), new Uint8Array(readFileSync(name))]));
    },
    write(files) {
      for (const [name, content] of files) {
        mkdirSync(path.dirname(path.join(root, name)), { recursive: true });
        writeFileSync(path.join(root, name), content);
      }
    },
    copy() {
      const copied = stateFolder();
      cpSync(root, copied.root, { recursive: true });
      return copied;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
