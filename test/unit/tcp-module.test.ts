/** `connect` of cloudflare:sockets checks as the platform does, and then says why it cannot. */
import { expect, test } from 'vitest';
import { makeTcpModule } from '../../src/isolate/tcp-module.ts';

const { connect } = makeTcpModule(() => false) as { connect(address: unknown, options?: unknown): never };

test('an address that the platform would connect to is refused with the reason', () => {
  const text = 'connect("db.test:5432") needs TCP, which no browser has';
  expect(() => connect('db.test:5432')).toThrow(text);
  expect(() => connect({ hostname: 'db.test', port: 5432 }, { secureTransport: 'starttls' })).toThrow(text);
});

test('what the platform refuses is refused in its words, and module scope before the rest', () => {
  expect(() => connect('db.test')).toThrow('Specified address is missing port.');
  expect(() => connect('db.test:1', { secureTransport: 'no' })).toThrow('Unsupported value in secureTransport');
  const early = makeTcpModule(() => true) as { connect(address: string): never };
  expect(() => early.connect('db.test:1')).toThrow('Disallowed operation called within global scope');
});
