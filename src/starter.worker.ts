/**
 * The script that a worker starts from where realms have URLs: it imports the realm that its own URL names after the `#`.
 *
 * Promise: no message is lost: those that come while the realm is on its way wait for it, in their order. A realm that does
 * not load is an error of the worker, as if it had been the worker's own script.
 *
 * Why: Chromium keeps what it has compiled of a script that is imported by `import()`, for the next worker and the next visit,
 * and of no other script of a worker: not of its own, nor of what that imports statically (seen in 156). Most of what an
 * isolate costs to start is reading its script.
 *
 * Knows nothing of realms. A program that imports it once more gains nothing: it gets to no event of the worker's own.
 */
const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
/** A file beside this one, and never anything else. */
const file = /^#([\w.-]+)$/.exec(scope.location.hash)?.[1];

const early: MessageEvent[] = [];
const keep = (event: MessageEvent): void => {
  early.push(event);
};

if (file) {
  scope.addEventListener('message', keep);
  import(/* @vite-ignore */ new URL(file, scope.location.href).href).then(
    () => {
      // In the very task in which the realm began to listen: no message has come to both.
      scope.removeEventListener('message', keep);
      for (const event of early) scope.dispatchEvent(event);
    },
    (error: unknown) => scope.reportError(error),
  );
}
