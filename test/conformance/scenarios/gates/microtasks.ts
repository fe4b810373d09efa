import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Storage promises settle in microtasks, a fixed number of hops behind plain promises and before any timer.',
  rows: ['6.storage-resolves-in-microtasks'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  async order(starts) {
    const seen = [];
    const storage = this.ctx.storage;
    const hops = async (name, n) => { for (let i = 0; i < n; i++) await null; seen.push(name) };
    const make = {
      timer: () => setTimeout(() => seen.push('timer'), 0),
      get: () => storage.get('k').then(() => seen.push('get')),
      getMany: () => storage.get(['k', 'l']).then(() => seen.push('getMany')),
      put: () => storage.put('k', 1).then(() => seen.push('put')),
      putMany: () => storage.put({ l: 1 }).then(() => seen.push('putMany')),
      delete: () => storage.delete('l').then(() => seen.push('delete')),
      list: () => storage.list().then(() => seen.push('list')),
      fails: () => storage.put('k', undefined).catch(() => seen.push('fails')),
      hop1: () => hops('hop1', 1),
      hop2: () => hops('hop2', 2),
      hop3: () => hops('hop3', 3),
      hop4: () => hops('hop4', 4),
      hop5: () => hops('hop5', 5),
      hop6: () => hops('hop6', 6),
      queued: () => queueMicrotask(() => seen.push('queued')),
    };
    for (const start of starts) make[start]();
    await sleep(20);
    return seen.join(' ');
  }
  async straight() {
    const seen = [];
    setTimeout(() => seen.push('timer'), 0);
    await this.ctx.storage.put('a', 1); seen.push('put');
    await this.ctx.storage.get('a'); seen.push('get');
    await this.ctx.storage.list(); seen.push('list');
    await this.ctx.storage.delete('a'); seen.push('delete');
    await sleep(20);
    return seen.join(' ');
  }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const hops = ['hop1', 'hop2', 'hop3', 'hop4', 'hop5', 'hop6'];
  await say('get among hops', () => stub.order(['timer', 'get', ...hops]));
  await say('put among hops', () => stub.order(['timer', 'put', ...hops]));
  await say('list among hops', () => stub.order(['timer', 'list', ...hops]));
  await say('delete among hops', () => stub.order(['timer', 'delete', ...hops]));
  await say('many among hops', () => stub.order(['timer', 'getMany', 'putMany', ...hops]));
  await say('a failure among hops', () => stub.order(['timer', 'fails', ...hops]));
  await say('all together', () => stub.order(['timer', 'list', 'put', 'get', 'delete', 'getMany', 'putMany', 'queued', 'hop1', 'hop2']));
  await say('in another order', () => stub.order(['hop1', 'putMany', 'getMany', 'delete', 'get', 'put', 'list', 'queued', 'timer']));
  await say('one after the other', () => stub.straight());
});
`,
});
