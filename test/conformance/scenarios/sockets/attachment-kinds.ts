import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An attachment keeps what a structured clone keeps, over a hibernation too, and that of one end of a pair is not that of the other.',
  rows: ['12.attachments', '12.hibernation'],
  modules: socketModule,
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';
import { answer, pair } from './sockets.js';
const kinds = () => {
  const cycle = { name: 'c' }; cycle.self = cycle;
  const shared = [1];
  return {
    map: new Map([['k', { d: new Date(5) }]]), set: new Set([1, 'a']), bigint: 12345678901234567890n, bytes: new Uint8Array([1, 2, 3]).subarray(1), buffer: new ArrayBuffer(2), view: new DataView(new ArrayBuffer(4), 1),
    regexp: /a+/gi, error: Object.assign(new RangeError('r'), { code: 5 }), undefined, nothing: null, nan: NaN, zero: -0, infinity: -Infinity, holes: [1, , 3], boxed: Object(1n), text: 'é\ud83d\ude00', cycle, twice: [shared, shared], date: new Date(NaN), long: 'x'.repeat(300).length,
  };
};
export class Obj extends DurableObject {
  fetch(request) {
    const [a, b] = pair();
    const early = request.url.endsWith('early');
    if (early) { a.serializeAttachment('of the other end'); b.serializeAttachment({ early: true }) }
    this.ctx.acceptWebSocket(b);
    if (!early) b.serializeAttachment(kinds());
    return answer(a);
  }
  webSocketMessage(ws, m) {
    const found = ws.deserializeAttachment();
    if (m === 'change') { ws.serializeAttachment({ ...found, changed: true }); return ws.send('changed') }
    if (found?.twice) ws.send('the same list ' + (found.twice[0] === found.twice[1]));
    ws.send(inspect(found));
  }
  webSocketClose(ws, code) { ws.close(code, inspect(ws.deserializeAttachment()).slice(0, 60)) }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const a = await client.socket('/');
    await a.send('show');
    await a.hears(2);
    const b = await client.socket('/early');
    await b.send('show');
    await b.hears();
    await client.wait(11_500);
    await a.send('show');
    await a.hears(2);
    await b.send('change');
    await b.hears();
    await client.wait(11_500);
    await b.send('show');
    await b.hears();
    await b.close(3000, '');
    await b.hears();
  },
});
