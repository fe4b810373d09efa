import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type TraceNews, Traces } from '../../src/host/traces.ts';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import type { TraceBatch } from '../../src/protocol/trace-batch.ts';

const batch = (id: string): TraceBatch => ({
  actor: { id: id as EndpointId, kind: 'object', lane: id, label: id, machine: 'm' as MachineId },
  first: 1,
  count: 0,
  lamport: 0,
  atMs: 0,
  realMs: 0,
  words: new Uint32Array(),
  end: 0,
  texts: [],
});

/** Machines of one account; what one announces all the others hear at once. */
function account() {
  const clock = new ManualClock();
  const machines = new Map<MachineId, ReturnType<typeof machine>>();
  const dead = new Set<string>();
  function machine(name: string) {
    const told: string[] = [];
    const turns: boolean[] = [];
    const announce = (news: TraceNews) => {
      if (dead.has(name)) return;
      for (const [other, { traces }] of machines) if (other !== name) traces.hear(news, name as MachineId);
    };
    const traces = new Traces({
      clock,
      tell: ({ actor }) => told.push(actor.id),
      announce,
      turn: async (isOn) => void turns.push(isOn),
    });
    return { traces, told, turns };
  }
  return {
    clock,
    dead,
    join(name: string) {
      const joined = machine(name);
      machines.set(name as MachineId, joined);
      return joined;
    },
  };
}

test('a machine writes a trace while any machine listens, and each batch goes to every listener once', async () => {
  const { join } = account();
  const [a, b] = [join('a'), join('b')];
  await a.traces.want(true);
  expect([a.turns, b.turns]).toEqual([[true], [true]]);
  b.traces.take(batch('of b'), 'isolate');
  a.traces.take(batch('of a'), 'isolate');
  expect([a.told, b.told]).toEqual([['of b', 'of a'], []]);
  await b.traces.want(true);
  a.traces.take(batch('of a again'), 'isolate');
  expect([a.told, b.told]).toEqual([['of b', 'of a', 'of a again'], ['of a again']]);
  await a.traces.want(false);
  expect(a.turns).toEqual([true]);
  await b.traces.want(false);
  expect([a.turns, b.turns]).toEqual([
    [true, false],
    [true, false],
  ]);
});

test('what a page did itself is told to the others, not to the page again', async () => {
  const { join } = account();
  const [a, b] = [join('a'), join('b')];
  await a.traces.want(true);
  await b.traces.want(true);
  a.traces.take(batch('page of a'), 'page');
  expect([a.told, b.told]).toEqual([[], ['page of a']]);
});

test('a machine that joins while another listens hears of it', async () => {
  const { join } = account();
  const a = join('a');
  await a.traces.want(true);
  const c = join('c');
  a.traces.hear({ trace: 'joined' }, 'c' as MachineId);
  expect(c.traces.isOn).toBe(true);
});

test('a listener that died without a word is forgotten; one that lives is not', async () => {
  const { join, clock, dead } = account();
  const [a, b] = [join('a'), join('b')];
  await a.traces.want(true);
  await clock.advance(60_000);
  expect(b.traces.isOn).toBe(true);
  dead.add('a');
  await clock.advance(30_000);
  expect(b.turns).toEqual([true, false]);
});

test('a machine that closes lets the others stop', async () => {
  const { join } = account();
  const [a, b] = [join('a'), join('b')];
  await a.traces.want(true);
  a.traces.close();
  expect(b.turns).toEqual([true, false]);
});
