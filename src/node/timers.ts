/** `node:timers`: timers as objects, over those of the scope. */

type Call = (...args: unknown[]) => void;

export class Timeout {
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

  [Symbol.toPrimitive](): number {
    return this.#id;
  }
}

class Immediate {
  readonly id: number;
  #isRef = true;

  constructor(call: Call, args: unknown[]) {
    this.id = native.setTimeout(call, 0, ...args);
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

/** The scope's own, under whatever name: a program may replace the globals. */
const native = globalThis as unknown as {
  setTimeout(call: Call, delayMs?: number, ...args: unknown[]): number;
  setInterval(call: Call, delayMs?: number, ...args: unknown[]): number;
  clearTimeout(id: number): void;
  clearInterval(id: number): void;
};
const { setTimeout: start, setInterval: repeat, clearTimeout: stop, clearInterval: stopRepeating } = native;

export function setTimeout(call: Call, delayMs?: number, ...args: unknown[]): Timeout {
  return new Timeout(() => start(call, delayMs, ...args), stop);
}

export function setInterval(call: Call, delayMs?: number, ...args: unknown[]): Timeout {
  return new Timeout(() => repeat(call, delayMs, ...args), stopRepeating);
}

export function clearTimeout(timer?: unknown): void {
  if (timer instanceof Timeout) timer.close();
  else if (timer !== undefined && timer !== null) stop(Number(timer));
}

export const clearInterval = clearTimeout;

export function setImmediate(call: Call, ...args: unknown[]): Immediate {
  return new Immediate(call, args);
}

export function clearImmediate(immediate?: unknown): void {
  if (immediate instanceof Immediate) stop(immediate.id);
}
