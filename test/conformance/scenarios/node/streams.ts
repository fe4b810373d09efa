import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:stream reads, writes, transforms and pipes, and tells of diagnostics channels.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import stream, { Readable, Writable, Transform, PassThrough, pipeline, finished, Duplex } from 'node:stream';
import { pipeline as pipe, finished as done } from 'node:stream/promises';
import { text, json } from 'node:stream/consumers';
import { createHash } from 'node:crypto';
import channels, { channel, tracingChannel } from 'node:diagnostics_channel';
import { AsyncLocalStorage } from 'node:async_hooks';
import EventEmitter from 'node:events';
import { worker } from './prelude.js';

const upper = () => new Transform({ transform(chunk, encoding, done) { done(null, chunk.toString().toUpperCase()) } });
const sink = (seen) => new Writable({ write(chunk, encoding, done) { seen.push(chunk.toString()); done() } });

export default worker(async ({ say }) => {
  await say('classes', () => [new Readable() instanceof stream, new Readable() instanceof EventEmitter, new Duplex() instanceof Writable, stream.Readable === Readable]);
  await say('from', async () => { const seen = []; for await (const x of Readable.from(['a', 'b'])) seen.push(x); return seen });
  await say('pipeline', async () => { const seen = []; await pipe(Readable.from(['a', 'b']), upper(), sink(seen)); return seen });
  await say('pipeline with a callback', () => new Promise((resolve) => { const seen = []; pipeline(Readable.from(['x']), upper(), sink(seen), (error) => resolve([error ?? null, seen])) }));
  await say('an error in a pipeline', () => pipe(Readable.from(['a']), new Transform({ transform(c, e, done) { done(new RangeError('no')) } }), sink([])));
  await say('events', () => new Promise((resolve) => { const seen = []; const r = new Readable({ read() {} }); r.on('data', (c) => seen.push(c.toString())); r.on('end', () => seen.push('end')); r.on('close', () => resolve(seen)); r.push('1'); r.push('2'); r.push(null) }));
  await say('object mode', async () => { const t = new PassThrough({ objectMode: true }); t.write({ a: 1 }); t.end(); const seen = []; for await (const x of t) seen.push(x); return seen });
  await say('write after end', () => new Promise((resolve) => { const w = sink([]); w.on('error', (e) => resolve([e.code, e.message])); w.end(); w.write('x') }));
  await say('finished', async () => { const r = Readable.from(['a']); r.resume(); await done(r); return r.destroyed });
  await say('consumers', async () => [await text(Readable.from(['a', 'b'])), await json(Readable.from(['{"a":', '1}']))]);
  await say('a hash is a stream', async () => { const seen = []; await pipe(Readable.from([Buffer.from('abc')]), createHash('sha1'), async function (source) { for await (const x of source) seen.push(x.toString('hex')) }); return seen });
  await say('a channel', () => { const c = channel('x'), seen = []; const f = (m, name) => seen.push([m, name]); c.subscribe(f); c.publish(1); channels.unsubscribe('x', f); c.publish(2); return [seen, c.hasSubscribers, channels.hasSubscribers('x'), channel('x') === c] });
  await say('a channel with a store', () => { const c = channel('y'), store = new AsyncLocalStorage(); c.bindStore(store, (d) => d + 1); return [c.runStores(1, () => store.getStore()), store.getStore()] });
  await say('tracing', async () => { const t = tracingChannel('z'), seen = []; const all = Object.fromEntries(['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((k) => [k, (m) => seen.push(k + ' ' + (m.result ?? m.error?.message ?? ''))])); t.subscribe(all); t.traceSync((a) => a, {}, null, 5); await t.tracePromise(async () => 6, {}); try { t.traceSync(() => { throw new Error('x') }, {}) } catch {} return seen });
});
`,
});
