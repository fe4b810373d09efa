import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Arguments or a result above 32 MiB are refused.',
  rows: ['4.message-size', '15.rpc'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

const MiB = 1024 * 1024;
export class Obj extends DurableObject {
  take(bytes) { return bytes.byteLength / MiB }
  give(size) { return new Uint8Array(size) }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await say('sending 31 MiB', () => stub.take(new Uint8Array(31 * MiB)));
  await say('sending 32 MiB', () => stub.take(new Uint8Array(32 * MiB)));
  await say('sending 33 MiB of text', () => stub.take('x'.repeat(33 * MiB)));
  await say('receiving 31 MiB', async () => (await stub.give(31 * MiB)).byteLength / MiB);
  await say('receiving 32 MiB', () => stub.give(32 * MiB));
  await say('and on', () => stub.take(new Uint8Array(MiB)));
});
`,
});
