/**
 * The control plane: what only we can see. If user code can observe it, it is a frame (link.ts), not here.
 *
 * Between page and host these are methods (over `network/control-port.ts`); between host and isolate they are plain
 * messages, because a library that calls through prototypes must not run where user code may have patched them.
 * Promise: everything here is structured-cloneable; ports travel beside it as transferables.
 */
import type { AlarmOrder, AlarmOutcome } from './alarms.ts';
import type { CacheAnswer, CacheOrder } from './cache.ts';
import type { ClockAnchors, ClockMove, ClockMoved, StillReport } from './clock.ts';
import type { ControlError } from './control-error.ts';
import type { Binding, ClassStorage, CompiledScript } from './deployment.ts';
import type { CheckedFile, EditResult, ObjectEdit } from './edits.ts';
import type { FaultOrder, NetworkFault, Weather } from './faults.ts';
import type { Limits, LimitsOption } from './limits.ts';
import type { WireError } from './link.ts';
import type { Account, ConnectionId, EndpointId, Epoch, LinkId, MachineId, ObjectAddress, UniqueKey } from './names.ts';
import type { Route } from './routes.ts';
import type { SocketCounts, ThreadSockets } from './socket-counts.ts';
import type { KeptSockets, SocketDeed, SocketEvent } from './sockets.ts';
import type { ObjectTarget, Target } from './target.ts';
import type { LogLevel } from './trace.ts';
import type { TraceBatch } from './trace-batch.ts';

/** sql.js, compiled once by the page; `calibration` is what the first engine measured of this build. */
export interface EngineParts {
  readonly wasm: WebAssembly.Module;
  readonly calibration?: unknown;
}

export type StorageMode = 'indexeddb' | 'memory';
export type NetworkMode = 'auto' | 'channel';
export type Durability = 'relaxed' | 'strict';

/** Where to find it: `port` comes with a MessagePort of the same machine, `channel` is dialled by rendezvous. */
export type ConnectAnswer = {
  readonly endpoint: EndpointId;
  readonly epoch: Epoch;
  readonly machine: MachineId;
} & ({ readonly carrier: 'port'; readonly link: LinkId } | { readonly carrier: 'channel' });

/** A namespace that a script can reach. */
export interface NamespaceBinding {
  readonly name: string;
  readonly namespace: UniqueKey;
  readonly className: string;
}

/** What every isolate of one script has in common. */
export interface Plan {
  readonly script: CompiledScript;
  /** name of the script that answers for the account */
  readonly entry: string;
  /** the addresses for which the account's Workers answer */
  readonly routes: readonly Route[];
  /** a page answers for every other address */
  readonly hasOutside: boolean;
  readonly deployment: number;
  readonly namespaces: readonly NamespaceBinding[];
  /** the script's own classes that have one, bound or not */
  readonly ownNamespaces: readonly Omit<NamespaceBinding, 'name'>[];
  readonly limits: Limits;
  readonly debug: boolean;
}

/** The object that an isolate becomes. */
export interface AssignedObject {
  readonly kind: 'object';
  readonly className: string;
  readonly namespace: UniqueKey;
  readonly address: ObjectAddress;
  readonly id: string;
  readonly name: string | undefined;
  /** what its class was created with */
  readonly backend: ClassStorage;
  readonly storage: StorageMode;
  readonly durability: Durability;
  /** how slow its storage is on purpose, ms of the program's time */
  readonly storageLatencyMs: number;
  /** sockets that its instance before left; undefined: none */
  readonly sockets?: KeptSockets;
}

/** What an isolate must know to become one object or one Worker. */
export interface Assignment extends Plan {
  readonly role: { readonly kind: 'worker' } | AssignedObject;
  /** the storage of an object without its program: it is edited while it sleeps */
  readonly isStorageOnly?: true;
}

export interface LogLine {
  readonly level: LogLevel;
  readonly text: string;
  /** `Class:name`, or the script's name for a Worker */
  readonly source: string;
  readonly atMs: number;
}

