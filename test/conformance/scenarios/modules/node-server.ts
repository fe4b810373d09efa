import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'cloudflare:node makes a handler of a port or of what listens on one, and finds no server where none listens.',
  rows: ['1.platform-modules'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { handleAsNodeRequest, httpServerHandler } from 'cloudflare:node';
import * as node from 'cloudflare:node';
import { worker } from './prelude.js';

export class Obj {}

const request = () => new Request('http://host/');
/** A server as Node's: it has a port from when it listens on. */
const server = (given, log = []) => ({
  log,
  port: undefined,
  listen() { log.push('listen'); this.is = given; return this },
  address() { log.push('address'); return this.is === undefined ? null : { port: this.is } },
});
export default worker(async ({ say }) => {
  await say('exports', () => [Object.keys(node), [httpServerHandler, handleAsNodeRequest].map((f) => [f.name, f.length, 'prototype' in f])]);
  for (const [what, given] of Object.entries({
    'nothing': undefined, 'null': null, 'an empty object': {}, 'a text': '8080', 'a port as text': { port: '8080' }, 'NaN': NaN,
    'a negative port': -1, 'one too many': 65536, 'no port': { port: null }, 'a function': () => {}, 'true': true, 'Infinity': { port: Infinity },
  })) {
    await say('a handler of ' + what, () => httpServerHandler(given));
    await say('a request to ' + what, () => handleAsNodeRequest(given, request()));
  }
  await say('a handler', () => { const it = httpServerHandler(8080); return [Object.keys(it), it.fetch.name, it.fetch.length, Object.getPrototypeOf(it) === Object.prototype] });
  for (const port of [0, 80, 65535, 1.5]) await say('port ' + port, () => httpServerHandler(port).fetch(request()));
  await say('a port in an object', () => httpServerHandler({ port: 3000 }).fetch());
  await say('a request', () => handleAsNodeRequest(3000, request()));
  await say('the code', () => handleAsNodeRequest(3000).catch((error) => [error.code, Object.keys(error), error.name]));
  await say('is a promise', () => { const it = handleAsNodeRequest(); it.catch(() => {}); return it instanceof Promise });
  await say('a server', async () => { const it = server(4000); const made = httpServerHandler(it); return [it.log, await made.fetch(request()).catch((error) => error.message)] });
  await say('a server that listens', () => { const it = server(4000); it.listen(); httpServerHandler(it); return it.log });
  await say('a server that never does', () => httpServerHandler(server()));
  await say('a server with a port of its own', () => { const it = server(1); it.port = 5; httpServerHandler(it); return it.log });
  await say('a server on a pipe', () => httpServerHandler(server('/a/pipe')));
  await say('what listens only', () => httpServerHandler({ listen() {} }));
});
`,
});
