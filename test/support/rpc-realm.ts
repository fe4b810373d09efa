/**
 * The smallest realm that RPC can live in: one instance per object, events run as they arrive, gates that a test can hold.
 *
 * `show` prints what SURFACE's harness prints, so that transcripts can be compared with the platform's.
 */

import { type Sealed, seal } from '../../src/base/sealed.ts';
import { resolveLimits } from '../../src/protocol/limits.ts';
import type { LinkEnd } from '../../src/protocol/link.ts';
import type { Callee } from '../../src/protocol/target.ts';
import { ObjectChannel } from '../../src/rpc/channel.ts';
import { makeRpcCodecs } from '../../src/rpc/codecs.ts';
import { ErrorHook, type StubHook } from '../../src/rpc/hook.ts';
import type { SocketPassage } from '../../src/rpc/http.ts';
import type { HttpMessages } from '../../src/rpc/http-messages.ts';
import { type HttpClasses, nativeMessages } from '../../src/rpc/native-messages.ts';
import { type Delivery, type RpcCodecs, type RpcContext, RpcSession } from '../../src/rpc/session.ts';
import { makeObjectStub } from '../../src/rpc/stub.ts';
import { nativeTypesLater } from '../../src/values/native-types.ts';
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
  dupsParams?: boolean;
  context?: RpcContext;
  classes?: HttpClasses | HttpMessages;
  find?: (target: Callee) => StubHook;
}

const nativeTypeOf = nativeTypesLater(globalThis);

const NO_SOCKETS: SocketPassage = {
  give: () => {
    throw new Error('nothing here gives a WebSocket away');
  },
  take: (reference) => reference,
};

export function makeCodecs(options: CodecOptions = {}): RpcCodecs {
  const {
    enhancedErrors = true,
    dupsParams = true,
    context = openContext(),
    classes = { Request, Response, Headers },
  } = options;
  return makeRpcCodecs({
    context,
    limits: resolveLimits(),
    base: {
      isRpcTarget: (value) => value instanceof RpcTarget,
      isEntrypoint: (value) => value instanceof DurableObject,
    },
    messages: 'takeRequest' in classes ? classes : nativeMessages(classes),
    values: {
      headers: { pairs: (headers) => [...headers], from: (pairs) => new Headers(pairs as [string, string][]) },
      nativeTypeOf,
    },
    enhancedErrors,
    dupsParams,
    passesSignals: true,
    sockets: NO_SOCKETS,
    find: options.find ?? (() => new ErrorHook(() => new Error('nothing is found here'))),
  });
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
    arrive: (run) => run(),
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
  calleeCodecs?: RpcCodecs;
  calleeContext?: RpcContext;
  callerContext?: RpcContext;
  /** instead of running each event on the instance as it arrives */
  deliver?: (delivery: Delivery) => void;
  connect?: () => Promise<Sealed<LinkEnd>>;
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
  const limits = resolveLimits();
  const context = options.callerContext ?? openContext();
  const calleeContext = options.calleeContext ?? openContext();
  const codecs = options.codecs ?? makeCodecs({ context });
  const calleeCodecs = options.calleeCodecs ?? (options.codecs ? codecs : makeCodecs({ context: calleeContext }));
  const links: TestObject['links'] = [];
  const sessions: TestObject['sessions'] = [];
  const callees: RpcSession[] = [];
  const deliver = options.deliver ?? ((delivery: Delivery) => void delivery.run(instance as object));
  const dial = async () => {
    const pair = memoryLinkPair({ decodeError: (error) => codecs.errors.decode(error), ...options.link });
    links.push(pair);
    callees.push(
      new RpcSession({ link: pair[1], context: calleeContext, codecs: calleeCodecs, limits, main: { deliver } }),
    );
    return seal<LinkEnd>(pair[0]);
  };
  const channel = new ObjectChannel({
    connect: options.connect ?? dial,
    makeSession(link) {
      const caller = new RpcSession({ link, context, codecs, limits });
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
    stub: () => makeObjectStub({ hook: channel.lease(), codec: codecs.payload, id: { hex: 'id' }, name: 'a' }),
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
