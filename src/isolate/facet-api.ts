/**
 * `ctx.facets`, as a program sees it.
 *
 * Promise: members, checks and texts as workerd 1.20260730. Knows nothing of what a facet is.
 * @see workerd: api/actor-state.c++ (DurableObjectFacets)
 */
import { utf8 } from '../base/bytes.ts';
import { illegalInvocation, platformObject } from '../base/platform-objects.ts';
import { reflectApply, typedArrayLength } from '../base/primordials.ts';
import { idHex, isId } from '../rpc/namespace.ts';
import { parameterError, shapeClass } from './native-shape.ts';

export interface FacetPort {
  get(name: string, startup: () => unknown): object;
  abort(name: string, reason: unknown): void;
  delete(name: string): void;
  clone(from: string, to: string): void;
}

/** What a startup callback gave, checked. */
export interface FacetStart<Class> {
  readonly Class: Class;
  /** undefined: the parent's */
  readonly id: FacetId | undefined;
}

export type FacetId = string | { readonly hex: string; readonly name: string | undefined };

/** Only this module makes them. */
const MAKE = Symbol('make');
const ON = 'DurableObjectFacets';
/** bytes of UTF-8, whatever the text says */
const NAME_MAX = 256;

export class DurableObjectFacets {
  readonly #port: FacetPort;

  constructor(token: unknown, port?: FacetPort) {
    if (token !== MAKE || !port) throw new TypeError('Illegal constructor');
    this.#port = port;
    platformObject(this, ON);
  }

  get(...args: unknown[]): object {
    DurableObjectFacets.#check(this);
    const name = textArgument('get', args, 0);
    const startup = args[1];
    if (typeof startup !== 'function') throw parameterError('get', ON, 2, 'function');
    return this.#port.get(checked(name), () => reflectApply(startup as () => unknown, globalThis, []));
  }

  abort(...args: unknown[]): void {
    DurableObjectFacets.#check(this);
    const name = textArgument('abort', args, 0);
    if (args.length < 2) throw parameterError('abort', ON, 2, 'JsValue');
    this.#port.abort(checked(name), args[1]);
  }

  delete(...args: unknown[]): void {
    DurableObjectFacets.#check(this);
    this.#port.delete(checked(textArgument('delete', args, 0)));
  }

  clone(...args: unknown[]): void {
    DurableObjectFacets.#check(this);
    const from = textArgument('clone', args, 0);
    const to = textArgument('clone', args, 1);
    this.#port.clone(checked(from), checked(to));
  }

  static #check(value: unknown): void {
    if (typeof value !== 'object' || value === null || !(#port in value)) throw illegalInvocation();
  }
}
shapeClass(DurableObjectFacets, ON);

export function makeFacetApi(port: FacetPort): DurableObjectFacets {
  return new DurableObjectFacets(MAKE, port);
}

/**
 * Reads what a startup callback gave.
 *
 * @param classOf  what a value is as a class; undefined when it is none
 * @throws TypeError with the platform's text
 */
export function readStart<Class>(given: unknown, classOf: (value: unknown) => Class | undefined): FacetStart<Class> {
  if (given === undefined || given === null) throw new TypeError(NO_OPTIONS);
  const options = given as { class?: unknown; id?: unknown };
  const Class = classOf(options.class);
  if (Class === undefined) throw new TypeError(NO_CLASS);
  const { id } = options;
  if (id === undefined) return { Class, id: undefined };
  return { Class, id: isId(id) ? { hex: idHex(id), name: id.name } : `${id as string}` };
}

/** It names the type as the compiler does. */
const NO_OPTIONS =
  'Cannot initialize N7workerd3api19DurableObjectFacets14StartupOptionsE with required members from an undefined or null value.';
const NO_CLASS =
  "Incorrect type for the 'class' field on 'StartupOptions': the provided value is not of type 'DurableObjectClass or " +
  "LoopbackDurableObjectNamespace or LoopbackColoLocalActorNamespace'.";

function textArgument(method: string, args: readonly unknown[], position: number): string {
  if (args.length <= position) throw parameterError(method, ON, position + 1, 'string');
  return `${args[position] as string}`;
}

function checked(name: string): string {
  if (typedArrayLength(utf8(name)) > NAME_MAX)
    throw new TypeError(`Facet name is too long (max ${NAME_MAX} characters).`);
  return name;
}
