/**
 * Values as storage keeps them: V8's format, with the platform's refusals.
 *
 * Promise: class instances lose their prototype; what goes by reference, and what stands for the platform itself, is
 * refused with the platform's text, before anything is written.
 */
import { notSerializable, platformTypeOf } from '../base/platform-objects.ts';
import { stubKindOf } from '../rpc/stub.ts';
import type { ValueCodec } from '../storage/kv.ts';
import { deserialize } from '../values/deserializer.ts';
import { serialize } from '../values/serializer.ts';

export function storedValues(): ValueCodec {
  const delegate = {
    isHostObject: (value: object) => platformTypeOf(value) !== undefined || stubKindOf(value) !== undefined,
    writeHostObject(value: object): boolean {
      const type = platformTypeOf(value);
      if (type) throw notSerializable(type);
      if (stubKindOf(value)) {
        throw new DOMException('ServiceStub cannot be serialized in this context.', 'DataCloneError');
      }
      return false;
    },
  };
  return {
    serialize: (value) => serialize(value, { delegate }),
    deserialize: (bytes) => deserialize(bytes),
  };
}
