import { objects, scenario } from '../../scenario.ts';

/** How a thing looks: its own members, then its prototype's, with what each is. What workerd hangs there for itself is left out. */
const SHOWN = `
function kind({ value, get, set, enumerable, writable, configurable }) {
  const flags = (enumerable ? 'e' : '-') + (writable ? 'w' : '-') + (configurable ? 'c' : '-');
  const what = get || set ? 'accessor' : typeof value === 'function' ? 'function ' + value.name + '/' + value.length : typeof value;
  return flags + ' ' + what;
}
const notOurs = ['Symbol(cloudflare:internal-class)', 'Symbol(kResourceTypeInspect)'];
function members(thing) {
  return Reflect.ownKeys(thing)
    .filter((key) => !notOurs.includes(String(key)))
    .map((key) => String(key) + ': ' + kind(Reflect.getOwnPropertyDescriptor(thing, key)));
}
async function show(say, name, thing) {
  await say(name + ' own', () => members(thing));
  await say(name + ' prototype', () => members(Object.getPrototypeOf(thing)));
  await say(name + ' keys', () => Object.keys(thing));
  await say(name + ' for in', () => { const all = []; for (const key in thing) all.push(key); return all });
}
`;

const object = (name: string, more: string) => `
export class ${name} extends DurableObject {
  async look() {
    const lines = [];
    const say = async (name, of) => { lines.push([name, await of()]) };
    const { storage } = this.ctx;
    await show(say, 'storage', storage);
    await say('the same sql at each reading', () => storage.sql === storage.sql);
    await say('the same kv at each reading', () => storage.kv === storage.kv);
    await show(say, 'sql', storage.sql);
    await show(say, 'kv', storage.kv);
    await storage.transaction((txn) => show(say, 'transaction', txn));
    ${more}
    return lines;
  }
}
`;

export const subject = scenario({
  name: 'Members of the storage classes: names, order, flags, lengths.',
  rows: ['7.get', '8.get-put-delete', '9.exec', '7.txn-object'],
  config: objects({ OBJ: 'Obj' }, { OLD: 'Old' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';
${SHOWN}
${object(
  'Obj',
  `
    await show(say, 'cursor', storage.sql.exec('select 1 as a'));
    await show(say, 'row iterator', storage.sql.exec('select 1 as a')[Symbol.iterator]());
    await show(say, 'raw iterator', storage.sql.exec('select 1 as a').raw());
    await show(say, 'list iterator', storage.kv.list());
    await say('assigned sql', () => { storage.sql = 1; return typeof storage.sql });
    await say('deleted kv', () => [delete storage.kv, typeof storage.kv]);`,
)}
${object('Old', '')}
export default worker(async ({ say, env }) => {
  for (const [name, value] of await env.OBJ.getByName('a').look()) await say(name, () => value);
  for (const [name, value] of await env.OLD.getByName('a').look()) await say('without SQLite: ' + name, () => value);
});
`,
});
