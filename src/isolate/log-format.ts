/**
 * Turns what a program logs into text.
 *
 * Promise: looks, never touches: no getter and no `toString` of the program's is called. A Proxy is the exception that
 * JavaScript forces: its traps run, and what they throw is caught. Depth, members and length are bounded.
 */
import {
  arrayBufferByteLength,
  arrayBufferIsView,
  arrayIsArray,
  bigintToString,
  dateGetTime,
  domExceptionMessage,
  domExceptionName,
  mapForEach,
  mapSize,
  objectGetOwnPropertyDescriptor,
  objectGetPrototypeOf,
  reflectApply,
  regExpFlags,
  regExpSource,
  setForEach,
  setSize,
  symbolToString,
  typedArrayTag,
  uncurryThis,
} from '../base/primordials.ts';

const DEPTH_MAX = 2;
const MEMBERS_MAX = 100;
const STRING_MAX = 10_000;
const LINE_MAX = 72;

const ownKeys = Reflect.ownKeys;
const stringify = JSON.stringify;
const toIso = uncurryThis(Date.prototype.toISOString) as (date: unknown) => string;
const fixed = String;
const isError = (value: object): boolean => value instanceof Error;

interface Walk {
  readonly depth: number;
  readonly seen: readonly object[];
}

/**
 * One text for each thing logged. When the first is a string with `%s %d %i %f %j %o %O %c`, it takes up as many of the
 * others as it has places for.
 */
export function formatLogArgs(args: readonly unknown[]): string[] {
  const texts: string[] = [];
  let at = 0;
  if (typeof args[0] === 'string') {
    const { text, used } = substitute(args[0], args);
    texts[0] = text;
    at = used;
  }
  for (; at < args.length; at++) {
    const arg = args[at];
    texts[texts.length] = typeof arg === 'string' ? arg : inspect(arg);
  }
  return texts;
}

/** As devtools show a value: strings inside are quoted, objects open to depth 2. */
export function inspect(value: unknown): string {
  return show(value, { depth: 0, seen: [] });
}

function substitute(format: string, args: readonly unknown[]): { text: string; used: number } {
  let used = 1;
  let text = '';
  let from = 0;
  for (let i = 0; i < format.length - 1; i++) {
    if (format[i] !== '%') continue;
    const kind = format[i + 1] as string;
    const isPercent = kind === '%' && args.length > 1;
    if (!isPercent && (!'sdifjoOc'.includes(kind) || used >= args.length)) continue;
    text += format.slice(from, i) + (isPercent ? '%' : place(kind, args[used++]));
    i++;
    from = i + 1;
  }
  return { text: text + format.slice(from), used };
}

function place(kind: string, value: unknown): string {
  if (kind === 'c') return '';
  if (kind === 's') return typeof value === 'string' ? value : inspect(value);
  if (kind === 'd' || kind === 'i' || kind === 'f') return numeral(kind, value);
  return inspect(value);
}

function numeral(kind: string, value: unknown): string {
  if (typeof value === 'bigint') return show(value, { depth: 0, seen: [] });
  if (typeof value === 'symbol' || (typeof value === 'object' && value !== null)) return 'NaN';
  const number = typeof value === 'function' ? Number.NaN : Number(value);
  return fixed(kind === 'i' ? Math.trunc(number) : number);
}

function show(value: unknown, walk: Walk): string {
  switch (typeof value) {
    case 'string':
      return quote(value);
    case 'bigint':
      return `${bigintToString(value) as string}n`;
    case 'symbol':
      return symbolToString(value) as string;
    case 'number':
      return Object.is(value, -0) ? '-0' : fixed(value);
    case 'function':
    case 'object':
      if (value === null) return 'null';
      try {
        return showObject(value, walk);
      } catch {
        // Only a Proxy's trap can throw here, and a broken Proxy is still worth a word in the log.
        return '[object that cannot be inspected]';
      }
    default:
      return fixed(value);
  }
}

function quote(text: string): string {
  const cut = text.length > STRING_MAX ? `${text.slice(0, STRING_MAX)}… ${text.length - STRING_MAX} more` : text;
  if (!cut.includes("'") && !cut.includes('\n') && !cut.includes('\\')) return `'${cut}'`;
  return stringify(cut);
}

function showObject(value: object, walk: Walk): string {
  if (walk.seen.includes(value)) return '[Circular]';
  const leaf = showLeaf(value);
  if (leaf !== undefined && (typeof value !== 'function' || walk.depth > 0)) return leaf;
  const isTooDeep = walk.depth > DEPTH_MAX;
  const name = nameOf(value);
  if (isTooDeep) return arrayIsArray(value) ? '[Array]' : `[${name || 'Object'}]`;
  const inner: Walk = { depth: walk.depth + 1, seen: [...walk.seen, value] };
  const members = [...entriesOf(value, inner), ...propertiesOf(value, inner)];
  if (leaf !== undefined) return members.length === 0 ? leaf : `${leaf} ${join('{', members, '}', walk.depth)}`;
  if (isError(value)) return showError(value, members, walk.depth);
  if (arrayIsArray(value)) return join(name === 'Array' ? '[' : `${name}(${value.length}) [`, members, ']', walk.depth);
  const size = sizeOf(value);
  const typed = typedArrayTag(value) !== undefined;
  const prefix =
    size === undefined ? (name === 'Object' ? '' : `${name || '[Object: null prototype]'} `) : `${name}(${size}) `;
  return join(typed ? `${prefix}[` : `${prefix}{`, members, typed ? ']' : '}', walk.depth);
}

