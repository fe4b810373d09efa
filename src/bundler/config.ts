/**
 * The wrangler config of a project, checked and in one shape whatever the file was.
 *
 * Promise: what comes out is complete (every list is there, every default is filled in) and was checked as far as that
 * is possible without the code. Keys of wrangler's that mean nothing here pass in silence, those that would add a binding
 * that does not exist here warn, and unknown keys warn.
 *
 * Knows nothing of the project's files.
 */
import { flagFault } from '../protocol/compatibility.ts';
import type { Binding, ClassLifecycle, CodeUpdateStrategy, Migration } from '../protocol/deployment.ts';
import { faultOfPattern } from '../protocol/routes.ts';
import { ConfigReader } from './config-reader.ts';
import type { ConfigPath, ConfigSource } from './config-text.ts';
import { readLifecycle, readMigrations } from './lifecycle.ts';
import { type ModuleRule, readRules } from './rules.ts';

/** The newest date that the workerd we compare ourselves with knows (workerd 1.20260730.1). */
export const LATEST_COMPATIBILITY_DATE = '2026-07-30';

/** From here on stubs have every method (`rpc`). DIFFERS: of what changed before that not everything is undone at older dates. */
export const EARLIEST_COMPATIBILITY_DATE = '2024-04-03';

/** @see https://developers.cloudflare.com/durable-objects/platform/limits/ */
const CPU_MS_MAX = 300_000;
/** wrangler's own bound (workers-utils validation.ts, wrangler 4.164) */
const UPDATE_DELAY_SECONDS_MAX = 86_400;
/** how long the platform waits at most, whatever wrangler lets pass (its documentation of code updates) */
const UPDATE_DELAY_SECONDS_HEEDED = 300;

export interface NormalConfig {
  name: string;
  main?: string;
  compatibilityDate: string;
  compatibilityFlags: string[];
  bindings: Binding[];
  migrations: Migration[];
  lifecycle: ClassLifecycle[];
  crons: string[];
  /** patterns of the addresses for which it answers */
  routes?: string[];
  limits: { cpuMs?: number };
  codeUpdate?: CodeUpdateStrategy;
  rules: ModuleRule[];
  jsxFactory?: string;
  jsxFragment?: string;
}

/** Keys that are read, and keys that concern a deployment which does not happen here. */
const KNOWN_KEYS = [
  ...[
    '$schema',
    'name',
    'main',
    'compatibility_date',
    'compatibility_flags',
    'durable_objects',
    'migrations',
    'exports',
  ],
  ...['vars', 'rules', 'limits', 'services', 'triggers', 'jsx_factory', 'jsx_fragment', 'env'],
  ...[
    'account_id',
    'routes',
    'route',
    'workers_dev',
    'preview_urls',
    'observability',
    'placement',
    'minify',
    'logpush',
  ],
  ...['send_metrics', 'keep_vars', 'keep_names', 'upload_source_maps', 'no_bundle', 'find_additional_modules', 'build'],
  ...['base_dir', 'preserve_file_names', 'dev', 'tsconfig', 'first_party_worker', 'tail_consumers', 'legacy_env'],
  ...['streaming_tail_consumers', 'define', 'alias', 'secrets', 'compliance_region'],
];

/** Keys whose bindings exist on the platform only. */
const MISSING_BINDINGS = [
  ...['kv_namespaces', 'r2_buckets', 'd1_databases', 'queues', 'vectorize', 'hyperdrive', 'ai', 'ai_search', 'browser'],
  ...[
    'analytics_engine_datasets',
    'dispatch_namespaces',
    'mtls_certificates',
    'send_email',
    'workflows',
    'images',
    'media',
  ],
  ...['version_metadata', 'secrets_store_secrets', 'pipelines', 'assets', 'containers', 'ratelimits', 'worker_loaders'],
  ...['vpc_services', 'wasm_modules', 'text_blobs', 'data_blobs', 'unsafe', 'site', 'cloudchamber'],
];

const UNHEEDED = ['env', 'define', 'alias', 'build', 'find_additional_modules'];

