import { fixedKeys } from '../../programs/fixed-keys.ts';
import { objects, scenario } from '../../scenario.ts';

const LODASH = ['includes', 'isboolean', 'isinteger', 'isnumber', 'isplainobject', 'isstring', 'once'];

export const subject = scenario({
  name: 'jsonwebtoken signs and verifies with secrets, RSA and curves, and refuses keys that do not suit an algorithm.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  packages: [
    ...[
      'jsonwebtoken',
      'jws',
      'jwa',
      'ecdsa-sig-formatter',
      'buffer-equal-constant-time',
      'safe-buffer',
      'semver',
      'ms',
    ],
    ...LODASH.map((name) => `lodash.${name}`),
  ],
  modules: { 'keys.js': fixedKeys },
  program: `
import jwt from 'jsonwebtoken';
import { createPrivateKey, createPublicKey, createSecretKey } from 'node:crypto';
import { worker } from './prelude.js';
import keys from './keys.js';

const said = { sub: 'someone', iat: 1700000000 };
const forms = { RS256: 'rsa', RS384: 'rsa', RS512: 'rsa', PS256: 'rsa', ES256: 'p256', ES384: 'p384', ES512: 'p521' };

export default worker(async ({ say }) => {
  for (const algorithm of ['HS256', 'HS384', 'HS512']) {
    await say(algorithm, () => { const token = jwt.sign(said, 'a secret', { algorithm }); return [token, jwt.verify(token, 'a secret')] });
  }
  await say('a secret key', () => jwt.verify(jwt.sign(said, createSecretKey(Buffer.from('a secret'))), createSecretKey(Buffer.from('a secret'))));
  for (const [algorithm, name] of Object.entries(forms)) {
    const { secret, open } = keys[name];
    await say(algorithm + ' with PEM', () => { const token = jwt.sign(said, secret, { algorithm }); return [algorithm.startsWith('RS') ? token : token.length, jwt.verify(token, open, { algorithms: [algorithm] })] });
    await say(algorithm + ' with keys', () => jwt.verify(jwt.sign(said, createPrivateKey(secret), { algorithm, keyid: 'one' }), createPublicKey(open), { complete: true }).header);
    await say(algorithm + ' with another key', () => jwt.verify(jwt.sign(said, secret, { algorithm }), name === 'rsa' ? keys.p256.open : keys.rsa.open));
  }
  await say('a certificate', () => jwt.verify(jwt.sign(said, keys.rsa.secret, { algorithm: 'RS256' }), keys.rsa.certificate));
  await say('a passphrase', () => jwt.verify(jwt.sign(said, { key: keys.rsa.locked, passphrase: 'secret' }, { algorithm: 'RS256' }), keys.rsa.open));
  await say('without it', () => jwt.sign(said, keys.rsa.locked, { algorithm: 'RS256' }));
  await say('a changed token', () => jwt.verify(jwt.sign(said, keys.rsa.secret, { algorithm: 'RS256' }).replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), keys.rsa.open));
  await say('a small key', () => jwt.sign(said, keys.rsa512.secret, { algorithm: 'RS256' }));
  await say('RSA for a curve', () => jwt.sign(said, keys.rsa.secret, { algorithm: 'ES256' }));
  await say('another curve', () => jwt.sign(said, keys.p384.secret, { algorithm: 'ES256' }));
  await say('a secret as RSA', () => jwt.sign(said, 'a secret', { algorithm: 'RS256' }));
  await say('a public key to sign', () => jwt.sign(said, createPublicKey(keys.rsa.open), { algorithm: 'RS256' }));
  await say('an unexpected algorithm', () => jwt.verify(jwt.sign(said, 'a secret'), keys.rsa.open));
  await say('expired', () => jwt.verify(jwt.sign({ ...said, exp: 1700000001 }, 'a secret'), 'a secret', { clockTimestamp: 1700000002 }));
  await say('decoded', () => jwt.decode(jwt.sign(said, 'a secret'), { complete: true }).header);
  await say('called back', () => new Promise((resolve) => jwt.sign(said, keys.rsa.secret, { algorithm: 'RS256' }, (error, token) => jwt.verify(token, keys.rsa.open, (failed, claims) => resolve([error, failed, claims])))));
});
`,
});
