import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A saga books a journey at three objects, undoes the steps in reverse order when one fails, and finishes in an alarm what a crash interrupted.',
  rows: [
    '6.exception-in-handler',
    '4.error-propagation',
    '3.user-exception',
    '3.error-flags',
    '11.retry',
    '5.abort',
    '7.transaction',
    '7.rollback',
  ],
  config: objects({ TRIP: 'Trip', STOCK: 'Stock', BANK: 'Bank' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';

class OutOfStock extends Error {
  constructor(item, options) { super(item + ' is sold out', options); this.name = 'OutOfStock'; this.item = item }
}

export class Stock extends DurableObject {
  async fill(item, count) { await this.ctx.storage.put(item, count) }
  async reserve(order, item, mode) {
    if (mode === 'hangs') await scheduler.wait(1e6);
    return this.ctx.storage.transaction(async (txn) => {
      const left = (await txn.get(item)) ?? 0;
      await txn.put(item, left - 1);
      await txn.put('order:' + order, item);
      if (mode === 'crashes') this.ctx.abort('stock crashed');
      if (left === 0) throw new OutOfStock(item, { cause: new Error('left ' + left) });
      return left - 1;
    });
  }
  async release(order) {
    const item = await this.ctx.storage.get('order:' + order);
    if (item === undefined) return 'nothing to release';
    await this.ctx.storage.put({ [item]: (await this.ctx.storage.get(item)) + 1 });
    await this.ctx.storage.delete('order:' + order);
    return 'released ' + item;
  }
  async all() { return Object.fromEntries(await this.ctx.storage.list()) }
}

export class Bank extends DurableObject {
  balance() { return this.ctx.storage.kv.get('balance') ?? 100 }
  charge(order, amount) {
    const { kv } = this.ctx.storage;
    if (kv.get('paid:' + order)) return 'paid before';
    const rest = this.balance() - amount;
    kv.put('balance', rest);
    if (rest < 0) { kv.put('balance', rest + amount); throw { code: 'insufficient', short: -rest } }
    kv.put('paid:' + order, amount);
    return 'paid';
  }
  refund(order) {
    const { kv } = this.ctx.storage;
    const amount = kv.get('paid:' + order) ?? 0;
    kv.delete('paid:' + order);
    kv.put('balance', this.balance() + amount);
    return 'refunded ' + amount;
  }
}

export class Trip extends DurableObject {
  #steps = {
    flight: { go: ({ id, flight }) => this.env.STOCK.getByName('flights').reserve(id, flight), undo: ({ id }) => this.env.STOCK.getByName('flights').release(id) },
    hotel: { go: ({ id, hotel, mode }) => this.env.STOCK.getByName('hotels').reserve(id, hotel, mode), undo: ({ id }) => this.env.STOCK.getByName('hotels').release(id) },
    payment: { go: ({ id, price }) => this.env.BANK.getByName('b').charge(id, price), undo: ({ id }) => this.env.BANK.getByName('b').refund(id) },
  };
  note(line) { const log = this.ctx.storage.kv.get('log') ?? []; log.push(line); this.ctx.storage.kv.put('log', log) }
  async book(order) {
    this.ctx.storage.kv.put('state', { order, done: [], at: 'booking' });
    await this.ctx.storage.setAlarm(Date.now() + 3000);
    return this.#forward();
  }
  async #forward() {
    const state = this.ctx.storage.kv.get('state');
    for (const name of Object.keys(this.#steps)) {
      if (state.done.includes(name)) continue;
      try {
        this.note(name + ': ' + (await this.#steps[name].go(state.order)));
        state.done.push(name);
        this.ctx.storage.kv.put('state', state);
        if (state.order.mode === 'dies after ' + name && !this.ctx.storage.kv.get('died')) { this.ctx.storage.kv.put('died', true); await this.ctx.storage.sync(); this.ctx.abort('the trip died') }
      } catch (error) {
        this.note(name + ' failed: ' + inspect(error));
        await this.#back(state);
        throw new Error('The trip failed at ' + name, { cause: error });
      }
    }
    state.at = 'booked';
    this.ctx.storage.kv.put('state', state);
    await this.ctx.storage.deleteAlarm();
    return state.done;
  }
  async #back(state) {
    state.at = 'undoing';
    for (const name of state.done.toReversed()) {
      this.note('undo ' + name + ': ' + (await this.#steps[name].undo(state.order)));
      state.done.pop();
      this.ctx.storage.kv.put('state', state);
    }
    state.at = 'undone';
    this.ctx.storage.kv.put('state', state);
    await this.ctx.storage.deleteAlarm();
  }
  async alarm({ isRetry }) {
    this.note('alarm' + (isRetry ? ' again' : ''));
    const state = this.ctx.storage.kv.get('state');
    if (state.at === 'booking') await this.#forward().catch((error) => this.note('in the alarm: ' + error.message));
  }
  async report() { const { at, done } = this.ctx.storage.kv.get('state'); return { at, done, log: this.ctx.storage.kv.get('log'), alarm: await this.ctx.storage.getAlarm() } }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/fill') { await Promise.all([env.STOCK.getByName('flights').fill('F1', 5), env.STOCK.getByName('hotels').fill('H1', 3)]); return new Response('filled') }
    if (pathname === '/books') return Response.json([await env.STOCK.getByName('flights').all(), await env.STOCK.getByName('hotels').all(), await env.BANK.getByName('b').balance()]);
    const trip = env.TRIP.getByName(pathname.slice(1));
    if (request.method === 'GET') return Response.json(await trip.report());
    try {
      return Response.json(await trip.book({ id: pathname.slice(1), flight: 'F1', hotel: 'H1', price: 40, ...(await request.json()) }));
    } catch (error) {
      return new Response(inspect(error), { status: 409 });
    }
  },
};
`,
  async steps(client) {
    const book = (name: string, order: unknown) =>
      client.fetch(`/${name}`, { method: 'POST', body: JSON.stringify(order) });
    await client.fetch('/fill');
    await book('fine', {});
    await client.fetch('/fine');
    await book('sold-out', { hotel: 'H2' });
    await client.fetch('/sold-out');
    await book('poor', { price: 1000 });
    await client.fetch('/poor');
    await book('crash', { mode: 'crashes' });
    await client.fetch('/crash');
    await client.fetch('/books');
    await book('dies', { mode: 'dies after hotel' });
    await client.wait(4000);
    await client.fetch('/dies');
    await client.fetch('/books');
  },
});
