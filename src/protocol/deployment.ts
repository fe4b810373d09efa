/**
 * What a project is before and after bundling: the files and config that come in, the script that goes out.
 *
 * Promise: a CompiledScript is plain data. It survives structured clone, so it can be posted between realms and kept in
 * IndexedDB, and nothing in it refers to the bundler that made it.
 *
 * Knows nothing of how a module is loaded: an import is a place in the text and the thing that it names.
 */
import type { SourceLocation } from '../base/errors.ts';

/** A wrangler config as an object; its keys are wrangler's own. Checked when it is bundled, not here. */
export type WranglerConfig = Readonly<Record<string, unknown>>;

/** The user's files. Keys are paths inside the project, `/` between the parts: `src/index.ts`. */
export interface ProjectInput {
  modules: Readonly<Record<string, string | ArrayBuffer | ArrayBufferView>>;
  /** path of the entry; wins over the config's `main` */
  main?: string;
  /** an object, or the text of a `wrangler.jsonc` or `wrangler.toml`; when absent such a file among `modules` is used */
  config?: WranglerConfig | string;
}

/** Where the bundler fetches what only some projects need; absent: such a project is refused. */
export interface BundlerUrls {
  typescript: string | undefined;
  nodeModules: string | undefined;
  htmlRewriter: string | undefined;
}

/** One Worker, ready to run. */
export interface CompiledScript {
  name: string;
  /** path of the entry; always one of `modules` */
  main: string;
  /**
   * SHA-256 in hex over the source of every module in use and the normalised config. Files that nothing imports,
   * comments in the config and the order of its keys do not change it.
   */
  hash: string;
  /** YYYY-MM-DD */
  compatibilityDate: string;
  compatibilityFlags: string[];
  bindings: Binding[];
  /** in the order in which they apply */
  migrations: Migration[];
  /** the declarative `exports` map of the config; never together with `migrations` */
  lifecycle: ClassLifecycle[];
  /** bound classes of this script that no migration and no lifecycle names: to be created with SQLite storage */
  unlistedClasses: string[];
  /** classes that the config makes and the entry does not export: a fault, unless another script has taken them over */
  unexported: { className: string; sentence: string; location?: SourceLocation }[];
  /** how a new deployment replaces the instances of this script's objects; undefined: as the platform does by default */
  codeUpdate?: CodeUpdateStrategy;
  /** cron expressions of `triggers.crons` */
  crons: string[];
  limits: { cpuMs?: number };
  /** patterns of the addresses for which it answers */
  routes?: string[];
  /** a module comes after every module that it imports statically; a dynamic import may name a later one */
  modules: CompiledModule[];
  /** paths of modules that are evaluated before the entry and all that it imports */
  prelude?: string[];
  /** the program follows asynchronous contexts, and its code is compiled so that the runtime can carry them */
  carriesContexts?: boolean;
  /** whole sentences, for the person who wrote the project */
  warnings: string[];
  /** names that the entry exports, sorted; what an `export *` of an external adds is not among them */
  exports: string[];
}

export type Binding =
  | { type: 'durable_object'; name: string; className: string; scriptName?: string }
  | { type: 'service'; name: string; service: string; entrypoint?: string; props?: unknown }
  | { type: 'var'; name: string; value: unknown };

export interface Migration {
  tag: string;
  newClasses: string[];
  newSqliteClasses: string[];
  renamedClasses: { from: string; to: string }[];
  deletedClasses: string[];
  transferredClasses: { from: string; fromScript: string; to: string }[];
}

/** `deferred` waits for an instance to come to rest, `maxDelayMs` at most; left out: the platform's own. */
export type CodeUpdateStrategy = { mode: 'immediate' } | { mode: 'deferred'; maxDelayMs?: number };

/** What the objects of a class are stored in; a class keeps what it was created with. */
export type ClassStorage = 'sqlite' | 'legacy-kv';

/** What the config's `exports` map declares of one Durable Object class. */
export type ClassLifecycle =
  | { state: 'created'; className: string; storage: ClassStorage }
  | { state: 'deleted'; className: string }
  | { state: 'renamed'; className: string; renamedTo: string }
  | { state: 'transferred'; className: string; transferredTo: string }
  | { state: 'expecting-transfer'; className: string; storage: ClassStorage; transferFrom: string };

/**
 * One module; those of Node that the program imports are among them, under their specifiers. An `esm` has `code`; `json` and `text` have `text`; `data` and `wasm` have `bytes`. The last four export
 * their value as `default` and nothing else: the parsed value, the string, an ArrayBuffer, a WebAssembly.Module.
 */
export type CompiledModule =
  | { kind: 'esm'; path: string; code: string; imports: ModuleImport[]; sources?: SourceSpan[] }
  | { kind: 'json' | 'text'; path: string; text: string; imports: [] }
  | { kind: 'data' | 'wasm'; path: string; bytes: ArrayBuffer; imports: [] };

export type ModuleKind = CompiledModule['kind'];

/** A specifier in `code`, or an `import.meta`. */
export interface ModuleImport {
  /** where it stands, quotes included, in UTF-16 units; the loader puts another expression in its place */
  start: number;
  end: number;
  /**
   * `computed`: the specifier is no literal, and what it names is known when the call is made; others may stand inside of it.
   * `meta`: the browser's object would name the URL that the module was loaded from
   */
  to: ImportTarget | { computed: true } | { meta: true };
  /** `import(…)`: the target may come later in the order, so the loader must look its URL up when the call is made */
  dynamic: boolean;
}

export type ImportTarget = { module: string } | { external: string };

/** Lines of a module that was linked from several files: from `line` on (from 1), `count` lines are those of `path`, from its first. */
export interface SourceSpan {
  path: string;
  line: number;
  count: number;
}
