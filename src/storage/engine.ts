/**
 * The SQLite engine: sql.js with row counts woven in, run over database files that lie in our own memory.
 *
 * Promise: a connection reads and writes nothing but its `PageFile`; closing the connection, or the whole engine, leaves the
 * file whole, and another engine goes on with it. Functions return SQLite's result codes; they throw only for bugs, for an engine
 * that is not the calibrated build (`engine_mismatch`) and for exhausted memory (`overloaded`).
 *
 *     loadEngineMaker() --> make() --> OPEN --close()--> CLOSED --> make() --> ...      sql.js allows one engine in a realm
 *
 * The interfaces are what the rest of storage knows; a fuller build of SQLite may implement them. Knows nothing of
 * transactions, of what user code may do, or of the log.
 */
/// <reference path="../types/sql.js.d.ts" />
import initSqlJs from 'sql.js/dist/sql-wasm-browser.js';
import { assert, must } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import {
  mapDelete,
  mapGet,
  mapSet,
  mapSize,
  NativeMap,
  objectKeys,
  reflectApply,
  stringCharCodeAt,
} from '../base/primordials.ts';
import { type Calibration, calibrate, checkCanary, PROBE_ARGUMENT, type Probe } from './engine-calibration.ts';
import { type Connection, RawConnection } from './engine-connection.ts';
import { Heap, installCallbacks, type Pointer, RAW_NAMES, type RawSqlite, SQLITE_ROW } from './engine-raw.ts';
import { Vfs } from './engine-vfs.ts';
import type { PageFile } from './page-file.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

export type { Calibration } from './engine-calibration.ts';
export type { Authorizer, Connection, Failure, RowCounts, SqlText, Statement } from './engine-connection.ts';
export { SQLITE_DONE, SQLITE_OK, SQLITE_ROW } from './engine-raw.ts';

/** What an engine is made of. The module is compiled once per page, and posted with the calibration to hosts and isolates. */
export interface EngineSource {
  readonly wasm: WebAssembly.Module;
  /** from another engine of the same module; without it this one calibrates itself (a few milliseconds) */
  readonly calibration?: Calibration | undefined;
  /** what SQL sees as the current time, milliseconds since 1970; default: the machine's */
  readonly now?: (() => number) | undefined;
  /** seeds SQL's `random()`; default: the platform's randomness */
  readonly randomBytes?: ((length: number) => Uint8Array) | undefined;
}

export interface Engine {
  readonly calibration: Calibration;
  /**
   * Opens a database file; an empty one is a new database. A file left in WAL mode is switched back (`PageFile.leaveWal`).
   *
   * @throws SimulatorError `storage_damaged` when the file is no database of our page size
   */
  open(file: PageFile): Connection;
  /** Gives the engine's memory back, to the garbage collector; its connections must be closed. */
  close(): void;
}

export interface EngineMaker {
  /**
   * An engine, when the one before is closed. At once; all but the first also where a program has changed the built-ins.
   *
   * @throws SimulatorError `overloaded` when the browser has no room for one, `engine_mismatch`
   */
  make(): Engine;
}

/** Loads what engines are made of into this realm, once for all of them. */
export async function loadEngineMaker(source: EngineSource): Promise<EngineMaker> {
  const raw = await load();
  let { calibration } = source;
  return {
    make: () => {
      const engine = startEngine(raw, { ...source, calibration });
      calibration = engine.calibration;
      return engine;
    },
  };
}

/**
 * Loads an engine into this realm.
 *
 * @throws SimulatorError `engine_mismatch` when sql.js is not the build that this code was written against
 */
export async function loadEngine(source: EngineSource): Promise<Engine> {
  return (await loadEngineMaker(source)).make();
}

