/**
 * A page's connection to its host worker, shared by all simulators of this page that open the same account.
 *
 * Promise: one host per account, machine name and page; it is started by the first who needs it and ended by the last who
 * leaves. The bundler is started by the first deployment and shared by the whole page.
 *
 * Knows nothing of what a host does.
 */
import { systemClock } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { randomName, systemRandom } from '../base/random.ts';
import type { Connection } from '../network/control-port.ts';
import { type Leases, openLeases } from '../network/lease.ts';
import type {
  Deployment,
  DeploymentInfo,
  HostControl,
  HostEvent,
  HostOpened,
  HostOpening,
} from '../protocol/control.ts';
import type { BundlerUrls, CompiledScript, ProjectInput } from '../protocol/deployment.ts';
import { asAccount, type EndpointId, type MachineId } from '../protocol/names.ts';
import { Client } from './client.ts';
import { InspectorThread } from './inspector-thread.ts';
import type { Outbound } from './outside.ts';
import { type StartedRealm, type StartRealm, startRealm } from './start-realm.ts';

/** What a bundler worker does; `src/bundler/bundler.worker.ts` implements it. */
export interface BundlerControl {
  bundle(project: ProjectInput, urls: BundlerUrls): Promise<CompiledScript>;
}

export interface JoinOptions {
  account: string;
  machine: string | undefined;
  start: StartRealm;
  startBundler: StartRealm;
  /** fetches the inspector, if that was not done, and gives what starts it */
  prepareInspector(): Promise<StartRealm>;
  bundlerUrls: BundlerUrls;
  opening: Omit<HostOpening, 'account' | 'machine' | 'outside'>;
  /** what answers for the internet, if anybody does */
  outbound: Outbound | undefined;
}

/** What concerns each simulator; the rest is the connection's own business. */
export type ToldEvent = Exclude<HostEvent, { e: 'trace' | 'tracing' | 'sound' | 'weather' | 'link' }>;

type Listener = (event: ToldEvent) => void;

/** hosts of this page that are open or opening, by account and machine name */
const hosts = new Map<string, Promise<HostConnection>>();
let bundler: StartedRealm<BundlerControl> | undefined;

/** Starts the account's host, or joins the one that this page has. */
export function joinHost(options: JoinOptions): Promise<HostConnection> {
  const key = JSON.stringify([options.account, options.machine ?? null]);
  const known = hosts.get(key);
  const joined = known ?? HostConnection.start(options, () => hosts.delete(key));
  if (!known) {
    hosts.set(key, joined);
    joined.catch(() => hosts.delete(key));
  }
  return joined.then((connection) => {
    connection.enter(options.outbound);
    return connection;
  });
}

export class HostConnection {
  readonly opened: HostOpened;
  readonly client: Client;
  readonly #control: Connection<HostControl>;
  readonly #options: JoinOptions;
  readonly #worker: Worker;
  readonly #events: MessagePort;
  readonly #onLast: () => void;
  readonly #listeners = new Set<Listener>();
  #users = 0;
  /** number of the newest deployment that the listeners were told of, or found here */
  #deployment: number;

  static async start(options: JoinOptions, onLast: () => void): Promise<HostConnection> {
    const events = new MessageChannel();
    const { worker, connection } = startRealm<HostControl>(options.start, [events.port2]);
    const random = systemRandom();
    const account = asAccount(options.account);
    const machine = (options.machine ?? randomName(random)) as MachineId;
    const endpoint = randomName(random) as EndpointId;
    let leases: Leases;
    let opened: HostOpened;
    try {
      leases = await openLeases();
      const outside = options.outbound ? { outside: endpoint } : {};
      opened = (await connection.remote.open({ ...options.opening, ...outside, account, machine })) as HostOpened;
    } catch (error) {
      connection.release();
      events.port1.close();
      worker.terminate();
      throw error;
    }
    const control = connection.remote as unknown as HostControl;
    const clock = systemClock();
    const thread = new InspectorThread({
      clock,
      opening: { account, storage: opened.storage, engine: options.opening.engine },
      prepare: () => options.prepareInspector(),
      serveStores: (port) => control.serveStores(port),
    });
    const client = await Client.open({
      account,
      endpoint,
      machine,
      control,
      clock,
      anchors: opened.clock,
      random,
      leases,
      thread,
    });
    return new HostConnection({ options, connection, worker, events: events.port1, opened, client, onLast });
  }

