import { beforeAll, expect, test } from 'vitest';
import { FETCH_CASES, FETCH_DIFFERENCES, fetchCasesCode } from '../support/fetch-cases.ts';
import recorded from '../support/fetch-cases.workerd.json' with { type: 'json' };
import globals from '../support/globals.workerd.json' with { type: 'json' };
import { runProgram } from '../support/isolate-probe.ts';
import type { ProbeAnswer } from '../support/isolate-probe.worker.ts';

/** Runs statements at module scope and the body of a handler; what each expression gives is told, or its error. */
async function told(expressions: readonly string[], where: 'module' | 'handler' = 'handler'): Promise<unknown[]> {
  const body = `const told = [];
    for (const run of [${expressions.map((one) => `async () => (${one})`).join(',')}]) {
      try { told.push(await run()); } catch (error) { told.push(error.name + ': ' + error.message); }
    }`;
  const program =
    where === 'module' ? `${body} export default () => told;` : `export default async () => { ${body} return told; };`;
  const { value, error } = await runProgram({ 'index.js': program });
  expect(error).toBeUndefined();
  return value as unknown[];
}

let shape: ProbeAnswer;
beforeAll(async () => {
  shape = await runProgram({
    'index.js': `export default () => {
      const chain = [];
      for (let at = globalThis; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
        chain.push([Object.prototype.toString.call(at), at.constructor.name, Reflect.ownKeys(at).map(String)]);
      }
      return chain;
    };`,
  });
});

/** Two numbers of an old file API that Chromium lets nobody delete. They give no access to anything. */
const FIXED = ['TEMPORARY', 'PERSISTENT'];
/** The test browser is started with it; it cannot be deleted either. */
const TEST_ONLY = 'gc';

const sorted = (names: readonly string[]) => [...names].sort();

test('nothing is left on the global scope that a Worker has not', () => {
  expect(shape.error).toBeUndefined();
  expect(shape.leftOver.filter((name) => name !== TEST_ONLY)).toEqual(FIXED);
});

test('the scope and its prototypes hold what those of workerd hold', () => {
  const theirs = globals as [string, string, string[]][];
  const ours = shape.value as [string, string, string[]][];
  expect(ours.map(([tag, name]) => [tag, name])).toEqual(theirs.map(([tag, name]) => [tag, name]));
  const missing = new Set(shape.missing);
  // Two symbols are workerd's own, the test server needs one name, and some cannot be deleted.
  const foreign = (name: string) =>
    !/kResourceTypeInspect|cloudflare:internal-class|__vitest|^gc$|^TEMPORARY$|^PERSISTENT$/.test(name);
  for (const [index, [, , names]] of theirs.entries()) {
    const expected = names.filter((name) => foreign(name) && !missing.has(name));
    expect(sorted((ours[index]?.[2] ?? []).filter(foreign))).toEqual(sorted(expected));
  }
});

test('what a Worker has and this browser lacks is only what needs cross-origin isolation', () => {
  expect(shape.missing).toEqual(['SharedArrayBuffer']);
});

test('what must be out of reach is out of reach', async () => {
  const names =
    'indexedDB IDBFactory BroadcastChannel Worker SharedWorker importScripts XMLHttpRequest postMessage onmessage location name close FileSystemHandle WebTransport Notification FileReader Temporal';
  const values = await told([
    ...names.split(' ').map((name) => `typeof ${name}`),
    'Object.keys(navigator)',
    '[String(navigator), navigator.userAgent, navigator.locks, navigator.storage, navigator.serviceWorker]',
    '[self === globalThis, globalThis.constructor.name, globalThis instanceof ServiceWorkerGlobalScope, origin]',
    'new ServiceWorkerGlobalScope()',
    "URL.createObjectURL(new Blob(['x']))",
    'WebAssembly.compileStreaming',
  ]);
  expect(values).toEqual([
    ...names.split(' ').map(() => 'undefined'),
    ['languages', 'language', 'platform', 'hardwareConcurrency', 'userAgent'],
    ['[object Navigator]', 'Cloudflare-Workers', undefined, undefined, undefined],
    [true, 'ServiceWorkerGlobalScope', true, 'null'],
    'TypeError: Illegal constructor',
    'Error: URL.createObjectURL() is not implemented',
    undefined,
  ]);
});

