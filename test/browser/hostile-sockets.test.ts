/**
 * A script of the origin that speaks on the links of others' WebSockets, and says what no correct peer says: that link breaks, and
 * nothing else. What exactly is refused is in test/unit/hostile-sockets.test.ts.
 */
import '../support/heard-channels.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DurableObjectNamespace, Simulator } from '../../src/index.ts';
import type { Packed } from '../../src/network/packets.ts';
import { accounts } from '../support/accounts.ts';
import { openedLinks, UnheardChannel } from '../support/heard-channels.ts';
import { Ear } from '../support/socket-ear.ts';
import { takesSocket } from '../support/socket-program.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Room extends DurableObject {
  fetch(request) {${takesSocket("request.url.endsWith('/standard')")}
  }
  webSocketMessage(ws, message) { ws.send(message) }
  webSocketClose(ws, code, reason, wasClean) { (this.closed ??= []).push([code, wasClean]) }
  told() { return { closed: this.closed ?? [], open: this.ctx.getWebSockets().length } }
}
export default { fetch: (request, env) => env.ROOMS.getByName(new URL(request.url).pathname.split('/')[1]).fetch(request) };
`;

interface Env {
  ROOMS: DurableObjectNamespace<{ told(): Promise<{ closed: unknown[]; open: number }> }>;
}

const project = {
  modules: { 'index.js': PROGRAM },
  config: {
    name: 'hostile',
    main: 'index.js',
    compatibility_date: '2026-07-30',
    durable_objects: { bindings: [{ name: 'ROOMS', class_name: 'Room' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Room'] }],
  },
};

const { start } = accounts<Env>('hostile', project);
let sim: Simulator<Env>;

/** A socket over a link of its own, and somebody else who hears that link and speaks on it. */
async function overheard(path: string) {
  const known = openedLinks().length;
  const ear = new Ear(new sim.WebSocket(path));
  expect(await ear.next()).toBe('open');
  expect(await ear.asks('hello')).toBe('hello'); // the link is opened meanwhile
  const names = openedLinks().slice(known);
  const intruder = new UnheardChannel(names.at(-1) as string);
  const last: (Packed | undefined)[] = [undefined, undefined];
  intruder.onmessage = ({ data }: MessageEvent<Packed>) => {
    last[data[4] as number] = data;
  };
  expect(await ear.asks('again')).toBe('again');
  await expect.poll(() => last.every(Boolean)).toBe(true);
  /** In a packet that follows the one which that end posted last: kinds and contents in turn. */
  const says = (end: 0 | 1, frames: readonly unknown[]) => {
    const packet = last[end] as Packed;
    const first = (packet[5] as number) + (packet.length - 7) / 2;
    intruder.postMessage([...packet.slice(0, 5), first, undefined, ...frames]);
  };
  return { ear, says, close: () => intruder.close() };
}

const GONE = 'close 1006  false';

/** Each is refused, whatever was said before. */
const REFUSED: [string, unknown[]][] = [
  ['another language', [0, { m: 'call', id: 1 }]],
  ['no data', [0, { s: 'message', id: 1, data: { length: 4 } }]],
  ['a number that was never given', [0, { s: 'message', id: 99, data: 'x' }]],
  ['a number out of order', [0, { s: 'open', id: 7, connection: 'x' }]],
  ['a number twice', [0, { s: 'open', id: 1, connection: 'x' }]],
  ['a negative credit', [0, { s: 'credit', id: 1, bytes: -5 }]],
  ['a huge credit', [0, { s: 'credit', id: 1, bytes: Number.MAX_SAFE_INTEGER }]],
  ['a code that is never sent', [0, { s: 'close', id: 1, code: 1006, reason: '' }]],
  ['a code that is none', [0, { s: 'close', id: 1, code: 70_000, reason: '' }]],
  ['a frame of no kind', [17, 1]],
  ['credit for a stream of nobody', [2, [5, 1]]],
  ['bytes that are none', [1, [1, 'text']]],
  ['no frame', [null, null]],
  ['a message that was packed wrongly', [8, [1, 2]]],
  ['bytes in no block', [9, [1, 2, 0, 'x', null]]],
];

test.each(['/a', '/a/standard'])(
  'whoever speaks so on the link of a socket breaks it at both ends: %s',
  async (path) => {
    sim = await start({ network: 'channel' });
    const stub = sim.env.ROOMS.getByName('a');
    const other = new Ear(new sim.WebSocket('/b/standard')); // held by another thread: it has a link of its own
    expect(await other.next()).toBe('open');
    let count = 0;
    for (const [name, frame] of REFUSED) {
      for (const end of [0, 1] as const) {
        const { ear, says, close } = await overheard(path);
        says(end, frame);
        expect(await ear.next(), `${name}, as ${end ? 'the object' : 'the page'}`).toBe(GONE);
        count++;
        await expect.poll(async () => (await stub.told()).closed.length, { message: name }).toBe(count);
        close();
      }
    }
    const { closed, open } = await stub.told();
    expect([closed, open]).toEqual([Array.from({ length: count }, () => [1006, false]), 0]);
    expect(await other.asks('still here')).toBe('still here');
  },
);

test('whatever is said on it, in seeded sequences: the page and the object go on', async () => {
  sim = await start({ network: 'channel' });
  const odd = fc.constantFrom<unknown>(
    undefined,
    null,
    -1,
    1.5,
    0,
    1,
    2,
    true,
    '',
    'x',
    new Uint8Array(2),
    {},
    Infinity,
    1n,
  );
  const body = fc.record(
    {
      s: fc.constantFrom('open', 'message', 'close', 'lost', 'credit', 'x'),
      id: odd,
      connection: odd,
      data: odd,
      code: odd,
      reason: odd,
      bytes: odd,
      error: odd,
      cause: odd,
    },
    { requiredKeys: ['s', 'id'] },
  );
  const frame = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant(0), body) },
    fc.tuple(fc.integer({ min: -1, max: 10 }), fc.oneof(odd, fc.array(odd, { maxLength: 9 }))),
  );
  const said = fc.sample(fc.tuple(fc.array(frame, { minLength: 1, maxLength: 6 }), fc.constantFrom<0 | 1>(0, 1)), {
    numRuns: 25,
    seed: 6,
  });
  for (const [frames, end] of said) {
    const { ear, says, close } = await overheard('/a');
    says(end, frames.flat());
    // It is one packet more than the other end expects, so the link breaks at the latest by what its owner says next.
    ear.socket.send('x');
    for (let text = await ear.next(); !text.startsWith('close'); text = await ear.next());
    expect(await sim.env.ROOMS.getByName('a').told()).toMatchObject({ open: expect.any(Number) });
    close();
  }
  await expect.poll(async () => (await sim.env.ROOMS.getByName('a').told()).open).toBe(0);
});
