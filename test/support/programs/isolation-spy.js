/**
 * A hostile program's eyes: patches what a runtime may call through and reports each thing of power that comes by.
 *
 * Promise: every wrapper does what it wraps, so that what runs goes on; what is looked at is found by the platform's own
 * functions, taken before anything is patched. Runs unchanged in an object and in a worker that nobody hardened.
 */
const { ownKeys, getPrototypeOf, apply, construct } = Reflect;
const { getOwnPropertyDescriptor, defineProperty, setPrototypeOf } = Object;
/** A descriptor that inherits nothing: this program puts traps on `Object.prototype` too. */
const bare = (descriptor) => setPrototypeOf(descriptor, null);
const define = (target, key, descriptor) => defineProperty(target, key, bare(descriptor));
const uncurry = (method) => Function.prototype.bind.call(Function.prototype.call, method);
const tagOf = uncurry(Object.prototype.toString);
const textOf = uncurry(Function.prototype.toString);
const slice = uncurry(String.prototype.slice);
const textIncludes = uncurry(String.prototype.includes);
const includes = uncurry(Array.prototype.includes);
const [hasObject, addObject] = [uncurry(WeakSet.prototype.has), uncurry(WeakSet.prototype.add)];
const addName = uncurry(Set.prototype.add);
const eachOfMap = uncurry(Map.prototype.forEach);
const eachOfSet = uncurry(Set.prototype.forEach);
const then = uncurry(Promise.prototype.then);
const NativePromise = Promise;
const isView = ArrayBuffer.isView;
const arrayFrom = (set) => [...set];

/** Interfaces that lead out of an isolate, and what one comes by on the way to them. */
const POWERS = [
  ...['IDBDatabase', 'IDBFactory', 'IDBTransaction', 'IDBObjectStore', 'IDBIndex', 'IDBRequest', 'IDBOpenDBRequest'],
  ...['IDBCursor', 'IDBCursorWithValue', 'IDBVersionChangeEvent', 'BroadcastChannel', 'LockManager', 'Lock', 'Worker'],
  ...['SharedWorker', 'MessagePort', 'MessageEvent', 'WorkerNavigator', 'StorageManager', 'XMLHttpRequest'],
  ...['DedicatedWorkerGlobalScope', 'WorkerLocation', 'FileSystemDirectoryHandle', 'ServiceWorkerContainer'],
];
/** Methods of our own objects by which a program could act as the runtime: send, store, lease, answer. */
const HANDLES = [
  ['post', 'start'],
  ['send', 'goaway'],
  ['acquire', 'tryAcquire'],
  ['release', 'isHeld'],
  ['openForWriting', 'append'],
  ['channels', 'connector'],
  ['connect', 'noteAlarm'],
];
const NATIVES = ['postMessage', 'importScripts', 'requestFileSystem', 'webkitRequestFileSystem'];

const known = new WeakSet();
const looked = new WeakSet();
const found = new Set();
let isLooking = false;

/** What the program made itself is no find. */
export function own(value) {
  addObject(known, value);
  return value;
}

export function finds() {
  return arrayFrom(found).sort();
}

function report(how, what) {
  addName(found, `${what} by ${how}`);
}

export function look(value, how, depth = 6) {
  if (isLooking) return;
  isLooking = true;
  try {
    walk(value, how, depth);
  } finally {
    isLooking = false;
  }
}

const DepthOf = new WeakMap();
const depthGet = uncurry(WeakMap.prototype.get);
const depthSet = uncurry(WeakMap.prototype.set);

