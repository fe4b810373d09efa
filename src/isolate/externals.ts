/** Which values go by reference over RPC; none can yet, and each is named in the refusal. */
import { notSerializable, platformTypeOf } from '../base/platform-objects.ts';
import { ExternalRegistry } from '../rpc/externals.ts';
import { stubKindOf } from '../rpc/stub.ts';
import type { NativeTypeOf } from '../values/native-types.ts';
import type { FetchClasses } from './fetch-classes.ts';

export interface ExternalOptions {
  isRpcTarget(value: object): boolean;
  classes: FetchClasses;
  nativeTypeOf: NativeTypeOf;
}

export function externalRegistry({ isRpcTarget, classes, nativeTypeOf }: ExternalOptions): ExternalRegistry {
  const typeOf = (value: object) => platformTypeOf(value) ?? nativeTypeOf(value);
  const native = (name: string) => (value: object) => nativeTypeOf(value) === name;
  return new ExternalRegistry([
    { name: 'a stub', matches: (value) => stubKindOf(value) !== undefined },
    { name: 'an RpcTarget', matches: isRpcTarget },
    { name: 'a function', matches: (value) => typeof value === 'function' },
    { name: 'a ReadableStream', matches: native('ReadableStream') },
    { name: 'a WritableStream', matches: native('WritableStream') },
    { name: 'a Request', matches: (value) => classes.isRequest(value) },
    { name: 'a Response', matches: (value) => classes.isResponse(value) },
    {
      name: 'an AbortSignal',
      matches: native('AbortSignal'),
      refusal: () => 'AbortSignal serialization is not enabled.',
    },
    { name: 'Headers', matches: native('Headers') },
    { name: 'a Blob', matches: (value) => nativeTypeOf(value) === 'Blob' || nativeTypeOf(value) === 'File' },
    {
      name: 'an object of the platform',
      matches: (value) => typeOf(value) !== undefined,
      refusal: (value) => notSerializable(typeOf(value) ?? 'Object').message,
    },
  ]);
}
