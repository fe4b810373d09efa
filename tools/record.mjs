/**
 * `npm run conformance:record [-- --check] [-- --only <text>]`
 *
 * Renews `test/conformance/transcripts` from workerd and says what changed; with --check it writes nothing and fails
 * when something would change. Vite loads the TypeScript, because Node 20 does not.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createServer } from 'vite';

const { values } = parseArgs({ options: { check: { type: 'boolean', default: false }, only: { type: 'string' } } });
const startedAt = performance.now();
const server = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  configFile: false,
  appType: 'custom',
  logLevel: 'error',
  optimizeDeps: { noDiscovery: true },
  server: { middlewareMode: true, hmr: false, ws: false, watch: null },
});
try {
  const { record } = await server.ssrLoadModule('/test/conformance/record.ts');
  const { scenarioCount, changed, removed } = await record(values);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  for (const id of changed) console.log(`changed  ${id}`);
  for (const file of removed) console.log(`removed  ${file}`);
  const verdict = changed.length + removed.length === 0 ? 'nothing changed' : `${changed.length} changed`;
  console.log(`${scenarioCount} scenarios played on workerd in ${seconds} s: ${verdict}.`);
  if (values.check && changed.length + removed.length > 0) process.exitCode = 1;
} finally {
  await server.close();
}
