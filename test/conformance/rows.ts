/**
 * The surface of Durable Objects as a list of rows: what a simulator must match, and how much it matters.
 *
 * Promise: every row has an id that scenarios name, so that a test can say which rows nothing has proved yet. What workerd
 * does not show on one machine, only its documentation says: such a row names the test of ours that proves it.
 *
 * P0 is what everyday programs use, P1 what is common. Rarer things have no row; scenarios may still show them.
 */

/** Why no scenario shows a row. */
export type Unseen =
  | { readonly test: string } // documented: the local runtime does something else or nothing; a test of ours, by its path
  | { readonly differs: string }; // what a date undoes there and nothing undoes here; where the README says so

export interface Row {
  priority: 'P0' | 'P1';
  unseen?: Unseen;
}

const P0: Row = { priority: 'P0' };
const P1: Row = { priority: 'P1' };
const provedBy = (row: Row, test: string): Row => ({ ...row, unseen: { test } });
const differs = (row: Row, subject: string): Row => ({ ...row, unseen: { differs: subject } });

export const rows = {
  'web.request-signal': P1,
  // 1. Module surface
  '1.default-export': P0,
  '1.runtime-exports': P0,
  '1.platform-modules': P1,
  '1.durable-object-class': P0,
  '1.legacy-class': P1,
  '1.handler-methods': P0,
  '1.worker-entrypoint': P0,
  '1.rpc-target': P0,
  '1.new-rpc-stub': P1,
  '1.import-meta': P1,
  '1.import-env': P0,
  '1.import-exports': P1,
  '1.import-wait-until': P1,
  '1.ctx-exports': P1,
  '1.ctx-props': P1,
  '1.global-scope': P0,
  '1.top-level-restrictions': P1,
  '1.io-contexts': P1,
  '1.module-globals': provedBy(P1, 'test/browser/simulator.test.ts'),
  '1.scheduler-wait': P1,
  '1.unhandled-rejection': P1,
  '1.async-local-storage': P1,
  '1.html-rewriter': P1,
  '1.event-source': P1,
  // 2. Namespace and ids
  '2.id-from-name': P0,
  '2.id-derivation': P0,
  '2.id-from-string': P0,
  '2.new-unique-id': P0,
  '2.get': P0,
  '2.get-by-name': P0,
  '2.jurisdiction': P1,
  '2.location-hint': P1,
  '2.id-members': P0,
  '2.ctx-id-name': P0,
  // 3. Stubs
  '3.shape': P0,
  '3.shadowed-names': P0,
  '3.reserved-names': P0,
  '3.fetch': P0,
  '3.fetch-upgrade': P0,
  '3.e-order': P0,
  '3.broken-stub': P0,
  '3.user-exception': P0,
  '3.error-flags': P0,
  '3.error-flags-measured': P1,
  // Between objects local workerd loses no connection; test/browser/lost-connection.test.ts and
  // network-faults.test.ts hold what is documented.
  '3.disconnect-error': provedBy(P1, 'test/browser/lost-connection.test.ts'),
  // No code update in local workerd: test/browser/code-update.test.ts.
  '3.infrastructure-messages': provedBy(P1, 'test/browser/code-update.test.ts'),
  '3.stub-lifetime': P1,
  '3.serialising-a-stub': P1,
  '3.calling-yourself': P1,
  // 4. Workers RPC
  '4.async-thenables': P0,
  '4.visible-members': P0,
  '4.property-get': P0,
  '4.pipelining': P1,
  '4.pipelining-limits': P1,
  '4.pipelined-failure': P1,
  '4.by-value': P0,
  '4.uncloneable': P1,
  '4.plain-objects': P1,
  '4.by-reference': P0,
  '4.streams': P1,
  '4.abort-signals': P1,
  '4.request-response-headers': P1,
  '4.stubs-in-values': P1,
  '4.arguments': P0,
  '4.message-size': P1,
  '4.param-stub-lifetime': P0,
  '4.param-ownership': P1,
  '4.result-disposal': P0,
  '4.target-dispose': P1,
  '4.implicit-disposal': P1,
  '4.session-lifetime': P1,
  '4.using': P1,
  '4.dup': P1,
  '4.callbacks': P0,
  '4.error-propagation': P0,
  '4.thrown-non-errors': P1,
  // 5. ctx
  '5.members': P0,
  '5.wait-until': P0,
  '5.block-concurrency-while': P0,
  '5.abort': P0,
  // What is left of an instance is seen in local workerd only by globals that two share: test/unit/dead-instance.test.ts.
  '5.storage-after-reset': provedBy(P1, 'test/unit/dead-instance.test.ts'),
  // 6. Event delivery
  '6.input-lock-scope': P0,
  '6.what-holds-the-input-gate': P0,
  '6.storage-resolves-in-microtasks': P0,
  '6.waiter-order': P0,
  '6.section-start': P0,
  '6.inside-a-section': P0,
  '6.section-end': P1,
  '6.section-failure': P0,
  '6.timer-trap': P1,
  '6.allow-concurrency': P1,
  '6.output-gate': P0,
  '6.snapshot-semantics': P1,
  '6.allow-unconfirmed': P1,
  '6.storage-sync': P1,
  '6.commit-failure': P0,
  '6.write-coalescing': P0,
  '6.exception-in-handler': P0,
  '6.constructor': P0,
  '6.requests-during-constructor': P0,
  '6.interleaving': P0,
  '6.response-bodies': P1,
  // 7. Async KV storage
  '7.get': P0,
  '7.get-many': P0,
  '7.put': P0,
  '7.put-entries': P0,
  '7.delete': P0,
  '7.list': P0,
  '7.list-edge-cases': P1,
  '7.options': P1,
  '7.key-size': P0,
  '7.value-size': P0,
  '7.serialiser': P0,
  '7.preserved': P0,
  '7.isolation': P0,
  '7.delete-all': P0,
  '7.transaction': P0,
  '7.txn-object': P0,
  '7.rollback': P1,
  '7.internal-tables': P1,
  // 8. Synchronous KV
  '8.get-put-delete': P0,
  '8.put-undefined': P1,
  '8.list': P0,
  '8.shared-with-async': P0,
  '8.without-sqlite': P1,
  // 9. SQL
  '9.exec': P0,
  '9.bindings-last-only': P0,
  '9.binding-count': P0,
  '9.binding-types': P0,
  '9.result-types': P0,
  '9.row-objects': P1,
  '9.cursor': P0,
  '9.next': P0,
  '9.to-array': P0,
  '9.one': P0,
  '9.raw': P1,
  '9.two-cursors': P1,
  '9.across-await': P1,
  '9.ddl-under-cursor': P1,
  '9.database-size': P1,
  '9.error-format': P0,
  '9.transactions-refused': P0,
  '9.transaction-sync': P0,
  '9.without-sqlite': P1,
  '9.reserved-names': P0,
  '9.forbidden-statements': P0,
  '9.pragmas': P0,
  '9.pragma-foreign-keys': P1,
  '9.functions': P1,
  '9.compile-options': P0,
  '9.limits': P0,
  '9.language': P1,
  '9.fts5': P1,
  // 11. Alarms
  '11.set-alarm': P0,
  '11.no-handler': P1,
  '11.get-alarm': P0,
  '11.delete-alarm': P0,
  '11.info': P0,
  '11.delivery': P0,
  '11.success': P0,
  '11.retry': P0,
  '11.set-inside-handler': P0,
  '11.abort-in-handler': P1,
  '11.delete-all': P1,
  '11.persistence': P0,
  // 10. Bookmarks
  '10.current-bookmark': P1,
  '10.bookmark-for-time': P1,
  '10.restore': P1,
  // 12. WebSockets and hibernation
  '12.pair': P0,
  '12.fresh': P0,
  '12.accept': P0,
  '12.returning': P0,
  '12.accept-web-socket': P0,
  '12.get-web-sockets': P0,
  '12.get-tags': P1,
  '12.attachments': P0,
  '12.send': P0,
  '12.close': P0,
  '12.binary-type': P0,
  '12.auto-close-reply': P1,
  '12.close-events': P0,
  '12.web-socket-close': P0,
  '12.web-socket-error': P1,
  '12.handler-throws': P0,
  '12.message-concurrency': P0,
  '12.auto-response': P0,
  '12.get-auto-response': P1,
  '12.auto-response-timestamp': P1,
  '12.hibernation': P0,
  '12.not-hibernatable': P0,
  '12.reset': P1,
  '12.outgoing': P1,
  '12.event-timeout': P1,
  '12.message-size': P1,
  // 13. Lifecycle
  '13.instantiation': P0,
  '13.idle-eviction': P0,
  // No dates like that in local workerd: test/browser/eviction.test.ts.
  '13.pending-io': provedBy(P1, 'test/browser/eviction.test.ts'),
  '13.no-shutdown-hook': P0,
  '13.global-uniqueness': P0,
  // As above, and test/unit/code-update.test.ts.
  '13.code-update': provedBy(P1, 'test/browser/code-update.test.ts'),
  '13.reset-causes': P0,
  // No limits in local workerd: test/unit/admission.test.ts and test/browser/limits.test.ts.
  '13.overload': provedBy(P1, 'test/browser/limits.test.ts'),
  // 19. SQL row counts
  '19.count': P0,
  '19.seek': P0,
  '19.seek-rowid': P0,
  '19.last': P0,
  '19.rewind': P0,
  '19.next': P0,
  '19.vnext': P1,
  '19.not-counted': P1,
  '19.insert': P0,
  '19.delete': P0,
  '19.idx-insert': P0,
  '19.clear': P0,
  '19.vupdate': P1,
  '19.measured': P0,
  '19.multi-statement': P1,
  // 14. Configuration and migrations. miniflare takes classes as they are and knows no history; test/unit/class-history.test.ts
  // and test/browser/class-history.test.ts hold what is documented.
  '14.bindings': P0,
  '14.migrations': provedBy(P0, 'test/browser/class-history.test.ts'),
  '14.exports-map': provedBy(P1, 'test/unit/class-history.test.ts'),
  '14.rename-and-delete': provedBy(P1, 'test/browser/class-history.test.ts'),
  '14.compatibility': P0,
  // 15. Limits
  '15.sqlite-row-size': P1,
  '15.kv-backend-sizes': P1,
  '15.sql-limits': P1,
  '15.websocket': P1,
  '15.rpc': P1,
  '15.time': P1,
  '15.throughput': provedBy(P1, 'test/browser/limits.test.ts'),
  // 17. Compatibility dates and flags: the day before and the day itself
  '17.flags': P0,
  '17.full-url': P0,
  // Of what changed before 2024-04-03 only stubs are as they were.
  '17.async-throws': differs(P1, 'compatibility dates before 2024-04-03'),
  '17.thenables': P1,
  '17.stream-constructors': P1,
  '17.no-shortcuts': P1,
  '17.rpc': P0,
  '17.weak-references': P1,
  '17.ctx-exports': P1,
  '17.params-dup': P1,
  '17.delete-all-alarm': P0,
  '17.close-reason': P1,
  '17.binary-type': P1,
  '17.auto-close': P1,
  '17.errors': P0,
  // Dates that workerd 1.20260730 does not know: test/unit/compatibility.test.ts and, of the second, test/browser/eviction.test.ts.
  '17.nodejs-default': provedBy(P1, 'test/unit/compatibility.test.ts'),
  '17.io-tasks': provedBy(P1, 'test/browser/eviction.test.ts'),
  '17.nodejs-compat': P1,
  // The web APIs around Durable Objects
  'web.fetch-own': P0,
  'web.fetch-out': P0,
  'web.fetch-redirects': P1,
  'web.fetch-abort': P1,
  'web.fetcher': P1,
  'web.cf': P1,
  'web.answers': P1,
  'web.tcp': P1,
  'web.cache': P1,
  'web.cache-control': P1,
  'web.cache-conditions': P1,
  // 20. Distance from stock sql.js
  '20.modules': P0,
  '20.foreign-keys': P0,
  '20.bindings': P0,
  '20.blobs-and-ints': P0,
  '20.limits': P1,
  '20.authorizer': P0,
  '20.error-text': P0,
  '20.transactions': P0,
} satisfies Record<string, Row>;

export type RowId = keyof typeof rows;

/** Row ids of a priority, in the order of the table. */
export function rowIds(priority: Row['priority']): RowId[] {
  return (Object.keys(rows) as RowId[]).filter((id) => rows[id].priority === priority);
}

/** Why no scenario shows the row; undefined when one must. */
export function unseen(id: RowId): Unseen | undefined {
  return rows[id].unseen;
}
