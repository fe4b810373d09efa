/** The table of compatibility dates and flags. That it is workerd's is what test/conformance/scenarios/config shows. */
import { expect, test } from 'vitest';
import {
  type Compatibility,
  compatibilityFlags,
  compatibilityOf,
  flagFault,
  nodeLevelOf,
  populatesProcessEnv,
} from '../../src/protocol/compatibility.ts';

/** What changes what we run, and when: the last day before, and the day itself. */
const EFFECTS: readonly (readonly [keyof Compatibility, string, string, string, string])[] = [
  [
    ...(['fullUrls', '2021-11-09', '2021-11-10'] as const),
    ...(['durable_object_fetch_requires_full_url', 'durable_object_fetch_allows_relative_url'] as const),
  ],
  ['noHttpShortcuts', '2024-03-25', '2024-03-26', 'fetcher_no_get_put_delete', 'fetcher_has_get_put_delete'],
  ['rpcMembers', '2024-04-02', '2024-04-03', 'rpc', 'no_rpc'],
  ['standardFetchUrls', '2024-06-02', '2024-06-03', 'fetch_standard_url', 'fetch_legacy_url'],
  ['ctxExports', '2025-11-16', '2025-11-17', 'enable_ctx_exports', 'disable_ctx_exports'],
  ['dupsParams', '2026-01-19', '2026-01-20', 'rpc_params_dup_stubs', 'rpc_params_transfer_stubs'],
  ['deleteAllDeletesAlarm', '2026-02-23', '2026-02-24', 'delete_all_deletes_alarm', 'delete_all_preserves_alarm'],
  [
    ...(['closeReasonLimit', '2026-03-02', '2026-03-03'] as const),
    ...(['websocket_close_reason_byte_limit', 'no_websocket_close_reason_byte_limit'] as const),
  ],
  [
    ...(['standardBinaryType', '2026-03-16', '2026-03-17'] as const),
    ...(['websocket_standard_binary_type', 'no_websocket_standard_binary_type'] as const),
  ],
  [
    ...(['autoReplyToClose', '2026-04-06', '2026-04-07'] as const),
    ...(['web_socket_auto_reply_to_close', 'web_socket_manual_reply_to_close'] as const),
  ],
  ['enhancedErrors', '2026-04-20', '2026-04-21', 'enhanced_error_serialization', 'legacy_error_serialization'],
  ['cacheOption', '2024-11-10', '2024-11-11', 'cache_option_enabled', 'cache_option_disabled'],
  ['cacheNoCache', '2025-08-06', '2025-08-07', 'cache_no_cache_enabled', 'cache_no_cache_disabled'],
  ['upperCaseMethods', '2024-10-13', '2024-10-14', 'upper_case_all_http_methods', 'no_upper_case_all_http_methods'],
  ['iterableBodies', '2026-02-18', '2026-02-19', 'fetch_iterable_type_support', 'no_fetch_iterable_type_support'],
  ['stripsBom', '2026-01-12', '2026-01-13', 'strip_bom_in_read_all_text', 'do_not_strip_bom_in_read_all_text'],
  [
    ...(['formFiles', '2021-11-02', '2021-11-03'] as const),
    ...(['formdata_parser_supports_files', 'formdata_parser_converts_files_to_strings'] as const),
  ],
  ['ownCookies', '2023-02-28', '2023-03-01', 'http_headers_getsetcookie', 'no_http_headers_getsetcookie'],
  ['redirectUrls', '2023-03-13', '2023-03-14', 'response_redirect_url_standard', 'response_redirect_url_original'],
  ['parsesTypes', '2024-06-02', '2024-06-03', 'blob_standard_mime_type', 'blob_legacy_mime_type'],
  ['unwrapsThenables', '2024-03-31', '2024-04-01', 'unwrap_custom_thenables', 'no_unwrap_custom_thenables'],
  [
    ...(['ioTasksPreventEviction', '2026-09-30', '2026-10-01'] as const),
    ...(['durable_object_io_tasks_prevent_eviction', 'durable_object_io_tasks_do_not_prevent_eviction'] as const),
  ],
];

test.each(EFFECTS)('%s is off on %s and on on %s, and a flag says otherwise', (name, before, day, on, off) => {
  const at = (date: string, ...flags: string[]) => compatibilityOf({ date, flags })[name];
  expect([at(before), at(day), at(before, on), at(day, off)]).toEqual([false, true, true, false]);
});

const UNDATED = [
  ['requestSignal', 'enable_request_signal'],
  ['passesSignalsOn', 'request_signal_passthrough'],
  ['passesSignals', 'enable_abortsignal_rpc'],
] as const;

test.each(UNDATED)('%s has no date yet: a flag alone turns it on', (name, flag) => {
  const at = (...flags: string[]) => compatibilityOf({ date: '2026-07-30', flags })[name];
  expect([at(), at(flag)]).toEqual([false, true]);
});

