import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'raw() gives arrays of values and shares the position of its cursor.',
  rows: ['9.raw'],
  program: sqlObject(`
    const three = () => sql.exec('select 1 as a union all select 2 union all select 3');

    say('values', () => [...sql.exec("select 1 as a, 'x' as b, null as c, x'01' as d, 1.5 as a").raw()]);
    say('toArray', () => { const r = three().raw(); return [r.toArray(), r.toArray(), r.next()] });
    say('next', () => { const r = three().raw(); return [r.next(), r.next(), r.next(), r.next(), r.next()] });
    say('mixed with the cursor', () => { const c = three(), r = c.raw(); return [r.next(), c.next(), r.next(), c.next(),
      r.next()] });
    say('two of one cursor', () => { const c = three(), r = c.raw(), s = c.raw(); return [r === s, r.next(), s.next(), r.next(),
      s.next()] });
    say('raw after next', () => { const c = three(); c.next(); return [...c.raw()] });
    say('raw of a finished cursor', () => { const c = three(); c.toArray(); return [...c.raw()] });
    say('one after raw', () => { const c = three(); c.raw().next(); c.raw().next(); return c.one() });
    say('toArray of the cursor after raw', () => { const c = three(); c.raw().next(); return c.toArray() });
    say('raw in raw', () => { const c = sql.exec('select 1 as a union all select 2 union all select 3 union all select 4'),
      seen = []; for (const [a] of c.raw()) { seen.push(a); for (const [b] of c.raw()) { seen.push('inner ' + b);
      break } } return seen });
    say('an array is an array', () => { const [v] = sql.exec('select 1, 2').raw(); return [Array.isArray(v), v.length,
      Object.isFrozen(v)] });
    say('a hundred columns', () => sql.exec('select ' + Array(100).fill('1').join()).raw().next().value.length);
    say('map over raw()', () => sql.exec('select 1 union all select 2').raw().map?.((x) => x[0] * 10).toArray());
    say('columnNames beside raw', () => { const c = sql.exec('select 1 as a, 2 as a'); c.raw().toArray();
      return c.columnNames });
`),
});
