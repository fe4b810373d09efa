/**
 * Namespaces and ids, as user code sees them, in an isolate and in a page alike.
 *
 * Promise: ids derive as workerd's; getting a stub sends nothing. Texts, own members and coercions as workerd 1.20260730.
 *
 * Knows neither links nor hosts: what a stub stands on is given.
 */
import { utf8 } from '../base/bytes.ts';
import { FieldsOf, illegalInvocation, platformObject } from '../base/platform-objects.ts';
import { objectDefineProperty, reflectApply } from '../base/primordials.ts';
import { isDictionary } from '../base/shapes.ts';
import { IdFactory } from '../protocol/ids.ts';
import type { UniqueKey } from '../protocol/names.ts';

/** Only this module makes ids and namespaces. */
const MAKE = Symbol('make');

export class DurableObjectId {
  #hex = '';
  declare readonly name: string | undefined;
  declare readonly jurisdiction: string | undefined;

  constructor(token: unknown, hex?: string, name?: string) {
    if (token !== MAKE) throw new TypeError('Illegal constructor');
    this.#hex = hex ?? '';
    objectDefineProperty(this, 'jurisdiction', {
      value: undefined,
      enumerable: true,
      configurable: true,
      writable: false,
    });
    objectDefineProperty(this, 'name', { value: name, enumerable: true, configurable: true, writable: false });
    platformObject(this, 'DurableObjectId');
  }

  toString(): string {
    if (!isId(this)) throw illegalInvocation();
    return this.#hex;
  }

  equals(other: unknown): boolean {
    if (!isId(this)) throw illegalInvocation();
    if (!isId(other)) throw wrongType('equals', 'DurableObjectId', 'DurableObjectId');
    return this.#hex === other.#hex;
  }

  /** The hex of a real id, whatever the program did to `toString`. */
  static hexOf(id: DurableObjectId): string {
    return id.#hex;
  }

  static is(value: unknown): value is DurableObjectId {
    return typeof value === 'object' && value !== null && #hex in value;
  }
}
const isId = DurableObjectId.is;
const hexOf = DurableObjectId.hexOf;
// Our own helpers are no members of the platform's class.
delete (DurableObjectId as Partial<typeof DurableObjectId>).is;
delete (DurableObjectId as Partial<typeof DurableObjectId>).hexOf;
objectDefineProperty(DurableObjectId.prototype, Symbol.toStringTag, { value: 'DurableObjectId', configurable: true });

export { hexOf as idHex, isId };

/** An id as `ctx.id` shows it: without the name when it is longer than `nameBytes`. */
export function makeId(hex: string, name: string | undefined, nameBytes: number): DurableObjectId {
  const shown = name !== undefined && utf8(name).length <= nameBytes ? name : undefined;
  return new DurableObjectId(MAKE, hex, shown);
}

export interface NamespaceOptions {
  namespace: UniqueKey;
  randomBytes(length: number): Uint8Array;
  /** Makes a stub; it has sent nothing yet. */
  makeStub(target: { namespace: UniqueKey; id: DurableObjectId; hex: string; name: string | undefined }): object;
}

export class DurableObjectNamespace extends FieldsOf {
  readonly #options: NamespaceOptions;
  readonly #ids: IdFactory;

  constructor(token: unknown, options?: NamespaceOptions, it?: object) {
    if (token !== MAKE || !options) throw new TypeError('Illegal constructor');
    super(it);
    this.#options = options;
    this.#ids = new IdFactory(options.namespace);
    platformObject(this, 'DurableObjectNamespace');
  }

