/**
 * Plays a scenario's steps against one running Worker and writes the transcript.
 *
 * Promise: the lines depend on the scenario and the runtime's behaviour alone. What two honest runs cannot share (the
 * address under which the Worker was reached) is replaced by a placeholder.
 *
 * Knows nothing of how the Worker was started.
 */
import { deferred } from '../../src/base/async.ts';
import type { Client, ClientSocket, LargeData, Reply, RequestOptions, Scenario, SocketOptions } from './scenario.ts';

/** A started Worker, as its driver reaches it. */
export interface Target {
  /** what `new URL(request.url).origin` is inside the Worker */
  origin: string;
  fetch(path: string, options: RequestOptions): Promise<Reply>;
  wait(ms: number): Promise<void>;
  scheduled(event: { cron?: string; atMs?: number }): Promise<{ outcome: string; noRetry: boolean }>;
  socket(
    path: string,
    options: SocketOptions,
  ): Promise<{ status: number; headers: Readonly<Record<string, string>>; socket: TargetSocket | undefined }>;
}

/** An open WebSocket, as its driver reaches it. */
export interface TargetSocket {
  send(data: string | readonly number[] | LargeData): Promise<void>;
  close(code?: number, reason?: string): Promise<void>;
  terminate(): Promise<void>;
  next(): Promise<SocketHappening>;
}

export type SocketHappening =
  | { kind: 'message'; data: string | readonly number[] | LargeData }
  | { kind: 'close'; code: number; reason: string; wasClean: boolean };

/** A runtime that can play scenarios. */
export interface Driver {
  name: string;
  /** Plays one scenario from a fresh start. @throws Error when the scenario cannot be played to its end */
  run(scenario: Scenario): Promise<string[]>;
  close(): Promise<void>;
}

/**
 * Longest a scenario may take on any runtime, without its waits; a hang is a failure with a name and not a stuck build.
 * Many times what the longest takes on two idle cores: it is no judgement on anybody's speed.
 */
export const scenarioTimeoutMs = 60_000;
/** The same where workerd lets critical sections run into their limit of thirty seconds. */
const sectionScenarioTimeoutMs = 90_000;

/** Runs the steps and returns the transcript, without the header line. */
export async function play(scenario: Scenario, target: Target): Promise<string[]> {
  const lines: string[] = [];
  let opened = 0;
  const client: Client = {
    async fetch(path, options = {}) {
      const reply = await target.fetch(path, options);
      lines.push(...replyLines(path, options, reply));
      return reply;
    },
    async fetchTogether(requests) {
      const replies = await Promise.all(requests.map(({ path, options }) => target.fetch(path, options ?? {})));
      replies.forEach((reply, index) => {
        const sent = requests[index];
        if (sent) lines.push(...replyLines(sent.path, sent.options ?? {}, reply));
      });
      return replies;
    },
    async socket(path, options = {}) {
      const name = String.fromCharCode('a'.charCodeAt(0) + opened++);
      const { status, headers, socket } = await target.socket(path, options);
      const shown = (options.showHeaders ?? []).map(
        (header) => ` ${header}: ${headers[header.toLowerCase()] ?? '<absent>'}`,
      );
      lines.push(`client: socket ${name} opens ${path} -> ${status}${shown.join(',')}`);
      return socketOf(name, socket, lines);
    },
    async scheduled(event = {}) {
      const { outcome, noRetry } = await target.scheduled(event);
      const said = [event.cron, event.atMs].filter((word) => word !== undefined).join(' at ');
      lines.push(`client: scheduled ${said} -> ${outcome}${noRetry ? ', no retry' : ''}`);
    },
    async wait(ms) {
      lines.push(`client: ${ms} ms go by`);
      limit.stop();
      await target.wait(ms);
      limit.start();
    },
  };
  const limit = timeLimit(scenario, lines);
  limit.start();
  try {
    const steps = scenario.steps ?? ((c: Client) => c.fetch('/').then(() => {}));
    await Promise.race([steps(client), limit.late]);
  } finally {
    limit.stop();
  }
  return lines.map((line) => line.replaceAll(target.origin, '<origin>'));
}

function socketOf(name: string, socket: TargetSocket | undefined, lines: string[]): ClientSocket {
  const say = (what: string) => lines.push(`client: ${name} ${what}`);
  return {
    async send(data) {
      say(`sends ${shownData(data)}`);
      await socket?.send(data);
    },
    async close(code, reason) {
      say(['closes', code, reason && JSON.stringify(reason)].filter((word) => word !== undefined).join(' '));
      await socket?.close(code, reason);
    },
    async terminate() {
      say('goes away without a word');
      await socket?.terminate();
    },
    async hears(count = 1) {
      for (let i = 0; i < count; i++) {
        const heard = await socket?.next();
        if (heard?.kind === 'message') say(`hears ${shownData(heard.data)}`);
        else say(`hears close ${heard?.code} ${JSON.stringify(heard?.reason)}${heard?.wasClean ? '' : ', not clean'}`);
      }
    },
  };
}

const shownData = (data: string | readonly number[] | LargeData) =>
  isLarge(data)
    ? `${data.size} ${data.kind === 'text' ? 'characters' : 'bytes'}`
    : typeof data !== 'string'
      ? `bytes ${data.join(' ')}`
      : data.length > 200
        ? `${data.length} characters`
        : JSON.stringify(data);

/** From this length on bytes are shown by their number alone. */
const LARGE_BYTES = 1_000;

export function isLarge(data: string | readonly number[] | LargeData): data is LargeData {
  return typeof data === 'object' && 'size' in data;
}

/** A message as drivers tell of it: large ones by their size. */
export function heardData(data: string | Uint8Array): string | readonly number[] | LargeData {
  if (typeof data === 'string') return data.length > LARGE_BYTES ? { kind: 'text', size: data.length } : data;
  return data.length > LARGE_BYTES ? { kind: 'bytes', size: data.length } : [...data];
}

/** The message that a step describes. */
export function madeData(data: string | readonly number[] | LargeData): string | Uint8Array<ArrayBuffer> {
  if (typeof data === 'string') return data;
  if (!isLarge(data)) return new Uint8Array(data);
  return data.kind === 'text' ? 'x'.repeat(data.size) : new Uint8Array(data.size);
}

function replyLines(path: string, options: RequestOptions, reply: Reply): string[] {
  const shown = (options.showHeaders ?? []).map(
    (name) => ` ${name}: ${reply.headers[name.toLowerCase()] ?? '<absent>'}`,
  );
  const head = `client: ${options.method ?? 'GET'} ${path} -> ${reply.status}${shown.join(',')}`;
  return [head, ...(reply.body === '' ? [] : reply.body.split('\n').map((line) => `  ${line}`))];
}

/** One that can be stopped and begun anew. */
function timeLimit(scenario: Scenario, lines: readonly string[]) {
  const timeoutMs = scenario.advanceMs === undefined ? scenarioTimeoutMs : sectionScenarioTimeoutMs;
  const { promise: late, reject } = deferred<never>();
  const expire = () =>
    reject(
      new Error(`Scenario ${scenario.id} was not finished after ${timeoutMs} ms, at:\n${lines.slice(-25).join('\n')}`),
    );
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    late,
    start() {
      timer = setTimeout(expire, timeoutMs);
    },
    stop() {
      clearTimeout(timer);
    },
  };
}
