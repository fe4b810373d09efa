/// <reference types="vite/client" />
/**
 * The examples that come with the page: folders of `examples/`, each a whole project and an `example.json`.
 *
 * Promise: an example is plain data; what a person edits is a copy (workspace.ts).
 */

/** A request that an example offers as a chip. */
export interface Preset {
  readonly label?: string;
  readonly method?: string;
  readonly path: string;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string;
  /** shown as a page; the first one as soon as the code runs */
  readonly page?: boolean;
  /** sent so many times at once; default 1 */
  readonly times?: number;
}

export interface Example {
  /** its folder, its place in the address, and part of its account's name */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** the file to show first */
  readonly open: string;
  readonly presets: readonly Preset[];
  readonly files: Readonly<Record<string, string>>;
}

type Card = Omit<Example, 'name' | 'files'> & { readonly order: number };

const CARD = 'example.json';

/** Every example, in the order of their cards. */
export function loadExamples(): Example[] {
  const texts = import.meta.glob<string>('./examples/**/*', { query: '?raw', import: 'default', eager: true });
  const folders = new Map<string, Record<string, string>>();
  for (const [path, text] of Object.entries(texts)) {
    const [name = '', ...rest] = path.slice('./examples/'.length).split('/');
    const files = folders.get(name) ?? {};
    folders.set(name, files);
    files[rest.join('/')] = text;
  }
  return [...folders]
    .map(([name, { [CARD]: card = '{}', ...files }]) => ({ ...(JSON.parse(card) as Card), name, files }))
    .sort((one, other) => one.order - other.order);
}
