/**
 * What a realm needs to speak RPC, put together once: which values travel and how, errors, requests, members.
 *
 * Promise: an isolate, a page and a test differ in what they give here, and in nothing else.
 */
import type { Limits } from '../protocol/limits.ts';
import type { Callee } from '../protocol/target.ts';
import type { RpcCodecs } from './answers.ts';
import { ByteStreams } from './byte-streams.ts';
import type { RpcContext } from './context.ts';
import { ErrorCodec, otherRequest } from './errors.ts';
import type { StubHook } from './hook.ts';
import { HttpCodec, type SocketPassage } from './http.ts';
import type { HttpMessages } from './http-messages.ts';
import { LocalHook, type LocalRealm } from './local.ts';
import { PayloadCodec } from './payload.ts';
import { PassedSignals } from './signals.ts';
import type { StubSurface } from './stub-shortcuts.ts';
import { type BaseClasses, MemberWalker } from './target.ts';
import { externalRegistry, type RealmValues, valueMakers } from './values.ts';

export interface RpcCodecOptions {
  context: RpcContext;
  limits: Pick<Limits, 'rpcMessageBytes'>;
  base: BaseClasses;
  values: Omit<RealmValues, 'isRpcTarget' | 'messages'>;
  messages: HttpMessages;
  /** compatibility flag enhanced_error_serialization */
  enhancedErrors: boolean;
  /** compatibility flag rpc_params_dup_stubs */
  dupsParams: boolean;
  /** what stubs have; left out: what they have at the newest date */
  stubs?: StubSurface;
  /** compatibility flag enable_request_signal */
  givesSignals?: boolean;
  /** who gives a request up gets its reason as it is; default: a copy that is an error */
  keepsReasons?: boolean;
  /** compatibility flag request_signal_passthrough */
  passesSignalsOn?: boolean;
  /** compatibility flag unwrap_custom_thenables; default true */
  unwrapsThenables?: boolean;
  /** compatibility flag enable_abortsignal_rpc */
  passesSignals?: boolean;
  sockets: SocketPassage;
  /** The way to an object or a Worker whose stub arrived. */
  find(target: Callee): StubHook;
  /** told of each stub that arrives */
  onStub?(handler: object, hook: StubHook): void;
}

export function makeRpcCodecs(options: RpcCodecOptions): RpcCodecs {
  const { context, limits, base, messages, enhancedErrors, dupsParams } = options;
  const values: RealmValues = { ...options.values, messages, isRpcTarget: (value) => base.isRpcTarget(value) };
  const streams = new ByteStreams(() => realm);
  const signals = new PassedSignals(() => realm);
  const registry = externalRegistry(values, streams, options.passesSignals ? signals : undefined);
  const makers = valueMakers(values, streams, signals);
  const errors = new ErrorCodec({ registry, enhancedErrors, read: makers.platformValue });
  const walker = new MemberWalker(base);
  const payload = new PayloadCodec({
    registry,
    limits,
    enhancedErrors,
    dupsParams,
    local: (value, release, keep) => LocalHook.of(realm, value, { release, keep }),
    isReceiver: (value) => walker.isReceiver(value),
    find: (target) => options.find(target),
    values: makers,
    ...(options.stubs ? { stubs: options.stubs } : {}),
    ...(options.onStub ? { onStub: options.onStub } : {}),
    ...(context.adopt
      ? { adopt: (over: () => void) => context.adopt?.(over), foreign: () => otherRequest('Client') }
      : {}),
  });
  const realm: LocalRealm = { context, payload, errors, walker };
  const {
    sockets,
    givesSignals = false,
    passesSignalsOn = false,
    keepsReasons = false,
    unwrapsThenables = true,
  } = options;
  const { surface } = payload;
  const http = new HttpCodec({
    classes: messages,
    errors,
    sockets,
    surface,
    givesSignals,
    passesSignalsOn,
    keepsReasons,
    unwrapsThenables,
  });
  return { errors, payload, walker, http };
}
