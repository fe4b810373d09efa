/**
 * What a script is given by name: `env`, as its config binds it, and `exports`, made of what it exports itself.
 *
 * Promise: `env` is there before the program's code is; `exports` is empty until all of it has been evaluated. Neither
 * belongs to a request: what is in them works in every event.
 */
import { objectIsPrototypeOf } from '../base/primordials.ts';
import type { Plan } from '../protocol/control.ts';
import type { ObjectChannels } from '../rpc/object-channels.ts';
import { makeServiceStub } from '../rpc/stub.ts';
import type { StubCodec } from '../rpc/stub-handlers.ts';
import { checkExports, type Exported, exportedAs, makeExports } from './entrypoints.ts';
import type { PropsCodec } from './props.ts';

export interface ScriptBindingsOptions {
  plan: Plan;
  channels: ObjectChannels;
  codec: StubCodec;
  props: PropsCodec;
  /** the module `cloudflare:workers`, for its base classes */
  workers: Readonly<Record<string, unknown>>;
  /** compatibility flag enable_ctx_exports */
  hasCtxExports: boolean;
}

export class ScriptBindings {
  readonly env: Readonly<Record<string, unknown>>;
  readonly #options: ScriptBindingsOptions;
  #exports: object = {};

  constructor(options: ScriptBindingsOptions) {
    this.#options = options;
    this.env = makeEnv(options);
  }

  /** As `import { exports }` has them. */
  get exports(): object {
    return this.#exports;
  }

  /** As `ctx` has them; undefined where it has none. */
  get ctxExports(): object | undefined {
    return this.#options.hasCtxExports ? this.#exports : undefined;
  }

  /** The program has been evaluated. @throws SimulatorError `bundle_failed` for exports that the platform refuses */
  loaded(program: Readonly<Record<string, unknown>>): void {
    const { plan, channels, codec, props } = this.#options;
    checkExports(program, plan.script.main);
    this.#exports = makeExports({
      script: plan.script.name,
      program,
      isUnder: this.#isUnder,
      codec,
      encode: (value) => props.encode(value),
      service: (target) => channels.service(target),
      find: (target) => channels.find(target),
      namespaceOf: (className) => {
        const found = plan.ownNamespaces.find((one) => one.className === className);
        return found && channels.namespaceOptions(found.namespace);
      },
    });
  }

  /** What of a program an event is for; undefined when it exports no such thing. */
  exportedAs(program: Readonly<Record<string, unknown>>, name: string): Exported | undefined {
    return exportedAs(program, name, this.#isUnder);
  }

  readonly #isUnder = (value: object, name: 'WorkerEntrypoint' | 'WorkflowEntrypoint'): boolean => {
    const prototype: unknown = (value as { prototype?: unknown }).prototype;
    const base = this.#options.workers[name] as { prototype: object };
    return typeof prototype === 'object' && objectIsPrototypeOf(base.prototype, prototype);
  };
}

function makeEnv({ plan, channels, codec, props }: ScriptBindingsOptions): Record<string, unknown> {
  const env: Record<string, unknown> = {};
  for (const binding of plan.script.bindings) {
    switch (binding.type) {
      case 'var':
        env[binding.name] = binding.value;
        break;
      case 'durable_object': {
        const found = plan.namespaces.find((one) => one.name === binding.name);
        if (found) env[binding.name] = channels.namespace(found.namespace);
        break;
      }
      case 'service': {
        const { service, entrypoint: name = 'default' } = binding;
        const entry = { name, ...(binding.props === undefined ? {} : { props: props.encode(binding.props) }) };
        env[binding.name] = makeServiceStub(channels.service({ kind: 'worker', script: service, entry }), codec);
        break;
      }
      default:
        binding satisfies never;
    }
  }
  return env;
}
