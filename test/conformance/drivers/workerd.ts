/**
 * Plays scenarios on workerd, the runtime that Cloudflare publishes, through miniflare.
 *
 * Promise: one process serves all scenarios, each as a Worker of its own with storage of its own, and nothing goes to
 * the network. Object ids are those of a deployment under the same names: the unique key is `<worker>-<class>`.
 *
 * Knows nothing of transcripts.
 */
import { Log, LogLevel, Miniflare, type WorkerOptions } from 'miniflare';
import { asBundles } from '../bundles.ts';
import { type Driver, play, type Target } from '../play.ts';
import { prelude } from '../prelude.ts';
import { completeConfig, defaultCompatibilityDate, otherConfig, type Scenario, workerName } from '../scenario.ts';
import { openTcpSocket } from './tcp-socket.ts';

/** Starts workerd with all the scenarios. @throws Error with workerd's own words when one of them does not load */
export async function openWorkerd(scenarios: readonly Scenario[]): Promise<Driver> {
  const workers = (await asBundles(scenarios)).flatMap(workersOf);
  let said = '';
  const runtime = new Miniflare({
    log: new Log(LogLevel.NONE),
    cf: false,
    handleRuntimeStdio(stdout, stderr) {
      stdout.on('data', (chunk) => (said += chunk));
      stderr.on('data', (chunk) => (said += chunk));
    },
    workers,
  });
  try {
    await runtime.ready;
  } catch (cause) {
    await runtime.dispose();
    throw new Error(`workerd did not start:\n${said}`, { cause });
  }
  return {
    name: 'workerd',
    run: (scenario) => play(scenario, targetOf(runtime, scenario)),
    close: () => runtime.dispose(),
  };
}

interface ScheduledWorker {
  scheduled(event: { cron?: string; scheduledTime?: Date }): Promise<{ outcome: string; noRetry: boolean }>;
}

function targetOf(runtime: Miniflare, scenario: Scenario): Target {
  const origin = `http://${hostOf(scenario)}`;
  return {
    origin,
    async fetch(path, { method = 'GET', headers = {}, body, redirect = 'manual' }) {
      const init = { method, headers, redirect, ...(body === undefined ? {} : { body }) };
      const response = await runtime.dispatchFetch(origin + path, init);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
    },
    async socket(path, { protocols = [], headers = {} }) {
      const said = protocols.length > 0 ? { 'Sec-WebSocket-Protocol': protocols.join(', ') } : {};
      return openTcpSocket({
        server: await runtime.ready,
        path,
        headers: { Host: hostOf(scenario), 'MF-Original-URL': origin + path, ...said, ...headers },
      });
    },
    async scheduled({ cron, atMs }) {
      // Its type is that of a program, where a fetcher has no `scheduled`.
      const worker = (await runtime.getWorker(workerName(scenario.id))) as unknown as ScheduledWorker;
      return worker.scheduled({
        ...(cron === undefined ? {} : { cron }),
        ...(atMs === undefined ? {} : { scheduledTime: new Date(atMs) }),
      });
    },
    wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  };
}

function workersOf(scenario: Scenario): WorkerOptions[] {
  const first = workerOptions(completeConfig(scenario), { 'index.js': scenario.program, ...scenario.modules });
  const other = otherConfig(scenario);
  const { outside } = scenario;
  const outsideName = outside === 'itself' ? `${first.name}` : `${first.name}-outside`;
  const routed = {
    ...first,
    routes: [`${hostOf(scenario)}/*`],
    ...(outside ? { outboundService: outsideName } : {}),
  };
  return [
    routed,
    ...(other && scenario.other ? [workerOptions(other, { 'index.js': scenario.other.program })] : []),
    ...(typeof outside === 'object' ? [outsideOptions(outsideName, outside.module)] : []),
  ];
}

function outsideOptions(name: string, contents: string): WorkerOptions {
  return {
    name,
    modulesRoot: '/',
    modules: [{ type: 'ESModule', path: '/index.js', contents }],
    compatibilityDate: defaultCompatibilityDate,
  };
}

function workerOptions(
  config: ReturnType<typeof completeConfig>,
  program: Record<string, string | readonly number[]>,
): WorkerOptions {
  const withSqlite = new Set(config.migrations.flatMap((migration) => migration.new_sqlite_classes ?? []));
  const modules = { ...program, 'prelude.js': prelude };
  return {
    name: config.name,
    modulesRoot: '/',
    modules: Object.entries(modules).map(([path, contents]) => ({
      type: KINDS.find(([ending]) => ending.test(path))?.[1] ?? ('ESModule' as const),
      path: `/${path}`,
      contents: typeof contents === 'string' ? contents : new Uint8Array(contents),
    })),
    compatibilityDate: config.compatibility_date,
    compatibilityFlags: [...config.compatibility_flags],
    bindings: { ...config.vars },
    serviceBindings: Object.fromEntries(
      config.services.map(({ binding, service, entrypoint, props }) => [
        binding,
        { name: service, ...(entrypoint ? { entrypoint } : {}), ...(props ? { props } : {}) },
      ]),
    ),
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name, script_name }) => [
        name,
        script_name
          ? { className: class_name, scriptName: script_name }
          : { className: class_name, useSQLite: withSqlite.has(class_name) },
      ]),
    ),
  };
}

/** Wrangler's default rules. */
const KINDS = [
  [/\.(txt|html|sql)$/, 'Text'],
  [/\.bin$/, 'Data'],
  [/\.wasm$/, 'CompiledWasm'],
] as const;

function hostOf(scenario: Scenario): string {
  return `${workerName(scenario.id)}.test`;
}
