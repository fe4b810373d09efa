import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The object gets the headers of the handshake as its client sent them, and the client those of its answer.',
  rows: ['3.fetch-upgrade', '12.returning'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { answer, pair, upgrade } from './sockets.js';
export class Obj extends DurableObject {
  fetch(request) {
    const [a, b] = pair();
    this.ctx.acceptWebSocket(b);
    const shown = ['upgrade', 'sec-websocket-version', 'sec-websocket-protocol', 'sec-websocket-extensions', 'x-mine', 'cookie', 'origin'].map((name) => name + '=' + request.headers.get(name));
    b.send(request.method + ' ' + new URL(request.url).pathname + new URL(request.url).search + ' ' + shown.join(', ') + ', body ' + request.body + ', key ' + typeof request.headers.get('sec-websocket-key'));
    const headers = new Headers({ 'x-a': '1', 'sec-websocket-protocol': request.headers.get('sec-websocket-protocol')?.split(', ')[1] ?? '' });
    headers.append('set-cookie', 'c=1'); headers.append('set-cookie', 'd=2');
    if (!headers.get('sec-websocket-protocol')) headers.delete('sec-websocket-protocol');
    return answer(a, headers);
  }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const shown = { showHeaders: ['x-a', 'sec-websocket-protocol'] };
    const a = await client.socket('/path?q=1', {
      headers: { 'x-mine': 'yes', cookie: 'k=v', origin: 'https://elsewhere.test' },
      ...shown,
    });
    await a.hears();
    const b = await client.socket('/', { protocols: ['one', 'two'], ...shown });
    await b.hears();
  },
});
