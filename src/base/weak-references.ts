/**
 * What weak references do, captured like the rest of the language (primordials.ts).
 *
 * In a file of its own, because what is loaded beside a program may come after they were taken out of the scope: programs
 * of older compatibility dates have none.
 */
import { uncurryThis } from './primordials.ts';

export const finalizationRegister = uncurryThis(FinalizationRegistry.prototype.register) as <T>(
  registry: FinalizationRegistry<T>,
  target: object,
  held: T,
) => void;
export const weakRefDeref = uncurryThis(WeakRef.prototype.deref);
