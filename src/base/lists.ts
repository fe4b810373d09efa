/**
 * Lists, gone through without a method or an iterator of theirs.
 *
 * Promise: what stands on `Array.prototype`, and what arrays are iterated by, is never called: a program that replaced it, by
 * something that throws or by something that lies, changes nothing of what is stored. A result is a new list.
 */
import { arrayAppend } from './primordials.ts';

type List<T> = readonly T[];

export function each<T>(list: List<T>, visit: (one: T, at: number) => void): void {
  for (let at = 0; at < list.length; at++) visit(list[at] as T, at);
}

export function mapped<T, R>(list: List<T>, make: (one: T, at: number) => R): R[] {
  const made: R[] = [];
  for (let at = 0; at < list.length; at++) arrayAppend(made, make(list[at] as T, at));
  return made;
}

export function filtered<T>(list: List<T>, isWanted: (one: T) => boolean): T[] {
  const wanted: T[] = [];
  for (let at = 0; at < list.length; at++) if (isWanted(list[at] as T)) arrayAppend(wanted, list[at] as T);
  return wanted;
}

/** The place of the first one of which it is true; -1 if there is none. */
export function indexOfFirst<T>(list: List<T>, isIt: (one: T) => boolean): number {
  for (let at = 0; at < list.length; at++) if (isIt(list[at] as T)) return at;
  return -1;
}

/** The place of the last one of which it is true; -1 if there is none. */
export function indexOfLast<T>(list: List<T>, isIt: (one: T) => boolean): number {
  for (let at = list.length - 1; at >= 0; at--) if (isIt(list[at] as T)) return at;
  return -1;
}

export const hasAny = <T>(list: List<T>, isIt: (one: T) => boolean): boolean => indexOfFirst(list, isIt) >= 0;
export const areAll = <T>(list: List<T>, isIt: (one: T) => boolean): boolean => !hasAny(list, (one) => !isIt(one));

export function joined<T>(first: List<T>, second: List<T>): T[] {
  const both: T[] = [];
  each(first, (one) => arrayAppend(both, one));
  each(second, (one) => arrayAppend(both, one));
  return both;
}

/** @param until is left out */
export function part<T>(list: List<T>, from: number, until = list.length): T[] {
  const some: T[] = [];
  for (let at = from; at < until && at < list.length; at++) arrayAppend(some, list[at] as T);
  return some;
}

export function sumOf<T>(list: List<T>, amount: (one: T) => number): number {
  let sum = 0;
  for (let at = 0; at < list.length; at++) sum += amount(list[at] as T);
  return sum;
}

export function repeated<T>(value: T, count: number): T[] {
  const list: T[] = [];
  for (let at = 0; at < count; at++) arrayAppend(list, value);
  return list;
}