/** Host to isolate. */
export type ToIsolate =
  | {
      readonly c: 'boot';
      readonly account: Account;
      readonly machine: MachineId;
      readonly endpoint: EndpointId;
      /** the host's own, where it keeps sockets */
      readonly host: EndpointId;
      readonly engine: EngineParts;
      readonly locks: boolean;
      /** it writes a trace from its first event on */
      readonly isTraced: boolean;
      /** of the network, from its first link on */
      readonly faults: readonly NetworkFault[];
      readonly clock: ClockAnchors;
      /** there is room for an engine of its own from the first */
      readonly mayHoldEngine: boolean;
    }
  /** concerning its engine; answered by `engine`, but `keep` */
  | { readonly c: 'engine'; readonly order: EngineOrder }
  /** it writes a trace from now on, or none; answered by `tracing` */
  | { readonly c: 'trace'; readonly isOn: boolean }
  /** the events that it has noted; answered by `traced`, if there are any */
  | { readonly c: 'hand-over' }
  /** its storage is so slow from now on; answered by `slowed` */
  | { readonly c: 'slow'; readonly storageLatencyMs: number }
  /** faults of the network; answered by `felt` */
  | { readonly c: 'weather'; readonly weather: Weather }
  /** it will become an object of this plan, or nothing: everything that needs no object and runs no code of it is done now */
  | { readonly c: 'prepare'; readonly plan: Plan; readonly isRehearsed: boolean }
  | { readonly c: 'assign'; readonly assignment: Assignment }
  /** the other end of this port is the peer's end of the link */
  | { readonly c: 'link'; readonly link: LinkId; readonly from: EndpointId; readonly port: MessagePort }
  | { readonly c: 'connected'; readonly id: number; readonly answer: ConnectAnswer; readonly port?: MessagePort }
  | { readonly c: 'cached'; readonly id: number; readonly answer: CacheAnswer }
  | { readonly c: 'connect-failed'; readonly id: number; readonly error: ControlError }
  | { readonly c: 'stored'; readonly id: number; readonly result: unknown }
  | { readonly c: 'store-failed'; readonly id: number; readonly error: ControlError }
  /** it ends in good order, if it can */
  | { readonly c: 'drain'; readonly why: DrainReason }
  /** what keeps the instance from going; answered by `looked` */
  | { readonly c: 'look' }
  /** a change to what the object has stored, which goes through its input gate */
  | { readonly c: 'edit'; readonly id: number; readonly edit: ObjectEdit }
  /** concerning the object's alarm */
  | { readonly c: 'alarm'; readonly id: number; readonly order: AlarmOrder }
  /** the alarm index says so now; `error`: it could not be written */
  | { readonly c: 'alarm-noted'; readonly id: number; readonly error?: ControlError }
  /** the object must end now; what its callers see is `error` */
  | { readonly c: 'reset'; readonly error: WireError }
  /** an endpoint died; links to it are lost, or broken by `error` when the host knows why */
  | { readonly c: 'gone'; readonly endpoint: EndpointId; readonly error: WireError | undefined }
  /** the object runs on that machine, under this epoch, now: links of a lower one are lost, and sockets held elsewhere */
  | ({ readonly c: 'moved' } & Moved)
  /** the account's clock goes by these anchors now */
  | { readonly c: 'clock'; readonly anchors: ClockAnchors }
  /** what happened on the sockets that the host keeps for the object, in order */
  | { readonly c: 'sockets'; readonly events: readonly SocketEvent[] }
  /** the host gave the automatic answer */
  | { readonly c: 'socket-answered'; readonly connection: ConnectionId; readonly atMs: number }
  /** say `still` when you are */
  | { readonly c: 'sound' }
  /** how many WebSockets it has; answered by `counted` */
  | { readonly c: 'count' }
  /** say `pulse` at once: you do not compute on and on */
  | { readonly c: 'pulse' };

/**
 * Why an instance should end. `asked`: somebody wants that. `surplus`: there are more than usual, so one that nobody has reached
 * yet stays. `pressed`: others wait for its room, so one that cannot go says `idle` as soon as it can.
 */
export type DrainReason = 'asked' | 'surplus' | 'pressed';

/**
 * What an isolate is told about its engine. `take`: there is room for one. `lend`: others need its place, so it gives it up as soon as
 * it rests, and says at once whether that is now. `keep`: they do not any more. `refuse`: all are in use. `no room`: the browser gives none.
 */
export type EngineOrder = 'take' | 'lend' | 'keep' | 'refuse' | 'no room';

/** What an isolate says about its engine: it needs one, has one (still), or has none (any more). */
export type EngineNews = 'wanted' | 'held' | 'none';

