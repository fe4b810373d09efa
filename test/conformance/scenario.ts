/**
 * What a scenario is: a program, and what a client outside does to it.
 *
 * Promise: a scenario is data plus one function over `Client`, so every driver plays exactly the same thing. The
 * program is text and runs unmodified; it shares no module state between objects or with its Worker, because the
 * platform does not promise any.
 *
 * Knows nothing of workerd, of the simulator, or of where transcripts lie.
 */
import type { RowId } from './rows.ts';

/** The part of a wrangler configuration that scenarios use; names are wrangler's. */
export interface ScenarioConfig {
  compatibility_date?: string;
  compatibility_flags?: readonly string[];
  vars?: Readonly<Record<string, string | number | boolean>>;
  /** `script_name` says of which of two Workers the class is, when it is not of this one */
  durable_objects?: { bindings: readonly { name: string; class_name: string; script_name?: 'first' | 'other' }[] };
  services?: readonly {
    binding: string;
    service: 'first' | 'other';
    entrypoint?: string;
    props?: Readonly<Record<string, unknown>>;
  }[];
  migrations?: readonly { tag: string; new_classes?: readonly string[]; new_sqlite_classes?: readonly string[] }[];
}

export interface RequestOptions {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
  redirect?: 'follow' | 'manual';
  /** response headers that become part of the recorded line, in this order */
  showHeaders?: readonly string[];
}

