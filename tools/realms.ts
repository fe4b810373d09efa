/**
 * Builds a realm (a worker) into one self-contained module file, without static imports.
 *
 * Promise: what the dev server hands out is made by the same steps as what `npm run build` writes, so a worker that
 * starts from its URL here also starts from a blob of its text in an opaque frame.
 */
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import type { Plugin } from 'vite';
import { buildChunks } from './chunks.ts';
import { buildHtmlRewriter } from './html-rewriter.ts';
import { buildNodeModules } from './node-modules.ts';
import { wovenSqlJs } from './row-counts.ts';

const root = path.resolve(fileURLToPath(new URL('..', import.meta.url)));

/** Files beside `spawn.ts` that it asks for by URL: name to source, from the project's root. */
export const REALMS = {
  'starter.worker.js': 'src/starter.worker.ts',
  'host.worker.js': 'src/host/host.worker.ts',
  'isolate.worker.js': 'src/isolate/isolate.worker.ts',
  'inspector.worker.js': 'src/inspector/inspector.worker.ts',
  'bundler.worker.js': 'src/bundler/bundler.worker.ts',
  'preview.frame.js': 'src/preview/preview.frame.ts',
  'typescript.js': 'tools/typescript-entry.ts',
  'node-modules.js': 'src/node/names.ts',
  'html-rewriter.js': 'src/isolate/html-library.ts',
} as const;

export type RealmFile = keyof typeof REALMS;

const KEPT_NAMES = /^src\/(isolate\/|index\.ts)/;

export interface BuiltRealm {
  code: string;
  /** every file that went into it, absolute */
  inputs: string[];
}

export function buildRealm(file: RealmFile, options: { minify: boolean }): Promise<BuiltRealm> {
  // Workers in a closure of their own, so that the same text also runs as a classic script: in an opaque origin Chromium
  // starts no module worker from a blob, and a classic script's variables would be the program's globals.
  if (file === 'node-modules.js') return buildNodeModules(options);
  if (file === 'html-rewriter.js') return buildHtmlRewriter(options);
  return buildFile(REALMS[file], { ...options, format: /\.(worker|frame)\.js$/.test(file) ? 'iife' : 'es' });
}

/** Any module and all that it imports as one file; `import.meta.url` stays what it is, so files are found beside it. */
export function buildModule(source: string, options: { minify: boolean }): Promise<BuiltRealm> {
  return buildFile(source, { ...options, format: 'es' });
}

async function buildFile(source: string, options: { minify: boolean; format: 'es' | 'iife' }): Promise<BuiltRealm> {
  const chunks = await buildChunks({
    minify: options.minify,
    rolldown: {
      input: path.join(root, source),
      preserveEntrySignatures: 'strict',
      // A program sees the names of the isolate's classes and functions, an embedder those of the face.
      output: { format: options.format, strict: true, codeSplitting: false, keepNames: KEPT_NAMES.test(source) },
      onwarn(warning, warn) {
        // TypeScript's and sql.js's own branches for Node never run here.
        if (warning.code === 'MODULE_LEVEL_DIRECTIVE' || warning.code === 'EVAL') return;
        warn(warning);
      },
    },
  });
  const [chunk, ...rest] = chunks;
  if (!chunk || rest.length > 0) throw new Error(`${source}: expected one file, got ${chunks.map((c) => c.fileName)}`);
  // Throws for what only a module may say (`import.meta`, `await` at the top).
  if (options.format === 'iife') new Script(chunk.code, { filename: source });
  return { code: chunk.code, inputs: Object.keys(chunk.modules).filter((id) => path.isAbsolute(id)) };
}

async function newest(files: string[]): Promise<number> {
  const times = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.mtimeMs ?? 0));
  return Math.max(0, ...times);
}

/** What has not changed is not sent again, and a browser uses what it has compiled of it. */
function tagOf(code: string): string {
  return `"${createHash('sha256').update(code).digest('hex').slice(0, 16)}"`;
}

/**
 * In the dev server and in browser tests: serves the realms as if they lay built beside `src/spawn.ts`.
 *
 * @param cachedS  how long a browser need not ask for a realm again, s: each simulator starts half a dozen workers, most from one file
 */
export function realms({ cachedS }: { cachedS: number }): Plugin {
  const cache = new Map<RealmFile, Promise<{ built: BuiltRealm; tag: string; at: number }>>();
  const fresh = async (file: RealmFile): Promise<{ built: BuiltRealm; tag: string }> => {
    const known = await cache.get(file)?.catch(() => undefined);
    if (known && (await newest(known.built.inputs)) <= known.at) return known;
    const at = Date.now();
    const next = buildRealm(file, { minify: false }).then((built) => ({ built, tag: tagOf(built.code), at }));
    cache.set(file, next);
    return next;
  };
  return {
    name: 'durabox-realms',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = /^\/src\/([\w.-]+\.js)(\?.*)?$/.exec(request.url ?? '')?.[1];
        if (!name || !(name in REALMS)) return next();
        response.setHeader('content-type', 'text/javascript; charset=utf-8');
        response.setHeader('access-control-allow-origin', '*');
        response.setHeader('cache-control', cachedS > 0 ? `max-age=${cachedS}` : 'no-cache');
        fresh(name as RealmFile).then(
          ({ built, tag }) => {
            response.setHeader('etag', tag);
            if (request.headers['if-none-match'] === tag) response.statusCode = 304;
            response.end(response.statusCode === 304 ? undefined : built.code);
          },
          (error: Error) => {
            server.config.logger.error(`${name}: ${error.message}`);
            response.statusCode = 500;
            response.end(`throw new Error(${JSON.stringify(`${name} did not build: ${error.message}`)})`);
          },
        );
      });
      const sqlJs = wovenSqlJs();
      sqlJs.catch((error: Error) => server.config.logger.error(error.message));
      server.middlewares.use('/src/sql-wasm.wasm', (_request, response, next) => {
        sqlJs.then((wasm) => {
          response.setHeader('content-type', 'application/wasm');
          response.setHeader('access-control-allow-origin', '*');
          response.end(wasm);
        }, next);
      });
    },
  };
}
