/** `node:console`: the scope's own. */
const it = globalThis.console as unknown as Record<string, unknown>;
export const { assert, clear, count, countReset, debug, dir, dirxml, error, group, groupCollapsed, groupEnd } = it;
export const { info, log, table, time, timeEnd, timeLog, timeStamp, trace, warn } = it;
export default it;
