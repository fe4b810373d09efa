/**
 * What events are called, and what a run of them comes to, in words.
 *
 * Promise: whatever the timeline draws can be read here; nothing is said by a colour or a place alone.
 */
import type { TraceEvent } from '../src/index.ts';
import { keyOf, WAITED_MS_MIN } from './timeline-model.ts';

/** A stretch of the program's time: 12 ms, 1.20 s, 2 min 5 s, 24 h. `short`: whole seconds. */
export function elapsed(ms: number, how: 'exact' | 'short' = 'exact'): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return how === 'short' ? `${seconds} s` : `${(ms / 1_000).toFixed(2)} s`;
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** @param laneName  the label of a lane */
export function whatOf(event: TraceEvent, laneName: (lane: string) => string): string {
  switch (event.kind) {
    case 'ask':
      return `asks ${laneName(event.to)}: ${event.name || event.what}`;
    case 'wait':
      return `${arrival(event)} waits at the input gate`;
    case 'deliver':
      return `${arrival(event)} ${event.what === 'answer' ? 'arrives' : 'begins'}${waited(event.waitedMs)}`;
    case 'answer':
      return event.what === 'error' ? `fails${to(event.name)}` : `answers${to(event.name)}`;
    case 'gate':
      return `${event.gate} gate ${event.state === 'closed' ? 'closes' : 'opens'}${event.reason && `: ${event.reason}`}`;
    case 'commit':
      if (event.state === 'durable') return 'commit is on the disk';
      return `commit of ${event.pages} ${event.pages === 1 ? 'page' : 'pages'} begins`;
    case 'socket':
      return event.what === 'close' ? 'closes a WebSocket' : 'sends on a WebSocket';
    case 'timer':
      return `sets ${event.name}, ${elapsed(event.delayMs)}`;
    case 'life':
      return `${STEPS[event.step]}${event.reason && `: ${event.reason}`}`;
    case 'fault':
      return `${FAULTS[event.fault]}: ${event.place}`;
    case 'log':
      return `${event.level}: ${event.text}`;
    default:
      return event satisfies never;
  }
}

const FAULTS = {
  latency: 'makes the network slow',
  bandwidth: 'makes the network narrow',
  stall: 'blocks the network',
  cut: 'breaks connections',
  storage: 'makes storage slow',
  lift: 'ends a fault of the network',
  clear: 'ends all faults',
} as const;

const STEPS = { start: 'starts', construct: 'constructor runs', sleep: 'goes to sleep', reset: 'is reset' } as const;

function arrival({ what, name }: { what: string; name: string }): string {
  if (what === 'answer') return name ? `answer to ${name}` : 'answer';
  if (what === 'socket') return name === 'close' ? 'close of a WebSocket' : 'WebSocket message';
  return name || what;
}

const to = (name: string): string => name && ` ${name}`;

function waited(ms: number): string {
  return ms >= WAITED_MS_MIN ? `, waited ${elapsed(ms)}` : '';
}

/**
 * A run in one sentence: `2 requests, the second waited 3 ms, answers 1 and 2.` Empty when nothing was asked, rang or ended.
 *
 * @param events  in order
 * @param answers  what the requests were answered with, as texts
 */
export function sentenceOf(events: readonly TraceEvent[], answers: readonly string[]): string {
  const requests = new Map<string, number>();
  const roots = new Map<string, number>();
  const waits: number[] = [];
  const counts = { timers: 0, alarms: 0, failed: 0, resets: 0, asleep: 0 };
  for (const event of events) {
    const { cause } = event;
    const isRequest = event.kind === 'ask' && event.actor.kind === 'client';
    if (isRequest) requests.set(keyOf(event), requests.size);
    const root = isRequest
      ? requests.size - 1
      : cause && roots.get(keyOf({ actor: { id: cause.actor }, number: cause.number }));
    if (root !== undefined) roots.set(keyOf(event), root);
    if (event.kind === 'deliver') {
      if (event.what === 'timer') counts.timers++;
      if (event.what === 'alarm') counts.alarms++;
      if (root !== undefined && event.waitedMs >= WAITED_MS_MIN)
        waits[root] = Math.max(waits[root] ?? 0, event.waitedMs);
    } else if (event.kind === 'answer' && event.what === 'error') counts.failed++;
    else if (event.kind === 'life' && event.step === 'reset') counts.resets++;
    else if (event.kind === 'life' && event.step === 'sleep') counts.asleep++;
  }
  const parts = [
    several(requests.size, 'request'),
    waitWords(waits, requests.size),
    several(counts.timers, 'timer', 'rang'),
    several(counts.alarms, 'alarm', 'ran'),
    several(counts.failed, 'call', 'failed'),
    several(counts.resets, 'object', counts.resets === 1 ? 'was reset' : 'were reset'),
    several(counts.asleep, 'object', 'went to sleep'),
    answerWords(answers),
  ].filter((part) => part !== '');
  const text = parts.join(', ');
  return text && `${text}.`;
}

function several(count: number, what: string, does = ''): string {
  return count === 0 ? '' : `${count} ${count === 1 ? what : `${what}s`}${does && ` ${does}`}`;
}

const ORDINALS = ['the first', 'the second', 'the third', 'the fourth', 'the fifth'];

/** @param waits  by request; holes where one did not wait */
function waitWords(waits: readonly number[], requestCount: number): string {
  const who = [...waits.keys()].filter((at) => waits[at] !== undefined);
  const [only] = who;
  if (only === undefined) return requestCount > 1 ? 'none waited' : '';
  const longest = elapsed(Math.max(...who.map((at) => waits[at] as number)));
  if (who.length > 1) return `${who.length} waited, ${longest} at most`;
  if (requestCount === 1) return `waited ${longest}`;
  return ORDINALS[only] ? `${ORDINALS[only]} waited ${longest}` : `one waited ${longest}`;
}

const ANSWERS_MAX = 4;
const ANSWER_LENGTH_MAX = 24;

function answerWords(answers: readonly string[]): string {
  if (answers.length === 0 || answers.length > ANSWERS_MAX) return '';
  if (answers.some((text) => text.trim() === '' || text.length > ANSWER_LENGTH_MAX)) return '';
  const texts = answers.map((text) => text.trim());
  if (texts.length === 1) return `answer ${texts[0]}`;
  return `answers ${texts.slice(0, -1).join(', ')} and ${texts.at(-1)}`;
}

/** What there is to say of one event besides `whatOf`, as pairs of a name and a value. */
export function detailsOf(event: TraceEvent): [what: string, value: string][] {
  const { actor, number } = event;
  const more: [string, string][] = [
    ['Event', `${number} of ${actor.label} on machine ${actor.machine}`],
    ['Real time', `${event.realMs.toFixed(1)} ms on that machine’s clock`],
  ];
  if (event.kind === 'deliver') more.unshift(['Waited', `${event.waitedMs.toFixed(1)} ms`]);
  return more;
}
