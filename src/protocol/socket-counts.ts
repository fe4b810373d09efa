/**
 * How many WebSockets a thread has in each of its tables: what is there to be counted is there to be found when it leaks.
 *
 * Promise: all are zero in a thread in which no socket is open and none waits for anything.
 */

export interface SocketCounts {
  /** used by the thread's program, or by the page, and not over; both sockets of a pair count */
  readonly open: number;
  /** hibernatable: listed by the object; kept for it by its host, and taken up */
  readonly kept: number;
  /** hibernatable, of the host: listed no more, while the instance may still send */
  readonly parting: number;
  /** of the host: what came for objects and is not with their programs yet */
  readonly waiting: number;
  /** of the holder: left in a response, and not taken up by anybody yet; after half a minute they break off */
  readonly unclaimed: number;
  /** ends on links, of those who took up as of those who hold */
  readonly ends: number;
  /** links that sockets alone use, seen from who opened them */
  readonly links: number;
  /** ends that faults of the network are remembered for, or would be felt at */
  readonly hindered: number;
}

/** The same of one thread of a machine. */
export interface ThreadSockets extends SocketCounts {
  /** `page`, `host`, or the isolate as logs name it: `Class:name`, or a script's name */
  readonly thread: string;
}

export const NO_SOCKETS: SocketCounts = {
  ...{ open: 0, kept: 0, parting: 0, waiting: 0 },
  ...{ unclaimed: 0, ends: 0, links: 0, hindered: 0 },
};
