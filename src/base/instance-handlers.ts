/**
 * The event handlers of an object's instance, as the platform takes them.
 *
 * Promise: a handler is what the instance showed under its name when its constructor ended, and stays that: what a program
 * assigns to the instance or its class later is a method for callers, and no handler (seen in workerd 1.20260730). Of an
 * instance of which nothing was taken it is what the instance shows now.
 *
 * Knows nothing of what the handlers are called with.
 */
import { objectCreate, weakMapGet, weakMapSet } from './primordials.ts';

export type HandlerName = 'fetch' | 'alarm' | 'webSocketMessage' | 'webSocketClose' | 'webSocketError';

type Handlers = Partial<Record<HandlerName, unknown>>;

const NAMES: readonly HandlerName[] = ['fetch', 'alarm', 'webSocketMessage', 'webSocketClose', 'webSocketError'];

const taken = new WeakMap<object, Handlers>();

/** Takes an instance's handlers. Its accessors run. */
export function takeHandlers(instance: object): void {
  const handlers = objectCreate(null) as Handlers;
  for (let i = 0; i < NAMES.length; i++) {
    const name = NAMES[i] as HandlerName;
    handlers[name] = (instance as Handlers)[name];
  }
  weakMapSet(taken, instance, handlers);
}

/** A function, or whatever else is there in its place. */
export function instanceHandler(instance: object, name: HandlerName): unknown {
  const handlers = weakMapGet(taken, instance) as Handlers | undefined;
  return (handlers ?? (instance as Handlers))[name];
}
