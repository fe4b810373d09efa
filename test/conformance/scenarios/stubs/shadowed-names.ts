import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Some names never reach the object: they belong to the stub, to Object.prototype, or to the platform.',
  rows: ['3.shadowed-names', '3.reserved-names'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  id() { return 'mine' }
  name() { return 'mine' }
  toString() { return 'mine' }
  valueOf() { return 'mine' }
  hasOwnProperty() { return 'mine' }
  toJSON() { return 'mine' }
  then() { return 'mine' }
  catch() { return 'mine' }
  get() { return 'mine' }
  put() { return 'mine' }
  delete() { return 'mine' }
  queue() { return 'mine' }
  scheduled() { return 'mine' }
  dup() { return 'mine' }
  alarm() { return 'mine' }
  webSocketMessage() { return 'mine' }
  webSocketClose() { return 'mine' }
  webSocketError() { return 'mine' }
  apply() { return 'mine' }
  call() { return 'mine' }
  bind() { return 'mine' }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await say('typeof id and name', () => [typeof stub.id, typeof stub.name]);
  await say.now('name()', () => stub.name());
  await say.now('id()', () => stub.id());
  await say.now('toString()', () => stub.toString());
  await say.now('valueOf()', () => stub.valueOf() === stub);
  await say.now('hasOwnProperty()', () => stub.hasOwnProperty('id'));
  await say.now('constructor', () => stub.constructor.name);
  await say.now('__proto__', () => stub.__proto__ === Object.getPrototypeOf(stub));
  await say.now('then', () => typeof stub.then);
  for (const name of ['toJSON', 'catch', 'get', 'put', 'delete', 'queue', 'scheduled', 'apply', 'call', 'bind'])
    await say(name + '()', () => stub[name]());
  for (const name of ['dup', 'alarm', 'webSocketMessage', 'webSocketClose', 'webSocketError'])
    await say(name + '()', () => stub[name]());
  await say('reading alarm', () => stub.alarm.then((v) => typeof v));
});
`,
});
