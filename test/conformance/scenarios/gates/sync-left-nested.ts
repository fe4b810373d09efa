import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A sync() that nobody awaits comes back some steps later, wherever its section has ended by then, and waits there like all else.',
  rows: ['6.inside-a-section', '6.interleaving'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const random = (seed) => () => { seed = (seed * 1103515245 + 12345) & 0x7fffffff; return (seed >> 8) / 0x7fffff };

export class Obj extends DurableObject {
  seen = [];
  log(what) { this.seen.push(what) }
  section(f) { return this.ctx.blockConcurrencyWhile(f) }
  transaction(f) { return this.ctx.storage.transaction(f) }
  sync() { return this.ctx.storage.sync() }
  /** @param kinds  of what is around, from the outside: 's' a section, 't' a transaction; @param left  inside, 'y' a sync; @param after  around all */
  async run([kinds, left, after]) {
    const begin = (kind, name) => kind === 'y' ? this.sync().then(() => this.log(name)) : this[kind === 's' ? 'section' : 'transaction'](async () => this.log(name)).then(() => this.log(name + ' over'));
    const nest = async (i) => {
      if (i === kinds.length) { [...left].forEach((kind, n) => begin(kind, 'left ' + n)); return }
      await this[kinds[i] === 's' ? 'section' : 'transaction'](() => nest(i + 1));
      this.log(i + ' over');
    };
    nest(0).then(() => this.log('end'));
    [...after].forEach((kind, n) => begin(kind, 'around ' + n));
    await sleep(10);
    return this.seen.splice(0).join(' | ');
  }
  /** A tree of sections, transactions and syncs, half of them awaited. */
  async grow(seed) {
    const next = random(seed * 7919 + 1);
    for (let i = 0; i < 5; i++) next();
    let count = 0;
    const make = (depth) => Array.from({ length: 1 + Math.floor(next() * 3) }, () => {
      const kind = 'sty'[Math.floor(next() * 2.999)];
      return { kind, name: kind + count++, isAwaited: next() < 0.5, inner: kind === 'y' || depth > 2 ? [] : make(depth + 1) };
    });
    const play = async (list) => {
      for (const { kind, name, isAwaited, inner } of list) {
        const code = async () => { this.log('(' + name); await play(inner) };
        const done = (kind === 's' ? this.section(code) : kind === 't' ? this.transaction(code) : this.sync()).then(() => this.log(name + ')'));
        if (isAwaited) await done;
      }
    };
    await play(make(0));
    await sleep(10);
    return this.seen.splice(0).join(' ');
  }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const left of ['y', 'yy', 'ys', 'ty']) {
    for (const kinds of ['s', 't', 'ss', 'ts', 'st', 'tt', 'sss', 'sst', 'sssss', 'ssstsss'])
      for (const after of ['', 't', 'y']) await say([kinds, left, after].join('/'), () => o.run([kinds, left, after]));
  }
  for (let seed = 0; seed < 30; seed++) await say('tree ' + seed, () => o.grow(seed));
});
`,
});
