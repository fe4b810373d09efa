/** `node:perf_hooks`: the clock, and nothing that measures. */
export const performance = globalThis.performance;
