import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Buffer converts between encodings, compares, searches, and reads and writes numbers.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import { Buffer as Imported, constants, isAscii, isUtf8, kMaxLength } from 'node:buffer';
import * as bare from 'buffer';
import { worker } from './prelude.js';

const hex = (b) => Buffer.from(b).toString('hex');

export default worker(async ({ say }) => {
  await say('the global', () => [Buffer === Imported, bare.Buffer === Buffer, typeof Buffer]);
  await say('constants', () => [kMaxLength, constants.MAX_STRING_LENGTH]);
  await say('is bytes', () => [Buffer.from('a') instanceof Uint8Array, Buffer.isBuffer(Buffer.from('a')), Buffer.isBuffer(new Uint8Array(1))]);
  for (const encoding of ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'ascii', 'utf16le']) {
    await say(encoding, () => Buffer.from('häß ÿ?>', 'utf8').toString(encoding));
    await say(encoding + ' back', () => hex(Buffer.from('6869_-8', encoding)));
    await say(encoding + ' length', () => Buffer.byteLength('6869aa', encoding));
  }
  await say('isEncoding', () => ['utf8', 'base64url', 'UTF-8', 'nope'].map((e) => Buffer.isEncoding(e)));
  await say('from a number', () => Buffer.from(5));
  await say('from nothing', () => Buffer.from());
  await say('from null', () => Buffer.from(null));
  await say('an encoding that is none', () => Buffer.from('a', 'nope'));
  await say('from bytes and buffers', () => [hex(Buffer.from([1, 2, 257])), hex(Buffer.from(new Uint8Array([3, 4]))), hex(Buffer.from(new Uint8Array([5, 6, 7]).buffer, 1, 1))]);
  await say('alloc', () => [hex(Buffer.alloc(3)), hex(Buffer.alloc(3, 'ab')), hex(Buffer.alloc(2, 7)), Buffer.allocUnsafe(4).length]);
  await say('alloc of less than nothing', () => Buffer.alloc(-1));
  await say('concat', () => [Buffer.concat([Buffer.from('a'), Buffer.from('bc')]).toString(), Buffer.concat([Buffer.from('abc')], 2).toString()]);
  await say('compare', () => [Buffer.compare(Buffer.from('a'), Buffer.from('b')), Buffer.from('a').equals(Buffer.from('a'))]);
  await say('slice shares', () => { const b = Buffer.from('abc'); const s = b.subarray(1); s[0] = 120; return b.toString() });
  await say('search', () => { const b = Buffer.from('abcabc'); return [b.indexOf('c'), b.lastIndexOf('c'), b.includes('bca'), b.indexOf(Buffer.from('x'))] });
  await say('fill and copy', () => { const b = Buffer.alloc(4); b.fill('xy'); const c = Buffer.alloc(3); b.copy(c, 1, 1); return [b.toString(), hex(c)] });
  await say('write', () => { const b = Buffer.alloc(6); const n = b.write('héllo', 1); return [n, hex(b)] });
  await say('numbers', () => { const b = Buffer.alloc(24); b.writeUInt32BE(0xdeadbeef, 0); b.writeInt16LE(-2, 4); b.writeDoubleBE(1.5, 6); b.writeBigUInt64LE(12345678901234567890n, 14); return [hex(b), b.readUInt32BE(0), b.readInt16LE(4), b.readDoubleBE(6), b.readBigUInt64LE(14)] });
  await say('swap', () => hex(Buffer.from('01020304', 'hex').swap16()));
  await say('JSON', () => JSON.stringify(Buffer.from('ab')));
  await say('isAscii, isUtf8', () => [isAscii(Buffer.from('a')), isAscii(Buffer.from('ä')), isUtf8(Buffer.from([0xff]))]);
});
`,
});
