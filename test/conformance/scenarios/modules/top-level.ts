import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'At module scope there are no timers, no random values and no I/O.',
  rows: ['1.top-level-restrictions', '1.import-wait-until'],
  program: `
import { DurableObject, waitUntil } from 'cloudflare:workers';
import { worker, showNow, show } from './prelude.js';

const now = {
  setTimeout: showNow(() => typeof setTimeout(() => {}, 0)),
  setInterval: showNow(() => typeof setInterval(() => {}, 1000)),
  'Math.random': showNow(() => typeof Math.random()),
  'crypto.randomUUID': showNow(() => typeof crypto.randomUUID()),
  'crypto.getRandomValues': showNow(() => typeof crypto.getRandomValues(new Uint8Array(1))),
  waitUntil: showNow(() => typeof waitUntil(Promise.resolve())),
  queueMicrotask: showNow(() => typeof queueMicrotask(() => {})),
  'new Date': showNow(() => typeof +new Date()),
  'new Response of text': showNow(() => new Response('x').status),
  'new Response of nothing': showNow(() => new Response(null).status),
  'new Request': showNow(() => new Request('http://x/').url),
  'new Headers': showNow(() => new Headers({ a: '1' }).get('a')),
  'new URL': showNow(() => new URL('http://x/').host),
  atob: showNow(() => atob('aGk=')),
};
const later = {
  fetch: show(() => fetch('http://x/')),
  'scheduler.wait': show(() => scheduler.wait(1)),
  digest: show(async () => (await crypto.subtle.digest('SHA-256', new Uint8Array())).byteLength),
  'text of a Response': show(() => new Response('body').text()),
};
const awaited = await Promise.resolve('top-level await works');

export class Obj extends DurableObject {}
export default worker(async ({ say }) => {
  for (const [what, line] of Object.entries(now)) await say(what, () => line);
  for (const [what, line] of Object.entries(later)) await say(what, () => line);
  await say('await', () => awaited);
});
`,
});
