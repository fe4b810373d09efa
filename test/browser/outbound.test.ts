/** What leaves the cloud and what comes in: a page that answers for the internet, routes of several Workers, who a client seems to be. */
import { describe, expect, test } from 'vitest';
import { Simulator } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Obj extends DurableObject {
  async go(url, init) { const r = await fetch(url, init); return [r.status, await r.text()] }
  later(url) { this.ctx.storage.setAlarm(Date.now() + 60_000); this.ctx.storage.put('url', url) }
  async alarm() { this.ctx.storage.put('heard', await (await fetch(await this.ctx.storage.get('url'))).text()) }
  heard() { return this.ctx.storage.get('heard') }
}
export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (pathname === '/who') return Response.json({ cf: request.cf, headers: Object.fromEntries(request.headers) });
    if (pathname === '/socket') {
      try { return new Response(String((await fetch(searchParams.get('url'), { headers: { Upgrade: 'websocket' } })).status)) }
      catch (error) { return new Response('threw ' + error) }
    }
    try {
      const answer = await fetch(searchParams.get('url'), { method: request.method, body: request.body });
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    } catch (error) { return new Response(error.name + ': ' + error.message, { status: 500 }) }
  },
};
`;

const config = {
  name: 'main',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
};

interface Obj {
  go(url: string, init?: RequestInit): Promise<[number, string]>;
  later(url: string): Promise<void>;
  heard(): Promise<string | undefined>;
}
interface Env {
  OBJ: { getByName(name: string): Obj };
}

const { start } = accounts<Env>('outbound', { modules: { 'index.js': PROGRAM }, config });

const through = (sim: Simulator<Env>, url: string, init?: RequestInit) =>
  sim.fetch(`/?url=${encodeURIComponent(url)}`, init).then(async (r) => [r.status, await r.text()]);

describe('a page that answers for the internet', () => {
  for (const network of ['auto', 'channel'] as const) {
    test(`gets what Workers and objects ask of it (network: ${network})`, async () => {
      const asked: string[] = [];
      const sim = await start({
        network,
        outbound: async (request) => {
          asked.push(`${request.method} ${request.url} ${request.headers.get('cookie')} ${await request.text()}`);
          return new Response(new Uint8Array(200_000).fill(97), { status: 203 });
        },
      });
      const [status, body] = await through(sim, 'https://api.test/a', { method: 'POST', body: 'hello' });
      expect([status, (body as string).length]).toEqual([203, 200_000]);
      const [, text] = await sim.env.OBJ.getByName('x').go('https://api.test/b', { headers: { cookie: 'a=b' } });
      expect(text.length).toBe(200_000);
      expect(asked).toEqual(['POST https://api.test/a null hello', 'GET https://api.test/b a=b ']);
    });
  }

  test('its errors reach the program, and what is no Response is told', async () => {
    const sim = await start({
      outbound: (request) => {
        if (request.url.endsWith('/none')) return 'text' as unknown as Response;
        throw new RangeError('no such place');
      },
    });
    expect(await through(sim, 'https://api.test/a')).toEqual([500, 'RangeError: no such place']);
    expect((await through(sim, 'https://api.test/none'))[1]).toContain(
      'The function "outbound" gave no Response for GET https://api.test/none.',
    );
  });

  test('is asked for WebSockets too, and can refuse them', async () => {
    const sim = await start({ outbound: () => new Response('not here', { status: 403 }) });
    expect(await (await sim.fetch('/socket?url=https://api.test/')).text()).toBe('403');
  });

  test('is not asked for what the account answers itself', async () => {
    const sim = await start({
      outbound: () => {
        throw new Error('asked');
      },
    });
    const [status, text] = await through(sim, `${sim.origin}/who`);
    expect(status).toBe(200);
    expect(JSON.parse(text as string).headers['cf-worker']).toBe('main.example.com');
  });

  test('is waited for by a clock that is advanced', async () => {
    let answer: (() => void) | undefined;
    const sim = await start({
      outbound: () =>
        new Promise((resolve) => {
          answer = () => resolve(new Response('at last'));
        }),
    });
    const object = sim.env.OBJ.getByName('x');
    await object.later('https://api.test/');
    let isOver = false;
    const advanced = sim.clock.advance(61_000).then(() => {
      isOver = true;
    });
    await expect.poll(() => answer).toBeDefined();
    expect(isOver).toBe(false);
    answer?.();
    await advanced;
    expect(await object.heard()).toBe('at last');
  });

  test('cannot come later to an account that was opened without one', async () => {
    const sim = await start();
    await expect(Simulator.open({ name: sim.name, outbound: () => new Response() })).rejects.toMatchObject({
      code: 'config_invalid',
      message: `The account "${sim.name}" is open in this page without "outbound": close it first, or open another machine.`,
    });
  });
});

test('a request to a route reaches the Worker that has it, from outside and from inside', async () => {
  const api = { 'index.js': 'export default { fetch: (request) => new Response("api has " + request.url) }' };
  const sim = await start({
    modules: undefined as never,
    config: undefined as never,
    workers: [
      { modules: { 'index.js': PROGRAM }, config },
      {
        modules: api,
        config: { name: 'api', main: 'index.js', compatibility_date: '2026-07-30', routes: ['api.example.com/*'] },
      },
    ],
  });
  expect(await through(sim, 'https://api.example.com/a')).toEqual([200, 'api has https://api.example.com/a']);
  expect(await sim.fetch('https://api.example.com/b').then((r) => r.text())).toBe('api has https://api.example.com/b');
  expect((await sim.fetch('https://elsewhere.example.com/who')).status).toBe(200);
});

test('a client is who it says it is, and otherwise somebody in Austin', async () => {
  const sim = await start();
  const who = async (...args: Parameters<typeof sim.fetch>) => (await sim.fetch(...args)).json();
  const usual = await who('https://shop.example.com/who', { headers: { cookie: 'a=b' } });
  expect(usual.cf).toMatchObject({ colo: 'DFW', country: 'US', timezone: 'America/Chicago' });
  expect(usual.headers).toMatchObject({
    host: 'shop.example.com',
    cookie: 'a=b',
    'cf-connecting-ip': '127.0.0.1',
    'x-real-ip': '127.0.0.1',
    'x-forwarded-proto': 'https',
    'cf-visitor': '{"scheme":"https"}',
    'cf-ipcountry': 'US',
  });
  expect(usual.headers['cf-ray']).toMatch(/^[0-9a-f]{16}-DFW$/);
  const other = await who('/who', {
    cf: { country: 'DE', colo: 'FRA' },
    headers: { 'CF-Connecting-IP': '203.0.113.7' },
  });
  expect(other.cf).toMatchObject({ country: 'DE', colo: 'FRA', timezone: 'America/Chicago' });
  expect(other.headers).toMatchObject({ 'cf-ipcountry': 'DE', 'x-real-ip': '203.0.113.7', host: 'localhost:8787' });
  expect((await who(new Request('https://shop.example.com/who', { headers: { 'x-a': 'b' } }))).headers['x-a']).toBe(
    'b',
  );
});
