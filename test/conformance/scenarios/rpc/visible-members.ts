import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'RPC sees what the prototypes have, and nothing that belongs to the instance.',
  rows: ['4.visible-members', '1.durable-object-class'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

class Base extends DurableObject {
  inherited() { return 'inherited' }
  overridden() { return 'base' }
}
export class Obj extends Base {
  field = 1;
  arrow = () => 1;
  static fixed() { return 1 }
  #hidden() { return 'hidden' }
  _underscore() { return 'underscore' }
  $dollar() { return 'dollar' }
  'with blank'() { return 'blank' }
  7() { return 'seven' }
  async later() { return 'later' }
  overridden() { return super.overridden() + ' and heir' }
  usesHidden() { return this.#hidden() + ' ' + this.field + ' ' + this.arrow() }
  self() { return this === undefined ? 'no this' : this.constructor.name }
  shadowed() { return 'from the prototype' }
  *generator() { yield 1 }
  constructor(ctx, env) {
    super(ctx, env);
    this.shadowed = () => 'from the instance';
    Object.defineProperty(this, 'hiddenOwn', { value: () => 'own', enumerable: false });
  }
}
Obj.prototype.added = () => 'added';
Obj.prototype.number = 7;
Object.defineProperty(Obj.prototype, 'quiet', { value: () => 'quiet', enumerable: false });

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const seen = ['inherited', 'overridden', '_underscore', '$dollar', 'with blank', 'later', 'usesHidden', 'self', 'added', 'quiet'];
  const unseen = ['field', 'arrow', 'fixed', '#hidden', 'hiddenOwn', 'shadowed', 'ctx', 'env', 'nothing', 'isPrototypeOf', ''];
  for (const name of seen) await say(name + '()', () => stub[name]());
  for (const name of unseen) await say(name + '()', () => stub[name]());
  await say('reading field', () => stub.field);
  await say('reading ctx', () => stub.ctx);
  await say('reading a value of the prototype', () => stub.number);
  await say('calling a value of the prototype', () => stub.number());
  await say('a generator', () => stub.generator());
  await say('a wrong name leaves the stub usable', () => stub.inherited());
});
`,
});
