/**
 * A worker that becomes a Worker's global scope, loads a program and calls its default export.
 *
 * Promise: nothing but what these tests are about runs here: globals, fetch classes, console, loader, the module
 * `cloudflare:workers`. One program per worker.
 */
import { AsyncContext } from '../../src/base/async-context.ts';
import { captureConsole, type LogEntry } from '../../src/isolate/console-capture.ts';
import { makeFetchClasses } from '../../src/isolate/fetch-classes.ts';
import { shapeGlobalScope } from '../../src/isolate/globals.ts';
import { listenerCalls } from '../../src/isolate/listener-dispatch.ts';
import { loadModules } from '../../src/isolate/loader.ts';
import { makeWebSocketClasses } from '../../src/isolate/web-socket-classes.ts';
import { makeWorkersModule } from '../../src/isolate/workers-module.ts';
import type { CompiledModule } from '../../src/protocol/deployment.ts';
import { connectedPair } from '../../src/sockets/connection.ts';
import type { SocketContext } from '../../src/sockets/socket-context.ts';

/** Sockets here lead nowhere but to each other, and nothing holds them up. */
const openSocketContext = (): SocketContext => ({
  leave: (post) => post(),
  capture: () => (deliver) => queueMicrotask(deliver),
  open: () => connectedPair()[0],
  kept: () => {
    throw new Error('nothing hibernates here');
  },
  autoReply: true,
  onAccepted: () => {},
});

export interface ProbeRequest {
  modules: CompiledModule[];
  main: string;
}

export interface ProbeAnswer {
  value?: unknown;
  error?: { name: string; message: string; stack: string; code?: string; own: boolean };
  leftOver: string[];
  missing: string[];
  logs: LogEntry[];
}

const post = globalThis.postMessage.bind(globalThis) as (answer: ProbeAnswer | 'loaded') => void;
const listen = globalThis.addEventListener.bind(globalThis);
const realConsole = globalThis.console;
const NativeError = Error;

/** The next message from whoever started this worker; the program is not to hear any of them. */
function nextMessage(): Promise<unknown> {
  return new Promise((resolve) => {
    listen('message', (event) => resolve((event as MessageEvent).data), { once: true });
  });
}

void nextMessage().then((request) => run(request as ProbeRequest));

async function run({ modules, main }: ProbeRequest): Promise<void> {
  let isGlobalScope = true;
  const logs: LogEntry[] = [];
  const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;
  const { now } = Date;
  const calls = listenerCalls(globalThis);
  const sockets = makeWebSocketClasses({
    context: openSocketContext,
    compatibility: { closeReasonLimit: true, standardBinaryType: true },
    codec: { serialize: () => new Uint8Array(), deserialize: () => undefined },
    events: { Event, MessageEvent, CloseEvent, ErrorEvent },
    dispatch: calls.dispatch,
    connect: () => {},
    assertAllowed: () => {},
  });
  const shaped = shapeGlobalScope(globalThis, {
    classes: makeFetchClasses({ Request, Response, Headers }, { isGlobalScope: () => isGlobalScope }),
    fetch: async (input) => new globalThis.Response(`fetched ${String(input)}`),
    timers: {
      setTimeout: (...args) => setTimeout.apply(globalThis, args as never) as unknown as number,
      clearTimeout: (id) => clearTimeout.call(globalThis, id),
      setInterval: (...args) => setInterval.apply(globalThis, args as never) as unknown as number,
      clearInterval: (id) => clearInterval.call(globalThis, id),
    },
    console: captureConsole({ real: realConsole, prefix: () => 'Probe', onLog: (entry) => logs.push(entry), now }),
    isGlobalScope: () => isGlobalScope,
    calls,
    report: (error) => logs.push({ level: 'error', args: ['Uncaught', String(error)] } as LogEntry),
    now,
    compatibilityFlags: { rpc: true },
    provided: sockets.globals,
  });
  // The test server rewrites `import()` in what it serves to go through this; a built worker has none of it.
  Object.assign(globalThis, { __vitest_browser_runner__: { wrapDynamicImport: (load: () => unknown) => load() } });
  const told = { leftOver: shaped.leftOver, missing: shaped.missing, logs };
  try {
    const workers = makeWorkersModule({
      context: new AsyncContext(),
      env: () => ({ A: 'x' }),
      isGlobalScope: () => isGlobalScope,
      waitUntil() {},
    });
    const externals = { 'cloudflare:workers': workers };
    const namespace = await loadModules({ script: 'probe', main, modules, externals });
    isGlobalScope = false;
    const go = nextMessage();
    post('loaded');
    await go;
    const program = namespace['default'] as () => unknown;
    post({ ...told, value: await program() });
  } catch (error) {
    const { name, message, stack = '', code } = error as Error & { code?: string };
    post({ ...told, error: { name, message, stack, own: error instanceof NativeError, ...(code ? { code } : {}) } });
  }
}
