import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket that a Worker serves itself goes on after its response, with timers, its object and others in between.',
  rows: ['12.returning', '12.accept', '12.close-events'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';
import { answer, pair } from './sockets.js';
export class Obj extends DurableObject { count = 0; next() { return ++this.count } }
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const [a, b] = pair();
    b.accept();
    if (pathname === '/late') ctx.waitUntil(sleep(20).then(() => b.send('late')));
    if (pathname === '/closes') ctx.waitUntil(sleep(20).then(() => b.close(3005, 'by the Worker')));
    b.addEventListener('message', async (e) => {
      if (e.data === 'timer') { await sleep(10); return b.send('timer over') }
      if (e.data === 'object') return b.send('object says ' + (await env.OBJ.getByName('a').next()));
      b.send('worker ' + e.data);
    });
    return answer(a);
  },
};
`,
  async steps(client) {
    const a = await client.socket('/');
    for (const message of ['1', 'timer', 'object', 'object', '2']) {
      await a.send(message);
      await a.hears();
    }
    await a.close(3001, 'done');
    await a.hears();
    const b = await client.socket('/late');
    await client.wait(50);
    await b.hears();
    const c = await client.socket('/closes');
    await client.wait(50);
    await c.hears();
  },
});
