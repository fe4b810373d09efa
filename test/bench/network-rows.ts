/** The rows about what goes between threads: calls, payloads, streams and WebSockets, on both carriers. */
import { both, page, type Row } from './row.ts';

/** A carrier, and what the rows call it. */
const carriers = [
  ['auto', 'port'],
  ['channel', 'channel'],
] as const;

export const networkRows: readonly Row[] = [
  ...carriers.flatMap(([network, name]): Row[] => [
    {
      id: `calls-16-${name}`,
      work: `RPC calls, 16 in flight, ${name}`,
      limit: 'messages that are echoed, 16 in flight',
      ours: page('inWorker', network, 'inFlight16'),
      other: page('workerPingPong', network, 16),
      target: { none: true },
    },
    {
      id: `calls-64-${name}`,
      work: `RPC calls, 64 in flight, ${name}`,
      limit: 'messages that are echoed, 64 in flight',
      ours: page('inWorker', network, 'inFlight'),
      other: page('workerPingPong', network, 64),
      target: { none: true },
    },
    {
      id: `payload-${name}`,
      work: `RPC round trip of 64 KiB, ${name}`,
      limit: 'the bytes echoed',
      ours: page('inWorker', network, 'payload'),
      other: page('workerPingPong', network, 1, 65_536),
      target: { atMost: 2 },
    },
    {
      id: `stream-${name}`,
      work: `MiB of a body from an object, ${name}`,
      limit: 'as much in messages of 64 KiB, half each way',
      ours: page('inWorker', network, 'stream'),
      other: page('rawMib', network),
      target: { none: true },
    },
    {
      id: `socket-${name}`,
      work: `WebSocket message and answer, page, ${name}`,
      limit: 'ping-pong page and worker',
      ours: page('socketEcho', network),
      other: page('pagePingPong', network),
      target: { none: true },
    },
  ]),
  { id: 'calls-16', work: 'RPC calls, 16 in flight', ...both('inFlight16'), target: { none: true } },
  { id: 'payload', work: 'RPC round trip of 64 KiB', ...both('payload'), target: { none: true } },
  { id: 'payload-16', work: 'RPC calls of 64 KiB, 16 in flight', ...both('payload16'), target: { none: true } },
  { id: 'stream', work: 'MiB of a body from an object', ...both('stream'), target: { none: true } },
  { id: 'socket-echo', work: 'WebSocket message and answer', ...both('socketEcho'), target: { none: true } },
  { id: 'socket-16', work: 'WebSocket messages, 16 in flight', ...both('socketEcho16'), target: { none: true } },
  {
    id: 'socket-64',
    work: 'WebSocket messages, 64 in flight',
    ...both('socketEcho64'),
    target: { atLeast: 1 },
    turns: 4,
  },
  { id: 'socket-room', work: 'delivery of a broadcast to 100 sockets', ...both('socketRoom'), target: { none: true } },
  {
    id: 'wake',
    work: 'message that wakes an object, and its answer',
    limit: 'first call to a new object',
    ours: page('wake', 1),
    other: page('coldObject'),
    target: { atMost: 2 },
  },
  {
    id: 'wake-1000',
    work: 'the same under 1,000 sockets',
    limit: 'under one',
    ours: page('wake', 1000),
    other: page('wake', 1),
    target: { atMost: 2 },
  },
  // Either side falls asleep in its own time, ten seconds, before each sample.
  ...(['wake', 'wake1000'] as const).map(
    (route): Row => ({
      id: `${route}-workerd`,
      work: `message that wakes an object under ${route === 'wake' ? 'one socket' : '1,000 sockets'}`,
      ...both(route),
      target: { none: true },
      pairs: 5,
      long: true,
    }),
  ),
];
