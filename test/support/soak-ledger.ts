/**
 * What node knows of the soak test's objects, and what it allows.
 *
 * Promise: everything that is judged follows from what callers were told and from what is stored; nothing from what should have
 * happened in which order. It throws at the first thing that is wrong, and names it. Knows nothing of browsers.
 *
 * - one writer per epoch: a record of the log stays what it was when first seen, epochs grow, an instance's entries lie together
 * - no message before its commit, nothing acknowledged lost: a caller never sees less than anybody was told before it asked,
 *   every answer is in the journal as it was told, no credit is without its debit
 * - order per stub: answers of a stub come in the order of its calls, and so do their entries
 * - alarms at least once: whatever is due has rung at the end
 * - sums: of all balances it is what was incremented; a call that cannot have run did not
 * - WebSockets: each is told every entry that is made while it is open, once and in order, none that is not kept, and nothing
 *   after its one close; its messages take effect in order, each at most once, and none after the object heard of its close
 * - the input gate: no increment is lost to another, whatever one of them waits for in a critical section
 */
import { expect } from 'vitest';
import {
  type Answer,
  type Entry,
  type Heard,
  type LogMark,
  OBJECTS,
  type Outcome,
  type Statement,
  type Told,
} from './soak-words.ts';

export interface Tally {
  calls: number;
  answers: number;
  failures: number;
  /** failures that say that the call was not made */
  neverMade: number;
  evictions: number;
  crashes: number;
  cuts: number;
  records: number;
  lives: number;
  /** machines that stood still until others had taken their objects */
  robbed: number;
  transfers: number;
  alarms: number;
  settled: number;
  sockets: number;
  /** entries that sockets were told */
  messages: number;
}

/** Failures that the platform knows; whoever did not crash an object can meet them by a transfer. */
const KNOWN_FAILURES = [/^Network connection lost\.$/];
const LAST_TOLD = 400;

export class SoakLedger {
  readonly tally: Tally = {
    calls: 0,
    answers: 0,
    failures: 0,
    neverMade: 0,
    evictions: 0,
    crashes: 0,
    cuts: 0,
    records: 0,
    lives: 0,
    robbed: 0,
    transfers: 0,
    alarms: 0,
    settled: 0,
    sockets: 0,
    messages: 0,
  };
  /** the newest of what was told, for a look */
  readonly told: Told[] = [];
  readonly #outcomes: Outcome[] = [];
  /** by object, the newest entry that anybody was told of */
  readonly #newest = new Map<string, number>();
  /** by lane, `#newest` as it was before its present burst */
  readonly #floors = new Map<string, ReadonlyMap<string, number>>();
  /** by stub, the number of the newest call in order and the entry that it told */
  readonly #stubs = new Map<string, { readonly number: number; readonly seq: number }>();
  readonly #marks = new Map<string, LogMark>();
  /** by socket, what it was told last, and how often it closed */
  readonly #sockets = new Map<string, { seq: number | undefined; closes: number }>();
  readonly #toldBySockets: { readonly object: string; readonly entry: Answer }[] = [];

  /** Takes note of a burst; the next one of this lane begins after it returned. @throws AssertionError */
  hear(told: Told): void {
    this.told.push(told);
    if (this.told.length > LAST_TOLD) this.told.shift();
    const floor = this.#floors.get(told.lane);
    for (const outcome of told.outcomes) this.#hearOutcome(outcome, floor?.get(outcome.call.object) ?? 0);
    if (told.act) {
      if (told.act.kind === 'crash') this.tally.crashes++;
      else if (told.act.kind === 'cut') this.tally.cuts++;
      else this.tally.evictions++;
      // A machine that went while it was asked is nobody's fault; anything else is.
      if (told.act.failure)
        expect(told.act.failure, `how ${told.act.kind} failed`).toMatchObject({ code: 'peer_gone' });
    }
    if (told.heard) this.#hearSocket(told.heard);
    this.#floors.set(told.lane, new Map(this.#newest));
  }

