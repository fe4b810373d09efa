import { afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, type LogLine, Simulator, type WorkerProject } from '../../src/index.ts';
import { stand } from '../support/stand.ts';

const SHOP = `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
export class Cart extends DurableObject {
  async add(what) { await this.env.MAIL.send('added ' + what); return (await this.ctx.storage.kv.put('n', (this.ctx.storage.kv.get('n') ?? 0) + 1), this.ctx.storage.kv.get('n')) }
  version() { return this.env.MAIL.version() }
}
export class Prices extends WorkerEntrypoint { of(what) { return what.length + this.env.CENTS / 100 } }
const due = [];
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/mail') return env.MAIL_SITE.fetch('http://mail/index.html');
    if (pathname === '/due') return Response.json(due);
    return Response.json(await env.MAIL.sent());
  },
  async scheduled({ cron, scheduledTime, noRetry }, env, ctx) {
    due.push([cron, scheduledTime]);
    ctx.waitUntil(env.MAIL.send('due ' + cron));
    if (cron === 'fails') throw new Error('no');
  },
};
`;
const MAIL = (version: string) => `
import { WorkerEntrypoint, RpcTarget } from 'cloudflare:workers';
class Letter extends RpcTarget { text = ''; write(more) { this.text += more; return this.text.length } read() { return this.text } }
const sent = [];
export class Sender extends WorkerEntrypoint {
  send(text) { sent.push([this.ctx.props.from, text]); return sent.length }
  sent() { return sent }
  version() { return '${version}' }
  letter() { return new Letter() }
  each(values, use) { return Promise.all(values.map((value) => use(value))) }
  async price(what) { return this.env.PRICES.of(what) }
  cart(name) { return this.env.CARTS.getByName(name).add('by mail') }
}
export default { fetch: (request) => new Response('mail got ' + request.url) };
`;

const shop: WorkerProject = {
  modules: { 'index.js': SHOP },
  config: {
    name: 'shop',
    main: 'index.js',
    vars: { CENTS: 50 },
    durable_objects: { bindings: [{ name: 'CARTS', class_name: 'Cart' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Cart'] }],
    services: [
      { binding: 'MAIL', service: 'mail', entrypoint: 'Sender', props: { from: 'shop' } },
      { binding: 'MAIL_SITE', service: 'mail' },
    ],
  },
};
const mail = (version = 'one', more: object = {}): WorkerProject => ({
  modules: { 'index.js': MAIL(version) },
  config: {
    name: 'mail',
    main: 'index.js',
    durable_objects: { bindings: [{ name: 'CARTS', class_name: 'Cart', script_name: 'shop' }] },
    services: [{ binding: 'PRICES', service: 'shop', entrypoint: 'Prices' }],
    ...more,
  },
});

interface Letter {
  write(text: string): Promise<number>;
  read(): Promise<string>;
}
interface Env {
  CARTS: DurableObjectNamespace<{ add(what: string): number; version(): string }>;
  MAIL: {
    send(text: string): Promise<number>;
    sent(): Promise<unknown>;
    version(): Promise<string>;
    letter(): Promise<Letter> & Letter;
    each(values: number[], use: (value: number) => number): Promise<number[]>;
    price(what: string): Promise<number>;
    cart(name: string): Promise<number>;
  };
}

let lastAccount = 0;
const open: Simulator<Env>[] = [];

async function start(workers: WorkerProject[] = [shop, mail()]): Promise<Simulator<Env>> {
  const name = `services-${lastAccount++}-${performance.timeOrigin}`;
  const simulator = await Simulator.open<Env>({ name, workers, storage: 'memory' });
  open.push(simulator);
  return simulator;
}

afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close({ delete: true });
});

describe('two Workers', () => {
  test('reach each other by their bindings, from Workers, objects and the page', async () => {
    const sim = await start();
    expect(await sim.env.CARTS.getByName('a').add('apples')).toBe(1);
    expect(await sim.env.MAIL.cart('a')).toBe(2);
    expect(await sim.env.MAIL.price('pear')).toBe(4.5);
    const all = [
      ['shop', 'added apples'],
      ['shop', 'added by mail'],
    ];
    expect(await sim.env.MAIL.sent()).toEqual(all);
    expect(await (await sim.fetch('/')).json()).toEqual(all);
    expect(await (await sim.fetch('/mail')).text()).toBe('mail got http://mail/index.html');
  });

  test('give a page what goes by reference, for as long as it has it', async () => {
    const sim = await start();
    const letter = await sim.env.MAIL.letter();
    expect(await letter.write('hello')).toBe(5);
    await sim.env.MAIL.send('another request meanwhile');
    expect(await letter.write(' there')).toBe(11);
    expect(await letter.read()).toBe('hello there');
    expect(await sim.env.MAIL.letter().write('at once')).toBe(7);
    expect(await sim.env.MAIL.each([1, 2], (value) => value * 10)).toEqual([10, 20]);
  });

  test('are deployed together: bindings lead to the newest code', async () => {
    const sim = await start();
    const cart = sim.env.CARTS.getByName('a');
    expect(await cart.version()).toBe('one');
    const stub = sim.env.MAIL;
    await sim.deploy({ workers: [shop, mail('two')] });
    expect(await sim.env.CARTS.getByName('a').version()).toBe('two');
    expect(await stub.version()).toBe('two');
  });

  test('are refused together when one of them cannot load', async () => {
    const sim = await start();
    // The first takes longer to load than the other to fail.
    const slow = { ...shop, modules: { 'index.js': `for (let i = 0; i < 3e8; i++);\n${shop.modules['index.js']}` } };
    const broken = { ...mail(), modules: { 'index.js': `${MAIL('two')}\nthrow new RangeError('not today');` } };
    await expect(sim.deploy({ workers: [slow, broken] })).rejects.toMatchObject({
      code: 'bundle_failed',
      message: expect.stringContaining('mail/index.js failed while it was loaded: RangeError: not today') as string,
    });
    expect(await sim.env.MAIL.version()).toBe('one');
  });

  test('are refused when a binding leads nowhere', async () => {
    await expect(start([shop])).rejects.toMatchObject({
      code: 'config_invalid',
      message:
        'The service binding MAIL of "shop" names the Worker "mail", which is not among the Workers: shop. Add it to "workers".',
    });
    const services = [{ binding: 'PRICES', service: 'shop', entrypoint: 'Price' }];
    await expect(start([shop, mail('one', { services })])).rejects.toMatchObject({
      code: 'config_invalid',
      message:
        'The service binding PRICES of "mail" names the entrypoint Price, which "shop" does not export. It exports Cart, Prices, default.',
    });
  });
});

test('sim.scheduled runs the handler by the account’s clock and tells how it ended', async () => {
  const sim = await start();
  const lines: LogLine[] = [];
  sim.on('log', (line) => lines.push(line));
  const nowMs = await stand(sim);
  expect(await sim.scheduled({ cron: '0 * * * *' })).toEqual({ outcome: 'ok', noRetry: false });
  expect(await sim.scheduled({ cron: 'fails', scheduledTime: new Date(5) })).toEqual({
    outcome: 'exception',
    noRetry: false,
  });
  expect(await (await sim.fetch('/due')).json()).toEqual([
    ['0 * * * *', nowMs],
    ['fails', 5],
  ]);
  expect(await sim.env.MAIL.sent()).toEqual([
    ['shop', 'due 0 * * * *'],
    ['shop', 'due fails'],
  ]);
  expect(lines.filter(({ level }) => level === 'error').map(({ text }) => text.split('\n')[0])).toEqual([
    expect.stringContaining('Uncaught Error: no') as string,
  ]);
});
