/**
 * Changes to what objects have stored, made from outside their programs; and their instances' ends, and what puts them off.
 *
 * Promise: an edit goes through the gate of the object's instance where there is one, on whichever machine; where there is
 * none, this machine takes the lease, opens the storage in an isolate without the program, and gives both back. Either way it
 * is made once.
 *
 *     ask(X) --> runs here ----------> its isolate
 *            \-> runs there ---------> the holder does it, asked over the bus
 *            \-> runs nowhere, lease -> an isolate that is its storage alone -> drained -> lease given back
 *
 * Knows nothing of SQL, and of files only that they were checked.
 */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { Awake, ConnectAnswer } from '../protocol/control.ts';
import { type ControlError, fromControlError, toControlError } from '../protocol/control-error.ts';
import type { CheckedFile, EditResult, ObjectEdit } from '../protocol/edits.ts';
import { type EndpointId, type MachineId, type ObjectAddress, objectAddress } from '../protocol/names.ts';
import type { ObjectTarget } from '../protocol/target.ts';
import type { Container } from './container.ts';
import { drainPatiently } from './evictions.ts';
import type { DirectoryQuestion, Placement } from './placement.ts';

/** What another host asks of the machine that runs an object. */
export interface HolderRequest {
  readonly machine: MachineId;
  /** names the request: a question may be put twice, and is answered by doing it once */
  readonly key: string;
  readonly order: HolderOrder;
}

export type HolderOrder =
  | { readonly o: 'edit'; readonly edit: ObjectEdit }
  | { readonly o: 'alarm'; readonly order: AlarmOrder }
  | { readonly o: 'evict'; readonly closesSockets?: boolean }
  /** goes now, if nothing is under way */
  | { readonly o: 'hibernate' }
  /** ends at once, as a failed machine would */
  | { readonly o: 'crash' };

export type HolderAnswer =
  | { readonly did: 'edit'; readonly result: EditResult }
  | { readonly did: 'alarm'; readonly outcome: AlarmOutcome }
  | { readonly did: 'evict' }
  | { readonly did: 'hibernate' }
  | { readonly did: 'crash'; readonly endpoint: EndpointId }
  /** it does not run it any more */
  | { readonly did: 'nothing' }
  | { readonly did: 'fail'; readonly error: ControlError };

export interface EditsOptions {
  machine: MachineId;
  clock: Clock;
  placement: Placement<Container, Extract<ConnectAnswer, { carrier: 'channel' }>>;
  /** starts an isolate that is the object's storage alone; the caller holds the lease */
  startStorage(target: ObjectTarget): Container;
  ask(object: ObjectAddress, request: HolderRequest): DirectoryQuestion<HolderAnswer>;
  newKey(): string;
  /** Starts an object that sleeps here and keeps its lease; undefined when it does not. */
  wake(object: ObjectAddress): Promise<Container | undefined>;
  /** Breaks the object's sockets off, if it has any here. */
  closeSockets(object: ObjectAddress): void;
}

/** Requests of others that are remembered; each is asked for a second time within seconds, or never. */
const REMEMBERED_MAX = 100;

export class Edits {
  readonly #options: EditsOptions;
  readonly #answers = new Map<string, Promise<HolderAnswer>>();
  readonly #storages = new Set<Container>();

  constructor(options: EditsOptions) {
    this.#options = options;
  }

