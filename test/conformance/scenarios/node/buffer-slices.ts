import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Buffers have a method for each encoding, as libraries of databases call them.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import { Buffer } from 'node:buffer';
import { worker } from './prelude.js';

const ENCODINGS = ['ascii', 'base64', 'base64url', 'hex', 'latin1', 'ucs2', 'utf8'];
export default worker(async ({ say }) => {
  const b = Buffer.from('häß ÿ?>');
  for (const e of ENCODINGS) {
    await say(e + 'Slice', () => [b[e + 'Slice'](0, b.length), b[e + 'Slice'](1, 3), b[e + 'Slice'](3, 3)]);
    await say(e + 'Write', () => { const to = Buffer.alloc(8); const n = to[e + 'Write']('6162', 1, 3); return [n, to.toString('hex')] });
    await say(e + 'Write, all of it', () => { const to = Buffer.alloc(8); const n = to[e + 'Write']('61'); return [n, to.toString('hex')] });
  }
  await say('large numbers under another name', () => { const to = Buffer.alloc(16); to.writeBigUint64BE(1n, 0); to.writeBigUint64LE(2n, 8); return [to.toString('hex'), to.readBigUint64BE(0), to.readBigUint64LE(8)] });
  await say('copyBytesFrom', () => typeof Buffer.copyBytesFrom);
  await say('poolSize', () => Buffer.poolSize);
});
`,
});
