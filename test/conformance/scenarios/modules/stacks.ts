import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The stack of an error shows the program and nothing of what runs it.',
  rows: ['1.global-scope'],
  program: `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

/** Names of functions; files and lines are of each runtime's own. */
const shown = (error) => {
  const { stack } = error;
  if (typeof stack !== 'string') return typeof stack;
  const [head, ...frames] = stack.split('\\n');
  return [head, ...frames.map((frame) => frame.trim().replace(/\\(?[^ ()]*:\\d+:\\d+\\)?$/, '').replace(/ \\[as [^\\]]*\\]/, '').trim())];
};
function inner(message) { return new RangeError(message) }
function outer(message) { return inner(message) }
const caught = (f) => { try { f() } catch (error) { return shown(error) } };

export class Obj extends DurableObject {
  synchronous() { return shown(outer('synchronous')) }
  async later() { await null; return shown(outer('later')) }
  async stored() { await this.ctx.storage.get('a'); return shown(outer('stored')) }
  platform() { return caught(() => this.ctx.storage.sql.exec('nonsense')) }
  argument() { return caught(() => this.ctx.storage.sql.exec()) }
  section() { return this.ctx.blockConcurrencyWhile(async () => shown(outer('section'))) }
  async timer() { return new Promise((resolve) => setTimeout(() => resolve(shown(outer('timer'))), 1)) }
  async fetch() { return Response.json(shown(outer('fetch'))) }
  alarm() {}
  plain() { const it = {}; Error.captureStackTrace?.(it); return shown(it) }
  limited() { const { stackTraceLimit } = Error; Error.stackTraceLimit = 1; const it = shown(outer('limited')); Error.stackTraceLimit = stackTraceLimit; return it }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const method of ['synchronous', 'later', 'stored', 'platform', 'argument', 'section', 'timer', 'plain', 'limited']) await say(method, () => stub[method]());
  await say('fetch', async () => (await stub.fetch('http://x/')).json());
  await say('keys of Error', () => Object.keys(Error));
  await say('its own way', () => {
    const before = Error.prepareStackTrace;
    Error.prepareStackTrace = (error, sites) => sites.length > 0 && typeof sites[0].getLineNumber();
    const it = outer('mine').stack;
    Error.prepareStackTrace = before;
    return [it, shown(outer('again'))[0]];
  });
  await say('named', () => { const e = outer('x'); e.name = 'Mine'; return shown(e)[0] });
  await say('of an exception of the DOM', () => { const e = new DOMException('m', 'AbortError'); return [typeof e.stack, e.stack.split('\\n')[0]] });
});
`,
});
