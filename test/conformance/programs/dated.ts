/** A program that shows, a line for each, what compatibility dates change of Durable Objects. Its Worker keeps nothing. */
export const dated = `
import * as workers from 'cloudflare:workers';
import { worker } from './prelude.js';

const { DurableObject, RpcTarget } = workers;

class Counter extends RpcTarget {
  add() {
    return 'alive';
  }
}

export class Obj extends DurableObject {
  async fetch(request) {
    const { 0: client, 1: server } = new WebSocketPair();
    if (new URL(request.url).pathname === '/accept') {
      this.closed = new Promise((resolve) => server.addEventListener('close', ({ code }) => resolve([code, server.readyState])));
      server.accept();
      this.type = server.binaryType;
    }
    return new Response(null, { status: 101, webSocket: client });
  }
  async closing() {
    return [this.type, await this.closed];
  }
  async clearing() {
    const { storage } = this.ctx;
    await storage.setAlarm(Date.now() + 3_600_000);
    await storage.deleteAll();
    const left = await storage.getAlarm();
    await storage.deleteAlarm();
    return left === null ? 'no alarm' : 'an alarm';
  }
  async keeps(counter) {
    return counter.add();
  }
  fails() {
    const error = new RangeError('as told', { cause: 'a cause' });
    error.own = 1;
    throw error;
  }
  alarm() {}
}

export default worker(async ({ say, env, ctx }) => {
  const stub = env.OBJ.getByName('a');
  await say('ctx.exports', () => typeof ctx.exports);
  await say('WeakRef and FinalizationRegistry', () => [typeof WeakRef, typeof FinalizationRegistry]);
  const counter = new workers.RpcStub(new Counter());
  await say('a stub as a parameter', () => stub.keeps(counter));
  await say('which is used afterwards', () => counter.add());
  await say('deleteAll leaves', () => stub.clearing());
  await say('an error', () => stub.fails().catch((error) => [error.name, error.own, error.cause, error.remote]));
  const { webSocket } = await stub.fetch('http://x/accept', { headers: { upgrade: 'websocket' } });
  const closed = new Promise((resolve) => webSocket.addEventListener('close', ({ code }) => resolve([code, webSocket.readyState])));
  webSocket.accept();
  await say('binaryType', () => webSocket.binaryType);
  await say('a reason of 124 bytes', () => webSocket.close(1000, 'é'.repeat(62)));
  await say('a close', () => webSocket.close(1000, 'done'));
  await say('the other end', () => stub.closing());
  await say('this end', () => Promise.race([closed, scheduler.wait(500).then(() => 'not closed')]));
});
`;
