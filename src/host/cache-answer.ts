/**
 * What a cache answers a request with, of a response that it has: all of it, a part, or the news that it has not changed.
 *
 * Promise: as local workerd (miniflare): `If-None-Match` and `If-Modified-Since` before `Range`, several ranges as multipart.
 */
import { concat, utf8 } from '../base/bytes.ts';
import type { CachedResponse } from '../protocol/cache.ts';
import type { Fields } from './cache-policy.ts';

interface Range {
  readonly start: number;
  /** inclusive */
  readonly end: number;
}

const EMPTY = new Uint8Array();

export function answerFrom(
  kept: { readonly status: number; readonly headers: Fields; readonly body: Uint8Array },
  request: Fields,
  newBoundary: () => string,
): CachedResponse {
  const { status, body } = kept;
  const headers: Record<string, string> = { ...kept.headers, 'cf-cache-status': 'HIT' };
  const ranges = request['range'] === undefined ? [] : rangesOf(request['range'], body.length);
  if (!ranges) {
    const refusal = [
      ['cf-cache-status', 'HIT'],
      ['content-range', `bytes */${body.length}`],
    ] as const;
    return { status: 416, headers: refusal, body: EMPTY };
  }
  if (isUnchanged(headers, request)) return { status: 304, headers: Object.entries(headers), body: EMPTY };
  const [first, ...more] = ranges;
  if (!first) return { status, headers: Object.entries(headers), body: body.slice() };
  if (more.length > 0) {
    const boundary = newBoundary();
    const type = headers['content-type'];
    headers['content-type'] = `multipart/byteranges; boundary=${boundary}`;
    return { status: 206, headers: Object.entries(headers), body: multipart(ranges, { body, type, boundary }) };
  }
  headers['content-range'] = `bytes ${first.start}-${first.end}/${body.length}`;
  headers['content-length'] = `${first.end - first.start + 1}`;
  return { status: 206, headers: Object.entries(headers), body: body.slice(first.start, first.end + 1) };
}

function isUnchanged(headers: Fields, request: Fields): boolean {
  const asked = request['if-none-match'];
  const tag = headers['etag'] === undefined ? undefined : tagOf(headers['etag']);
  if (asked !== undefined && tag !== undefined) {
    if (asked.trim() === '*' || asked.split(',').some((one) => tagOf(one) === tag)) return true;
  }
  // What is no date compares as false.
  return dateOf(headers['last-modified']) <= dateOf(request['if-modified-since']);
}

/** Weak or not makes no difference for a question of this kind. */
function tagOf(text: string): string | undefined {
  return /^(?:W\/)?"(.+)"$/.exec(text.trim())?.[1];
}

function dateOf(text: string | undefined): number {
  const isDate = text !== undefined && /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/.test(text);
  return isDate ? Date.parse(text) : Number.NaN;
}

/** None: the whole. Undefined: it cannot be satisfied. */
function rangesOf(header: string, length: number): Range[] | undefined {
  const rest = /^ *bytes *=(.*)$/is.exec(header)?.[1];
  if (rest === undefined) return undefined;
  if (rest.trim() === '') return [];
  const ranges: Range[] = [];
  for (const text of rest.split(',')) {
    const [, from, to] = /^ *(\d+)? *- *(\d+)? *$/.exec(text) ?? [];
    if (from !== undefined) {
      const start = Number(from);
      const end = to === undefined ? length - 1 : Math.min(Number(to), length - 1);
      if (start >= length || (to !== undefined && start > Number(to))) return undefined;
      ranges.push({ start, end });
    } else if (to !== undefined) {
      if (Number(to) >= length) return [];
      if (Number(to) > 0) ranges.push({ start: length - Number(to), end: length - 1 });
    } else {
      return undefined;
    }
  }
  return ranges;
}

function multipart(
  ranges: readonly Range[],
  { body, type, boundary }: { body: Uint8Array; type: string | undefined; boundary: string },
): Uint8Array {
  const parts = ranges.flatMap(({ start, end }) => [
    utf8(
      `--${boundary}\r\n${type === undefined ? '' : `Content-Type: ${type}\r\n`}Content-Range: bytes ${start}-${end}/${body.length}\r\n\r\n`,
    ),
    body.subarray(start, end + 1),
    utf8('\r\n'),
  ]);
  return concat([...parts, utf8(`--${boundary}--`)]);
}
