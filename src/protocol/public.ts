/**
 * The types that an embedder sees: stubs, namespaces, ids.
 *
 * The only file where `any` is allowed: a method's parameters and result are the user's own, and only `any` lets
 * TypeScript infer through them.
 */

/** What a method gives over RPC: its result, awaited once. Of an untyped object every name is taken for a method. */
export type Rpc<Method> = 0 extends 1 & Method
  ? // biome-ignore lint/suspicious/noExplicitAny: see above, and `any` alone extends everything in both directions
    (...args: any[]) => Promise<any>
  : Method extends (...args: infer Args) => infer Result
    ? (...args: Args) => Promise<Awaited<Result>>
    : Promise<Awaited<Method>>;

/** Names that the stub keeps for itself or that never reach the object. */
type LocalNames = 'id' | 'name' | 'fetch' | 'connect' | 'then' | 'ctx' | 'env' | 'alarm' | 'dup' | 'constructor';

/** A stub of an object of class `T`: each method and property of it, asynchronously. */
// biome-ignore lint/suspicious/noExplicitAny: an untyped stub takes any name, as on the platform
export type DurableObjectStub<T = any> = {
  readonly id: DurableObjectId;
  readonly name: string | undefined;
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
} & { readonly [Name in Exclude<keyof T, LocalNames>]: Rpc<T[Name]> };

export interface DurableObjectId {
  toString(): string;
  equals(other: DurableObjectId): boolean;
  readonly name?: string;
  readonly jurisdiction?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: see DurableObjectStub
export interface DurableObjectNamespace<T = any> {
  idFromName(name: string): DurableObjectId;
  idFromString(hex: string): DurableObjectId;
  newUniqueId(options?: { jurisdiction?: string }): DurableObjectId;
  get(id: DurableObjectId, options?: { locationHint?: string }): DurableObjectStub<T>;
  getByName(name: string, options?: { locationHint?: string }): DurableObjectStub<T>;
  jurisdiction(jurisdiction: string): DurableObjectNamespace<T>;
}

/** What `sim.env` holds when no type is given: every binding a namespace. */
export type AnyEnv = Record<string, DurableObjectNamespace>;
