import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'import.meta is an empty object without a prototype, one for each module, and names no place that a module came from.',
  rows: ['1.import-meta'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';
import { about, kept, theirs, url } from './lib/inner.js';

export class Obj extends DurableObject {}

import.meta.mine = 1;
const tell = (meta) => [typeof meta, Object.getPrototypeOf(meta), Object.isExtensible(meta), Reflect.ownKeys(meta).join()].join(' ');

export default worker(async ({ say }) => {
  await say('here', () => tell(import.meta));
  await say('twice the same', () => import.meta === import.meta);
  await say('url', () => import.meta.url);
  await say('dirname', () => import.meta.dirname);
  await say('resolve', () => typeof import.meta.resolve);
  await say('main', () => import.meta.main);
  await say('in another module', () => about);
  await say('its url', () => url);
  await say('its own', () => [theirs !== import.meta, theirs === kept()]);
  await say('in an import', async () => Object.keys(await import('cloudflare:' + (import.meta.url ?? 'email'))));
  await say('by its URL', () => import(import.meta.url));
});
`,
  modules: {
    'lib/inner.js': `
export const about = Reflect.ownKeys(import.meta).join();
export const url = import.meta.url;
export const theirs = import.meta;
export const kept = () => import.meta;
`,
  },
});
