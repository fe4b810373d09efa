/**
 * What an embedder holds: one account, seen from one page.
 *
 * Promise: everything it does is asked of a host; closing it ends every worker, channel and lock that it started, and
 * with `delete` everything that was stored. It belongs to no page: the playground uses nothing but this.
 *
 *     OPEN --close()--> CLOSED        every later call fails with `closed`
 *
 * Knows nothing of storage, gates or RPC.
 */
import { must } from './base/assert.ts';
import { SimulatorError } from './base/errors.ts';
import { deleteAccount, listAccounts } from './client/accounts.ts';
import type { Client } from './client/client.ts';
import type { ClockState, SimulatorClock } from './client/clock.ts';
import type { Faults } from './client/faults.ts';
import { type HostConnection, joinHost } from './client/host-connection.ts';
import type { IncomingInit } from './client/incoming.ts';
import type { DeployedInfo, Inspector } from './client/inspect.ts';
import type { Objects } from './client/objects.ts';
import { Preview, type PreviewOptions } from './client/preview.ts';
import type { ConnectOptions } from './client/socket-line.ts';
import type { Trace } from './client/trace.ts';
import type { Durability, LogLine, NetworkMode, StorageMode } from './protocol/control.ts';
import type { CompiledScript, ProjectInput, WranglerConfig } from './protocol/deployment.ts';
import type { LimitsOption } from './protocol/limits.ts';
import type { AnyEnv } from './protocol/public.ts';
import type { ScheduledOptions, ScheduledOutcome } from './protocol/scheduled.ts';
import { OWN_ORIGIN } from './protocol/target.ts';
import {
  compiledWasm,
  loadRealms,
  type Realms,
  realmText,
  realmUrl,
  spawnRealm,
  startable,
  workerUrl,
} from './spawn.ts';

/** One Worker of an account. */
export interface WorkerProject {
  /** paths to contents: `{ 'src/index.ts': '…' }` */
  modules: ProjectInput['modules'];
  /** path of the entry; default: the config's `main`, else what wrangler would take */
  main?: string;
  /** a wrangler config as an object, or the text of a `wrangler.jsonc` or `wrangler.toml`; default: such a file among the modules */
  config?: WranglerConfig | string;
}

export interface SimulatorOptions extends Partial<WorkerProject> {
  /** the account: unit of isolation and of persistence. Tabs that open the same name share its objects. */
  name: string;
  /** instead of `modules`, for several Workers; the first is the entry, `script_name` finds the others */
  workers?: readonly WorkerProject[];
  /**
   * 'auto' (default) is IndexedDB where it works, else memory: `sim.storage` says which. 'indexeddb' rejects with
   * `storage_unavailable` where it does not work. 'memory' is gone with the page.
   */
  storage?: 'auto' | StorageMode;
  /** 'production' (default) enforces what the platform documents, 'workerd' what local workerd checks */
  limits?: LimitsOption;
  /** 'relaxed' (default) survives a killed browser, 'strict' a power cut too */
  durability?: Durability;
  /** two machines of one cloud may live in one page under different names; default: this page's one machine */
  machine?: string;
  /** 'channel' sends everything over the bus, also within this machine */
  network?: NetworkMode;
  /**
   * Answers what programs ask of the internet (`fetch`, WebSockets), instead of the browser: for tests and for what must work
   * offline. What it throws, the program's `fetch` rejects with. Default: the browser, under its rules (CORS). It cannot accept a
   * WebSocket, only refuse one.
   */
  outbound?: (request: Request) => Response | Promise<Response>;
  /** breakpoints: no watchdog ends a busy isolate */
  debug?: boolean;
  /** the worker files and the wasm, where this module cannot fetch them (see `loadRealms`) */
  realms?: Realms;
}

export interface StorageInfo {
  readonly mode: StorageMode;
  /** why 'auto' fell back to memory */
  readonly reason: string | undefined;
  /**
   * The browser had dropped everything that this origin had stored before the account was opened, and these are its words:
   * objects begin anew. Only Chromium says so, and only to the first that opens an account after that.
   */
  readonly lost: string | undefined;
}

