import { expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { InputGate, Section, type SectionReason } from '../../src/gates/input-gate.ts';
import { OutputGate } from '../../src/gates/output-gate.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function order(gate: InputGate, log: string[]): string[] {
  for (let next = gate.next(); next; next = gate.next()) next.run();
  return log;
}

/** Queues the start of a section in `parent`. @param then  what its code does at once */
function start(gate: InputGate, parent: Section, then: (section: Section) => void): Section {
  const section = new Section(parent);
  gate.arriveToStart(section, parent, () => {
    gate.begin(section);
    then(section);
  });
  return section;
}

/** A gate in which a section runs, and one inside it. */
function nested() {
  const gate = new InputGate();
  const outer = new Section(gate.root);
  gate.begin(outer);
  const inner = new Section(outer);
  gate.begin(inner);
  return { gate, outer, inner };
}

test('arrivals are delivered first come, first served, and a section waiting to start goes before them', () => {
  const gate = new InputGate();
  const log: string[] = [];
  gate.arrive({ section: gate.root, run: () => log.push('a') });
  gate.arrive({ section: gate.root, run: () => log.push('b') });
  const section = start(gate, gate.root, () => log.push('section'));
  expect(order(gate, log)).toEqual(['section']);
  expect(gate.isQuiet).toBe(false);
  gate.end(section);
  expect(order(gate, log)).toEqual(['section', 'a', 'b']);
  expect(gate.isQuiet).toBe(true);
});

test('while a section runs only what it began is delivered, and nested sections close the outer one', () => {
  const gate = new InputGate();
  const log: string[] = [];
  const outer = new Section(gate.root);
  gate.begin(outer);
  gate.arrive({ section: gate.root, run: () => log.push('root') });
  gate.arrive({ section: outer, run: () => log.push('outer') });
  const inner = start(gate, outer, () => log.push('inner starts'));
  expect(order(gate, log)).toEqual(['inner starts']);
  gate.arrive({ section: inner, run: () => log.push('inner') });
  expect(order(gate, log)).toEqual(['inner starts', 'inner']);
  gate.end(inner);
  expect(order(gate, log)).toEqual(['inner starts', 'inner', 'outer']);
  gate.end(outer);
  expect(order(gate, log)).toEqual(['inner starts', 'inner', 'outer', 'root']);
});

test('what an ended section left behind, or begins later, belongs to its parent', () => {
  const gate = new InputGate();
  const log: string[] = [];
  const section = new Section(gate.root);
  gate.begin(section);
  gate.arrive({ section, run: () => log.push('straggler') });
  gate.end(section);
  gate.arrive({ section, run: () => log.push('late') });
  expect(order(gate, log)).toEqual(['straggler', 'late']);
});

test('a section that ends before one inside it leaves that one running under its parent', () => {
  const { gate, outer, inner } = nested();
  const log: string[] = [];
  gate.end(outer);
  gate.arrive({ section: gate.root, run: () => log.push('root') });
  gate.arrive({ section: inner, run: () => log.push('inner') });
  expect(order(gate, log)).toEqual(['inner']);
  gate.end(inner);
  expect(order(gate, log)).toEqual(['inner', 'root']);
});

test('of the sections an ended one left waiting, the first starts before all else and the others go behind', () => {
  const gate = new InputGate();
  const log: string[] = [];
  const wait = (name: string, parent: Section) =>
    start(gate, parent, (section) => {
      log.push(name);
      gate.arriveToEnd(section, 'blockConcurrencyWhile', () => gate.end(section));
    });
  const outer = new Section(gate.root);
  gate.begin(outer);
  wait('around', gate.root);
  wait('first left', outer);
  wait('second left', outer);
  gate.arriveToEnd(outer, 'blockConcurrencyWhile', () => gate.end(outer));
  gate.arrive({ section: outer, run: () => log.push('answer') });
  expect(gate.waitingCount).toBe(4);
  expect(order(gate, log)).toEqual(['first left', 'around', 'second left', 'answer']);
  expect(gate.isQuiet).toBe(true);
});

test('a section that was left waiting starts after a near end of what is around it and before a far one', () => {
  const play = (around: SectionReason) => {
    const { gate, outer, inner } = nested();
    const log: string[] = [];
    start(gate, inner, () => log.push('left'));
    gate.arriveToEnd(inner, 'blockConcurrencyWhile', () => {
      gate.end(inner);
      log.push('inner over');
      gate.arriveToEnd(outer, around, () => {
        gate.end(outer);
        log.push('outer over');
      });
    });
    return order(gate, log);
  };
  expect(play('blockConcurrencyWhile')).toEqual(['inner over', 'outer over', 'left']);
  expect(play('transaction')).toEqual(['inner over', 'left', 'outer over']);
});