/** Isolate to host. */
export type FromIsolate =
  /** `calibration` is unknown where there was no room for an engine */
  | { readonly c: 'booted'; readonly calibration: unknown; readonly hasEngine: boolean }
  | { readonly c: 'engine'; readonly news: EngineNews }
  | { readonly c: 'boot-failed'; readonly error: ControlError }
  /** code is loaded and the log is open under this epoch; links may come */
  | { readonly c: 'started'; readonly epoch: Epoch }
  | { readonly c: 'start-failed'; readonly error: ControlError }
  | { readonly c: 'connect'; readonly id: number; readonly target: Target }
  /** a question to it has been open for long: is its holder alive? */
  | { readonly c: 'probe'; readonly target: Target }
  /** memory mode: one call of the object's store, which lives in the host */
  | { readonly c: 'store'; readonly id: number; readonly method: string; readonly args: readonly unknown[] }
  | { readonly c: 'drained' }
  | { readonly c: 'drain-refused'; readonly reason: string }
  | { readonly c: 'looked'; readonly awake: Awake }
  /** it is durable */
  | { readonly c: 'edited'; readonly id: number; readonly result: EditResult }
  /** nothing of it was kept */
  | { readonly c: 'edit-failed'; readonly id: number; readonly error: ControlError }
  | { readonly c: 'alarmed'; readonly id: number; readonly outcome: AlarmOutcome }
  /** for the alarm index: the object's alarm as of that record of its log, which may be about to be written */
  | { readonly c: 'cache'; readonly id: number; readonly order: CacheOrder }
  | { readonly c: 'note-alarm'; readonly id: number; readonly alarm: number | null; readonly sequence: number }
  /** what the object does with the sockets that the host keeps, in order */
  | { readonly c: 'sockets'; readonly deeds: readonly SocketDeed[] }
  /** nothing happened for the whole idle time and nothing is pending */
  | { readonly c: 'idle' }
  /** the instance is finished; terminate at once and start the next one at the next call */
  | { readonly c: 'reset'; readonly message: string; readonly error: WireError }
  | { readonly c: 'log'; readonly line: LogLine }
  | { readonly c: 'tracing' }
  /** it began a batch of its trace, and wants to be told after so long to hand it over */
  | { readonly c: 'noted'; readonly forMs: number }
  | { readonly c: 'traced'; readonly batch: TraceBatch }
  /** it has come to rest since it was asked */
  | { readonly c: 'still'; readonly report: StillReport }
  | { readonly c: 'slowed' }
  | { readonly c: 'felt' }
  | { readonly c: 'counted'; readonly sockets: SocketCounts }
  | { readonly c: 'pulse' };

/** What a page asks of its host when it opens an account. */
export interface HostOpening {
  readonly account: Account;
  readonly machine: MachineId;
  readonly engine: EngineParts;
  /** URL (network or blob) of the isolate's module */
  readonly isolateUrl: string;
  readonly storage: 'auto' | StorageMode;
  readonly durability: Durability;
  readonly limits: LimitsOption;
  readonly network: NetworkMode;
  readonly debug: boolean;
  /** the page, if it answers for the internet */
  readonly outside?: EndpointId;
}

export interface HostOpened {
  readonly storage: StorageMode;
  /** why 'auto' fell back to memory */
  readonly storageReason: string | undefined;
  /** the browser's words, if it had dropped all that this origin had stored */
  readonly storageLost: string | undefined;
  readonly machine: MachineId;
  /** 0 when nothing was ever deployed */
  readonly deployment: number;
  readonly clock: ClockAnchors;
}

/** The scripts of one deployment; the first is the entry. */
export interface Deployment {
  readonly scripts: readonly CompiledScript[];
}

export interface DeploymentInfo {
  readonly number: number;
  readonly hash: string;
  readonly entry: string;
  readonly routes: readonly Route[];
  readonly namespaces: readonly NamespaceBinding[];
  /** of the entry */
  readonly services: readonly Extract<Binding, { type: 'service' }>[];
}

/** One object, as the inspector lists it. */
export interface ObjectInfo {
  readonly className: string;
  readonly namespace: UniqueKey;
  readonly id: string;
  readonly name: string | undefined;
  /** live: it has an instance on this machine; remote: another machine holds it; sleeping: stored only */
  readonly state: 'live' | 'remote' | 'sleeping';
}

/** How long an instance will stay. */
export interface Awake {
  /** what keeps it, in words; undefined: nothing does */
  readonly why: string | undefined;
  /** when it goes by itself unless something happens first, by the program's clock; undefined while what keeps it has no end */
  readonly untilMs: number | undefined;
}

/** Events a host tells its page. */
export type HostEvent =
  | { readonly e: 'log'; readonly line: LogLine }
  | { readonly e: 'deploy'; readonly info: DeploymentInfo }
  | { readonly e: 'objects' }
  | { readonly e: 'trace'; readonly batch: TraceBatch }
  /** a page of the account listens to the trace, or none does any more */
  | { readonly e: 'tracing'; readonly isOn: boolean }
  | { readonly e: 'gone'; readonly endpoint: EndpointId; readonly error: WireError | undefined }
  | ({ readonly e: 'moved' } & Moved)
  | { readonly e: 'weather'; readonly weather: Weather }
  /** an isolate has something to ask of the page, over this port */
  | {
      readonly e: 'link';
      readonly link: LinkId;
      readonly from: EndpointId;
      readonly epoch: Epoch;
      readonly port: MessagePort;
    }
  | { readonly e: 'clock'; readonly anchors: ClockAnchors }
  /** say `pageStill` when you are */
  | { readonly e: 'sound' };

