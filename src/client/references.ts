/**
 * How an object is named to `sim.inspect` and `sim.objects`: by a stub of this page, or by a key that the inspector gave.
 *
 * Promise: a stub is recognised by identity, never by what it answers to (every name of a stub is a method).
 */
import { SimulatorError } from '../base/errors.ts';

export interface ObjectReference {
  readonly namespace: string;
  readonly id: string;
}

const stubs = new WeakMap<object, ObjectReference>();

/** Remembers which object a stub leads to. */
export function rememberStub(stub: object, reference: ObjectReference): void {
  stubs.set(stub, reference);
}

/** @throws SimulatorError `config_invalid` for what is neither */
export function referenceOf(object: object): ObjectReference {
  const known = stubs.get(object);
  if (known) return known;
  const { namespace, id } = object as Partial<ObjectReference>;
  if (typeof namespace === 'string' && typeof id === 'string') return { namespace, id };
  throw new SimulatorError('config_invalid', 'Give a stub of this simulator, or the key of an object it listed.');
}