  #hearSocket({ socket, object, entries, closes }: Heard): void {
    const known = this.#sockets.get(socket) ?? { seq: undefined, closes: 0 };
    if (!this.#sockets.has(socket)) this.tally.sockets++;
    if (known.closes > 0) expect(entries, `what ${socket} was told after it had closed`).toEqual([]);
    expect(closes, `the closes of ${socket}`).toBeLessThanOrEqual(1);
    for (const entry of entries) {
      const { seq } = entry;
      if (known.seq !== undefined) expect(seq, `what ${socket} was told after entry ${known.seq}`).toBe(known.seq + 1);
      known.seq = seq;
      this.#toldBySockets.push({ object, entry });
      this.#newest.set(object, Math.max(this.#newest.get(object) ?? 0, seq));
      this.tally.messages++;
    }
    this.#sockets.set(socket, { ...known, closes });
  }

  #hearOutcome(outcome: Outcome, floor: number): void {
    const { call } = outcome;
    this.tally.calls++;
    this.#outcomes.push(outcome);
    if ('failure' in outcome) {
      const { failure } = outcome;
      this.tally.failures++;
      if (!failure.indeterminate && failure.retryable) this.tally.neverMade++;
      expect(
        KNOWN_FAILURES.some((known) => known.test(failure.message)),
        `${JSON.stringify(call)} failed: ${JSON.stringify(failure)}`,
      ).toBe(true);
      return;
    }
    this.tally.answers++;
    const { answer } = outcome;
    this.#hearOrder(outcome);
    // A repeated transfer tells its first entry, which may be old.
    if (call.kind !== 'transfer') {
      expect(answer.seq, `what ${JSON.stringify(call)} saw, after ${floor} was told of`).toBeGreaterThanOrEqual(floor);
    }
    this.#newest.set(call.object, Math.max(this.#newest.get(call.object) ?? 0, answer.seq));
  }

  /** A transfer waits for its payee, and later calls overtake it; but not its entry, which the journal shows at the end. */
  #hearOrder({ call, answer }: Outcome & { readonly answer: Answer }): void {
    if (call.kind === 'transfer') return;
    const last = this.#stubs.get(call.stub) ?? { number: 0, seq: 0 };
    const after = `${call.stub}: call ${call.number} answered with ${answer.seq} after call ${last.number} with ${last.seq}`;
    expect(call.number, after).toBeGreaterThan(last.number);
    if (isIncrement(call)) expect(answer.seq, after).toBeGreaterThan(last.seq);
    else expect(answer.seq, after).toBeGreaterThanOrEqual(last.seq);
    this.#stubs.set(call.stub, { number: call.number, seq: answer.seq });
  }

  /** What lies on the disk, now and at every look before. @throws AssertionError */
  observe(marks: readonly LogMark[]): void {
    const last = new Map<string, LogMark>();
    for (const mark of marks) {
      const { object, sequence, epoch } = mark;
      const before = last.get(object);
      if (before) expect(epoch, `epoch of record ${sequence} of ${object}`).toBeGreaterThanOrEqual(before.epoch);
      last.set(object, mark);
      const name = `${object} ${sequence}`;
      const seen = this.#marks.get(name);
      if (seen) expect(mark, `record ${sequence} of ${object}, seen before`).toEqual(seen);
      else this.#marks.set(name, mark);
    }
    this.tally.records = this.#marks.size;
  }

  /** All is settled and at rest. @throws AssertionError */
  judge(statements: readonly Statement[]): void {
    const entries = new Map<string, readonly Entry[]>();
    for (const statement of statements) {
      entries.set(statement.object, statement.entries);
      this.#judgeObject(statement);
      judgeCloses(statement);
    }
    this.#judgeOutcomes(entries);
    this.#judgeTransfers([...entries.values()].flat());
    this.#judgeAlarms([...entries.values()].flat());
    for (const { object, entry } of this.#toldBySockets) {
      const { seq, op, life } = entry;
      expect(entries.get(object)?.[seq - 1], `a WebSocket of ${object} was told this`).toMatchObject({ op, life });
    }
    const sum = (list: readonly number[]) => list.reduce((total, one) => total + one, 0);
    const increments = [...entries.values()].flat().filter((entry) => entry.op.startsWith('increment '));
    expect(sum(statements.map(({ balance }) => balance)), 'the sum of all balances').toBe(increments.length);
  }

  #judgeObject({ object, entries, balance, count, unsettled, sockets, integrity }: Statement): void {
    expect(integrity, `the database of ${object}`).toBe('ok');
    expect(sockets, `the WebSockets of ${object}`).toBe(0);
    expect(unsettled, `what ${object} has not delivered`).toEqual([]);
    expect(
      entries.map(({ seq }) => seq),
      `the journal of ${object}`,
    ).toEqual(Array.from(entries, (_, i) => i + 1));
    expect(balance, `the balance of ${object}`).toBe(entries.reduce((sum, { amount }) => sum + amount, 0));
    expect(count, `the increments of ${object}`).toBe(entries.filter(({ op }) => op.startsWith('increment ')).length);
    const lives = entries.map(({ life }) => life).filter((life, i, all) => life !== all[i - 1]);
    expect(lives, `the instances of ${object}, in the order of their entries`).toEqual([...new Set(lives)]);
    this.tally.lives += lives.length;
    const ops = entries.map(({ op }) => op);
    expect(ops, `what was done to ${object}, each once`).toEqual([...new Set(ops)]);
    const reached = new Map<string, number>();
    for (const { stub, number, seq } of entries) {
      if (stub === null || number === null) continue;
      expect(number, `the calls of ${stub} to ${object}, at entry ${seq}`).toBeGreaterThan(reached.get(stub) ?? 0);
      reached.set(stub, number);
    }
  }

  #judgeOutcomes(entries: ReadonlyMap<string, readonly Entry[]>): void {
    const byCall = new Map<string, Entry>();
    for (const list of entries.values()) for (const entry of list) byCall.set(`${entry.stub}/${entry.number}`, entry);
    for (const outcome of this.#outcomes) {
      const { call } = outcome;
      const what = JSON.stringify(call);
      if ('failure' in outcome) {
        const { retryable, indeterminate } = outcome.failure;
        const hasNotRun = isIncrement(call) && retryable && !indeterminate;
        if (hasNotRun)
          expect(byCall.get(`${call.stub}/${call.number}`), `${what}, told that it was not made`).toBe(undefined);
        continue;
      }
      const { seq, op, life } = outcome.answer;
      if (seq === 0) continue;
      const entry = entries.get(call.object)?.[seq - 1];
      expect(entry, `${what} was answered with this`).toMatchObject(op === undefined ? { life } : { op, life });
    }
  }

  #judgeTransfers(entries: readonly Entry[]): void {
    const debits = new Map<string, number>();
    const credits = new Map<string, number>();
    for (const { op, amount } of entries) {
      const kind = op.slice(0, op.indexOf(' '));
      const id = op.slice(kind.length + 1);
      if (kind === 'debit') debits.set(id, -amount);
      if (kind === 'credit') credits.set(id, amount);
    }
    expect([...credits].sort(), 'credits, and the debits that they are of').toEqual([...debits].sort());
    this.tally.transfers = debits.size;
  }

  #judgeAlarms(entries: readonly Entry[]): void {
    const of = (kind: string) => entries.filter(({ op }) => op.startsWith(kind)).map(({ op }) => op.slice(kind.length));
    expect(of('rung ').sort(), 'alarms that rang, and what they were set for').toEqual(of('due ').sort());
    this.tally.alarms = of('rung ').length;
  }

  get summary(): string {
    const { calls, failures, neverMade, evictions, crashes, cuts, robbed, records, lives, transfers, settled, alarms } =
      this.tally;
    const { sockets, messages } = this.tally;
    return (
      `${calls} calls (${failures} failed, ${neverMade} of them not made), ${evictions} evictions, ${crashes} crashes, ${cuts} cuts, ${robbed} machines robbed, ` +
      `${lives} lives of ${OBJECTS.length} objects, ${transfers} transfers (${settled} settled at the end), ${alarms} alarms, ${messages} entries by ${sockets} sockets, ${records} records`
    );
  }
}

/** A socket says nothing after its close. */
function judgeCloses({ object, entries }: Statement): void {
  const closed = new Set<string>();
  for (const { op, stub, seq } of entries) {
    if (op.startsWith('closed ')) closed.add(op.slice('closed '.length));
    if (op.startsWith('message ') && stub !== null) {
      expect(closed.has(stub), `entry ${seq} of ${object} is of ${stub}, whose close came before`).toBe(false);
    }
  }
}

function isIncrement({ kind }: Outcome['call']): boolean {
  return kind === 'increment' || kind === 'guarded';
}
