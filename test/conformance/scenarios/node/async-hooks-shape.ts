import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:async_hooks has the members of its classes, and refuses enterWith and disable.',
  rows: ['1.async-local-storage'],
  config: { ...objects({}), compatibility_flags: ['nodejs_als'] },
  program: `
import * as hooks from 'node:async_hooks';
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { worker, tag } from './prelude.js';

export default worker(async ({ say }) => {
  const store = new AsyncLocalStorage({ name: 'n', defaultValue: 4 });
  await say('exports', () => Object.keys(hooks).sort());
  await say('name', () => [store.name, new AsyncLocalStorage().name]);
  await say('the default', () => [store.getStore(), store.run(undefined, () => store.getStore()), store.exit(() => store.getStore())]);
  await say('tags', () => [tag(store), tag(new AsyncResource('x'))]);
  await say('enterWith', () => store.enterWith(1));
  await say('disable', () => store.disable());
  await say('run without a function', () => store.run(1));
  await say('run without anything', () => store.run());
  await say('bind without a function', () => AsyncLocalStorage.bind());
  await say('ids', () => [hooks.executionAsyncId(), hooks.triggerAsyncId(), new AsyncResource('x').asyncId(), new AsyncResource('x').triggerAsyncId()]);
  await say('a bound resource', () => { const f = store.run(3, () => new AsyncResource('x').bind(function (a) { return [this === undefined, store.getStore(), a] })); return f(1) });
  await say('static bind', () => store.run(5, () => AsyncResource.bind(() => store.getStore()))());
  await say('emitDestroy', () => { const r = new AsyncResource('x'); return r.emitDestroy() === r });
  await say('prototypes', () => [Object.getOwnPropertyNames(AsyncLocalStorage.prototype).sort(), Object.getOwnPropertyNames(AsyncResource.prototype).sort(), Object.getOwnPropertyNames(AsyncLocalStorage).sort()]);
});
`,
});
