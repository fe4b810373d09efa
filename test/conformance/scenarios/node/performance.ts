import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'With Node.js compatibility, from 2026-03-17, marks and measures are kept, and observers hear of none.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_date: '2026-03-17', compatibility_flags: ['nodejs_compat'] },
  program: `
import { worker, tag } from './prelude.js';
import * as hooks from 'node:perf_hooks';
export default worker(async ({ say }) => {
  await say('types', () => ['Performance','PerformanceEntry','PerformanceMark','PerformanceMeasure','PerformanceObserver','PerformanceObserverEntryList','PerformanceResourceTiming'].map(n => typeof globalThis[n]));
  await say('methods', () => ['mark','measure','getEntries','clearMarks','timerify','eventLoopUtilization','toJSON','now'].map(n => typeof performance[n]));
  await say('mark', () => { const m = performance.mark('a'); return [tag(m), m.name, m.entryType, typeof m.startTime, m.duration, m.detail]; });
  await say('mark detail', () => { const m = performance.mark('b', { startTime: 5, detail: { x: 1 } }); return [m.name, m.startTime, m.duration, m.detail]; });
  await say('measure', () => { const m = performance.measure('c', 'a'); return [tag(m), m.name, m.entryType, typeof m.duration, m.detail]; });
  await say('measure2', () => { const m = performance.measure('d', 'b', 'a'); return [m.name, m.startTime, typeof m.duration]; });
  await say('measure3', () => { const m = performance.measure('e', { start: 1, end: 3 }); return [m.name, m.startTime, m.duration]; });
  await say('measure4', () => { const m = performance.measure('e', { start: 1, duration: 3, detail: 'q' }); return [m.name, m.startTime, m.duration, m.detail]; });
  await say('measure0', () => { const m = performance.measure('f'); return [m.name, m.startTime, typeof m.duration]; });
  await say('measure bad', () => performance.measure('g', 'nope'));
  await say('entries', () => performance.getEntries().map(e => e.name));
  await say('by name', () => performance.getEntriesByName('a').map(e => e.entryType));
  await say('by type', () => performance.getEntriesByType('measure').map(e => e.name));
  await say('json', () => JSON.stringify(performance.getEntriesByName('b')[0]));
  await say('clear', () => { performance.clearMarks('a'); performance.clearMeasures(); return performance.getEntries().map(e => e.name); });
  await say('perf json', () => JSON.stringify(performance));
  await say('elu', () => performance.eventLoopUtilization());
  await say('timerify', () => { const f = performance.timerify(function x(a) { return a + 1 }); return [f(1), f.name, f.length]; });
  await say('observer', async () => { const seen = []; const o = new PerformanceObserver((l) => seen.push(l.getEntries().length)); o.observe({ entryTypes: ['mark'] }); performance.mark('z'); await new Promise(r => setTimeout(r, 5)); o.disconnect(); return [seen, PerformanceObserver.supportedEntryTypes, o.takeRecords()]; });
  await say('new PerformanceMark', () => { const m = new PerformanceMark('q'); return [m.name, performance.getEntriesByName('q').length]; });
  await say('hooks', () => [hooks.performance === performance, Object.keys(hooks).sort().join(' ')]);
  await say('resource', () => [performance.setResourceTimingBufferSize(5), performance.clearResourceTimings()]);
  await say('now', () => [typeof performance.now(), performance.timeOrigin]);
});
`,
});
