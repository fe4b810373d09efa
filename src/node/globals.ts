/** What a program with Node.js compatibility finds in its global scope besides. */
import { Buffer } from './buffer.ts';
import process from './process.ts';
import { clearImmediate, setImmediate } from './timers.ts';

for (const [name, value] of Object.entries({ Buffer, process, global: globalThis, setImmediate, clearImmediate })) {
  // These two stand where the scope's own functions stand.
  const isMethod = name.endsWith('Immediate');
  const on: object = isMethod ? (Object.getPrototypeOf(globalThis) as object) : globalThis;
  Object.defineProperty(on, name, { value, writable: true, configurable: true, enumerable: true });
}
