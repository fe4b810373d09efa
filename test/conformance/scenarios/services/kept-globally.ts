import { firstBeginning, firstConfig, other } from '../../programs/two-workers.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Bindings and exports belong to no request; a stub that was made or received in one does.',
  rows: ['1.io-contexts', '1.ctx-exports', '14.bindings'],
  config: firstConfig,
  program: `${firstBeginning}
let kept;
export default worker(async ({ say, env, ctx, url }) => {
  if (url.pathname === '/keep') {
    kept = { binding: env.NAMED, loopback: ctx.exports.Own, namespace: ctx.exports.Obj, made: ctx.exports.Own({ props: {} }), received: await env.B.give(env.NAMED) };
    await say('now', async () => [await kept.binding.who(), await kept.loopback.who(), await kept.made.who(), await kept.received.who()]);
    return;
  }
  await say('a binding', () => kept.binding.who());
  await say('a loopback stub', () => kept.loopback.who());
  await say('a loopback namespace', () => kept.namespace.getByName('a').who());
  await say('one that was made', () => kept.made.who());
  await say('one that was received', () => kept.received.who());
  await say('fetch of one that was made', () => kept.made.fetch('http://x/'));
});
`,
  other,
  steps: async (client) => {
    await client.fetch('/keep');
    await client.fetch('/use');
  },
});
