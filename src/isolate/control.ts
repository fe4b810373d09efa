/**
 * The isolate's end of its control port: plain messages, because user code may have patched what a library calls.
 *
 * Promise: each question to the host is settled once; nothing a program can reach leads here (the worker's own
 * `postMessage` and `onmessage` are taken before any of its code runs).
 */
import { type Deferred, deferred } from '../base/async.ts';
import { mapDelete, mapGet, mapSet, mapSize, messageData, uncurryThis } from '../base/primordials.ts';
import { type Sealed, seal } from '../base/sealed.ts';
import type { Whereabouts } from '../network/connector.ts';
import type { CacheAnswer, CacheOrder } from '../protocol/cache.ts';
import type { FromIsolate, ToIsolate } from '../protocol/control.ts';
import { fromControlError } from '../protocol/control-error.ts';
import type { Target } from '../protocol/target.ts';
import type { ObjectStore } from '../storage/object-store.ts';

/** What is asked of the isolate, besides answers to its own questions. */
export type IsolateOrder = Extract<
  ToIsolate,
  {
    c:
      | 'boot'
      | 'prepare'
      | 'assign'
      | 'link'
      | 'drain'
      | 'look'
      | 'edit'
      | 'alarm'
      | 'reset'
      | 'gone'
      | 'moved'
      | 'trace'
      | 'hand-over'
      | 'weather'
      | 'clock'
      | 'sound'
      | 'pulse'
      | 'count'
      | 'slow'
      | 'engine'
      | 'sockets'
      | 'socket-answered';
  }
>;

export interface ControlScope {
  postMessage(message: FromIsolate, transfer: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToIsolate>) => void) | null;
}

export class IsolateControl {
  readonly #post: (message: FromIsolate, transfer?: Transferable[]) => void;
  readonly #connecting = new Map<number, Deferred<Sealed<Whereabouts>>>();
  readonly #storing = new Map<number, Deferred<unknown>>();
  readonly #noting = new Map<number, Deferred<void>>();
  readonly #caching = new Map<number, Deferred<CacheAnswer>>();
  #lastId = 0;

  constructor(scope: ControlScope, onOrder: (order: IsolateOrder) => void) {
    const post = uncurryThis(
      scope.postMessage as (this: ControlScope, ...args: Parameters<ControlScope['postMessage']>) => void,
    );
    // The browser goes through a list by its iterator, which a program may have changed: most messages have none.
    this.#post = (message, transfer) => post(scope, message, transfer as Transferable[]);
    scope.onmessage = (event) => {
      const message = messageData(event) as ToIsolate;
      if (!this.#settle(message)) onOrder(message as IsolateOrder);
    };
  }

  post(message: FromIsolate, transfer?: Transferable[]): void {
    this.#post(message, transfer);
  }

  /** Questions to the host that it has not answered. */
  get askedCount(): number {
    return mapSize(this.#connecting) + mapSize(this.#storing) + mapSize(this.#noting) + mapSize(this.#caching);
  }

  connect(target: Target): Promise<Sealed<Whereabouts>> {
    const id = ++this.#lastId;
    const asked = deferred<Sealed<Whereabouts>>();
    mapSet(this.#connecting, id, asked);
    this.#post({ c: 'connect', id, target });
    return asked.promise;
  }

  /** Tells the alarm index what the object's alarm is as of a record of its log. Resolves when the index says so. */
  noteAlarm(alarm: number | null, sequence: number): Promise<void> {
    const id = ++this.#lastId;
    const asked = deferred<void>();
    mapSet(this.#noting, id, asked);
    this.#post({ c: 'note-alarm', id, alarm, sequence });
    return asked.promise;
  }

  /** Asks the caches of this machine. */
  askCache(order: CacheOrder, transfer: Transferable[]): Promise<CacheAnswer> {
    const id = ++this.#lastId;
    const asked = deferred<CacheAnswer>();
    mapSet(this.#caching, id, asked);
    this.#post({ c: 'cache', id, order }, transfer);
    return asked.promise;
  }

  /** The object's store when it lives in the host (memory mode); its methods are messages. */
  remoteStore(): ObjectStore {
    const call =
      (method: keyof ObjectStore) =>
      (...args: readonly unknown[]): Promise<unknown> => {
        const id = ++this.#lastId;
        const asked = deferred<unknown>();
        mapSet(this.#storing, id, asked);
        this.#post({ c: 'store', id, method, args });
        return asked.promise;
      };
    const methods: Record<keyof ObjectStore, (...args: readonly unknown[]) => Promise<unknown>> = {
      openForWriting: call('openForWriting'),
      readHead: call('readHead'),
      append: call('append'),
      stage: call('stage'),
      unstage: call('unstage'),
      readRecords: call('readRecords'),
      readPages: call('readPages'),
      readExtents: call('readExtents'),
      extentKeys: call('extentKeys'),
      readMoments: call('readMoments'),
      findFence: call('findFence'),
      writeExtent: call('writeExtent'),
      deleteExtents: call('deleteExtents'),
      writeBase: call('writeBase'),
      deleteRecords: call('deleteRecords'),
      close: call('close'),
      destroy: call('destroy'),
    };
    return methods as unknown as ObjectStore;
  }

  /** Settles a question of ours; false when the message is none of that. */
  #settle(message: ToIsolate): boolean {
    switch (message.c) {
      case 'connected': {
        const { answer, port } = message;
        const link = answer.carrier === 'port' ? { link: answer.link } : {};
        const { endpoint, epoch, machine } = answer;
        const found = { endpoint, epoch, machine, ...link, ...(port ? { port } : {}) };
        take(this.#connecting, message.id)?.resolve(seal(found));
        return true;
      }
      case 'connect-failed':
        take(this.#connecting, message.id)?.reject(fromControlError(message.error));
        return true;
      case 'stored':
        take(this.#storing, message.id)?.resolve(message.result);
        return true;
      case 'store-failed':
        take(this.#storing, message.id)?.reject(fromControlError(message.error));
        return true;
      case 'alarm-noted': {
        const asked = take(this.#noting, message.id);
        if (message.error) asked?.reject(fromControlError(message.error));
        else asked?.resolve();
        return true;
      }
      case 'cached':
        take(this.#caching, message.id)?.resolve(message.answer);
        return true;
      case 'boot':
      case 'prepare':
      case 'assign':
      case 'link':
      case 'drain':
      case 'look':
      case 'edit':
      case 'alarm':
      case 'reset':
      case 'gone':
      case 'moved':
      case 'trace':
      case 'hand-over':
      case 'weather':
      case 'clock':
      case 'sound':
      case 'pulse':
      case 'count':
      case 'slow':
      case 'engine':
      case 'sockets':
      case 'socket-answered':
        return false;
      default:
        return message satisfies never;
    }
  }
}

function take<T>(map: Map<number, Deferred<T>>, id: number): Deferred<T> | undefined {
  const found = mapGet(map, id);
  mapDelete(map, id);
  return found;
}
