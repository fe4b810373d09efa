/**
 * Which keys do what, for the page's help, and the choice to do without those that are a single character (WCAG 2.1.4).
 *
 * Promise: the choice is remembered. Knows nothing of who listens.
 */
import { type ReadonlySignal, signal } from '@preact/signals-core';
import type { Keep } from './keep.ts';

/** What a single key does. */
export type SingleKey = 'pause' | 'step' | 'evict' | 'help';

interface Key {
  /** as a person reads it */
  readonly keys: readonly string[];
  readonly does: string;
  readonly single?: SingleKey;
}

/** In the order in which the page's help lists them. */
export const KEYS: readonly Key[] = [
  { keys: ['Ctrl or ⌘', 'Enter'], does: 'Run what is in the editor' },
  { keys: ['F6'], does: 'Go to the next pane; with Shift to the one before' },
  { keys: ['Space'], does: 'Let the clock stand still, and go on', single: 'pause' },
  { keys: ['.'], does: 'Step to the next event: a timer, an alarm, an eviction; N does the same', single: 'step' },
  { keys: ['E'], does: 'Evict the object that is looked at', single: 'evict' },
  { keys: ['?'], does: 'Show these keys', single: 'help' },
];

/** In the lists that have the focus. */
export const LIST_KEYS: readonly Key[] = [
  { keys: ['←', '→'], does: 'The event before, the next one' },
  { keys: ['↑', '↓'], does: 'The nearest event of the lane above, of the one below' },
  { keys: ['[', ']'], does: 'To the cause of an event, to its effect' },
  { keys: ['Home', 'End'], does: 'The first event, the last one' },
  { keys: ['Enter'], does: 'Open an event, and show where it came from' },
  { keys: ['Esc'], does: 'Close what is open; leave the editor' },
];

const SHORTCUTS: Record<SingleKey, string> = { pause: 'Space', step: '. N', evict: 'E', help: '?' };

/** The choice whether single keys do anything. */
export class SingleKeys {
  readonly isOn: ReadonlySignal<boolean>;
  readonly #isOn;
  readonly #keep: Keep;

  constructor(keep: Keep) {
    this.#keep = keep;
    this.#isOn = signal(keep.read('single-keys') !== false);
    this.isOn = this.#isOn;
  }

  turn(on: boolean): void {
    this.#isOn.value = on;
    this.#keep.write('single-keys', on ? undefined : false);
  }

  /** For `aria-keyshortcuts`; undefined when they are off. */
  shortcut(key: SingleKey): string | undefined {
    return this.isOn.value ? SHORTCUTS[key] : undefined;
  }

  /** To stand behind what a control's title says. */
  hint(key: SingleKey): string {
    return this.isOn.value ? ` (${SHORTCUTS[key].replace(' ', ' or ')})` : '';
  }
}
