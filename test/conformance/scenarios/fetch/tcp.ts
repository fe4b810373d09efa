import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'cloudflare:sockets links, and connect refuses an address without a port and options that are none.',
  rows: ['web.tcp'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { connect } from 'cloudflare:sockets';
import * as all from 'cloudflare:sockets';
import { worker } from './prelude.js';
export default worker(async ({ say }) => {
  await say('exports', () => [Object.keys(all), typeof connect, connect.name, connect.length]);
  await say('no port', () => connect('localhost'));
  await say('nothing', () => connect());
  await say('null', () => connect(null));
  await say('no fields', () => connect({}));
  await say('no port as a field', () => connect({ hostname: 'localhost' }));
  await say('secureTransport', () => connect('localhost:1', { secureTransport: 'x' }));
});
`,
});
