/**
 * A plain static file server, no better than the worst that a library will meet: it knows a few types, sends no headers
 * that nobody asked for, and serves one folder under one path.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';

export interface StaticServerOptions {
  /** folders by the path they are served under; a path begins and ends with a slash */
  readonly folders?: Readonly<Record<string, string>>;
  /** documents by path */
  readonly pages?: Readonly<Record<string, string>>;
  /** modules by path */
  readonly scripts?: Readonly<Record<string, string>>;
  /** let pages of other origins read what is served */
  readonly cors?: boolean;
  /** the `Content-Security-Policy` of everything that is served */
  readonly policy?: string;
}

export interface StaticServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** every path asked for, in order; those asked for by WebSocket too, which is refused */
  readonly requests: readonly string[];
  close(): Promise<void>;
}

/** Without `.wasm`: a server that has not heard of it sends `application/octet-stream`. */
const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css',
};

export async function startStaticServer(options: StaticServerOptions): Promise<StaticServer> {
  const requests: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    requests.push(pathname);
    if (options.cors) response.setHeader('access-control-allow-origin', '*');
    if (options.policy !== undefined) response.setHeader('content-security-policy', options.policy);
    const found = await find(options, pathname);
    response.statusCode = found ? 200 : 404;
    response.setHeader('content-type', found?.type ?? 'text/plain');
    response.end(found?.content ?? 'not found');
  });
  server.on('upgrade', ({ url }, socket) => {
    requests.push(new URL(url ?? '/', 'http://localhost').pathname);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    origin: `http://127.0.0.1:${address.port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function find(
  { pages = {}, scripts = {}, folders = {} }: StaticServerOptions,
  pathname: string,
): Promise<{ content: string | Buffer; type: string } | undefined> {
  const page = pages[pathname];
  if (page !== undefined) return { content: page, type: 'text/html; charset=utf-8' };
  const script = scripts[pathname];
  if (script !== undefined) return { content: script, type: 'text/javascript' };
  for (const [prefix, folder] of Object.entries(folders)) {
    if (!pathname.startsWith(prefix)) continue;
    const name = pathname.slice(prefix.length) || 'index.html';
    const content = await readFile(path.join(folder, name)).catch(() => undefined);
    if (content) return { content, type: TYPES[path.extname(name)] ?? 'application/octet-stream' };
  }
  return undefined;
}
