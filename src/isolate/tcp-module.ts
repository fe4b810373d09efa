/**
 * What `import … from 'cloudflare:sockets'` gives: names that link, and checks as the platform makes them.
 *
 * Promise: what the platform refuses is refused with its text; what it would connect to is refused with the reason, at once.
 *
 * DIFFERS: a browser opens no TCP connection.
 */
import { SimulatorError } from '../base/errors.ts';
import { globalScopeError, named } from './native-shape.ts';

export function makeTcpModule(isGlobalScope: () => boolean): Record<string, unknown> {
  const connect = (address: unknown, options?: unknown): never => {
    const text = typeof address === 'string' ? address : textOf(address);
    if (!/:\d+$/.test(text)) throw new TypeError('Specified address is missing port.');
    const secure = (options as { secureTransport?: unknown } | null | undefined)?.secureTransport;
    if (secure !== undefined && secure !== 'off' && secure !== 'on' && secure !== 'starttls') {
      throw new TypeError(`Unsupported value in secureTransport socket option: ${secure as string}`);
    }
    if (isGlobalScope()) throw globalScopeError();
    throw new SimulatorError(
      'not_supported',
      `connect("${text}") needs TCP, which no browser has: use fetch() or a WebSocket, or run this program with wrangler dev.`,
    );
  };
  const internalNewHttpClient = async (): Promise<never> => {
    throw new SimulatorError('not_supported', 'internalNewHttpClient() needs TCP, which no browser has.');
  };
  return {
    connect: named('connect', connect, 2),
    internalNewHttpClient: named('internalNewHttpClient', internalNewHttpClient, 1),
  };
}

function textOf(address: unknown): string {
  if (address === undefined || address === null) {
    throw new TypeError(
      'Cannot initialize N7workerd3api13SocketAddressE with required members from an undefined or null value.',
    );
  }
  const { hostname, port } = address as { hostname?: unknown; port?: unknown };
  if (port === undefined || !Number.isFinite(Number(port))) {
    throw new TypeError('The value cannot be converted because it is not an integer.');
  }
  return `${hostname as string}:${Math.trunc(Number(port))}`;
}
