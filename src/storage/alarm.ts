/**
 * `getAlarm`, `setAlarm` and `deleteAlarm`, as user code sees them on `ctx.storage` and on a transaction.
 *
 * Promise: coercions and texts as workerd 1.20260730; an alarm belongs to the turn, or to the transaction, that sets it.
 * Knows nothing of when alarms run.
 */
import { mathFloor, mathMax } from '../base/primordials.ts';
import type { Committer } from './committer.ts';
import { timeArgument } from './date-argument.ts';
import { checkOptions, settled, writeOptions } from './kv-arguments.ts';
import type { Metadata } from './metadata.ts';

export interface AlarmOptions {
  readonly metadata: Metadata;
  readonly committer: Committer;
  /** the program's clock, milliseconds since 1970 */
  readonly now: () => number;
  /** whether the class has an `alarm()`; undefined while it is being constructed: then everything is allowed */
  readonly hasHandler: () => boolean | undefined;
  /** the alarm as the program sees it: while its handler runs there is none */
  readonly visible: () => number | null;
  /** told of every time that the program sets, the one that is set already too */
  readonly onSet: (timeMs: number) => void;
}

const NOT_POSITIVE = 'setAlarm() cannot be called with an alarm time <= 0';
const NO_HANDLER = 'Your Durable Object class must have an alarm() handler in order to call setAlarm()';

export class AlarmStorage {
  readonly #options: AlarmOptions;
  readonly #owner: string;

  /** @param owner the class whose method it is, for the texts */
  constructor(options: AlarmOptions, owner = 'DurableObjectStorage') {
    this.#options = options;
    this.#owner = owner;
  }

  get(...args: unknown[]): Promise<number | null> {
    return settled(() => {
      checkOptions('getAlarm', 1, args[0], 'GetAlarmOptions', this.#owner);
      return this.#options.visible();
    });
  }

  set(...args: unknown[]): Promise<void> {
    return settled(() => {
      const given = timeArgument('setAlarm', args[0], this.#owner);
      const options = checkOptions('setAlarm', 2, args[1], 'SetAlarmOptions', this.#owner);
      if (given <= 0) throw new TypeError(NOT_POSITIVE);
      if (this.#options.hasHandler() === false) throw new TypeError(NO_HANDLER);
      const timeMs = mathMax(given, mathFloor(this.#options.now()));
      this.#options.onSet(timeMs);
      this.#write(timeMs, options);
    });
  }

  delete(...args: unknown[]): Promise<void> {
    return settled(() => {
      this.#write(null, checkOptions('deleteAlarm', 1, args[0], 'SetAlarmOptions', this.#owner));
    });
  }

  #write(alarm: number | null, options: unknown): void {
    const { metadata, committer } = this.#options;
    if (metadata.alarm === alarm) return;
    committer.beforeWrite(writeOptions(options));
    metadata.writeAlarm(alarm);
    committer.touchAlarm();
  }
}
