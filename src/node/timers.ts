/** `node:timers`: timers as objects, which the isolate makes. */
import { hooks } from './hooks.ts';

type Call = (...args: unknown[]) => void;

export const { setTimeout, setInterval, clearTimeout, clearInterval, Timeout } = hooks.timers;

class Immediate {
  readonly id: number;
  #isRef = true;

  constructor(call: Call, args: unknown[]) {
    this.id = Number(setTimeout(call, 0, ...args));
    Object.defineProperty(this, 'id', { enumerable: false });
  }

  ref(): this {
    this.#isRef = true;
    return this;
  }

  unref(): this {
    this.#isRef = false;
    return this;
  }

  hasRef(): boolean {
    return this.#isRef;
  }
}
Object.defineProperty(Immediate.prototype, Symbol.toStringTag, { value: 'Immediate', configurable: true });

export function setImmediate(call: Call, ...args: unknown[]): Immediate {
  return new Immediate(call, args);
}

export function clearImmediate(immediate?: unknown): void {
  if (immediate instanceof Immediate) clearTimeout(immediate.id);
}
