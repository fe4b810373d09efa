import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Cursors and iterators are instances of classes that nobody can construct.',
  rows: ['9.cursor'],
  program: sqlObject(`
    const cursor = sql.exec('select 1 as a'), iterator = cursor[Symbol.iterator](), raw = cursor.raw();
    const proto = Object.getPrototypeOf;
    const members = (p) => Reflect.ownKeys(p).filter((k) => typeof k === 'string' || k === Symbol.iterator || k === Symbol.toStringTag).map((k) => {
      const d = Object.getOwnPropertyDescriptor(p, k);
      return String(k) + ' ' + ('value' in d ? typeof d.value : (d.get ? 'get' : '') + (d.set ? 'set' : '')) + (d.enumerable ? ' e' : '') + (d.configurable ? ' c' : '') + (d.writable ? ' w' : '') }).sort().join(', ');
    for (const [name, o] of Object.entries({ sql, cursor, iterator, raw })) {
      say(name + ' tag', () => [tag(o), String(o), o.constructor.name, o.constructor.length]);
      say(name + ' own keys', () => Reflect.ownKeys(o));
      say(name + ' members', () => members(proto(o)));
      say(name + ' static members', () => members(o.constructor));
      say(name + ' parents', () => { const chain = []; for (let p = proto(proto(o)); p;
        p = proto(p)) chain.push(p === Object.prototype ? 'Object.prototype' : p === proto(proto([][Symbol.iterator]())) ? 'Iterator.prototype' : p.constructor?.name);
        return chain });
      say(name + ' functions',
        () => Reflect.ownKeys(proto(o)).filter((k) => k !== 'constructor' && typeof Object.getOwnPropertyDescriptor(proto(o),
        k).value === 'function').map((k) => { const f = Object.getOwnPropertyDescriptor(proto(o), k).value;
        return String(k) + ' ' + f.name + ' ' + f.length }).sort());
      say(name + ' constructed', () => new o.constructor());
      say(name + ' called', () => o.constructor());
      say(name + ' extended', () => new (class extends o.constructor {})());
      say(name + ' keys in a loop', () => { const k = []; for (const key in o) k.push(key); return k.sort() });
      say(name + ' is extensible', () => { o.mine = 1; return [Object.isExtensible(o), Object.keys(o), delete o.mine] });
      say(name + ' by structuredClone', () => structuredClone(o));
    }
    say('sql.exec of another', () => sql.exec.call({}, 'select 1'));
    say('sql.exec of nothing', () => { const { exec } = sql; return exec('select 1') });
    say('sql.exec of its prototype', () => proto(sql).exec('select 1'));
    say('sql.exec of a child', () => Object.create(sql).exec('select 1 as a').toArray());
    say('databaseSize of another', () => Reflect.get(proto(sql), 'databaseSize', {}));
    say('databaseSize of its prototype', () => proto(sql).databaseSize);
    say('next of another', () => cursor.next.call({}));
    say('next of the iterator, on the cursor', () => iterator.next.call(cursor));
    say('next of a raw one, on an iterator', () => raw.next.call(iterator));
    say('columnNames of another', () => Reflect.get(proto(cursor), 'columnNames', {}));
    say('columnNames of its prototype', () => proto(cursor).columnNames);
    say('columnNames of a child', () => Object.create(cursor).columnNames);
    say('one of a child', () => Object.create(sql.exec('select 1 as a')).one());
    say('iterator of another', () => cursor[Symbol.iterator].call({}));
    say('raw of another', () => cursor.raw.call(sql));
    say('the classes', () => [typeof sql.Cursor, sql.Cursor === cursor.constructor, sql.Cursor === sql.Cursor, sql.Cursor.name,
      typeof sql.Statement, sql.Statement.name, cursor instanceof sql.Cursor]);
    say('new sql.Cursor', () => new sql.Cursor());
    say('new sql.Statement', () => new sql.Statement());
    say('members of Statement', () => members(sql.Statement.prototype));
    say('names that are no members', () => ['prepare', 'ingest', 'setMaxPageCountForTest', 'map', 'length', 'all', 'run',
      'get'].map((k) => k + ' ' + (k in sql) + ' ' + (k in cursor)));
    say('sql.prepare', () => sql.prepare('select 1'));
    say('sql.ingest', () => sql.ingest('select 1'));
    say('the cursor has no helpers', () => cursor.map);
    say('the same storage object', () => storage.sql === sql);
    say('iterator helpers', () => sql.exec('select 1 as a union all select 2')[Symbol.iterator]().map((r) => r.a).toArray());
    say('assigning members', () => { 'use strict'; cursor.next = () => 'mine'; return [cursor.next(), delete cursor.next,
      typeof cursor.next] });
    say('assigning sql.exec', () => { 'use strict'; sql.exec = () => 'mine'; const r = sql.exec(); delete sql.exec; return r });
`),
});
