/** The library: public names, nothing else. */
export { SimulatorError, type SimulatorErrorCode, type SourceLocation } from './base/errors.ts';
export type { ClockState, SimulatorClock } from './client/clock.ts';
export type {
  Fault,
  Faults,
  FaultWhere,
  LastingFault,
  NetworkBandwidth,
  NetworkLatency,
  StorageFault,
} from './client/faults.ts';
export type {
  DeployedInfo,
  InspectedObject,
  Inspector,
  ObjectState,
  QueryOptions,
  StoredEntry,
} from './client/inspect.ts';
export type { ImportedFolder, ObjectFile, Objects } from './client/objects.ts';
export type { Preview, PreviewEvents, PreviewOptions } from './client/preview.ts';
export type { SocketEvent } from './client/preview-sockets.ts';
export type { ObjectReference } from './client/references.ts';
export type { FreshEvents } from './client/trace.ts';
export type { Awake, Durability, LogLine, NetworkMode, StorageMode } from './protocol/control.ts';
export type { Cookie } from './protocol/cookies.ts';
export type { WranglerConfig } from './protocol/deployment.ts';
export type { EditResult, SqlBinding } from './protocol/edits.ts';
export type { FaultDirection } from './protocol/faults.ts';
export type {
  AtMoment,
  EntryRange,
  FacetPath,
  InspectedColumn,
  InspectedFacet,
  InspectedHistory,
  InspectedMoment,
  InspectedPoint,
  InspectedTable,
  InspectedValue,
  QueryResult,
} from './protocol/inspection.ts';
export type { Limits, LimitsOption } from './protocol/limits.ts';
export type { AnyEnv, DurableObjectId, DurableObjectNamespace, DurableObjectStub, Rpc } from './protocol/public.ts';
export type { ScheduledOptions, ScheduledOutcome } from './protocol/scheduled.ts';
export type { SocketCounts, ThreadSockets } from './protocol/socket-counts.ts';
export type { TraceActor, TraceEvent } from './protocol/trace.ts';
export {
  Simulator,
  type SimulatorEvents,
  type SimulatorOptions,
  type StorageInfo,
  type WorkerProject,
} from './simulator.ts';
export { type LoadRealmsOptions, loadRealms, type RealmSource, type Realms } from './spawn.ts';
