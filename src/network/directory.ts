/**
 * The directory: hosts of an account ask one another who holds an object, and tell one another what changed.
 *
 * Promise: a question ends as `answered` by the holder, as `silent` when nobody spoke in HOLDER_ANSWER_MS twice, or as
 * `cancelled`. A holder that needs long says so meanwhile, so silence means that it is frozen or dead. Time that this
 * very machine slept through does not count as silence. Messages of other accounts, versions and of this machine
 * are ignored.
 *
 * Knows nothing of leases or objects: an answer and an announcement are whatever structured clone takes.
 */
import { deferred } from '../base/async.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { type Random, randomName } from '../base/random.ts';
import { HOLDER_ANSWER_MS } from '../protocol/limits.ts';
import {
  type Account,
  channelNames,
  type Epoch,
  type MachineId,
  type ObjectAddress,
  PROTOCOL_VERSION,
} from '../protocol/names.ts';
import { channelWire, type Wire } from './wire.ts';

export interface DirectoryOptions<Answer> {
  readonly account: Account;
  readonly machine: MachineId;
  readonly clock: Clock;
  readonly random: Random;
  /** the account's channel; another one in tests */
  readonly wire?: Wire<unknown>;
  /**
   * Another host asks. Undefined: this one does not hold the object, and stays silent. One that does returns a promise at
   * once, and may take its time to settle it; settled with undefined it is silent as well.
   */
  answer(object: ObjectAddress, payload: unknown, asker: MachineId): Promise<Answer | undefined> | undefined;
  /** Somebody opened `object` under `epoch`: every lower one is over. */
  onMoved(object: ObjectAddress, epoch: Epoch, machine: MachineId): void;
  onAnnouncement(body: unknown, machine: MachineId): void;
  /** hears of an `answer` that rejected: a bug of its owner's; the asker hears silence */
  onError(error: unknown): void;
}

export type Outcome<Answer> =
  | { readonly outcome: 'answered'; readonly answer: Answer; readonly machine: MachineId }
  | { readonly outcome: 'silent' }
  | { readonly outcome: 'cancelled' };

export interface Question<Answer> {
  /** never rejects */
  readonly answer: Promise<Outcome<Answer>>;
  cancel(): void;
}

type Body =
  | { readonly d: 'ask'; readonly id: string; readonly object: ObjectAddress; readonly payload: unknown }
  /** the holder is alive and at work on it */
  | { readonly d: 'wait'; readonly id: string }
  | { readonly d: 'answer'; readonly id: string; readonly answer: unknown }
  | { readonly d: 'moved'; readonly object: ObjectAddress; readonly epoch: Epoch }
  | { readonly d: 'announce'; readonly body: unknown };

type Message = Body & { readonly v: number; readonly account: Account; readonly machine: MachineId };

interface Open<Answer> {
  settle(outcome: Outcome<Answer>): void;
  /** the holder gave a sign of life */
  hold(): void;
}

/** A timer that fires this late was slept through, by a frozen tab or a suspended computer. */
const OVERSLEPT_MS = HOLDER_ANSWER_MS / 2;

export class Directory<Answer> {
  readonly #options: DirectoryOptions<Answer>;
  readonly #wire: Wire<unknown>;
  readonly #open = new Map<string, Open<Answer>>();
  #isClosed = false;

  constructor(options: DirectoryOptions<Answer>) {
    this.#options = options;
    this.#wire = options.wire ?? channelWire<unknown>(channelNames.directory(options.account));
    this.#wire.start({ onMessage: (message) => this.#receive(message), onLost: () => {} });
  }

  /** Asks the other hosts who holds `object`; `payload` goes along (what the asker needs of the holder). */
  ask(object: ObjectAddress, payload: unknown): Question<Answer> {
    const { clock, random } = this.#options;
    const id = randomName(random);
    const answer = deferred<Outcome<Answer>>();
    let timer: Timer | undefined;
    const settle = (outcome: Outcome<Answer>) => {
      timer?.cancel();
      this.#open.delete(id);
      answer.resolve(outcome);
    };
    const listen = (repeats: number) => {
      timer?.cancel();
      const dueMs = clock.now() + HOLDER_ANSWER_MS;
      timer = clock.after(HOLDER_ANSWER_MS, () => {
        const isOverslept = clock.now() - dueMs > OVERSLEPT_MS;
        if (repeats === 0 && !isOverslept) return settle({ outcome: 'silent' });
        put(isOverslept ? repeats : repeats - 1);
      });
    };
    const put = (repeats: number) => {
      this.#post({ d: 'ask', id, object, payload });
      listen(repeats);
    };
    this.#open.set(id, { settle, hold: () => listen(1) });
    if (this.#isClosed) settle({ outcome: 'cancelled' });
    else put(1);
    return { answer: answer.promise, cancel: () => settle({ outcome: 'cancelled' }) };
  }

  announceMoved(object: ObjectAddress, epoch: Epoch): void {
    this.#post({ d: 'moved', object, epoch });
  }

  /** Tells the other hosts of the account, not this one. */
  announce(body: unknown): void {
    this.#post({ d: 'announce', body });
  }

  /** Open questions end as `cancelled`. */
  close(): void {
    this.#isClosed = true;
    for (const question of [...this.#open.values()]) question.settle({ outcome: 'cancelled' });
    this.#wire.close();
  }

  #post(body: Body): void {
    if (this.#isClosed) return;
    const { account, machine } = this.#options;
    this.#wire.post({ ...body, v: PROTOCOL_VERSION, account, machine } satisfies Message);
  }

  #receive(received: unknown): void {
    const { account, machine } = this.#options;
    if (this.#isClosed || !isMessage(received)) return;
    if (received.v !== PROTOCOL_VERSION || received.account !== account || received.machine === machine) return;
    switch (received.d) {
      case 'ask':
        this.#answer(received.id, this.#options.answer(received.object, received.payload, received.machine));
        return;
      case 'wait':
        this.#open.get(received.id)?.hold();
        return;
      case 'answer':
        this.#open.get(received.id)?.settle({
          outcome: 'answered',
          // Only hosts of the same version post here, and they post what their `answer` gave.
          answer: received.answer as Answer,
          machine: received.machine,
        });
        return;
      case 'moved':
        this.#options.onMoved(received.object, received.epoch, received.machine);
        return;
      case 'announce':
        this.#options.onAnnouncement(received.body, received.machine);
        return;
      default:
        received satisfies never;
    }
  }

  #answer(id: string, answer: Promise<Answer | undefined> | undefined): void {
    if (!answer) return;
    let timer: Timer;
    const pause = () => {
      timer = this.#options.clock.after(HOLDER_ANSWER_MS / 2, () => {
        this.#post({ d: 'wait', id });
        pause();
      });
    };
    pause();
    answer.then(
      (value) => {
        timer.cancel();
        if (value !== undefined) this.#post({ d: 'answer', id, answer: value });
      },
      (error: unknown) => {
        timer.cancel();
        this.#options.onError(error);
      },
    );
  }
}

function isMessage(message: unknown): message is Message {
  if (typeof message !== 'object' || message === null) return false;
  const fields = message as Readonly<Record<string, unknown>>;
  if (typeof fields['machine'] !== 'string') return false;
  switch (fields['d']) {
    case 'ask':
      return typeof fields['id'] === 'string' && typeof fields['object'] === 'string';
    case 'wait':
    case 'answer':
      return typeof fields['id'] === 'string';
    case 'moved':
      return typeof fields['object'] === 'string' && Number.isSafeInteger(fields['epoch']);
    case 'announce':
      return true;
    default:
      return false;
  }
}
