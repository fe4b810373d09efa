/** From an event of the timeline to the code that it came from: which member that is, and where it stands in the files. */
import { describe, expect, test } from 'vitest';
import { definitionOf } from '../../playground/definitions.ts';
import { type Origin, originOf } from '../../playground/origins.ts';
import { layOut } from '../../playground/timeline-model.ts';
import type { TraceEvent } from '../../src/index.ts';
import { MadeTrace } from '../support/made-trace.ts';

const FILES = {
  'wrangler.jsonc': '{ "main": "src/index.ts" }',
  'src/base.ts': `export class Base<Env> {
  inherited(): void {}
  hidden(): void {}
}
`,
  'src/index.ts': `import { Base } from './base.ts';
// class Room { enter() {} }
export class Room extends Base<Env> {
  #secret = 1;
  constructor(ctx: State, env: Env) { super(); }
  async enter(name: string): Promise<number> {
    const text = 'leave() { }';
    return 1;
  }
  static leave() {}
  leave = async () => {};
  'hidden'() {}
}
export const Hall = class extends Room {};
export class Circle extends Circle {}
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    return new Response('');
  },
} satisfies ExportedHandler<Env>;
`,
};
const lineOf = (owner: Parameters<typeof definitionOf>[1], member: string) => {
  const at = definitionOf(FILES, owner, member);
  return at && `${at.file}:${at.line}:${at.column}`;
};

describe('a definition is found', () => {
  test.each([
    ['a method, not one in a comment or a text', { className: 'Room' }, 'enter', 'src/index.ts:6:9'],
    ['a property that is a function, not the static one', { className: 'Room' }, 'leave', 'src/index.ts:11:3'],
    ['a constructor', { className: 'Room' }, 'constructor', 'src/index.ts:5:3'],
    ['a class without a constructor, by its name', { className: 'Base' }, 'constructor', 'src/base.ts:1:14'],
    ['what a class inherits from another file', { className: 'Room' }, 'inherited', 'src/base.ts:2:3'],
    ['what it overrides, by a name in quotes', { className: 'Room' }, 'hidden', 'src/index.ts:12:3'],
    ['what a class expression inherits', { className: 'Hall' }, 'enter', 'src/index.ts:6:9'],
    ['the handler of the default export', 'default', 'fetch', 'src/index.ts:17:9'],
    ['nothing for what nobody defines', { className: 'Room' }, 'away', undefined],
    ['nothing for a class that is its own base', { className: 'Circle' }, 'away', undefined],
    ['nothing for a class that is not there', { className: 'Away' }, 'enter', undefined],
  ] as const)('%s', (_what, owner, member, place) => expect(lineOf(owner, member)).toBe(place));

  test.each([
    ['a named object', 'const worker = {\n  fetch() {},\n};\nexport default worker;\n'],
    ['a class without a name', 'export default class extends WorkerEntrypoint {\n  fetch() {}\n}\n'],
    ['a class with a name', 'export default class Entry extends WorkerEntrypoint {\n  fetch() {}\n}\n'],
    ['an object in JavaScript', 'export default {\n  fetch() {},\n};\n'],
  ])('in a default export that is %s', (_what, text) => {
    const file = text.includes('JavaScript') ? 'index.js' : 'index.ts';
    expect(definitionOf({ [file]: text }, 'default', 'fetch')).toEqual({ file, line: 2, column: 3 });
  });

  test('again after an edit', () => {
    const found = (text: string) => definitionOf({ 'a.ts': text }, { className: 'A' }, 'm')?.line;
    expect([found('class A { m() {} }'), found('\n\nclass A { m() {} }'), found('class A {')]).toEqual([
      1,
      3,
      undefined,
    ]);
  });
});

