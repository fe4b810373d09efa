// biome-ignore-all lint/security/noGlobalEval: a program that tries it
// biome-ignore-all lint/complexity/noCommaOperator: what is called so has no `this` and no scope of the caller's
// biome-ignore-all lint/complexity/noArguments: it is what is tried
/**
 * The ways in which a program tries to get out of its isolate, by name. Each is told what it may work with and answers what it got:
 * nothing, if all is well. What it patches stays patched, so each has an isolate of its own.
 */
import * as spy from './isolation-spy.js';

const GeneratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((function* () {})()));
const AsyncGeneratorPrototype = Object.getPrototypeOf(Object.getPrototypeOf((async function* () {})()));
const TypedArrayPrototype = Object.getPrototypeOf(Uint8Array.prototype);
const iteratorOf = (iterable) => Object.getPrototypeOf(iterable[Symbol.iterator]());
const INDEXES = Array.from({ length: 12 }, (_, at) => String(at));

/** Names of optional members that a runtime or the platform reads from objects without looking whether they are there. */
const OPTIONS = [
  ...['port', 'ports', 'link', 'signal', 'transfer', 'steal', 'shared', 'ifAvailable', 'mode', 'durability', 'error'],
  ...['cause', 'handler', 'handleEvent', 'once', 'passive', 'capture', 'detail', 'source', 'data', 'origin', 'state'],
  ...['endpoint', 'store', 'storage', 'leases', 'control', 'connector', 'channel', 'wire', 'body', 'hold', 'flags'],
];

const taps =
  (...pairs) =>
  () => {
    for (const [target, label] of pairs) if (target) spy.tap(target, label);
  };
const globals =
  (...names) =>
  () =>
    names.forEach(spy.tapGlobal);
const classes =
  (...names) =>
  () => {
    for (const name of names) {
      if (!globalThis[name]) continue;
      spy.tap(globalThis[name].prototype, `${name}.prototype`);
      spy.tap(globalThis[name], name);
    }
  };

