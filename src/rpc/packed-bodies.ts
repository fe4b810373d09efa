/**
 * The messages that calls are made of, as lists: what a list leaves out are the names of a message's properties.
 *
 *     kind | id | target | path | bytes | what few have | event | lamport | actor          from "what few have" on, if any
 *
 * Promise: what is unpacked has the shape that was packed. Whoever reads it checks it, as every message (decode.ts): what comes of a
 * list that nobody packed is refused there.
 */
import type { BodyCodec } from '../protocol/link.ts';
import type { Caused, Payload, SessionMessage } from '../protocol/messages.ts';
import { NO_EXTERNALS } from './shipment.ts';

type Message<M extends SessionMessage['m']> = SessionMessage & { readonly m: M };

const CALL = 1;
const GET = 2;
const RESULT = 3;
const ERROR = 4;

/** `on` and `entry` of a question, and what a payload has beside its bytes. */
interface Few extends Pick<Message<'call'>, 'on' | 'entry'>, Partial<Omit<Payload, 'bytes'>> {}

export const packedBodies: BodyCodec = {
  pack(body) {
    const message = body as SessionMessage;
    switch (message.m) {
      case 'call': {
        const { id, target, path, args } = message;
        return listOf(CALL, id, target, packedPath(path), args.bytes, fewOf(message, args), message);
      }
      case 'get': {
        const { id, target, path } = message;
        return listOf(GET, id, target, packedPath(path), undefined, fewOf(message, undefined), message);
      }
      case 'result': {
        const { id, value } = message;
        return listOf(RESULT, id, 0, undefined, value.bytes, fewOf(undefined, value), message);
      }
      case 'error': {
        const { id, error } = message;
        return listOf(ERROR, id, 0, undefined, error.bytes, undefined, message);
      }
      default:
        return undefined;
    }
  },

  unpack(list) {
    const id = list[1];
    const target = list[2];
    const bytes = list[4];
    const few = (list[5] ?? NONE) as Few;
    const event = list[6];
    const lamport = list[7];
    const cause = list[8];
    switch (list[0]) {
      case CALL: {
        const { on, entry } = few;
        return {
          m: 'call',
          id,
          target,
          on,
          path: pathOf(list[3]),
          args: payloadOf(bytes, few),
          entry,
          event,
          lamport,
          cause,
        };
      }
      case GET: {
        const { on, entry } = few;
        return { m: 'get', id, target, on, path: pathOf(list[3]), entry, event, lamport, cause };
      }
      case RESULT:
        return { m: 'result', id, value: payloadOf(bytes, few), event, lamport, cause };
      case ERROR:
        return { m: 'error', id, error: { bytes }, event, lamport, cause };
      default:
        return undefined;
    }
  },
};

const NONE = {};

function fewOf(asked: Pick<Message<'get'>, 'on' | 'entry'> | undefined, payload: Payload | undefined): Few | undefined {
  const on = asked?.on;
  const entry = asked?.entry;
  const disposer = payload?.disposer;
  const buffers = payload?.buffers;
  const externals = payload && payload.externals.length > 0 ? payload.externals : undefined;
  const isUsual = on === undefined && entry === undefined && disposer === undefined && !buffers && !externals;
  if (isUsual) return undefined;
  return {
    ...(on !== undefined && { on }),
    ...(entry && { entry }),
    ...(buffers && { buffers }),
    ...(externals && { externals }),
    ...(disposer !== undefined && { disposer }),
  };
}

/** What says nothing at the end is left out: most messages have none of it. An array that grows costs more than one that is made. */
function listOf(
  kind: number,
  id: number,
  target: number,
  path: unknown,
  bytes: Uint8Array | undefined,
  few: Few | undefined,
  { event, lamport, cause }: Caused,
): unknown[] {
  if (cause !== undefined) return [kind, id, target, path, bytes, few, event, lamport, cause];
  if (event !== undefined) return [kind, id, target, path, bytes, few, event, lamport];
  return few ? [kind, id, target, path, bytes, few] : [kind, id, target, path, bytes];
}

/** Most paths are one name. */
const packedPath = (path: readonly string[]): unknown => (path.length === 1 ? path[0] : path);
const pathOf = (packed: unknown): unknown => (typeof packed === 'string' ? [packed] : packed);

const payloadOf = (bytes: unknown, { buffers, externals = NO_EXTERNALS, disposer }: Few): unknown => ({
  bytes,
  buffers,
  externals,
  disposer,
});