  private constructor(parts: {
    options: JoinOptions;
    connection: Connection<HostControl>;
    worker: Worker;
    events: MessagePort;
    opened: HostOpened;
    client: Client;
    onLast: () => void;
  }) {
    this.#options = parts.options;
    this.#control = parts.connection;
    this.#worker = parts.worker;
    this.#events = parts.events;
    this.opened = parts.opened;
    this.client = parts.client;
    this.#onLast = parts.onLast;
    this.#deployment = parts.opened.deployment;
    parts.events.onmessage = (event: MessageEvent<HostEvent>) => this.#tell(event.data);
    globalThis.addEventListener?.('pagehide', this.#yield);
    globalThis.document?.addEventListener('freeze', this.#yield);
    globalThis.addEventListener?.('pageshow', this.#wake);
    globalThis.document?.addEventListener('resume', this.#wake);
  }

  get control(): HostControl {
    return this.#control.remote as unknown as HostControl;
  }

  /** @throws SimulatorError `config_invalid` when isolates of this machine were started without one who answers for the internet */
  enter(outbound: Outbound | undefined): void {
    if (outbound && !this.#options.outbound) {
      throw new SimulatorError(
        'config_invalid',
        `The account "${this.#options.account}" is open in this page without "outbound": close it first, or open another machine.`,
      );
    }
    if (outbound) this.client.outside.answerWith(outbound);
    this.#users++;
  }

  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Every simulator of this page hears of it, if it is news. @throws SimulatorError `bundle_failed` or `config_invalid` */
  async deploy(deployment: Deployment): Promise<DeploymentInfo> {
    const info = await this.control.deploy(deployment);
    this.client.deployed(info);
    this.#tell({ e: 'deploy', info });
    return info;
  }

  /** @throws SimulatorError `bundle_failed` or `config_invalid` */
  async bundle(project: ProjectInput): Promise<CompiledScript> {
    bundler ??= startBundler(this.#options);
    return (await bundler.connection.remote.bundle(project, this.#options.bundlerUrls)) as CompiledScript;
  }

  /** The last one to leave ends the host. Deleting asks that no other simulator of this page uses the account. */
  async leave(options: { delete: boolean }): Promise<void> {
    if (options.delete && this.#users > 1) {
      throw new SimulatorError(
        'config_invalid',
        `The account "${this.#options.account}" is open ${this.#users} times in this page: close the others before deleting it.`,
      );
    }
    this.#users--;
    if (this.#users > 0) return;
    this.#onLast();
    globalThis.removeEventListener?.('pagehide', this.#yield);
    globalThis.document?.removeEventListener('freeze', this.#yield);
    globalThis.removeEventListener?.('pageshow', this.#wake);
    globalThis.document?.removeEventListener('resume', this.#wake);
    this.client.close();
    try {
      await this.control.close(options); // the host's thread ends by itself after that
    } catch (error) {
      this.#worker.terminate();
      throw error;
    } finally {
      this.#control.release();
      this.#events.close();
      if (hosts.size === 0) stopBundler();
    }
  }

  /** The same deployment may be heard of twice: from who deployed, and from the account. */
  #tell(event: HostEvent): void {
    if (event.e === 'deploy') {
      if (event.info.number <= this.#deployment) return;
      this.#deployment = event.info.number;
    }
    // The page's simulators share what it knows of the trace.
    if (event.e === 'trace') this.client.trace.heard(event.batch);
    else if (event.e === 'tracing') this.client.trace.turned(event.isOn);
    else if (event.e === 'sound') this.client.sound();
    else if (event.e === 'weather') this.client.feel(event.weather);
    else if (event.e === 'link') this.client.acceptLink(event);
    else this.#tellListeners(event);
  }

  #tellListeners(event: ToldEvent): void {
    if (event.e === 'clock') this.client.clockMoved(event.anchors);
    for (const listener of [...this.#listeners]) listener(event);
  }

  /** The tab is being frozen or left: objects go where somebody can answer for them. */
  readonly #yield = (): void => {
    void this.control.yieldObjects().catch(() => {}); // a page that is torn down hears no answer
  };

  readonly #wake = (): void => {
    void this.control.wake().catch(() => {}); // it is being closed
  };
}

function startBundler(options: JoinOptions): StartedRealm<BundlerControl> {
  const started = startRealm<BundlerControl>(options.startBundler);
  void started.died.then(() => {
    bundler = undefined;
  });
  return started;
}

/** Close leaves nothing behind: with the last host goes the bundler. */
function stopBundler(): void {
  bundler?.connection.release();
  bundler?.worker.terminate();
  bundler = undefined;
}
