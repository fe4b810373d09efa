import { scenario } from '../../scenario.ts';

const classes = (script_name?: 'first') => ({
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj', ...(script_name ? { script_name } : {}) }] },
});

export const subject = scenario({
  name: 'An id has one instance, whichever Worker asks for it, by name or by its digits, however many ask at once.',
  rows: ['13.global-uniqueness', '13.instantiation', '14.bindings', '2.id-from-string'],
  config: {
    durable_objects: {
      bindings: [...classes().durable_objects.bindings, { name: 'FAR', class_name: 'Far', script_name: 'other' }],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  visitors = [];
  constructor(ctx, env) { super(ctx, env); ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1) }
  async visit(who) { this.visitors.push(who); await sleep(20); return [this.visitors.length, this.ctx.storage.kv.get('starts')] }
  async list() { return this.visitors.sort() }
  dies() { this.ctx.abort('at the wish of one') }
  count() { return this.visitors.length }
}

export default worker(async ({ say, env }) => {
  const far = env.FAR.getByName('f');
  const id = env.OBJ.idFromName('a');
  await say('by name and by id', async () => [await env.OBJ.getByName('a').visit('here, by name'), await env.OBJ.get(env.OBJ.idFromString(id.toString())).visit('here, by id')]);
  await say('from another Worker by name', () => far.visit('a', undefined));
  await say('from another Worker by id', () => far.visit(undefined, id.toString()));
  await say('the ids are the same', async () => (await far.digits('a')) === id.toString());
  await say('all saw one memory', () => env.OBJ.getByName('a').list());
  await say('a first call by many at once', async () => {
    const b = env.OBJ.idFromName('b');
    const both = [1, 2, 3].flatMap((n) => [env.OBJ.getByName('b').visit('here ' + n), env.OBJ.get(b).visit('here by id ' + n), far.visit('b')]);
    return [(await Promise.all(both)).map(([, starts]) => starts), await env.OBJ.getByName('b').count()];
  });
  await say('one of them ends it', async () => far.keep('a'));
  await say('the call that did', () => env.OBJ.getByName('a').dies());
  await say('the stub of another Worker', () => far.again());
  await say('a new stub there', () => far.visit('a'));
  await say('a new stub here', () => env.OBJ.getByName('a').visit('here'));
});
`,
  other: {
    config: {
      durable_objects: {
        bindings: [...classes('first').durable_objects.bindings, { name: 'FAR', class_name: 'Far' }],
      },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['Far'] }],
    },
    program: `
import { DurableObject } from 'cloudflare:workers';
export class Far extends DurableObject {
  visit(name, digits) { const { OBJ } = this.env; return OBJ.get(name ? OBJ.idFromName(name) : OBJ.idFromString(digits)).visit('from afar') }
  digits(name) { return this.env.OBJ.idFromName(name).toString() }
  keep(name) { this.kept = this.env.OBJ.getByName(name); return this.kept.count() }
  again() { return this.kept.count() }
}
export default {};
`,
  },
});
