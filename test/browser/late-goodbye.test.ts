/**
 * An object that is evicted in good order says goodbye by its links. On a busy machine that takes its time, while its host's own news
 * come by a shorter way: nobody's call fails for that.
 */
// Before the library, which captures the class.
import '../support/late-channels.ts';
import { expect, test } from 'vitest';
import type { DurableObjectNamespace } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';
import { holdBack } from '../support/late-channels.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Obj extends DurableObject {
  count() { return (this.n = (this.n ?? 0) + 1) }
}
export default {};
`;

interface Obj {
  count(): Promise<number>;
}

const { start } = accounts<{ OBJ: DurableObjectNamespace<Obj> }>('goodbye', {
  modules: { 'index.js': PROGRAM },
  config: {
    name: 'goodbye',
    main: 'index.js',
    compatibility_date: '2026-07-30',
    durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
  },
});

test('a call that is asked after the object has gone, and before that is heard, is asked again', async () => {
  const sim = await start({ network: 'channel' });
  const stub = sim.env.OBJ.getByName('a');
  expect([await stub.count(), await stub.count()]).toEqual([1, 2]);
  const letCome = holdBack();
  await sim.objects.evict(stub);
  const answer = stub.count();
  const failures: unknown[] = [];
  answer.catch((error: unknown) => failures.push(error));
  // By ports, meanwhile: it takes many times as long as the last words of a dead peer are waited for.
  for (const friend of [await start(), await start()]) expect(await friend.env.OBJ.getByName('a').count()).toBe(1);
  expect(failures).toEqual([]);
  letCome();
  expect(await answer).toBe(1);
});
