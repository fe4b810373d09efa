/**
 * Timers as objects, over those of the scope: what `node:timers` gives, and from 2026-02-10 the scope of a program with
 * Node.js compatibility too.
 */
import { invalidArgument } from '../base/node-errors.ts';
import { type CompatibilityChoice, hasNodeTimers } from '../protocol/compatibility.ts';
import type { NodeTimers } from '../protocol/node-hooks.ts';
import { define, named } from './native-shape.ts';

type Call = (...args: unknown[]) => void;

class Timeout {
  readonly #arm: () => number;
  readonly #stop: (id: number) => void;
  #id: number;
  #isRef = true;

  constructor(arm: () => number, stop: (id: number) => void) {
    this.#arm = arm;
    this.#stop = stop;
    this.#id = arm();
  }

  refresh(): this {
    this.#stop(this.#id);
    this.#id = this.#arm();
    return this;
  }

  unref(): this {
    this.#isRef = false;
    return this;
  }

  ref(): this {
    this.#isRef = true;
    return this;
  }

  hasRef(): boolean {
    return this.#isRef;
  }

  close(): this {
    this.#stop(this.#id);
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }

  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

type Native = Record<'setTimeout' | 'setInterval', (call: Call, delayMs?: number, ...args: unknown[]) => number> &
  Record<'clearTimeout' | 'clearInterval', (id: number) => void>;

/**
 * Makes them, and puts them into the scope at the dates that have them there.
 *
 * @param scope  its timers are those that the objects stand for
 */
export function nodeTimers(scope: object, choice: CompatibilityChoice): NodeTimers {
  const timers = makeNodeTimers(scope);
  if (hasNodeTimers(choice)) {
    for (const name of ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] as const) {
      define(scope, name, timers[name]);
    }
  }
  return timers;
}

function makeNodeTimers(scope: object): NodeTimers {
  const native = scope as Native;
  const stop = native.clearTimeout;
  const starter = (name: string, begin: Native['setTimeout'], end: Native['clearTimeout']) =>
    named(
      name,
      (call: Call, delayMs?: number, ...args: unknown[]) => {
        if (typeof call !== 'function') throw invalidArgument('callback', 'of type function', call);
        return new Timeout(() => begin(call, delayMs, ...args), end);
      },
      2,
    );
  const stopper = (name: string) =>
    named(
      name,
      (timer?: unknown) => {
        if (timer instanceof Timeout) timer.close();
        else if (timer !== undefined && timer !== null) stop(Number(timer));
      },
      1,
    );
  return {
    setTimeout: starter('setTimeout', native.setTimeout, stop),
    setInterval: starter('setInterval', native.setInterval, native.clearInterval),
    clearTimeout: stopper('clearTimeout'),
    clearInterval: stopper('clearInterval'),
    Timeout,
  };
}
