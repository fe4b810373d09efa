/**
 * Describes a stored value for a person: its type, one line of it, and its parts when someone opens it.
 *
 * Promise: any value that structured clone can give is described, cycles included, and parts are not looked at before
 * they are asked for.
 */

export interface Described {
  /** `number`, `Map(2)`, `Uint8Array(4)` … */
  readonly type: string;
  /** one line, never empty */
  readonly line: string;
  /** how many parts it has; 0 when the line says it all */
  readonly partCount: number;
  /** the first `PARTS_MAX` of them */
  parts(): readonly { readonly label: string; readonly value: unknown }[];
}

export const PARTS_MAX = 200;
const LINE_MAX = 120;
const PREVIEW_PARTS = 5;

type Part = { readonly label: string; readonly value: unknown };

export function describe(value: unknown): Described {
  const parts = partsOf(value);
  const type = typeName(value);
  if (!parts || parts.count === 0) return { type, line: scalar(value), partCount: 0, parts: () => [] };
  const few = parts
    .take(PREVIEW_PARTS)
    .map(({ label, value: part }) => `${label}: ${partsOf(part) ? typeName(part) : scalar(part)}`);
  const more = parts.count > PREVIEW_PARTS ? ', …' : '';
  const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{ ', ' }'];
  const line = Array.isArray(value)
    ? `${open}${few.map((one) => one.replace(/^\d+: /, '')).join(', ')}${more}${close}`
    : `${open}${few.join(', ')}${more}${close}`;
  return { type, line: clip(line), partCount: parts.count, parts: () => parts.take(PARTS_MAX) };
}

/** Equal texts for equal values: to see what changed between two readings. */
export function fingerprint(value: unknown, seen: Map<object, number> = new Map()): string {
  const parts = partsOf(value);
  if (!parts || typeof value !== 'object' || value === null)
    return `${typeName(value)} ${scalar(value, Number.POSITIVE_INFINITY)}`;
  const known = seen.get(value);
  if (known !== undefined) return `#${known}`;
  seen.set(value, seen.size);
  const inside = parts
    .take(parts.count)
    .map(({ label, value: part }) => `${JSON.stringify(label)}=${fingerprint(part, seen)}`);
  return `${typeName(value)}(${inside.join()})`;
}

function partsOf(value: unknown): { count: number; take(count: number): Part[] } | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (value instanceof Date || value instanceof RegExp) return undefined;
  if (value instanceof ArrayBuffer) return partsOf(new Uint8Array(value));
  if (value instanceof DataView) return partsOf(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof Map) {
    return listParts(value.size, () => [...value].map(([key, part]) => ({ label: describe(key).line, value: part })));
  }
  if (value instanceof Set) {
    return listParts(value.size, () => [...value].map((part, at) => ({ label: String(at), value: part })));
  }
  if (ArrayBuffer.isView(value)) {
    const items = value as unknown as ArrayLike<unknown>;
    return {
      count: items.length,
      take: (count) =>
        Array.from({ length: Math.min(count, items.length) }, (_, at) => ({ label: String(at), value: items[at] })),
    };
  }
  const names = value instanceof Error ? ['message', ...Object.keys(value)] : Object.keys(value);
  const record = value as Record<string, unknown>;
  return {
    count: names.length,
    take: (count) => names.slice(0, count).map((name) => ({ label: name, value: record[name] })),
  };
}

function listParts(count: number, all: () => Part[]): { count: number; take(count: number): Part[] } {
  return { count, take: (some) => all().slice(0, some) };
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `array(${value.length})`;
  if (typeof value !== 'object') return typeof value;
  if (value instanceof Map || value instanceof Set) return `${value.constructor.name}(${value.size})`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength})`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength})`;
  if (value instanceof Error) return value.name;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return tag === 'Object' ? 'object' : tag;
}

function scalar(value: unknown, longest = LINE_MAX): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > longest ? `${value.slice(0, longest)}…` : value);
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'object':
      break;
    default:
      return String(value);
  }
  if (value === null) return 'null';
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  return Array.isArray(value) ? '[]' : 'empty';
}

function clip(line: string): string {
  return line.length > LINE_MAX ? `${line.slice(0, LINE_MAX)}…` : line;
}
