/**
 * What node knows of the objects whose browser is killed, and what it allows them to hold afterwards.
 *
 * Promise: an object may hold what was acknowledged last, or what one more answer would have acknowledged; where a restore
 * was acknowledged, only what it restores. It outlives browsers, as the profile does.
 */
import { countAfter, type Found, type Judgement, type Mark, type Order, type Told } from './crash-words.ts';

/** How far a restore has come, as far as node heard. */
type Restore =
  | { readonly state: 'none' }
  | { readonly state: 'asked'; readonly to: number } // not acknowledged: it may be in effect or not
  | { readonly state: 'leaving'; readonly to: number } // the same, and a commit before it is not acknowledged either
  | { readonly state: 'pending'; readonly to: number } // acknowledged; this session goes on, the next one restores
  | { readonly state: 'opening'; readonly to: number }; // this session is over, no answer of the next one was heard

/** What is known of one object. */
interface Known {
  /** what the last answer of the present session said */
  acknowledged: number;
  /** how many lanes wait for an answer */
  inFlight: number;
  restore: Restore;
  /** there were commits after the last restore, in the session that did it */
  isCountedOn: boolean;
  /** of the newest session that told of any */
  marks: readonly Mark[];
  /** the name of its database, once it was found after a kill */
  database: string | undefined;
}

/** How many of what there was. */
export interface Tally {
  kills: number;
  acknowledged: number;
  /** restores acknowledged */
  restores: number;
  /** restores whose state was found in the next session */
  restored: number;
  /** restores refused because history did not reach so far back */
  refused: number;
  /** how often one more was durable than was heard of */
  ahead: number;
  databases: number;
}

/** @throws Error with all of them */
export function mustBeFine(complaints: readonly string[]): void {
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
}

export class CrashLedger {
  readonly tally: Tally = {
    kills: 0,
    acknowledged: 0,
    restores: 0,
    restored: 0,
    refused: 0,
    ahead: 0,
    databases: 0,
  };
  readonly #known = new Map<string, Known>();
  readonly #orders: readonly Order[];
  readonly #moments = new Map<string, number>();
  readonly #seen = new Set<string>();

