/**
 * The page's inspector: a thread that is there while somebody looks.
 *
 * Promise: what is asked is answered in the order asked, one after the other. What takes longer than it may is stopped by
 * ending the thread (SQLite cannot be interrupted from outside), which loses nothing but that question: the next one starts
 * another. A thread that nobody has asked for a while is ended too, and its memory given back.
 *
 *     ABSENT --run()--> STARTING --> READY --too long, idle, died--> ABSENT
 *                                      \--close()--> CLOSED
 *
 * Knows nothing of what is asked.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { withTransfer } from '../network/control-port.ts';
import type { StorageMode } from '../protocol/control.ts';
import type { InspectorControl, InspectorOpening } from '../protocol/inspection.ts';
import { type StartedRealm, type StartRealm, startRealm } from './start-realm.ts';

export interface InspectorThreadOptions {
  clock: Clock;
  opening: Omit<InspectorOpening, 'storage'> & { readonly storage: StorageMode };
  /** fetches what it is started from, if that was not done */
  prepare(): Promise<StartRealm>;
  /** memory mode: hands one end of a channel to the host, which has the stores */
  serveStores(port: MessagePort): Promise<void>;
}

/** A person who looks again within a minute finds the object still open. */
const IDLE_MS = 60_000;

export class InspectorThread {
  readonly #options: InspectorThreadOptions;
  #started: Promise<StartedRealm<InspectorControl>> | undefined;
  /** settles when what was asked so far is answered */
  #asked: Promise<unknown> = Promise.resolve();
  #idle: Timer | undefined;
  #isClosed = false;

  constructor(options: InspectorThreadOptions) {
    this.#options = options;
  }

  /**
   * Asks something, when what was asked before is answered.
   *
   * @param withinMs  how long the answer may take; left out: as long as it takes
   * @throws SimulatorError `query_refused` after that time, and whatever the answer is
   */
  run<T>(use: (inspector: InspectorControl) => Promise<T>, withinMs?: number): Promise<T> {
    const answer = this.#asked.then(() => this.#ask(use, withinMs));
    this.#asked = answer.catch(() => {}); // whoever asked hears of it
    return answer;
  }

  close(): void {
    this.#isClosed = true;
    this.#end();
  }

  async #ask<T>(use: (inspector: InspectorControl) => Promise<T>, withinMs: number | undefined): Promise<T> {
    if (this.#isClosed) throw new SimulatorError('closed', 'The simulator was closed; open it again.');
    this.#idle?.cancel();
    this.#started ??= this.#start();
    const starting = this.#started;
    try {
      const { connection } = await starting;
      const answer = use(connection.remote as unknown as InspectorControl);
      return await (withinMs === undefined ? answer : this.#within(withinMs, answer));
    } finally {
      // It may have been ended meanwhile.
      if (this.#started === starting && !this.#isClosed)
        this.#idle = this.#options.clock.after(IDLE_MS, () => this.#end());
    }
  }

  async #start(): Promise<StartedRealm<InspectorControl>> {
    const { opening, prepare, serveStores } = this.#options;
    try {
      const started = startRealm<InspectorControl>(await prepare());
      void started.died.then(() => this.#end());
      if (opening.storage === 'memory') {
        const { port1, port2 } = new MessageChannel();
        await serveStores(withTransfer(port1, [port1]));
        await started.connection.remote.open(opening, withTransfer(port2, [port2]));
      } else {
        await started.connection.remote.open(opening, undefined);
      }
      return started;
    } catch (error) {
      this.#started = undefined;
      throw error;
    }
  }

  #within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = this.#options.clock.after(milliseconds, () => {
        this.#end();
        reject(
          new SimulatorError('query_refused', `The query was stopped: it took longer than ${milliseconds / 1000} s.`),
        );
      });
      answer.then(resolve, reject).finally(() => timer.cancel());
    });
  }

  #end(): void {
    this.#idle?.cancel();
    const started = this.#started;
    this.#started = undefined;
    void started?.then(
      ({ worker, connection }) => {
        connection.release();
        worker.terminate();
      },
      () => {}, // whoever asked heard of it
    );
  }
}
