/**
 * What a host does about alarms: keeps the account's index of them for its isolates, runs them when it is this machine's turn,
 * and brings what concerns an alarm to its object, wherever that runs.
 *
 * Promise: an isolate's note is answered when the index says so, and the machine that runs alarms hears of it. The answer to an
 * order is that of the instance which looked at it: one that went in good order before is not taken for one; one that
 * died is an error, and what became of its run is unknown.
 */
import type { Clock, VirtualMs } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import type { Random } from '../base/random.ts';
import type { Leases } from '../network/lease.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { ConnectAnswer, Durability } from '../protocol/control.ts';
import { fromControlError, toControlError } from '../protocol/control-error.ts';
import { type Account, lockNames, type MachineId, type ObjectAddress, objectAddress } from '../protocol/names.ts';
import type { ObjectTarget } from '../protocol/target.ts';
import type { Vault } from '../storage/vault.ts';
import { AlarmRunner } from './alarm-runner.ts';
import type { Container } from './container.ts';
import type { HolderAnswer, HolderOrder } from './edits.ts';
import type { IsolateRequest } from './isolate-handle.ts';
import type { Place } from './placement.ts';

/** Asked for in the directory like an object: who runs the account's alarms is awake. */
export const CLOCK = 'clock' as ObjectAddress;
export type Awake = 'awake';

export interface AlarmsOptions {
  readonly account: Account;
  readonly vault: Vault;
  readonly leases: Leases;
  readonly clock: Clock<VirtualMs>;
  readonly realClock: Clock;
  /** something begins that an event is not over without; what it returns is called when that is done */
  begin(): () => void;
  readonly random: Random;
  readonly durability: Durability;
  /** finds who runs the object, or starts it here */
  find(target: ObjectTarget): Promise<Place<Container, Extract<ConnectAnswer, { carrier: 'channel' }>>>;
  askHolder(object: ObjectAddress, machine: MachineId, order: HolderOrder): Promise<HolderAnswer>;
  /** tells the other machines that an alarm was set for that time */
  announce(atMs: number): void;
  /** asks the machine that runs alarms; false when it stays silent */
  isLeaderAwake(): Promise<boolean>;
  onError(error: unknown): void;
}

export class Alarms {
  readonly #options: AlarmsOptions;
  readonly #runner: AlarmRunner;

  constructor(options: AlarmsOptions) {
    const { account, vault, leases } = options;
    this.#options = options;
    this.#runner = new AlarmRunner({
      ...options,
      index: vault.account,
      // In memory the account is this machine's own, whoever else has one of that name.
      lead: (how) =>
        vault.mode === 'memory'
          ? Promise.resolve({ lost: new Promise<void>(() => {}), release: () => {} })
          : leases.acquire(lockNames.clock(account), how),
      readHead: (object) => this.#readHead(object),
      give: (target, order) => this.give(target, order),
    });
  }

  /** This machine runs alarms from now on, when it is its turn. */
  follow(): void {
    this.#runner.follow();
  }

  /** Another machine may run them: this one is about to stand still. */
  yield(): void {
    this.#runner.yield();
  }

  close(): void {
    this.#runner.close();
  }

  /** Another machine says that an alarm was set. */
  heard(atMs: number): void {
    this.#runner.poke(atMs);
  }

  /** Whether it is this machine that runs alarms. */
  get isLeading(): boolean {
    return this.#runner.isLeading;
  }

  /** An isolate's note for the index. Never rejects: what fails is told to the isolate. */
  async note(from: Container, request: Extract<IsolateRequest, { c: 'note-alarm' }>): Promise<void> {
    const { id, alarm, sequence } = request;
    try {
      const role = from.assigned?.role;
      if (role?.kind !== 'object') throw new SimulatorError('closed', 'Only an object has an alarm.');
      const { address, namespace, id: idHex, name } = role;
      const { vault, durability } = this.#options;
      await vault.account.noteAlarm({ address, namespace, id: idHex, name, alarm, sequence }, durability);
      from.isolate.post({ c: 'alarm-noted', id });
      if (alarm === null) return;
      this.#runner.poke(alarm);
      if (!this.#runner.isLeading) this.#options.announce(alarm);
    } catch (error) {
      from.isolate.post({ c: 'alarm-noted', id, error: toControlError(error) });
    }
  }

  /** Runs the object's alarm, if it has one, whenever it is due. @returns whether it had one @throws what the handler throws */
  async runNow(target: ObjectTarget): Promise<boolean> {
    const outcome = await this.give(target, { o: 'run-now' });
    if (outcome.did === 'throw') throw fromControlError(outcome.error);
    return outcome.did === 'run';
  }

  /** @throws SimulatorError `peer_gone`, or why the object could not be started */
  async give(target: ObjectTarget, order: AlarmOrder): Promise<AlarmOutcome> {
    for (;;) {
      const outcome = await this.#giveOnce(target, order);
      if (outcome) return outcome;
    }
  }

  /** Undefined when the instance had gone. */
  async #giveOnce(target: ObjectTarget, order: AlarmOrder): Promise<AlarmOutcome | undefined> {
    const end = this.#options.begin();
    const place = await this.#options.find(target).finally(end);
    switch (place.at) {
      case 'here':
        return await place.container.alarm(order);
      case 'there': {
        const object = objectAddress(target.namespace, target.id);
        const answer = await this.#options.askHolder(object, place.answer.machine, { o: 'alarm', order });
        return answer.did === 'alarm' ? answer.outcome : undefined;
      }
      default:
        return place satisfies never;
    }
  }

  async #readHead(object: ObjectAddress) {
    const store = await this.#options.vault.findObject(object);
    if (!store) return undefined;
    try {
      return await store.readHead();
    } finally {
      await store.close();
    }
  }
}