describe('an event came from', () => {
  /** A page asks a Worker, which asks an object: that sets a timer in a section and answers when it rang; then it commits. */
  function run() {
    const trace = new MadeTrace();
    const [page, worker, object] = [
      trace.actor('client', 'client'),
      trace.actor('worker', 'rooms'),
      trace.actor('object', 'Room:a:b', { lane: 'rooms-Room/1' }),
    ];
    const events: Record<string, TraceEvent> = {};
    const note = (name: string, by: typeof page, detail: Parameters<typeof page.note>[0], cause?: string) => {
      events[name] = by.note(detail, cause === undefined ? undefined : events[cause]);
    };
    note('start', object, { kind: 'life', step: 'construct', reason: '' });
    note('get', page, { kind: 'ask', what: 'fetch', name: 'GET', to: 'rooms' });
    note('got', worker, { kind: 'deliver', what: 'fetch', name: 'GET', waitedMs: 0 }, 'get');
    note('ask', worker, { kind: 'ask', what: 'call', name: 'enter', to: 'rooms-Room/1' }, 'got');
    note('wait', object, { kind: 'wait', what: 'call', name: 'enter' }, 'ask');
    note('asked', object, { kind: 'deliver', what: 'call', name: 'enter', waitedMs: 0 }, 'ask');
    note('set', object, { kind: 'timer', name: 'setTimeout', delayMs: 5 }, 'asked');
    note('rang', object, { kind: 'deliver', what: 'timer', name: 'setTimeout', waitedMs: 0 }, 'set');
    note('closed', object, { kind: 'gate', gate: 'output', state: 'closed', reason: 'commit' }, 'rang');
    note('log', object, { kind: 'log', level: 'log', text: 'x' }, 'rang');
    note('answer', object, { kind: 'answer', what: 'value', name: 'enter' }, 'rang');
    note('began', object, { kind: 'commit', state: 'began', pages: 1 });
    note('durable', object, { kind: 'commit', state: 'durable', moment: 7 });
    note('open', object, { kind: 'gate', gate: 'output', state: 'open', reason: 'commit' });
    note('answered', worker, { kind: 'deliver', what: 'answer', name: 'enter', waitedMs: 0 }, 'answer');
    note('response', worker, { kind: 'answer', what: 'response', name: 'GET' }, 'answered');
    note('shown', page, { kind: 'deliver', what: 'answer', name: 'GET', waitedMs: 0 }, 'response');
    note('alarm', object, { kind: 'deliver', what: 'alarm', name: 'alarm', waitedMs: 0 });
    note('edit', object, { kind: 'deliver', what: 'edit', name: 'put', waitedMs: 0 });
    note('outside', object, { kind: 'timer', name: 'setInterval', delayMs: 5 });
    note('tick', object, { kind: 'deliver', what: 'timer', name: 'setInterval', waitedMs: 0 }, 'outside');
    note('said', object, { kind: 'log', level: 'log', text: 'y' }, 'tick');
    note('unsafe', object, { kind: 'commit', state: 'began', pages: 1 });
    note('sleep', object, { kind: 'life', step: 'sleep', reason: '' });
    note('woken', worker, { kind: 'life', step: 'start', reason: '' });
    return { timeline: layOut(trace.events), trace, events };
  }
  const wordsOf = (origin: Origin) =>
    origin.kind === 'code' ? origin.name : origin.kind === 'storage' ? `${origin.lane} ${origin.moment}` : origin.why;
  const { timeline, trace, events } = run();
  const of = (name: string) => wordsOf(originOf(timeline, trace.events.indexOf(events[name] as TraceEvent)));

  test.each([
    ['start', 'Room'],
    ['get', 'fetch()'],
    ['got', 'fetch()'],
    ['ask', 'Room.enter()'],
    ['wait', 'Room.enter()'],
    ['asked', 'Room.enter()'],
    ['set', 'Room.enter()'],
    ['rang', 'Room.enter()'],
    ['closed', 'Room.enter()'],
    ['log', 'Room.enter()'],
    ['answer', 'Room.enter()'],
    ['began', 'rooms-Room/1 7'],
    ['durable', 'rooms-Room/1 7'],
    ['open', 'Room.enter()'],
    ['answered', 'Room.enter()'],
    ['response', 'fetch()'],
    ['shown', 'fetch()'],
    ['alarm', 'Room.alarm()'],
  ])('%s: %s', (name, words) => expect(of(name)).toBe(words));

  test.each([
    ['edit', 'made by hand'],
    ['said', 'belongs to no event'],
    ['outside', 'belongs to no event'],
    ['unsafe', 'has not reached the disk'],
    ['sleep', 'No code sends an object to sleep'],
    ['woken', 'A Worker starts because something asks it'],
  ])('nowhere, and it says why: %s', (name, words) => expect(of(name)).toContain(words));

  test('nowhere any more, when what led to it is forgotten', () => {
    const rest = layOut(trace.events.slice(trace.events.indexOf(events['rang'] as TraceEvent)));
    expect(wordsOf(originOf(rest, 0))).toBe('What led to it is not kept any more.');
    expect(wordsOf(originOf(rest, 2))).toBe('What led to it is not kept any more.');
  });
});
