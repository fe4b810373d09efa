/**
 * The hibernatable sockets of one object, as its instance sees them.
 *
 * Promise: what an instance finds when it starts is what the one before left: sockets in the order of acceptance, tags,
 * attachments, the automatic answer. Every change is told to the host at once, whose copy is the truth once the object sleeps.
 * Texts and order of checks: workerd 1.20260730, as observed.
 *
 * Knows neither handlers nor gates, nor what a program holds of a socket.
 */
import { must } from '../base/assert.ts';
import { utf8 } from '../base/bytes.ts';
import { mapDelete, mapForEach, mapGet, mapSet, mapSize } from '../base/primordials.ts';
import { HIBERNATABLE_SOCKETS, SOCKET_TAG_BYTES, SOCKET_TAGS } from '../protocol/limits.ts';
import type { ConnectionId } from '../protocol/names.ts';
import type { AutoResponse, KeptSockets, SocketDeed, SocketReference } from '../protocol/sockets.ts';
import type { Socket } from './socket.ts';
import type { KeptPort } from './socket-context.ts';

export interface HibernationOptions {
  /** tells the host */
  say(deed: SocketDeed): void;
  referenceTo(connection: ConnectionId): SocketReference;
  newConnection(): ConnectionId;
  /** makes the socket of one that was accepted in a life before */
  wake(connection: ConnectionId, attachment: Uint8Array | undefined): Socket;
}

interface Accepted {
  readonly socket: Socket;
  readonly tags: readonly string[];
  answeredMs: number | undefined;
}

export class Hibernation {
  readonly port: KeptPort;
  readonly #options: HibernationOptions;
  /** in the order of acceptance */
  readonly #accepted = new Map<ConnectionId, Accepted>();
  #autoResponse: AutoResponse | undefined;
  #eventTimeoutMs: number | undefined;

  constructor(options: HibernationOptions) {
    this.#options = options;
    const { say, referenceTo } = options;
    this.port = {
      send: (connection, data, cause) => say({ o: 'send', connection, data, ...(cause && { cause }) }),
      close: (connection, code, reason, cause) =>
        say({ o: 'close', connection, ...(code === undefined ? {} : { code }), reason, ...(cause && { cause }) }),
      attach: (connection, attachment) => say({ o: 'attach', connection, attachment }),
      referenceTo,
    };
  }

  /** Before the constructor runs. */
  restore({ connections, autoResponse, eventTimeoutMs }: KeptSockets): void {
    this.#autoResponse = autoResponse;
    this.#eventTimeoutMs = eventTimeoutMs;
    for (let i = 0; i < connections.length; i++) {
      const { connection, tags, attachment, answeredMs } = connections[i] as KeptSockets['connections'][number];
      const socket = this.#options.wake(connection, attachment);
      mapSet(this.#accepted, connection, { socket, tags, answeredMs });
    }
  }

  /** @throws Error with the platform's text; the socket is as it was */
  accept(socket: Socket, given: readonly string[]): void {
    socket.assertAcceptable();
    const tags = distinct(given);
    if (tags.length > SOCKET_TAGS)
      throw new Error(`a Hibernatable WebSocket cannot have more than ${SOCKET_TAGS} tags`);
    for (let i = 0; i < tags.length; i++) {
      const tag = tags[i] as string;
      if (utf8(tag).length > SOCKET_TAG_BYTES) {
        throw new Error(`"${tag}" is longer than the max tag length (${SOCKET_TAG_BYTES} characters).`);
      }
    }
    if (mapSize(this.#accepted) >= HIBERNATABLE_SOCKETS) {
      throw new Error(`only ${HIBERNATABLE_SOCKETS} websockets can be accepted on a single Durable Object instance`);
    }
    const connection = this.#options.newConnection();
    mapSet(this.#accepted, connection, { socket, tags, answeredMs: undefined });
    const { attachment } = socket;
    this.#options.say({ o: 'accept', kept: { connection, tags, attachment, answeredMs: undefined } });
    socket.hibernate(connection);
  }

  get count(): number {
    return mapSize(this.#accepted);
  }

  /** All, the newest first; or those with a tag, in the order of acceptance. */
  sockets(tag?: string): Socket[] {
    const found: Socket[] = [];
    mapForEach(this.#accepted, ({ socket, tags }: Accepted) => {
      if (tag === undefined || includes(tags, tag)) found[found.length] = socket;
    });
    if (tag !== undefined) return found;
    const reversed: Socket[] = [];
    for (let i = found.length - 1; i >= 0; i--) reversed[reversed.length] = found[i] as Socket;
    return reversed;
  }

  /** @throws Error with the platform's text */
  tags(socket: Socket): string[] {
    const known = this.#of(socket);
    if (!socket.isUsed || (socket.readyState === 3 && socket.isHibernatable && !known)) {
      throw new Error("you must call 'acceptWebSocket()' before attempting to access the tags of a WebSocket.");
    }
    if (!socket.isHibernatable) throw new Error('only hibernatable websockets can have tags.');
    return distinct(known?.tags ?? socket.partingTags);
  }

  find(connection: ConnectionId): Socket | undefined {
    return mapGet(this.#accepted, connection)?.socket;
  }

  /** Its close event is over. */
  over(connection: ConnectionId): void {
    const accepted = mapGet(this.#accepted, connection);
    if (!accepted) return;
    mapDelete(this.#accepted, connection);
    accepted.socket.partingTags = accepted.tags;
    this.#options.say({ o: 'over', connection });
  }

  get autoResponse(): AutoResponse | undefined {
    return this.#autoResponse;
  }

  set autoResponse(pair: AutoResponse | undefined) {
    this.#autoResponse = pair;
    this.#options.say({ o: 'auto', pair });
  }

  /** The host gave the automatic answer. */
  answered(connection: ConnectionId, atMs: number): void {
    const accepted = mapGet(this.#accepted, connection);
    if (accepted) accepted.answeredMs = atMs;
  }

  answeredMs(socket: Socket): number | undefined {
    return this.#of(socket)?.answeredMs;
  }

  get eventTimeoutMs(): number | undefined {
    return this.#eventTimeoutMs;
  }

  set eventTimeoutMs(ms: number | undefined) {
    this.#eventTimeoutMs = ms;
    this.#options.say({ o: 'timeout', ms });
  }

  #of(socket: Socket): Accepted | undefined {
    if (!socket.isHibernatable) return undefined;
    return mapGet(this.#accepted, must(socket.connection, 'the name of a hibernatable socket'));
  }
}

function distinct(tags: readonly string[]): string[] {
  const found: string[] = [];
  for (let i = 0; i < tags.length; i++) {
    if (!includes(found, tags[i] as string)) found[found.length] = tags[i] as string;
  }
  return found;
}

function includes(tags: readonly string[], tag: string): boolean {
  for (let i = 0; i < tags.length; i++) if (tags[i] === tag) return true;
  return false;
}
