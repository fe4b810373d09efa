import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A program may lie in several modules, re-export its classes and extend its own base classes.',
  rows: ['1.default-export', '1.durable-object-class'],
  config: objects({ COUNTER: 'Counter', RENAMED: 'Outer' }),
  program: `
import { worker } from './prelude.js';
import { limit, text } from './lib/values.js';
import note from './note.txt';
export { Counter } from './lib/counter.js';
export { Inner as Outer } from './lib/inner.js';

export default worker(async ({ say, env }) => {
  await say('a value of another module', () => limit);
  await say('a text module', () => note.trim() + ' ' + typeof note);
  await say('a re-exported class', async () => { const c = env.COUNTER.getByName('a'); await c.increment(); return c.increment() });
  await say('a class exported under another name', () => env.RENAMED.getByName('a').who());
  await say('import.meta', () => typeof import.meta);
  await say('an import at run time', async () => (await import('./lib/values.js')).text);
  await say('a cycle of imports', () => text);
});
`,
  modules: {
    'lib/counter.js': `
import { Base } from './base.js';
import { limit } from './values.js';
export class Counter extends Base {
  increment() { this.n = Math.min((this.n ?? 0) + 1, limit); return this.label(this.n) }
}
`,
    'lib/base.js': `
import { DurableObject } from 'cloudflare:workers';
export class Base extends DurableObject { label(x) { return this.constructor.name + ' ' + x } }
`,
    'lib/inner.js': `
import { Base } from './base.js';
export class Inner extends Base { who() { return this.label(this.ctx.id.name) } }
`,
    'lib/values.js': `
import { suffix } from './cycle.js';
export const limit = 10;
export const text = 'values' + suffix();
`,
    'lib/cycle.js': `
import { limit } from './values.js';
export function suffix() { return ' in a cycle' }
export const late = () => limit;
`,
    'note.txt': 'a note\n',
  },
});
