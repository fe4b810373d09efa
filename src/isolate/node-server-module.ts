/**
 * What `import … from 'cloudflare:node'` gives: a Worker's handler made of an HTTP server of Node's.
 *
 * Promise: names, checks and texts are the platform's, and what only asks the given server for its port does so. No server is
 * ever found by its port, with the text that workerd has for that.
 *
 * DIFFERS: a server listens through `node:http`, which is not among the modules; so no port has a server.
 *
 * @see workerd: src/cloudflare/node.ts
 */
import { numberIsFinite, objectDefineProperty, objectSetPrototypeOf } from '../base/primordials.ts';

const LAST_PORT = 65535;

/** What the program may give: a port, what has one, or a server that is asked for it. */
interface Described {
  readonly port?: unknown;
  readonly listen?: unknown;
  readonly address?: () => { readonly port?: unknown } | null | undefined;
}

function validPort(port: unknown): number {
  if (!numberIsFinite(port) || (port as number) < 0 || (port as number) > LAST_PORT) {
    throw new Error('Failed to determine port for server');
  }
  return port as number;
}

/** The port of a server, which begins to listen if it has none. */
function portOfServer(server: Described): unknown {
  const ask = () => (server as Required<Described>).address()?.port;
  const port = ask();
  if (typeof port === 'number') return port;
  (server as { listen(): void }).listen();
  const given = ask();
  return typeof given === 'number' ? given : null;
}

function portOf(server: Described): unknown {
  const { port } = server;
  if ((port === undefined || port === null) && typeof server.listen === 'function') return portOfServer(server);
  return typeof port === 'number' ? port : null;
}

async function handleAsNodeRequest(server: unknown, _request: unknown, _env: unknown, _ctx: unknown): Promise<never> {
  const given = typeof server === 'number' ? server : (server as Described | null | undefined)?.port;
  const port = validPort(given);
  const error = new Error(
    `Http server with port ${port} not found. This is likely a bug with your code. ` +
      `You should check if server.listen() was called with the same port (${port})`,
  );
  const value = 'ERR_INVALID_ARG_VALUE';
  throw objectDefineProperty(error, 'code', plain(value));
}

function httpServerHandler(server: unknown): { fetch(req: unknown, env: unknown, ctx: unknown): Promise<never> } {
  if (server === undefined || server === null) throw new Error('Server descriptor cannot be null or undefined');
  const port = validPort(typeof server === 'number' ? server : portOf(server as Described));
  return {
    async fetch(req, env, ctx) {
      return await handleAsNodeRequest(port, req, env, ctx);
    },
  };
}

/** A property as an assignment makes it; it inherits nothing that a program may have put on `Object.prototype`. */
function plain(value: unknown): PropertyDescriptor {
  return objectSetPrototypeOf({ value, writable: true, enumerable: true, configurable: true }, null);
}

// The build shortens names, and a program sees these.
objectDefineProperty(handleAsNodeRequest, 'name', { value: 'handleAsNodeRequest', configurable: true });
objectDefineProperty(httpServerHandler, 'name', { value: 'httpServerHandler', configurable: true });

export const NODE_SERVER_MODULE: Readonly<Record<string, unknown>> = { handleAsNodeRequest, httpServerHandler };