function startEngine(raw: Loaded, source: EngineSource): Engine {
  const { exports, memory, release } = instantiate(raw, source.wasm);
  try {
    const table = must(exportOf(exports, WasmTable), 'table of sql.js');
    // The functions themselves, not the loader's object: that one changes hands when the engine is closed.
    const functions: Partial<Record<keyof RawSqlite, unknown>> = {};
    for (let i = 0; i < RAW_NAMES.length; i++) {
      const name = RAW_NAMES[i] as keyof RawSqlite;
      functions[name] = raw[name];
      if (typeof functions[name] !== 'function') {
        throw new SimulatorError('engine_mismatch', `sql.js does not export ${name}.`);
      }
    }
    const heap = new Heap(memory, functions as RawSqlite);
    return new SqlJsEngine({ ...source, functions: functions as RawSqlite, heap, table, release });
  } catch (error) {
    release();
    throw error;
  }
}

interface EngineParts extends EngineSource {
  readonly functions: RawSqlite;
  readonly heap: Heap;
  readonly table: WebAssembly.Table;
  readonly release: () => void;
}

const OPENING_PRAGMAS = [
  `PRAGMA page_size = ${PAGE_SIZE_BYTES}`,
  'PRAGMA locking_mode = exclusive',
  'PRAGMA journal_mode = memory',
  'PRAGMA synchronous = off',
  'PRAGMA temp_store = memory',
  'PRAGMA foreign_keys = on',
];

/**
 * REALs become text as on the platform, whose SQLite is older: 15 digits, and 17 since 3.53. DIFFERS: JSON functions and quote()
 * do not obey; what else the versions do differently is in the scenario `sql/engine-version`.
 */
const REAL_DIGITS = 15;

class SqlJsEngine implements Engine {
  readonly calibration: Calibration;
  readonly #raw: RawSqlite;
  readonly #heap: Heap;
  readonly #vfs: Vfs;
  readonly #authorizer: Pointer;
  readonly #release: () => void;
  readonly #connections = new NativeMap<number, RawConnection>();
  #lastConnection = 0;
  #probeCalls = 0;
  #isClosed = false;

