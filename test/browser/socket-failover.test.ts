/**
 * WebSockets between two machines that a partition separates: what the page and the object are told, where a new socket leads, and
 * that nothing is delivered twice. What a partition does to calls is in network-faults.test.ts; tabs that are killed are in
 * test/e2e/sockets.test.ts.
 */
import { afterEach, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator } from '../../src/index.ts';
import { assertNoSockets } from '../support/no-sockets.ts';
import { Ear } from '../support/socket-ear.ts';
import { takesSocket } from '../support/socket-program.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Room extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.lives = (ctx.storage.kv.get('lives') ?? 0) + 1;
    ctx.storage.kv.put('lives', this.lives);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS log (text TEXT)');
  }
  fetch(request) {${takesSocket("request.url.endsWith('/standard')")}
  }
  note(text) { this.ctx.storage.sql.exec('INSERT INTO log VALUES (?)', text) }
  webSocketMessage(ws, message) { this.note(message); ws.send('got ' + message) }
  webSocketClose(ws, code, reason, wasClean) { this.note('close ' + code + ' ' + wasClean) }
  told() {
    return { lives: this.lives, log: [...this.ctx.storage.sql.exec('SELECT text FROM log')].map(({ text }) => text), open: this.ctx.getWebSockets().length };
  }
}
export default { fetch: (request, env) => env.ROOMS.getByName('a').fetch(request) };
`;

interface Env {
  ROOMS: DurableObjectNamespace<{ told(): Promise<{ lives: number; log: string[]; open: number }> }>;
}

const project = {
  modules: { 'index.js': PROGRAM },
  config: {
    name: 'failover',
    main: 'index.js',
    compatibility_date: '2026-07-30',
    durable_objects: { bindings: [{ name: 'ROOMS', class_name: 'Room' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Room'] }],
  },
};

const open: Simulator<Env>[] = [];
let lastAccount = 0;

afterEach(async () => {
  try {
    // First the page that has the sockets: it breaks off what is open, and then nobody has anything.
    for (const sim of open.toReversed()) await assertNoSockets(sim);
  } finally {
    for (let sim = open.shift(); sim; sim = open.shift()) await sim.close({ delete: open.length === 0 });
  }
});

/** The object runs on `one`; a page of `two` has a socket there. */
async function apart(path: string) {
  const name = `failover-${lastAccount++}-${performance.timeOrigin}`;
  const one = await Simulator.open<Env>({ name, storage: 'indexeddb', machine: 'one', ...project });
  const two = await Simulator.open<Env>({ name, storage: 'indexeddb', machine: 'two' });
  open.push(one, two);
  const [here, there] = [one, two].map((sim) => sim.env.ROOMS.getByName('a')) as [
    ReturnType<Env['ROOMS']['getByName']>,
    ReturnType<Env['ROOMS']['getByName']>,
  ];
  expect(await here.told()).toEqual({ lives: 1, log: [], open: 0 });
  const far = await opened(two, path);
  expect(await far.asks('1')).toBe('got 1');
  return { one, two, here, there, far, partition: await two.faults.partition('one', 'two') };
}

async function opened(sim: Simulator<Env>, path: string): Promise<Ear> {
  const ear = new Ear(new sim.WebSocket(path));
  expect(await ear.next()).toBe('open');
  return ear;
}

/** The same after a death: the Worker that leads to the object hears of it when it does, and until then has only the old link. */
async function openedAtLast(sim: Simulator<Env>, path: string): Promise<Ear> {
  for (;;) {
    const ear = new Ear(new sim.WebSocket(path));
    if ((await ear.next()) === 'open') return ear;
  }
}

const GONE = 'close 1006  false';
const paths = ['/kept', '/standard'];

test.each(paths)('a partition that heals has delayed a socket, and nothing more: %s', async (path) => {
  const { here, far, partition } = await apart(path);
  far.socket.send('2');
  far.socket.send('3');
  expect((await here.told()).log, 'nothing gets through').toEqual(['1']);
  expect(far.socket.readyState).toBe(1);
  await partition.lift();
  expect([await far.next(), await far.next()]).toEqual(['got 2', 'got 3']);
  expect(await far.asks('4')).toBe('got 4');
  const { lives, log } = await here.told();
  expect([lives, log]).toEqual([1, ['1', '2', '3', '4']]);
});

test.each(paths)(
  'a connection that is given up meanwhile is over at both ends; a new one waits, and leads to the same instance: %s',
  async (path) => {
    const { one, two, here, far, partition } = await apart(path);
    far.socket.send('never');
    await two.faults.cut({ machine: one.machine });
    expect(await far.next()).toBe(GONE);
    await expect.poll(async () => (await here.told()).log).toEqual(['1', 'close 1006 false']);
    const anew = new Ear(new two.WebSocket(path));
    // What goes another way comes and goes meanwhile.
    for (let i = 0; i < 3; i++) await here.told();
    expect([anew.socket.readyState, (await here.told()).open]).toEqual([0, 0]);
    await partition.lift();
    expect(await anew.next()).toBe('open');
    expect(await anew.asks('2')).toBe('got 2');
    const { lives, log } = await here.told();
    expect([lives, log]).toEqual([1, ['1', 'close 1006 false', '2']]);
  },
);

test.each(paths)('a machine that goes away behind the partition: %s', async (path) => {
  const { one, two, there, far, partition } = await apart(path);
  far.socket.send('never');
  open.splice(open.indexOf(one), 1);
  await one.close();
  expect(await far.next()).toBe(GONE);
  const anew = await openedAtLast(two, path);
  expect(await anew.asks('2')).toBe('got 2');
  await partition.lift();
  const { lives, log, open: kept } = await there.told();
  expect([lives, kept], 'it runs here now').toEqual([2, path === '/kept' ? 1 : 0]);
  expect(log.filter((text) => !text.startsWith('close'))).toEqual(['1', '2']);
});