function walk(value, how, depth) {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
  if (value === globalThis || hasObject(known, value)) return;
  if (hasObject(looked, value) && depthGet(DepthOf, value) >= depth) return;
  addObject(looked, value);
  depthSet(DepthOf, value, depth);
  judge(value, how);
  if (depth <= 0) return;
  const tag = safely(() => tagOf(value));
  if (isView(value) || tag === '[object ArrayBuffer]') return;
  const deeper = (one, key) => {
    walk(one, how, depth - 1);
    walk(key, how, depth - 1);
  };
  // By the tag alone the prototypes are maps and sets too.
  if (tag === '[object Map]') safely(() => eachOfMap(value, deeper));
  if (tag === '[object Set]') safely(() => eachOfSet(value, deeper));
  for (const key of safely(() => ownKeys(value)) ?? []) {
    const described = safely(() => getOwnPropertyDescriptor(value, key));
    if (!described) continue;
    if ('value' in described) walk(described.value, how, depth - 1);
    else if (described.get) safely(() => walk(apply(described.get, value, []), how, depth - 1));
  }
}

function judge(value, how) {
  if (typeof value === 'function') {
    const { name } = getOwnPropertyDescriptor(value, 'name')?.value ? value : { name: '' };
    if (includes(NATIVES, name) && textIncludes(textOf(value), 'native code') && !isOfPorts(value)) report(how, name);
    return;
  }
  const tag = slice(safely(() => tagOf(value)) ?? '[object ?]', 8, -1);
  if (includes(POWERS, tag)) report(how, tag);
  for (const names of HANDLES) if (names.every((name) => safely(() => name in value))) report(how, names.join('/'));
}

const portPost = globalThis.MessagePort?.prototype.postMessage;
const isOfPorts = (value) => value === portPost;

function safely(run) {
  try {
    return run();
  } catch {
    return undefined;
  }
}

/** Puts a function around every method and accessor of an object that looks at what goes in and comes out. */
export function tap(target, label, only) {
  for (const key of ownKeys(target)) {
    if (only && !includes(only, key)) continue;
    const described = getOwnPropertyDescriptor(target, key);
    if (!described?.configurable || key === 'constructor') continue;
    const name = `${label}.${typeof key === 'symbol' ? key.description : key}`;
    const wrapped = {};
    for (const part of ['value', 'get', 'set']) {
      if (typeof described[part] === 'function') wrapped[part] = around(described[part], name);
    }
    if (ownKeys(wrapped).length > 0) safely(() => define(target, key, { ...described, ...wrapped }));
  }
}

function around(native, name) {
  const tapped = function (...args) {
    see(this, args, name);
    const result = new.target
      ? construct(native, args, new.target === tapped ? native : new.target)
      : apply(native, this, args);
    look(result, name);
    return result;
  };
  for (const key of ownKeys(native)) {
    const described = getOwnPropertyDescriptor(native, key);
    safely(() => define(tapped, key, { ...described }));
  }
  return tapped;
}

function see(self, args, name) {
  look(self, name);
  look(args, name);
}

/** What `then` is given is called with what the promise is resolved with. */
export function tapThen() {
  const native = Promise.prototype.then;
  define(Promise.prototype, 'then', {
    configurable: true,
    writable: true,
    value(fulfilled, rejected) {
      see(this, [fulfilled, rejected], 'then');
      const seen = (value) => {
        look(value, 'then');
        return fulfilled(value);
      };
      return apply(native, this, [typeof fulfilled === 'function' ? seen : fulfilled, rejected]);
    },
  });
}

/** A class of promises in the place of the platform's. */
export function replacePromise() {
  globalThis.Promise = seeingPromise('Promise');
}

/** The same for a class that is looked up by its global name. */
export function tapGlobal(name) {
  const native = globalThis[name];
  if (typeof native === 'function') globalThis[name] = around(native, name);
}

/** A property that everything inherits: whoever reads or writes it shows what it read it of. */
export function trap(target, label, keys, value) {
  for (const key of keys) {
    const name = `${label}.${typeof key === 'symbol' ? key.description : key}`;
    if (getOwnPropertyDescriptor(target, key)?.configurable === false) continue;
    define(target, key, {
      configurable: true,
      get() {
        look(this, name);
        return value;
      },
      set(given) {
        look(this, name);
        look(given, name);
        define(this, key, { value: given, writable: true, enumerable: true, configurable: true });
      },
    });
  }
}

