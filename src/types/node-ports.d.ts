/**
 * The ports of Node's modules that src/node/ is made of: untyped, because their types are Node's.
 *
 * Promise: what stands here exists in the versions that package.json names.
 */
// biome-ignore-all lint/suspicious/noExplicitAny: ports without types
declare module 'assert/' {
  const assert: any;
  export default assert;
}
declare module 'assert/build/internal/util/comparisons.js' {
  const comparisons: any;
  export default comparisons;
}
declare module 'buffer/' {
  export const Buffer: any;
  export const kMaxLength: number;
  export const INSPECT_MAX_BYTES: number;
  export const SlowBuffer: any;
}
declare module 'node-inspect-extracted' {
  export const inspect: any;
  export const format: any;
  export const formatWithOptions: any;
  export const stripVTControlCharacters: any;
}
declare module 'path-browserify' {
  const path: any;
  export default path;
}
declare module 'readable-stream/lib/ours/browser.js' {
  const stream: any;
  export default stream;
}
declare module 'string_decoder/' {
  export const StringDecoder: any;
}
declare module 'events/' {
  const EventEmitter: any;
  export default EventEmitter;
}
declare module 'unenv/node/*' {
  const module: any;
  export default module;
}

/** What the isolate lends to these modules; src/node/hooks.ts says what. */
declare module 'durabox:node' {
  const hooks: unknown;
  export default hooks;
}