/** @throws SimulatorError `config_invalid` at the first fault */
export function readConfig(source: ConfigSource): { config: NormalConfig; warnings: string[] } {
  const reader = new ConfigReader(source);
  reader.expectKeys([], [...KNOWN_KEYS, ...MISSING_BINDINGS]);
  for (const key of MISSING_BINDINGS) {
    if (reader.has([key])) reader.warn([key], 'is not simulated: what it binds will be missing from env');
  }
  for (const key of UNHEEDED) if (reader.has([key])) reader.warn([key], 'is not supported yet and is ignored');
  const main = reader.optionalString(['main']);
  const jsxFactory = reader.optionalString(['jsx_factory']);
  const jsxFragment = reader.optionalString(['jsx_fragment']);
  const codeUpdate = readCodeUpdate(reader);
  const routes = readRoutes(reader);
  const config: NormalConfig = {
    name: readName(reader),
    ...(main === undefined ? {} : { main }),
    ...readCompatibility(reader),
    bindings: readBindings(reader),
    migrations: readMigrations(reader),
    lifecycle: readLifecycle(reader),
    crons: reader.strings(['triggers', 'crons']),
    ...(routes.length > 0 ? { routes } : {}),
    limits: readLimits(reader),
    ...(codeUpdate === undefined ? {} : { codeUpdate }),
    rules: readRules(reader),
    ...(jsxFactory === undefined ? {} : { jsxFactory }),
    ...(jsxFragment === undefined ? {} : { jsxFragment }),
  };
  return { config, warnings: reader.warnings };
}

function readName(reader: ConfigReader): string {
  const name = reader.optionalString(['name']) ?? 'worker';
  if (!/^[a-z0-9_][a-z0-9_-]*$/.test(name)) {
    throw reader.fault(['name'], 'may hold only lower-case letters, digits, dashes and underscores');
  }
  return name;
}

function readCompatibility(reader: ConfigReader): Pick<NormalConfig, 'compatibilityDate' | 'compatibilityFlags'> {
  const date = readDate(reader);
  const flags = reader.strings(['compatibility_flags']);
  const fault = flagFault({ date, flags });
  if (fault !== undefined) throw reader.fault(['compatibility_flags'], `is refused: ${fault.replace(/\.$/, '')}`);
  return { compatibilityDate: date, compatibilityFlags: flags };
}

function readDate(reader: ConfigReader): string {
  const path = ['compatibility_date'];
  const value = reader.get(path);
  if (value === undefined) return LATEST_COMPATIBILITY_DATE;
  if (value instanceof Date) throw reader.fault(path, 'must be a string, so put the date in quotes');
  if (typeof value !== 'string' || !isDate(value)) throw reader.fault(path, 'must be a date of the form YYYY-MM-DD');
  if (value > LATEST_COMPATIBILITY_DATE) {
    reader.warn(path, `is later than ${LATEST_COMPATIBILITY_DATE}, the newest date known here`);
  }
  if (value < EARLIEST_COMPATIBILITY_DATE) {
    reader.warn(
      path,
      `is earlier than ${EARLIEST_COMPATIBILITY_DATE}: most of what changed is as it was then; the README of Durabox says what is not`,
    );
  }
  return value;
}

function isDate(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (!match) return false;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  const days = [
    31,
    year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28,
    31,
    30,
    31,
    30,
    31,
    31,
    30,
    31,
    30,
    31,
  ];
  return month >= 1 && month <= 12 && day >= 1 && day <= (days[month - 1] as number);
}

function readBindings(reader: ConfigReader): Binding[] {
  const taken = new Map<string, ConfigPath>();
  const bindings: Binding[] = [];
  const add = (path: ConfigPath, binding: Binding) => {
    if (taken.has(binding.name)) throw reader.fault(path, `binds "${binding.name}", which another binding has taken`);
    taken.set(binding.name, path);
    bindings.push(binding);
  };
  for (const name of reader.keys(['vars'])) {
    add(['vars', name], { type: 'var', name, value: plainValue(reader.get(['vars', name])) });
  }
  // In this order: it is that of the keys of `env`.
  for (const path of reader.paths(['services'])) add(path, readServiceBinding(reader, path));
  reader.expectKeys(['durable_objects'], ['bindings', 'code_update_strategy']);
  for (const path of reader.paths(['durable_objects', 'bindings'])) add(path, readObjectBinding(reader, path));
  return bindings;
}

