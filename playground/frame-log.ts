/**
 * What went over the WebSockets of the pages, frame by frame.
 *
 * Promise: the newest frames of every socket are kept, in order; while it is paused nothing that is shown moves, and
 * nothing is lost.
 */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { SocketEvent } from '../src/index.ts';

export interface LoggedFrame {
  /** counts from 1 */
  readonly number: number;
  readonly direction: 'sent' | 'received';
  readonly data: string | ArrayBuffer;
  readonly atMs: number;
}

/** Whatever can send on its sockets again. */
export interface Sender {
  readonly name: string;
  send(socket: number, data: string | ArrayBuffer): boolean;
}

export interface LoggedSocket {
  readonly key: string;
  readonly from: Sender;
  readonly socket: number;
  readonly url: string;
  readonly state: 'opening' | 'open' | 'closed';
  /** why it is closed, in a few words */
  readonly ending: string | undefined;
  readonly frames: readonly LoggedFrame[];
  /** of all frames, also of those that are not kept */
  readonly count: number;
}

const FRAMES_MAX = 500; // of a socket
const SOCKETS_MAX = 20;

export class FrameLog {
  readonly isPaused = signal(false);
  readonly filter = signal('');
  readonly format = signal<'text' | 'hex'>('text');
  readonly chosen = signal<string | undefined>(undefined);
  /** newest last; as they were when it was paused */
  readonly sockets: ReadonlySignal<readonly LoggedSocket[]>;
  /** frames of the chosen socket that the filter lets through, newest first */
  readonly shown: ReadonlySignal<readonly LoggedFrame[]>;
  readonly socket: ReadonlySignal<LoggedSocket | undefined>;
  readonly #all = signal<readonly LoggedSocket[]>([]);
  readonly #frozen = signal<readonly LoggedSocket[]>([]);
  #isDue = false;
  #waiting: readonly LoggedSocket[] = [];

  constructor() {
    this.sockets = computed(() => (this.isPaused.value ? this.#frozen.value : this.#all.value));
    this.socket = computed(
      () => this.sockets.value.find(({ key }) => key === this.chosen.value) ?? this.sockets.value.at(-1),
    );
    this.shown = computed(() => {
      const wanted = this.filter.value.toLowerCase();
      const frames = this.socket.value?.frames ?? [];
      return frames.filter((frame) => frameText(frame.data).toLowerCase().includes(wanted)).toReversed();
    });
  }

  take(from: Sender, event: SocketEvent): void {
    const key = `${from.name} ${event.socket}`;
    const before = this.#waiting.find((one) => one.key === key);
    if (!before && event.kind !== 'opening') return;
    const next = afterEvent(before ?? emptySocket(key, from, event), event);
    const others = this.#waiting.filter((one) => one !== before);
    this.#waiting = (before ? this.#waiting.map((one) => (one === before ? next : one)) : [...others, next]).slice(
      -SOCKETS_MAX,
    );
    this.#publish();
  }

  pause(): void {
    batch(() => {
      this.#frozen.value = this.#all.value;
      this.isPaused.value = true;
    });
  }

  resume(): void {
    this.isPaused.value = false;
  }

  clear(): void {
    this.#waiting = this.#waiting.filter(({ state }) => state !== 'closed').map((one) => ({ ...one, frames: [] }));
    batch(() => {
      this.#all.value = this.#waiting;
      this.#frozen.value = this.#waiting;
    });
  }

  /** A burst of frames is shown with the next picture, not one by one. */
  #publish(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    requestAnimationFrame(() => {
      this.#isDue = false;
      this.#all.value = this.#waiting;
    });
  }
}

function emptySocket(key: string, from: Sender, { socket }: SocketEvent): LoggedSocket {
  return { key, from, socket, url: '', state: 'opening', ending: undefined, frames: [], count: 0 };
}

function afterEvent(socket: LoggedSocket, event: SocketEvent): LoggedSocket {
  switch (event.kind) {
    case 'opening':
      return { ...socket, url: event.url };
    case 'open':
      return { ...socket, state: 'open' };
    case 'frame': {
      const count = socket.count + 1;
      const { direction, data, atMs } = event;
      const frames = [...socket.frames, { number: count, direction, data, atMs }].slice(-FRAMES_MAX);
      return { ...socket, frames, count };
    }
    case 'closed': {
      const ending = `${event.code}${event.reason === '' ? '' : ` ${event.reason}`}`;
      return { ...socket, state: 'closed', ending };
    }
    default:
      return event satisfies never;
  }
}

/** As text: JSON as it came, bytes as hex. */
export function frameText(data: string | ArrayBuffer): string {
  return typeof data === 'string' ? data : hexOf(data);
}

export function hexOf(data: string | ArrayBuffer): string {
  const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

export function sizeOf(data: string | ArrayBuffer): number {
  return typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength;
}

/** JSON indented; undefined for what is none. */
export function jsonOf(data: string | ArrayBuffer): string | undefined {
  if (typeof data !== 'string' || !/^\s*[[{]/.test(data)) return undefined;
  try {
    return JSON.stringify(JSON.parse(data), null, 2);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
