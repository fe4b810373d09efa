/** What a program with Node.js compatibility finds in its global scope besides. */
import { Buffer } from './buffer.ts';
import { hooks } from './hooks.ts';
import * as measuring from './perf_hooks.ts';
import process from './process.ts';
import { clearImmediate, setImmediate } from './timers.ts';

for (const [name, value] of Object.entries({ Buffer, process, global: globalThis })) {
  Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
}
const { Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver } = measuring;
const { PerformanceObserverEntryList, PerformanceResourceTiming } = measuring;
const classes = {
  ...{ Performance, PerformanceEntry, PerformanceMark, PerformanceMeasure, PerformanceObserver },
  ...{ PerformanceObserverEntryList, PerformanceResourceTiming },
};
// Where the scope's own functions and classes stand.
for (const [name, value] of Object.entries({
  ...{ setImmediate, clearImmediate },
  ...(hooks.hasPerformance ? classes : {}),
})) {
  Object.defineProperty(Object.getPrototypeOf(globalThis), name, {
    ...{ value, writable: true, configurable: true, enumerable: true },
  });
}
