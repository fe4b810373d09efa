/**
 * Where the simulator knowingly does not do what workerd does.
 *
 * Promise: one entry for one line of one transcript, with its reason; the tests fail for an entry that no longer
 * differs. What a user must know of it stands in the README too.
 */
export interface Difference {
  /** `area/name` of the scenario */
  scenario: string;
  /** the line as workerd wrote it; indentation does not matter */
  theirs: string;
  /** the line as the simulator writes it */
  ours: string;
  /** why this is as it should be, in one sentence */
  reason: string;
}

const REFUSING_SETTER =
  'No script can make an accessor read-only, so a setter refuses what is assigned, in the words of the platform.';
const SOCKET_MEMBERS =
  'prototype: accept(function e c w), send(function e c w), close(function e c w), serializeAttachment(function e c w), ' +
  'deserializeAttachment(function e c w), READY_STATE_CONNECTING(number e c), CONNECTING(number e c), READY_STATE_OPEN(number e c), ' +
  'OPEN(number e c), READY_STATE_CLOSING(number e c), CLOSING(number e c), READY_STATE_CLOSED(number e c), CLOSED(number e c), ' +
  'readyState(get e c), url(get e c), protocol(get e c), extensions(get e c), binaryType(get set e c), constructor(function c w)';
const ANSWER_MEMBERS =
  'answer: ["5", "null", "[object WebSocketRequestResponsePair]", "request(get e c), response(get e c), constructor(function c w)"]';
const SQL_MEMBERS =
  'sql members: Cursor function e c w, Statement function e c w, Symbol(Symbol.toStringTag) string c w, constructor function c w, ' +
  'databaseSize get e c, exec function e c w';
const CURSOR_MEMBERS =
  'cursor members: Symbol(Symbol.iterator) function c w, Symbol(Symbol.toStringTag) string c w, columnNames get e c, ' +
  'constructor function c w, next function e c w, one function e c w, raw function e c w, rowsRead get e c, rowsWritten get e c, ' +
  'toArray function e c w';
const NEWER_SELECTORS = 'The package has an older lol-html than workerd: in it `:not()` takes simple selectors only.';

