/** The judge of the soak test, judged: each thing that it is there to notice, done once to a run that was right. */
import { expect, test } from 'vitest';
import type { Failure } from '../support/failure.ts';
import { SoakLedger } from '../support/soak-ledger.ts';
import type { Answer, Call, Entry, Heard, LogMark, Outcome, Statement, Told } from '../support/soak-words.ts';

interface Run {
  told: Told[];
  marks: LogMark[][];
  statements: Statement[];
}

const call = (number: number, more: Partial<Call> = {}): Call => ({
  kind: 'increment',
  object: 'ann',
  stub: 's',
  number,
  ...more,
});
const lost = (flags: Partial<Failure>): Failure => ({ name: 'Error', message: 'Network connection lost.', ...flags });
const answer = (seq: number, op: string, life: string) => ({ seq, op, life });
const mark = (sequence: number, epoch: number): LogMark => ({ object: 'ann', sequence, epoch, timeMs: 5, pages: 1 });

function entry(seq: number, op: string, more: Partial<Entry> = {}): Entry {
  return { seq, op, stub: 's', number: seq, amount: op.startsWith('increment ') ? 1 : 0, life: 'l1', ...more };
}

/** Two increments, of which an eviction falls between; a transfer; an alarm; a call that was not made, and a read of it all. */
function right(): Run {
  const transfer = call(3, { kind: 'transfer', id: 't', payee: 'ben', amount: 4 });
  const outcomes: Outcome[] = [
    { call: call(1), answer: answer(1, 'increment s/1', 'l1') },
    { call: call(2, { kind: 'guarded' }), answer: answer(2, 'increment s/2', 'l2') },
    { call: transfer, answer: answer(3, 'debit t', 'l2') },
  ];
  const later: Outcome[] = [
    { call: call(4, { kind: 'schedule', delayMs: 1 }), answer: answer(4, 'due s/4', 'l2') },
    { call: call(5, { kind: 'read' }), answer: { seq: 4, life: 'l2' } },
    { call: call(6), failure: lost({ retryable: true }) },
    { call: call(7), failure: lost({ retryable: true, indeterminate: true }) },
  ];
  const entries = [
    entry(1, 'increment s/1'),
    entry(2, 'increment s/2', { life: 'l2' }),
    entry(3, 'debit t', { life: 'l2', amount: -4 }),
    entry(4, 'due s/4', { life: 'l2' }),
    entry(5, 'rung s/4', { life: 'l2', stub: null, number: null }),
    entry(6, 'increment s/7', { life: 'l2', number: 7 }),
    entry(7, 'message w/1', { life: 'l2', stub: 'w', number: 1 }),
    entry(8, 'closed w', { life: 'l2', stub: null, number: null }),
  ];
  const credit = entry(1, 'credit t', { stub: null, number: null, amount: 4, life: 'm1' });
  const rest = { unsettled: [], integrity: 'ok', sockets: 0 };
  const by = (closes: number, ...heard: readonly Entry[]) => ({
    socket: 'w',
    object: 'ann',
    closes,
    entries: heard.map(({ seq, op, life }) => ({ seq, op, life })),
  });
  return {
    told: [
      { lane: 'a', outcomes: [] },
      { lane: 'a', outcomes, act: { kind: 'evict' }, heard: by(0, ...entries.slice(2, 4)) },
      { lane: 'a', outcomes: later, heard: by(1, ...entries.slice(4, 7)) },
    ],
    marks: [
      [mark(1, 1), mark(2, 1)],
      [mark(1, 1), mark(2, 1), mark(3, 2)],
    ],
    statements: [
      { object: 'ann', entries, balance: -1, count: 3, ...rest },
      { object: 'ben', entries: [credit], balance: 4, count: 0, ...rest },
    ],
  };
}

function judge({ told, marks, statements }: Run): SoakLedger {
  const ledger = new SoakLedger();
  for (const one of told) ledger.hear(one);
  for (const look of marks) ledger.observe(look);
  ledger.judge(statements);
  return ledger;
}

type Change = (run: Run) => void;
const ann =
  (change: (statement: Statement) => Statement): Change =>
  (run) => {
    run.statements = run.statements.map((one) => (one.object === 'ann' ? change(one) : one));
  };
const entries = (change: (entry: Entry) => Entry) =>
  ann((statement) => ({ ...statement, entries: statement.entries.map(change) }));
const heard =
  (burst: number, change: (one: Heard) => Heard): Change =>
  (run) => {
    run.told = run.told.map((told, i) => (i === burst && told.heard ? { ...told, heard: change(told.heard) } : told));
  };
const outcomes =
  (burst: number, change: (list: Outcome[]) => Outcome[]): Change =>
  (run) => {
    run.told = run.told.map((told, i) => (i === burst ? { ...told, outcomes: change([...told.outcomes]) } : told));
  };

