/**
 * What of a callee may be reached over RPC: which members are visible, and what is said of the others.
 *
 * Promise: nothing of Object.prototype, no own property of a class instance and no reserved name is ever reached; a
 * getter runs once for each time that its name is walked. What is reserved where a path begins is so at every step of it.
 * Errors are the platform's, without the flag `remote`: who sends them adds it. Holds against patched prototypes: everything
 * goes through captured functions.
 *
 *     handlers       own properties of a Worker's export that is no class; the names of handlers are reserved
 *     entrypoint     prototype chain up to Object.prototype; the names of handlers are reserved
 *     RpcTarget      prototype chain up to Object.prototype
 *     plain object   own properties
 *     function       own properties
 *     stub           whatever it leads to says
 *     anything else  has no members: a Map, an array, a Date, another class's instance, a primitive
 *
 * Knows no messages: it is given the arguments and gives the value.
 * @see workerd: api/worker-rpc.c++ (tryGetProperty, isReservedName); every row and text here was seen in workerd 1.20260730.1
 */
import {
  arrayIsArray,
  arrayJoin,
  objectGetPrototypeOf,
  objectHasOwn,
  objectPrototype,
  reflectApply,
  reflectGet,
} from '../base/primordials.ts';
import type { Path, StubHook } from './hook.ts';
import { hookOf, ServiceStub } from './stub.ts';

/** What the realm knows of its base classes. Each must hold against a program that patches `Symbol.hasInstance`. */
export interface BaseClasses {
  isRpcTarget(value: object): boolean;
  /** an instance of DurableObject or WorkerEntrypoint */
  isEntrypoint(value: object): boolean;
}

type Kind = 'handlers' | 'entrypoint' | 'target' | 'plain' | 'function' | 'opaque';

export interface Member {
  readonly value: unknown;
  /** what the member was read from: `this` of a call */
  readonly holder: unknown;
  readonly path: Path;
}

/** The path leads through a stub: the rest of it is to be asked there. The hook stays the stub's. */
export interface Elsewhere {
  readonly hook: StubHook;
  readonly rest: Path;
}

export class MemberWalker {
  readonly #base: BaseClasses;

  constructor(base: BaseClasses) {
    this.#base = base;
  }

  /**
   * Finds the member, as it is: a promise is not awaited.
   *
   * @param isHandlers  the root is a Worker's export that is no class
   * @throws TypeError with the platform's text, or what a getter throws
   */
  find(root: unknown, path: Path, isHandlers = false): Member | Elsewhere {
    const rootKind = isHandlers ? 'handlers' : this.#kindOf(root);
    let value = root;
    // A function that is called itself is its own `this` (seen).
    let holder = root;
    for (let i = 0; i < path.length; i++) {
      const name = path[i] as string;
      const kind = i === 0 ? rootKind : this.#kindOf(value);
      if (kind === 'opaque' || kind === 'function') {
        const hook = hookOf(value);
        if (hook) {
          // A Response is no answer of RPC: a service stub's own `fetch` gives it.
          if (value instanceof ServiceStub && name === 'fetch' && i === path.length - 1) {
            return { value: value.fetch, holder: value, path };
          }
          return { hook, rest: rest(path, i) };
        }
      }
      if (kind === 'opaque' && i > 0) throw missing(path[i - 1] as string);
      if (isReserved(name, rootKind)) {
        throw new TypeError(`'${name}' is a reserved method and cannot be called over RPC.`);
      }
      if (kind === 'opaque') throw missing(name);
      holder = value;
      value = readMember(value as object, name, kind);
    }
    return { value, holder, path };
  }

  /** Calls the member with its holder as `this`. @throws TypeError with the platform's text, or what the method throws */
  apply({ value, holder, path }: Member, args: readonly unknown[]): unknown {
    if (typeof value !== 'function') {
      throw new TypeError(`"${path.length === 0 ? '(this)' : arrayJoin(path, '.')}" is not a function.`);
    }
    return reflectApply(value, holder, args);
  }

