/**
 * Arguments and results as bytes, and back.
 *
 * Promise: the count of arguments and trailing `undefined` are kept; what arrives shares nothing with what was sent; a
 * value over the limit, or one that cannot be copied, is refused with the platform's text before anything is sent.
 * Every result that is an object can be disposed of, as on the platform, even one with nothing in it to dispose.
 *
 * Knows no messages. What goes by reference is refused by the registry, by name.
 */
import { objectDefineProperty } from '../base/primordials.ts';
import type { Limits } from '../protocol/limits.ts';
import type { Payload } from '../protocol/messages.ts';
import { cloneErrorText, dataCloneError } from '../values/clone-error.ts';
import { deserialize } from '../values/deserializer.ts';
import { type SerializeOptions, serialize } from '../values/serializer.ts';
import { withOwnFields } from './errors.ts';
import type { ExternalRegistry } from './externals.ts';
import { stubKindOf } from './stub.ts';

export interface PayloadCodecOptions {
  registry: ExternalRegistry;
  limits: Pick<Limits, 'rpcMessageBytes'>;
  /** compatibility flag enhanced_error_serialization (2026-04-21): errors keep own properties and lose their stack */
  enhancedErrors: boolean;
}

const MIB = 1024 * 1024;

export class PayloadCodec {
  readonly #options: SerializeOptions;
  readonly #limitBytes: number;

  constructor({ registry, limits, enhancedErrors }: PayloadCodecOptions) {
    this.#limitBytes = limits.rpcMessageBytes;
    this.#options = {
      classInstances: 'host',
      errors: enhancedErrors ? 'native' : 'v8',
      errorStacks: enhancedErrors ? 'drop' : 'keep',
      delegate: {
        writeHostObject(value) {
          const kind = stubKindOf(value);
          // The platform refuses a property or a promise itself; what it would give must be awaited first.
          if (kind === 'RpcProperty' || kind === 'RpcPromise') throw refusal(unserializable(kind));
          const refused = registry.refusalOf(value);
          if (refused !== undefined) throw refusal(refused);
          registry.refuse(value);
          return false;
        },
        cloneError: (_value, _kind, text) => refusal(text),
      },
    };
  }

  /** @throws DataCloneError, or Error when it is too large: the platform's texts */
  encodeArgs(args: readonly unknown[]): Payload {
    return this.#encode(args);
  }

  /** @throws SerializationError of values/ for bytes that no serializer wrote */
  decodeArgs(payload: Payload): unknown[] {
    return deserialize(payload.bytes) as unknown[];
  }

  encodeResult(value: unknown): Payload {
    return this.#encode(value);
  }

  /** The value, with a hidden `Symbol.dispose` when it is an object. */
  decodeResult(payload: Payload): unknown {
    const value = deserialize(payload.bytes);
    if (value !== null && typeof value === 'object') {
      objectDefineProperty(value, Symbol.dispose, {
        // By value there is nothing inside to dispose of. An arrow without a name, as the platform's.
        value: (() => () => {})(),
        enumerable: false,
        writable: true,
        configurable: true,
      });
    }
    return value;
  }

  /** What the peer would have got, had it been sent by itself. */
  copy(value: unknown): unknown {
    return this.decodeResult(this.encodeResult(value));
  }

  #encode(value: unknown): Payload {
    const bytes = serialize(value, this.#options);
    if (bytes.length > this.#limitBytes) {
      throw new Error(
        `Serialized RPC arguments or return values are limited to ${this.#limitBytes / MIB}MiB, ` +
          `but the size of this value was: ${bytes.length} bytes.`,
      );
    }
    return { bytes, externals: [] };
  }
}

const refusal = (text: string) => withOwnFields(dataCloneError(text));

/** The platform's sentence for an object of a class by this name. */
function unserializable(className: string): string {
  return cloneErrorText(
    { constructor: objectDefineProperty(() => {}, 'name', { value: className }) },
    'unserializable-type',
  );
}
