import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'EventEmitter calls listeners in order, throws an error that nobody hears, and can be inherited from either way.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import EventEmitter, { EventEmitter as Named, once, on, errorMonitor, getEventListeners, listenerCount } from 'node:events';
import { inherits } from 'node:util';
import { worker } from './prelude.js';

class Mine extends EventEmitter { constructor() { super(); this.mine = 1 } }
function Old() { EventEmitter.call(this); this.old = 1 }
inherits(Old, EventEmitter);

export default worker(async ({ say }) => {
  await say('one class', () => EventEmitter === Named && EventEmitter.EventEmitter === EventEmitter);
  await say('order', () => { const e = new Mine(), seen = []; e.on('x', (a) => seen.push('on ' + a)); e.prependListener('x', () => seen.push('first')); e.once('x', (a, b) => seen.push('once ' + b)); return [e.emit('x', 1, 2), e.emit('x', 3), e.emit('y'), seen] });
  await say('inherited by prototype', () => { const e = new Old(); let seen; e.on('x', function (a) { seen = [this === e, a] }); e.emit('x', 5); return [seen, e.old, e instanceof EventEmitter] });
  await say('off', () => { const e = new Mine(); const f = () => {}; e.on('x', f).on('x', f); e.off('x', f); return [e.listenerCount('x'), e.eventNames(), e.listeners('x').length, listenerCount(e, 'x'), getEventListeners(e, 'x').length] });
  await say('an error that nobody hears', () => new Mine().emit('error', new RangeError('lost')));
  await say('an error that is none', () => new Mine().emit('error', 5));
  await say('a monitor', () => { const e = new Mine(), seen = []; e.on(errorMonitor, (x) => seen.push('monitor ' + x.message)); e.on('error', (x) => seen.push('error ' + x.message)); e.emit('error', new Error('x')); return seen });
  await say('once', async () => { const e = new Mine(); setTimeout(() => e.emit('x', 1, 2), 1); return await once(e, 'x') });
  await say('once that fails', async () => { const e = new Mine(); setTimeout(() => e.emit('error', new Error('no')), 1); return await once(e, 'x') });
  await say('on', async () => { const e = new Mine(), seen = []; setTimeout(() => { e.emit('x', 1); e.emit('x', 2); e.emit('x', 3) }, 1); for await (const [n] of on(e, 'x')) { seen.push(n); if (n === 3) break } return [seen, e.listenerCount('x')] });
  await say('the limit of listeners', () => [EventEmitter.defaultMaxListeners, new Mine().setMaxListeners(3).getMaxListeners()]);
  await say('newListener', () => { const e = new Mine(), seen = []; e.on('newListener', (name) => seen.push(name)); e.on('x', () => {}); return seen });
  await say('removeAllListeners', () => { const e = new Mine(); e.on('x', () => {}).on('y', () => {}); e.removeAllListeners('x'); return e.eventNames() });
});
`,
});