/** Patches: armed before the work is done. */
const PATCHES = {
  'methods of arrays': taps([Array.prototype, 'Array.prototype']),
  'iterators of arrays': taps([iteratorOf([]), 'ArrayIterator'], [Iterator.prototype, 'Iterator.prototype']),
  'static functions of Array': taps([Array, 'Array']),
  'methods of Map': taps([Map.prototype, 'Map.prototype'], [iteratorOf(new Map()), 'MapIterator']),
  'methods of Set': taps([Set.prototype, 'Set.prototype'], [iteratorOf(new Set()), 'SetIterator']),
  'methods of WeakMap, WeakSet, WeakRef and FinalizationRegistry': classes(
    ...['WeakMap', 'WeakSet', 'WeakRef', 'FinalizationRegistry'],
  ),
  'methods of promises': () => {
    spy.tap(Promise.prototype, 'Promise.prototype');
    spy.tapThen();
  },
  'the constructor of promises': () => spy.trapConstructor(),
  'the species of promises': () => spy.trapSpecies(),
  'static functions of Promise': taps([Promise, 'Promise']),
  'the name Promise': () => spy.replacePromise(),
  'call, apply, bind and instanceof': taps([Function.prototype, 'Function.prototype']),
  'static functions of Object': taps([Object, 'Object']),
  'methods of Object.prototype': taps([Object.prototype, 'Object.prototype']),
  Reflect: taps([Reflect, 'Reflect']),
  'a getter then on Object.prototype': () => spy.trap(Object.prototype, 'Object.prototype', ['then'], undefined),
  'getters of options on Object.prototype': () => spy.trap(Object.prototype, 'Object.prototype', OPTIONS, undefined),
  'setters of indexes on Object.prototype': () => spy.trap(Object.prototype, 'Object.prototype', INDEXES, undefined),
  'setters of indexes on Array.prototype': () => spy.trap(Array.prototype, 'Array.prototype', INDEXES, undefined),
  'toJSON and toPrimitive on Object.prototype': () =>
    spy.trap(Object.prototype, 'Object.prototype', ['toJSON', Symbol.toPrimitive, Symbol.toStringTag], undefined),
  'species, iterators and the like on Object.prototype': () =>
    spy.trap(
      Object.prototype,
      'Object.prototype',
      [Symbol.species, Symbol.iterator, Symbol.asyncIterator, Symbol.isConcatSpreadable, Symbol.hasInstance],
      undefined,
    ),
  'traps of proxies on Object.prototype': () => spy.trapProxies(spy.LASTING_TRAPS),
  'the names Map, Set, WeakMap and Proxy': globals('Map', 'Set', 'WeakMap', 'WeakSet', 'WeakRef', 'Proxy'),
  'getters of MessageEvent': classes('MessageEvent'),
  'getters of Event': classes('Event', 'CustomEvent', 'ErrorEvent', 'CloseEvent', 'PromiseRejectionEvent'),
  'methods of EventTarget': taps([EventTarget.prototype, 'EventTarget.prototype']),
  'methods of MessagePort': classes('MessagePort', 'MessageChannel'),
  'the names of events and channels': globals('Event', 'MessageEvent', 'MessageChannel', 'EventTarget', 'ErrorEvent'),
  'AbortController and AbortSignal': classes('AbortController', 'AbortSignal'),
  'the names AbortController and AbortSignal': globals('AbortController', 'AbortSignal'),
  'streams that are read': classes(
    ...['ReadableStream', 'ReadableStreamDefaultReader', 'ReadableStreamBYOBReader', 'ReadableStreamDefaultController'],
  ),
  'streams that are written': classes(
    ...['WritableStream', 'WritableStreamDefaultWriter', 'WritableStreamDefaultController', 'TransformStream'],
  ),
  'the names of streams': globals('ReadableStream', 'WritableStream', 'TransformStream'),
  'prepareStackTrace and getThis': () => spy.stacks(),
  'captureStackTrace and the classes of errors': () => {
    spy.tap(Error, 'Error');
    globals('Error', 'TypeError', 'RangeError', 'DOMException')();
  },
  'getters of errors': classes('Error', 'DOMException'),
  'methods of strings and patterns': classes('String', 'RegExp'),
  'numbers, dates, symbols, JSON and Math': () => {
    classes('Number', 'BigInt', 'Boolean', 'Symbol', 'Date')();
    taps([JSON, 'JSON'], [Math, 'Math'])();
  },
  'typed arrays and buffers': () => {
    taps([TypedArrayPrototype, 'TypedArray.prototype'])();
    classes('ArrayBuffer', 'DataView', 'Uint8Array')();
  },
  'the names of typed arrays': globals('Uint8Array', 'ArrayBuffer', 'DataView', 'Uint32Array', 'Float64Array'),
  'text encoders and decoders': classes('TextEncoder', 'TextDecoder'),
  generators: taps([GeneratorPrototype, 'Generator'], [AsyncGeneratorPrototype, 'AsyncGenerator']),
  'fetch classes': classes('Request', 'Response', 'Headers', 'Body', 'Blob', 'FormData', 'URL', 'URLSearchParams'),
  'the names of fetch classes': globals('Request', 'Response', 'Headers', 'Blob', 'URL', 'URLSearchParams'),
  'sockets of programs': classes('WebSocket', 'WebSocketPair', 'WebSocketRequestResponsePair'),
  'functions of the global scope': () => {
    for (const name of ['structuredClone', 'queueMicrotask', 'setTimeout', 'clearTimeout', 'fetch', 'reportError']) {
      spy.tapGlobal(name);
    }
  },
  console: taps([console, 'console']),
  crypto: () =>
    taps(
      [Object.getPrototypeOf(crypto), 'Crypto.prototype'],
      [Object.getPrototypeOf(crypto.subtle), 'SubtleCrypto.prototype'],
    )(),
  WebAssembly: taps(
    [WebAssembly, 'WebAssembly'],
    [WebAssembly.Instance.prototype, 'Instance'],
    [WebAssembly.Memory.prototype, 'Memory'],
  ),
  'names that are gone, as accessors of the scope': () =>
    spy.trap(
      globalThis,
      'globalThis',
      ['onmessage', 'postMessage', 'onerror', 'indexedDB', 'BroadcastChannel', 'location', 'Worker'],
      undefined,
    ),
};