test("the program's listeners hear its own events and none of the worker's", async () => {
  const values = await told([
    `(() => { let heard = 0; addEventListener('x', () => heard++); dispatchEvent(new Event('x')); globalThis.dispatchEvent(new Event('x')); return heard; })()`,
    `(() => { let heard = 0; const own = new EventTarget(); own.addEventListener('x', () => heard++); own.dispatchEvent(new Event('x')); dispatchEvent(new Event('x')); return heard; })()`,
  ]);
  expect(values).toEqual([2, 1]);
  // The worker gets a message between loading and the call of the program.
  const { value } = await runProgram({
    'index.js': `let heard = 0;
      const listener = () => heard++;
      EventTarget.prototype.addEventListener.call(globalThis, 'message', listener);
      addEventListener('message', listener);
      Reflect.apply(Object.getPrototypeOf(EventTarget.prototype).constructor.getOwnPropertyDescriptor(EventTarget.prototype, 'addEventListener').value, undefined, ['message', listener]);
      globalThis.onmessage = listener;
      export default () => heard;`,
  });
  expect(value).toBe(0);
});

test('code from text: allowed while modules are evaluated, refused in an event', async () => {
  const cases = [
    "eval('1')",
    "(0, eval)('1')",
    'eval({}) === undefined',
    'eval()',
    "Function('return 1')()",
    'typeof new Function()',
    "typeof new (async () => {}).constructor('1')",
    "typeof new (function* () {}).constructor('1')",
    "typeof Object.getPrototypeOf((async () => {}).constructor)('1')",
    "typeof (() => {}).constructor('1')",
    '(() => { class F extends Function { constructor() { super(); } } return new F() instanceof F; })()',
    "(() => { class F extends Function { constructor() { super('1'); } } return new F() instanceof F; })()",
    '[Function.length, Function.name, (() => {}) instanceof Function, Function.prototype.constructor === Function]',
    'new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])) instanceof WebAssembly.Module',
    'typeof (await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])))',
    'typeof (await WebAssembly.instantiate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])))',
    'WebAssembly.validate(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]))',
  ];
  const refusal = 'EvalError: Code generation from strings disallowed for this context';
  const wasm = (what: string) => `CompileError: WebAssembly.${what}(): Wasm code generation disallowed by embedder`;
  expect(await told(cases)).toEqual([
    ...[refusal, refusal, refusal, undefined, refusal, 'function', refusal, refusal, refusal, refusal, true, refusal],
    [1, 'Function', true, true],
    ...[wasm('Module'), wasm('compile'), wasm('instantiate'), true],
  ]);
  expect((await told(cases, 'module')).filter((one) => /Error/.test(String(one)))).toEqual([]);
});

test('module scope refuses what needs an event, in these words', async () => {
  const refusal =
    'Error: Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, and generating random values are not allowed within global scope. To fix this error, perform this operation within a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/';
  const refused = [
    'crypto.getRandomValues(new Uint8Array(2))',
    'crypto.randomUUID()',
    'setTimeout(() => {}, 1)',
    'setInterval(() => {}, 1)',
    'clearTimeout(1)',
    'await scheduler.wait(1)',
    "await fetch('http://x')",
    "await fetch('/rel')",
    'AbortSignal.timeout(5)',
    'AbortSignal.abort()',
    'new AbortController()',
    "new Response('x')",
    "await crypto.subtle.generateKey({ name: 'AES-GCM', length: 128 }, true, ['encrypt'])",
  ];
  expect(await told(refused, 'module')).toEqual(refused.map(() => refusal));
  const allowed = await told(
    [
      'typeof Math.random()',
      'clearTimeout(undefined)',
      'typeof queueMicrotask(() => {})',
      'performance.now()',
      'setTimeout(5)',
      'fetch()',
      'String(new MessageChannel())',
      "await crypto.subtle.digest('SHA-256', new Uint8Array()).then(String)",
    ],
    'module',
  );
  expect(allowed).toEqual([
    ...['number', undefined, 'undefined', 0],
    "TypeError: Failed to execute 'setTimeout' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.",
    "TypeError: Failed to execute 'fetch' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Request or string'.",
    ...['[object MessageChannel]', '[object ArrayBuffer]'],
  ]);
});

