/**
 * Ciphers of `node:crypto` against Node's own: the same bytes at each step, wherever a message is cut.
 */
import * as real from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';

vi.mock('../../src/node/hooks.ts', () => ({
  hooks: { random: (view: Uint8Array) => globalThis.crypto.getRandomValues(view as Uint8Array<ArrayBuffer>) },
}));

const ours = await import('../../src/node/crypto.ts');

type Encrypting = real.Cipher & Partial<real.CipherGCM>;
type Decrypting = real.Decipher & Partial<real.DecipherGCM>;
interface Making {
  createCipheriv(name: string, key: Uint8Array, iv: Uint8Array): Encrypting;
  createDecipheriv(name: string, key: Uint8Array, iv: Uint8Array): Decrypting;
}
const makers = { here: ours as unknown as Making, there: real as unknown as Making };

const names = ['cbc', 'ctr', 'ecb', 'ofb', 'gcm'].flatMap((mode) =>
  [128, 192, 256].map((bits) => `aes-${bits}-${mode}`),
);
const random = seededRandom(5);
const below = (limit: number) => Math.floor(random.unit() * limit);
const bytes = (count: number) => Buffer.from(random.bytes(count));
const hex = (all: Uint8Array[]) => all.map((one) => Buffer.from(one).toString('hex'));

/** Views into what they are cut from, the empty ones too. */
function pieces(message: Buffer, longest: number): Buffer[] {
  const all: Buffer[] = [];
  for (let at = 0; at < message.length; ) {
    const size = below(longest + 1);
    all.push(message.subarray(at, at + size));
    at += size;
  }
  return all;
}

interface Case {
  name: string;
  key: Buffer;
  iv: Buffer;
  extra: Buffer[];
  isPadded: boolean;
  message: Buffer;
  longest: number;
}

const CASE_COUNT = 40;

function* cases(name: string): Generator<Case> {
  const mode = name.split('-')[2] as string;
  for (let i = 0; i < CASE_COUNT; i++) {
    const isPadded = below(3) > 0;
    const size = below(i % 10 === 0 ? 5000 : 100);
    const blocks = size - (size % 16);
    yield {
      name,
      key: bytes(Number(name.split('-')[1]) / 8),
      iv: bytes(mode === 'ecb' ? 0 : mode === 'gcm' && below(2) ? 1 + below(40) : mode === 'gcm' ? 12 : 16),
      extra: mode === 'gcm' ? pieces(bytes(below(60)), 20).filter((one) => one.length > 0) : [],
      isPadded,
      message: bytes(!isPadded && ['cbc', 'ecb'].includes(mode) ? blocks : size),
      longest: [1, 5, 16, 40, 5000][i % 5] as number,
    };
  }
}

function prepared<C extends Encrypting | Decrypting>(cipher: C, { extra, isPadded }: Case): C {
  for (const one of extra) cipher.setAAD?.(one, { plaintextLength: 0 });
  cipher.setAutoPadding(isPadded);
  return cipher;
}

function encrypted(by: Making, one: Case, cut: Buffer[]): { steps: Uint8Array[]; tag: Buffer | undefined } {
  const cipher = prepared(by.createCipheriv(one.name, one.key, one.iv), one);
  const steps = [...cut.map((piece) => cipher.update(piece)), cipher.final()];
  return { steps, tag: one.name.endsWith('gcm') ? cipher.getAuthTag?.() : undefined };
}

function decrypted(by: Making, one: Case, cut: Buffer[], tag: Buffer | undefined): Uint8Array[] {
  const decipher = prepared(by.createDecipheriv(one.name, one.key, one.iv), one);
  if (tag) decipher.setAuthTag?.(tag);
  return [...cut.map((piece) => decipher.update(piece)), decipher.final()];
}

test.each(names)('%s gives at each step what Node gives, in both directions', (name) => {
  for (const one of cases(name)) {
    const cut = pieces(one.message, one.longest);
    const [here, there] = [encrypted(makers.here, one, cut), encrypted(makers.there, one, cut)];
    expect(hex(here.steps)).toEqual(hex(there.steps));
    expect(here.tag && hex([here.tag])).toEqual(there.tag && hex([there.tag]));
    const hidden = pieces(Buffer.concat(there.steps), one.longest);
    const shown = decrypted(makers.here, one, hidden, there.tag);
    expect(hex(shown)).toEqual(hex(decrypted(makers.there, one, hidden, there.tag)));
    expect(Buffer.concat(shown).equals(one.message)).toBe(true);
  }
});

describe('a message that was changed', () => {
  test.each(['aes-128-cbc', 'aes-256-ecb', 'aes-192-gcm'])('is refused by %s, at its end', (name) => {
    const iv = bytes(name.endsWith('ecb') ? 0 : 16);
    const one: Case = {
      name,
      key: bytes(Number(name.split('-')[1]) / 8),
      iv,
      extra: [],
      isPadded: true,
      message: bytes(50),
      longest: 50,
    };
    const { steps, tag } = encrypted(makers.there, one, [one.message]);
    const hidden = Buffer.concat(steps);
    hidden[hidden.length - 1] = (hidden.at(-1) as number) ^ 1;
    expect(() => decrypted(makers.here, one, [hidden], tag)).toThrow('Authentication failed');
  });
});

test('what comes in one piece is sealed as Node seals it, and opened again', () => {
  for (let i = 0; i < 20; i++) {
    const [key, iv, extra, message] = [bytes(32), bytes(12), bytes(below(40)), bytes(below(300))];
    const there = real.createCipheriv('chacha20-poly1305', key, iv, { authTagLength: 16 });
    there.setAAD(extra, { plaintextLength: message.length });
    const hidden = Buffer.concat([there.update(message), there.final()]);
    const here = makers.here.createCipheriv('chacha20-poly1305', key, iv);
    here.setAAD?.(extra, { plaintextLength: message.length });
    expect(hex([here.update(message), here.final()])).toEqual(hex([hidden, Buffer.alloc(0)]));
    const tag = there.getAuthTag();
    expect(here.getAuthTag && hex([here.getAuthTag()])).toEqual(hex([tag]));
    const back = makers.here.createDecipheriv('chacha20-poly1305', key, iv);
    back.setAAD?.(extra, { plaintextLength: message.length });
    back.setAuthTag?.(tag);
    expect(hex([back.update(hidden)])).toEqual(hex([message]));
  }
});

test('every step costs its own bytes', () => {
  for (const name of ['aes-128-cbc', 'aes-128-ctr', 'aes-128-gcm', 'aes-128-ofb']) {
    const cipher = makers.here.createCipheriv(name, bytes(16), bytes(16));
    const seen = vi.spyOn(Uint8Array.prototype, 'set');
    const copied = () => seen.mock.calls.reduce((sum, [source]) => sum + source.length, 0);
    for (let i = 0; i < 200; i++) cipher.update(bytes(7));
    expect(copied()).toBeLessThan(200 * 100);
    seen.mockRestore();
  }
});

test('a key and an initialization vector may be changed once they were given', () => {
  const [key, iv] = [Buffer.alloc(16, 1), Buffer.alloc(16, 2)];
  const cipher = makers.here.createCipheriv('aes-128-cbc', key, iv);
  key.fill(0);
  iv.fill(0);
  const same = real.createCipheriv('aes-128-cbc', Buffer.alloc(16, 1), Buffer.alloc(16, 2));
  expect(hex([cipher.final()])).toEqual(hex([same.final()]));
});