  /**
   * Calls a handler, with what the platform adds to the one argument that comes from the caller.
   *
   * @param added  `env` and `ctx`
   * @throws TypeError with the platform's text, or what the handler throws
   */
  applyHandler(member: Member, args: readonly unknown[], added: readonly unknown[]): unknown {
    const { value, path } = member;
    if (typeof value === 'function') {
      const name = arrayJoin(path, '.');
      if (value.length > 1 + added.length) throw new TypeError(tooManyParameters(name));
      if (args.length !== 1) throw new TypeError(notOneArgument(name));
    }
    return this.apply(member, [args[0], ...added]);
  }

  /** What a program may wrap into a stub. */
  isReceiver(value: object): boolean {
    const kind = this.#kindOf(value);
    return kind === 'function' || kind === 'plain' || kind === 'target';
  }

  /**
   * The same for what a link leads to: an instance whose class does not extend DurableObject has no members at all.
   * @throws TypeError that names the missing `extends DurableObject`
   */
  assertEntrypoint(instance: object): void {
    if (!this.#base.isEntrypoint(instance)) throw new TypeError(NO_RPC);
  }

  #kindOf(value: unknown): Kind {
    if (typeof value === 'function') return 'function';
    if (typeof value !== 'object' || value === null || arrayIsArray(value)) return 'opaque';
    if (objectGetPrototypeOf(value) === objectPrototype) return 'plain';
    if (this.#base.isEntrypoint(value)) return 'entrypoint';
    return this.#base.isRpcTarget(value) ? 'target' : 'opaque';
  }
}

function readMember(holder: object, name: string, kind: Exclude<Kind, 'opaque'>): unknown {
  switch (kind) {
    case 'handlers':
    case 'plain':
    case 'function':
      if (!objectHasOwn(holder, name)) throw missing(name);
      return reflectGet(holder, name);
    case 'entrypoint':
    case 'target': {
      const value = objectHasOwn(holder, name) ? undefined : readShown(holder, name);
      if (value === undefined) throw missing(name);
      return value;
    }
    default:
      return kind satisfies never;
  }
}

/**
 * The value that the object shows, unless it comes from Object.prototype; a getter runs with the holder as `this`. A Proxy
 * may show what nothing in its prototype chain has.
 */
function readShown(holder: object, name: string): unknown {
  for (let at = objectGetPrototypeOf(holder); at !== null && at !== objectPrototype; at = objectGetPrototypeOf(at)) {
    if (objectHasOwn(at, name)) return reflectGet(holder, name);
  }
  return objectHasOwn(objectPrototype, name) ? undefined : reflectGet(holder, name);
}

/** @param kind  what the path begins at */
function isReserved(name: string, kind: Kind): boolean {
  switch (name) {
    case 'constructor':
    case 'dup':
      return true;
    case 'alarm':
    case 'connect':
    case 'fetch':
    case 'webSocketClose':
    case 'webSocketError':
    case 'webSocketMessage':
      return kind === 'entrypoint' || kind === 'handlers';
    default:
      return false;
  }
}

function rest(path: Path, from: number): Path {
  const left: string[] = [];
  for (let i = from; i < path.length; i++) left[i - from] = path[i] as string;
  return left;
}

const missing = (name: string) => new TypeError(`The RPC receiver does not implement the method "${name}".`);

const tooManyParameters = (name: string) =>
  `Cannot call handler function "${name}" over RPC because it has the wrong number of arguments. A simple function ` +
  'handler can only be called over RPC if it has exactly the arguments (arg, env, ctx), where only the first argument ' +
  'comes from the client. To support multi-argument RPC functions, use class-based syntax (extending WorkerEntrypoint) instead.';

const notOneArgument = (name: string) =>
  `Attempted to call RPC function "${name}" with the wrong number of arguments. When calling a top-level handler ` +
  'function that is not declared as part of a class, you must always send exactly one argument. In order to support ' +
  'variable numbers of arguments, the server must use class-based syntax (extending WorkerEntrypoint) instead.';

const NO_RPC =
  'The receiving Durable Object does not support RPC, because its class was not declared with `extends DurableObject`. ' +
  'In order to enable RPC, make sure your class extends the special class `DurableObject`, which can be imported from ' +
  'the module "cloudflare:workers".';
