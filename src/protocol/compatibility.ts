/**
 * Compatibility dates and flags that change what a program sees: one table.
 *
 * Promise: a flag is on from its date, or when the config names it; `no_…` or the date before turns it off.
 * @see workerd: io/compatibility-date.capnp
 */

interface Flag {
  readonly on: string;
  readonly off: string;
  /** YYYY-MM-DD from which it is on; undefined: never by itself */
  readonly since: string | undefined;
}

const FLAGS = {
  /** own properties, cause and more error types survive RPC */
  enhancedErrors: { on: 'enhanced_error_serialization', off: 'legacy_error_serialization', since: '2026-04-21' },
  /** who passes a stub over RPC keeps its own */
  dupsParams: { on: 'rpc_params_dup_stubs', off: 'no_rpc_params_dup_stubs', since: '2026-01-20' },
  /** `ctx.exports` is there */
  ctxExports: { on: 'enable_ctx_exports', off: 'disable_ctx_exports', since: '2025-11-17' },
  /** `deleteAll()` takes the alarm away too */
  deleteAllDeletesAlarm: { on: 'delete_all_deletes_alarm', off: 'delete_all_preserves_alarm', since: '2026-02-24' },
  /** timers, calls and `waitUntil` keep their object from being evicted */
  ioTasksPreventEviction: {
    on: 'durable_object_io_tasks_prevent_eviction',
    off: 'durable_object_io_tasks_do_not_prevent_eviction',
    since: '2026-10-01',
  },
  /** the reason of `close()` may have 123 bytes */
  closeReasonLimit: {
    on: 'websocket_close_reason_byte_limit',
    off: 'no_websocket_close_reason_byte_limit',
    since: '2026-03-03',
  },
  /** a WebSocket's `binaryType` is `blob` at first, as in the standard */
  standardBinaryType: {
    on: 'websocket_standard_binary_type',
    off: 'no_websocket_standard_binary_type',
    since: '2026-03-17',
  },
  /** a close frame is answered before the program hears of it */
  autoReplyToClose: {
    on: 'web_socket_auto_reply_to_close',
    off: 'web_socket_manual_reply_to_close',
    since: '2026-04-07',
  },
} as const satisfies Record<string, Flag>;

export type Compatibility = { readonly [Name in keyof typeof FLAGS]: boolean };

export function compatibilityOf({ date, flags }: { date: string; flags: readonly string[] }): Compatibility {
  const entries = Object.entries(FLAGS).map(([name, { on, off, since }]) => {
    const isOn = flags.includes(on) || (date >= since && !flags.includes(off));
    return [name, isOn] as const;
  });
  return Object.fromEntries(entries) as unknown as Compatibility;
}

/** How much of Node.js a program gets: nothing, its contexts alone, its modules, or its globals too. */
export type NodeLevel = 'nothing' | 'async_hooks' | 'modules' | 'globals';

/** from here on `nodejs_compat` is on by itself */
const NODE_SINCE = '2026-08-04';
/** from here on `nodejs_compat` means `nodejs_compat_v2` */
const NODE_GLOBALS_SINCE = '2024-09-23';
const NODE_ENV_SINCE = '2025-04-01';

export function nodeLevelOf({ date, flags }: { date: string; flags: readonly string[] }): NodeLevel {
  const has = (flag: string) => flags.includes(flag);
  const isOn = has('nodejs_compat') || has('nodejs_compat_v2') || (date >= NODE_SINCE && !has('no_nodejs_compat'));
  if (!isOn) return has('nodejs_als') ? 'async_hooks' : 'nothing';
  const hasGlobals = has('nodejs_compat_v2') || (date >= NODE_GLOBALS_SINCE && !has('no_nodejs_compat_v2'));
  return hasGlobals ? 'globals' : 'modules';
}

/** Whether `process.env` begins with the bindings that are text. */
export function populatesProcessEnv({ date, flags }: { date: string; flags: readonly string[] }): boolean {
  if (flags.includes('nodejs_compat_do_not_populate_process_env')) return false;
  return flags.includes('nodejs_compat_populate_process_env') || date >= NODE_ENV_SINCE;
}
