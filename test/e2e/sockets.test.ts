/**
 * WebSockets when tabs die: the one that holds the object, and the one that a client is in; closed, killed and frozen. Two pages of one
 * browser are two machines of one cloud.
 */
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually, openPages, type Pages, rendererOf, stopBetweenCommits } from '../support/e2e-pages.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

export class Counter extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.nonce = crypto.randomUUID() }
  fetch(request) {
    const url = new URL(request.url);
    const [client, server] = Object.values(new WebSocketPair());
    const name = url.searchParams.get('name');
    if (url.searchParams.has('standard')) {
      server.accept();
      server.addEventListener('message', ({ data }) => server.send(data + ' of ' + this.nonce));
      server.addEventListener('close', ({ code, reason, wasClean }) => this.note(name, code, reason, wasClean));
    } else {
      this.ctx.acceptWebSocket(server);
      server.serializeAttachment(name);
    }
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(ws, text) {
    if (text === 'to all') { for (const each of this.ctx.getWebSockets()) each.send('to all'); return }
    ws.send(text + ' of ' + this.nonce);
  }
  webSocketClose(ws, code, reason, wasClean) { this.note(ws.deserializeAttachment(), code, reason, wasClean) }
  note(name, ...how) {
    const closed = this.ctx.storage.kv.get('closed') ?? [];
    this.ctx.storage.kv.put('closed', [...closed, [name, ...how].join(' ')]);
  }
  told() { return { nonce: this.nonce, closed: (this.ctx.storage.kv.get('closed') ?? []).sort(), open: this.ctx.getWebSockets().length } }
}
export default { fetch: (request, env) => env.COUNTERS.getByName('a').fetch(request) };
`;

const LOST = '1006 WebSocket disconnected without sending Close frame. false';
const CLOSED = 'close 1006  false';

let pages: Pages;
let other: Page;
const mortals: Page[] = [];

beforeAll(async () => {
  pages = await openPages();
  other = await pages.open();
});

afterAll(async () => {
  await pages.close();
});

afterEach(async () => {
  for (const page of mortals.splice(0)) await page.close();
});

/** A page that a test may close, kill or freeze. */
async function mortal(): Promise<Page> {
  const page = await pages.open();
  mortals.push(page);
  return page;
}

const open = (page: Page, order: Parameters<typeof globalThis.e2e.open>[0]) =>
  page.evaluate((given) => globalThis.e2e.open(given), order);
const connect = (page: Page, account: string, name: string, kind = '') =>
  page.evaluate(([given, socket, path]) => globalThis.e2e.connect(given, socket, path), [
    account,
    name,
    `/?name=${name}${kind}`,
  ] as const);
const send = (page: Page, name: string, ...texts: string[]) =>
  page.evaluate((given) => globalThis.e2e.sendOn(...given), [name, ...texts] as [string, ...string[]]);
const toldOn = (page: Page, name: string) => page.evaluate((given) => globalThis.e2e.toldOn(given), name);

/** What the socket is told next that begins so. */
async function until(page: Page, name: string, part: string): Promise<string> {
  let found: string | undefined;
  await eventually(`${name} is told "${part}"`, async () => {
    found = (await toldOn(page, name)).find((text) => text.startsWith(part));
    return found !== undefined;
  });
  return found as string;
}

interface Told {
  readonly nonce: string;
  readonly closed: string[];
  readonly open: number;
}

/** Asked again while the connection to who ran it is being lost. */
async function told(page: Page, account: string): Promise<Told> {
  let value: Told | undefined;
  await eventually('the object answers', async () => {
    const result = await page.evaluate((given) => globalThis.e2e.call(given, 'a', 'told'), account);
    if ('value' in result) value = result.value as Told;
    return value !== undefined;
  });
  return value as Told;
}

/** A client whose socket was lost connects again, as often as it takes. */
async function reconnect(page: Page, account: string, name: string, kind = ''): Promise<void> {
  await eventually('it is connected again', async () => (await connect(page, account, name, kind)) === 'open');
}

async function end(page: Page, how: 'closed' | 'killed'): Promise<void> {
  if (how === 'closed') await page.close();
  else process.kill(await rendererOf(page, pages.browser), 'SIGKILL');
}

describe.each(['closed', 'killed'] as const)('a tab that is %s', (how) => {
  test('and held the object takes its sockets along: clients elsewhere hear 1006, and reach the new holder', async () => {
    const account = `holder ${how}`;
    const holder = await mortal();
    await open(holder, { name: account, program: PROGRAM });
    await open(other, { name: account });
    const { nonce } = await told(holder, account);
    await connect(other, account, `kept ${how}`);
    await connect(other, account, `standard ${how}`, '&standard');
    for (const kind of ['kept', 'standard']) {
      await send(other, `${kind} ${how}`, 'hello');
      expect(await until(other, `${kind} ${how}`, 'hello')).toBe(`hello of ${nonce}`);
    }
    await end(holder, how);
    for (const kind of ['kept', 'standard']) {
      await until(other, `${kind} ${how}`, 'close');
      expect(await toldOn(other, `${kind} ${how}`)).toEqual(['open', `hello of ${nonce}`, CLOSED]);
    }
    await reconnect(other, account, `again ${how}`);
    await reconnect(other, account, `again standard ${how}`, '&standard');
    const now = await told(other, account);
    expect(now.nonce).not.toBe(nonce);
    expect([now.open, now.closed]).toEqual([1, []]);
    for (const again of [`again ${how}`, `again standard ${how}`]) {
      await send(other, again, 'anew');
      expect(await until(other, again, 'anew')).toBe(`anew of ${now.nonce}`);
    }
  });

  test('and had a client of it: the object hears 1006 once for each socket, awake or asleep', async () => {
    const account = `client ${how}`;
    const client = await mortal();
    await open(other, { name: account, program: PROGRAM });
    await open(client, { name: account });
    const { nonce } = await told(other, account);
    await connect(other, account, `stays ${how}`);
    await connect(client, account, 'kept');
    await connect(client, account, 'standard', '&standard');
    await send(client, 'kept', 'hello');
    expect(await until(client, 'kept', 'hello')).toBe(`hello of ${nonce}`);
    expect((await told(other, account)).open).toBe(2);
    await end(client, how);
    await eventually('both closes are heard', async () => (await told(other, account)).closed.length === 2);
    expect(await told(other, account)).toEqual({ nonce, closed: [`kept ${LOST}`, `standard ${LOST}`], open: 1 });

    const second = await mortal();
    await open(second, { name: account });
    await connect(second, account, 'asleep');
    await other.evaluate((given) => globalThis.e2e.evict(given, 'a'), account);
    await end(second, how);
    await eventually('the close has woken it', async () => (await told(other, account)).closed.length === 3);
    const woken = await told(other, account);
    expect(woken.nonce).not.toBe(nonce);
    expect([woken.closed[0], woken.open]).toEqual([`asleep ${LOST}`, 1]);
    await send(other, `stays ${how}`, 'still here');
    expect(await until(other, `stays ${how}`, 'still here')).toBe(`still here of ${woken.nonce}`);
  });
});

describe('a tab that stands still', () => {
  test('and has a client: what is sent meanwhile waits for it and comes in order, and nobody else waits', async () => {
    const account = 'client frozen';
    const client = await mortal();
    await open(other, { name: account, program: PROGRAM });
    await open(client, { name: account });
    await told(other, account);
    await connect(other, account, 'awake');
    await connect(client, account, 'frozen');
    const process_ = await rendererOf(client, pages.browser);
    expect(process_, 'the pages are in processes of their own').not.toBe(await rendererOf(other, pages.browser));
    process.kill(process_, 'SIGSTOP');
    try {
      for (let i = 0; i < 5; i++) await send(other, 'awake', 'to all');
      await eventually('the other client has all', async () => (await toldOn(other, 'awake')).length === 6);
    } finally {
      process.kill(process_, 'SIGCONT');
    }
    await eventually('the frozen one has all', async () => (await toldOn(client, 'frozen')).length === 6);
    expect(await toldOn(client, 'frozen')).toEqual(['open', ...Array.from({ length: 5 }, () => 'to all')]);
  });

  test('and held the object is robbed: its sockets break off for clients elsewhere, and for its own when it goes on', async () => {
    const account = 'holder frozen';
    const holder = await mortal();
    await open(holder, { name: account, program: PROGRAM });
    await open(other, { name: account });
    const { nonce } = await told(holder, account);
    await connect(holder, account, 'own');
    await connect(other, account, 'robbed');
    const process_ = await rendererOf(holder, pages.browser);
    const isFree = () => other.evaluate((given) => globalThis.e2e.isStorageFree(given, 1_000), account);
    await stopBetweenCommits(process_, isFree);
    let now: Told;
    try {
      now = await told(other, account);
      expect(now.nonce).not.toBe(nonce);
      expect(await until(other, 'robbed', 'close')).toBe(CLOSED);
      await reconnect(other, account, 'robbed again');
      await send(other, 'robbed again', 'anew');
      expect(await until(other, 'robbed again', 'anew')).toBe(`anew of ${now.nonce}`);
    } finally {
      process.kill(process_, 'SIGCONT');
    }
    expect(await until(holder, 'own', 'close')).toBe(CLOSED);
    await reconnect(holder, account, 'own again');
    await send(holder, 'own again', 'hello');
    expect(await until(holder, 'own again', 'hello')).toBe(`hello of ${now.nonce}`);
    expect((await told(other, account)).open).toBe(2);
  });
});
