/** `node:stream/promises`. */
import stream from 'readable-stream/lib/ours/browser.js';

export const { finished, pipeline } = stream.Stream.promises;
export default { finished, pipeline };
