/**
 * The bundler's thread: one for a page, started by its first deployment.
 *
 * Promise: the TypeScript compiler, the modules of Node and HTMLRewriter are fetched at most once each, and only when a project needs them.
 */
import { must } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import { exposeControl } from '../network/control-port.ts';
import type { BundlerUrls, CompiledScript, ProjectInput } from '../protocol/deployment.ts';
import { bundle } from './bundle.ts';
import type { TypeScript } from './compile.ts';
import type { Library } from './library.ts';

/** what was fetched, or is being fetched, by URL; a failed fetch is not kept: the next bundle tries again */
const loading = new Map<string, Promise<unknown>>();

/** The default export of a module, or all of it when it has none. */
function load<T>(url: string, what: string): Promise<T> {
  const known = loading.get(url);
  if (known) return known as Promise<T>;
  const fetched = (import(/* @vite-ignore */ url) as Promise<{ default?: unknown }>)
    .then((loaded) => loaded.default ?? loaded)
    .catch((cause: unknown) => {
      loading.delete(url);
      throw new SimulatorError('not_supported', `${what} could not be loaded from ${url}.`, { cause });
    });
  loading.set(url, fetched);
  return fetched as Promise<T>;
}

const api = {
  bundle(project: ProjectInput, urls: BundlerUrls): Promise<CompiledScript> {
    const { typescript, nodeModules, htmlRewriter } = urls;
    return bundle(project, {
      ...(typescript === undefined
        ? {}
        : { loadTypeScript: () => load<TypeScript>(typescript, 'The TypeScript compiler') }),
      ...(nodeModules === undefined
        ? {}
        : { loadNodeModules: () => load<Library>(nodeModules, 'The modules of Node') }),
      ...(htmlRewriter === undefined
        ? {}
        : {
            loadHtmlRewriter: () => load<() => Promise<Library>>(htmlRewriter, 'HTMLRewriter').then((open) => open()),
          }),
    });
  },
};

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = (event: MessageEvent<{ start: MessagePort[] }>) => {
  exposeControl(api, must(event.data.start[0], 'the control port'));
};
