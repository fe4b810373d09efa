/**
 * What a payload cannot hold as plain data: which values those are, and how each is written.
 *
 * Promise: every kind is known to the codec through one registry, passed in, so neither the codec nor the session imports the
 * modules that make them. The first kind that matches a value wins; one that cannot travel says why in the platform's words.
 */
import type { HostWriter } from '../values/serializer.ts';
import type { Reference, StubHook } from './hook.ts';

export interface ExternalWriter extends HostWriter {
  /** Puts a reference into the parcel, whose it is from now on. */
  reference(reference: Reference): void;
  /** A thing of this realm, behind a hook. */
  local(value: object): StubHook;
  /** What was sent is not the sender's any more, if that is how it goes here: `dispose` takes it away from the program. */
  give(dispose: () => void): void;
  /** The sender keeps what it sends, so a thing with a `dup()` of its own is sent as what that gives. */
  readonly isShared: boolean;
}

export interface ExternalKind {
  /** functions are asked about too */
  matches(value: object): boolean;
  /** the platform's own text, for what does not travel */
  refusal?(value: object): string | undefined;
  write?(value: object, out: ExternalWriter): void;
  /** Whether it arrives as it is when a method throws it: by value, and nothing of it is used up. Default: never. */
  mayBeThrown?(value: object): boolean;
}

export class ExternalRegistry {
  readonly #kinds: readonly ExternalKind[];

  constructor(kinds: readonly ExternalKind[]) {
    this.#kinds = kinds;
  }

  kindOf(value: object): ExternalKind | undefined {
    for (let i = 0; i < this.#kinds.length; i++) {
      const kind = this.#kinds[i] as ExternalKind;
      if (kind.matches(value)) return kind;
    }
    return undefined;
  }
}
