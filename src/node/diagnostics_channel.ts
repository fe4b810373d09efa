/** `node:diagnostics_channel`: messages by name within the program. */
import type { AsyncLocalStorage } from './async_hooks.ts';
import { invalidArgument } from './errors.ts';

type Listener = (message: unknown, name: string | symbol) => void;
type Call = (this: unknown, ...args: unknown[]) => unknown;

const channels = new Map<string | symbol, Channel>();

export class Channel {
  readonly name: string | symbol;
  #listeners: Listener[] = [];
  readonly #stores = new Map<AsyncLocalStorage, (data: unknown) => unknown>();

  constructor(name: string | symbol) {
    this.name = name;
  }

  get hasSubscribers(): boolean {
    return this.#listeners.length > 0 || this.#stores.size > 0;
  }

  subscribe(listener: Listener): void {
    if (typeof listener !== 'function') throw invalidArgument('subscription', 'of type function', listener);
    this.#listeners = [...this.#listeners, listener];
  }

  unsubscribe(listener: Listener): boolean {
    const at = this.#listeners.indexOf(listener);
    if (at >= 0) this.#listeners = this.#listeners.filter((_, index) => index !== at);
    return at >= 0;
  }

  /** What a listener throws is reported and keeps nothing from the others. */
  publish(message: unknown): void {
    for (const listener of this.#listeners) {
      try {
        listener(message, this.name);
      } catch (error) {
        queueMicrotask(() => reportError(error));
      }
    }
  }

  bindStore(store: AsyncLocalStorage, transform: (data: unknown) => unknown = (data) => data): void {
    this.#stores.set(store, transform);
  }

  unbindStore(store: AsyncLocalStorage): boolean {
    return this.#stores.delete(store);
  }

  runStores(data: unknown, call: Call, self?: unknown, ...args: unknown[]): unknown {
    let run = (): unknown => {
      this.publish(data);
      return Reflect.apply(call, self, args) as unknown;
    };
    for (const [store, transform] of this.#stores) {
      const inner = run;
      run = () => store.run(transform(data), inner);
    }
    return run();
  }
}

export function channel(name: string | symbol): Channel {
  if (typeof name !== 'string' && typeof name !== 'symbol') {
    throw invalidArgument('channel', 'one of type string or symbol', name);
  }
  let found = channels.get(name);
  if (!found) {
    found = new Channel(name);
    channels.set(name, found);
  }
  return found;
}

export function hasSubscribers(name: string | symbol): boolean {
  return channels.get(name)?.hasSubscribers ?? false;
}

export function subscribe(name: string | symbol, listener: Listener): void {
  channel(name).subscribe(listener);
}

export function unsubscribe(name: string | symbol, listener: Listener): boolean {
  return channel(name).unsubscribe(listener);
}

const STEPS = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'] as const;
type Steps = Record<(typeof STEPS)[number], Channel>;
type Context = Record<string, unknown>;

/** Tells of a call's beginning, its end, what it gave and what it threw. */
export class TracingChannel {
  declare readonly start: Channel;
  declare readonly end: Channel;
  declare readonly asyncStart: Channel;
  declare readonly asyncEnd: Channel;
  declare readonly error: Channel;

  constructor(nameOrChannels: string | Steps) {
    for (const step of STEPS) {
      const value =
        typeof nameOrChannels === 'string' ? channel(`tracing:${nameOrChannels}:${step}`) : nameOrChannels[step];
      Object.defineProperty(this, step, { value, enumerable: true });
    }
  }

  get hasSubscribers(): boolean {
    return STEPS.some((step) => this[step].hasSubscribers);
  }

  subscribe(listeners: Partial<Record<(typeof STEPS)[number], Listener>>): void {
    for (const step of STEPS) if (listeners[step]) this[step].subscribe(listeners[step]);
  }

  unsubscribe(listeners: Partial<Record<(typeof STEPS)[number], Listener>>): boolean {
    return STEPS.map((step) => !listeners[step] || this[step].unsubscribe(listeners[step])).every((done) => done);
  }

  traceSync(call: Call, context: Context = {}, self?: unknown, ...args: unknown[]): unknown {
    return this.start.runStores(context, () => {
      try {
        const result = Reflect.apply(call, self, args) as unknown;
        context['result'] = result;
        return result;
      } catch (error) {
        context['error'] = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    });
  }

  tracePromise(call: Call, context: Context = {}, self?: unknown, ...args: unknown[]): Promise<unknown> {
    const settle = (key: 'result' | 'error', value: unknown) => {
      context[key] = value;
      if (key === 'error') this.error.publish(context);
      this.asyncStart.publish(context);
      this.asyncEnd.publish(context);
    };
    return this.start.runStores(context, () => {
      try {
        return Promise.resolve(Reflect.apply(call, self, args)).then(
          (result) => {
            settle('result', result);
            return result;
          },
          (error: unknown) => {
            settle('error', error);
            throw error;
          },
        );
      } catch (error) {
        context['error'] = error;
        this.error.publish(context);
        throw error;
      } finally {
        this.end.publish(context);
      }
    }) as Promise<unknown>;
  }

  traceCallback(call: Call, position = -1, context: Context = {}, self?: unknown, ...args: unknown[]): unknown {
    const at = position < 0 ? args.length + position : position;
    const callback = args[at];
    if (typeof callback !== 'function') throw invalidArgument('callback', 'of type function', callback);
    args[at] = (...results: unknown[]) => {
      const [error, result] = results;
      context[error ? 'error' : 'result'] = error || result;
      if (error) this.error.publish(context);
      return this.asyncStart.runStores(context, () => {
        try {
          return Reflect.apply(callback, self, results) as unknown;
        } finally {
          this.asyncEnd.publish(context);
        }
      });
    };
    return this.traceSync(call, context, self, ...args);
  }
}

export function tracingChannel(nameOrChannels: string | Steps): TracingChannel {
  return new TracingChannel(nameOrChannels);
}
