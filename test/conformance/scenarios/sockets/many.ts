import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An object takes 32,768 hibernatable sockets and refuses one more.',
  rows: ['12.accept-web-socket', '12.get-web-sockets'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, showNow } from './prelude.js';
import { pair } from './sockets.js';
export class Obj extends DurableObject {
  fill() {
    for (let i = 0; i < 32_768; i++) this.ctx.acceptWebSocket(pair()[1], i % 1024 === 0 ? ['t'] : []);
    return [this.ctx.getWebSockets().length, this.ctx.getWebSockets('t').length, showNow(() => this.ctx.acceptWebSocket(pair()[1]))];
  }
  accepted() { const [a, b] = pair(); b.accept(); return b.readyState }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('filled', () => o.fill());
  await say('another way', () => o.accepted());
});
`,
});
