/**
 * The messages that calls are made of, as lists: what a list leaves out are the names of a message's properties.
 *
 *     call, get        kind | id | target | path | bytes | event | lead | what few have | actor        from `event` on, if any
 *     result, error    kind | id | bytes | event | lead | what few have | actor                        the same
 *
 * Promise: what is unpacked has the shape that was packed. Whoever reads it checks it, as every message (decode.ts): what comes of a
 * list that nobody packed is refused there.
 */
import type { BodyCodec, WireError } from '../protocol/link.ts';
import type { Caused, Payload, SessionMessage } from '../protocol/messages.ts';
import { NO_EXTERNALS } from './shipment.ts';

type Message<M extends SessionMessage['m']> = SessionMessage & { readonly m: M };

const CALL = 1;
const GET = 2;
const RESULT = 3;
const ERROR = 4;

/** `on` and `entry` of a question, and what a payload or an error has beside its bytes. */
interface Few
  extends Pick<Message<'call'>, 'on' | 'entry'>,
    Partial<Omit<Payload, 'bytes'>>,
    Pick<WireError, 'blobs'> {}

export const packedBodies: BodyCodec = {
  pack(body) {
    const message = body as SessionMessage;
    switch (message.m) {
      case 'call': {
        const { id, target, path, args } = message;
        return askOf(CALL, id, target, path, args.bytes, fewOf(message, args), message);
      }
      case 'get': {
        const { id, target, path } = message;
        return askOf(GET, id, target, path, undefined, fewOf(message, undefined), message);
      }
      case 'result': {
        const { id, value } = message;
        return answerOf(RESULT, id, value.bytes, fewOf(undefined, value), message);
      }
      case 'error': {
        const { id, error } = message;
        return answerOf(ERROR, id, error.bytes, error.blobs && { blobs: error.blobs }, message);
      }
      default:
        return undefined;
    }
  },

  unpack(list) {
    const kind = list[0];
    const id = list[1];
    const isAsked = kind === CALL || kind === GET;
    const more = isAsked ? 5 : 3;
    const event = list[more];
    const lead = list[more + 1];
    const few = (list[more + 2] ?? NONE) as Few;
    const cause = list[more + 3];
    const bytes = list[more - 1];
    if (isAsked) {
      const target = list[2];
      const path = pathOf(list[3]);
      const { on, entry } = few;
      if (kind === GET) return { m: 'get', id, target, on, path, entry, event, lead, cause };
      return { m: 'call', id, target, on, path, args: payloadOf(bytes, few), entry, event, lead, cause };
    }
    if (kind === RESULT) return { m: 'result', id, value: payloadOf(bytes, few), event, lead, cause };
    const { blobs } = few;
    return kind === ERROR ? { m: 'error', id, error: { bytes, blobs }, event, lead, cause } : undefined;
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
function askOf(
  kind: number,
  id: number,
  target: number,
  names: readonly string[],
  bytes: Uint8Array | undefined,
  few: Few | undefined,
  { event, lead, cause }: Caused,
): unknown[] {
  const path = packedPath(names);
  if (few || cause !== undefined) return [kind, id, target, path, bytes, event, lead, few, cause];
  if (lead !== undefined) return [kind, id, target, path, bytes, event, lead];
  return event === undefined ? [kind, id, target, path, bytes] : [kind, id, target, path, bytes, event];
}

/** As `askOf`. */
function answerOf(
  kind: number,
  id: number,
  bytes: Uint8Array,
  few: Few | undefined,
  { event, lead, cause }: Caused,
): unknown[] {
  if (few || cause !== undefined) return [kind, id, bytes, event, lead, few, cause];
  if (lead !== undefined) return [kind, id, bytes, event, lead];
  return event === undefined ? [kind, id, bytes] : [kind, id, bytes, event];
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
