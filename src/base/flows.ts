/**
 * Streams whose bytes pass through no code of the program's: bodies, files, and what the platform itself makes of bytes.
 *
 * Promise: they are known by identity, so no program can make one. On the platform their bytes go past the gates when they are given
 * away, while those that the program's own code makes or takes are events of the object (as observed, workerd 1.20260730).
 * Knows neither gates nor links.
 */
import { weakMapGet, weakMapSet } from './primordials.ts';

/** A long chunk is cut where one of these ends: on its way, and for a reader with a buffer. */
export const STRETCH_BYTES = 65_536;

/** What a stream that reads through a gate looks at before each chunk. */
export interface Flow {
  /** whoever reads it now is no code of the program's */
  isPassedOn: boolean;
  /** whoever reads it puts all of it together, and sees no pieces */
  isWhole?: boolean;
  /** somebody has read of it, or given it up: on the platform it can be sent to nobody any more */
  isDisturbed?: boolean;
  /** what a part of it is read from */
  readonly of?: Flow;
  /** bytes in all, where that is known before they are read */
  readonly size?: number | undefined;
}

const flows = new WeakMap<object, Flow>();

/** Marks a stream as one of these; gives it back. @param flow of one that reads through a gate */
export function flowing<T extends object>(stream: T, flow: Flow = { isPassedOn: false }): T {
  weakMapSet(flows, stream, flow);
  return stream;
}

/** The parts of such a stream are such streams too. */
export function partsFlow(stream: object, parts: readonly [object, object]): void {
  const flow = weakMapGet(flows, stream);
  if (!flow) return;
  weakMapSet(flows, parts[0], { isPassedOn: false, of: flow });
  weakMapSet(flows, parts[1], { isPassedOn: false, of: flow });
}

/** Whoever reads it sees no pieces. */
export function isUncut({ isPassedOn, isWhole }: Flow): boolean {
  return isPassedOn || isWhole === true;
}

export function isFlowing(stream: object): boolean {
  return weakMapGet(flows, stream) !== undefined;
}

/** Bytes in all of one that was never read; undefined: nobody knows. */
export function flowSize(stream: object): number | undefined {
  for (let flow = weakMapGet(flows, stream); flow; flow = flow.of) if (flow.size !== undefined) return flow.size;
  return undefined;
}

export function isDisturbed(stream: object): boolean {
  return weakMapGet(flows, stream)?.isDisturbed === true;
}

/** It goes elsewhere, whole. @returns whether it is one of these: then no gate is in its way from now on */
export function passOn(stream: object): boolean {
  const flow = weakMapGet(flows, stream);
  for (let one = flow; one; one = one.of) one.isPassedOn = true;
  return flow !== undefined;
}

/** All of it is read, by code that minds no pieces. */
export function readWhole(stream: object): void {
  for (let flow = weakMapGet(flows, stream); flow; flow = flow.of) flow.isWhole = true;
}

/** @param isTold  false: no code of a program's is to hear of it */
export type Lose = (isTold: boolean) => void;

const losses = new WeakMap<object, Lose>();

/** What the maker of such a stream does when whoever had it is gone without a word. Default: it is cancelled. */
export function onLoss(stream: object, lose: Lose): void {
  weakMapSet(losses, stream, lose);
}

export function lossOf(stream: object): Lose | undefined {
  return weakMapGet(losses, stream);
}
