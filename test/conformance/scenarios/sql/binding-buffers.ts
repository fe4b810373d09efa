import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Bytes bind as a copy of just the bytes that a view shows.',
  rows: ['9.binding-types', '20.blobs-and-ints'],
  program: sqlObject(`
    const bound = (v) => rows('select typeof(?1) as t, hex(?1) as h', v)[0];
    const base = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]).buffer;
    say('ArrayBuffer', () => bound(base));
    say('an empty one', () => bound(new ArrayBuffer(0)));
    say('an empty one is no NULL', () => rows("select ? is null as a, ? = x'' as b, length(?) as c", new ArrayBuffer(0),
      new ArrayBuffer(0), new Uint8Array(0)));
    say('Uint8Array of a part', () => bound(new Uint8Array(base, 2, 3)));
    say('a subarray', () => bound(new Uint8Array(base).subarray(6)));
    say('Uint16Array', () => bound(new Uint16Array(base, 2, 2)));
    say('Int8Array', () => bound(new Int8Array([-1, 2])));
    say('Uint8ClampedArray', () => bound(new Uint8ClampedArray([300])));
    say('Float64Array', () => bound(new Float64Array([1])));
    say('BigInt64Array', () => bound(new BigInt64Array([-1n])));
    say('DataView', () => bound(new DataView(base, 1, 2)));
    say('an empty view in the middle', () => bound(new Uint8Array(base, 4, 0)));
    say('a subclass', () => bound(new (class extends Uint8Array {})([9])));
    say('a view with another toString', () => bound(Object.assign(new Uint8Array([9]), { toString: () => 'x' })));
    say('a buffer without prototype', () => bound(Object.setPrototypeOf(new ArrayBuffer(1), null)));
    say('a view without prototype', () => bound(Object.setPrototypeOf(new Uint8Array(1), null)));
    say('something with the prototype of a buffer', () => bound(Object.create(ArrayBuffer.prototype)));
    say('a resizable buffer', () => bound(new ArrayBuffer(2, { maxByteLength: 8 })));
    say('a view that follows its buffer', () => { const b = new ArrayBuffer(2, { maxByteLength: 8 }), v = new Uint8Array(b);
      b.resize(4); return bound(v) });
    say('a view beyond its buffer', () => { const b = new ArrayBuffer(8, { maxByteLength: 8 }), v = new Uint8Array(b, 4, 2);
      b.resize(2); return bound(v) });
    say('a detached buffer', () => { const b = new ArrayBuffer(4); structuredClone(b, { transfer: [b] }); return bound(b) });
    say('a view of a detached buffer', () => { const v = new Uint8Array(4); structuredClone(v, { transfer: [v.buffer] });
      return bound(v) });
    say('a detached DataView', () => { const v = new DataView(new ArrayBuffer(4)); structuredClone(v, { transfer: [v.buffer] });
      return bound(v) });
    say('a copy is taken', () => { const v = new Uint8Array([1]);
      const c = sql.exec('select hex(?) as h union all select hex(?)', v, v); v[0] = 2; return c.toArray() });
    say('blobs come back as buffers', () => rows("select ? as a, x'' as b, zeroblob(2) as c", new Uint16Array([258])));
    say('of their own each time', () => { const [r, s] = rows("select x'01' as a union all select x'01'");
      new Uint8Array(r.a)[0] = 9; return [r, s] });
    say('neither resizable nor detached', () => { const { a } = rows("select x'0102' as a")[0]; return [a.resizable, a.detached,
      a.byteLength, Object.getPrototypeOf(a) === ArrayBuffer.prototype] });
    say('a Blob', () => bound(new Blob(['x'])));
    say('bytes are no text', () => rows("select ? = 'a' as a, ? || '' as b, cast(? as text) as c", new Uint8Array([97]),
      new Uint8Array([97]), new Uint8Array([97])));
    say('a million bytes', () => rows('select length(?) as a', new Uint8Array(1_000_000)));
`),
});