/** What `sim.on` tells. */
export interface SimulatorEvents {
  /** the console of Workers and objects, uncaught errors, warnings of the config */
  log: LogLine;
  /** this tab or another deployed */
  deploy: DeployedInfo;
  /** said once, when 'auto' fell back to memory or the browser has lost what was stored */
  storage: StorageInfo;
  /** an object started or ended on this machine: read `sim.inspect.objects()` again */
  objects: undefined;
  /** somebody paused the clock, moved it or changed its rate, here or in another tab */
  clock: ClockState;
}

type Listener<Name extends keyof SimulatorEvents> = (event: SimulatorEvents[Name]) => void;

/** Lines kept for a listener that may never come. */
const EARLY_LINES = 100;

export class Simulator<Env = AnyEnv> implements AsyncDisposable {
  readonly name: string;
  /** relative URLs given to `fetch` resolve against this; it is what `wrangler dev` listens on */
  readonly origin: string = OWN_ORIGIN;
  readonly #connection: HostConnection;
  readonly #client: Client;
  readonly #realms: Realms;
  readonly #previews = new Set<Preview>();
  readonly #listeners = new Map<string, Set<Listener<never>>>();
  readonly #stopListening: () => void;
  #deployment: DeployedInfo | undefined;
  /** what was logged while it was opened, before anybody could listen */
  #earlyLines: LogLine[] | undefined = [];
  #state: { readonly state: 'open' } | { readonly state: 'closed'; readonly done: Promise<void> } = { state: 'open' };

  /**
   * Opens an account and, when code is given, deploys it: nothing happens to the account if the same code is current.
   *
   * @throws SimulatorError `bundle_failed` (with `location`), `config_invalid`, `storage_unavailable`, `version_mismatch`
   */
  static async open<Env = AnyEnv>(options: SimulatorOptions): Promise<Simulator<Env>> {
    if (typeof options.name !== 'string' || options.name === '') {
      throw new SimulatorError('config_invalid', 'Simulator.open needs a name: the account that it opens.');
    }
    const realms = options.realms ?? (await loadRealms());
    const connection = await joinHost({
      account: options.name,
      machine: options.machine,
      start: (ports) => spawnRealm(realms, realms.host, `durabox host ${options.name}`, ports),
      startBundler: (ports) => spawnRealm(realms, realms.bundler, 'durabox bundler', ports),
      outbound: options.outbound,
      prepareInspector: async () => {
        const source = await startable(realms.inspector);
        return (ports) => spawnRealm(realms, source, `durabox inspector ${options.name}`, ports);
      },
      bundlerUrls: {
        typescript: realms.typescript && realmUrl(realms.typescript),
        nodeModules: realms.nodeModules && realmUrl(realms.nodeModules),
        htmlRewriter: realms.htmlRewriter && realmUrl(realms.htmlRewriter),
      },
      opening: {
        engine: { wasm: await compiledWasm(realms) },
        isolateUrl: workerUrl(realms, realms.isolate),
        storage: options.storage ?? 'auto',
        durability: options.durability ?? 'relaxed',
        limits: options.limits ?? 'production',
        network: options.network ?? 'auto',
        debug: options.debug ?? false,
      },
    });
    const simulator = new Simulator<Env>(options.name, connection, realms);
    try {
      const projects = projectsOf(options);
      if (projects) await simulator.#deploy(projects);
      else await simulator.#join();
    } catch (error) {
      await simulator.close();
      throw error;
    }
    return simulator;
  }

  /** Names of the accounts that this origin has stored, sorted. */
  static async list(): Promise<string[]> {
    const realms = await loadRealms();
    return listAccounts((ports) => spawnRealm(realms, realms.host, 'durabox accounts', ports));
  }

  /**
   * Removes everything that an account has stored; nothing happens when there is none.
   *
   * @throws SimulatorError `config_invalid` while it is open anywhere
   */
  static async delete(name: string): Promise<void> {
    const realms = await loadRealms();
    await deleteAccount((ports) => spawnRealm(realms, realms.host, 'durabox accounts', ports), name);
  }

