/**
 * The smallest realm that RPC can live in: one instance per object, events run as they arrive, gates that a test can hold.
 *
 * `show` prints what SURFACE's harness prints, so that transcripts can be compared with the platform's.
 */

import { resolveLimits } from '../../src/protocol/limits.ts';
import type { LinkEnd } from '../../src/protocol/link.ts';
import { ObjectChannel } from '../../src/rpc/channel.ts';
import { ErrorCodec } from '../../src/rpc/errors.ts';
import { ExternalRegistry } from '../../src/rpc/externals.ts';
import { HttpCodec, type HttpCodecOptions } from '../../src/rpc/http.ts';
import { PayloadCodec } from '../../src/rpc/payload.ts';
import { type Delivery, type RpcCodecs, type RpcContext, RpcSession } from '../../src/rpc/session.ts';
import { makeObjectStub, stubKindOf } from '../../src/rpc/stub.ts';
import { MemberWalker } from '../../src/rpc/target.ts';
import { type MemoryLinkEnd, type MemoryLinkOptions, memoryLinkPair } from './memory-link.ts';

export class RpcTarget {}

export class DurableObject {
  ctx: unknown;
  env: unknown;

  constructor(ctx?: unknown, env?: unknown) {
    this.ctx = ctx;
    this.env = env;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: user code calls whatever it likes on a stub
export type AnyStub = any;

export interface CodecOptions {
  enhancedErrors?: boolean;
  classes?: HttpCodecOptions['classes'];
}

const NO_SOCKETS: HttpCodecOptions['sockets'] = {
  give: () => {
    throw new Error('nothing here gives a WebSocket away');
  },
  take: (reference) => reference,
};

export function makeCodecs({ enhancedErrors = true, classes }: CodecOptions = {}): RpcCodecs {
  const registry = new ExternalRegistry([
    { name: 'a stub', matches: (value) => stubKindOf(value) === 'stub' },
    { name: 'a function', matches: (value) => typeof value === 'function' },
    { name: 'an RpcTarget', matches: (value) => value instanceof RpcTarget },
    { name: 'a ReadableStream', matches: (value) => value instanceof ReadableStream },
    { name: 'a Request', matches: (value) => value instanceof Request },
  ]);
  const errors = new ErrorCodec({ registry, enhancedErrors });
  return {
    errors,
    payload: new PayloadCodec({ registry, limits: resolveLimits(), enhancedErrors }),
    http: new HttpCodec({ classes: classes ?? { Request, Response, Headers }, errors, sockets: NO_SOCKETS }),
    walker: new MemberWalker({
      isRpcTarget: (value) => value instanceof RpcTarget,
      isEntrypoint: (value) => value instanceof DurableObject,
    }),
  };
}

/** Lets everything that can go on go on: a few rounds of the event loop. */
export async function settle(rounds = 6): Promise<void> {
  for (let i = 0; i < rounds; i++) await new Promise<void>((resolve) => setImmediate(resolve));
}

/** Passes everything through, as a page does. */
export function openContext(): RpcContext {
  let later: (() => void)[] = [];
  return {
    leave: (post) => post(),
    capture: () => (deliver) => deliver(),
    afterTurn(go) {
      if (later.push(go) > 1) return;
      setImmediate(() => {
        const due = later;
        later = [];
        for (const one of due) one();
      });
    },
  };
}

export interface ObjectOptions {
  link?: MemoryLinkOptions;
  codecs?: RpcCodecs;
  calleeContext?: RpcContext;
  callerContext?: RpcContext;
  /** instead of running each event on the instance as it arrives */
  deliver?: (delivery: Delivery) => void;
  connect?: () => Promise<LinkEnd>;
}

export interface TestObject {
  channel: ObjectChannel;
  stub: () => AnyStub;
  /** of each link made so far: caller's end, callee's end */
  links: [MemoryLinkEnd, MemoryLinkEnd][];
  sessions: { caller: RpcSession; callee: RpcSession }[];
}

/** An object that lives behind links in memory, made anew when one has ended. */
export function hostObject(instance: object | undefined, options: ObjectOptions = {}): TestObject {
  const codecs = options.codecs ?? makeCodecs();
  const context = options.callerContext ?? openContext();
  const links: TestObject['links'] = [];
  const sessions: TestObject['sessions'] = [];
  const callees: RpcSession[] = [];
  const deliver = options.deliver ?? ((delivery: Delivery) => void delivery.run(instance as object));
  const dial = async () => {
    const pair = memoryLinkPair({ decodeError: (error) => codecs.errors.decode(error), ...options.link });
    links.push(pair);
    const calleeContext = options.calleeContext ?? openContext();
    callees.push(new RpcSession({ link: pair[1], context: calleeContext, codecs, main: { deliver } }));
    return pair[0];
  };
  const channel = new ObjectChannel({
    connect: options.connect ?? dial,
    makeSession(link) {
      const caller = new RpcSession({ link, context, codecs });
      sessions.push({ caller, callee: callees[callees.length - 1] as RpcSession });
      return caller;
    },
    context,
    lane: 'object',
    codecs,
    limits: resolveLimits(),
  });
  return {
    channel,
    links,
    sessions,
    stub: () => makeObjectStub({ hook: channel.lease(), id: { hex: 'id' }, name: 'a' }),
  };
}

const json = (value: unknown) =>
  JSON.stringify(value, (_key, inner) => (inner === undefined ? '<undefined>' : inner)) as string;

/** What SURFACE's `show` prints, DOMException's `message` and `stack` left out as there. */
export async function show(run: () => unknown): Promise<string> {
  try {
    const value = await run();
    return typeof value === 'string' ? value : json(value);
  } catch (error) {
    const { message, name } = error as Error;
    const own = Object.entries(error as object).filter(([key]) => key !== 'message' && key !== 'stack');
    return `THROWS ${(error as Error).constructor.name}(${name}): ${message} ${json(Object.fromEntries(own))}`;
  }
}
