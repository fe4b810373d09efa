/**
 * Where an event of the timeline came from, as far as the trace tells: a member of the program, or a moment of an object's storage.
 *
 * Promise: it never guesses. What the trace does not know is said as a sentence, and no place is given.
 */
import type { TraceEvent } from '../src/index.ts';
import type { Owner } from './definitions.ts';
import type { Timeline } from './timeline-model.ts';

export type Origin =
  /** `name` is for people: `Tally.section()` */
  | { readonly kind: 'code'; readonly owner: Owner; readonly member: string; readonly name: string }
  /** `lane` is the object's; `moment` as `at` of `inspect` takes it */
  | { readonly kind: 'storage'; readonly lane: string; readonly moment: number; readonly timeMs: number }
  | { readonly kind: 'none'; readonly why: string };

/** An answer leads to the one before it, a timer to what set it; a circle would be a fault of the trace. */
const STEPS_MAX = 16;
const CAUSES_MAX = 2_000;
const NOT_KEPT = none('What led to it is not kept any more.');
const NO_EVENT = none('It belongs to no event: code outside of every handler did it, or the platform.');

export function originOf(timeline: Timeline, place: number, steps = 0): Origin {
  const event = timeline.events[place];
  if (!event || steps > STEPS_MAX) return NOT_KEPT;
  switch (event.kind) {
    case 'ask': {
      const owner = ownerOf(timeline, event.to);
      if (!owner) return none('Whom it asked is not in this timeline.');
      return member(owner, event.what === 'fetch' ? 'fetch' : event.name);
    }
    case 'wait':
    case 'deliver':
      return arrivalOf(timeline, place, event, steps);
    case 'gate':
      return event.state === 'open' && !event.cause
        ? originOf(timeline, closingOf(timeline, place), steps + 1)
        : handlerOf(timeline, place);
    case 'answer':
    case 'socket':
    case 'timer':
    case 'log':
      return handlerOf(timeline, place);
    case 'fault':
      return none('A fault that was made on purpose, beside the program: no code did it.');
    case 'commit':
      return commitOf(timeline, place);
    case 'life':
      return lifeOf(timeline, place, event);
    default:
      return event satisfies never;
  }
}

function arrivalOf(
  timeline: Timeline,
  place: number,
  event: TraceEvent & { readonly kind: 'wait' | 'deliver' },
  steps: number,
): Origin {
  const owner = ownerOf(timeline, event.actor.lane) ?? 'default';
  switch (event.what) {
    case 'call':
    case 'get':
      return member(owner, event.name);
    case 'fetch':
    case 'alarm':
      return member(owner, event.what);
    case 'answer':
    case 'timer': {
      const cause = timeline.causeOf[place] as number;
      return cause < 0 ? NOT_KEPT : originOf(timeline, cause, steps + 1);
    }
    case 'socket':
      return member(owner, event.name === 'close' ? 'webSocketClose' : 'webSocketMessage');
    case 'edit':
      return none('A change that was made by hand, beside the program: no code did it.');
    default:
      return event.what satisfies never;
  }
}

/** The handler of the event's own actor in whose course it happened, however many answers and timers lie between. */
function handlerOf(timeline: Timeline, place: number): Origin {
  const { events, causeOf } = timeline;
  const own = events[place] as TraceEvent;
  let last = own;
  for (let at = causeOf[place] as number, seen = 0; at >= 0 && seen < CAUSES_MAX; at = causeOf[at] as number, seen++) {
    const event = events[at] as TraceEvent;
    last = event;
    if (event.actor.id !== own.actor.id || event.kind !== 'deliver') continue;
    if (event.what !== 'answer' && event.what !== 'timer') return arrivalOf(timeline, at, event, 0);
  }
  return last.cause ? NOT_KEPT : NO_EVENT;
}

/** A commit that began is found by the one that is on the disk: an object has one on its way at a time. */
function commitOf({ events }: Timeline, place: number): Origin {
  const { actor } = events[place] as TraceEvent;
  for (let at = place; at < events.length; at++) {
    const event = events[at] as TraceEvent;
    if (event.actor.id !== actor.id || event.kind !== 'commit' || event.state !== 'durable') continue;
    return { kind: 'storage', lane: actor.lane, moment: event.moment, timeMs: event.atMs };
  }
  return none('It has not reached the disk, so there is nothing to look at.');
}

/** Where a gate that opens was closed. */
function closingOf({ events }: Timeline, place: number): number {
  const opening = events[place] as TraceEvent & { readonly kind: 'gate' };
  for (let at = place - 1; at >= 0; at--) {
    const event = events[at] as TraceEvent;
    if (event.actor.id !== opening.actor.id || event.kind !== 'gate' || event.gate !== opening.gate) continue;
    if (event.state === 'closed') return at;
  }
  return -1;
}

function lifeOf(timeline: Timeline, place: number, { actor, step }: TraceEvent & { readonly kind: 'life' }): Origin {
  switch (step) {
    case 'start':
    case 'construct':
      if (actor.kind === 'object') return member({ className: classNameOf(actor.label) }, 'constructor');
      return none('A Worker starts because something asks it: no code of its own does it.');
    case 'sleep':
      return none('No code sends an object to sleep: it was idle, or somebody evicted it.');
    case 'reset': {
      const origin = handlerOf(timeline, place);
      return origin.kind === 'none' ? none('It was ended from outside: no code of its own did it.') : origin;
    }
    default:
      return step satisfies never;
  }
}

function member(owner: Owner, path: string): Origin {
  const [name = ''] = path.split('.');
  const shown =
    owner === 'default' ? `${name}()` : name === 'constructor' ? owner.className : `${owner.className}.${name}()`;
  return { kind: 'code', owner, member: name, name: shown };
}

/** Whose code runs in a lane; undefined for a page. */
function ownerOf({ events, laneOf, lanes }: Timeline, key: string): Owner | undefined {
  const lane = lanes.findIndex((one) => one.key === key);
  const kind = lanes[lane]?.kind;
  if (kind === 'worker') return 'default';
  if (kind !== 'object') return undefined;
  return { className: classNameOf((events[laneOf.indexOf(lane)] as TraceEvent).actor.label) };
}

/** Actors of objects are called `Class:name`. */
function classNameOf(label: string): string {
  return label.slice(0, label.indexOf(':'));
}

function none(why: string): Origin {
  return { kind: 'none', why };
}