export const differences: readonly Difference[] = [
  ...[
    ['on :not(', 'The selector is empty', 'Empty negation in selector'],
    ['used :not(', 'The selector is empty', 'Empty negation in selector'],
  ].map(([what, theirs, ours]) => ({
    scenario: 'html/refusals',
    theirs: `${what}: THROWS TypeError(TypeError): Parser error: ${theirs}.`,
    ours: `${what}: THROWS TypeError(TypeError): Parser error: ${ours}.`,
    reason: NEWER_SELECTORS,
  })),
  {
    scenario: 'html/refusals',
    theirs: 'on p:not(a b): [object HTMLRewriter]',
    ours: 'on p:not(a b): THROWS TypeError(TypeError): Parser error: Unexpected token in selector.',
    reason: NEWER_SELECTORS,
  },
  {
    scenario: 'html/refusals',
    theirs: 'used p:not(a b): <p>t</p>',
    ours: 'used p:not(a b): THROWS TypeError(TypeError): Parser error: Unexpected token in selector.',
    reason: NEWER_SELECTORS,
  },
  ...[
    [
      'untouched, in the other spelling of shift_jis',
      '3c 70 20 74 69 74 6c 65 3d 22 ed 40 22 3e ed 40 3c 2f 70 3e',
      '3c 70 20 74 69 74 6c 65 3d 22 fa 5c 22 3e fa 5c 3c 2f 70 3e',
    ],
    [
      'untouched, of JIS X 0212',
      '3c 70 20 74 69 74 6c 65 3d 22 8f a2 af 22 3e 8f a2 af 3c 2f 70 3e',
      '3c 70 20 74 69 74 6c 65 3d 22 26 23 37 32 38 3b 22 3e 26 23 37 32 38 3b 3c 2f 70 3e',
    ],
  ].map(([what, theirs, ours]) => ({
    scenario: 'html/charsets',
    theirs: `${what}: ${theirs}`,
    ours: `${what}: ${ours}`,
    reason: 'The engine knows UTF-8 only, so the document is encoded anew: it shows the same, in other bytes.',
  })),
  {
    scenario: 'modules/stream-moments',
    theirs: 'identity, read then given: read 40, write 40',
    ours: 'identity, read then given: read 1, write 1',
    reason: 'A task for each chunk would cost more than it shows: the order of reads and writes is the same.',
  },
  {
    scenario: 'node/small-modules',
    theirs:
      'assert with an error: THROWS AssertionError(AssertionError): RangeError: mine {generatedMessage: false, code: "ERR_ASSERTION", actual: false, expected: true, operator: "=="}',
    ours: 'assert with an error: THROWS RangeError(RangeError): mine',
    reason:
      'Node throws the error that it was given; workerd makes a message of it, which its next version may not do.',
  },
  {
    scenario: 'modules/props',
    theirs: 'refused: a called class: made',
    ours: 'refused: a called class: THROWS DOMException(DataCloneError): Could not serialize object of type "DurableObjectClass". This type does not support serialization.',
    reason: 'A class runs in the script that exports it only, so it does not travel to another.',
  },
  {
    scenario: 'modules/props',
    theirs: 'sent: a called class: {}',
    ours: 'sent: a called class: THROWS DOMException(DataCloneError): Could not serialize object of type "DurableObjectClass". This type does not support serialization.',
    reason: 'A class runs in the script that exports it only, so it does not travel to another.',
  },
  {
    scenario: 'programs/relay',
    theirs: 'failing by way of others: END',
    ours: 'failing by way of others: THROWS Error(Error): ReadableStream received over RPC disconnected prematurely.',
    reason: 'workerd takes a stream that failed at once, and was passed on, for one that is over.',
  },
  {
    scenario: 'rpc/stream-failures',
    theirs: 'start errors, as a request: END',
    ours: 'start errors, as a request: RangeError(RangeError): at the start {remote: true}',
    reason: 'workerd takes the body of a request whose source failed for one that is over.',
  },
  {
    scenario: 'rpc/proxies',
    theirs: 'a plain object: [object JsRpcStub]',
    ours: 'a plain object: [object Object]',
    reason: 'No script can tell a Proxy from a plain object, so it travels as the data that it shows.',
  },
  {
    scenario: 'rpc/proxies',
    theirs:
      "a class instance: THROWS DOMException(DataCloneError): Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a plain object or an RpcTarget, as indicated by the Proxy's prototype chain. {remote: true}",
    ours: 'a class instance: THROWS DOMException(DataCloneError): Could not serialize object of type "P". This type does not support serialization. {remote: true}',
    reason: 'No script can tell a Proxy from its target; both texts refuse it.',
  },
  {
    scenario: 'rpc/proxies',
    theirs:
      "sent: a class instance: THROWS DOMException(DataCloneError): Proxy could not be serialized because it is not a valid RPC receiver type. The Proxy must emulate either a plain object or an RpcTarget, as indicated by the Proxy's prototype chain.",
    ours: 'sent: a class instance: THROWS DOMException(DataCloneError): Could not serialize object of type "P". This type does not support serialization.',
    reason: 'No script can tell a Proxy from its target; both texts refuse it.',
  },
  {
    scenario: 'rpc/abort-signals',
    theirs: 'a listener alone: nothing',
    ours: 'a listener alone: called',
    reason: 'workerd sends the event only after `onabort` or `AbortSignal.any` was used on the signal.',
  },
  {
    scenario: 'rpc/abort-signals',
    theirs: `it, to who aborts: ["THROWS DOMException(DataCloneError): Symbol(s) could not be cloned.", "nothing", true]`,
    ours: 'it, to who aborts: ["undefined", "nothing", true]',
    reason: 'workerd throws out of abort() for a reason that cannot be sent; here it is not sent.',
  },
  ...[
    ['passed on: ', 'nothing', '[object Event] abort true [true, "passed on"]'],
    [
      'given by an object, aborted: ',
      '["nothing", "[false, undefined]"]',
      '["[object Event] abort true [true, RangeError(RangeError): there]", "[true, RangeError(RangeError): there]"]',
    ],
    [
      'given in an object, aborted: ',
      '["nothing", "[false, undefined]"]',
      String.raw`["[object Event] abort true [true, \"there\"]", "[true, \"there\"]"]`,
    ],
    ['echoed by an object: ', '[false, "nothing"]', String.raw`[false, "[object Event] abort true [true, \"echo\"]"]`],
  ].map(([what, theirs, ours]) => ({
    scenario: 'rpc/abort-signals',
    theirs: `${what}${theirs}`,
    ours: `${what}${ours}`,
    reason: 'workerd loses an abort that comes from an object, with an internal error that it logs.',
  })),
  {
    scenario: 'fetch/fetcher',
    theirs: 'sent: [object Fetcher]',
    ours: 'sent: THROWS DOMException(DataCloneError): ServiceStub cannot be serialized in this context.',
    reason: 'It is the way out of the program that received the request, and here it is nobody else’s.',
  },
  {
    scenario: 'fetch/fetcher',
    theirs: 'the property: ["function", undefined, true]',
    ours: 'the property: ["function", <function>, true]',
    reason: REFUSING_SETTER,
  },
  ...[SOCKET_MEMBERS, ANSWER_MEMBERS].map((theirs) => ({
    scenario: 'sockets/shape',
    theirs,
    ours: theirs.replaceAll('(get e c)', '(get set e c)'),
    reason: REFUSING_SETTER,
  })),
  {
    scenario: 'facets/abort',
    theirs: 'sameTurn: ["THROWS Error(Error): at once", "THROWS Error(Error): internal error; reference = <id>"]',
    ours: 'sameTurn: ["THROWS Error(Error): at once", "THROWS Error(Error): at once"]',
    reason: 'workerd has an internal error for a call on its way to a facet that is aborted; here it hears the reason.',
  },
  {
    scenario: 'lifecycle/lazy-start',
    theirs:
      'constructed: ["constructed a", "constructed b", "constructed c", "constructed d", "constructed e", "constructed f", "constructed g"]',
    ours: 'constructed: ["constructed a", "constructed b", "constructed c", "constructed d", "constructed e", "constructed f"]',
    reason:
      'workerd starts an object before it has read the arguments of a call, also of one that it then cannot send.',
  },
  {
    scenario: 'storage/bookmarks',
    theirs:
      "the time is now: THROWS Error(Error): This Durable Object's storage back-end does not implement point-in-time recovery.",
    ours: 'the time is now: true',
    reason: 'Point-in-time recovery works here, as production documents it; workerd by itself has none.',
  },
  {
    scenario: 'storage/bookmarks',
    theirs:
      "a Date: THROWS Error(Error): This Durable Object's storage back-end does not implement point-in-time recovery.",
    ours: 'a Date: true',
    reason: 'Point-in-time recovery works here, as production documents it; workerd by itself has none.',
  },
  {
    scenario: 'storage/bookmarks',
    theirs:
      "a restore: THROWS Error(Error): This Durable Object's storage back-end does not implement point-in-time recovery.",
    ours: 'a restore: true',
    reason: 'Point-in-time recovery works here, as production documents it; workerd by itself has none.',
  },
  {
    scenario: 'alarms/same-millisecond',
    theirs: 'set to the same millisecond: in its millisecond true, reads as then + 0, runs 1, alarm set',
    ours: 'set to the same millisecond: in its millisecond true, reads as then + 0, again, retry false 0, runs 2, alarm none',
    reason:
      'workerd forgets to run an alarm that it has stored (its issue 6866); production runs it, and so it is here.',
  },
  ...[
    ['set in transactionSync', '', 'later none'],
    ['deleted in transactionSync', '', 'later none'],
    ['set in transactionSync in a transaction', 'inside', 'later none'],
    ['set in transactionSync, failed', '', 'later as it was'],
  ].map(([what, inside, later]) => ({
    scenario: 'alarms/rolled-back',
    theirs: `${what}: ${inside && `${inside} as it was, `}at the end as it was, later as it was, runs 1`,
    ours: `${what}: ${inside && `${inside} none, `}at the end none, ${later}, runs 1`,
    reason:
      'workerd takes the alarm for one that was set anew although that was undone, and then forgets to run it; the documentation has it read as null.',
  })),
  {
    scenario: 'alarms/rolled-back',
    theirs: 'set after the rollback: inside far, at the end none, later none, runs 1',
    ours: 'set after the rollback: inside far, at the end far, later far, runs 1',
    reason: 'workerd loses an alarm that was set; here every alarm that is stored is run, as documented.',
  },
  ...[
    'set to now',
    'set to a time gone by',
    'set to 50 ms later',
    'set in a transaction',
    'set after its handler had deleted it',
  ].map((how) => ({
    scenario: 'alarms/set-before-retry',
    theirs: `${how}: failed; later, retry 1, of the old time; then none`,
    ours: `${how}: failed; at its time, retry 0, of the new time; then none`,
    reason:
      'workerd runs the new alarm as the retry of the old one, minutes late after some failures; the documentation has it take the place of the old one.',
  })),
  {
    scenario: 'sockets/changed-after-send',
    theirs: 'heard: ArrayBuffer(9)',
    ours: 'heard: ArrayBuffer(2)',
    reason: 'workerd reads the bytes when the message leaves, which may be after send(); here a copy is taken at once.',
  },
  {
    scenario: 'sockets/event-timeout',
    theirs: 'slow',
    ours: 'THROWS Error(Error): Actor exceeded event execution time and was disconnected. {durableObjectReset: true}',
    reason: 'The object is reset, as documented; local workerd lets what runs go on, and answers no call any more.',
  },
  {
    scenario: 'sockets/event-timeout',
    theirs:
      'THROWS Error(Error): Actor exceeded event execution time and was disconnected. {retryable: true, durableObjectReset: true, remote: true}',
    ours: '["listed", 0, "timeout", null, "starts", 2, "took", "5"]',
    reason: 'A new instance answers; local workerd never starts one in the place of the one that was ended.',
  },
  {
    scenario: 'sockets/event-objects',
    theirs: 'heard: trusted true',
    ours: 'heard: trusted false',
    reason: 'Only the browser itself makes events that are trusted, and no script can change that of an event.',
  },
  ...[SQL_MEMBERS, CURSOR_MEMBERS].map((theirs) => ({
    scenario: 'sql/classes',
    theirs,
    ours: theirs.replaceAll(' get e c', ' getset e c'),
    reason: REFUSING_SETTER,
  })),
  {
    scenario: 'sql/binding-buffers',
    theirs: 'a copy is taken: [{h: "01"}, {h: "02"}]',
    ours: 'a copy is taken: [{h: "01"}, {h: "01"}]',
    reason: 'workerd reads the bytes of a binding while the cursor goes on; here they are copied into the engine.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'select quote(9007199254740992.0) as v: [{v: "9.007199254740992e+15"}]',
    ours: 'select quote(9007199254740992.0) as v: [{v: "9007199254740992.0"}]',
    reason: 'The digits of a REAL in quote() are chosen in another way since SQLite 3.53, and no setting changes it.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'select json_array(0.1 + 0.2) as v: [{v: "[0.3]"}]',
    ours: 'select json_array(0.1 + 0.2) as v: [{v: "[0.30000000000000004]"}]',
    reason: 'The JSON functions write REALs with 17 digits since SQLite 3.53, and no setting changes it.',
  },
  {
    scenario: 'sql/engine-version',
    theirs:
      'select iif(1, 2) as v: THROWS Error(Error): wrong number of arguments to function iif() at offset 7: SQLITE_ERROR',
    ours: 'select iif(1, 2) as v: [{v: 2}]',
    reason: 'iif() takes two arguments in newer versions of SQLite.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'select json_group_object(null, 1) as v: [{v: "{:1}"}]',
    ours: 'select json_group_object(null, 1) as v: [{v: "{}"}]',
    reason: 'Mended in newer versions of SQLite.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'select substr(\'abc\', 9223372036854775807) as v: [{v: "c"}]',
    ours: 'select substr(\'abc\', 9223372036854775807) as v: [{v: ""}]',
    reason: 'Mended in newer versions of SQLite.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: "select length(printf('%3000000d', 1)) as v: [{v: 100000}]",
    ours: "select length(printf('%3000000d', 1)) as v: THROWS Error(Error): string or blob too big: SQLITE_TOOBIG",
    reason: 'workerd builds SQLite with a limit of 100,000 for widths in printf().',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'create table x(a default (log10(1))): []',
    ours: 'create table x(a default (log10(1))): THROWS Error(Error): not authorized to use function: log10 at offset 26: SQLITE_ERROR',
    reason: 'Newer versions of SQLite ask the authorizer about default values too.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'update t set a = 3 limit 0: []',
    ours: 'update t set a = 3 limit 0: THROWS Error(Error): near "limit": syntax error at offset 19: SQLITE_ERROR',
    reason: 'sql.js is built without LIMIT on UPDATE and DELETE.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'delete from t order by a limit 1: []',
    ours: 'delete from t order by a limit 1: THROWS Error(Error): near "order": syntax error at offset 14: SQLITE_ERROR',
    reason: 'sql.js is built without LIMIT on UPDATE and DELETE.',
  },
  {
    scenario: 'sql/engine-version',
    theirs: 'pragma data_version: [{data_version: 2}]',
    ours: 'pragma data_version: [{data_version: 1}]',
    reason: 'The number tells of other connections, of which there are none; that of a file in WAL mode begins at 2.',
  },
  {
    scenario: 'storage/values',
    theirs: 'proxy: THROWS DOMException(DataCloneError): #<Object> could not be cloned.',
    ours: 'proxy: {}',
    reason: 'No script can tell a Proxy from its target, so a Proxy is stored as the plain data that it shows.',
  },
  {
    scenario: 'storage/values',
    theirs: 'refused values left nothing behind: 0',
    ours: 'refused values left nothing behind: 1',
    reason: 'The Proxy of the line before was stored.',
  },
  {
    scenario: 'stubs/shadowed-names',
    theirs: 'toJSON(): mine',
    ours: 'toJSON(): THROWS TypeError(TypeError): stub[name] is not a function',
    reason:
      'JSON.stringify does not look into stubs in workerd; a proxy cannot tell it from a call, so toJSON stays local.',
  },
  {
    scenario: 'transactions/lost',
    theirs: 'after rollbackThenWrite: [1, 0, "1", 1]',
    ours: 'after rollbackThenWrite: [1, 0, "1", 0]',
    reason:
      'After SQLite gave up the transaction of a turn, later writes of that turn are dropped with it; workerd keeps them.',
  },
];
