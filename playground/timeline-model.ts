/**
 * What a trace looks like as a picture: lanes, links from cause to effect, stretches of waiting, of closed gates and of life.
 *
 * Promise: every event of the trace has one place in `events`, in order, and one lane. Links and stretches go from the place of one event to
 * that of another, so that they hold at any scale (timeline-axis.ts). What began before the trace begins at its first event;
 * what has not ended lasts until its last.
 *
 * Knows nothing of the page.
 */
import type { TraceActor, TraceEvent } from '../src/index.ts';
import { Intervals, type Stretch } from './intervals.ts';

/** Instances of an object share one. */
export interface Lane {
  readonly key: string;
  readonly kind: TraceActor['kind'];
  /** for people, and different from that of any other lane */
  readonly label: string;
}

/** From a cause to its effect, by their places. */
export interface Link extends Stretch {
  readonly cause: number;
  readonly effect: number;
}

/** `from` and `to` are places of events. */
export interface Span extends Stretch {
  readonly lane: number;
  readonly kind: 'wait' | 'input' | 'output';
}

export type LifeState = 'starting' | 'running' | 'idle' | 'sleeping' | 'reset';

export interface Life extends Stretch {
  readonly lane: number;
  readonly state: LifeState;
}

export interface Timeline {
  readonly events: readonly TraceEvent[];
  /** clients, then Workers, then objects; each by its first event */
  readonly lanes: readonly Lane[];
  /** lane of the event at the same place */
  readonly laneOf: Int32Array;
  /** place of its cause; -1: nothing caused it, or that is not kept any more */
  readonly causeOf: Int32Array;
  readonly effects: ReadonlyMap<number, readonly number[]>;
  /** those that lead to another lane */
  readonly links: Intervals<Link>;
  readonly spans: Intervals<Span>;
  readonly lives: Intervals<Life>;
  /** @param key  what `keyOf` gives */
  find(key: string | undefined): number;
}

const KINDS = ['client', 'worker', 'object'] as const;
/** What waited less was not held up: it stood in the queue of its thread. */
export const WAITED_MS_MIN = 1;

export function keyOf({ actor, number }: { actor: { readonly id: string }; number: number }): string {
  return `${actor.id} ${number}`;
}

/** @param events  in order, as `sim.trace.events` gives them */
export function layOut(events: readonly TraceEvent[]): Timeline {
  const lanes = lanesOf(events);
  const laneAt = new Map(lanes.map(({ key }, at) => [key, at]));
  const laneOf = Int32Array.from(events, ({ actor }) => laneAt.get(actor.lane) as number);
  const places = new Map(events.map((event, place) => [keyOf(event), place]));
  const causeOf = Int32Array.from(events, ({ cause }) =>
    cause ? (places.get(keyOf({ actor: { id: cause.actor }, number: cause.number })) ?? -1) : -1,
  );
  const effects = new Map<number, number[]>();
  const links: Link[] = [];
  for (const [effect, cause] of causeOf.entries()) {
    if (cause < 0) continue;
    const known = effects.get(cause);
    if (known) known.push(effect);
    else effects.set(cause, [effect]);
    if (laneOf[cause] !== laneOf[effect]) {
      links.push({ from: Math.min(cause, effect), to: Math.max(cause, effect), cause, effect });
    }
  }
  return {
    events,
    lanes,
    laneOf,
    causeOf,
    effects,
    links: new Intervals(links),
    spans: new Intervals(spansOf(events, laneOf)),
    lives: new Intervals(livesOf(events, laneOf)),
    find: (key) => (key === undefined ? -1 : (places.get(key) ?? -1)),
  };
}

function lanesOf(events: readonly TraceEvent[]): Lane[] {
  const actors = new Map<string, TraceActor>();
  for (const { actor } of events) if (!actors.has(actor.lane)) actors.set(actor.lane, actor);
  const ordered = [...actors.values()].sort((one, other) => KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind));
  const times = new Map<string, number>();
  return ordered.map(({ lane, kind, label }) => {
    const time = (times.get(label) ?? 0) + 1;
    times.set(label, time);
    return { key: lane, kind, label: time === 1 ? label : `${label} ${time}` };
  });
}

/** Waits and closed gates. */
function spansOf(events: readonly TraceEvent[], laneOf: Int32Array): Span[] {
  const spans: Span[] = [];
  const last = events.length - 1;
  /** where something began that has not ended; what waits is told apart by what caused it */
  const waiting = new Map<string, number[]>();
  /** where a gate closed first, and how many times it is closed */
  const closed = new Map<string, { from: number; times: number; lane: number; kind: 'input' | 'output' }>();
  for (const [place, event] of events.entries()) {
    const lane = laneOf[place] as number;
    switch (event.kind) {
      case 'wait': {
        const key = arrivalKey(event);
        const known = waiting.get(key);
        if (known) known.push(place);
        else waiting.set(key, [place]);
        break;
      }
      case 'deliver': {
        const key = arrivalKey(event);
        const known = waiting.get(key);
        const from = known?.shift();
        if (known?.length === 0) waiting.delete(key);
        if (from !== undefined) spans.push({ lane, kind: 'wait', from, to: place });
        else if (event.waitedMs >= WAITED_MS_MIN) {
          spans.push({ lane, kind: 'wait', from: placeAt(events, place, event.realMs - event.waitedMs), to: place });
        }
        break;
      }
      case 'gate': {
        const key = `${event.actor.id} ${event.gate}`;
        const open = closed.get(key);
        if (event.state === 'closed') {
          if (open) open.times++;
          else closed.set(key, { from: place, times: 1, lane, kind: event.gate });
        } else if (open && --open.times === 0) {
          spans.push({ lane, kind: event.gate, from: open.from, to: place });
          closed.delete(key);
        }
        break;
      }
      case 'life':
        if (event.step === 'construct' || event.step === 'start') break;
        for (const gate of ['input', 'output']) {
          const key = `${event.actor.id} ${gate}`;
          const open = closed.get(key);
          if (open) spans.push({ lane, kind: open.kind, from: open.from, to: place });
          closed.delete(key);
        }
        for (const [key, places] of waiting) {
          if (!key.startsWith(`${event.actor.id} `)) continue;
          for (const from of places) spans.push({ lane, kind: 'wait', from, to: place });
          waiting.delete(key);
        }
        break;
      default:
    }
  }
  for (const { from, lane, kind } of closed.values()) spans.push({ lane, kind, from, to: last });
  for (const from of [...waiting.values()].flat()) {
    spans.push({ lane: laneOf[from] as number, kind: 'wait', from, to: last });
  }
  return spans;
}