function readObjectBinding(reader: ConfigReader, path: ConfigPath): Binding {
  reader.expectKeys(path, ['name', 'class_name', 'script_name', 'environment']);
  const scriptName = reader.optionalString([...path, 'script_name']);
  if (reader.optionalString([...path, 'environment']) !== undefined) {
    reader.warn([...path, 'environment'], 'is not supported yet and is ignored');
  }
  return {
    type: 'durable_object',
    name: reader.string([...path, 'name']),
    className: reader.string([...path, 'class_name']),
    ...(scriptName === undefined ? {} : { scriptName }),
  };
}

function readServiceBinding(reader: ConfigReader, path: ConfigPath): Binding {
  reader.expectKeys(path, ['binding', 'service', 'environment', 'entrypoint', 'props', 'remote']);
  const entrypoint = reader.optionalString([...path, 'entrypoint']);
  const props = reader.get([...path, 'props']);
  return {
    type: 'service',
    name: reader.string([...path, 'binding']),
    service: reader.string([...path, 'service']),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(props === undefined ? {} : { props: plainValue(props) }),
  };
}

/** A value as JSON carries it: a toml date becomes its text, an object loses its prototype. */
function plainValue(value: unknown): unknown {
  const text = JSON.stringify(value);
  return text === undefined ? null : JSON.parse(text);
}

/** A custom domain is a route of its whole host; in whose zone a route lies makes no difference here. */
function readRoutes(reader: ConfigReader): string[] {
  const paths = reader.paths(['routes']);
  if (reader.has(['route'])) paths.push(['route']);
  return paths.map((path) => {
    const isTable = typeof reader.get(path) === 'object';
    if (isTable)
      reader.expectKeys(path, ['pattern', 'zone_name', 'zone_id', 'custom_domain', 'enabled', 'previews_enabled']);
    const at = isTable ? [...path, 'pattern'] : path;
    const text = reader.string(at);
    const pattern = isTable && reader.get([...path, 'custom_domain']) === true ? `${text}/*` : text;
    const fault = faultOfPattern(pattern);
    if (fault !== undefined) throw reader.fault(at, fault);
    return pattern;
  });
}

function readLimits(reader: ConfigReader): { cpuMs?: number } {
  reader.expectKeys(['limits'], ['cpu_ms', 'subrequests']);
  const path = ['limits', 'cpu_ms'];
  const cpuMs = reader.get(path);
  if (cpuMs === undefined) return {};
  if (typeof cpuMs !== 'number' || !Number.isInteger(cpuMs) || cpuMs < 1 || cpuMs > CPU_MS_MAX) {
    throw reader.fault(path, `must be a whole number of milliseconds from 1 to ${CPU_MS_MAX}`);
  }
  return { cpuMs };
}

/** @see https://developers.cloudflare.com/durable-objects/ (code updates) */
function readCodeUpdate(reader: ConfigReader): CodeUpdateStrategy | undefined {
  const path = ['durable_objects', 'code_update_strategy'];
  if (!reader.has(path)) return undefined;
  reader.expectKeys(path, ['mode', 'max_delay']);
  const mode = reader.string([...path, 'mode']);
  if (mode !== 'immediate' && mode !== 'deferred') {
    throw reader.fault([...path, 'mode'], `is "${mode}" and must be one of immediate, deferred`);
  }
  const delayPath = [...path, 'max_delay'];
  const delay = reader.get(delayPath);
  if (mode === 'immediate') {
    if (delay !== undefined) throw reader.fault(delayPath, 'is for mode "deferred" only; "immediate" knows no delay');
    return { mode };
  }
  if (delay === undefined) return { mode };
  if (typeof delay !== 'number' || !(delay >= 0 && delay <= UPDATE_DELAY_SECONDS_MAX)) {
    throw reader.fault(delayPath, `must be between 0 and ${UPDATE_DELAY_SECONDS_MAX} seconds`);
  }
  if (delay > UPDATE_DELAY_SECONDS_HEEDED) reader.warn(delayPath, `counts as ${UPDATE_DELAY_SECONDS_HEEDED} seconds`);
  return { mode, maxDelayMs: Math.min(delay, UPDATE_DELAY_SECONDS_HEEDED) * 1000 };
}
