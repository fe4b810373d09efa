/**
 * What `ctx` of an object says about hibernatable WebSockets.
 *
 * Promise: arguments, texts and their order are workerd's (1.20260730, as observed). Knows nothing of hosts.
 */
import { arrayIsArray } from '../base/primordials.ts';
import { SOCKET_EVENT_TIMEOUT_MS } from '../protocol/limits.ts';
import type { Hibernation } from '../sockets/hibernation.ts';
import type { Socket } from '../sockets/socket.ts';
import { parameterError } from './native-shape.ts';
import { checkAutoResponse, type WebSocketClasses } from './web-socket-classes.ts';

const ON = 'DurableObjectState';

export class SocketApi {
  readonly #hibernation: Hibernation;
  readonly #classes: WebSocketClasses;

  constructor(hibernation: Hibernation, classes: WebSocketClasses) {
    this.#hibernation = hibernation;
    this.#classes = classes;
  }

  accept(args: readonly unknown[]): void {
    const socket = this.#socket('acceptWebSocket', args);
    const given = args[1] === undefined ? [] : args[1];
    if (!arrayIsArray(given)) throw parameterError('acceptWebSocket', ON, 2, 'Array');
    const tags: string[] = [];
    for (let i = 0; i < given.length; i++) tags[i] = `${given[i] as string}`;
    this.#hibernation.accept(socket, tags);
  }

  sockets(tag: unknown): object[] {
    const sockets = this.#hibernation.sockets(tag === undefined ? undefined : `${tag as string}`);
    const objects: object[] = [];
    for (let i = 0; i < sockets.length; i++) objects[i] = this.#classes.objectOf(sockets[i] as Socket);
    return objects;
  }

  tags(args: readonly unknown[]): string[] {
    return this.#hibernation.tags(this.#socket('getTags', args));
  }

  setAutoResponse(given: unknown): void {
    const pair = this.#classes.autoResponseOf(given);
    if (given !== undefined && !pair) {
      throw parameterError('setWebSocketAutoResponse', ON, 1, 'WebSocketRequestResponsePair');
    }
    if (pair) checkAutoResponse(pair);
    this.#hibernation.autoResponse = pair;
  }

  /** a new object each time, or null */
  get autoResponse(): object | null {
    const pair = this.#hibernation.autoResponse;
    return pair ? this.#classes.makeAutoResponse(pair) : null;
  }

  answered(args: readonly unknown[]): Date | null {
    const ms = this.#hibernation.answeredMs(this.#socket('getWebSocketAutoResponseTimestamp', args));
    return ms === undefined ? null : new Date(ms);
  }

  setEventTimeout(given: unknown): void {
    this.#hibernation.eventTimeoutMs = readTimeout(given);
  }

  get eventTimeout(): number | null {
    return this.#hibernation.eventTimeoutMs ?? null;
  }

  #socket(method: string, args: readonly unknown[]): Socket {
    const socket = this.#classes.socketOf(args[0]);
    if (!socket) throw parameterError(method, ON, 1, 'WebSocket');
    return socket;
  }
}

/** @throws TypeError, Error with the platform's text */
function readTimeout(given: unknown): number | undefined {
  if (given === undefined || given === null) return undefined;
  const number = Number(given);
  if (!Number.isFinite(number)) throw new TypeError('The value cannot be converted because it is not an integer.');
  const ms = Math.trunc(number);
  if (ms < 0) {
    throw new TypeError('The value cannot be converted because it is negative and this API expects a positive number.');
  }
  if (ms > SOCKET_EVENT_TIMEOUT_MS) throw new Error(`Event timeout should not exceed ${SOCKET_EVENT_TIMEOUT_MS} ms.`);
  return ms === 0 ? undefined : ms;
}
