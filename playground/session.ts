/**
 * One account as the page sees it: what runs, which objects there are, which of them is looked at, what was logged.
 *
 * Promise: a deployment that fails leaves what ran before running, and `deployment` says so. Objects, and what one has
 * stored, are read again after whatever may have changed them, one reading at a time; reading wakes nothing.
 *
 *     opening --run--> running <--run--> deploying --> failed (with what still runs, if anything)
 *
 * Knows nothing of the page.
 */
import { batch, computed, type ReadonlySignal, signal } from '@preact/signals-core';
import type { DeployedInfo, InspectedObject, LogLine, ObjectState, Preview, SourceLocation } from '../src/index.ts';
import { type Account, type AccountClock, codeOf, type OpenAccount, sentenceOf } from './account.ts';
import { Changes } from './changes.ts';
import { Stored } from './stored.ts';
import { TimelineView } from './timeline.ts';
import type { Files } from './workspace.ts';

/** Why code could not be deployed. */
export interface Fault {
  readonly sentence: string;
  readonly place: SourceLocation | undefined;
}

/** What runs: a deployment of the account, and the files it was made of if this tab made it. */
export interface Running {
  readonly number: number | undefined;
  readonly files: Files | undefined;
}

export type DeploymentState =
  | { readonly state: 'opening' }
  | { readonly state: 'running'; readonly running: Running }
  | { readonly state: 'deploying'; readonly running: Running }
  | { readonly state: 'failed'; readonly fault: Fault; readonly running: Running | undefined };

export interface Line extends LogLine {
  /** counts from 1 */
  readonly number: number;
}

const LINES_MAX = 500;

export class Session {
  readonly deployment = signal<DeploymentState>({ state: 'opening' });
  readonly objects = signal<readonly InspectedObject[]>([]);
  readonly selected = signal<string | undefined>(undefined);
  /** of the selected object */
  readonly state = signal<(ObjectState & { readonly id: string }) | undefined>(undefined);
  readonly stored: Stored;
  readonly changes: Changes;
  readonly timeline = new TimelineView();
  readonly lines = signal<readonly Line[]>([]);
  /** why this page keeps data in memory only; undefined when it keeps them for good */
  readonly memoryReason = signal<string | undefined>(undefined);
  /** the browser's words, if it has lost what was stored here before; undefined when nothing is lost */
  readonly lostWords = signal<string | undefined>(undefined);
  readonly canFetch: ReadonlySignal<boolean>;
  readonly clock: ReadonlySignal<AccountClock | undefined>;
  readonly #name: string;
  readonly #open: OpenAccount;
  readonly #account = signal<Account | undefined>(undefined);
  #stops: (() => void)[] = [];
  #isClosed = false;
  #working: Promise<void> = Promise.resolve();
  #reading: Promise<void> | undefined;
  #readAgain = false;
  #lineCount = 0;
  #newLines: Line[] = [];