/** Asked for once, without any patch; answers a list of what was got. */
const ASKED = {
  'globals that are gone': () =>
    [
      ...['indexedDB', 'IDBFactory', 'IDBDatabase', 'BroadcastChannel', 'Worker', 'SharedWorker', 'importScripts'],
      ...['postMessage', 'onmessage', 'XMLHttpRequest', 'location', 'name', 'close', 'webkitRequestFileSystem'],
      ...['FileReader', 'FileReaderSync', 'ServiceWorkerRegistration', 'LockManager', 'StorageManager', 'WebTransport'],
      ...['RTCPeerConnection', 'Notification', 'PerformanceObserver', 'ReportingObserver', 'parent', 'top', 'frames'],
      ...['opener', 'window', 'document', 'clientInformation', 'cookieStore', 'storage', 'createImageBitmap'],
    ].filter((name) => globalThis[name] !== undefined),
  'members of navigator': () =>
    ['locks', 'storage', 'serviceWorker', 'usb', 'gpu', 'connection', 'permissions', 'mediaCapabilities'].filter(
      (name) => name in navigator,
    ),
  'everything that properties lead to': ({ roots }) => {
    spy.reach({ globalThis, ...roots });
    return spy.finds();
  },
  'the scope under other names': () =>
    [
      self,
      globalThis.self,
      (0,
      function () {
        return this;
      })(),
      [].concat.constructor === undefined,
    ].filter((scope) => scope && scope !== globalThis),
  'postMessage of a port, called on the scope': () =>
    got(() => MessagePort.prototype.postMessage.call(globalThis, 'x', [])),
  'addEventListener on the scope': async () => {
    const heard = [];
    for (const type of ['message', 'messageerror', 'error', 'rtctransport']) {
      addEventListener(type, (event) => heard.push(event));
      EventTarget.prototype.addEventListener.call(globalThis, type, (event) => heard.push(event));
    }
    await scheduler.wait(20);
    return heard;
  },
  'a message event with ports of our own': () => {
    const { port1 } = new MessageChannel();
    const event = new MessageEvent('message', { data: 1, ports: [port1], source: port1 });
    dispatchEvent(event);
    const got = [event.target, event.currentTarget, event.srcElement, ...event.composedPath()];
    return got.filter((on) => on && on !== globalThis).map(String);
  },
  'currentTarget and source of events that are dispatched': async () => {
    const got = [];
    const controller = new AbortController();
    controller.signal.addEventListener('abort', (event) => {
      for (const key of ['currentTarget', 'target', 'source', 'srcElement', 'path', 'view']) {
        const value = event[key];
        if (value && value !== controller.signal) got.push(key);
      }
      if (event.composedPath().some((on) => on !== controller.signal)) got.push('composedPath');
    });
    controller.abort();
    return got;
  },
  'Function constructors': () => [
    ...got(() => Function('return 1')()),
    ...got(() => new Function('return 1')()),
    ...got(() => (() => {}).constructor('return 1')()),
    ...got(() => (async () => {}).constructor('return 1')),
    ...got(() => function* () {}.constructor('return 1')),
    ...got(() => async function* () {}.constructor('return 1')),
    ...got(() => Object.getPrototypeOf((async () => {}).constructor)('return 1')()),
    ...got(() => Reflect.construct(Function, ['return 1'])),
    ...got(() => new (class extends Function {})('return 1')()),
  ],
  'eval, direct and indirect': () => [
    ...got(() => eval('1')),
    ...got(() => (0, eval)('1')),
    ...got(() => globalThis['eval']('1')),
    ...got(() => Reflect.apply(eval, undefined, ['1'])),
    ...got(() => setTimeout('globalThis.leak = 1')),
  ],
  'native constructors out of proxies': ({ DurableObject }) => {
    const { Module } = WebAssembly;
    spy.withTraps(() => {
      for (const made of [Function, AbortController, Module, (async () => {}).constructor, WebSocket, DurableObject]) {
        got(() => made.x);
        got(() => 'x' in made);
        got(() => new made());
        got(() => Object.keys(made));
        got(() => Object.getOwnPropertyDescriptor(made, 'x'));
        got(() => Object.isExtensible(made));
      }
    });
    const natives = spy.proxied().filter((native) => got(() => native('return 1')).length > 0);
    return natives.map(String);
  },
  'callers of sloppy functions': ({ sloppy }) => (sloppy ? [sloppy.caller, sloppy.arguments].filter((one) => one) : []),
  'arguments.callee': () =>
    got(() =>
      (function () {
        return arguments.callee;
      })(),
    ),
  'WebAssembly compiled in an event': () => [
    ...got(() => new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))),
  ],
  'URLs of blobs': () => got(() => URL.createObjectURL(new Blob(['export default 1']))),
  'import() of what the library is made of': async ({ files }) => {
    const all = [];
    for (const file of files) all.push(...(await gotLater(() => import(file))));
    return all;
  },
  'import() of a data URL': () => {
    const url = ['data:text/javascript,export default 1'][0];
    return gotLater(() => import(url));
  },
  'import() in text that was made a function at the top': async ({ imports }) => {
    const all = [];
    for (const load of imports) all.push(...(await gotLater(() => load('data:text/javascript,export default 1'))));
    return all;
  },
  'import() of the module itself': async () => {
    const url = import.meta.url;
    const again = typeof url === 'string' ? await gotLater(() => import(`${url}#again`)) : [];
    return again;
  },
  'import() of what error stacks name': async ({ stub, ctx }) => {
    const stacks = [new Error('here').stack];
    for (const run of [
      ...[() => stub.fail(), () => stub.nothing(), () => stub.echo(() => globalThis), () => stub.fetch('nowhere')],
      ...[() => ctx.storage.put(), () => ctx.storage.sql.exec('SELEC'), () => ctx.storage.kv.put('x', Symbol())],
      ...[
        () => fetch('nowhere'),
        () => new Response('', { status: 1 }),
        () => ctx.id.equals(1),
        () => ctx.abort.call(1),
      ],
    ]) {
      try {
        await run();
      } catch (error) {
        stacks.push(String(error.stack));
      }
    }
    const urls = new Set(
      stacks.flatMap((stack) => stack.match(/(?:blob|https?|file):[^\s)]+?(?=(?::\d+)*[\s)]|$)/gm) ?? []),
    );
    const all = [];
    for (const url of urls) all.push(...(await gotLater(() => import(url))));
    return all;
  },
  'the text of what error stacks name': async () => {
    const [url] = new Error('here').stack.match(/blob:[^\s)]+?(?=(?::\d+)*[\s)]|$)/m) ?? [];
    return url ? gotLater(async () => ({ [await (await fetch(url)).text()]: 1 })) : [];
  },
  'import() of the modules of the runtime': async () => {
    const all = [];
    for (const name of [
      'durabox:node-hooks',
      'durabox:html',
      'durabox:html-rewriter.wasm',
      'workerd:unsafe',
      'cloudflare-internal:env',
      'node-internal:process',
    ]) {
      all.push(...(await gotLater(() => import(name))));
    }
    return all;
  },
  'what the loader handed over': () =>
    Reflect.ownKeys(globalThis).filter((key) => /durabox|handover/i.test(String(key))),
  'structuredClone that transfers': () => {
    const { port1 } = new MessageChannel();
    const buffer = new ArrayBuffer(1);
    const clone = structuredClone({ buffer }, { transfer: [buffer] });
    return [
      ...got(() => structuredClone({ port1 }, { transfer: [port1] })),
      ...(clone.buffer.byteLength === 1 ? [] : ['no buffer']),
    ];
  },
  'structuredClone of the scope and of stubs': ({ stub, ctx }) => [
    ...got(() => structuredClone(globalThis)),
    ...got(() => structuredClone(ctx)),
    ...got(() => structuredClone(stub)),
  ],
  'FinalizationRegistry and WeakRef of what is ours': async ({ ctx }) => {
    const held = [];
    new FinalizationRegistry((value) => held.push(value)).register({}, 'mine');
    new WeakRef(ctx);
    await scheduler.wait(5);
    return held.filter((value) => value !== 'mine');
  },
  'members of ctx and storage that nobody documents': ({ ctx }) =>
    [ctx, ctx.storage, ctx.storage.sql, ctx.id].flatMap((one) =>
      Reflect.ownKeys(one).filter((key) => /^[#_]|db$|database|store|port$|runtime|realm|gate$/i.test(String(key))),
    ),
  'the symbols that a proxy is asked for': async ({ stub, ctx }) => {
    const keys = new Set();
    const trap = (target, key) => {
      if (typeof key === 'symbol') keys.add(key);
      return Reflect.get(target, key);
    };
    const handler = { get: trap, has: (target, key) => trap(target, key) !== undefined };
    for (const target of [{}, () => {}, stub, stub.x, ctx, ctx.id]) {
      const proxy = new Proxy(target, handler);
      await gotLater(() => stub.echo(proxy));
      await gotLater(() => ctx.storage.put('x', proxy));
      got(() => ctx.storage.kv.put('x', proxy));
      got(() => ctx.storage.sql.exec('SELECT ?', proxy));
      got(() => structuredClone(proxy));
      got(() => console.log(proxy));
    }
    const found = [];
    for (const key of keys) {
      for (const on of [stub, stub.x, stub.echo(1), ctx, ctx.storage, ctx.id]) {
        const value = got(() => on[key]);
        if (!Object.getOwnPropertyNames(Symbol).some((name) => Symbol[name] === key)) found.push(...value);
      }
    }
    return found;
  },
  'symbols of stubs': ({ stub }) => {
    const keys = [stub, stub.get, stub.get()].flatMap((one) => Object.getOwnPropertySymbols(one));
    return keys.map(String);
  },
};

function got(run) {
  try {
    const value = run();
    return value === undefined
      ? []
      : [typeof value === 'object' ? Object.prototype.toString.call(value) : String(value)];
  } catch {
    return [];
  }
}

async function gotLater(run) {
  try {
    const namespace = await run();
    return Object.keys(namespace);
  } catch {
    return [];
  }
}

export const WAYS_OF_PATCHING = Object.keys(PATCHES);
export const WAYS_OF_ASKING = Object.keys(ASKED);

/** @param work  what the runtime is made to do under a patch @param given  what ways may work with */
export async function attempt(name, { work, given }) {
  const ask = ASKED[name];
  if (ask) return (await ask(given)).map(String);
  PATCHES[name]();
  await work(spy.own);
  return spy.finds();
}