  private constructor(name: string, connection: HostConnection, realms: Realms) {
    this.name = name;
    this.#realms = realms;
    this.#connection = connection;
    this.#client = connection.client;
    this.#stopListening = connection.listen((event) => {
      switch (event.e) {
        case 'log':
          this.#emit('log', event.line);
          return;
        case 'deploy':
          this.#client.deployed(event.info);
          this.#emit('deploy', this.#heard(event.info));
          return;
        case 'objects':
          this.#emit('objects', undefined);
          return;
        case 'clock': {
          const { rate, isPaused, motion } = event.anchors;
          if (motion !== 'held') this.#emit('clock', { now: this.#client.nowMs(), rate, isPaused });
          return;
        }
        case 'gone':
          this.#client.gone(event.endpoint, event.error);
          return;
        case 'moved':
          this.#client.moved(event.object, event.epoch, event.machine);
          return;
        default:
          event satisfies never;
      }
    });
  }

  /** Where objects are kept, why that is memory when it was not asked for, and whether the browser lost what they had. */
  get storage(): StorageInfo {
    const { storage, storageReason, storageLost } = this.#connection.opened;
    return { mode: storage, reason: storageReason, lost: storageLost };
  }

  /** The machine of the account that this simulator is: what `machine` said, or a name of its own. */
  get machine(): string {
    return this.#connection.opened.machine;
  }

  /** What is current, as far as this page has heard. */
  get deployment(): DeployedInfo {
    return must(this.#deployment, 'the deployment of an open simulator');
  }

  /** Stubs from the page: `sim.env.COUNTERS.getByName('a').increment()`. Follows deployments. */
  get env(): Env {
    this.#assertOpen();
    return this.#client.env as Env;
  }

  /** Reads what is there and never wakes anything. */
  get inspect(): Inspector {
    this.#assertOpen();
    return this.#client.inspector;
  }

  /** Evicts and crashes objects, changes what they have stored, takes it out as files and back in. */
  get objects(): Objects {
    this.#assertOpen();
    return this.#client.objects;
  }

  /** Misfortune on purpose: storage that is slow, a network that is slow, blocked or breaks. */
  get faults(): Faults {
    this.#assertOpen();
    return this.#client.faults;
  }

  /** What happens in the account, event by event, with causes; nothing is written down before it is asked for. */
  get trace(): Trace {
    this.#assertOpen();
    return this.#client.trace;
  }

  /** The account's clock, which programs go by: pause it, change its rate, move it on. */
  get clock(): SimulatorClock {
    this.#assertOpen();
    return this.#client.clock;
  }

  /**
   * The Worker's default `fetch`, as a client on the internet would call it; of several, the one whose route it is. `init.cf` is
   * laid over what `request.cf` says otherwise. Bound: may be passed on as a function.
   */
  readonly fetch = async (input: RequestInfo | URL, init?: IncomingInit): Promise<Response> => {
    this.#assertOpen();
    return this.#client.fetch(input, init, this.origin);
  };

  /**
   * Gives the Worker's `scheduled` handler an event, as a cron trigger would. Resolves when the handler and all that it gave
   * to `ctx.waitUntil` are over; what fails is logged and told by the outcome.
   */
  async scheduled(event: ScheduledOptions = {}): Promise<ScheduledOutcome> {
    this.#assertOpen();
    return this.#client.scheduled(event);
  }

  /** A standard `WebSocket` class whose server is the Worker's default `fetch`; may be handed to libraries. */
  get WebSocket(): typeof WebSocket {
    this.#assertOpen();
    return this.#client.socketClass(this.origin);
  }

  /** As `new sim.WebSocket(url, protocols)`, with more request headers than a browser lets a page send. */
  connect(url: string | URL, protocols?: string | string[], options: ConnectOptions = {}): WebSocket {
    this.#assertOpen();
    return this.#client.connect(url, protocols, { ...options, origin: this.origin });
  }

  /**
   * Shows the Worker's pages in `frame`, as a browser with cookies and a history of its own would. The frame becomes opaque
   * (`sandbox`): nothing in it reaches this page or its storage. Close it before the frame goes.
   */
  preview(frame: HTMLIFrameElement, options: PreviewOptions = {}): Preview {
    this.#assertOpen();
    const preview: Preview = new Preview({
      ...options,
      frame,
      origin: this.origin,
      fetch: (url, init) => this.fetch(url, init),
      connect: (url, protocols, headers) =>
        this.connect(url, [...protocols], { headers: headers.map(([name, value]): [string, string] => [name, value]) }),
      shim: () => realmText(this.#realms.preview),
      now: () => this.#client.nowMs(),
      routes: () => this.#client.routes,
      onClose: () => this.#previews.delete(preview),
    });
    this.#previews.add(preview);
    return preview;
  }

  /** Deploys new code; data is kept and migrations are applied. The old code keeps running if this rejects. */
  async deploy(project: WorkerProject | { workers: readonly WorkerProject[] }): Promise<DeployedInfo> {
    this.#assertOpen();
    return this.#deploy('workers' in project ? project.workers : [project]);
  }

  /**
   * Returns what stops it. The first listener of 'log' hears what was said before, and one of 'storage' what there is to
   * hear, each in a microtask.
   */
  on<Name extends keyof SimulatorEvents>(name: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener as Listener<never>));
    const { reason, lost } = this.storage;
    if (name === 'storage' && (reason !== undefined || lost !== undefined)) {
      queueMicrotask(() => (listener as Listener<'storage'>)(this.storage));
    }
    if (name === 'log' && this.#earlyLines) {
      const lines = this.#earlyLines;
      this.#earlyLines = undefined;
      queueMicrotask(() => {
        for (const line of lines) (listener as Listener<'log'>)(line);
      });
    }
    return () => listeners.delete(listener as Listener<never>);
  }

  /**
   * Ends everything this simulator started; with `delete`, removes everything the account has stored.
   *
   * @throws SimulatorError `storage_failed` when something of that cannot be deleted because a thread that does not end has it
   * open: the message names it. What was started has ended, and `Simulator.delete` may be tried later.
   */
  close(options: { delete?: boolean } = {}): Promise<void> {
    if (this.#state.state === 'closed') return this.#state.done;
    this.#stopListening();
    for (const preview of this.#previews) preview.close();
    const done = this.#connection.leave({ delete: options.delete ?? false });
    this.#state = { state: 'closed', done };
    return done;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #deploy(projects: readonly WorkerProject[]): Promise<DeployedInfo> {
    const scripts: CompiledScript[] = [];
    for (const project of projects) scripts.push(await this.#connection.bundle(project));
    const info = await this.#connection.deploy({ scripts });
    for (const script of scripts) {
      for (const text of script.warnings) {
        this.#emit('log', { level: 'warn', text, source: script.name, atMs: this.#client.nowMs() });
      }
    }
    return this.#heard(info);
  }

  async #join(): Promise<void> {
    const info = await this.#connection.control.current();
    if (!info) {
      throw new SimulatorError(
        'config_invalid',
        `Nothing was ever deployed to the account "${this.name}": open it with modules.`,
      );
    }
    this.#client.deployed(info);
    this.#heard(info);
  }

  /** Remembers the newest deployment; gives the one that was heard of. */
  #heard({ number, hash }: DeployedInfo): DeployedInfo {
    if (number >= (this.#deployment?.number ?? 0)) this.#deployment = { number, hash };
    return { number, hash };
  }

  #emit<Name extends keyof SimulatorEvents>(name: Name, event: SimulatorEvents[Name]): void {
    if (name === 'log' && (this.#earlyLines?.length ?? 0) < EARLY_LINES) this.#earlyLines?.push(event as LogLine);
    for (const listener of this.#listeners.get(name) ?? []) (listener as Listener<Name>)(event);
  }

  #assertOpen(): void {
    if (this.#state.state === 'closed') {
      throw new SimulatorError('closed', `The simulator of "${this.name}" was closed; open it again.`);
    }
  }
}

function projectsOf(options: SimulatorOptions): readonly WorkerProject[] | undefined {
  if (options.workers && options.modules) {
    throw new SimulatorError('config_invalid', 'Give Simulator.open either modules or workers, not both.');
  }
  if (options.workers) return options.workers;
  if (!options.modules) return undefined;
  const { modules, main, config } = options;
  return [{ modules, ...(main === undefined ? {} : { main }), ...(config === undefined ? {} : { config }) }];
}
