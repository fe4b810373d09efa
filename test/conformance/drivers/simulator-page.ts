/**
 * The half of the simulator's driver that lives in the page: opens accounts, fetches, closes.
 *
 * Promise: it uses the public interface and nothing else, so that a scenario tests what an embedder gets.
 */
import { Simulator } from '../../../src/index.ts';
import { assertNoSharedSockets } from '../../support/no-sockets.ts';
import { heardData, madeData, type SocketHappening } from '../play.ts';
import type { completeConfig, LargeData, Reply, RequestOptions, SocketOptions } from '../scenario.ts';

export interface OpenOrder {
  /** id of the scenario; the account is named after it */
  id: string;
  workers: { modules: Record<string, string | readonly number[]>; config: ReturnType<typeof completeConfig> }[];
  storage: string;
  /** the clock stands, and moves on by so much whenever an answer waits for it */
  advanceMs: number | undefined;
  /** text of a module that answers for the internet */
  outside: string | undefined;
}

/** What every client of a WebSocket sends. */
const HANDSHAKE = {
  Upgrade: 'websocket',
  'Sec-WebSocket-Version': '13',
  'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
};

const open = new Map<string, Simulator>();
/** how far a clock that stands is moved on at a time */
const steps = new WeakMap<Simulator, number>();
let opened = 0;

class Inbox {
  readonly #known: SocketHappening[] = [];
  readonly #waiting: ((happening: SocketHappening) => void)[] = [];

  put(happening: SocketHappening): void {
    const waiting = this.#waiting.shift();
    if (waiting) waiting(happening);
    else this.#known.push(happening);
  }

  next(): Promise<SocketHappening> {
    const known = this.#known.shift();
    return known ? Promise.resolve(known) : new Promise((resolve) => this.#waiting.push(resolve));
  }
}

/** every socket that was opened */
const sockets: { webSocket: WebSocket & { terminate(): void }; heard: Inbox }[] = [];

const page = {
  /** @returns the origin under which the Worker is reached */
  async open({ id, workers, storage, advanceMs, outside }: OpenOrder): Promise<string> {
    opened += 1;
    const simulator = await Simulator.open({
      name: `conformance ${id} ${performance.timeOrigin} ${opened}`,
      workers: workers.map(({ modules, config }) => ({
        modules: Object.fromEntries(
          Object.entries(modules).map(([path, content]) => [
            path,
            typeof content === 'string' ? content : new Uint8Array(content),
          ]),
        ),
        main: config.main,
        config: { ...config } as Record<string, unknown>,
      })),
      ...(outside === undefined ? {} : { outbound: await outboundOf(outside) }),
      storage: storage as 'memory' | 'indexeddb',
      limits: 'workerd',
    });
    open.set(id, simulator);
    if (advanceMs !== undefined) {
      await simulator.clock.pause();
      steps.set(simulator, advanceMs);
    }
    return simulator.origin;
  },

  async fetch({ id, path, options }: { id: string; path: string; options: RequestOptions }): Promise<Reply> {
    const { method = 'GET', headers = {}, body, redirect = 'manual' } = options;
    const init: RequestInit = { method, headers, redirect, ...(body === undefined ? {} : { body }) };
    const response = await inTime(find(id), find(id).fetch(path, init));
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  },

  /** By `fetch`, because only that says with which status a Worker refuses. */
  async openSocket({ id, path, options }: { id: string; path: string; options: SocketOptions }) {
    const { protocols = [], headers = {} } = options;
    const said = protocols.length > 0 ? { 'Sec-WebSocket-Protocol': protocols.join(', ') } : {};
    const response = await find(id).fetch(path, { headers: { ...HANDSHAKE, ...said, ...headers } });
    const { webSocket } = response as Response & { webSocket?: WebSocket & { accept(): void; terminate(): void } };
    const found = { status: response.status, headers: Object.fromEntries(response.headers) };
    if (!webSocket) return { ...found, socket: undefined };
    webSocket.binaryType = 'arraybuffer';
    const heard = new Inbox();
    webSocket.onmessage = ({ data }) =>
      heard.put({
        kind: 'message',
        data: heardData(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer)),
      });
    webSocket.onclose = ({ code, reason, wasClean }) => heard.put({ kind: 'close', code, reason, wasClean });
    webSocket.accept();
    sockets.push({ webSocket, heard });
    return { ...found, socket: sockets.length - 1 };
  },

  async sendOn({ socket, data }: { socket: number; data: string | readonly number[] | LargeData }): Promise<void> {
    sockets[socket]?.webSocket.send(madeData(data));
  },

  async closeSocket({
    socket,
    code,
    reason,
  }: {
    socket: number;
    code?: number | undefined;
    reason?: string | undefined;
  }) {
    sockets[socket]?.webSocket.close(code, reason);
  },

  /** As when the page goes. */
  async terminate({ socket }: { socket: number }): Promise<void> {
    sockets[socket]?.webSocket.terminate();
  },

  hear({ socket }: { socket: number }): Promise<SocketHappening> | undefined {
    return sockets[socket]?.heard.next();
  },

  async scheduled({ id, event }: { id: string; event: { cron?: string; atMs?: number } }) {
    const { cron, atMs } = event;
    return find(id).scheduled({
      ...(cron === undefined ? {} : { cron }),
      ...(atMs === undefined ? {} : { scheduledTime: atMs }),
    });
  },

  async wait({ id, ms }: { id: string; ms: number }): Promise<void> {
    await find(id).clock.advance(ms);
  },

  async close(id: string): Promise<void> {
    const simulator = find(id);
    open.delete(id);
    try {
      await assertNoSharedSockets(simulator);
    } finally {
      await simulator.close({ delete: true });
    }
  },
};

async function outboundOf(module: string): Promise<(request: Request) => Response | Promise<Response>> {
  const url = URL.createObjectURL(new Blob([module], { type: 'text/javascript' }));
  const { default: outside } = (await import(/* @vite-ignore */ url)) as {
    default: { fetch(request: Request): Response | Promise<Response> };
  };
  return (request) => outside.fetch(request);
}

/** Moves a clock that stands on and on until `answer` is there: not before everything waits for that. */
async function inTime<T>(simulator: Simulator, answer: Promise<T>): Promise<T> {
  const stepMs = steps.get(simulator);
  if (stepMs === undefined) return answer;
  let isThere = false;
  const over = answer.finally(() => {
    isThere = true;
  });
  over.catch(() => {}); // whoever awaits the answer hears of it
  for (;;) {
    await simulator.clock.advance(0);
    if (isThere) return answer;
    await simulator.clock.advance(stepMs);
  }
}

function find(id: string): Simulator {
  const simulator = open.get(id);
  if (!simulator) throw new Error(`No account is open for ${id}.`);
  return simulator;
}

export type SimulatorPage = typeof page;
globalThis.simulatorPage = page;