  newUniqueId(options?: unknown): DurableObjectId {
    if (options !== undefined && options !== null && typeof options !== 'object') {
      throw wrongType('newUniqueId', 'DurableObjectNamespace', 'NewUniqueIdOptions');
    }
    if ((options as { jurisdiction?: unknown } | null | undefined)?.jurisdiction !== undefined) throw noJurisdictions();
    return new DurableObjectId(MAKE, this.#ids.fromRandom(this.#options.randomBytes(16)));
  }

  idFromName(...args: unknown[]): DurableObjectId {
    if (args.length === 0) throw wrongType('idFromName', 'DurableObjectNamespace', 'string');
    const name = textOf(args[0]);
    return new DurableObjectId(MAKE, this.#ids.fromName(name), name);
  }

  idFromString(...args: unknown[]): DurableObjectId {
    if (args.length === 0) throw wrongType('idFromString', 'DurableObjectNamespace', 'string');
    return new DurableObjectId(MAKE, this.#ids.fromString(textOf(args[0])));
  }

  get(id: DurableObjectId, options?: unknown): object {
    if (!isId(id)) throw wrongType('get', 'DurableObjectNamespace', 'DurableObjectId');
    checkRouting('get', options);
    return this.#stubOf(id);
  }

  getByName(...args: unknown[]): object {
    if (args.length === 0) throw wrongType('getByName', 'DurableObjectNamespace', 'string');
    const id = this.idFromName(args[0]);
    checkRouting('getByName', args[1]);
    return this.#stubOf(id);
  }

  jurisdiction(jurisdiction?: unknown): DurableObjectNamespace {
    if (jurisdiction !== undefined && jurisdiction !== null) throw noJurisdictions();
    return new DurableObjectNamespace(MAKE, this.#options);
  }

  #stubOf(id: DurableObjectId): object {
    const { namespace, makeStub } = this.#options;
    return makeStub({ namespace, id, hex: hexOf(id), name: id.name });
  }
}
Object.setPrototypeOf(DurableObjectNamespace.prototype, Object.prototype);
objectDefineProperty(DurableObjectNamespace.prototype, Symbol.toStringTag, {
  value: 'DurableObjectNamespace',
  configurable: true,
});
guardThis(DurableObjectNamespace.prototype, (self) => self instanceof DurableObjectNamespace);

export function makeNamespace(options: NamespaceOptions): DurableObjectNamespace {
  return new DurableObjectNamespace(MAKE, options);
}

/** Makes a namespace of `it`, which must inherit from DurableObjectNamespace's prototype. */
export function becomeNamespace<T extends object>(it: T, options: NamespaceOptions): T {
  new DurableObjectNamespace(MAKE, options, it);
  return it;
}

/** A method taken off its object throws the platform's text, not the language's about private members. */
function guardThis(prototype: object, isSelf: (self: unknown) => boolean): void {
  for (const key of Object.getOwnPropertyNames(prototype)) {
    const method = (prototype as Record<string, unknown>)[key];
    if (key === 'constructor' || typeof method !== 'function') continue;
    const guarded = function (this: unknown, ...args: unknown[]): unknown {
      if (!isSelf(this)) throw illegalInvocation();
      return reflectApply(method, this, args) as unknown;
    };
    objectDefineProperty(guarded, 'name', { value: key, configurable: true });
    objectDefineProperty(prototype, key, { value: guarded, writable: true, configurable: true, enumerable: true });
  }
}

/** As the platform coerces: a symbol is refused with the language's own text. */
function textOf(value: unknown): string {
  return `${value as string}`;
}

function checkRouting(method: 'get' | 'getByName', options: unknown): void {
  if (!isDictionary(options)) {
    throw wrongType(method, 'DurableObjectNamespace', 'GetDurableObjectOptions', 2);
  }
  const mode = (options as { routingMode?: unknown } | null | undefined)?.routingMode;
  if (mode !== undefined && mode !== 'primary-only') throw new RangeError(`unknown routingMode: ${textOf(mode)}`);
}

function noJurisdictions(): Error {
  return new Error('Jurisdiction restrictions are not implemented in workerd.');
}

function wrongType(method: string, on: string, type: string, parameter = 1): TypeError {
  return new TypeError(`Failed to execute '${method}' on '${on}': parameter ${parameter} is not of type '${type}'.`);
}
