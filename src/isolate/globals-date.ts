/**
 * `Date` on the program's own clock, and the one other place where the language reads a clock: `Intl.DateTimeFormat`.
 *
 * Promise: the class is the language's in all that a program can see but its source text: prototype, statics, subclasses,
 * calls without `new`. Dates made before and after are of one kind.
 *
 * DIFFERS: it goes on while the program computes, as in local workerd; in production it stands still until the next I/O. What
 * the browser stamps by itself (`Event.timeStamp`) has the machine's time.
 */
import {
  objectDefineProperty,
  reflectConstruct,
  uncurryGetter,
  uncurryThis,
  weakMapGet,
  weakMapSet,
} from '../base/primordials.ts';
import { named } from './native-shape.ts';

type Now = () => number;

/** @param now  milliseconds since 1970 */
export function makeDate(Native: DateConstructor, now: Now): DateConstructor {
  const { prototype } = Native;
  const toText = uncurryThis(prototype.toString);
  function makeOne(this: unknown, ...args: unknown[]): unknown {
    if (new.target === undefined) return toText(reflectConstruct(Native, [now()]));
    // What a program makes all the time takes the short way; `new Native` has the same prototype.
    if (new.target === (made as unknown)) {
      if (args.length === 0) return new Native(now());
      if (args.length === 1) return new Native(args[0] as number);
    }
    return reflectConstruct(Native, args.length === 0 ? [now()] : args, new.target);
  }
  const made = named('Date', makeOne, Native.length) as unknown as DateConstructor;
  objectDefineProperty(made, 'prototype', { value: prototype, writable: false });
  const { parse, UTC } = Native;
  const statics = { now: named('now', () => now()), parse, UTC };
  for (const [name, value] of Object.entries(statics)) {
    objectDefineProperty(made, name, { value, writable: true, configurable: true, enumerable: false });
  }
  objectDefineProperty(prototype, 'constructor', {
    value: made,
    writable: true,
    configurable: true,
    enumerable: false,
  });
  return made;
}

/** What is formatted without a date is the present moment. */
export function shapeDateTimeFormat({ prototype }: typeof Intl.DateTimeFormat, now: Now): void {
  const format = uncurryGetter<(date?: unknown) => string>(prototype, 'format');
  const formatToParts = uncurryThis(prototype.formatToParts) as (self: unknown, date: unknown) => unknown;
  const bound = new WeakMap<object, (date?: unknown) => string>();
  function get(this: object) {
    const native = format?.(this); // refuses what is no formatter
    const known = weakMapGet(bound, this);
    if (known) return known;
    const made = named('', (date?: unknown) => native?.(date === undefined ? now() : date) as string, 1);
    weakMapSet(bound, this, made);
    return made;
  }
  objectDefineProperty(prototype, 'format', { get: named('get format', get), configurable: true, enumerable: false });
  const parts = {
    formatToParts(date?: unknown) {
      return formatToParts(this, date === undefined ? now() : date);
    },
  };
  objectDefineProperty(prototype, 'formatToParts', {
    value: named('formatToParts', parts.formatToParts, 1),
    writable: true,
    configurable: true,
    enumerable: false,
  });
}
