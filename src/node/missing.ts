/**
 * Fills a module up with the names that the platform's has.
 *
 * Promise: an import of any name of the platform's links; one that is not here throws when it is called or constructed,
 * naming itself.
 */

export interface CompleteModule {
  names: Record<string, unknown>;
  default: unknown;
}

/**
 * @param all  every name of the platform's module but `default`
 * @param order  of the names that a program finds in the default export, if it is another one
 */
export function complete(
  module: string,
  it: Record<string, unknown>,
  all: readonly string[],
  order?: readonly string[],
): CompleteModule {
  const names: Record<string, unknown> = {};
  for (const name of all) names[name] = name in it ? it[name] : missing(module, name);
  const own = it['default'];
  const isOpen = (typeof own === 'object' && own !== null) || typeof own === 'function';
  if (!isOpen) return { names, default: { ...names } };
  if (order) return { names, default: inOrder(own, names, order) };
  for (const name of all) if (!(name in own)) Object.defineProperty(own, name, plain(names[name]));
  return { names, default: own };
}

function inOrder(own: object, names: Record<string, unknown>, order: readonly string[]): object {
  const it = {};
  for (const name of order)
    Object.defineProperty(it, name, Object.getOwnPropertyDescriptor(own, name) ?? plain(names[name]));
  return it;
}

function plain(value: unknown): PropertyDescriptor {
  return { value, writable: true, configurable: true, enumerable: true };
}

function missing(module: string, name: string): unknown {
  // Declared, and so a constructor too: programs declare classes under what they never use.
  function refuse(): never {
    throw new Error(`Durabox does not support ${name} of ${module} yet.`);
  }
  return Object.defineProperty(refuse, 'name', { value: name, configurable: true });
}