  /** @throws Error what SQLite says; SimulatorError `peer_gone` when it is not known whether it was made */
  async edit(target: ObjectTarget, edit: ObjectEdit): Promise<EditResult> {
    const object = objectAddress(target.namespace, target.id);
    for (;;) {
      let made: EditResult | undefined;
      const place = await this.#options.placement.hold(object, () =>
        this.#withStorage(target, async (storage) => {
          made = await storage.edit(edit);
        }),
      );
      switch (place.at) {
        case 'over':
          return must(made, 'the result of an edit under our lease');
        case 'here':
          made = await place.container.edit(edit);
          if (made) return made;
          break; // it went in good order before it looked at the edit
        case 'there': {
          const answer = await this.askHolder(object, place.answer.machine, { o: 'edit', edit });
          if (answer.did === 'edit') return answer.result;
          break;
        }
        default:
          place satisfies never;
      }
    }
  }

  /** @throws Error with the platform's text when something keeps the instance from being evicted */
  async importObject(target: ObjectTarget, file: CheckedFile): Promise<void> {
    const { placement, clock } = this.#options;
    const object = objectAddress(target.namespace, target.id);
    for (;;) {
      const place = await placement.hold(object, () =>
        this.#withStorage(target, (storage) => storage.edit({ e: 'replace', ...file })),
      );
      switch (place.at) {
        case 'over':
          return;
        case 'here':
          await drainPatiently(place.container, { clock });
          break;
        case 'there':
          await this.askHolder(object, place.answer.machine, { o: 'evict' });
          break;
        default:
          place satisfies never;
      }
    }
  }

  /**
   * Ends the instance in good order, wherever it runs; nothing happens when there is none. Hibernatable sockets stay, unless
   * they are to be closed.
   *
   * @throws Error with the platform's text when something keeps it; SimulatorError `peer_gone`
   */
  async evict(object: ObjectAddress, closesSockets = false): Promise<void> {
    await this.#order(object, { o: 'evict', closesSockets });
  }

  /**
   * Ends the instance at once and in good order, wherever it runs; nothing happens when there is none.
   *
   * @throws SimulatorError `not_hibernatable` when something is under way, `peer_gone`
   */
  async hibernate(object: ObjectAddress): Promise<void> {
    await this.#order(object, { o: 'hibernate' });
  }

  /** What keeps the instance; undefined when this machine has none. */
  async look(object: ObjectAddress): Promise<Awake | undefined> {
    return this.#options.placement.get(object)?.isolate.look();
  }

  /** Ends the instance at once, wherever it runs. @returns the endpoint that is no more, if there was one */
  async crash(object: ObjectAddress): Promise<EndpointId | undefined> {
    const answer = await this.#order(object, { o: 'crash' });
    return answer.did === 'crash' ? answer.endpoint : undefined;
  }

  /** Has it done by the instance, wherever that runs. */
  async #order(object: ObjectAddress, order: HolderOrder): Promise<HolderAnswer> {
    const place = await this.#options.placement.hold(object, nothing);
    switch (place.at) {
      case 'over':
        if (order.o === 'evict' && order.closesSockets) this.#options.closeSockets(object);
        return { did: 'nothing' };
      case 'here':
        return this.#do(object, place.container, order);
      case 'there':
        return this.askHolder(object, place.answer.machine, order);
      default:
        return place satisfies never;
    }
  }

  /** What this machine does when another asks; undefined when the request is meant for somebody else. */
  answer(object: ObjectAddress, request: HolderRequest): Promise<HolderAnswer> | undefined {
    if (request.machine !== this.#options.machine) return undefined;
    const known = this.#answers.get(request.key);
    if (known) return known;
    const done = this.#doHere(object, request.order);
    const answer = done.catch((error: unknown): HolderAnswer => {
      return { did: 'fail', error: toControlError(error) };
    });
    this.#answers.set(request.key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > REMEMBERED_MAX) this.#answers.delete(must(oldest, 'the oldest request'));
    return answer;
  }

  /** Ends what was begun here: those who wait for it are told. */
  close(): void {
    for (const storage of this.#storages) storage.end(undefined);
  }

  /** One that only has sockets here has no instance: what is asked of one is asked of a new one. */
  async #doHere(object: ObjectAddress, order: HolderOrder): Promise<HolderAnswer> {
    const { placement, wake, closeSockets } = this.#options;
    const container = placement.get(object);
    if (container) return this.#do(object, container, order);
    if (order.o === 'evict' && order.closesSockets) closeSockets(object);
    if (order.o !== 'edit' && order.o !== 'alarm') return { did: 'nothing' };
    const woken = await wake(object);
    return woken ? this.#do(object, woken, order) : { did: 'nothing' };
  }

  async #do(object: ObjectAddress, container: Container, order: HolderOrder): Promise<HolderAnswer> {
    switch (order.o) {
      case 'edit': {
        const result = await container.edit(order.edit);
        return result ? { did: 'edit', result } : { did: 'nothing' };
      }
      case 'alarm': {
        const outcome = await container.alarm(order.order);
        return outcome ? { did: 'alarm', outcome } : { did: 'nothing' };
      }
      case 'evict':
        await drainPatiently(container, { clock: this.#options.clock });
        if (order.closesSockets) this.#options.closeSockets(object);
        return { did: 'evict' };
      case 'hibernate':
        await hibernate(container);
        return { did: 'hibernate' };
      case 'crash':
        container.end(undefined);
        return { did: 'crash', endpoint: container.endpoint };
      default:
        return order satisfies never;
    }
  }

  /** @returns the epoch under which the storage was open */
  async #withStorage(target: ObjectTarget, use: (storage: Container) => Promise<unknown>) {
    const storage = this.#options.startStorage(target);
    this.#storages.add(storage);
    try {
      const epoch = await storage.live();
      if (epoch === undefined) throw new SimulatorError('closed', 'The simulator is closing; open it again.');
      await use(storage);
      await storage.drain();
      return epoch;
    } finally {
      storage.end(undefined);
      this.#storages.delete(storage);
    }
  }

  /** @throws SimulatorError `peer_gone` when the holder stays silent; what it says went wrong */
  async askHolder(object: ObjectAddress, machine: MachineId, order: HolderOrder): Promise<HolderAnswer> {
    const outcome = await this.#options.ask(object, { machine, key: this.#options.newKey(), order }).answer;
    if (outcome.outcome !== 'answered') {
      throw new SimulatorError(
        'peer_gone',
        `The machine that runs this object did not answer, so it is not known whether it was ${DONE[order.o]}`,
      );
    }
    if (outcome.answer.did === 'fail') throw fromControlError(outcome.answer.error);
    return outcome.answer;
  }
}

const DONE: Record<HolderOrder['o'], string> = {
  edit: 'changed: look at what is stored, then try again.',
  alarm: 'given its alarm.',
  evict: 'evicted; try again.',
  hibernate: 'put to sleep; try again.',
  crash: 'ended; try again.',
};

async function hibernate(container: Container): Promise<void> {
  const why = await container.drain();
  if (why === undefined) return;
  throw new SimulatorError(
    'not_hibernatable',
    `The object cannot hibernate now, because ${why}. Let that end, or evict it.`,
  );
}

/** Of a lease that is only held to know that nobody runs the object. */
const nothing = async () => undefined;
