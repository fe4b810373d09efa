/**
 * Builds the modules of Node that programs may import (src/node/) into one file that a bundler fetches when one is asked for.
 *
 * Promise: what modules share stands in chunks of its own, so a program that imports one module carries no other's code.
 * The file is a module whose default export is a `Library` (src/bundler/library.ts).
 */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Plugin, Rolldown } from 'vite';
import { parseModule } from '../src/bundler/compile.ts';
import type { Library, LibraryModule } from '../src/bundler/library.ts';
import { readModule } from '../src/bundler/module-info.ts';
import { NODE_MODULES } from '../src/node/names.ts';
import { NODE_HOOKS } from '../src/protocol/node-hooks.ts';
import { buildChunks } from './chunks.ts';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));
const folder = path.join(root, 'src/node');
const ENTRY = 'durabox-entry:';

/** What ports ask for under Node's names is ours, so that there is one of each. */
const OWN: Record<string, string> = {
  ...{
    'process/': 'process',
    process: 'process',
    'util/': 'util-core',
    util: 'util-core',
    buffer: 'buffer',
    events: 'events',
  },
  ...{ stream: 'stream', 'node:path': 'path', 'node:querystring': 'querystring', 'node:async_hooks': 'async_hooks' },
};
const INSPECT = /node-inspect-extracted[\\/]dist[\\/]inspect\.js$/;
const KEPT_OUTSIDE = /[\\/]src[\\/]node[\\/]/;

function plugin(): Plugin {
  return {
    name: 'durabox-node',
    enforce: 'pre',
    resolveId(id, importer) {
      if (id === NODE_HOOKS) return { id, external: true };
      if (id.startsWith(ENTRY)) return `\0${id}`;
      // The package says that its modules have no side effects, which is not true of the globals.
      if (id.startsWith(folder)) return { id, moduleSideEffects: true };
      // Our own files mean the ports.
      const own = OWN[id];
      if (own !== undefined && importer && !KEPT_OUTSIDE.test(importer)) return path.join(folder, `${own}.ts`);
      if (id === 'safe-buffer') return path.join(folder, 'buffer.ts');
      if (id.startsWith('abort-controller')) return `\0${id}`;
      return undefined;
    },
    load(id) {
      if (id.startsWith('\0abort-controller')) return 'export const { AbortController, AbortSignal } = globalThis;';
      if (!id.startsWith(`\0${ENTRY}`)) return undefined;
      return entryText(id.slice(ENTRY.length + 1));
    },
    transform: (code, id) => (INSPECT.test(id) ? inspectText(code) : undefined),
  };
}

/** The port makes subclasses of all that the language has when it is loaded; programs of older dates have no weak references. */
function inspectText(code: string): string {
  const found = 'const n=globalThis[t];n&&';
  if (code.split(found).length !== 2) throw new Error(`node-inspect-extracted: ${found}`);
  return code.replace(found, 'const n=globalThis[t]??class{};n&&');
}

function entryText(name: string): string {
  const file = (one: string) => JSON.stringify(path.join(folder, `${one}.ts`));
  if (name === 'globals') return `import ${file('globals')};`;
  const module = NODE_MODULES[name];
  if (!module) throw new Error(`no module of Node named ${name}`);
  const [called, names, order] = [`node:${name}`, module.names, module.order].map((one) => JSON.stringify(one));
  return [
    `import * as it from ${file(module.file)};`,
    `import { complete } from ${file('missing')};`,
    `const all = complete(${called}, it, ${names}, ${order});`,
    ...module.names.map((one, index) => `const v${index} = all.names[${JSON.stringify(one)}];`),
    `export { ${module.names.map((one, index) => `v${index} as ${one}`).join(', ')} };`,
    'export default all.default;',
  ].join('\n');
}

export interface BuiltLibrary {
  code: string;
  /** every file that went into it, absolute */
  inputs: string[];
}

export async function buildNodeModules(options: { minify: boolean }): Promise<BuiltLibrary> {
  const names = [...Object.keys(NODE_MODULES), 'globals'];
  const chunks = await buildChunks({
    ...options,
    plugins: [plugin()],
    rolldown: {
      input: Object.fromEntries(names.map((name) => [name.replaceAll('/', '~'), ENTRY + name])),
      external: [NODE_HOOKS],
      preserveEntrySignatures: 'strict',
      transform: { inject: { process: [path.join(folder, 'process.ts'), 'default'] } },
      output: { format: 'es', keepNames: true, entryFileNames: '[name]', chunkFileNames: '+[name]-[hash]' },
      onwarn(warning, warn) {
        if (['EVAL', 'CIRCULAR_DEPENDENCY', 'MODULE_LEVEL_DIRECTIVE'].includes(warning.code ?? '')) return;
        warn(warning);
      },
    },
  });
  const library: Library = inOrder(chunks.map(libraryModule));
  return {
    code: `export default JSON.parse(${JSON.stringify(JSON.stringify(library))});`,
    inputs: chunks.flatMap((one) => Object.keys(one.modules)).filter((id) => path.isAbsolute(id)),
  };
}

function specifierOf(fileName: string): string {
  return `node:${fileName.replaceAll('~', '/')}`;
}

function libraryModule({ fileName, code }: Rolldown.OutputChunk): LibraryModule {
  const { requests } = readModule(parseModule(code));
  const imports = requests.map(({ specifier, start, end, isDynamic }) => {
    if (isDynamic) throw new Error(`${fileName}: import(${specifier})`);
    const to =
      specifier === NODE_HOOKS ? { external: specifier } : { module: specifierOf(specifier.replace(/^\.\//, '')) };
    return { start, end, to, dynamic: false };
  });
  return { kind: 'esm', path: specifierOf(fileName), code, imports };
}

/** Each after what it imports. */
function inOrder(modules: LibraryModule[]): Library {
  const placed = new Set<string>();
  const ordered: LibraryModule[] = [];
  const waiting = new Map(modules.map((one) => [one.path, one]));
  while (waiting.size > 0) {
    const ready = [...waiting.values()].filter((one) =>
      one.imports.every(({ to }) => !('module' in to) || placed.has(to.module)),
    );
    if (ready.length === 0) throw new Error(`modules of Node import each other: ${[...waiting.keys()]}`);
    for (const one of ready) {
      placed.add(one.path);
      ordered.push(one);
      waiting.delete(one.path);
    }
  }
  return { modules: ordered };
}
