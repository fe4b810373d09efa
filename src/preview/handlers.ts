/**
 * `onmessage` and its like, for classes that stand in for the browser's.
 *
 * Promise: a handler is called at the place of its first setting among the listeners, and never when it is no function.
 */
export function defineHandlers(prototype: EventTarget, names: readonly string[]): void {
  for (const name of names) {
    const handlers = new WeakMap<EventTarget, unknown>();
    Object.defineProperty(prototype, `on${name}`, {
      configurable: true,
      enumerable: true,
      get(this: EventTarget) {
        return handlers.get(this) ?? null;
      },
      set(this: EventTarget, handler: unknown) {
        const isFirst = !handlers.has(this);
        handlers.set(this, typeof handler === 'function' ? handler : null);
        if (!isFirst) return;
        this.addEventListener(name, (event) => {
          const current = handlers.get(this);
          if (typeof current === 'function') current.call(this, event);
        });
      },
    });
  }
}

/** Constants as the platform has them: on the class and on what it makes. */
export function defineConstants(made: { prototype: object }, names: readonly string[]): void {
  names.forEach((name, value) => {
    for (const on of [made, made.prototype]) Object.defineProperty(on, name, { value, enumerable: true });
  });
}
