import { objects, scenario } from '../../scenario.ts';

const MODULES = [
  ...['child_process', 'cluster', 'dgram', 'dns', 'dns/promises', 'domain', 'fs', 'fs/promises', 'http', 'http2'],
  ...['https', 'inspector', 'module', 'net', 'readline', 'readline/promises', 'repl', 'sqlite', 'tls', 'trace_events'],
  ...['tty', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib'],
];

export const subject = scenario({
  name: 'Modules of Node that need a machine can be imported, by all their names; there is one thread, and no terminal.',
  rows: ['17.nodejs-compat', '1.platform-modules'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'], migrations: [] },
  program: `
${MODULES.map((name, index) => `import * as m${index} from 'node:${name}';`).join('\n')}
import { Agent } from 'node:https';
import { createRequire, isBuiltin } from 'node:module';
import { isatty } from 'node:tty';
import * as threads from 'node:worker_threads';
import { worker } from './prelude.js';

const modules = { ${MODULES.map((name, index) => `'${name}': m${index}`).join(', ')} };
class Unused extends Agent {}

export default worker(async ({ say }) => {
  for (const [name, it] of Object.entries(modules)) await say(name, () => Object.keys(it).sort().join(' '));
  await say('a class that is never made', () => typeof Unused);
  await say('imported when it is needed', async () => typeof (await import('node:fs')).readFileSync);
  for (const name of ['fs', 'node:fs', 'fs/promises', 'sqlite', 'node:test', 'lodash', 'cloudflare:workers', 5]) await say('a built-in: ' + name, () => isBuiltin(name));
  await say('a require', () => typeof createRequire('file:///index.js'));
  await say('a terminal', () => isatty(1));
  const { isMainThread, isInternalThread, threadId, parentPort, workerData, resourceLimits, MessageChannel } = threads;
  await say('threads', () => [isMainThread, isInternalThread, threadId, parentPort, workerData, resourceLimits, MessageChannel === globalThis.MessageChannel]);
});
`,
});
