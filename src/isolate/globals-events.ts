/**
 * Events and listeners, as a program makes them.
 *
 * Promise: arguments are refused and read as by workerd (1.20260730, as observed): of an init each class reads its own fields only,
 * and listeners that capture or are passive are refused, for there is nothing to capture. An event has no target before it is
 * dispatched, and keeps the last one that it passed. What a MessageEvent or a CloseEvent holds is the event's own.
 *
 * DIFFERS: `isTrusted` is the browser's: an own field of each event, which no script can change or take away.
 */
import { each, mapped } from '../base/lists.ts';
import { refusingSetter } from '../base/platform-objects.ts';
import {
  arrayAppend,
  objectCreate,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  objectSetPrototypeOf,
  reflectConstruct,
  uncurryGetter,
  uncurryThis,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { define, fieldError, guardClass, named, parameterError } from './native-shape.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type Fields = Readonly<Record<string, unknown>>;
type Getter = (event: unknown) => unknown;

interface EventShape {
  readonly name: 'Event' | 'CustomEvent' | 'MessageEvent' | 'CloseEvent' | 'ErrorEvent';
  /** what the init is called where it is refused */
  readonly init: string;
  /** of the init, in the order in which they are read */
  readonly reads: readonly string[];
  /** of those, which a browser holds in another way: numbers below zero, and what is not given */
  readonly held?: readonly string[];
}

const FLAGS = ['bubbles', 'cancelable', 'composed'] as const;
const MESSAGE = ['ports', 'source', 'lastEventId', 'origin', 'data'] as const;
const CLOSE = ['wasClean', 'reason', 'code'] as const;

const SHAPES: readonly EventShape[] = [
  { name: 'Event', init: 'Init', reads: FLAGS },
  { name: 'CustomEvent', init: 'CustomEventInit', reads: [...FLAGS, 'detail'], held: ['detail'] },
  { name: 'MessageEvent', init: 'Initializer', reads: ['data'], held: ['data'] },
  { name: 'CloseEvent', init: 'Initializer', reads: ['code', 'reason', 'wasClean'], held: ['code'] },
  {
    ...{ name: 'ErrorEvent', init: 'ErrorEventInit', held: ['lineno', 'colno'] },
    reads: ['message', 'filename', 'lineno', 'colno', 'error'],
  },
];

const NativeAbortSignal = AbortSignal;
const targetOf = uncurryGetter(Event.prototype, 'target') as Getter;
const composedPathOf = uncurryThis(Event.prototype.composedPath) as (event: Event) => EventTarget[];
const currentTargetOf = uncurryGetter(Event.prototype, 'currentTarget') as Getter;

/** What an event has of its own: read from the browser's, and refusing to be assigned as what is read-only does. */
type OwnField = readonly [name: string, field: PropertyDescriptor];

const ownFieldsOf = (prototype: object, names: readonly string[]): readonly OwnField[] =>
  mapped(names, (name) => {
    const native = uncurryGetter(prototype, name) as Getter;
    const get = getting(name === 'origin' ? (event) => native(event) || null : native);
    return [name, fieldOf(name, get, true)] as const;
  });

const ofMessage = ownFieldsOf(MessageEvent.prototype, MESSAGE);
// Node has no such class before its version 23.
const ofClose = typeof CloseEvent === 'function' ? ownFieldsOf(CloseEvent.prototype, CLOSE) : [];

/** Gives an event what is its own on the platform, and stands on the prototype in a browser. */
export function ownMessageFields(event: MessageEvent): MessageEvent {
  each(ofMessage, (one) => objectDefineProperty(event, one[0], one[1]));
  return event;
}

export function ownCloseFields(event: CloseEvent): CloseEvent {
  each(ofClose, (one) => objectDefineProperty(event, one[0], one[1]));
  return event;
}

/** @param events  what stands for the scope, where a program's events of its own are dispatched */
export function shapeEvents(scope: Scope, events: EventTarget): void {
  for (const shape of SHAPES) shapeConstructor(scope, shape);
  const { prototype } = scope.Event;
  const shown = (target: unknown) => (target === events ? scope : (target ?? undefined));
  redefine(prototype, 'target', (event) => shown(targetOf(event)));
  redefine(prototype, 'srcElement', (event) => shown(targetOf(event)));
  redefine(prototype, 'currentTarget', (event) => shown(currentTargetOf(event) ?? targetOf(event)));
  const own = {
    composedPath(this: Event): unknown[] {
      return mapped(composedPathOf(this), shown);
    },
  };
  define(prototype, 'composedPath', named('composedPath', own.composedPath));
  const originOf = uncurryGetter(scope.MessageEvent.prototype, 'origin') as Getter;
  redefine(scope.MessageEvent.prototype, 'origin', (event) => originOf(event) || null);
}

function shapeConstructor(scope: Scope, shape: EventShape): void {
  const { name, held = [] } = shape;
  objectDefineProperty(scope[name], 'length', { value: 0, configurable: true });
  guardClass(scope, name, (target, args, newTarget) => {
    if (args.length === 0) throw parameterError('', name, 1, 'string', 'construct');
    const type = `${args[0] as string}`;
    const init = readInit(shape, args);
    const event = reflectConstruct(target, [type, init], newTarget) as object;
    if (name === 'MessageEvent') ownMessageFields(event as MessageEvent);
    if (name === 'CloseEvent') ownCloseFields(event as CloseEvent);
    each(held, (field) => {
      const value = init[field];
      if (isHeldOtherwise(field, value)) own(event, field, value);
    });
    return event;
  });
}

function isHeldOtherwise(field: string, value: unknown): boolean {
  if (field === 'data' || field === 'detail') return value === undefined;
  return value !== undefined && !((value as number) >= 0 && (value as number) <= UINT16_MAX);
}

function readInit({ name, init, reads }: EventShape, args: readonly unknown[]): Fields {
  const given = args[1];
  const isNone = given === undefined || given === null;
  const isMissing = name === 'MessageEvent' && args.length < 2;
  if (isMissing || !(isNone || isObject(given))) {
    throw parameterError('', name, 2, init, 'construct');
  }
  if (name === 'MessageEvent' && isNone) {
    throw new TypeError(
      'Cannot initialize N7workerd3api12MessageEvent11InitializerE with required members from an undefined or null value.',
    );
  }
  const fields = objectCreate(null) as Record<string, unknown>;
  each(reads, (field) => {
    const value = isNone ? undefined : (given as Fields)[field];
    if (value !== undefined) fields[field] = convert(field, value);
  });
  return fields;
}

const UINT16_MAX = 2 ** 16 - 1;
const INT32_MIN = -(2 ** 31);
const INT32_MAX = 2 ** 31 - 1;

/** As the platform does; what it throws names neither the class nor the field. */
function convert(field: string, value: unknown): unknown {
  switch (field) {
    case 'reason':
    case 'message':
    case 'filename':
      return `${value as string}`;
    case 'code':
    case 'lineno':
    case 'colno':
      return int32(+(value as number));
    default:
      return value;
  }
}

function int32(number: number): number {
  if (!(number > INT32_MIN - 1 && number < INT32_MAX + 1)) {
    if (Number.isFinite(number)) {
      throw new TypeError(`Value out of range. Must be between ${INT32_MIN} and ${INT32_MAX} (inclusive).`);
    }
    return 0;
  }
  return Math.trunc(number);
}

/** It inherits nothing: a program could put a `value` on the prototype of all objects. */
function fieldOf(name: string, get: () => unknown, enumerable: boolean): PropertyDescriptor {
  const field: PropertyDescriptor = { get, set: refusingSetter(name), enumerable, configurable: true };
  return objectSetPrototypeOf(field, null);
}

/** What a browser would hold in another way. */
function own(event: object, name: string, value: unknown): void {
  const enumerable = objectGetOwnPropertyDescriptor(event, name)?.enumerable ?? false;
  const get = getting(() => value);
  objectDefineProperty(event, name, fieldOf(name, get, enumerable));
}

function getting(read: Getter): () => unknown {
  const accessor = {
    get value(): unknown {
      return read(this);
    },
  };
  return objectGetOwnPropertyDescriptor(accessor, 'value')?.get as () => unknown;
}

function redefine(prototype: object, name: string, read: Getter): void {
  objectDefineProperty(prototype, name, { ...objectGetOwnPropertyDescriptor(prototype, name), get: getting(read) });
}

/** The arguments of `addEventListener` and `removeEventListener`. @throws TypeError with the platform's text */
export function checkListener(name: 'addEventListener' | 'removeEventListener', args: readonly unknown[]): unknown[] {
  const isAdded = name === 'addEventListener';
  if (args.length === 0) throw parameterError(name, 'EventTarget', 1, 'string');
  const checked: unknown[] = [`${args[0] as string}`];
  const listener = args[1];
  const isNone = listener === undefined || listener === null;
  if (args.length < 2 || !(isNone || isObject(listener))) {
    throw parameterError(name, 'EventTarget', 2, isAdded ? 'function or HandlerObject' : 'Object');
  }
  const isHandler = isObject(listener) && typeof listener !== 'function';
  if (isAdded && isHandler && typeof (listener as Fields)['handleEvent'] !== 'function') {
    throw fieldError('handleEvent', 'HandlerObject', 'function');
  }
  if (!isNone || !isAdded) checkOptions(name, args[2]);
  for (let i = 1; i < args.length; i++) arrayAppend(checked, args[i]);
  return checked;
}

function checkOptions(name: string, options: unknown): void {
  if (!isObject(options)) {
    if (options) throw new TypeError(`${name}(): useCapture must be false.`);
    return;
  }
  const { capture, passive, signal } = options as Fields;
  if (capture) throw new TypeError(`${name}(): options.capture must be false.`);
  if (name === 'removeEventListener') return;
  if (passive) throw new TypeError(`${name}(): options.passive must be false.`);
  if (signal !== undefined && !(signal instanceof NativeAbortSignal)) {
    throw fieldError('signal', 'AddEventListenerOptions', 'AbortSignal');
  }
}