/** What changes the global scope, by the names that `Cloudflare.compatibilityFlags` shows. */
const OF_THE_SCOPE = [
  ['streams_byob_reader_detaches_buffer', '2021-11-09', '2021-11-10'],
  ['global_navigator', '2022-03-20', '2022-03-21'],
  ['streams_enable_constructors', '2022-11-29', '2022-11-30'],
  ['transformstream_enable_standard_constructor', '2022-11-29', '2022-11-30'],
  ['urlsearchparams_delete_has_value_arg', '2023-06-30', '2023-07-01'],
  ['strict_compression_checks', '2023-07-31', '2023-08-01'],
  ['crypto_preserve_public_exponent', '2023-11-30', '2023-12-01'],
  ['no_global_importscripts', '2024-03-03', '2024-03-04'],
  ['enable_weak_ref', '2025-05-04', '2025-05-05'],
  ['expose_global_message_channel', '2025-08-14', '2025-08-15'],
] as const;

test.each(OF_THE_SCOPE)('%s is off on %s and on on %s', (flag, before, day) => {
  const at = (date: string) => compatibilityFlags({ date, flags: [] })[flag];
  expect([at(before), at(day)]).toEqual([false, true]);
});

test('every effect has its row here', () => {
  expect([...EFFECTS, ...UNDATED].map(([name]) => name as string).sort()).toEqual(
    Object.keys(compatibilityOf({ date: '2026-01-01', flags: [] })).sort(),
  );
});

test('what follows from another flag is on with it, from its date on, and can be turned off by itself', () => {
  const on = (date: string, ...flags: string[]) => compatibilityFlags({ date, flags });
  expect(on('2024-09-22', 'nodejs_compat')['nodejs_compat_v2']).toBe(false);
  expect(on('2024-09-23', 'nodejs_compat')['nodejs_compat_v2']).toBe(true);
  expect(on('2024-09-23')['nodejs_compat_v2']).toBe(false);
  expect(on('2024-09-23', 'nodejs_compat', 'no_nodejs_compat_v2')['nodejs_compat_v2']).toBe(false);
  // Two steps away.
  expect(on('2025-09-01', 'nodejs_compat')['enable_nodejs_http_server_modules']).toBe(true);
  expect(on('2025-09-01', 'nodejs_compat', 'disable_nodejs_http_modules')['enable_nodejs_http_server_modules']).toBe(
    false,
  );
});

test('a flag that workerd does not know yet is shown only where it is on', () => {
  const name = 'durable_object_io_tasks_prevent_eviction';
  expect(name in compatibilityFlags({ date: '2026-09-30', flags: [] })).toBe(false);
  expect(compatibilityFlags({ date: '2026-10-01', flags: [] })[name]).toBe(true);
});

test.each([
  [['nope'], 'No such compatibility flag: nope'],
  [['no_rpc_params_dup_stubs'], 'No such compatibility flag: no_rpc_params_dup_stubs'],
  [['nope', 'other', 'nope'], 'Compatibility flag specified multiple times: nope'],
  [
    ['rpc_params_transfer_stubs', 'rpc_params_dup_stubs'],
    'Compatibility flags are mutually contradictory: rpc_params_dup_stubs vs rpc_params_transfer_stubs',
  ],
  [
    ['rpc_params_dup_stubs'],
    'The compatibility flag rpc_params_dup_stubs became the default as of 2026-01-20 so does not need to be specified anymore.',
  ],
  [['rpc_params_transfer_stubs', 'nodejs_compat', 'nodejs_compat_v2'], undefined],
])('%j: %s', (flags, fault) => {
  expect(flagFault({ date: '2026-07-30', flags })).toBe(fault);
});

test('Node.js comes by flags, and by itself from 2026-08-04', () => {
  const level = (date: string, ...flags: string[]) => nodeLevelOf({ date, flags });
  expect([level('2026-08-03'), level('2026-08-04'), level('2026-08-04', 'no_nodejs_compat')]).toEqual([
    ...['nothing', 'globals', 'nothing'],
  ]);
  expect([level('2024-09-22', 'nodejs_compat'), level('2024-09-23', 'nodejs_compat')]).toEqual(['modules', 'globals']);
  expect([level('2024-01-01', 'nodejs_compat_v2'), level('2026-01-01', 'nodejs_als')]).toEqual([
    ...['globals', 'async_hooks'],
  ]);
  const populates = (date: string, ...flags: string[]) => populatesProcessEnv({ date, flags });
  expect([
    populates('2025-03-31', 'nodejs_compat'),
    populates('2025-04-01', 'nodejs_compat'),
    populates('2025-03-31', 'nodejs_compat', 'nodejs_compat_populate_process_env'),
    populates('2025-04-01', 'nodejs_compat', 'nodejs_compat_do_not_populate_process_env'),
  ]).toEqual([false, true, true, false]);
});
