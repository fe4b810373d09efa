import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A pair whose ends both close, at once or one after the other: what each end hears, and in which order.',
  rows: ['12.pair', '12.close-events'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, inspect } from './prelude.js';
export class Obj extends DurableObject {}
const listen = (w, name, push) => {
  for (const t of ['close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : inspect(e.error))));
};
const ways = {
  'at once': (a, b) => { a.close(3001, 'a'); b.close(3002, 'b') },
  'at once, the other way round': (a, b) => { b.close(3002, 'b'); a.close(3001, 'a') },
  'a microtask later': async (a, b) => { a.close(3001, 'a'); await undefined; b.close(3002, 'b') },
  'in the close event': (a, b) => { b.addEventListener('close', () => b.close(3002, 'b')); a.close(3001, 'a') },
  'later': async (a, b) => { a.close(3001, 'a'); await sleep(5); b.close(3002, 'b') },
  'twice': (a, b) => { a.close(3001, 'a'); a.close(3003, 'again'); b.close(3002, 'b') },
  'one alone': (a, b) => { a.close(3001, 'a') },
  'without a code': (a, b) => { a.close(); b.close() },
  'both had sent': async (a, b) => { a.send('x'); b.send('y'); await sleep(5); a.close(3001, 'a'); b.close(3002, 'b') },
  'a had sent': async (a, b) => { a.send('x'); await sleep(5); a.close(3001, 'a'); b.close(3002, 'b') },
  'b had sent': async (a, b) => { b.send('x'); await sleep(5); a.close(3001, 'a'); b.close(3002, 'b') },
};
export default worker(async ({ say }) => {
  for (const how in ways) await say(how, async () => {
    const lines = []; const push = (line) => lines.push(line);
    const [a, b] = Object.values(new WebSocketPair());
    listen(a, 'a', push); listen(b, 'b', push); a.addEventListener('message', (e) => push('a hears ' + e.data)); b.addEventListener('message', (e) => push('b hears ' + e.data));
    a.accept(); b.accept();
    try { await ways[how](a, b) } catch (error) { push('THROWS ' + inspect(error)) }
    push('then');
    await sleep(20);
    return lines.join(' | ') + ' | states ' + a.readyState + b.readyState;
  });
});
`,
});
