import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket cannot be an argument or a result of a call; a response with one is no result either.',
  rows: ['4.uncloneable', '12.returning'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';
import { answer, pair, upgrade } from './sockets.js';
export class Obj extends DurableObject {
  take(value) { return tag(value) }
  give(how) { const [a, b] = pair(); if (how === 'pair') return new WebSocketPair(); if (how === 'response') { b.accept(); return answer(a) } return a }
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); return answer(a) }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('an argument', () => o.take(pair()[0]));
  await say('a pair', () => o.take(new WebSocketPair()));
  await say('a response', () => { const [a, b] = pair(); b.accept(); return o.take(answer(a)) });
  await say('a fetched response', async () => o.take(await o.fetch('http://x/', upgrade)));
  await say('a result', () => o.give('socket'));
  await say('a pair as result', () => o.give('pair'));
  await say('a response as result', async () => { const r = await o.give('response'); return [r.status, tag(r.webSocket)] });
  await say('cloned', () => structuredClone(pair()[0]));
});
`,
});
