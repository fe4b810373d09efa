/**
 * What a page may do to objects from outside: `sim.objects`.
 *
 * Promise: an edit goes through the object's own input gate while it has an instance, wherever that runs, and under its lease
 * while it sleeps; when its promise resolves it is durable. An import checks everything before it changes anything.
 */
import { SimulatorError } from '../base/errors.ts';
import { withTransfer } from '../network/control-port.ts';
import type { HostControl } from '../protocol/control.ts';
import type { EditResult, SqlBinding } from '../protocol/edits.ts';
import type { AtMoment } from '../protocol/inspection.ts';
import type { EndpointId, UniqueKey } from '../protocol/names.ts';
import type { ObjectTarget } from '../protocol/target.ts';
import type { InspectorThread } from './inspector-thread.ts';
import { addressOfReference, type ObjectReference, referenceOf, targetOf } from './references.ts';

type Control = Pick<
  HostControl,
  'crash' | 'edit' | 'evict' | 'evictAll' | 'hibernate' | 'importObject' | 'listNamespaces' | 'listObjects' | 'runAlarm'
>;

/** The file in pieces: the database, and its write-ahead log where one lies beside it. */
export interface ObjectFile {
  readonly database: Uint8Array | ArrayBuffer;
  /** the file with the same name and `-wal` at its end, if there is one: the newest commits are in it alone */
  readonly wal?: Uint8Array | ArrayBuffer | undefined;
}

export interface ImportedFolder {
  readonly objects: readonly ObjectReference[];
  /** paths of the zip that are no object of this account */
  readonly skipped: readonly string[];
}

export interface ObjectsParts {
  control: Control;
  thread: Pick<InspectorThread, 'run'>;
  encode(value: unknown): Uint8Array;
  gone(endpoint: EndpointId): void;
}

export class Objects {
  readonly #parts: ObjectsParts;

  constructor(parts: ObjectsParts) {
    this.#parts = parts;
  }

  /**
   * Drops the instance in good order, whichever machine of the account runs it: nothing is lost but its memory. Waits for what
   * is under way. Hibernatable WebSockets are kept for the next instance, or closed with it (`webSockets: 'close'`).
   *
   * @throws Error with the platform's text when something keeps it for 10 s
   * @throws SimulatorError `peer_gone`: the other machine did not answer
   */
  async evict(object: object, { webSockets = 'keep' }: { webSockets?: 'keep' | 'close' } = {}): Promise<void> {
    const { namespace, id } = referenceOf(object);
    await this.#parts.control.evict(namespace as UniqueKey, id, webSockets === 'close');
  }

  /**
   * Lets the object sleep at once, whichever machine runs it, as the platform does when it has been idle for 10 s. Where `evict`
   * waits for what is under way, this refuses.
   *
   * @throws SimulatorError `not_hibernatable`: what keeps it awake is in the message; `peer_gone`: the other machine did not answer
   */
  async hibernate(object: object): Promise<void> {
    const { namespace, id } = referenceOf(object);
    await this.#parts.control.hibernate(namespace as UniqueKey, id);
  }

  /** Evicts every object of this machine; those of others stay. */
  async evictAll(): Promise<void> {
    await this.#parts.control.evictAll();
  }

  /**
   * Ends the instance at once, whichever machine runs it, as if that had failed: what was not durable is lost, calls under way
   * break.
   *
   * @throws SimulatorError `peer_gone`: the other machine did not answer
   */
  async crash(object: object): Promise<void> {
    const { namespace, id } = referenceOf(object);
    const endpoint = await this.#parts.control.crash(namespace as UniqueKey, id);
    if (endpoint) this.#parts.gone(endpoint);
  }

  /**
   * Runs the object's alarm now, if it has one, as `runDurableObjectAlarm` of `cloudflare:test` does: the alarm is deleted, then
   * `alarm()` is called once, without an argument. Starts the object if nobody runs it.
   *
   * @returns whether there was an alarm
   * @throws Error what `alarm()` throws; it is not run again
   */
  runAlarm(object: object): Promise<boolean> {
    return this.#parts.control.runAlarm(targetOf(object));
  }

