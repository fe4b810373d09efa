import { firstBeginning, firstConfig, other } from '../../programs/two-workers.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A service binding calls another Worker: its default export or the one that is named, with the props of the config.',
  rows: ['14.bindings', '1.worker-entrypoint', '1.ctx-props', '4.by-reference', '4.error-propagation'],
  config: firstConfig,
  program: `${firstBeginning}
class Target extends RpcTarget { times(n) { return n * 2 } }
export default worker(async ({ say, env, ctx }) => {
  await say('env', () => Object.keys(env));
  await say('shape', () => [typeof env.B, tag(env.B), env.B instanceof ServiceStub, Object.getOwnPropertyNames(env.B), typeof env.B.id, typeof env.B.name, typeof env.B.then]);
  await say('the same at every look', () => env.B === env.B);
  await say('the default export', () => env.B.who());
  await say('an entrypoint', () => env.NAMED.who());
  await say('a handler object', () => env.PLAIN.ask('what'));
  await say('props', async () => [await env.B.props(), await env.NAMED.props()]);
  await say('inherited', () => env.NAMED.inherited());
  await say('arguments', () => env.B.add(1, 2));
  await say('an error', () => env.B.fails());
  await say('what is not there', () => env.B.nope());
  await say('its env', () => env.B.env);
  await say('its keys', () => env.B.keys());
  await say('a target', async () => { const total = await env.B.total(); return [await total.add(2), await total.add(3), await total.shown] });
  await say('asked before it is there', () => env.B.total().add(5));
  await say('a callback', () => env.B.call((a, b) => 'called with ' + a + b, 1, 'x'));
  await say('a target as argument', () => env.B.call(async (f) => f(4), (n) => n + 1));
  await say('many values', async () => { const { map, f, total } = await env.B.map(); return [map, await f(1), await total.add(1)] });
  await say('it calls back', () => env.B.back());
  await say('each call has a new instance', async () => { const [a, b] = await Promise.all([env.B.total(), env.B.total()]); await a.add(1); return b.add(10) });
  await say('in order', async () => Promise.all([1, 2, 3].map((n) => env.B.add(n, 0))));
  await say('structuredClone', () => structuredClone(env.B));
  // Its name depends on what the runtime made first.
  await say('its class', () => env.B.constructor === ServiceStub);
  await say('JSON', () => JSON.stringify({ b: env.B }));
  await say('a value that does not travel', () => env.B.give(Symbol('s')));
});
`,
  other,
});
