import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is imported only while the program runs may import more, files and modules of Node alike.',
  rows: ['1.default-export', '1.runtime-exports'],
  config: { ...objects({ OBJ: 'Obj' }), compatibility_flags: ['nodejs_compat'] },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  async lazily() { return (await import('./lazy/first.js')).text }
}

export default worker(async ({ say, env }) => {
  await say('a file', async () => (await import('./lazy/first.js')).text);
  await say('what that imports', async () => (await import('./lazy/second.js')).text);
  await say('a file that imports another when it runs', async () => (await import('./lazy/later.js')).load());
  await say('a module of Node', async () => Object.keys(await import('node:events')).length);
  await say('one after another', async () => (await import('node:buffer')).Buffer.from('a').toString('hex'));
  await say('of Node, in an import of an import', async () => (await import('./lazy/node.js')).where);
  await say('in an object', () => env.OBJ.getByName('a').lazily());
  await say('one that throws, twice', async () => {
    const said = [];
    for (let i = 0; i < 2; i++) said.push(await import('./lazy/throws.js').catch((error) => error.message));
    return said;
  });
});
`,
  modules: {
    'lazy/first.js': `
import { text as second } from './second.js';
import note from './note.txt';
export const text = 'first ' + second + ' ' + note.trim();
`,
    'lazy/second.js': `
import { text as third } from './third.js';
import { DurableObject } from 'cloudflare:workers';
export const text = 'second ' + third + ' ' + typeof DurableObject;
`,
    'lazy/third.js': `export const text = 'third';`,
    'lazy/later.js': `export const load = async () => (await import('./last.js')).text;`,
    'lazy/last.js': `
import { text as third } from './third.js';
export const text = 'last ' + third;
`,
    'lazy/node.js': `
import { join } from 'node:path';
export const where = join('a', '..', 'b');
`,
    'lazy/throws.js': `
import { text } from './third.js';
throw new Error('thrown by ' + text);
`,
    'lazy/note.txt': 'a note\n',
  },
});
