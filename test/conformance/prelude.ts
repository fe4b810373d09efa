/**
 * The module that every program finds as `./prelude.js`: how a program says what it saw.
 *
 * Promise: a value or an error becomes one line of text that depends on nothing but the value, so that two runtimes
 * that behave alike write alike. Stacks are never shown; times and random ids only if the program asks for them.
 *
 * Knows nothing of Durable Objects. It is text because it runs inside the runtime under test.
 */
export const prelude = String.raw`
/** One line that shows a value: its type where JSON would lose it, its own properties, cycles marked. */
export function inspect(value, seen = []) {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return value + 'n';
  if (typeof value === 'function') return '<function>';
  if (Object.is(value, -0)) return '-0';
  if (value === null || typeof value !== 'object') return String(value);
  if (seen.includes(value)) return '<cycle>';
  const inner = (v) => inspect(v, [...seen, value]);
  const own = (v) => Object.keys(v).map((k) => k + ': ' + inner(v[k])).join(', ');
  if (value instanceof Error) return describeError(value, inner);
  if (value instanceof Date) return 'Date(' + (Number.isNaN(+value) ? 'invalid' : value.toISOString()) + ')';
  if (value instanceof RegExp) return 'RegExp(' + value + ')';
  if (value instanceof Number || value instanceof String || value instanceof Boolean || value instanceof BigInt)
    return value.constructor.name + ' object(' + inspect(value.valueOf()) + ')';
  if (value instanceof ArrayBuffer) return 'ArrayBuffer(' + [...new Uint8Array(value)] + ')';
  if (value instanceof DataView) return 'DataView(' + value.byteOffset + '+' + value.byteLength + ' of ' + value.buffer.byteLength + ')';
  if (ArrayBuffer.isView(value)) return value.constructor.name + '(' + [...value] + ' of ' + value.buffer.byteLength + ' bytes)';
  if (value instanceof Map) return 'Map{' + [...value].map(([k, v]) => inner(k) + ' => ' + inner(v)).join(', ') + '}';
  if (value instanceof Set) return 'Set{' + [...value].map(inner).join(', ') + '}';
  if (Array.isArray(value))
    return '[' + Array.from({ length: value.length }, (_, i) => (i in value ? inner(value[i]) : '<hole>')).join(', ') + ']';
  const proto = Object.getPrototypeOf(value);
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  const kind = proto === null ? '<null prototype> ' : tag !== 'Object' ? tag + ' ' : proto === Object.prototype ? '' : proto.constructor.name + ' ';
  return kind + '{' + own(value) + '}';
}

function describeError(error, inner) {
  const hidden = ['stack', 'message'].concat(error instanceof DOMException ? ['name', 'code'] : []);
  const keys = Object.keys(error).filter((k) => !hidden.includes(k));
  const extras = keys.map((k) => k + ': ' + inner(error[k]));
  if (!keys.includes('cause') && 'cause' in error) extras.push('(cause): ' + inner(error.cause));
  if (!keys.includes('errors') && 'errors' in error) extras.push('(errors): ' + inner(error.errors));
  return error.constructor.name + '(' + error.name + '): ' + error.message + (extras.length ? ' {' + extras.join(', ') + '}' : '');
}

/** Runs f and shows what it gave, or what it threw. A string result is shown bare. */
export async function show(f) {
  try {
    const value = await f();
    return typeof value === 'string' ? value : inspect(value);
  } catch (error) {
    return 'THROWS ' + inspect(error);
  }
}

/** The same for a function that must not be awaited: it shows what came back synchronously. */
export function showNow(f) {
  try {
    const value = f();
    return typeof value === 'string' ? value : inspect(value);
  } catch (error) {
    return 'THROWS ' + inspect(error);
  }
}

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export const tag = (value) => Object.prototype.toString.call(value);

/** A Worker whose reply is what tell() said: one line for each say(what, f). */
export function worker(tell) {
  return {
    async fetch(request, env, ctx) {
      const lines = [];
      const say = async (what, f) => { lines.push(what + ': ' + (await show(f))); };
      say.now = (what, f) => { lines.push(what + ': ' + showNow(f)); };
      await tell({ say, request, env, ctx, url: new URL(request.url) });
      return new Response(lines.join('\n'));
    },
  };
}
`;
