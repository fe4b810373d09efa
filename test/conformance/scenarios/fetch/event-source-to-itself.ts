import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An EventSource of a Worker or an object reaches an address of the Worker itself, and hears events as they are sent.',
  rows: ['1.event-source'],
  outside: 'itself',
  program: `
import { worker, sleep } from './prelude.js';
import { DurableObject } from 'cloudflare:workers';

/** The data of the first two events, and whether the first came before the second was sent. */
async function heard(origin) {
  const source = new EventSource(origin + '/events');
  const data = await new Promise((resolve) => {
    const seen = [];
    source.onmessage = (event) => { if (seen.push(event.data) === 2) resolve(seen); };
  });
  source.close();
  return [...data, source.readyState];
}

export class Obj extends DurableObject {
  heard(origin) { return heard(origin); }
}

const told = worker(async ({ say, env, url }) => {
  await say('by the Worker', () => heard(url.origin));
  await say('by an object', () => env.OBJ.getByName('a').heard(url.origin));
});

function events() {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  const say = (text) => writer.write(new TextEncoder().encode('data: ' + text + '\\n\\n'));
  void (async () => { await say('one'); await sleep(20); await say('two'); })().catch(() => {});
  return new Response(readable, { headers: { 'content-type': 'text/event-stream' } });
}

export default {
  fetch(request, env, ctx) {
    return new URL(request.url).pathname === '/events' ? events() : told.fetch(request, env, ctx);
  },
};
`,
});
