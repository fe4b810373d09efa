/**
 * Keeps a piece of the page equal to a template over signals.
 *
 * Promise: the template runs again only when a signal that it read has changed, and only what differs is written.
 */
import { effect } from '@preact/signals-core';
import { render, type TemplateResult } from 'lit/html.js';

/** Returns what stops it. */
export function mount(place: HTMLElement, template: () => TemplateResult): () => void {
  return effect(() => {
    render(template(), place);
  });
}

/** Times of day as the log shows them: 14:03:09.120. */
export function timeOfDay(atMs: number): string {
  const at = new Date(atMs);
  const pad = (value: number, digits: number): string => String(value).padStart(digits, '0');
  return `${pad(at.getHours(), 2)}:${pad(at.getMinutes(), 2)}:${pad(at.getSeconds(), 2)}.${pad(at.getMilliseconds(), 3)}`;
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
