import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'next() gives rows and then done for ever; toArray() and iteration take what is left.',
  rows: ['9.cursor', '9.next', '9.to-array'],
  program: sqlObject(`
    const three = () => sql.exec('select 1 as a union all select 2 union all select 3');

    say('next', () => { const c = three(); return [c.next(), c.next(), c.next(), c.next(), c.next()] });
    say('next over nothing', () => { const c = sql.exec('select 1 where 0'); return [c.next(), c.next()] });
    say('next of a statement without rows', () => { const c = sql.exec('create table t(a)'); return [c.next(), c.next(),
      c.toArray()] });
    say('keys of a result', () => { const c = sql.exec('select 1 as a'); return [Object.keys(c.next()), Object.keys(c.next()),
      Object.getPrototypeOf(c.next()) === Object.prototype] });
    say('toArray', () => { const c = three(); return [c.toArray(), c.toArray(), c.next()] });
    say('toArray after next', () => { const c = three(); c.next(); return [c.toArray(), c.toArray()] });
    say('next with arguments', () => { const c = three(); return [c.next(5), c.toArray(1, 2)] });
    say('iteration', () => [...three()]);
    say('iteration after next', () => { const c = three(); c.next(); return [...c] });
    say('iteration twice', () => { const c = three(); return [[...c], [...c]] });
    say('left by break', () => { const c = three(); for (const row of c) break; return c.toArray() });
    say('left by a throw', () => { const c = three(); try { for (const row of c) throw 1 } catch {} return c.toArray() });
    say('two iterators share the position', () => { const c = three(), i = c[Symbol.iterator](), j = c[Symbol.iterator]();
      return [i.next(), j.next(), i.next(), j.next(), i.next()] });
    say('an iterator and the cursor share it', () => { const c = three(), i = c[Symbol.iterator](); return [i.next(), c.next(),
      i.next(), c.next()] });
    say('an iterator of a finished cursor', () => { const c = three(), i = c[Symbol.iterator](); c.toArray(); return [i.next(),
      [...c]] });
    say('return() of an iterator', () => { const i = three()[Symbol.iterator](); return [typeof i.return, typeof i.throw,
      i.return?.(7), i.next()] });
    say('an iterator iterates itself', () => { const i = three()[Symbol.iterator](); return [i[Symbol.iterator]() === i,
      [...i]] });
    say('destructuring', () => { const c = three(); const [a, b] = c; return [a, b, c.toArray()] });
    say('Array.from with a map', () => Array.from(three(), (r) => r.a * 2));
    say('spread into Math.max', () => Math.max(...three().raw().toArray().flat()));
    say('Object.fromEntries of raw',
      () => Object.fromEntries(sql.exec("select 'k' as k, 1 as v union all select 'l', 2").raw()));
    say('for await', () => typeof three()[Symbol.asyncIterator]);
    say('yield*', () => { function* g() { yield* three() } return [...g()] });
    say('a cursor as an argument of JSON', () => JSON.stringify(three()));
    say('a cursor compared', () => { const c = three(); return [c === c, String(c), typeof c] });
`),
});
