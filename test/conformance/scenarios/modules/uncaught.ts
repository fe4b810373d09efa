import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An error that nobody catches ends nothing: whoever dispatches gets that of a listener, and the scope hears of others.',
  rows: ['1.unhandled-rejection', '1.global-scope'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, showNow, show, tag, sleep } from './prelude.js';

const heard = [];
const told = () => heard.splice(0);
addEventListener('error', (e) => heard.push(e.type, tag(e), e.message, String(e.error)));
addEventListener('unhandledrejection', (e) => heard.push(e.type, tag(e), String(e.reason), e.promise instanceof Promise));
addEventListener('rejectionhandled', (e) => heard.push(e.type, tag(e), String(e.reason)));
const fails = (text) => () => { throw new Error(text) };
const target = (...listeners) => { const it = new EventTarget(); for (const one of listeners) it.addEventListener('x', one); return it };

const looks = {
  'a microtask': async () => { queueMicrotask(fails('in a microtask')); await sleep(5); return told() },
  'a timer': async () => { setTimeout(fails('in a timer'), 1); await sleep(10); return told() },
  'reportError': async () => { reportError(new RangeError('reported')); await sleep(5); return told() },
  'reportError of text': async () => { reportError('text'); await sleep(5); return told() },
  'a listener': () => target(fails('in a listener')).dispatchEvent(new Event('x')),
  'an object that listens': () => target({ handleEvent: fails('in an object') }).dispatchEvent(new Event('x')),
  'the second of three listeners': () => {
    const said = [];
    const it = target(() => said.push(1), fails('second'), () => said.push(3));
    said.push(showNow(() => it.dispatchEvent(new Event('x'))));
    return said;
  },
  'a listener inside of a listener': () => {
    const inner = target(fails('inner'));
    return target(() => inner.dispatchEvent(new Event('x'))).dispatchEvent(new Event('x'));
  },
  'a listener that catches an inner one': () => {
    const inner = target(fails('inner'));
    return target(() => { try { inner.dispatchEvent(new Event('x')) } catch {} }).dispatchEvent(new Event('x'));
  },
  'a listener of the scope': () => {
    addEventListener('mine', fails('of the scope'), { once: true });
    return dispatchEvent(new Event('mine'));
  },
  'an asynchronous listener': async () => { target(async () => { throw new Error('later') }).dispatchEvent(new Event('x')); await sleep(5); return told() },
  'abort': () => { const c = new AbortController(); c.signal.addEventListener('abort', fails('of abort')); c.abort() },
  'onabort': () => { const c = new AbortController(); c.signal.onabort = fails('of onabort'); c.abort() },
  'aborted all the same': () => { const c = new AbortController(); c.signal.onabort = fails('x'); showNow(() => c.abort()); return c.signal.aborted },
  'a rejection': async () => { Promise.reject(new Error('nobody')); await sleep(5); return told() },
  'a rejection that is handled late': async () => { const p = Promise.reject(new Error('late')); await sleep(5); p.catch(() => {}); await sleep(5); return told() },
  'prevented': async () => {
    addEventListener('error', (e) => { e.preventDefault(); heard.push(e.defaultPrevented) }, { once: true });
    queueMicrotask(fails('prevented'));
    await sleep(5);
    return told();
  },
  'what a port gets': async () => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = fails('of a port');
    port2.postMessage('x');
    await sleep(10);
    port1.close();
    return told();
  },
  'still there': () => 'yes',
};

export class Obj extends DurableObject {
  async look() {
    const said = [];
    for (const [what, f] of Object.entries(looks)) said.push([what, await show(f)]);
    return said;
  }
}

export default worker(async ({ say, env }) => {
  for (const [what, f] of Object.entries(looks)) await say(what, f);
  for (const [what, line] of await env.OBJ.getByName('a').look()) await say('in an object: ' + what, () => line);
});
`,
});
