/**
 * Stops this thread until its host terminates it.
 *
 * Promise: it never returns, and throws when the host has told the browser to terminate this thread. A browser does not
 * end a thread in the middle of a task at once: Chromium gives the task 2 s, in which one that merely spins takes a core
 * from everybody. But it makes a synchronous request fail. So this loops on such requests for a blob, and what the failed
 * one throws ends the task, and with it the thread, in milliseconds. A `catch` or `finally` of the program on that way
 * must find that nothing leaves and nothing is stored any more: the caller sees to that first. Where such requests are
 * refused (`connect-src 'none'`) that is so from the beginning.
 *
 * DIFFERS: what was not yet given to IndexedDB is lost with the thread; local workerd has it in its file by then.
 */
import { uncurryThis } from '../base/primordials.ts';

const Request = globalThis.XMLHttpRequest;
const open = Request && uncurryThis(Request.prototype.open as (this: XMLHttpRequest, ...args: unknown[]) => void);
const send = Request && uncurryThis(Request.prototype.send);
const NativeBlob = Blob;
const createUrl = URL.createObjectURL.bind(URL);
const listen = globalThis.addEventListener.bind(globalThis);

export function halt(): never {
  try {
    const url = createUrl(new NativeBlob());
    for (;;) {
      const request = new Request();
      open(request, 'GET', url, false);
      send(request);
    }
  } finally {
    listen('error', (event) => event.preventDefault(), { once: true }); // no error that the console should tell of
  }
}
