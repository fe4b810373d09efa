/**
 * Compatibility dates and flags that change what a program sees: one table.
 *
 * Promise: a flag is on from its date, when the config names it, or when it follows from another; the name that turns it off
 * wins over the last two. What workerd refuses is refused in its words.
 * @see workerd: io/compatibility-date.c++
 */
import { FLAG_LINES, LATER_FLAG_LINES } from './compatibility-flags.ts';

/** What a config says. */
export interface CompatibilityChoice {
  /** YYYY-MM-DD */
  readonly date: string;
  readonly flags: readonly string[];
}

interface Flag {
  readonly on: string;
  readonly off: string | undefined;
  /** YYYY-MM-DD from which it is on; undefined: never by itself */
  readonly since: string | undefined;
  readonly follows: readonly { readonly from: readonly string[]; readonly since: string }[];
  /** workerd does not know it yet: it is documented */
  readonly isLater: boolean;
}

/** What of our own code a flag changes. */
const EFFECTS = {
  /** own properties, cause and more error types survive RPC */
  enhancedErrors: 'enhanced_error_serialization',
  /** who passes a stub over RPC keeps its own */
  dupsParams: 'rpc_params_dup_stubs',
  /** `ctx.exports` is there */
  ctxExports: 'enable_ctx_exports',
  /** `deleteAll()` takes the alarm away too */
  deleteAllDeletesAlarm: 'delete_all_deletes_alarm',
  /** timers, calls and `waitUntil` keep their object from being evicted */
  ioTasksPreventEviction: 'durable_object_io_tasks_prevent_eviction',
  /** the reason of `close()` may have 123 bytes */
  closeReasonLimit: 'websocket_close_reason_byte_limit',
  /** a WebSocket's `binaryType` is `blob` at first, as in the standard */
  standardBinaryType: 'websocket_standard_binary_type',
  /** a close frame is answered before the program hears of it */
  autoReplyToClose: 'web_socket_auto_reply_to_close',
  /** every name of a stub is a method of RPC */
  rpcMembers: 'rpc',
  /** stubs have no `get`, `put` and `delete` of their own */
  noHttpShortcuts: 'fetcher_no_get_put_delete',
  /** `fetch` of a stub takes no relative address */
  fullUrls: 'durable_object_fetch_requires_full_url',
  /** an address that is none is refused by the URL parser's words */
  standardFetchUrls: 'fetch_standard_url',
  /** the signal of a request that came aborts when whoever asked has given up */
  requestSignal: 'enable_request_signal',
  /** the signal of a request that came ends what it is given to */
  passesSignalsOn: 'request_signal_passthrough',
  /** a thenable that is given where a promise is expected is asked for its value */
  unwrapsThenables: 'unwrap_custom_thenables',
  /** a request may say how it is cached */
  cacheOption: 'cache_option_enabled',
  /** and that by asking again */
  cacheNoCache: 'cache_no_cache_enabled',
  /** every method of HTTP may be written in small letters */
  upperCaseMethods: 'upper_case_all_http_methods',
  /** a body may be made of what can be iterated */
  iterableBodies: 'fetch_iterable_type_support',
  /** the mark that says how a text is encoded is no part of the text */
  stripsBom: 'strip_bom_in_read_all_text',
  /** a file in a form stays one when the form is read */
  formFiles: 'formdata_parser_supports_files',
  /** each cookie that is set is a header of its own */
  ownCookies: 'http_headers_getsetcookie',
  /** a redirect leads to a URL, not to what the text says */
  redirectUrls: 'response_redirect_url_standard',
  /** a body's type is taken apart before a Blob has it */
  parsesTypes: 'blob_standard_mime_type',
  /** a signal may be passed over RPC */
  passesSignals: 'enable_abortsignal_rpc',
} as const;

export type Compatibility = { readonly [Name in keyof typeof EFFECTS]: boolean };

export function compatibilityOf(choice: CompatibilityChoice): Compatibility {
  const entries = Object.entries(EFFECTS).map(([name, flag]) => [name, isNamedOn(choice, flag)] as const);
  return Object.fromEntries(entries) as unknown as Compatibility;
}

