/**
 * The files of one example as a person edits them.
 *
 * Promise: every edit is kept at once, and only what differs from the original is kept, so an untouched example follows
 * its original when that changes. The last removal or reset can be taken back.
 *
 * Knows nothing of editors or of running anything.
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { Example } from './examples.ts';
import type { Keep } from './keep.ts';

export type Files = Readonly<Record<string, string>>;

export interface Undo {
  /** what was done, as a sentence */
  readonly said: string;
  readonly files: Files;
  readonly current: string;
}

export class Workspace {
  readonly example: Example;
  readonly files = signal<Files>({});
  /** path of the file that is shown */
  readonly current = signal('');
  readonly undo = signal<Undo | undefined>(undefined);
  readonly isOriginal: ReadonlySignal<boolean>;
  /** in order: folders' files after the files beside them */
  readonly paths: ReadonlySignal<readonly string[]>;
  readonly #keep: Keep;
  readonly #key: string;
  readonly #stop: () => void;

  constructor(example: Example, keep: Keep) {
    this.example = example;
    this.#keep = keep;
    this.#key = `files:${example.name}`;
    this.files.value = this.#kept();
    this.current.value = example.open in this.files.value ? example.open : (Object.keys(this.files.value)[0] ?? '');
    this.isOriginal = computed(() => sameFiles(this.files.value, example.files));
    this.paths = computed(() => Object.keys(this.files.value).sort(byFolder));
    this.#stop = keep.onChange((key) => {
      if (key === this.#key) this.#show(this.#kept(), this.current.value);
    });
  }

  select(path: string): void {
    if (path in this.files.value) this.current.value = path;
  }

  write(path: string, text: string): void {
    if (this.files.value[path] === text) return;
    this.#store({ ...this.files.value, [path]: text });
  }

  /** @returns why not, as a sentence */
  add(path: string): string | undefined {
    const problem = this.#problemOf(path);
    if (problem) return problem;
    this.#store({ ...this.files.value, [path]: '' });
    this.current.value = path;
    return undefined;
  }

  /** @returns why not, as a sentence */
  rename(from: string, to: string): string | undefined {
    if (from === to) return undefined;
    const problem = this.#problemOf(to);
    if (problem) return problem;
    const { [from]: text = '', ...others } = this.files.value;
    this.#store({ ...others, [to]: text });
    if (this.current.value === from) this.current.value = to;
    return undefined;
  }

  remove(path: string): void {
    const before = { files: this.files.value, current: this.current.value };
    const { [path]: _removed, ...others } = before.files;
    this.#show(others, before.current);
    this.#store(others);
    this.undo.value = { said: `${path} was deleted.`, ...before };
  }

  reset(): void {
    const before = { files: this.files.value, current: this.current.value };
    this.#show(this.example.files, before.current);
    this.#store(this.example.files);
    this.undo.value = { said: 'Back to the original.', ...before };
  }

  takeBack(): void {
    const { value } = this.undo;
    if (!value) return;
    this.#show(value.files, value.current);
    this.#store(value.files);
  }

  close(): void {
    this.#stop();
  }

  #show(files: Files, current: string): void {
    this.files.value = files;
    if (!(current in files)) {
      this.current.value = this.example.open in files ? this.example.open : (Object.keys(files)[0] ?? '');
    } else this.current.value = current;
  }

  #store(files: Files): void {
    this.files.value = files;
    this.undo.value = undefined;
    this.#keep.write(this.#key, sameFiles(files, this.example.files) ? undefined : files);
  }

  #kept(): Files {
    const kept = this.#keep.read(this.#key);
    return isFiles(kept) ? kept : this.example.files;
  }

  #problemOf(path: string): string | undefined {
    if (path === '') return 'A file needs a name.';
    if (path in this.files.value) return `There is a ${path} already.`;
    const parts = path.split('/');
    if (parts.some((part) => part === '' || part === '.' || part === '..')) {
      return 'Write the path from the top of the project, such as src/room.ts.';
    }
    return undefined;
  }
}

function isFiles(value: unknown): value is Files {
  return typeof value === 'object' && value !== null && Object.values(value).every((text) => typeof text === 'string');
}

function sameFiles(one: Files, other: Files): boolean {
  const paths = Object.keys(one);
  return paths.length === Object.keys(other).length && paths.every((path) => one[path] === other[path]);
}

function byFolder(one: string, other: string): number {
  const depth = Number(one.includes('/')) - Number(other.includes('/'));
  return -depth || (one < other ? -1 : 1);
}
