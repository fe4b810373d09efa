import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Names that are reserved are refused whatever is there, results that are not there yet cannot be wrapped, and streams are refused by their own names.',
  rows: ['3.reserved-names', '4.uncloneable', '1.new-rpc-stub'],
  program: `
import { DurableObject, RpcTarget, RpcStub } from 'cloudflare:workers';
import { worker } from './prelude.js';

const names = ['dup', 'alarm', 'connect', 'fetch', 'webSocketMessage', 'webSocketClose', 'webSocketError', 'other'];
class Target extends RpcTarget { get deeper() { return new Target() } method() { return 'called' } }
export class Obj extends DurableObject {
  get target() { return new Target() }
  get plain() { return { inner: { method: () => 'called' } } }
  get text() { return 'text' }
  makeTarget() { return new Target() }
  same(value) { return value }
  fn() { return () => 'called' }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const name of names) {
    await say('a target of the object: ' + name, () => o.target[name]());
    await say('  its property', () => o.target[name]);
    await say('  a deeper one', () => o.target.deeper[name]());
    await say('  a plain object', () => o.plain[name]());
    await say('  what is in it', () => o.plain.inner[name]());
    await say('  a text', () => o.text[name]());
    await say('  a target that was returned', () => o.makeTarget()[name]());
  }
  for (const [what, value] of Object.entries({ nothing: undefined, null: null, text: 'text', number: 1, array: [1], map: new Map(), date: new Date(0), 'plain object': { a: 1 } }))
    for (const name of ['dup', 'fetch', 'other']) await say(what + ', returned: ' + name, () => o.same(value)[name]());

  for (const [what, value] of Object.entries({ 'a property': o.target, 'a property of it': o.target.deeper, 'a result': o.fn(), 'a result of nothing': o.same(), 'a stub that was returned': await o.fn(), 'a stub of an object': o }))
    await say('wrapped: ' + what, () => typeof new RpcStub(value));

  for (const make of [() => new CompressionStream('gzip'), () => new DecompressionStream('gzip'), () => new IdentityTransformStream(), () => new FixedLengthStream(1), () => new TransformStream(), () => new TextEncoderStream(), () => new TextDecoderStream(), () => new EventTarget()]) {
    await say('sent: ' + String(make).slice(6), () => o.same(make()));
  }
});
`,
});
