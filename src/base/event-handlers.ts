/**
 * `onmessage` and its like, and constants, for classes that stand in for the browser's.
 *
 * Promise: a handler is one listener, which stands where the handler was set to an object after it was null. It is called when it
 * is a function; anything but an object is null.
 *
 * @see https://html.spec.whatwg.org/multipage/webappapis.html#event-handler-attributes
 */
export function defineHandlers(prototype: EventTarget, names: readonly string[]): void {
  const isUnder = (value: unknown) => Object.prototype.isPrototypeOf.call(prototype, value as object);
  for (const name of names) {
    const handlers = new WeakMap<EventTarget, { handler: unknown; readonly listener: (event: Event) => void }>();
    const accessor = {
      get(this: EventTarget): unknown {
        if (!isUnder(this)) throw new TypeError('Illegal invocation');
        return handlers.get(this)?.handler ?? null;
      },
      set(this: EventTarget, given: unknown): void {
        const handler = typeof given === 'function' || typeof given === 'object' ? given : null;
        const known = handlers.get(this);
        if (known && handler !== null) {
          known.handler = handler;
        } else if (known) {
          handlers.delete(this);
          this.removeEventListener(name, known.listener);
        } else if (handler !== null) {
          const active = {
            handler,
            listener: (event: Event) => {
              if (typeof active.handler === 'function') active.handler.call(this, event);
            },
          };
          handlers.set(this, active);
          this.addEventListener(name, active.listener);
        }
      },
    };
    Object.defineProperty(prototype, `on${name}`, { configurable: true, enumerable: true, ...accessor });
  }
}

/** Constants as the platform has them: on the class and on what it makes. */
export function defineConstants(made: { prototype: object }, names: readonly string[]): void {
  names.forEach((name, value) => {
    for (const on of [made, made.prototype]) Object.defineProperty(on, name, { value, enumerable: true });
  });
}