test('a run that was right is passed, and counted', () => {
  const { tally } = judge(right());
  expect(tally).toMatchObject({ calls: 7, answers: 5, failures: 2, neverMade: 1, transfers: 1, alarms: 1, records: 3 });
  expect(tally).toMatchObject({ sockets: 1, messages: 5 });
});

test.each<[string, RegExp, Change]>([
  [
    'a record that was written again by another epoch',
    /record 2 of ann, seen before/,
    (run) => run.marks[1]?.splice(1, 1, mark(2, 2)),
  ],
  [
    'an epoch that goes back',
    /epoch of record 3/,
    (run) => {
      run.marks = [[mark(1, 1), mark(2, 2), mark(3, 1)]];
    },
  ],
  [
    'an instance that writes after its successor',
    /in the order of their entries/,
    entries((one) => (one.seq === 4 ? { ...one, life: 'l1' } : one)),
  ],
  [
    'an answer whose entry is gone',
    /was answered with this/,
    entries((one) => (one.seq === 2 ? { ...one, op: 'increment s/9', number: 2 } : one)),
  ],
  [
    'a caller that sees less than was told of before it asked',
    /after 4 was told of/,
    outcomes(2, (list) => [
      list[0] as Outcome,
      { call: call(5, { kind: 'read', stub: 'other' }), answer: { seq: 2, life: 'l2' } },
    ]),
  ],
  [
    'answers of a stub that come in another order',
    /answered with 1 after call 2/,
    outcomes(1, ([first, second]) => [second as Outcome, first as Outcome]),
  ],
  [
    'calls of a stub that take effect in another order',
    /the calls of s to ann/,
    entries((one) => (one.seq === 4 ? { ...one, number: 2 } : one)),
  ],
  [
    'a call that took effect twice',
    /each once/,
    entries((one) => (one.seq === 6 ? { ...one, op: 'increment s/2' } : one)),
  ],
  [
    'a call that ran and was told not to have been made',
    /told that it was not made/,
    entries((one) => (one.seq === 6 ? { ...one, op: 'increment s/6', number: 6 } : one)),
  ],
  [
    'a credit without its debit',
    /the debits that they are of/,
    (run) => {
      const early = entry(2, 'credit u', { stub: null, number: null, amount: 2, life: 'm1' });
      run.statements = run.statements.map((one) =>
        one.object === 'ben' ? { ...one, entries: [...one.entries, early], balance: 6 } : one,
      );
    },
  ],
  [
    'an alarm that never rang',
    /alarms that rang/,
    ann((one) => ({
      ...one,
      entries: one.entries.map((own) => (own.seq === 5 ? { ...own, op: 'credit-like' } : own)),
    })),
  ],
  ['a balance that is not what its journal says', /the balance of ann/, ann((one) => ({ ...one, balance: 0 }))],
  ['two increments that read the same count', /the increments of ann/, ann((one) => ({ ...one, count: 2 }))],
  [
    'an entry that a WebSocket was not told',
    /what w was told after entry 5/,
    heard(2, ({ entries: list, ...rest }) => ({ ...rest, entries: [list[0] as Answer, list[2] as Answer] })),
  ],
  [
    'an entry that a WebSocket was told twice',
    /what w was told after entry 4/,
    heard(2, ({ entries: list, ...rest }) => ({ ...rest, entries: [{ ...(list[0] as Answer), seq: 4 }, ...list] })),
  ],
  [
    'a message that left before its commit',
    /a WebSocket of ann was told this/,
    heard(2, ({ entries: list, ...rest }) => ({
      ...rest,
      entries: [...list.slice(0, 2), { seq: 7, op: 'increment s/8', life: 'l2' }],
    })),
  ],
  ['a WebSocket that closed twice', /the closes of w/, heard(2, (one) => ({ ...one, closes: 2 }))],
  [
    'a WebSocket that is told something after its close',
    /after it had closed/,
    heard(1, (one) => ({ ...one, closes: 1 })),
  ],
  [
    'a message of a WebSocket whose close was heard before',
    /whose close came before/,
    entries((one) => {
      if (one.seq === 7) return { ...one, op: 'closed w', stub: null, number: null };
      return one.seq === 8 ? { ...one, op: 'message w/1', stub: 'w', number: 1 } : one;
    }),
  ],
  ['a WebSocket that nobody has any more', /the WebSockets of ann/, ann((one) => ({ ...one, sockets: 1 }))],
  [
    'an eviction that failed',
    /how evict failed/,
    (run) => {
      run.told = [{ lane: 'a', outcomes: [], act: { kind: 'evict', failure: lost({}) } }];
    },
  ],
  [
    'an error that nobody knows',
    /failed/,
    outcomes(2, () => [{ call: call(6), failure: { name: 'TypeError', message: 'x is undefined' } }]),
  ],
])('it notices %s', (_what, says, change) => {
  const run = right();
  change(run);
  expect(() => judge(run)).toThrow(says);
});
