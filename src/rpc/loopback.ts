/**
 * What `ctx.exports` holds: a script's own entrypoints and classes, each callable to give it props.
 *
 * Promise: shapes, tags and texts as workerd. A loopback stub is used like a service binding but does not travel; what calling
 * it gives does. Props are serialised when they are given.
 *
 * DIFFERS: on the platform a called class travels, and any script may run it as a facet; here it is refused like the class.
 *
 * Knows neither links nor what an export is: what each stands on is given.
 * @see workerd: api/export-loopback.h; every row was seen in workerd 1.20260730.1
 */
import { FieldsOf, platformObject } from '../base/platform-objects.ts';
import { objectDefineProperty, objectPrototype, objectSetPrototypeOf } from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import type { Props } from '../protocol/target.ts';
import type { StubHook } from './hook.ts';
import { becomeNamespace, DurableObjectNamespace, type NamespaceOptions } from './namespace.ts';
import { makeServiceStub, ServiceStub } from './stub.ts';
import { bareFunction, proxyOf, type StubCodec, StubHandler, type StubKind } from './stub-handlers.ts';

export interface LoopbackServiceOptions {
  hook: StubHook;
  codec: StubCodec;
  /** the same entrypoint with props */
  withProps(props: object | undefined): StubHook;
}

/** A WorkerEntrypoint or a handler object of the script's own. */
export function makeLoopbackService(options: LoopbackServiceOptions): object {
  const stub = bareFunction();
  objectSetPrototypeOf(stub, LoopbackServiceStub.prototype);
  return proxyOf(stub, new LoopbackHandler(options));
}

class LoopbackHandler extends StubHandler {
  override readonly kind: StubKind = 'LoopbackServiceStub';
  readonly #options: LoopbackServiceOptions;

  constructor(options: LoopbackServiceOptions) {
    super(options.hook, options.codec, 'LoopbackServiceStub');
    this.#options = options;
  }

  apply(_target: unknown, _self: unknown, args: unknown[]): object {
    const hook = this.#options.withProps(propsOf(args, 'LoopbackServiceStub'));
    return makeServiceStub(hook, this.codec);
  }

  construct(target: unknown, args: unknown[]): object {
    return this.apply(target, undefined, args);
  }
}

/** A class as something to be run by somebody: what `ctx.exports.Class({ props })` gives. */
export class DurableObjectClass extends FieldsOf {
  readonly #class: ClassReference;

  constructor(token: unknown, reference?: ClassReference, it?: object) {
    if (token !== MAKE || !reference) throw new TypeError('Illegal constructor');
    super(it);
    this.#class = reference;
  }

  static of(value: unknown): ClassReference | undefined {
    if (!isObject(value)) return undefined;
    return #class in value ? value.#class : undefined;
  }
}
const MAKE = Symbol('make');
/** What a program gave as a class, if it is one: an entry of `ctx.exports`, or what calling it gave. */
export const classReferenceOf = DurableObjectClass.of;
delete (DurableObjectClass as Partial<typeof DurableObjectClass>).of;
objectSetPrototypeOf(DurableObjectClass.prototype, objectPrototype);
setTag(DurableObjectClass, 'DurableObjectClass');

/** A class of the script's own, and the props that its instances get. */
export interface ClassReference {
  readonly className: string;
  readonly props: Props | undefined;
}

export interface LoopbackClassOptions {
  className: string;
  encode(props: object): Props;
}

/** A class that no namespace has. */
export function makeLoopbackClass(options: LoopbackClassOptions): object {
  return callableClass(options, LoopbackDurableObjectClass);
}

/** A class that has a namespace: it is one, and callable besides. */
export function makeLoopbackNamespace(options: LoopbackClassOptions, namespace: NamespaceOptions): object {
  const made = becomeNamespace(callableClass(options, LoopbackDurableObjectNamespace), namespace);
  return platformObject(made, LoopbackDurableObjectNamespace.name);
}

function callableClass({ className, encode }: LoopbackClassOptions, type: { name: string; prototype: object }): object {
  const made = bareFunction(function call(...args: unknown[]): object {
    const props = propsOf(args, type.name);
    const reference = { className, props: props && encode(props) };
    return platformObject(new DurableObjectClass(MAKE, reference), 'DurableObjectClass');
  });
  objectSetPrototypeOf(made, type.prototype);
  new DurableObjectClass(MAKE, { className, props: undefined }, made);
  return platformObject(made, type.name);
}

/** @throws TypeError with the platform's texts */
function propsOf(args: readonly unknown[], on: string): object | undefined {
  const options = args[0];
  const isOptions = options === undefined || typeof options === 'object' || typeof options === 'function';
  if (args.length === 0 || !isOptions) {
    throw new TypeError(`Failed to execute '(called as function)' on '${on}': parameter 1 is not of type 'Options'.`);
  }
  const props = (options as { props?: unknown } | null | undefined)?.props;
  if (props === undefined || typeof props === 'function' || (typeof props === 'object' && props !== null)) return props;
  throw new TypeError(
    "Incorrect type for the 'props' field on 'Options': the provided value is not of type 'JsObject'.",
  );
}

class LoopbackServiceStub extends ServiceStub {}
setTag(LoopbackServiceStub, 'LoopbackServiceStub');

class LoopbackDurableObjectNamespace extends DurableObjectNamespace {}
setTag(LoopbackDurableObjectNamespace, 'LoopbackDurableObjectNamespace');

class LoopbackDurableObjectClass extends DurableObjectClass {}
setTag(LoopbackDurableObjectClass, 'LoopbackDurableObjectClass');

function setTag(type: { prototype: object }, tag: string): void {
  objectDefineProperty(type.prototype, Symbol.toStringTag, { value: tag, configurable: true });
}
