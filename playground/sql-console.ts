/**
 * SQL that a person runs on the object that is looked at: the draft, what was run before, what came of it.
 *
 * Promise: a statement only reads unless writing was armed for this very object, now. What was run is remembered by this
 * browser, newest first.
 *
 *     idle --run--> running --> read | wrote | failed
 */
import { computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { EditResult, QueryResult } from '../src/index.ts';
import type { Changes } from './changes.ts';
import type { Keep } from './keep.ts';
import type { Moment, Stored } from './stored.ts';

export type SqlOutcome = (
  | { readonly state: 'running' }
  | { readonly state: 'read'; readonly result: QueryResult; readonly tookMs: number }
  | { readonly state: 'wrote'; readonly result: EditResult; readonly tookMs: number }
  | { readonly state: 'failed'; readonly message: string; readonly canArm: boolean }
) & {
  readonly objectId: string;
  readonly at: Moment | undefined;
};

export interface SqlConsoleOptions {
  readonly stored: Stored;
  readonly changes: Changes;
  readonly keep: Keep;
  /** of the example: each has statements of its own */
  readonly name: string;
}

const HISTORY_MAX = 50;

export class SqlConsole {
  readonly draft = signal('');
  /** of the object that is looked at */
  readonly outcome: ReadonlySignal<SqlOutcome | undefined>;
  readonly mayWrite: ReadonlySignal<boolean>;
  readonly #outcome = signal<SqlOutcome | undefined>(undefined);
  /** id of the object that may be written */
  readonly #armed = signal<string | undefined>(undefined);
  readonly #stored: Stored;
  readonly #changes: Changes;
  readonly #keep: Keep;
  readonly #key: string;
  /** how far back in what was run; -1: the draft that is not run yet */
  #back = -1;
  #unsent = '';

  constructor({ stored, changes, keep, name }: SqlConsoleOptions) {
    this.#stored = stored;
    this.#changes = changes;
    this.#keep = keep;
    this.#key = `sql:${name}`;
    this.outcome = computed(() => {
      const { value } = this.#outcome;
      return value && value.objectId === stored.object.value?.id ? value : undefined;
    });
    this.mayWrite = computed(
      () =>
        this.#armed.value !== undefined &&
        this.#armed.value === stored.object.value?.id &&
        stored.readOnlyReason.value === undefined,
    );
  }

  arm(mayWrite: boolean): void {
    this.#armed.value = mayWrite ? this.#stored.object.value?.id : undefined;
  }

  edit(sql: string): void {
    this.draft.value = sql;
    this.#back = -1;
  }

  /** Shows what was run before what is shown, or the other way. */
  recall(step: 1 | -1): void {
    const history = this.#history();
    const back = Math.min(Math.max(this.#back + step, -1), history.length - 1);
    if (back === this.#back) return;
    if (this.#back === -1) this.#unsent = this.draft.value;
    this.#back = back;
    this.draft.value = back === -1 ? this.#unsent : (history[back] ?? '');
  }

  /** Never rejects: `outcome` says what came of it. */
  async run(): Promise<void> {
    const sql = this.draft.value.trim();
    const objectId = this.#stored.object.value?.id;
    if (sql === '' || objectId === undefined || this.outcome.value?.state === 'running') return;
    this.#remember(sql);
    const at = this.#stored.at.value;
    const running: SqlOutcome = { state: 'running', objectId, at };
    this.#outcome.value = running;
    const startedMs = performance.now();
    const outcome = await this.#run(sql)
      .then((done) => ({ ...done, tookMs: performance.now() - startedMs }))
      .catch((error: unknown) => {
        if (!(error instanceof Error)) throw error;
        return this.#failure(error);
      });
    if (this.#outcome.value === running) this.#outcome.value = { ...outcome, objectId, at };
  }

  async #run(sql: string) {
    if (this.mayWrite.value) return { state: 'wrote', result: await this.#changes.exec(sql) } as const;
    return { state: 'read', result: await this.#stored.query(sql) } as const;
  }

  #failure(error: Error) {
    const isRefused = 'code' in error && error.code === 'query_refused';
    const canArm = isRefused && this.#stored.readOnlyReason.value === undefined;
    return { state: 'failed', message: error.message, canArm } as const;
  }

  #remember(sql: string): void {
    const others = this.#history().filter((one) => one !== sql);
    this.#keep.write(this.#key, [sql, ...others].slice(0, HISTORY_MAX));
    this.#back = 0;
    this.#unsent = '';
  }

  #history(): string[] {
    const kept = this.#keep.read(this.#key);
    return Array.isArray(kept) ? kept.filter((one) => typeof one === 'string') : [];
  }
}
