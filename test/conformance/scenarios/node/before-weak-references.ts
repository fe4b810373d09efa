import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The modules of Node work at a date at which programs have no weak references.',
  rows: ['17.nodejs-compat', '17.weak-references'],
  config: { ...objects({}), compatibility_date: '2024-09-23', compatibility_flags: ['nodejs_compat'] },
  program: `
import assert from 'node:assert';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as later } from 'node:timers/promises';
import { inspect } from 'node:util';
import { worker } from './prelude.js';

export default worker(async ({ say }) => {
  await say('weak references', () => [typeof WeakRef, typeof FinalizationRegistry]);
  await say('inspect', () => inspect({ a: new Map([[1, new Set([2])]]), b: new WeakMap(), c: class A {} }, { depth: 3 }));
  await say('assert', () => assert.deepStrictEqual({ a: 1 }, { a: 2 }, 'not equal'));
  await say('a store', () => new AsyncLocalStorage().run(1, async () => { await null; return 1 }));
  await say('bytes', () => Buffer.from('a').toString('base64'));
  await say('a digest', () => createHash('sha256').update('a').digest('hex').slice(0, 8));
  await say('an event', () => { let heard; const e = new EventEmitter(); e.on('x', (v) => { heard = v }); e.emit('x', 1); return heard });
  await say('a path', () => join('a', '..', 'b'));
  await say('a stream', async () => { const all = []; for await (const one of Readable.from(['a', 'b'])) all.push(one); return all });
  await say('a timer', () => later(1, 'late'));
});
`,
});
