import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2026-04-07 a client outside hears of its close only when the program answers.',
  rows: ['12.close', '12.auto-close-reply', '12.web-socket-close'],
  config: { compatibility_date: '2026-04-06' },
  modules: socketModule,
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { showNow, inspect } from './prelude.js';
import { answer, listen, pair } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [a, b] = pair();
    if (request.url.endsWith('std')) { b.accept(); listen(b, 'std', (line) => { if (!line.startsWith('std message')) this.log.push(line) }); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b);
    return answer(a);
  }
  webSocketMessage(ws, m) { const [code, reason] = JSON.parse(m); if (code === null) ws.close(); else ws.close(code, reason) }
  webSocketClose(ws, code, reason, wasClean) { this.log.push(['hib close', code, inspect(reason), wasClean, 'state', ws.readyState].join(' ')); const line = showNow(() => ws.close(code, 'answer')); this.log.push('answers ' + line); if (line !== 'undefined') this.log.push(showNow(() => ws.close(1000, 'instead'))) }
  webSocketError(ws, error) { this.log.push('hib error ' + inspect(error)) }
  told() { return this.log.splice(0).join('\n') }
}
export default { async fetch(request, env) { const o = env.OBJ.getByName('a'); return new URL(request.url).pathname === '/told' ? new Response(await o.told()) : o.fetch(request) } };
`,
  async steps(client) {
    for (const path of ['/hib', '/std']) {
      for (const code of [1000, 4999, undefined]) {
        const a = await client.socket(path);
        await a.close(code, code === undefined ? undefined : 'from outside');
        if (path === '/hib') await a.hears();
        await client.wait(50);
        await client.fetch('/told');
        const b = await client.socket(path);
        await b.send(JSON.stringify([code ?? null, 'from inside']));
        await b.hears();
        await client.wait(50);
        await client.fetch('/told');
      }
    }
  },
});
