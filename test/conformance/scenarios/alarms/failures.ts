import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An alarm that fails is run again two seconds later, unless its handler set or deleted the alarm; what it wrote stays.',
  rows: ['11.retry', '11.set-inside-handler', '11.delete-alarm', '11.info', '11.get-alarm', '11.abort-in-handler'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    const made = (ctx.storage.kv.get('made') ?? 0) + 1;
    const mode = ctx.storage.kv.get('mode');
    if (mode === 'constructor' && Date.now() - ctx.storage.kv.get('at') < 1000) throw new Error('made badly');
    ctx.storage.kv.put('made', made);
    this.made = made;
  }
  seen(line) { const { kv } = this.ctx.storage; kv.put('seen', [...(kv.get('seen') ?? []), line]) }
  async go(mode) { const { storage } = this.ctx; storage.kv.put('mode', mode); const at = Date.now() + 100; storage.kv.put('at', at); await storage.setAlarm(at); }
  async goAndGo(mode) { await this.go(mode); await this.ctx.storage.sync(); this.ctx.abort('gone') }
  async alarm(info) {
    const { storage } = this.ctx, { kv } = storage, mode = kv.get('mode');
    const runs = (kv.get('runs') ?? 0) + 1;
    kv.put('runs', runs);
    const now = Date.now(), last = kv.get('last');
    kv.put('last', now);
    const waited = last === undefined ? 'first' : now - last >= 1999 ? 'after two seconds' : 'soon';
    this.seen([runs, waited, 'retry', info.isRetry, info.retryCount, 'scheduled then', info.scheduledTime === kv.get('at'), 'alarm', String(await storage.getAlarm()), 'instance', this.made].join(' '));
    if (runs > 1) return;
    await storage.sync();
    switch (mode) {
      case 'throw': throw new Error('x');
      case 'reject later': await sleep(50); throw undefined;
      case 'set and throw': { const at = Date.now() + 100; kv.put('at', at); await storage.setAlarm(at); throw new Error('x') }
      case 'set the same and throw': await storage.setAlarm(new Date(info.scheduledTime)); throw new Error('x');
      case 'delete and throw': await storage.deleteAlarm(); throw new Error('x');
      case 'delete': await storage.deleteAlarm(); return;
      case 'deleteAll and throw': { await storage.deleteAll(); kv.put('runs', runs); kv.put('mode', mode); this.seen('all deleted'); throw new Error('x') }
      case 'abort': this.ctx.abort('aborted'); return;
      case 'section fails': await this.ctx.blockConcurrencyWhile(async () => { throw new Error('section') }); return;
      case 'constraint': storage.sql.exec('create table a(x primary key); create table b(y references a(x) deferrable initially deferred); insert into b values (5)'); return;
      case 'set far and throw': await storage.setAlarm(Date.now() + 1e8); throw new Error('x');
      case 'set in a transaction that fails': await storage.transaction(async (txn) => { await txn.setAlarm(Date.now() + 1e8); kv.put('inside', (await storage.getAlarm()) !== null); throw new Error('rolled back') }).catch(() => {}); this.seen('after the roll-back ' + (await storage.getAlarm())); return;
    }
  }
  runs() { return this.ctx.storage.kv.get('runs') ?? 0 }
  async report() { const { storage } = this.ctx; const at = await storage.getAlarm(); return [...(storage.kv.get('seen') ?? ['nothing']), 'alarm ' + (at === null ? 'none' : at === storage.kv.get('at') ? 'the same time' : 'another time')] }
}

/** How often each is run. */
const MODES = {
  throw: 2, 'reject later': 2, 'set and throw': 2, 'set the same and throw': 2, 'delete and throw': 1, delete: 1, 'deleteAll and throw': 1,
  'section fails': 2, abort: 2, constraint: 2, 'set far and throw': 1, 'set in a transaction that fails': 1, constructor: 1,
};

/** Run a second time at once. */
const AT_ONCE = ['set and throw', 'set the same and throw'];

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  const shown = (lines) => lines.map((line) => '\\n  ' + line).join('');
  const ran = async (object, count) => { for (let i = 0; i < 300; i++) { if ((await at(object).runs().catch(() => 0)) >= count) return; await sleep(20) } };
  const playOn = async (object, mode) => {
    if (mode === 'constructor') {
      await at(object).goAndGo(mode).catch(() => {});
      await sleep(3500);
      await ran(object, 1);
      return { end: await at(object).report() };
    }
    const begun = Date.now();
    const isTooLate = () => Date.now() - begun > 1900;
    await at(object).go(mode);
    await ran(object, AT_ONCE.includes(mode) ? 2 : 1);
    await sleep(200);
    let between = await at(object).report();
    // Of one that is to come again, a handler that takes its time has not failed yet.
    while (MODES[mode] === 2 && !AT_ONCE.includes(mode) && between.at(-1) === 'alarm none' && !isTooLate()) { await sleep(20); between = await at(object).report() }
    // What is seen so late may be after the second run: that comes two seconds after the first at the earliest.
    if (isTooLate()) return undefined;
    await sleep(MODES[mode] === 1 ? 2600 : 0);
    await ran(object, MODES[mode]);
    await sleep(100);
    return { between, end: await at(object).report() };
  };
  /** On a busy machine a look can come too late; then it is played once more, on another object. */
  const play = async (mode) => {
    for (let attempt = 0; attempt < 4; attempt++) {
      const object = mode + ' ' + attempt;
      if (attempt > 0) await at(object).runs();
      const played = await playOn(object, mode);
      if (played) return played;
    }
    throw new Error('too slow to look at "' + mode + '" between two runs');
  };
  const modes = Object.keys(MODES);
  await Promise.all(modes.map((mode) => mode === 'constructor' || at(mode + ' 0').runs()));
  const played = await Promise.all(modes.map(play));
  for (const [i, mode] of modes.entries()) {
    if (played[i].between) await say(mode + ', after the first run', () => shown(played[i].between));
    await say(mode + ', at the end', () => shown(played[i].end));
  }
});
`,
  config: objects({ OBJ: 'Obj' }),
});
