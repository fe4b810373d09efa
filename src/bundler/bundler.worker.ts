/**
 * The bundler's thread: one for a page, started by its first deployment.
 *
 * Promise: TypeScript is fetched at most once, and only when a file needs it.
 */
import { must } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import { exposeControl } from '../network/control-port.ts';
import type { CompiledScript, ProjectInput } from '../protocol/deployment.ts';
import { bundle } from './bundle.ts';
import type { TypeScript } from './compile.ts';

let loading: Promise<TypeScript> | undefined;

/** A failed fetch is not kept: the next bundle tries again. */
function loadTypeScript(url: string): Promise<TypeScript> {
  loading ??= (import(/* @vite-ignore */ url) as Promise<TypeScript & { default?: TypeScript }>)
    .then((loaded) => loaded.default ?? loaded)
    .catch((cause: unknown) => {
      loading = undefined;
      throw new SimulatorError('not_supported', `The TypeScript compiler could not be loaded from ${url}.`, { cause });
    });
  return loading;
}

const api = {
  bundle(project: ProjectInput, typescriptUrl: string | undefined): Promise<CompiledScript> {
    return bundle(project, typescriptUrl === undefined ? {} : { loadTypeScript: () => loadTypeScript(typescriptUrl) });
  },
};

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;

scope.onmessage = (event: MessageEvent<{ start: MessagePort[] }>) => {
  exposeControl(api, must(event.data.start[0], 'the control port'));
};