/** What `Cloudflare.compatibilityFlags` shows: every flag of workerd's in its order, and those documented since that are on. */
export function compatibilityFlags(choice: CompatibilityChoice): Readonly<Record<string, boolean>> {
  const all: Record<string, boolean> = {};
  for (const flag of FLAGS) {
    const on = isOn(choice, flag);
    if (on || !flag.isLater) all[flag.on] = on;
  }
  return all;
}

function isNamedOn(choice: CompatibilityChoice, name: string): boolean {
  const flag = BY_NAME.get(name);
  return flag !== undefined && isOn(choice, flag);
}

function isOn(choice: CompatibilityChoice, flag: Flag): boolean {
  const { date, flags } = choice;
  if (flags.includes(flag.on)) return true;
  if (flag.off !== undefined && flags.includes(flag.off)) return false;
  if (flag.since !== undefined && date >= flag.since) return true;
  return flag.follows.some(({ from, since }) => date >= since && from.some((name) => isNamedOn(choice, name)));
}

/** Why these flags cannot be had at this date, in workerd's words; undefined when they can. */
export function flagFault({ date, flags }: CompatibilityChoice): string | undefined {
  for (const [at, flag] of flags.entries()) {
    if (flags.indexOf(flag) !== at) return `Compatibility flag specified multiple times: ${flag}`;
  }
  for (const { on, off, since } of FLAGS) {
    if (!flags.includes(on)) continue;
    if (off !== undefined && flags.includes(off)) {
      return `Compatibility flags are mutually contradictory: ${on} vs ${off}`;
    }
    if (since !== undefined && date >= since) {
      return `The compatibility flag ${on} became the default as of ${since} so does not need to be specified anymore.`;
    }
  }
  const unknown = flags.find((flag) => !FLAGS.some(({ on, off }) => flag === on || flag === off));
  return unknown === undefined ? undefined : `No such compatibility flag: ${unknown}`;
}

function parse(lines: string, isLater: boolean): Flag[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [on = '', off = '-', since = '-', ...follows] = line.trim().split(' ');
      return {
        on,
        off: off === '-' ? undefined : off,
        since: since === '-' ? undefined : since,
        follows: follows.map((one) => {
          const [from = '', at = ''] = one.split('@');
          return { from: from.split('|'), since: at };
        }),
        isLater,
      };
    });
}

const FLAGS: readonly Flag[] = [...parse(FLAG_LINES, false), ...parse(LATER_FLAG_LINES, true)];
const BY_NAME: ReadonlyMap<string, Flag> = new Map(FLAGS.map((flag) => [flag.on, flag]));

/** How much of Node.js a program gets: nothing, its contexts alone, its modules, or its globals too. */
export type NodeLevel = 'nothing' | 'async_hooks' | 'modules' | 'globals';

/** from here on `nodejs_compat` is on by itself; documented, and not so in workerd 1.20260730 */
const NODE_SINCE = '2026-08-04';

export function nodeLevelOf(choice: CompatibilityChoice): NodeLevel {
  const isOn = (name: string) => isNamedOn(withNode(choice), name);
  if (isOn('nodejs_compat_v2')) return 'globals';
  if (isOn('nodejs_compat')) return 'modules';
  return isOn('nodejs_als') ? 'async_hooks' : 'nothing';
}

/** Whether `process.env` begins with the bindings that are text. */
export function populatesProcessEnv(choice: CompatibilityChoice): boolean {
  return isNamedOn(withNode(choice), 'nodejs_compat_populate_process_env');
}

/** Whether the timers of the scope are objects, as those of `node:timers` are. */
export function hasNodeTimers(choice: CompatibilityChoice): boolean {
  return isNamedOn(withNode(choice), 'enable_nodejs_global_timers');
}

/** Whether the scope has what measures, and its classes. */
export function hasNodePerformance(choice: CompatibilityChoice): boolean {
  return isNamedOn(withNode(choice), 'enable_global_performance_classes');
}

function withNode({ date, flags }: CompatibilityChoice): CompatibilityChoice {
  if (date < NODE_SINCE || flags.includes('nodejs_compat') || flags.includes('no_nodejs_compat'))
    return { date, flags };
  return { date, flags: [...flags, 'nodejs_compat'] };
}
