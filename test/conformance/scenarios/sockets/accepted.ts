import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket that is accepted dispatches messages and the close, which is answered before its program hears of it.',
  rows: ['12.accept', '12.send', '12.close-events', '12.auto-close-reply', '12.binary-type'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [a, b] = pair();
    b.accept();
    listen(b, 'object', (line) => this.log.push(line));
    b.addEventListener('message', (e) => {
      if (e.data === 'close') return b.close(3001, 'bye');
      if (e.data === 'close without') return b.close();
      if (e.data === 'throw') throw new Error('x');
      b.send('echo ' + (typeof e.data === 'string' ? e.data : tag(e.data)));
    });
    if (request.url.endsWith('/hello')) { b.send('one'); b.send('two') }
    return new Response(null, { status: 101, webSocket: a });
  }
  told() { const all = this.log; this.log = []; return all }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  let lines = [];
  const open = async (path = '') => { const { webSocket } = await o.fetch('http://x/' + path, upgrade); listen(webSocket, 'client', (line) => lines.push(line)); webSocket.accept(); return webSocket };
  const told = async (what, count) => { for (let i = 0; i < 150 && lines.length < count; i++) await sleep(20); await sleep(60); await say(what + ', client', () => lines); await say(what + ', object', () => o.told()); lines = [] };
  let w = await open('hello');
  w.send('a'); w.send(new Uint8Array([1])); w.send(new Uint8Array([1, 2]).buffer); w.send(5); w.send(null); w.send(new Blob(['x'])); w.send('');
  await told('messages', 9);
  w.close(3000, 'done'); lines.push('state ' + w.readyState);
  await told('closed by the client', 1); 
  say.now('then', () => [w.readyState, showNow(() => w.send('x')), showNow(() => w.close())]);
  w = await open(); w.close(); await told('closed without a code');
  w = await open(); w.send('close'); await told('closed by the object', 1);
  w = await open(); w.send('close without'); await told('closed by the object without a code');
  w = await open(); w.send('throw'); await told('a listener throws');
  w = await open(); w.send('1'); w.send('2'); w.close(1000); await told('messages before a close', 2);
});
`,
});
