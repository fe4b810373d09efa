/** The codec in a browser against bytes that workerd stored: other engines, younger built-ins than node's. */
import { describe, expect, it } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { fromHex, toHex } from '../../src/base/bytes.ts';
import { DamagedValueError, deserialize } from '../../src/values/deserializer.ts';
import { serialize } from '../../src/values/serializer.ts';
import { DEPTH_MAX } from '../../src/values/tags.ts';
import fixture from '../unit/fixtures/workerd-values.json';

const stack = (error: Error) => {
  error.stack = 'S';
  return error;
};
const evaluate = (source: string): unknown => new Function('stack', `return (${source})`)(stack);
const isMissingHere = (source: string) =>
  ['Float16Array', 'SuppressedError'].some((name) => source.includes(name) && !(name in globalThis));

describe('in this browser', () => {
  it('values are written as workerd writes them', () => {
    const differences = [];
    for (const [entries, errors] of [
      [fixture.stored, 'native'],
      [fixture.storedBefore20260421, 'v8'],
    ] as const) {
      for (const { source, hex } of entries) {
        if (isMissingHere(source)) continue;
        const written = toHex(serialize(evaluate(source), { errors }));
        if (written !== hex) differences.push({ source, written, hex });
      }
    }
    expect(differences).toEqual([]);
  });

  it('what workerd wrote is read, and written the same again', () => {
    const differences = [];
    for (const { source, hex, read } of fixture.stored) {
      const changes = /freeze|seal|preventExtensions|delete e\.stack|WasmCompileError/.test(source);
      if (read === 'unreadable' || changes || isMissingHere(source)) continue;
      const again = toHex(serialize(deserialize(must(fromHex(hex), 'hex digits'))));
      if (again !== hex) differences.push({ source, again, hex });
    }
    expect(differences).toEqual([]);
  });

  it('refusals are worded as in workerd', () => {
    const worded = fixture.refused.map(({ source }) => {
      try {
        serialize(evaluate(source));
        return { source, error: 'none' };
      } catch (thrown) {
        const brand = thrown instanceof DOMException ? 'DOMException' : 'Error';
        return { source, error: `${brand} ${(thrown as Error).name}: ${(thrown as Error).message}` };
      }
    });
    expect(worded).toEqual(fixture.refused);
  });

  it('memory that threads share is refused, also where the page has no name for its class', () => {
    const { buffer } = new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true });
    const refusal = { name: 'DataCloneError', message: '#<SharedArrayBuffer> could not be cloned.' };
    for (const value of [buffer, [buffer], { view: new Uint8Array(buffer) }]) {
      expect(() => serialize(value)).toThrow(expect.objectContaining(refusal));
    }
  });

  it('nesting to the limit fits on the stack, in both directions', () => {
    let value: unknown = null;
    for (let i = 0; i < DEPTH_MAX; i++) value = i % 2 ? [value] : { value };
    const written = serialize(value);
    expect(toHex(serialize(deserialize(written)))).toBe(toHex(written));
    expect(() => serialize([value])).toThrow(new RangeError('Maximum call stack size exceeded'));
    const endless = new Uint8Array(400_000).fill(0x3b);
    endless.set([0xff, 0x0f]);
    expect(() => deserialize(endless)).toThrow(DamagedValueError);
  });
});