  /** @param name  of the account: the same in every tab, so that they share its objects */
  constructor(name: string, open: OpenAccount) {
    this.#name = name;
    this.#open = open;
    this.canFetch = computed(() => this.#account.value !== undefined);
    this.clock = computed(() => this.#account.value?.clock);
    this.stored = new Stored({ account: () => this.#account.peek(), refresh: () => this.refresh() });
    this.changes = new Changes(this.stored);
  }

  /** Deploys these files, after whatever is being deployed. Never rejects: `deployment` says what came of it. */
  run(files: Files): Promise<void> {
    this.#working = this.#working.then(async () => {
      if (this.#isClosed) return;
      const before = this.#running();
      if (before) this.deployment.value = { state: 'deploying', running: before };
      else this.deployment.value = { state: 'opening' };
      try {
        const info = await this.#deploy(files);
        this.deployment.value = { state: 'running', running: { number: info.number, files } };
      } catch (error) {
        if (!this.#account.value && codeOf(error) !== undefined) await this.#joinWhatRuns();
        const running = before ?? (this.#account.value ? { number: undefined, files: undefined } : undefined);
        this.deployment.value = { state: 'failed', fault: faultOf(error), running };
      }
      this.refresh();
    });
    return this.#working;
  }

  /** @throws whatever the simulator's fetch throws */
  async fetch(path: string, init: RequestInit): Promise<Response> {
    await this.#working;
    const account = this.#account.value;
    if (!account) throw new Error('Nothing runs yet: press Run first.');
    return account.fetch(path, init);
  }

  /** Shows the Worker's pages in `frame`. @throws whatever opening it throws */
  async preview(frame: HTMLIFrameElement, options: { url: string }): Promise<Preview> {
    await this.#working;
    const account = this.#account.value;
    if (!account?.preview) throw new Error('Nothing runs yet: press Run first.');
    return account.preview(frame, options);
  }

  async evict(object: InspectedObject): Promise<void> {
    await this.#act((account) => account.objects.evict(object.key));
  }

  async hibernate(object: InspectedObject): Promise<void> {
    await this.#act((account) => account.objects.hibernate(object.key));
  }

  async crash(object: InspectedObject): Promise<void> {
    await this.#act((account) => account.objects.crash(object.key));
  }

  select(id: string | undefined): void {
    if (this.selected.value === id) return;
    batch(() => {
      this.selected.value = id;
      this.stored.leave();
    });
    this.refresh();
  }

  /** Reads again what keeps the selected object: that changes with nobody telling. */
  look(): Promise<void> {
    return this.#unlessClosed(this.#look());
  }

  async #look(): Promise<void> {
    const account = this.#account.value;
    const object = this.objects.value.find(({ id }) => id === this.selected.value);
    if (!account || !object || this.#isClosed) return;
    const state = await account.inspect.state(object.key);
    if (object.id === this.selected.value) this.state.value = { ...state, id: object.id };
  }

  /** Reads objects and keys again, soon; calls while a reading is under way become one more reading. */
  refresh(): void {
    if (this.#reading) {
      this.#readAgain = true;
      return;
    }
    this.#reading = this.#unlessClosed(this.#read()).finally(() => {
      this.#reading = undefined;
      if (!this.#readAgain) return;
      this.#readAgain = false;
      this.refresh();
    });
  }

  clearLog(): void {
    this.lines.value = [];
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
    for (const stop of this.#stops) stop();
    await this.#account.value?.close();
  }

  #running(): Running | undefined {
    const { value } = this.deployment;
    return value.state === 'opening' ? undefined : value.running;
  }

  async #deploy(files: Files): Promise<DeployedInfo> {
    const project = { modules: files };
    if (this.#account.value) return this.#account.value.deploy(project);
    const account = await this.#open({ name: this.#name, storage: 'auto', ...project });
    this.#adopt(account);
    return account.deployment;
  }

  /**
   * The code in the editor does not deploy, but what ran on the last visit may still be there. If it is not, the reason
   * to tell is still why the code did not deploy.
   */
  async #joinWhatRuns(): Promise<void> {
    const joined = await this.#open({ name: this.#name, storage: 'auto' }).catch(() => undefined);
    if (joined) this.#adopt(joined);
  }

  #adopt(account: Account): void {
    if (account.storage.mode === 'memory') {
      this.memoryReason.value = account.storage.reason ?? 'This browser keeps no data for this page.';
    }
    this.#stops = [
      this.timeline.follow(account.trace),
      account.on('storage', ({ lost }) => {
        this.lostWords.value = lost;
      }),
      account.on('log', (line) => this.#hear(line)),
      account.on('objects', () => this.refresh()),
      account.on('deploy', ({ number }) => this.#hearDeployment(number)),
    ];
    this.#account.value = account;
  }

  /** This tab's own deployments are heard here too, with a number that is known by then or still being waited for. */
  #hearDeployment(number: number): void {
    const { value } = this.deployment;
    if (value.state === 'opening' || value.state === 'deploying') return;
    if (number <= (value.running?.number ?? 0)) return;
    this.deployment.value = { ...value, running: { number, files: undefined } };
    this.refresh();
  }

  async #act(work: (account: Account) => Promise<void>): Promise<void> {
    const account = this.#account.value;
    if (!account) return;
    try {
      await work(account);
    } finally {
      this.refresh();
    }
  }

  async #read(): Promise<void> {
    const account = this.#account.value;
    if (!account || this.#isClosed) return;
    const objects = await account.inspect.objects();
    const first = this.selected.value === undefined && this.objects.value.length === 0 ? objects[0]?.id : undefined;
    if (first !== undefined) this.selected.value = first;
    const object = objects.find(({ id }) => id === this.selected.value);
    batch(() => {
      this.objects.value = objects;
      this.stored.turnTo(object);
    });
    await this.stored.read();
    await this.#look();
  }

  /** What was being read when somebody left is not missed by anybody. */
  #unlessClosed(reading: Promise<void>): Promise<void> {
    return reading.catch((error: unknown) => {
      if (!this.#isClosed) throw error;
    });
  }

  /** A burst of lines is shown with the next frame, not one by one. */
  #hear(line: LogLine): void {
    this.#lineCount += 1;
    this.#newLines.push({ ...line, number: this.#lineCount });
    if (this.#newLines.length > 1) return;
    requestAnimationFrame(() => {
      this.lines.value = [...this.lines.value, ...this.#newLines].slice(-LINES_MAX);
      this.#newLines = [];
    });
  }
}

function faultOf(error: unknown): Fault {
  const place = error instanceof Error && 'location' in error ? (error.location as SourceLocation) : undefined;
  const prefix = place ? `${place.file}:${place.line}:${place.column}: ` : '';
  const sentence = sentenceOf(error);
  return { sentence: sentence.startsWith(prefix) ? sentence.slice(prefix.length) : sentence, place };
}
