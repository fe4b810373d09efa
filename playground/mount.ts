/**
 * Keeps a piece of the page equal to a template over signals.
 *
 * Promise: the template runs again only when a signal that it read has changed, and only what differs is written. When
 * the control that had the focus goes, the focus goes to what it stood in, not to the top of the page.
 */
import { effect } from '@preact/signals-core';
import { render, type TemplateResult } from 'lit/html.js';

/** Returns what stops it. */
export function mount(place: HTMLElement, template: () => TemplateResult): () => void {
  return effect(() => {
    const written = template();
    const isInside = place.contains(place.ownerDocument.activeElement);
    render(written, place);
    if (!isInside || place.contains(place.ownerDocument.activeElement)) return;
    place.closest<HTMLElement>('[tabindex]')?.focus({ preventScroll: true });
  });
}

/** Times of day as the log shows them: 14:03:09.120. */
export function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  return `${pad(at.getHours(), 2)}:${pad(at.getMinutes(), 2)}:${pad(at.getSeconds(), 2)}.${pad(at.getMilliseconds(), 3)}`;
}

/** The same for any day: with the date unless that is today's. @param atMs  undefined: before everything */
export function momentName(atMs: number | undefined, nowMs: number): string {
  if (atMs === undefined) return 'the beginning';
  const [at, now] = [new Date(atMs), new Date(nowMs)];
  if (at.toDateString() === now.toDateString()) return timeOfDay(atMs);
  const pad = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} ${timeOfDay(atMs)}`;
}

/** `1 row`, `2 rows`, `1,000 rows`. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : several}`;
}

/** A duration for a person: 0.8 ms, 12 ms, 1.20 s. */
export function duration(ms: number): string {
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  return ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(2)} s`;
}

export function byteCount(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
