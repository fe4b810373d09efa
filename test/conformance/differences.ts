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

export const differences: readonly Difference[] = [];