test('what comes back by itself waits in the section that has not ended by then, and what was given its lock keeps it', () => {
  const play = (inside: SectionReason) => {
    const { gate, outer, inner } = nested();
    const log: string[] = [];
    start(gate, gate.root, () => log.push('around'));
    gate.arriveSoon({ section: inner, run: () => log.push('back') }, 'sync');
    gate.arriveToEnd(inner, inside, () => {
      gate.end(inner);
      log.push('inner over');
      gate.arriveToEnd(outer, 'blockConcurrencyWhile', () => {
        gate.end(outer);
        log.push('outer over');
      });
    });
    return order(gate, log);
  };
  expect(play('blockConcurrencyWhile')).toEqual(['inner over', 'outer over', 'back', 'around']);
  expect(play('transaction')).toEqual(['inner over', 'back', 'outer over', 'around']);
});

test('what comes back by itself goes behind what waits already, and counts as waiting meanwhile', () => {
  const gate = new InputGate();
  const log: string[] = [];
  gate.arriveSoon({ section: gate.root, run: () => log.push('back') }, 'sync');
  gate.arrive({ section: gate.root, run: () => log.push('call') });
  start(gate, gate.root, (section) => {
    log.push('section');
    gate.arriveToEnd(section, 'blockConcurrencyWhile', () => gate.end(section));
  });
  expect(gate.waitingCount).toBe(3);
  expect(gate.isQuiet).toBe(false);
  expect(order(gate, log)).toEqual(['section', 'call', 'back']);
  expect(gate.isQuiet).toBe(true);
});

test('a broken input gate delivers nothing', () => {
  const gate = new InputGate();
  gate.arrive({ section: gate.root, run: () => {} });
  gate.break();
  expect(gate.next()).toBeUndefined();
});

test('a message waits for the locks taken before it, not for later ones', async () => {
  const left: string[] = [];
  const gate = new OutputGate({ onBroken: () => left.push('broken') });
  gate.send(() => left.push('free'));
  const first = deferred();
  const second = deferred();
  gate.lock(first.promise);
  gate.send(() => left.push('after first'));
  gate.lock(second.promise);
  gate.send(() => left.push('after second'));
  expect(left).toEqual(['free']);
  first.resolve();
  await settle();
  expect(left).toEqual(['free', 'after first']);
  gate.send(() => left.push('still behind second'));
  second.resolve();
  await settle();
  expect(left).toEqual(['free', 'after first', 'after second', 'still behind second']);
  expect(gate.isOpen).toBe(true);
});

test('locks released out of order let nothing pass the one that is still held', async () => {
  const left: string[] = [];
  const gate = new OutputGate({ onBroken: () => {} });
  const first = deferred();
  gate.lock(first.promise);
  gate.lock(Promise.resolve());
  gate.send(() => left.push('message'));
  await settle();
  expect(left).toEqual([]);
  first.resolve();
  await settle();
  expect(left).toEqual(['message']);
});

test('a lock that fails drops what was held and lets nothing leave again', async () => {
  const left: string[] = [];
  const errors: unknown[] = [];
  const gate = new OutputGate({ onBroken: (error) => errors.push(error) });
  const lock = deferred();
  gate.lock(lock.promise);
  gate.send(() => left.push('held'));
  lock.reject(new Error('disk'));
  await settle();
  gate.send(() => left.push('later'));
  expect(left).toEqual([]);
  expect(errors).toEqual([new Error('disk')]);
});

test('a lock that fails leaves alone what was held for the ones before it', async () => {
  const left: string[] = [];
  const errors: unknown[] = [];
  const gate = new OutputGate({ onBroken: (error) => errors.push(error) });
  const stored = deferred();
  const refused = deferred();
  gate.lock(stored.promise);
  gate.send(() => left.push('of the turn before'));
  gate.lock(refused.promise);
  gate.send(() => left.push('of the refused turn'));
  refused.reject(new Error('refused'));
  await settle();
  gate.send(() => left.push('later'));
  expect([left, errors, gate.heldCount]).toEqual([[], [new Error('refused')], 1]);
  stored.resolve();
  await settle();
  expect([left, errors.length, gate.heldCount]).toEqual([['of the turn before'], 1, 0]);
});

test('closed, it takes nothing more, and what was held leaves as its locks are released', async () => {
  const left: string[] = [];
  const gate = new OutputGate({ onBroken: () => {} });
  const stored = deferred();
  gate.lock(stored.promise);
  gate.send(() => left.push('of a turn that is stored'));
  gate.lock(deferred().promise);
  gate.send(() => left.push('of a turn that never is'));
  gate.close();
  gate.send(() => left.push('later'));
  stored.resolve();
  await settle();
  expect(left).toEqual(['of a turn that is stored']);
});
