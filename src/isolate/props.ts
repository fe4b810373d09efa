/**
 * Props: what a stub of an entrypoint, or a class, carries for `ctx.props`.
 *
 * Promise: a value as storage would take it, and stubs of objects and services in it; everything else that goes by reference
 * is refused when the props are given, with the platform's text. Each event reads a copy of its own.
 */
import type { Callee, Props } from '../protocol/target.ts';
import { hookOf, stubKindOf } from '../rpc/stub.ts';
import { type StoredValues, type StoredValuesOptions, storedValues } from './stored-values.ts';

export interface PropsCodec {
  /** @throws DataCloneError */
  encode(props: unknown): Props;
  decode(props: Props): unknown;
}

export interface PropsCodecOptions extends Omit<StoredValuesOptions, 'stubs'> {
  /** a stub of an object or a service */
  stub(target: Callee): object;
}

export function propsCodec({ stub, ...options }: PropsCodecOptions): PropsCodec {
  let targets: Callee[] = [];
  const values: StoredValues = storedValues({
    ...options,
    stubs: {
      write(value) {
        const kind = stubKindOf(value);
        if (kind === 'RpcStub') throw new DOMException(NOT_PERSISTENT, 'DataCloneError');
        const target = kind === 'stub' ? hookOf(value)?.target : undefined;
        if (!target) return undefined;
        targets[targets.length] = target;
        return targets.length - 1;
      },
      read(number) {
        const target = targets[number];
        return target && stub(target);
      },
    },
  });
  const within = <T>(known: Callee[], go: () => T): T => {
    const before = targets;
    targets = known;
    try {
      return go();
    } finally {
      targets = before;
    }
  };
  return {
    encode(props) {
      const found: Callee[] = [];
      const bytes = within(found, () => values.serialize(props));
      return { bytes, targets: found };
    },
    decode: ({ bytes, targets: known }) => within([...known], () => values.deserialize(bytes)),
  };
}

const NOT_PERSISTENT = 'RpcStub cannot be serialized in this context because it is not a persistent stub.';