  /**
   * Stores a value under a key, as `ctx.storage.put` would. An instance that remembers another value goes on remembering it.
   *
   * @throws DataCloneError for what cannot be stored; Error with the platform's text; nothing was changed then
   */
  async put(object: object, key: string, value: unknown): Promise<void> {
    if (value === undefined) throw new TypeError('put() called with undefined value.');
    const target = targetOf(object);
    await this.#parts.control.edit(target, { e: 'put', key, value: this.#parts.encode(value) });
  }

  /** Deletes a key. @returns whether it was there */
  async delete(object: object, key: string): Promise<boolean> {
    const { rowsWritten } = await this.#parts.control.edit(targetOf(object), { e: 'delete', key });
    return rowsWritten > 0;
  }

  /**
   * Runs SQL as the object's own program could: one statement or several, all of it or nothing; bindings are for the last.
   *
   * @throws Error with the platform's text; nothing was changed then
   */
  exec(object: object, sql: string, bindings: readonly SqlBinding[] = []): Promise<EditResult> {
    return this.#parts.control.edit(targetOf(object), { e: 'exec', sql, bindings });
  }

  /** What an object has stored, or the facet of it that is named, as a `.sqlite` file that any SQLite opens. It is not woken. */
  export(object: object, options: AtMoment = {}): Promise<Uint8Array<ArrayBuffer>> {
    const address = addressOfReference(object);
    return this.#parts.thread.run((inspector) => inspector.exportFile(address, options));
  }

  /**
   * Replaces all that an object has stored, and all of its facets, by what is in a `.sqlite` file. Its instance, if it has one, is evicted first.
   *
   * @throws SimulatorError `file_invalid`: it is no database that the object could go on with; nothing was changed
   * @throws Error with the platform's text when something keeps the instance from being evicted; nothing was changed
   */
  async import(object: object, file: Uint8Array | ArrayBuffer | ObjectFile): Promise<void> {
    const target = targetOf(object);
    const { database, wal } = 'database' in file ? file : { database: file, wal: undefined };
    const checked = await this.#parts.thread.run((inspector) =>
      inspector.checkFile(bytesOf(database), wal && bytesOf(wal)),
    );
    await this.#parts.control.importObject(target, withTransfer(checked, [checked.bytes.buffer]));
  }

  /**
   * All objects of the account in a zip, laid out as `wrangler dev` keeps them: unpack it in `.wrangler/state/v3`. They are
   * not woken.
   */
  async exportAll(): Promise<Uint8Array<ArrayBuffer>> {
    const objects = await this.#parts.control.listObjects();
    const plain = objects.map(({ namespace, id, name }) => ({ namespace, id, name }));
    return this.#parts.thread.run((inspector) => inspector.exportFolder(plain));
  }

  /**
   * Takes in the objects of such a folder, or of `.wrangler` as a whole, from a zip. All of it is checked first; each object is
   * then replaced by itself, as `import` does it.
   *
   * @throws SimulatorError `file_invalid`; nothing was changed
   */
  async importAll(zip: Uint8Array | ArrayBuffer): Promise<ImportedFolder> {
    const { control, thread } = this.#parts;
    const namespaces = await control.listNamespaces();
    const { objects, skipped } = await thread.run((inspector) => inspector.checkFolder(bytesOf(zip), namespaces));
    for (const [done, { namespace, id, name, ...file }] of objects.entries()) {
      const target: ObjectTarget = { kind: 'object', namespace, id, name };
      await control.importObject(target, withTransfer(file, [file.bytes.buffer])).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new SimulatorError(
          'import_stopped',
          `The import stopped at ${namespace}/${id}, after ${done} of ${objects.length} objects: ${why}`,
          { cause },
        );
      });
    }
    return { objects: objects.map(({ namespace, id, name }) => ({ namespace, id, name })), skipped };
  }
}

function bytesOf(bytes: Uint8Array | ArrayBuffer): Uint8Array {
  return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : bytes;
}
