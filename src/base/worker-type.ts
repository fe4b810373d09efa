/**
 * As what a worker is to be started here.
 *
 * Promise: the built realms run as either kind (one closure, no imports). Modules are meant; but in an opaque origin
 * Chromium starts no module worker from a blob, and there is nothing else to start one from.
 */
export function workerType(): WorkerType {
  return globalThis.origin === 'null' ? 'classic' : 'module';
}
