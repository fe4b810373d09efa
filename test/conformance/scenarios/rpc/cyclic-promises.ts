import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A method whose promise waits for itself fails with what the language says of it, and the object goes on.',
  rows: ['4.async-thenables', '4.error-propagation'],
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker } from './prelude.js';

const cyclic = () => { let resolve; const promise = new Promise((r) => (resolve = r)); resolve(promise); return promise; };
class Target extends RpcTarget { own() { return cyclic() } get member() { return cyclic() } }
export class Obj extends DurableObject {
  own() { return cyclic() }
  async later() { const promise = new Promise((resolve) => setTimeout(() => resolve(promise), 1)); return promise }
  get member() { return cyclic() }
  target() { return new Target() }
  inside() { return { promise: cyclic().catch(() => {}) } }
  async calls(f) { try { return await f() } catch (error) { return error.name + ': ' + error.message } }
  hi() { return 'hi' }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('a method', () => o.own());
  await say('a method, later', () => o.later());
  await say('a member', () => o.member);
  await say('a method of a target', () => o.target().own());
  await say('a member of a target', () => o.target().member);
  await say('a callback', () => o.calls(() => cyclic()));
  await say('inside a result', () => o.inside());
  await say('as an argument', () => { const promise = cyclic(); promise.catch(() => {}); return o.hi(promise); });
  await say('what is asked of it', () => o.own().then((value) => value, (error) => error.message));
  await say('pipelined on', () => o.own().more());
  await say('after that', () => o.hi());
});
`,
});
