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

export const differences: readonly Difference[] = [
  {
    scenario: 'rpc/property-get',
    theirs: 'a method that is only read: function',
    ours: 'a method that is only read: THROWS TypeError(TypeError): Durabox does not support passing a function over RPC yet. {remote: true}',
    reason: 'Functions go by reference, and by-reference RPC does not exist yet.',
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
