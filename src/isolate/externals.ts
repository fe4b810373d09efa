/** Which values go by reference over RPC; none can yet, and each is named in the refusal. */
import { ExternalRegistry } from '../rpc/externals.ts';
import { stubKindOf } from '../rpc/stub.ts';
import type { FetchClasses } from './fetch-classes.ts';

export interface ExternalOptions {
  isRpcTarget(value: object): boolean;
  classes: FetchClasses;
}

export function externalRegistry({ isRpcTarget, classes }: ExternalOptions): ExternalRegistry {
  const NativeReadable = ReadableStream;
  const NativeWritable = WritableStream;
  const NativeHeaders = classes.Headers;
  return new ExternalRegistry([
    { name: 'a stub', matches: (value) => stubKindOf(value) !== undefined },
    { name: 'an RpcTarget', matches: isRpcTarget },
    { name: 'a function', matches: (value) => typeof value === 'function' },
    { name: 'a ReadableStream', matches: (value) => value instanceof NativeReadable },
    { name: 'a WritableStream', matches: (value) => value instanceof NativeWritable },
    { name: 'a Request', matches: (value) => classes.isRequest(value) },
    { name: 'a Response', matches: (value) => classes.isResponse(value) },
    { name: 'Headers', matches: (value) => value instanceof NativeHeaders },
  ]);
}
