import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'process and the other globals of Node are there by flag and date, and process.env begins with the variables.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'], vars: { TEXT: 'text', NUMBER: 7, FLAG: true } },
  program: `
import imported, { env, nextTick } from 'node:process';
import { setTimeout as later } from 'node:timers';
import { setTimeout as wait, scheduler as sched } from 'node:timers/promises';
import { worker, tag } from './prelude.js';

const top = [typeof process, typeof Buffer, typeof setImmediate, global === globalThis];

export default worker(async ({ say }) => {
  await say('at module scope', () => top);
  await say('the global', () => [process === imported, process.env === env, tag(process)]);
  await say('the program', () => [process.version, process.platform, process.arch, process.pid, process.cwd(), process.title, process.argv, process.versions.node, process.release.name]);
  await say('env', () => [env.TEXT, env.NUMBER, env.FLAG, env.NONE, Object.keys(env).sort()]);
  await say('env is text', () => { env.MINE = 5; env.NOT = undefined; return [env.MINE, env.NOT, 'MINE' in process.env, delete env.MINE, env.MINE] });
  await say('the order of things', async () => { const seen = []; setTimeout(() => seen.push('timer'), 2); setImmediate((a) => seen.push('immediate ' + a), 1); queueMicrotask(() => seen.push('microtask')); nextTick((a) => seen.push('tick ' + a), 2); Promise.resolve().then(() => seen.push('then')); await scheduler.wait(10); return seen });
  await say('clearImmediate', async () => { let seen = 'not run'; const i = setImmediate(() => { seen = 'run' }); clearImmediate(i); await scheduler.wait(5); return [seen, tag(i)] });
  await say('hrtime', () => { const [s, n] = process.hrtime(); return [typeof s, typeof n, typeof process.hrtime.bigint(), process.hrtime([s, n]).length] });
  await say('nextTick of what is none', () => process.nextTick(3));
  await say('an emitter', () => { let seen; process.once('mine', (a) => { seen = a }); process.emit('mine', 3); return seen });
  await say('timers as objects', async () => { let seen; const timer = later((a) => { seen = a }, 1, 'x'); await wait(5); return [seen, typeof timer, timer.hasRef()] });
  await say('timers/promises', async () => [await wait(1, 'value'), await sched.wait(1)]);
  await say('an aborted wait', () => wait(1000, 0, { signal: AbortSignal.abort('why') }));
  await say('uptime and memory', () => [typeof process.uptime(), process.memoryUsage().heapUsed]);
  await say('chdir', () => process.chdir('/x'));
});
`,
});