/** What a host does for the inspector in memory mode, where only it has the stores. They are read and nothing else. */
export interface StoreReader {
  has(object: ObjectAddress): Promise<boolean>;
  readHead(object: ObjectAddress): Promise<unknown>;
  readRecords(object: ObjectAddress, range: unknown): Promise<unknown>;
  readExtents(object: ObjectAddress, range: unknown): Promise<unknown>;
  readMoments(object: ObjectAddress, range: unknown): Promise<unknown>;
  findFence(object: ObjectAddress, epoch: Epoch): Promise<number | undefined>;
}

/** Where an object runs now: whatever was before that epoch is over. */
export interface Moved {
  readonly object: ObjectAddress;
  readonly epoch: Epoch;
  readonly machine: MachineId;
}

/** What a host does for its page. */
export interface HostControl {
  /** May be asked of a host that is not open; so may `deleteAccount`. */
  listAccounts(): Promise<string[]>;
  deleteAccount(account: Account): Promise<void>;
  open(opening: HostOpening): Promise<HostOpened>;
  /** Deploys if the hash differs from the current one's. */
  deploy(deployment: Deployment): Promise<DeploymentInfo>;
  current(): Promise<DeploymentInfo | undefined>;
  /** `port` is given when the carrier is one. */
  connect(target: Target, from: EndpointId): Promise<{ answer: ConnectAnswer; port?: MessagePort }>;
  /**
   * Looks up the holder again; robs it when it is frozen. Resolves when somebody holds the object, and says who: whoever asks may be
   * waiting for one that was there before, and went without a word. Undefined: it is no object.
   */
  probe(target: Target): Promise<Moved | undefined>;
  listObjects(): Promise<ObjectInfo[]>;
  /** What keeps an instance of this machine; undefined when there is none. Asking is no event to it. */
  look(namespace: UniqueKey, id: string): Promise<Awake | undefined>;
  /** WebSockets of this machine's threads, but the page's. */
  countSockets(): Promise<ThreadSockets[]>;
  /** Every namespace of the account. */
  listNamespaces(): Promise<UniqueKey[]>;
  /** Memory mode: serves a `StoreReader` on the port. */
  serveStores(port: MessagePort): Promise<void>;
  /** Changes what an object has stored: by its instance if there is one, wherever that is, else under its lease. */
  edit(object: ObjectTarget, edit: ObjectEdit): Promise<EditResult>;
  /** Replaces all that an object has stored. Its instance is evicted first, wherever it is. */
  importObject(object: ObjectTarget, file: CheckedFile): Promise<void>;
  /** Runs the object's alarm now, if it has one. @returns whether it had one @throws what the handler throws */
  runAlarm(object: ObjectTarget): Promise<boolean>;
  /** Ends the instance in good order, wherever it runs, waiting until nothing holds it; and its hibernatable sockets, if so. */
  evict(namespace: UniqueKey, id: string, closesSockets: boolean): Promise<void>;
  /** The same if nothing holds it now. */
  hibernate(namespace: UniqueKey, id: string): Promise<void>;
  /** Makes the storage of this machine's objects, or of one, slow; resolves when those that run have heard of it. */
  slowStorage(latencyMs: number, object?: ObjectAddress): Promise<void>;
  /** Faults of the account's network. @returns those that there are then, when every thread that runs has heard of it */
  fault(order: FaultOrder): Promise<readonly NetworkFault[]>;
  /** This page listens to the account's trace from now on, or no more. Resolves when this machine's threads have heard of it. */
  trace(isWanted: boolean): Promise<void>;
  /** events of the page itself */
  traced(batch: TraceBatch): Promise<void>;
  /** Those of this machine. */
  evictAll(): Promise<void>;
  /** Ends the instance at once, wherever it runs. Gives its endpoint: the peers need not wait for the death notice. */
  crash(namespace: UniqueKey, id: string): Promise<EndpointId | undefined>;
  /** The page is being frozen or left: every object that can go goes in good order, the rest is reset. */
  yieldObjects(): Promise<void>;
  /** Resolves when every clock of this machine has moved. */
  moveClock(move: ClockMove): Promise<ClockMoved>;
  /** The answer to `sound`. */
  pageStill(report: StillReport): Promise<void>;
  /** The page is shown again after that: this machine runs the account's alarms again when it is its turn. */
  wake(): Promise<void>;
  close(options: { delete: boolean }): Promise<void>;
}