  constructor(orders: readonly Order[]) {
    this.#orders = orders;
    for (const { object } of orders) {
      this.#known.set(object, {
        acknowledged: 0,
        inFlight: 0,
        restore: { state: 'none' },
        marks: [],
        database: undefined,
        isCountedOn: false,
      });
    }
  }

  /** What each object is to do next, with the bookmarks that it knew. */
  get orders(): (Order & { readonly marks: readonly Mark[] })[] {
    return this.#orders.map((order) => ({ ...order, marks: this.#of(order.object).marks }));
  }

  /** Counts a moment in which a browser was killed; one with an `id` once. */
  count(moment: string, id?: string): void {
    if (id !== undefined && this.#seen.has(id)) return;
    if (id !== undefined) this.#seen.add(id);
    this.#moments.set(moment, (this.#moments.get(moment) ?? 0) + 1);
  }

  get moments(): string {
    return [...this.#moments]
      .sort()
      .map(([moment, times]) => `${moment} ${times}`)
      .join(', ');
  }

  /** Takes note of what a lane says. @throws Error when what it found is not allowed */
  hear(told: Told): void {
    const known = this.#of(told.object);
    switch (told.state) {
      case 'opened':
      case 'restored':
        mustBeFine(this.judge(told.object, told.found));
        break;
      case 'begun':
        known.inFlight++;
        break;
      case 'done':
        known.inFlight--;
        // Of several lanes, answers arrive in any order; one lane alone is in order, and its count may go back.
        known.acknowledged =
          this.#order(told.object).lanes === 1 ? told.count : Math.max(known.acknowledged, told.count);
        this.tally.acknowledged++;
        break;
      case 'marked':
        known.marks = told.marks;
        break;
      case 'restore asked':
        known.restore = { state: 'asked', to: told.to };
        known.isCountedOn = false;
        break;
      case 'leaving':
        known.restore = { state: 'leaving', to: told.to };
        known.isCountedOn = false;
        break;
      case 'counted on':
        known.isCountedOn = true;
        break;
      case 'restore refused':
        known.restore = { state: 'none' };
        this.tally.refused++;
        break;
      case 'restore pending':
        known.restore = { state: 'pending', to: this.#target(known) };
        this.tally.restores++;
        break;
      case 'restoring':
        if (known.restore.state === 'leaving') this.tally.restores++;
        known.restore = { state: 'opening', to: this.#target(known) };
        break;
      default:
        told satisfies never;
    }
  }

  /** A browser was killed: no answer that is on its way will be heard. @param opening objects that did not answer yet */
  killed(opening: ReadonlySet<string>): void {
    this.tally.kills++;
    if (opening.size > 0) this.count('opening');
    for (const { object, work, isLarge, wipedAfter } of this.#orders) {
      const { inFlight, restore, isCountedOn } = this.#of(object);
      const isNext = opening.has(object) || restore.state === 'opening';
      if (isCountedOn && !isNext) this.count('restored, counted on');
      if (restore.state === 'asked') this.count(isNext ? 'opening, restoring perhaps' : 'restore asked');
      else if (restore.state === 'leaving') this.count(isNext ? 'opening, restoring perhaps' : 'leaving');
      else if (restore.state !== 'none') this.count(isNext ? 'restoring open' : 'restore pending');
      if (inFlight > 0) this.count(`${work}${isLarge ? ', large' : ''}${wipedAfter ? ', emptied' : ''}`);
    }
    for (const known of this.#known.values()) known.inFlight = 0;
  }

  /**
   * What is not there any more, of what was: one object, the directory, or all that the browser kept for the origin. An object
   * whose database is there and empty is not missing; `judge` tells.
   */
  missing({ databases, damage, objects }: Found): string[] {
    if (damage !== undefined)
      return [`The browser takes its own store for damaged and drops all that is in it: ${damage}`];
    for (const { object, database, sequence } of objects) {
      if (sequence !== undefined) this.#of(object).database ??= database;
    }
    const known = [...this.#known].filter(([, { database }]) => database !== undefined);
    if (known.length === 0) return [];
    if (databases.length === 0) return ['The browser has no database of this origin any more: it dropped them all.'];
    if (objects.length === 0) return [`The directory lists nothing any more; the browser has ${databases.join(', ')}.`];
    return known.flatMap(([object, { database = '' }]) => {
      if (!databases.includes(database)) return [`${object}: the browser has no database of it any more.`];
      const left = objects.find((each) => each.object === object);
      if (!left) return [`${object}: the directory does not list it any more; its database is there.`];
      return left.sequence === undefined ? [`${object}: its database is there, and its log has no record.`] : [];
    });
  }

  /** What is known of an object, as a clause. */
  describe(object: string): string {
    const { acknowledged, restore } = this.#of(object);
    const waiting = restore.state === 'none' ? '' : `, restore to ${restore.to} ${restore.state}`;
    return `${acknowledged} heard${waiting}, allowed ${this.#allowed(object).join(' or ')}`;
  }

  /** What the first answer of a session says. @returns what is wrong with it */
  judge(object: string, { count: found, wrong }: Judgement): string[] {
    const known = this.#of(object);
    const { acknowledged, restore } = known;
    const complaints = wrong.map((each) => `${object}: at ${found}, ${each}`);
    if (!this.#allowed(object).includes(found)) complaints.push(`${object}: has ${found}; ${this.describe(object)}`);
    if (complaints.length > 0) return complaints;
    if (restore.state !== 'none' && found === restore.to) this.tally.restored++;
    else if (found !== acknowledged) this.tally.ahead++;
    known.acknowledged = found;
    known.restore = { state: 'none' };
    known.isCountedOn = false;
    return [];
  }

  #allowed(object: string): number[] {
    const { acknowledged, restore } = this.#of(object);
    const order = this.#order(object);
    switch (restore.state) {
      case 'none':
        if (order.lanes === 1) return [acknowledged, countAfter(acknowledged, order)];
        return Array.from({ length: order.lanes + 1 }, (_, i) => acknowledged + i);
      case 'asked':
        return [acknowledged, restore.to];
      case 'leaving':
        return [acknowledged, countAfter(acknowledged, order), restore.to];
      case 'pending':
      case 'opening':
        return [restore.to];
      default:
        return restore satisfies never;
    }
  }

  #target({ restore }: Known): number {
    if (restore.state === 'none') throw new Error('A restore is under way that nobody asked for.');
    return restore.to;
  }

  #of(object: string): Known {
    const known = this.#known.get(object);
    if (!known) throw new Error(`Nobody ordered anything of ${object}.`);
    return known;
  }

  #order(object: string): Order {
    return this.#orders.find((order) => order.object === object) as Order;
  }
}
