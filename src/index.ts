/** The library: public names, nothing else. */
export { SimulatorError, type SimulatorErrorCode, type SourceLocation } from './base/errors.ts';
export type { DeployedInfo, InspectedObject, Inspector, Objects, StoredEntry } from './client/inspect.ts';
export type { ObjectReference } from './client/references.ts';
export type { Durability, LogLine, NetworkMode, StorageMode } from './protocol/control.ts';
export type { WranglerConfig } from './protocol/deployment.ts';
export type { Limits, LimitsOption } from './protocol/limits.ts';
export type { AnyEnv, DurableObjectId, DurableObjectNamespace, DurableObjectStub, Rpc } from './protocol/public.ts';
export { Simulator, type SimulatorEvents, type SimulatorOptions, type WorkerProject } from './simulator.ts';
export { type LoadRealmsOptions, loadRealms, type RealmSource, type Realms } from './spawn.ts';
