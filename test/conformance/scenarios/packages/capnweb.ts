import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A capnweb server passes on what it is told over a WebSocket and in a batch, and a client of its own makes calls in advance.',
  rows: ['1.rpc-target', '12.pair', '12.send'],
  packages: ['capnweb'],
  config: objects({ COUNTERS: 'Counter' }),
  program: `
import { newHttpBatchRpcSession, newWebSocketRpcSession, newWorkersRpcResponse } from 'capnweb';
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Counter extends DurableObject { n = 0; add(by) { return (this.n += by) } }
class User extends RpcTarget {
  constructor(name) { super(); this.called = name }
  name() { return this.called }
  greet(greeting) { return greeting(this.called) }
}
class Api extends RpcTarget {
  constructor(env) { super(); this.counters = env.COUNTERS }
  login(name) { if (!name) throw new TypeError('who are you?'); return new User(name) }
  add(by) { return this.counters.getByName('one').add(by) }
  day() { return new Date(86_400_000) }
}
const play = worker(async ({ say, env }) => {
  const [mine, theirs] = Object.values(new WebSocketPair());
  theirs.accept();
  mine.accept();
  newWebSocketRpcSession(theirs, new Api(env));
  const api = newWebSocketRpcSession(mine);
  await say('a call', () => api.add(2));
  await say('in advance', () => api.login('Ann').name());
  await say('a callback', () => api.login('Ben').greet((name) => 'hello ' + name));
  await say('a date', async () => (await api.day()).toISOString());
  await say('an error', () => api.login(''));
  await say('a second object, the same counter', () => api.add(3));
});
export default {
  fetch: (request, env, ctx) => new URL(request.url).pathname === '/api' ? newWorkersRpcResponse(request, new Api(env)) : play.fetch(request, env, ctx),
};
`,
  async steps(client) {
    await client.fetch('/');
    const lines = [
      ['push', ['pipeline', 0, ['login'], ['Cid']]],
      ['push', ['pipeline', 1, ['name'], []]],
      ['pull', 2],
    ];
    await client.fetch('/api', { method: 'POST', body: lines.map((line) => JSON.stringify(line)).join('\n') });
    const socket = await client.socket('/api');
    await socket.send(JSON.stringify(['push', ['pipeline', 0, ['add'], [1]]]));
    await socket.send(JSON.stringify(['pull', 1]));
    await socket.hears();
  },
});
