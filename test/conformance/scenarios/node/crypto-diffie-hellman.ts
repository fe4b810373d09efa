import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto agrees on secrets over primes and named groups, says what is wrong with them, and makes pairs of keys of dh.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import { createDiffieHellman, createDiffieHellmanGroup, createHash, createPublicKey, createSign, createVerify, DiffieHellman, DiffieHellmanGroup, diffieHellman, generateKeyPairSync, getDiffieHellman, publicEncrypt, sign, verify } from 'node:crypto';
import { worker } from './prelude.js';

const sha = (bytes) => createHash('sha256').update(bytes).digest('hex').slice(0, 16);
const prime = 'c51f7bf8f0e1cf899243cdf408b1bc7c09c010e33ef7f3fbe5bd5feaf906113b';

export default worker(async ({ say }) => {
  await say('before the first', () => ['verifyError' in DiffieHellman.prototype, 'verifyError' in DiffieHellmanGroup.prototype]);
  for (const name of ['modp1', 'modp2', 'modp5', 'MODP14', 'nope', '', 5, undefined])
    await say('group ' + name, () => { const it = getDiffieHellman(name); return [it.getPrime().length, sha(it.getPrime()), it.getGenerator('hex'), it.verifyError, it instanceof DiffieHellmanGroup, it instanceof DiffieHellman] });

  const fixed = () => createDiffieHellman(prime, 'hex').setPrivateKey('123456789abcdef0', 'hex');
  const generated = (...args) => { const it = createDiffieHellman(...args); it.generateKeys(); return it };
  await say('two agree', () => {
    const [a, b] = [createDiffieHellman(prime, 'hex'), createDiffieHellman(prime, 'hex')];
    const [x, y] = [a.generateKeys(), b.generateKeys('base64')];
    return [Buffer.isBuffer(x), a.computeSecret(y, 'base64').equals(b.computeSecret(x)), a.computeSecret(y, 'base64', 'hex').length, a.getPublicKey('hex') === x.toString('hex'), a.generateKeys().equals(x)];
  });
  await say('a fixed key', () => [fixed().getPrivateKey('hex'), sha(fixed().generateKeys()), sha(fixed().computeSecret('05', 'hex'))]);
  await say('the public half of a fixed key', () => fixed().getPublicKey());
  const half = () => createDiffieHellman(prime, 'hex').setPublicKey('05', 'hex');
  await say('a public half', () => [half().getPublicKey('hex'), half().generateKeys().length]);
  await say('its private half', () => half().getPrivateKey());
  await say('its secret', () => half().computeSecret('05', 'hex'));
  await say('both halves', () => { const it = half().setPrivateKey('03', 'hex'); return [it.getPublicKey('hex'), it.generateKeys('hex'), it.getPrivateKey('hex')] });
  await say('no half', () => createDiffieHellman(prime, 'hex').getPublicKey());
  await say('no private half', () => createDiffieHellman(prime, 'hex').getPrivateKey());
  const numbers = { nothing: '', zero: '00', one: '01', two: '02', 'less two': (BigInt('0x' + prime) - 2n).toString(16), 'less one': (BigInt('0x' + prime) - 1n).toString(16), 'the prime': prime, 'much more': 'ff'.repeat(300) };
  for (const [name, number] of Object.entries(numbers)) {
    await say('a secret with ' + name, () => sha(fixed().computeSecret(number, 'hex')));
    if (number) await say('a public half of ' + name, () => sha(fixed().setPublicKey(number, 'hex').getPublicKey()));
  }
  for (const key of [5, null, undefined, {}]) {
    await say('a secret with ' + key, () => fixed().computeSecret(key));
    await say('a private half of ' + key, () => fixed().setPrivateKey(key));
    await say('a public half of ' + key, () => fixed().setPublicKey(key));
  }
  await say('private halves of any size', () => ['ffff', '', '00', '0005'].map((key) => { const it = createDiffieHellman('2f', 'hex', 5).setPrivateKey(key, 'hex'); return [it.getPrivateKey('hex'), it.generateKeys('hex')] }));
  await say('a private half is as long as the prime', () => [generated(Buffer.from(prime, 'hex')).getPrivateKey().length > 28]);

  const shown = (value) => typeof value === 'string' ? value.slice(0, 8) : value instanceof ArrayBuffer ? 'ArrayBuffer' : value instanceof Uint8Array ? 'bytes ' + value.length : String(value);
  for (const args of [[], [null], [{}], [true], ['abc'], [''], [new ArrayBuffer(0)], [-1], [0], [1], [2], [1.5], [20000], [2 ** 40], [32, 1], [32, -1], [32, 2.5], [32, {}], [32, '02', 'hex'],
    ['0d', 'hex', 2], ['0d', 'hex', 'hex'], ['0d', 'hex', '05', 'hex'], ['0d', 'hex', Buffer.from([1])], ['0d', 'hex', Buffer.alloc(0)], ['0d', 'hex', 0], ['0d', 'hex', 1], ['0d', 'hex', -2], ['0d', 'hex', {}], ['0d', 'hex', true],
    [prime, 'hex', Buffer.from([2])], [prime, 'hex', 3], [prime, 'hex', 5], [prime.slice(2), 'hex'], [prime, 'hex', Buffer.from(prime, 'hex')], ['ff'.repeat(1300), 'hex'], ['00002f', 'hex'],
    ['0f', 'hex'], ['00', 'hex'], ['01', 'hex'], ['02', 'hex'], ['03', 'hex'], ['2f', 'hex', 5], ['2f', 'hex', 11], [Buffer.from('2f', 'hex'), 2], [Buffer.from('2f', 'hex'), 'buffer', 2], [new Uint8Array([47]).buffer]])
    await say('made of ' + args.map(shown).join(), () => { const it = createDiffieHellman(...args); return [it.getPrime('hex').slice(0, 20), it.getGenerator('hex'), it.verifyError] });
  for (const args of [[8], [16], [64, 2], [64, 5], [64, 3], [64, 0]])
    await say('a new prime for ' + args.join(), () => { const it = createDiffieHellman(...args); return [it.getPrime().length, it.getGenerator('hex'), it.verifyError] });

  await say('the classes', () => [DiffieHellman(prime, 'hex') instanceof DiffieHellman, DiffieHellmanGroup('modp14').constructor.name, createDiffieHellmanGroup.length, 'setPublicKey' in DiffieHellmanGroup.prototype, DiffieHellman.length, DiffieHellmanGroup.length, Object.keys(DiffieHellman.prototype), Object.keys(DiffieHellmanGroup.prototype)]);
  await say('encodings', () => [Buffer.isBuffer(fixed().getPrime('buffer')), Buffer.isBuffer(fixed().getPrime('')), fixed().getGenerator('base64')]);

  const pair = (options) => generateKeyPairSync('dh', options);
  const small = Buffer.from('2f', 'hex');
  for (const options of [{ group: 'modp5' }, { groupName: 'MODP14' }, { group: 'modp2' }, { group: '' }, { group: 5 }, { group: 'modp5', prime: small }, { group: 'modp5', primeLength: 64 }, { group: 'modp5', generator: 2 }, {}, { primeLength: 64 }, { primeLength: -1 }, { primeLength: 'a' }, { prime: 5 }, { prime: small }, { prime: small, primeLength: 5 }, { generator: -1 }, { prime: small, generator: 'a' },
    { prime: small, generator: 0 }, { prime: small, generator: 1 }, { prime: small, generator: 47 }, { prime: Buffer.alloc(0) }, { prime: Buffer.from([3]) }, { prime: Buffer.from([15]) }, { prime: Buffer.from([16]) }, { prime: Buffer.alloc(1300, 255) }])
    await say('a pair of ' + JSON.stringify(options).slice(0, 60), () => { const { publicKey, privateKey } = pair(options); return [publicKey.type, publicKey.asymmetricKeyType, privateKey.asymmetricKeyDetails] });
  const [one, other] = [pair({ prime: Buffer.from(prime, 'hex') }), pair({ prime: Buffer.from(prime, 'hex'), generator: 2 })];
  await say('pairs agree', () => [diffieHellman({ privateKey: one.privateKey, publicKey: other.publicKey }).equals(diffieHellman({ privateKey: other.privateKey, publicKey: one.publicKey })), diffieHellman({ privateKey: one.privateKey, publicKey: other.publicKey }).length]);
  await say('pairs of two groups', () => diffieHellman({ privateKey: one.privateKey, publicKey: pair({ group: 'modp5' }).publicKey }));
  await say('equal', () => [one.publicKey.equals(one.publicKey), one.publicKey.equals(other.publicKey), one.publicKey.equals(createPublicKey(one.privateKey))]);
  for (const options of [{ type: 'spki', format: 'pem' }, { format: 'jwk' }, { type: 'pkcs1', format: 'pem' }, { format: 'pem' }]) await say('out as ' + JSON.stringify(options), () => one.publicKey.export({ ...options }));
  for (const options of [{ type: 'pkcs8', format: 'der' }, { type: 'sec1', format: 'der' }, { format: 'jwk' }]) await say('out as ' + JSON.stringify(options), () => one.privateKey.export({ ...options }));
  await say('signed', () => sign('sha256', Buffer.from('a'), one.privateKey));
  await say('verified', () => verify('sha256', Buffer.from('a'), one.publicKey, Buffer.from('a')));
  await say('signed as a stream', () => createSign('sha256').update('a').sign(one.privateKey));
  await say('verified as a stream', () => createVerify('sha256').update('a').verify(one.publicKey, 'a'));
  await say('encrypted', () => publicEncrypt(one.publicKey, Buffer.from('a')));
});
`,
});