  constructor({ functions, heap, table, release, calibration, now, randomBytes }: EngineParts) {
    this.#raw = functions;
    this.#heap = heap;
    this.#release = release;
    this.#authorizer = must(
      installCallbacks(table, [{ parameters: 'iiiiii', call: this.#authorize }])[0],
      'authorizer',
    );
    const probed = this.#openRaw(':memory:');
    const vfs = heap.word(probed);
    const probe = this.#probe(probed);
    if (calibration) checkCanary(probe, calibration);
    this.calibration = calibration ?? calibrate(probe);
    functions._sqlite3_close_v2(probed);
    this.#vfs = new Vfs({ heap, table, vfs, now, randomBytes });
  }

  open(file: PageFile): Connection {
    assert(!this.#isClosed, 'the engine is closed');
    checkHeader(file);
    file.leaveWal();
    const pointer = this.#vfs.opening(file, () => this.#openRaw('object.sqlite'));
    const id = ++this.#lastConnection;
    const { connection: offsets } = this.calibration;
    this.#heap.setWord(pointer + offsets.authorizer, this.#authorizer);
    this.#heap.setWord(pointer + offsets.authorizer + 4, id);
    this.#heap.u8[pointer + offsets.realDigits] = REAL_DIGITS;
    const connection = new RawConnection({
      raw: this.#raw,
      heap: this.#heap,
      pointer,
      calibration: this.calibration,
      onClosed: () => mapDelete(this.#connections, id),
    });
    mapSet(this.#connections, id, connection);
    for (let i = 0; i < OPENING_PRAGMAS.length; i++) connection.runInternal(OPENING_PRAGMAS[i] as string);
    return connection;
  }

  close(): void {
    if (this.#isClosed) return;
    assert(mapSize(this.#connections) === 0, 'connections are closed before their engine');
    this.#isClosed = true;
    this.#release();
  }

  readonly #authorize = (
    argument: number,
    action: number,
    first: Pointer,
    second: Pointer,
    database: Pointer,
  ): number => {
    const connection = mapGet(this.#connections, argument);
    if (connection) return connection.authorize(action, first, second, database);
    if (argument >>> 0 === PROBE_ARGUMENT) this.#probeCalls++;
    return argument >>> 0 === PROBE_ARGUMENT ? 1 : 0;
  };

  #openRaw(name: string): Pointer {
    return this.#heap.withCString(name, (cName) => {
      const out = this.#heap.allocate(4);
      const code = this.#raw._sqlite3_open(cName, out);
      const pointer = this.#heap.word(out);
      this.#raw._free(out);
      assert(code === 0, `SQLite did not open a database: code ${code}`);
      return pointer;
    });
  }

  #probe(connection: Pointer): Probe {
    const raw = this.#raw;
    const heap = this.#heap;
    return {
      heap,
      connection,
      authorizer: this.#authorizer,
      authorizerCalls: () => this.#probeCalls,
      run: (statement) => {
        let code = raw._sqlite3_step(statement);
        while (code === SQLITE_ROW) code = raw._sqlite3_step(statement);
        return code;
      },
      withStatement: (sql, use) =>
        heap.withCString(sql, (text, length) => {
          const out = heap.allocate(4);
          const code = raw._sqlite3_prepare_v2(connection, text, length + 1, out, 0);
          const statement = heap.word(out);
          raw._free(out);
          if (code !== 0) return undefined;
          try {
            return use(statement);
          } finally {
            raw._sqlite3_finalize(statement);
          }
        }),
    };
  }
}

const MAGIC = 'SQLite format 3\0';

/** @throws SimulatorError `storage_damaged` */
function checkHeader(file: PageFile): void {
  if (file.pageCount === 0) return;
  const header = file.read(1);
  let isDatabase = true;
  for (let i = 0; i < MAGIC.length; i++) isDatabase &&= header[i] === stringCharCodeAt(MAGIC, i);
  const pageSize = ((header[16] as number) << 8) | (header[17] as number);
  if (isDatabase && pageSize === PAGE_SIZE_BYTES) return;
  const what = isDatabase ? `has pages of ${pageSize === 1 ? 65_536 : pageSize} bytes` : 'is not an SQLite database';
  throw new SimulatorError('storage_damaged', `The object's file ${what}; it needs pages of ${PAGE_SIZE_BYTES} bytes.`);
}

const { Instance: WasmInstance, Memory: WasmMemory, Table: WasmTable } = WebAssembly;

function exportOf<T>(exports: WebAssembly.Exports, kind: abstract new (...args: never[]) => T): T | undefined {
  const names = objectKeys(exports);
  for (let i = 0; i < names.length; i++) {
    const value = exports[names[i] as string];
    if (value instanceof kind) return value as T;
  }
  return undefined;
}

/** sql.js's loader, seen as a place that holds one instance at a time. Kept on sql.js's own object: this module has no state. */
interface Loader {
  readonly imports: WebAssembly.Imports;
  /** Makes the loader's functions those of this instance, and forgets the one before. */
  readonly receive: (instance: { exports: object }) => unknown;
  /** name of the export that runs the instance's static constructors; minified, so learnt by watching */
  readonly start: string;
  /** what the loader holds while there is no instance */
  readonly nothing: object;
  /** names of what an instance calls to start; undefined until the first one has shown them */
  asked: readonly string[] | undefined;
  isInUse: boolean;
}

interface Loaded extends Partial<RawSqlite> {
  durabox?: Loader;
}

/** For code that cannot wait; who can is told by its seat, after a while. */
const NO_ROOM =
  'The browser gives this page no memory for another SQLite engine. Close other simulators of the page, or tabs that need much ' +
  'memory, and try again.';

interface Instantiated {
  readonly exports: WebAssembly.Exports;
  readonly memory: WebAssembly.Memory;
  readonly release: () => void;
}

function instantiate(raw: Loaded, wasm: WebAssembly.Module): Instantiated {
  const loader = must(raw.durabox, 'loader of sql.js; somebody else loaded it in this realm');
  assert(!loader.isInUse, 'one engine in a realm: close the other one first');
  loader.isInUse = true;
  try {
    const asked: string[] = [];
    const started: { words?: Int32Array } = {};
    const imports = loader.asked
      ? withoutEnvironment(loader.imports, loader.asked, started)
      : watched(loader.imports, (name) => {
          // What it calls later has nothing to do with its start.
          if (!loader.asked) asked.push(name);
        });
    const { exports } = new WasmInstance(wasm, imports);
    const memory = must(exportOf(exports, WasmMemory), 'memory of sql.js');
    started.words = new Int32Array(memory.buffer);
    loader.receive({ exports });
    (exports[loader.start] as () => void)();
    loader.asked ??= asked;
    const release = () => {
      loader.receive({ exports: loader.nothing });
      loader.isInUse = false;
    };
    return { exports, memory, release };
  } catch (cause) {
    loader.isInUse = false;
    // A browser refuses one memory too many with a RangeError.
    if (cause instanceof RangeError) throw new SimulatorError('overloaded', NO_ROOM, { cause });
    throw new SimulatorError('engine_mismatch', 'The WebAssembly module is not that of sql.js 1.16.0.', { cause });
  }
}

/** sql.js gives the functions of its JavaScript under this name. */
const IMPORTS = 'a';

function watched(imports: WebAssembly.Imports, onCall: (name: string) => void): WebAssembly.Imports {
  const functions: Record<string, WebAssembly.ImportValue> = {};
  for (const [name, value] of Object.entries(must(imports[IMPORTS], 'imports of sql.js'))) {
    functions[name] = (...args: unknown[]) => {
      onCall(name);
      return reflectApply(value, undefined, args);
    };
  }
  return { [IMPORTS]: functions };
}

/**
 * All that a starting instance asks for is the environment (its size, its text), and SQLite needs none of it. But what
 * answers is JavaScript that calls through prototypes, and later engines start where a program may have changed them.
 */
function withoutEnvironment(
  imports: WebAssembly.Imports,
  asked: readonly string[],
  started: { words?: Int32Array },
): WebAssembly.Imports {
  assert(asked.length === 2, 'a starting engine asks for its environment alone');
  const functions: Record<string, WebAssembly.ImportValue> = { ...imports[IMPORTS] };
  functions[asked[0] as string] = (count: Pointer, sizeBytes: Pointer) => {
    const words = must(started.words, 'memory of a starting engine');
    words[count >> 2] = 0;
    words[sizeBytes >> 2] = 0;
    return 0;
  };
  functions[asked[1] as string] = () => 0;
  return { [IMPORTS]: functions };
}

/**
 * sql.js keeps its instance for ever: every `initSqlJs` of a realm gives the first one's object. But the callback that hands it
 * an instance may be called again, and then it forgets the old one. So the loader is started on an empty stand-in (which cannot
 * fail), real instances are handed over as they are needed, and the stand-in again when an engine is closed, which frees its memory.
 */
function load(): Promise<Loaded> {
  const reads: string[] = [];
  const nothing = standIn((name) => reads.push(name));
  let loader: Pick<Loader, 'imports' | 'receive' | 'isInUse'> | undefined;
  const options: Parameters<typeof initSqlJs>[0] = {
    useOldExtensionFunctions: false,
    instantiateWasm(imports, receive) {
      loader = { imports, receive, isInUse: false };
      receive({ exports: nothing });
      // What the loader reads from here on is what it calls to start the instance.
      reads.length = 0;
      return {};
    },
  };
  return initSqlJs(options).then((loaded: Loaded) => {
    if (loader) {
      loaded.durabox = {
        ...loader,
        start: must(reads[0], 'start function of sql.js'),
        nothing: standIn(() => {}),
        asked: undefined,
      };
    }
    return loaded;
  });
}

/** Exports of no instance: every one is a function that does nothing and has an empty `buffer`, as a memory would. */
function standIn(onRead: (name: string) => void): object {
  const nothing = Object.assign(() => 0, { buffer: new ArrayBuffer(0) });
  return new Proxy(
    {},
    {
      get(_target, name) {
        // It passes through a promise, and must not look like one.
        if (name === 'then') return undefined;
        onRead(String(name));
        return nothing;
      },
    },
  );
}
