/**
 * Stops this thread until its host terminates it.
 *
 * Promise: no line after it runs, no `finally`, no microtask. It loops on synchronous requests for a blob, because
 * Chromium ends a thread that waits for one in milliseconds, and one that merely spins only after two seconds. Where
 * such requests are refused (`connect-src 'none'`) it spins all the same: the host never waits for the termination.
 *
 * DIFFERS: what was not yet given to IndexedDB is lost with the thread; local workerd has it in its file by then.
 */
import { uncurryThis } from '../base/primordials.ts';

const Request = globalThis.XMLHttpRequest;
const open = Request && uncurryThis(Request.prototype.open as (this: XMLHttpRequest, ...args: unknown[]) => void);
const send = Request && uncurryThis(Request.prototype.send);
const NativeBlob = Blob;
const createUrl = URL.createObjectURL.bind(URL);

export function halt(): never {
  const url = createUrl(new NativeBlob(['']));
  for (;;) {
    try {
      if (!Request || !open || !send) continue;
      const request = new Request();
      open(request, 'GET', url, false);
      send(request);
    } catch {
      // refused here: only the spinning is left
    }
  }
}
