import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Events are of the classes of the web, can be made by hand, and listeners follow the rules of EventTarget.',
  rows: ['12.close-events', '12.accept'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, inspect, tag } from './prelude.js';
import { pair } from './sockets.js';
export class Obj extends DurableObject {}
const shape = (e) => [e.constructor.name, e.type, e.bubbles, e.cancelable, e.composed, e.eventPhase, e.defaultPrevented, tag(e)];
export default worker(async ({ say }) => {
  const [a, b] = pair();
  const lines = [];
  const once = () => lines.push('once');
  const removed = () => lines.push('removed');
  const gone = new AbortController();
  a.addEventListener('message', (e) => { lines.push(shape(e).join(' ')); lines.push([e.data, inspect(e.origin), inspect(e.lastEventId), e.source, inspect(e.ports)].join(' ')) });
  a.addEventListener('message', (e) => lines.push('trusted ' + e.isTrusted), { once: true });
  a.addEventListener('message', once, { once: true });
  a.addEventListener('message', removed); a.removeEventListener('message', removed);
  a.addEventListener('message', { handleEvent(e) { lines.push('object ' + (e.currentTarget === a) + ' ' + (this.handleEvent !== undefined)) } });
  a.addEventListener('message', () => lines.push('aborted'), { signal: gone.signal });
  a.addEventListener('message', function () { lines.push('this ' + (this === a)) });
  a.addEventListener('close', (e) => { lines.push(shape(e).join(' ')); lines.push([e.code, e.reason, e.wasClean].join(' ')) });
  gone.abort();
  a.accept(); b.accept();
  b.send('1'); b.send('2');
  await sleep(10);
  b.close(3000, 'r');
  await sleep(20);
  for (const line of lines) say.now('heard', () => line);
  say.now('CloseEvent', () => { const e = new CloseEvent('close', { code: 4000, reason: 'x', wasClean: true }); return [e.code, e.reason, e.wasClean, e.type] });
  say.now('CloseEvent bare', () => { const e = new CloseEvent('close'); return [e.code, e.reason, e.wasClean] });
  say.now('MessageEvent', () => { const e = new MessageEvent('message', { data: { a: 1 } }); return [e.data, e.type, e.origin] });
  say.now('ErrorEvent', () => { const e = new ErrorEvent('error', { message: 'm', error: 5 }); return [e.message, e.error, e.filename, e.lineno, e.colno] });
  const [c] = pair();
  c.accept();
  say.now('dispatched', () => { const got = []; c.addEventListener('close', (e) => got.push(e.code, c.readyState)); c.dispatchEvent(new CloseEvent('close', { code: 4001 })); return got });
  say.now('any event', () => { const got = []; c.addEventListener('mine', (e) => got.push(e.type)); return [c.dispatchEvent(new Event('mine')), ...got] });
});
`,
});