/** What is told in a word: functions, dates, expressions, promises. */
function showLeaf(value: object): string | undefined {
  if (typeof value === 'function') {
    const name = dataOf(value, 'name');
    return typeof name === 'string' && name !== '' ? `[Function: ${name}]` : '[Function (anonymous)]';
  }
  if (value instanceof Date) {
    const time = dateGetTime(value) as number;
    return Number.isNaN(time) ? 'Invalid Date' : toIso(value);
  }
  if (value instanceof RegExp) return `/${regExpSource(value)}/${regExpFlags(value)}`;
  if (value instanceof Promise) return 'Promise {}';
  if (value instanceof ArrayBuffer) return `ArrayBuffer { byteLength: ${arrayBufferByteLength(value)} }`;
  return undefined;
}

function showError(error: object, members: readonly string[], depth: number): string {
  const head = error instanceof DOMException ? `${domExceptionName(error)}: ${domExceptionMessage(error)}` : undefined;
  const stack = stackOf(error);
  const text =
    stack ?? head ?? `${textOf(dataOf(error, 'name')) ?? nameOf(error)}: ${textOf(dataOf(error, 'message')) ?? ''}`;
  return members.length === 0 ? text : `${text} ${join('{', members, '}', depth)}`;
}

/** V8 keeps the stack as an own accessor of its own making; one that the program made is not called. */
function stackOf(error: object): string | undefined {
  const own = objectGetOwnPropertyDescriptor(error, 'stack');
  if (own && 'value' in own) return textOf(own.value);
  const get = own ? own.get : errorStackGetter;
  if (!get || (own && get !== ownStackGetter())) return undefined;
  return textOf(reflectApply(get, error, []));
}

const EngineError = Error;
let ownGetter: (() => unknown) | undefined;

/** Made when first asked, for the reason that `values/errors` gives. */
function ownStackGetter(): (() => unknown) | undefined {
  ownGetter ??= objectGetOwnPropertyDescriptor(new EngineError(), 'stack')?.get;
  return ownGetter;
}

const errorStackGetter = objectGetOwnPropertyDescriptor(Error.prototype, 'stack')?.get;

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The constructor's name, by data properties alone; empty for an object without a prototype. */
function nameOf(value: object): string {
  for (let at = objectGetPrototypeOf(value); at; at = objectGetPrototypeOf(at)) {
    const constructor_ = dataOf(at, 'constructor');
    if (typeof constructor_ === 'function') return textOf(dataOf(constructor_, 'name')) ?? '';
  }
  return '';
}

function dataOf(value: object, key: PropertyKey): unknown {
  const found = objectGetOwnPropertyDescriptor(value, key);
  return found && 'value' in found ? (found.value as unknown) : undefined;
}

function sizeOf(value: object): number | undefined {
  if (value instanceof Map) return mapSize(value);
  if (value instanceof Set) return setSize(value);
  return typedArrayTag(value) === undefined ? undefined : (value as Uint8Array).length;
}

/** What collections hold: entries of a Map, members of a Set. */
function entriesOf(value: object, walk: Walk): string[] {
  const texts: string[] = [];
  const add = (text: () => string) => {
    if (texts.length < MEMBERS_MAX) texts[texts.length] = text();
  };
  if (value instanceof Map)
    mapForEach(value, (one: unknown, key: unknown) => add(() => `${show(key, walk)} => ${show(one, walk)}`));
  if (value instanceof Set) setForEach(value, (one: unknown) => add(() => show(one, walk)));
  return texts;
}

function propertiesOf(value: object, walk: Walk): string[] {
  const isList = arrayIsArray(value) || (arrayBufferIsView(value) && typedArrayTag(value) !== undefined);
  const texts: string[] = [];
  const keys = ownKeys(value);
  let left = 0;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as PropertyKey;
    const found = objectGetOwnPropertyDescriptor(value, key);
    if (!found?.enumerable) continue;
    if (texts.length >= MEMBERS_MAX) {
      left++;
      continue;
    }
    const shown =
      'value' in found
        ? show(found.value, walk)
        : found.get
          ? found.set
            ? '[Getter/Setter]'
            : '[Getter]'
          : '[Setter]';
    texts[texts.length] = isList && isIndex(key) ? shown : `${keyText(key)}: ${shown}`;
  }
  if (left > 0) texts[texts.length] = `… ${left} more`;
  return texts;
}

function isIndex(key: PropertyKey): boolean {
  return typeof key === 'string' && /^\d+$/.test(key);
}

function keyText(key: PropertyKey): string {
  if (typeof key === 'symbol') return `[${symbolToString(key) as string}]`;
  return /^[A-Za-z_$][\w$]*$/.test(key as string) ? (key as string) : quote(key as string);
}

function join(open: string, members: readonly string[], close: string, depth: number): string {
  if (members.length === 0) return open + close;
  const oneLine = members.join(', ');
  const inside = open.endsWith('{') || open.endsWith('[') ? ' ' : '';
  if (oneLine.length <= LINE_MAX && !oneLine.includes('\n')) return `${open}${inside}${oneLine}${inside}${close}`;
  const indent = '  '.repeat(depth + 1);
  return `${open}\n${indent}${members.join(`,\n${indent}`)}\n${'  '.repeat(depth)}${close}`;
}
