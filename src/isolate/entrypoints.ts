/**
 * What a script exports, sorted as the platform sorts it, and `ctx.exports` made of it.
 *
 * Promise: a function is a WorkerEntrypoint if it extends that, and else a Durable Object class, whatever it is; an object is
 * a set of handlers. `ctx.exports` has the default export first, then handlers, entrypoints and classes, each by name.
 * @see workerd: io/worker.c++; seen in workerd 1.20260730.1
 */
import { SimulatorError } from '../base/errors.ts';
import { objectDefineProperty, objectKeys } from '../base/primordials.ts';
import type { Callee, Entry, Props, WorkerTarget } from '../protocol/target.ts';
import type { StubHook } from '../rpc/hook.ts';
import { makeLoopbackClass, makeLoopbackNamespace, makeLoopbackService } from '../rpc/loopback.ts';
import type { NamespaceOptions } from '../rpc/namespace.ts';
import type { StubCodec } from '../rpc/stub-handlers.ts';

export type Exported =
  | { readonly kind: 'handlers'; readonly handlers: object }
  | { readonly kind: 'entrypoint'; readonly Class: EntrypointClass }
  | { readonly kind: 'class' | 'workflow' };

export type EntrypointClass = new (ctx: object, env: object) => object;

/** Whether a class extends one of the platform's. */
export type Extends = (value: object, name: 'WorkerEntrypoint' | 'WorkflowEntrypoint') => boolean;

/** Undefined when nothing is exported by that name. */
export function exportedAs(
  program: Readonly<Record<string, unknown>>,
  name: string,
  isUnder: Extends,
): Exported | undefined {
  const value = program[name];
  if (typeof value === 'object' && value !== null) return { kind: 'handlers', handlers: value };
  if (typeof value !== 'function') return undefined;
  if (isUnder(value, 'WorkerEntrypoint')) return { kind: 'entrypoint', Class: value as EntrypointClass };
  return { kind: isUnder(value, 'WorkflowEntrypoint') ? 'workflow' : 'class' };
}

/**
 * Refuses an entry that the platform does not start with: each export must be a function or an object.
 *
 * @param main  path of the entry
 * @throws SimulatorError `bundle_failed` that names the first such export
 */
export function checkExports(program: Readonly<Record<string, unknown>>, main: string): void {
  for (const name of objectKeys(program)) {
    const value = program[name];
    if (typeof value === 'function' || (typeof value === 'object' && value !== null)) continue;
    const refusal =
      value === null || value === undefined
        ? 'Cannot initialize ExportedHandler with required members from an undefined or null value.'
        : `Incorrect type for map entry '${name}': the provided value is not of type 'function or ExportedHandler'.`;
    throw new SimulatorError(
      'bundle_failed',
      `${main} exports "${name}", which is neither a function nor an object, and the platform starts no such Worker (${refusal}); move it to another module.`,
    );
  }
}

export interface LoopbackOptions {
  script: string;
  program: Readonly<Record<string, unknown>>;
  isUnder: Extends;
  codec: StubCodec;
  encode(props: object): Props;
  /** a way that belongs to no request */
  service(target: WorkerTarget): StubHook;
  /** the same for what is made in a request */
  find(target: Callee): StubHook;
  /** undefined for a class that has no namespace */
  namespaceOf(className: string): NamespaceOptions | undefined;
}

/** `ctx.exports`: one for each isolate; a program may change it. */
export function makeExports(options: LoopbackOptions): object {
  const { script, program, codec, encode } = options;
  const made: object = {};
  const put = (name: string, value: object) =>
    objectDefineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
  const target = (entry: Entry): WorkerTarget => ({ kind: 'worker', script, entry });
  for (const [kind, name] of sorted(program, options.isUnder)) {
    if (kind === 'class') {
      const own = { className: name, encode };
      const namespace = options.namespaceOf(name);
      put(name, namespace ? makeLoopbackNamespace(own, namespace) : makeLoopbackClass(own));
      continue;
    }
    const hook = options.service(target({ name }));
    const withProps = (props: object | undefined) =>
      options.find(target({ name, ...(props && { props: encode(props) }) }));
    put(name, makeLoopbackService({ hook, codec, withProps }));
  }
  return made;
}

type Shown = 'handlers' | 'entrypoint' | 'class';

function sorted(program: Readonly<Record<string, unknown>>, isUnder: Extends): [Shown, string][] {
  const groups: Record<Shown, [Shown, string][]> = { handlers: [], entrypoint: [], class: [] };
  const first: [Shown, string][] = [];
  for (const name of objectKeys(program)) {
    const kind = exportedAs(program, name, isUnder)?.kind;
    if (kind === undefined || kind === 'workflow') continue;
    if (name === 'default' && kind !== 'class') first[0] = [kind, name];
    else groups[kind][groups[kind].length] = [kind, name];
  }
  return [...first, ...groups.handlers, ...groups.entrypoint, ...groups.class];
}
