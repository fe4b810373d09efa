import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Awaiting a member reads it on the object, afresh at each await.',
  rows: ['4.property-get'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  reads = 0;
  get next() { return ++this.reads }
  get object() { return { a: { b: 2 }, list: [1, 2] } }
  get later() { return sleep(1).then(() => 'later') }
  get fails() { throw new RangeError('no reading') }
  get nothing() { return undefined }
  set only(value) { this.set = value }
  method() { return 'called' }
  total() { return this.reads }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const property = stub.next;
  await sleep(10);
  await say('reading the member on the stub runs nothing', () => stub.total());
  await say('an await', () => property);
  await say('a second await of the same', () => property);
  await say('then()', () => property.then((v) => 'got ' + v));
  await say('catch()', () => property.catch(() => {}));
  await say('finally()', () => property.finally(() => {}));
  await say('runs', () => stub.total());
  await say('an object', () => stub.object);
  await say('a path into it', () => stub.object.a.b);
  await say('a path that ends too early', () => stub.object.x);
  await say('a path through nothing', () => stub.object.x.y);
  await say('a promise', () => stub.later);
  await say('a getter that throws', () => stub.fails);
  await say('a getter that gives undefined', () => stub.nothing);
  await say('a setter alone', () => stub.only);
  await say('calling a getter of a number', () => stub.next());
  await say('calling a getter of an object', () => stub.object());
  await say('a method that is only read', async () => typeof (await stub.method));
});
`,
});