const natively = Object.fromEntries(ownKeys(Reflect).map((key) => [key, Reflect[key]]));
const TRAPS = ownKeys(Reflect).filter((key) => typeof Reflect[key] === 'function');
/** With `get` or `set` on `Object.prototype` hardly a property can be defined, so those two are there for moments only. */
export const LASTING_TRAPS = TRAPS.filter((key) => key !== 'get' && key !== 'set');

/** Handlers of proxies inherit traps; whoever has none of its own shows its target. */
export function trapProxies(keys) {
  for (const key of keys) {
    const native = natively[key];
    define(Object.prototype, key, {
      configurable: true,
      writable: true,
      value(target, ...rest) {
        look(this, `proxy ${key}`);
        look(target, `proxy ${key}`);
        if (typeof target === 'function') addNative(target);
        return apply(native, undefined, [target, ...rest]);
      },
    });
  }
}

/** Every trap for the time that `run` takes. */
export function withTraps(run) {
  trapProxies(TRAPS);
  try {
    run();
  } finally {
    for (const key of TRAPS) delete Object.prototype[key];
  }
}

const natives = [];
function addNative(target) {
  natives[natives.length] = target;
}
export function proxied() {
  return natives;
}

/** The language itself asks every promise that is awaited for its constructor. */
export function trapConstructor() {
  let mine = NativePromise;
  const promises = new WeakSet();
  safely(() =>
    defineProperty(Promise.prototype, 'constructor', {
      configurable: true,
      get() {
        if (!isLooking && !hasObject(promises, this) && this !== NativePromise.prototype) {
          addObject(promises, this);
          isLooking = true;
          try {
            then(
              this,
              (value) => look(value, 'Promise.prototype.constructor'),
              () => {},
            );
          } finally {
            isLooking = false;
          }
        }
        return mine;
      },
      set(value) {
        mine = value;
      },
    }),
  );
}

function seeingPromise(name) {
  return class extends NativePromise {
    constructor(executor) {
      super((resolve, reject) => {
        const seen = (settle) => (value) => {
          look(value, name);
          settle(value);
        };
        executor(seen(resolve), seen(reject));
      });
    }
    static get [Symbol.species]() {
      return NativePromise;
    }
  };
}

/** And for its species. */
export function trapSpecies() {
  const Seen = seeingPromise('Promise[Symbol.species]');
  safely(() => defineProperty(NativePromise, Symbol.species, { configurable: true, get: () => Seen }));
}

export function stacks() {
  Error.stackTraceLimit = 50;
  Error.prepareStackTrace = (error, frames) => {
    look(error, 'prepareStackTrace');
    for (const frame of frames) {
      look(frame.getThis(), 'CallSite.getThis');
      look(frame.getFunction(), 'CallSite.getFunction');
    }
    return String(error);
  };
}

const isPrototype = (value) => safely(() => getOwnPropertyDescriptor(value, 'constructor')?.value?.prototype) === value;

/** Everything that one comes to by properties, prototypes and accessors. */
export function reach(roots) {
  const seen = new Set();
  const queue = [];
  const put = (value, path) => {
    if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return;
    if (seen.has(value)) return;
    seen.add(value);
    queue.push([value, path]);
  };
  for (const [name, root] of Object.entries(roots)) put(root, name);
  for (let at = 0; at < queue.length && at < 20_000; at++) {
    const [value, path] = queue[at];
    if (value !== globalThis && !isPrototype(value)) judge(value, `reaching ${path}`);
    for (let on = value; on; on = safely(() => getPrototypeOf(on))) {
      put(on, `${path}.__proto__`);
      for (const key of safely(() => ownKeys(on)) ?? []) {
        const described = safely(() => getOwnPropertyDescriptor(on, key));
        const step = `${path}.${String(key)}`;
        if (!described) continue;
        if ('value' in described) put(described.value, step);
        else if (described.get)
          put(
            safely(() => apply(described.get, value, [])),
            step,
          );
        put(described.get, `get ${step}`);
        put(described.set, `set ${step}`);
      }
    }
  }
  return seen.size;
}