/** The same for a wait and for the delivery that ends it. */
function arrivalKey(event: TraceEvent & { what: string; name: string }): string {
  const { actor, cause, what, name } = event;
  return `${actor.id} ${what} ${name} ${cause ? `${cause.actor} ${cause.number}` : ''}`;
}

/** The last event until `place` that was written down at `realMs` or before; looked for among the last `LOOK_BACK_MAX`. */
function placeAt(events: readonly TraceEvent[], place: number, realMs: number): number {
  const first = Math.max(0, place - LOOK_BACK_MAX);
  let at = place;
  while (at > first && (events[at] as TraceEvent).realMs > realMs) at--;
  return at;
}

const LOOK_BACK_MAX = 1_000;

/** Each object's states, one after the other. */
function livesOf(events: readonly TraceEvent[], laneOf: Int32Array): Life[] {
  const lives: Life[] = [];
  const now = new Map<number, { state: LifeState; from: number; running: number }>();
  for (const [place, event] of events.entries()) {
    if (event.actor.kind !== 'object') continue;
    const lane = laneOf[place] as number;
    const life = now.get(lane) ?? { state: 'idle', from: place, running: 0 };
    now.set(lane, life);
    const state = stateAfter(life, event);
    if (state === life.state) continue;
    if (place > life.from) lives.push({ lane, state: life.state, from: life.from, to: place });
    life.state = state;
    life.from = place;
  }
  for (const [lane, { state, from }] of now) lives.push({ lane, state, from, to: events.length - 1 });
  return lives;
}

/** Running: there is a question, or an alarm, that it has not answered. Counts those in `life`. */
function stateAfter(life: { state: LifeState; running: number }, event: TraceEvent): LifeState {
  switch (event.kind) {
    case 'life':
      life.running = 0;
      if (event.step === 'sleep') return 'sleeping';
      return event.step === 'reset' ? 'reset' : 'starting';
    case 'deliver':
      if (event.what === 'call' || event.what === 'get' || event.what === 'fetch') life.running++;
      break;
    case 'answer':
      life.running = Math.max(0, life.running - 1);
      break;
    default:
  }
  if (life.state === 'reset' || life.state === 'sleeping') return life.state; // its last words
  return life.running > 0 ? 'running' : life.state === 'starting' && event.kind !== 'answer' ? 'starting' : 'idle';
}

/** An event, its causes, and everything that it caused. */
export function pathOf({ causeOf, effects }: Timeline, place: number): Set<number> {
  const found = new Set<number>();
  for (let at = place; at >= 0 && !found.has(at) && found.size < PATH_MAX; at = causeOf[at] as number) found.add(at);
  const queue = [place];
  for (let at = queue.pop(); at !== undefined && found.size < PATH_MAX; at = queue.pop()) {
    for (const effect of effects.get(at) ?? []) {
      if (found.has(effect)) continue;
      found.add(effect);
      queue.push(effect);
    }
  }
  return found;
}

/** More is no path that anybody follows. */
const PATH_MAX = 500;

export type Step = 'next' | 'previous' | 'up' | 'down' | 'cause' | 'effect' | 'first' | 'last';

/** Where a step leads from an event; to itself when there is nothing. @param place  -1: nothing is selected */
export function stepFrom(timeline: Timeline, place: number, step: Step): number {
  const { events, laneOf, lanes, causeOf, effects } = timeline;
  const last = events.length - 1;
  if (last < 0) return -1;
  if (step === 'first') return 0;
  if (step === 'last' || place < 0) return last;
  switch (step) {
    case 'next':
      return Math.min(last, place + 1);
    case 'previous':
      return Math.max(0, place - 1);
    case 'cause':
      return (causeOf[place] as number) >= 0 ? (causeOf[place] as number) : place;
    case 'effect':
      return effects.get(place)?.[0] ?? place;
    case 'up':
    case 'down': {
      const lane = (laneOf[place] as number) + (step === 'up' ? -1 : 1);
      return lanes[lane] ? nearest(laneOf, place, lane) : place;
    }
    default:
      return step satisfies never;
  }
}

/** The event of a lane that is the fewest events away; the later one of two. */
function nearest(laneOf: Int32Array, place: number, lane: number): number {
  for (let away = 1; away < laneOf.length; away++) {
    if (laneOf[place + away] === lane) return place + away;
    if (laneOf[place - away] === lane) return place - away;
  }
  return place;
}
