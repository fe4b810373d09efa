/**
 * Posting on a port, by the method as it was when this was loaded.
 *
 * Not with the other captured methods (primordials.ts): those are also part of libraries that are loaded with a program, and at old
 * dates a program's scope has no ports.
 */
import { uncurryThis } from './primordials.ts';

export const postOnPort = uncurryThis(MessagePort.prototype.postMessage as () => void) as (
  port: MessagePort,
  message: unknown,
  transfer?: Transferable[],
) => void;
