import { firstBeginning, firstConfig, other } from '../../programs/two-workers.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Stubs of services travel between Workers and objects, keep their props, and outlive who passed them.',
  rows: ['3.serialising-a-stub', '14.bindings', '1.ctx-exports', '4.stubs-in-values'],
  config: firstConfig,
  program: `${firstBeginning}
export default worker(async ({ say, env, ctx }) => {
  const near = env.OBJ.getByName('a');
  const far = env.FAR.getByName('a');
  await say('a far object', () => far.who());
  await say('given back', async () => { const stub = await env.B.give(env.NAMED); return [tag(stub), stub instanceof ServiceStub, await stub.who(), await stub.props()] });
  await say('given back, asked at once', () => env.B.give(env.NAMED).props());
  await say('in a value', async () => { const { list } = await env.B.give({ list: [env.NAMED, ctx.exports.Own({})] }); return Promise.all(list.map((stub) => stub.who())) });
  await say('called there', async () => [await env.B.ask(env.NAMED), await env.B.ask(ctx.exports.Own({ props: {} })), await env.B.ask(near)]);
  await say('a loopback stub', () => env.B.ask(ctx.exports.Own));
  await say('to an object', () => near.pass(env.NAMED));
  await say('which keeps it', () => near.again());
  await say('to a far object', () => far.pass(ctx.exports.Own({ props: { a: 1 } })));
  await say('which keeps it too', () => far.again());
  await say('an object to a far object', async () => [await far.pass(near), await far.again()]);
  await say('stored', () => near.put(env.NAMED));
  await say('used by an object', () => near.service());
  await say('used by a far object: its own exports', () => far.own());
  await say('used by a far object: its binding', () => far.back());
  await say('fetch of one that came back', async () => { const stub = await env.B.give(env.PLAIN); return (await stub.fetch('http://x/')).text() });
});
`,
  other,
});