/** What came back; header names are lower case. */
export interface Reply {
  status: number;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** Whoever is outside the cloud. Everything that it does is recorded. */
export interface Client {
  /** Sends one request and records the reply. `path` begins with a slash. */
  fetch(path: string, options?: RequestOptions): Promise<Reply>;
  /** Sends all requests at once and records the replies in the order of the list, whatever order they came in. */
  fetchTogether(requests: readonly { path: string; options?: RequestOptions }[]): Promise<Reply[]>;
  /** Opens a WebSocket and records the answer. Sockets are named a, b, c in the order of opening. */
  socket(path: string, options?: SocketOptions): Promise<ClientSocket>;
  /** Gives the Worker's `scheduled` handler an event and records the outcome. `atMs`: when it is to have been due. */
  scheduled(event?: { cron?: string; atMs?: number }): Promise<void>;
  /** Lets time go by: on workerd it really does, in the simulator its clock is moved. */
  wait(ms: number): Promise<void>;
}

export interface SocketOptions {
  protocols?: readonly string[];
  headers?: Readonly<Record<string, string>>;
  /** response headers that become part of the recorded line, in this order */
  showHeaders?: readonly string[];
}

/** A message of which only the size matters. */
export interface LargeData {
  kind: 'text' | 'bytes';
  /** of a text: its characters, each of one byte */
  size: number;
}

/** One that was not opened is there too, and nothing happens on it. Bytes are lists of numbers. */
export interface ClientSocket {
  send(data: string | readonly number[] | LargeData): Promise<void>;
  close(code?: number, reason?: string): Promise<void>;
  /** Goes away without a close frame. */
  terminate(): Promise<void>;
  /** Waits for the next `count` messages or closes and records them, in order. */
  hears(count?: number): Promise<void>;
}

export interface ScenarioSource {
  /** a sentence about the platform that the transcript shows to be true */
  name: string;
  /** the rows of the surface that it covers */
  rows: readonly RowId[];
  config?: ScenarioConfig;
  /** text of the entry module `index.js`, or of `index.ts` if it is TypeScript; it may import `./prelude.js` */
  program: string;
  /** the program and the modules whose path ends in `.ts` are TypeScript */
  typescript?: boolean;
  /** further modules by path: text, or bytes */
  modules?: Readonly<Record<string, string | readonly number[]>>;
  /** npm packages that the program imports, and those that they import; they are among the project's own */
  packages?: readonly string[];
  /** another Worker beside it, that no client reaches; it may import `./prelude.js` too, and binds what it says itself */
  other?: { program: string; config: ScenarioConfig };
  /**
   * What answers the program's requests to the internet: this Worker itself, or a module with a default export as a Worker has.
   * Without it nobody does. Workers of the account answer for the account's own origin, but on workerd everything is outside.
   */
  outside?: 'itself' | { module: string };
  /**
   * The part of the product that it waits for. Recorded on workerd all the same; the simulator must not agree yet, or the
   * mark has to go.
   */
  waitsFor?: string;
  /**
   * For what takes seconds by its own clock, or thirty because a critical section does: the simulator's clock stands, and is moved
   * on by so much whenever everything waits for it. So nobody waits for real, and no machine is too slow for what is to happen
   * before. It has more time to be recorded.
   */
  advanceMs?: number;
  /** what the client does; one `GET /` when absent */
  steps?: (client: Client) => Promise<void>;
}

/** A scenario together with its id, `area/name`, which is where its file lies. */
export interface Scenario extends ScenarioSource {
  id: string;
}

/** Declares a scenario; a scenario file exports exactly one, as `subject`. */
export function scenario(source: ScenarioSource): ScenarioSource {
  return source;
}

/** Configuration that binds each class under a name: those that have SQLite storage, and those that have not. */
export function objects(
  classes: Readonly<Record<string, string>>,
  withoutSqlite: Readonly<Record<string, string>> = {},
): ScenarioConfig {
  const names = (of: Readonly<Record<string, string>>) => [...new Set(Object.values(of))];
  return {
    durable_objects: {
      bindings: Object.entries({ ...classes, ...withoutSqlite }).map(([name, class_name]) => ({ name, class_name })),
    },
    migrations: [{ tag: 'v1', new_classes: names(withoutSqlite), new_sqlite_classes: names(classes) }],
  };
}

/** The configuration with every default filled in: one class `Obj`, bound as `OBJ`, with SQLite storage. */
export function completeConfig(scenario: Scenario): CompleteConfig {
  return { ...complete(workerName(scenario.id), scenario.config ?? {}, scenario.id), main: mainOf(scenario) };
}

/** Path of the entry module. */
export function mainOf({ typescript }: Pick<Scenario, 'typescript'>): 'index.js' | 'index.ts' {
  return typescript ? 'index.ts' : 'index.js';
}

/** The same of the Worker beside it, when there is one. */
export function otherConfig({ id, other }: Scenario): CompleteConfig | undefined {
  return other && complete(otherName(id), other.config, id);
}

type CompleteConfig = Required<Omit<ScenarioConfig, 'durable_objects' | 'services'>> & {
  services: { binding: string; service: string; entrypoint?: string; props?: Readonly<Record<string, unknown>> }[];
  name: string;
  main: string;
  durable_objects: { bindings: { name: string; class_name: string; script_name?: string }[] };
};

function complete(name: string, config: ScenarioConfig, id: string): CompleteConfig {
  const fallback = objects({ OBJ: 'Obj' });
  const { bindings } = config.durable_objects ?? fallback.durable_objects ?? { bindings: [] };
  const whole = { other: otherName(id), first: workerName(id) };
  return {
    name,
    main: 'index.js',
    compatibility_date: config.compatibility_date ?? defaultCompatibilityDate,
    compatibility_flags: config.compatibility_flags ?? [],
    vars: config.vars ?? {},
    durable_objects: {
      bindings: bindings.map(({ script_name, ...rest }) => ({
        ...rest,
        ...(script_name ? { script_name: whole[script_name] } : {}),
      })),
    },
    services: (config.services ?? []).map(({ service, ...rest }) => ({ ...rest, service: whole[service] })),
    migrations: config.migrations ?? fallback.migrations ?? [],
  };
}

/** Names the Worker after its scenario, so that ids are the same on every runtime and on every day. */
export function workerName(id: string): string {
  return id.replaceAll('/', '-');
}

function otherName(id: string): string {
  return `${workerName(id)}-other`;
}

/** The newest date that the recorded workerd accepts without a complaint. */
export const defaultCompatibilityDate = '2026-07-30';
