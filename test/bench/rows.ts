/**
 * What the benchmark compares, and what each comparison must show.
 *
 * A row is two subjects and a target for the ratio of their times. `atMost`: ours may take so many times as long as the
 * other; `atLeast`: ours must do so many times as much in the same time; `none`: it is only to be known.
 */
import type { Subject } from './page.ts';
import type { Route } from './program.ts';

/** Who measures one side of a row. */
export type Side =
  | { readonly at: 'page'; readonly subject: Subject; readonly args?: readonly unknown[] }
  | { readonly at: 'workerd'; readonly route: Route };

export interface Row {
  readonly id: string;
  readonly work: string;
  readonly limit: string;
  readonly ours: Side;
  readonly other: Side;
  /** `withinMs`: by how many milliseconds ours may exceed the other, whatever the ratio */
  readonly target:
    | { readonly atMost: number }
    | { readonly atLeast: number }
    | { readonly withinMs: number }
    | { readonly none: true };
  /** a bound of the median itself, beside the ratio */
  readonly medianMsMax?: number;
  /** only measured with `--long` */
  readonly long?: true;
}

const page = (subject: Subject, ...args: readonly unknown[]): Side => ({ at: 'page', subject, args });
const raw = (route: Route) =>
  ({ limit: 'sql.js, prepared', ours: page('sqlInObject', route), other: page('rawSql', route) }) as const;
const both = (route: Route) =>
  ({ limit: 'workerd', ours: page('inWorker', 'auto', route), other: { at: 'workerd', route } }) as const;

export const rows: readonly Row[] = [
  {
    id: 'call-channel-page',
    work: 'RPC round trip, channel, page to object',
    limit: 'ping-pong page and worker',
    ours: page('pageRoundTrip', 'channel'),
    other: page('pagePingPong', 'channel'),
    target: { atMost: 1.4 },
  },
  {
    id: 'call-channel-worker',
    work: 'RPC round trip, channel, Worker to object',
    limit: 'ping-pong worker and worker',
    ours: page('inWorker', 'channel', 'roundTrip'),
    other: page('workerPingPong', 'channel'),
    target: { atMost: 1.4 },
  },
  {
    id: 'call-port-page',
    work: 'RPC round trip, port, page to object',
    limit: 'ping-pong page and worker',
    ours: page('pageRoundTrip', 'auto'),
    other: page('pagePingPong', 'auto'),
    target: { atMost: 2 },
  },
  {
    id: 'call-port-worker',
    work: 'RPC round trip, port, Worker to object',
    limit: 'ping-pong worker and worker',
    ours: page('inWorker', 'auto', 'roundTrip'),
    other: page('workerPingPong', 'auto'),
    target: { atMost: 2 },
  },
  {
    id: 'traced',
    work: 'RPC round trip, port, while a page listens to the trace',
    limit: 'nobody listens',
    ours: page('traced', true, 'roundTrip'),
    other: page('traced', false, 'roundTrip'),
    target: { atMost: 1.05 },
  },
  {
    id: 'traced-in-flight',
    work: 'RPC calls, 64 in flight, while a page listens to the trace',
    limit: 'nobody listens',
    ours: page('traced', true, 'inFlight'),
    other: page('traced', false, 'inFlight'),
    target: { atMost: 1.05 },
  },
  { id: 'call-port', work: 'RPC round trip, port', ...both('roundTrip'), target: { atMost: 2 } },
  { id: 'call-in-flight', work: 'RPC calls, 64 in flight', ...both('inFlight'), target: { atLeast: 1 } },
  {
    id: 'cold',
    work: 'first call to a new object, warm isolate',
    limit: 'worker with a compiled engine',
    ours: page('coldObject'),
    other: page('spawn'),
    target: { atMost: 0.5 },
    medianMsMax: 10,
  },
  {
    id: 'cold-64',
    work: '64 new objects at once',
    limit: '64 workers with a compiled engine',
    ours: page('coldObjects'),
    other: page('spawnMany'),
    target: { atMost: 1.2 },
  },
  { id: 'put', work: 'awaited storage.put in one turn', ...both('putMany'), target: { atLeast: 1 } },
  {
    id: 'put-turns',
    work: 'awaited storage.put, a call each, 64 in flight',
    ...both('putOne'),
    target: { atLeast: 1 },
  },
  { id: 'kv-put', work: 'kv.put', ...both('kvPutMany'), target: { atLeast: 1 } },
  { id: 'sql-select', work: 'sql.exec, point select', ...raw('sqlSelect'), target: { atLeast: 0.8 } },
  { id: 'sql-insert', work: 'sql.exec, insert', ...raw('sqlInsert'), target: { atLeast: 0.8 } },
  { id: 'sql-scan', work: 'sql.exec, row of a scan', ...raw('sqlScan'), target: { atLeast: 0.8 } },
  { id: 'sql-select-workerd', work: 'sql.exec, point select', ...both('sqlSelect'), target: { atLeast: 1 } },
  { id: 'sql-insert-workerd', work: 'sql.exec, insert', ...both('sqlInsert'), target: { atLeast: 1 } },
  { id: 'sql-scan-workerd', work: 'sql.exec, row of a scan', ...both('sqlScan'), target: { atLeast: 1 } },
  {
    id: 'commit-size',
    work: 'call with a 1-page commit, 64 MiB',
    limit: 'the same, 1 MiB',
    ours: page('callWithCommit', 64),
    other: page('callWithCommit', 1),
    target: { atMost: 1.2 },
  },
  {
    id: 'commit-size-256',
    work: 'call with a 1-page commit, 256 MiB',
    limit: 'the same, 1 MiB',
    ours: page('callWithCommit', 256),
    other: page('callWithCommit', 1),
    target: { atMost: 1.2 },
    long: true,
  },
  {
    id: 'commit',
    work: 'commit of 1 page, awaited by sync(), 1 MiB',
    limit: 'add of one 4 KiB value',
    ours: page('commit', 1),
    other: page('addOne'),
    target: { atMost: 1.5 },
  },
  {
    id: 'commit-64',
    work: 'commit of 1 page, awaited by sync(), 64 MiB',
    limit: 'add of one 4 KiB value',
    ours: page('commit', 64),
    other: page('addOne'),
    target: { atMost: 1.5 },
  },
  {
    id: 'open-large',
    work: 'first call to an evicted object of 128 MiB',
    limit: 'its bytes read as extents',
    ours: page('openLarge'),
    other: page('readExtents'),
    target: { atMost: 1.3 },
  },
  {
    id: 'beside-opening',
    work: "p99 of another object's commits while 128 MiB are opened",
    limit: 'while nothing is',
    ours: page('commitsBeside', 'opening'),
    other: page('commitsBeside', 'nothing'),
    target: { withinMs: 5 },
  },
  {
    id: 'beside-inspecting',
    work: "p99 of another object's commits while 128 MiB are inspected",
    limit: 'while nothing is',
    ours: page('commitsBeside', 'inspecting'),
    other: page('commitsBeside', 'nothing'),
    target: { withinMs: 5 },
  },
  {
    id: 'timers',
    work: 'setTimeout 0, each armed by the one before it',
    limit: 'in a bare worker',
    ours: page('timerChain'),
    other: page('rawTimerChain'),
    target: { none: true },
  },
  {
    id: 'clock',
    work: 'Date.now()',
    limit: 'in a bare worker',
    ours: page('readClock'),
    other: page('rawReadClock'),
    target: { none: true },
  },
];
