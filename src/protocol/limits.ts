/**
 * Limits as named constants, each with its reason. `workerd` enforces fewer than production documents.
 */

/** What a user's program may do. Sizes in bytes unless the name says otherwise. */
export interface Limits {
  /** keys or pairs in one get/put/delete of many (documented; workerd does not check) */
  kvBatchCount: number;
  /** one key of an object without SQLite, in UTF-8 (documented; workerd does not check) */
  kvKeyBytes: number;
  /** one value of an object without SQLite, serialised (documented; workerd does not check) */
  kvValueBytes: number;
  /** `transactionSync` of an object without SQLite: the platform has none, local workerd keeps such objects in SQLite too */
  kvTransactionSync: boolean;
  /** key plus value of one row in a SQLite-backed object (documented 2 MB; workerd checks 2,200,000, measured) */
  sqliteRowBytes: number;
  /** arguments of one SQL function (documented 32, workerd 127) */
  sqlFunctionArgs: number;
  /** serialised arguments or result of one RPC call (workerd: worker-rpc.h) */
  rpcMessageBytes: number;
  /** names in one pipelined path (workerd: worker-rpc.c++) */
  rpcPathDepth: number;
  /** longest name that `ctx.id.name` still carries, in UTF-8 bytes */
  nameBytes: number;
  /** active timers of one context (workerd: io-timers.h) */
  timerCount: number;
  /** nested critical sections (workerd: io-context.h) */
  sectionDepth: number;
  /** how long blockConcurrencyWhile may take, virtual ms (workerd: io-context.h) */
  sectionMs: number;
  /** an object that has nothing but I/O of its own left goes so long after its last event at the earliest, virtual ms
   * (documented 70 to 140 s; in workerd it stays for ever) */
  idleIoLeastMs: number;
  /** the same at the latest */
  idleIoMostMs: number;
  /**
   * how long a program may compute without a pause, real ms; what its config says as `limits.cpu_ms` goes before it, unless it is
   * unlimited here (documented: 30 s of CPU time an event; workerd has no limit)
   */
  cpuMs: number;
  // Overload: production has limits that it does not tell, local workerd has none; so none is on unless somebody sets it.
  /** requests that may wait at an object's input gate */
  queuedRequestCount: number;
  /** what they may weigh together: arguments, and bodies that came whole */
  queuedRequestBytes: number;
  /** how long each may wait there, virtual ms */
  queuedRequestMs: number;
  /** requests that an object takes within ten seconds, virtual (documented: about 1,000 in a second, as a soft limit) */
  requestsPer10s: number;
}

const WORKERD: Limits = {
  kvBatchCount: Number.POSITIVE_INFINITY,
  kvKeyBytes: Number.POSITIVE_INFINITY,
  kvValueBytes: Number.POSITIVE_INFINITY,
  kvTransactionSync: true,
  sqliteRowBytes: 2_200_000,
  sqlFunctionArgs: 127,
  rpcMessageBytes: 32 * 1024 * 1024,
  rpcPathDepth: 64,
  nameBytes: 1024,
  timerCount: 10_000,
  sectionDepth: 64,
  sectionMs: 30_000,
  idleIoLeastMs: Number.POSITIVE_INFINITY,
  idleIoMostMs: Number.POSITIVE_INFINITY,
  cpuMs: Number.POSITIVE_INFINITY,
  queuedRequestCount: Number.POSITIVE_INFINITY,
  queuedRequestBytes: Number.POSITIVE_INFINITY,
  queuedRequestMs: Number.POSITIVE_INFINITY,
  requestsPer10s: Number.POSITIVE_INFINITY,
};

const PRODUCTION: Limits = {
  ...WORKERD,
  kvBatchCount: 128,
  kvKeyBytes: 2_048,
  kvValueBytes: 131_072,
  kvTransactionSync: false,
  sqliteRowBytes: 2_000_000,
  sqlFunctionArgs: 32,
  idleIoLeastMs: 70_000,
  idleIoMostMs: 140_000,
  cpuMs: 30_000,
};

export type LimitsOption = 'production' | 'workerd' | Partial<Limits>;

/** A partial record changes the production limits. */
export function resolveLimits(option: LimitsOption = 'production'): Limits {
  if (option === 'production') return PRODUCTION;
  if (option === 'workerd') return WORKERD;
  return { ...PRODUCTION, ...option };
}

/** Our own limits: none of them can be observed by a program that the platform would accept. */

/** First credit of a stream: enough that one round trip of a channel (0.4 ms) does not stall a copy at memory speed. */
export const STREAM_WINDOW_BYTES = 256 * 1024;
/** A body up to this length travels inside its message: one post, no stream to open. */
export const INLINE_BODY_BYTES = 32 * 1024;
/** A link nobody used for this long closes by goaway; both ends open a new one at the next call. */
export const LINK_IDLE_MS = 10_000;
/** A directory question unanswered for this long, twice, means that the holder is frozen (DESIGN 7). */
export const HOLDER_ANSWER_MS = 2_000;
/** Live objects a host keeps before it evicts the least recently used of those that nothing holds. */
export const LIVE_OBJECTS = 64;
/** Workers of a host at most, all kinds together: each costs some megabytes, and a browser ends a page that has too many. */
export const ISOLATES = 400;
/** For so long none ends before those that wait to boot are refused: all that run may be waiting for these very ones. */
export const ISOLATE_WAIT_MS = 60_000;
/** Isolates that boot side by side: more take no less time together, and keep from their work those that run. */
export const BOOTING_ISOLATES = 8;
/** SQLite engines of a host at most: Chromium refuses the 125th of a page (measured), and the inspector has one too. */
export const ENGINES = 100;
/** For so long nobody gives one up before those that wait for one are refused: longer than any machine is merely busy. */
export const ENGINE_WAIT_MS = 60_000;
/** The same where the browser has refused the first one already: only others of the page could give some back. */
export const ENGINE_ROOM_WAIT_MS = 10_000;
/** The browser is asked again so long after it refused: asking costs it milliseconds, and says nothing of when to come again. */
export const ENGINE_RETRY_MS = 500;
/** Isolates kept ready; with fewer a cold start pays for a worker and an engine. */
export const WARM_ISOLATES = 2;
/** How long a timer, a call or a promise given to `waitUntil` keeps its object, with the flag for it (changelog 2026-10-01). */
export const IO_TASK_MS = 15 * 60_000;
/** Idle time after which a hibernatable object is dropped (workerd: server.c++). */
export const IDLE_EVICTION_MS = 10_000;
/** Hibernatable sockets of one object (workerd: legacy-hibernation-manager.h). */
export const HIBERNATABLE_SOCKETS = 32_768;
/** Tags of one of them, and the length of each in UTF-8 bytes (documented, and in the texts of workerd). */
export const SOCKET_TAGS = 10;
export const SOCKET_TAG_BYTES = 256;
/** Serialised attachment of one socket (workerd: web-socket.h). */
export const SOCKET_ATTACHMENT_BYTES = 16_384;
/** Request or response of an automatic answer (workerd: actor-state.c++). */
export const AUTO_RESPONSE_BYTES = 2_048;
/** Longest time that a handler of a socket event may be given, ms (workerd: actor-state.c++). */
export const SOCKET_EVENT_TIMEOUT_MS = 604_800_000;
/** One message that comes from outside (workerd: web-socket.c++). */
export const SOCKET_MESSAGE_BYTES = 32 * 1024 * 1024;
/** How long the end that a response brought may stay with its receiver before it is taken up, real ms; then it counts as dropped. */
export const SOCKET_CLAIM_MS = 60_000;
