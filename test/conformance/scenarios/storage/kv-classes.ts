import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'ctx.storage.kv and its iterator are instances of classes that nobody can construct.',
  rows: ['8.get-put-delete', '8.list'],
  program: sqlObject(`
    kv.put('a', 1);
    const iterator = kv.list(), proto = Object.getPrototypeOf;
    const members = (p) => Reflect.ownKeys(p).filter((k) => typeof k === 'string' || k === Symbol.iterator || k === Symbol.toStringTag).map((k) => {
      const d = Object.getOwnPropertyDescriptor(p, k);
      return String(k) + ' ' + ('value' in d ? typeof d.value : 'get') + (d.enumerable ? ' e' : '') + (d.configurable ? ' c' : '') + (d.writable ? ' w' : '') }).sort().join(', ');
    for (const [name, o] of Object.entries({ kv, iterator })) {
      say(name + ' tag', () => [tag(o), String(o), o.constructor.name, o.constructor.length]);
      say(name + ' own keys', () => Reflect.ownKeys(o));
      say(name + ' members', () => members(proto(o)));
      say(name + ' constructed', () => new o.constructor());
      say(name + ' called', () => o.constructor());
      say(name + ' keys in a loop', () => { const k = []; for (const key in o) k.push(key); return k.sort() });
      say(name + ' by structuredClone', () => structuredClone(o));
    }
    say('the parent of an iterator', () => proto(proto(iterator)) === proto(proto([][Symbol.iterator]())));
    for (const name of ['get', 'put', 'delete', 'list']) say(name + ' of another', () => kv[name].call({}, 'a', 1));
    say('get of nothing', () => { const { get } = kv; return get('a') });
    say('next of another', () => iterator.next.call({}));
    say('next of nothing', () => { const { next } = iterator; return next() });
    say('next of a child', () => Object.create(iterator).next());
    say('it iterates itself', () => [iterator[Symbol.iterator]() === iterator, [...iterator]]);
    say('names that are no members', () => ['getAll', 'deleteAll', 'transaction', 'size', 'has'].map((k) => k in kv));
`),
});