test('in an event the same things work, and refuse wrong arguments as the platform does', async () => {
  const values = await told([
    'crypto.getRandomValues(new Uint8Array(2)).length',
    "crypto.getRandomValues('x')",
    'crypto.randomUUID().replace(/[0-9a-f]/g, "x")',
    'await new Promise((resolve) => setTimeout(resolve, 1, "fired"))',
    'await scheduler.wait(1)',
    'await scheduler.wait()',
    'await scheduler.wait(1, 5)',
    'await scheduler.wait(1000, { signal: AbortSignal.abort("why") }).catch((reason) => reason)',
    'await (async () => { const c = new AbortController(); const p = scheduler.wait(100000, { signal: c.signal }); c.abort("now"); return p.catch((reason) => reason); })()',
    'await new Promise((resolve) => { const s = AbortSignal.timeout(1); s.onabort = () => resolve(s.reason.name + ": " + s.reason.message); })',
    "(await fetch('http://x')) instanceof Response && (await (await fetch('http://x')).text())",
    'crypto.subtle.timingSafeEqual(new Uint8Array([1]), new Uint8Array([2]))',
    'crypto.subtle.timingSafeEqual(new Uint32Array(1), new DataView(new ArrayBuffer(4)))',
    'crypto.subtle.timingSafeEqual(new Uint8Array(1), new Uint8Array(2))',
    "crypto.subtle.timingSafeEqual('a', 'a')",
    'queueMicrotask(5)',
    '[String(performance), performance.timeOrigin, performance.now() > 1.7e12]',
    'JSON.stringify(Cloudflare.compatibilityFlags)',
  ]);
  expect(values).toEqual([
    2,
    "TypeError: Failed to execute 'getRandomValues' on 'Crypto': parameter 1 is not of type 'JsArrayBufferView'.",
    ...['xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx', 'fired', undefined],
    "TypeError: Failed to execute 'wait' on 'Scheduler': parameter 1 is not of type 'number'.",
    "TypeError: Failed to execute 'wait' on 'Scheduler': parameter 2 is not of type 'WaitOptions'.",
    ...['why', 'now', 'TimeoutError: The operation was aborted due to timeout', 'fetched http://x', false, true],
    'TypeError: Input buffers must have the same byte length.',
    "TypeError: Failed to execute 'timingSafeEqual' on 'SubtleCrypto': parameter 1 is not of type 'JsBufferSource'.",
    "TypeError: Failed to execute 'queueMicrotask' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'function'.",
    ['[object Performance]', 0, true],
    '{"rpc":true}',
  ]);
});

test('HTMLRewriter is there by name, and says why it cannot be made where it was not loaded', async () => {
  expect(await told(['typeof HTMLRewriter', 'new HTMLRewriter()'])).toEqual([
    'function',
    'Error: HTMLRewriter was not loaded: Durabox loads it with programs whose code names it, where it was built or given.',
  ]);
});

test('the fetch classes in a browser give what workerd gives', async () => {
  const { value, logs } = await runProgram({
    'index.js': `export default async () => { console.log('%s', 'in', { a: 1 }); return await ${fetchCasesCode()}; };`,
  });
  const differs = (_: string, index: number) => !((FETCH_CASES[index] as string) in FETCH_DIFFERENCES);
  const table = (outcomes: string[]) => outcomes.map((outcome, index) => `${FETCH_CASES[index]}\n    ${outcome}`);
  expect(table(value as string[]).filter(differs)).toEqual(table(recorded as string[]).filter(differs));
  expect(logs.filter(({ args }) => !String(args[0]).startsWith('[vite]'))).toEqual([
    { level: 'log', args: ['in', '{ a: 1 }'] },
  ]);
});
