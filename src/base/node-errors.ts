/** Errors as Node throws them: an ordinary class with a `code`. */

type ErrorClass<E extends Error> = new (message: string) => E;

/** A TypeError is one; of the others each code has a class of its own, as in workerd. */
export function codeError<E extends Error>(Class: ErrorClass<E>, code: string, message: string): E {
  const { name } = Class;
  if ((Class as unknown) === TypeError) {
    const text = () => `${name} [${code}]: ${message}`;
    return Object.assign(new Class(message), { code, name, toString: text });
  }
  const Coded = Object.defineProperty(class extends (Class as ErrorClass<Error>) {}, 'name', { value: code });
  return Object.assign(new Coded(message), { code, name }) as Error as E;
}

/** How Node says what it got instead. */
export function received(value: unknown): string {
  if (value === undefined || value === null) return `Received ${value}`;
  if (typeof value === 'function') return `Received function ${value.name}`;
  if (typeof value === 'object') {
    const { name } = (value as { constructor?: { name?: string } }).constructor ?? {};
    return name ? `Received an instance of ${name}` : 'Received an object';
  }
  let text = typeof value === 'string' ? `'${value}'` : typeof value === 'bigint' ? `${value}n` : String(value);
  if (text.length > 28) text = `${text.slice(0, 25)}...`;
  return `Received type ${typeof value} (${text})`;
}

export function invalidArgument(name: string, expected: string, value: unknown): TypeError {
  return codeError(TypeError, 'ERR_INVALID_ARG_TYPE', `The "${name}" argument must be ${expected}. ${received(value)}`);
}
