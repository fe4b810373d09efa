/**
 * What an isolate was asked and has not answered yet.
 *
 * Promise: every question is settled once, at the latest when the isolate ends. Those that are *shared* are put by many and
 * answered once for all of them; the *numbered* ones each have an answer of their own.
 */
import { type Deferred, deferred } from '../base/async.ts';
import { SimulatorError } from '../base/errors.ts';
import type { StillReport } from '../protocol/clock.ts';
import type { Awake } from '../protocol/control.ts';
import type { SocketCounts } from '../protocol/socket-counts.ts';

/** What each shared question is answered with; undefined as well when the isolate ends first. */
interface Shared {
  /** it knows whether a trace is wanted */
  trace: undefined;
  /** it knows how slow its storage is */
  slow: undefined;
  /** it knows the faults of the network */
  weather: undefined;
  /** what keeps it */
  look: Awake | undefined;
  /** it does not compute on and on */
  pulse: undefined;
  /** how many WebSockets it has */
  count: SocketCounts | undefined;
  /** it rests */
  sound: StillReport | undefined;
}

interface Numbered {
  readonly asked: Deferred<unknown>;
  readonly how: HowLost;
}

/** What a question without an answer means when the isolate has ended. */
interface HowLost {
  /** what the asker is told when it did not end in good order */
  readonly lost: string;
  /** its last words answer whatever it had looked at: what they leave open was not looked at */
  readonly isAnsweredLast?: boolean;
}

/** How an isolate ended: it had nothing to do; with its last words; or without a word. */
export type IsolateEnd = 'drained' | 'reset' | 'lost';

export class IsolateQuestions {
  readonly #shared = new Map<keyof Shared, Deferred<never>>();
  readonly #numbered = new Map<number, Numbered>();
  #lastId = 0;

  isOpen(what: keyof Shared): boolean {
    return this.#shared.has(what);
  }

  share<W extends keyof Shared>(what: W): Promise<Shared[W]> {
    let asked = this.#shared.get(what);
    if (!asked) {
      asked = deferred<never>();
      this.#shared.set(what, asked);
    }
    return asked.promise;
  }

  answer<W extends keyof Shared>(what: W, answer: Shared[W]): void {
    const asked = this.#shared.get(what);
    this.#shared.delete(what);
    asked?.resolve(answer as never);
  }

  /** Undefined when the isolate ended before it looked at the question. */
  number<T>(how: HowLost): { id: number; answer: Promise<T | undefined> } {
    const asked = deferred<T | undefined>();
    const id = ++this.#lastId;
    this.#numbered.set(id, { asked: asked as Deferred<unknown>, how });
    return { id, answer: asked.promise };
  }

  resolve(id: number, answer: unknown): void {
    this.#take(id)?.resolve(answer);
  }

  reject(id: number, error: unknown): void {
    this.#take(id)?.reject(error);
  }

  end(end: IsolateEnd): void {
    for (const what of this.#shared.keys()) this.answer(what, undefined);
    for (const [id, { how }] of this.#numbered) {
      // One that drained has refused nothing that it had begun.
      if (end === 'drained' || (end === 'reset' && how.isAnsweredLast)) this.resolve(id, undefined);
      else this.reject(id, new SimulatorError('peer_gone', how.lost));
    }
  }

  #take(id: number): Deferred<unknown> | undefined {
    const asked = this.#numbered.get(id)?.asked;
    this.#numbered.delete(id);
    return asked;
  }
}
