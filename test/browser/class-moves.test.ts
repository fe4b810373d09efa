/**
 * What of an object moves along when its class gets another name or another script: the alarm that is set, WebSockets and their
 * attachments, and the bindings of others; and what a class that is deleted leaves to none of them.
 */
import { afterEach, expect, test } from 'vitest';
import { type AnyEnv, Simulator } from '../../src/index.ts';
import { Ear } from '../support/socket-ear.ts';

const CODE = (className: string) => `
import { DurableObject } from 'cloudflare:workers';
export class ${className} extends DurableObject {
  async fetch() {
    const [client, server] = Object.values(new WebSocketPair());
    this.ctx.acceptWebSocket(server, ['of ${className}']);
    server.serializeAttachment({ since: '${className}' });
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(ws, text) {
    ws.send(['${className}', text, ws.deserializeAttachment().since, ...this.ctx.getTags(ws)].join(' '));
  }
  async alarm() { this.ctx.storage.kv.put('ran', '${className}') }
  async arm(ms) { await this.ctx.storage.setAlarm(Date.now() + ms); return '${className}' }
  seen() { return ['${className}', this.ctx.storage.kv.get('ran')] }
}
export default { fetch: (request, env) => env.OBJ.getByName('a').fetch(request) };
`;
/** It has no class, and asks one of another script. */
const GATE = `export default { async fetch(request, env) { return Response.json(await env.FAR.getByName('a').seen()) } };`;

interface Obj {
  arm(ms: number): Promise<string>;
  seen(): Promise<[className: string, ran: string | undefined]>;
}

function worker(name: string, className: string | undefined, migrations: object[], binding?: object) {
  const own = className ? [{ name: 'OBJ', class_name: className }] : [];
  return {
    modules: { 'index.js': className ? CODE(className) : binding ? GATE : 'export default {};' },
    config: {
      name,
      main: 'index.js',
      compatibility_date: '2026-07-30',
      durable_objects: { bindings: binding ? [binding] : own },
      migrations,
    },
  };
}

const V1 = { tag: 'v1', new_sqlite_classes: ['Room'] };
const ROOM = worker('rooms', 'Room', [V1]);
const ALARM_MS = 60_000;
const CLOSED = 'close 1006 Durable Object connection closed because the object was reset. false';

let sim: Simulator | undefined;
let last = 0;

async function start(...workers: ReturnType<typeof worker>[]): Promise<Simulator> {
  sim = await Simulator.open({ name: `moves-${last++}-${performance.timeOrigin}`, storage: 'memory', workers });
  await sim.clock.pause();
  return sim;
}

const obj = (at: Simulator): Obj =>
  ((at.env as AnyEnv)['OBJ'] as { getByName(name: string): unknown }).getByName('a') as Obj;

afterEach(async () => {
  Ear.closeAll();
  await sim?.close({ delete: true });
  sim = undefined;
});

async function withSocket(at: Simulator): Promise<Ear> {
  const ear = new Ear(new at.WebSocket('/'));
  expect(await ear.next()).toBe('open');
  expect(await ear.asks('hi')).toBe('Room hi Room of Room');
  return ear;
}

test('an alarm of a renamed class rings in the class under its new name; new code closes its WebSockets', async () => {
  const at = await start(ROOM);
  expect(await obj(at).arm(ALARM_MS)).toBe('Room');
  const ear = await withSocket(at);
  const renamed = { tag: 'v2', renamed_classes: [{ from: 'Room', to: 'Hall' }] };
  await at.deploy(worker('rooms', 'Hall', [V1, renamed]));
  expect(await ear.next()).toBe(CLOSED);
  expect(await obj(at).seen()).toEqual(['Hall', undefined]);
  await at.clock.advance(ALARM_MS);
  expect(await obj(at).seen()).toEqual(['Hall', 'Hall']);
  const next = new Ear(new at.WebSocket('/'));
  expect([await next.next(), await next.asks('hi')]).toEqual(['open', 'Hall hi Hall of Hall']);
});

test('an alarm of an object that nobody has called since rings in the renamed class too', async () => {
  const at = await start(ROOM);
  await obj(at).arm(ALARM_MS);
  const renamed = { tag: 'v2', renamed_classes: [{ from: 'Room', to: 'Hall' }] };
  await at.deploy(worker('rooms', 'Hall', [V1, renamed]));
  await at.clock.advance(ALARM_MS);
  expect(await obj(at).seen()).toEqual(['Hall', 'Hall']);
});

test('an alarm of a transferred class rings in the other script, and whoever bound the class there binds it here', async () => {
  const at = await start(ROOM);
  await obj(at).arm(ALARM_MS);
  const ear = await withSocket(at);
  const transferred = { tag: 'v1', transferred_classes: [{ from: 'Room', from_script: 'rooms', to: 'Lobby' }] };
  const giver = worker('rooms', undefined, [V1], { name: 'FAR', class_name: 'Lobby', script_name: 'lobbies' });
  await at.deploy({ workers: [giver, worker('lobbies', 'Lobby', [transferred])] });
  expect(await ear.next()).toBe(CLOSED);
  expect(await (await at.fetch('/')).json()).toEqual(['Lobby', null]);
  await at.clock.advance(ALARM_MS);
  expect(await (await at.fetch('/')).json()).toEqual(['Lobby', 'Lobby']);
});

test('a deleted class leaves no alarm and no WebSocket, and one of its name finds neither', async () => {
  const at = await start(ROOM);
  await obj(at).arm(ALARM_MS);
  const ear = await withSocket(at);
  const deleted = { tag: 'v2', deleted_classes: ['Room'] };
  await at.deploy(worker('rooms', undefined, [V1, deleted]));
  expect(await ear.next()).toBe(CLOSED);
  const again = { tag: 'v3', new_sqlite_classes: ['Room'] };
  await at.deploy(worker('rooms', 'Room', [V1, deleted, again]));
  await at.clock.advance(ALARM_MS);
  expect(await obj(at).seen()).toEqual(['Room', undefined]);
  await withSocket(at);
});
