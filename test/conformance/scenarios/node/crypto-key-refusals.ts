import { fixedKeys } from '../../programs/fixed-keys.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto says in few words what is no key, and names the field of a JWK that is wrong.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  modules: { 'keys.js': fixedKeys },
  program: `
import crypto from 'node:crypto';
import { worker } from './prelude.js';
import keys from './keys.js';

const without = (jwk, ...names) => Object.fromEntries(Object.entries(jwk).filter(([name]) => !names.includes(name)));
const pem = (label, body) => '-----BEGIN ' + label + '-----\\n' + body + '\\n-----END ' + label + '-----\\n';

export default worker(async ({ say }) => {
  const inputs = {
    undefined: undefined, null: null, number: 5, empty: '', text: 'abc', bytes: new Uint8Array(3), object: {},
    'public PEM': pem('PUBLIC KEY', 'AAAA'), 'private PEM': pem('PRIVATE KEY', 'AAAA'), certificate: pem('CERTIFICATE', 'AAAA'),
    'no key': { key: undefined }, 'number as key': { key: 5 }, 'key of text': { key: 'abc' }, DER: { key: 'abc', format: 'der' },
    'DER of a type': { key: Buffer.from([48, 3, 2, 1]), format: 'der', type: 'pkcs1' }, 'another format': { key: 'abc', format: 'xx' },
    'type of the other': { key: 'abc', format: 'der', type: 'pkcs8' }, 'another type': { key: 'abc', format: 'der', type: 'xx' },
    'a key in options': { key: crypto.createPrivateKey(keys.p256.secret) }, 'a private key': crypto.createPrivateKey(keys.p256.secret),
    'a public key': crypto.createPublicKey(keys.p256.open), 'a secret key': crypto.createSecretKey('abc'),
    locked: keys.rsa.locked, 'locked with another': { key: keys.rsa.locked, passphrase: 'other' },
    'locked the old way': keys.rsa.lockedOld, 'locked the old way with another': { key: keys.rsa.lockedOld, passphrase: 'other' },
    'a passphrase for nothing': { key: keys.p256.secret, passphrase: 'other' }, 'a number as passphrase': { key: keys.p256.secret, passphrase: 5 },
  };
  for (const make of ['createPrivateKey', 'createPublicKey', 'createSecretKey'])
    for (const [name, input] of Object.entries(inputs)) await say(make + ' of ' + name, () => { const key = crypto[make](input); return [key.type, key.asymmetricKeyType]; });

  const [rsa, ec, okp] = [keys.rsa.secretJwk, keys.p256.secretJwk, keys.ed25519.secretJwk];
  const jwks = {
    empty: {}, 'kty of a number': { ...rsa, kty: 5 }, oct: { kty: 'oct', k: 'AA' }, 'RSA alone': { kty: 'RSA' }, 'EC alone': { kty: 'EC' }, 'OKP alone': { kty: 'OKP' },
    'RSA without e': without(rsa, 'e'), 'RSA without p': without(rsa, 'p'), 'RSA without qi': without(rsa, 'qi'), 'RSA with d alone': without(rsa, 'p', 'q', 'dp', 'dq', 'qi'),
    'RSA with a wrong d': { ...rsa, d: 'AQAB' }, 'RSA with n that is no text': { ...rsa, n: 5 }, 'RSA with n that is no base64': { ...rsa, n: '!!' }, 'RSA with a wrong qi': { ...rsa, qi: 'AQAB' }, 'RSA with a wrong p': { ...rsa, p: 'AQAB' },
    'RSA with more': { ...rsa, kid: 'a', use: 'sig', alg: 'RS256', key_ops: ['sign'], ext: true },
    'EC without x': without(ec, 'x'), 'EC without y': without(ec, 'y'), 'EC without d': without(ec, 'd'), 'EC off its curve': { ...ec, x: 'AA', y: 'AA' }, 'EC with x that is no base64': { ...ec, x: '!!' },
    'EC with another d': { ...ec, d: 'AQAB' }, 'EC of an unknown curve': { ...ec, crv: 'P-999' }, 'EC of another curve': { ...ec, crv: 'P-224' }, 'EC of a curve that is a number': { ...ec, crv: 5 },
    'OKP without x': without(okp, 'x'), 'OKP without d': without(okp, 'd'), 'OKP of an unknown curve': { ...okp, crv: 'Ed448' }, 'OKP with a short d': { ...okp, d: 'AQAB' }, 'OKP with a short x': { ...okp, x: 'AQAB' },
  };
  for (const make of ['createPrivateKey', 'createPublicKey'])
    for (const [name, key] of Object.entries(jwks)) {
      await say(make + ' of ' + name, () => {
        const made = crypto[make]({ key, format: 'jwk' });
        if (made.type === 'public' || made.asymmetricKeyType === 'x25519') return made.type;
        const signed = crypto.sign(made.asymmetricKeyType === 'ed25519' ? null : 'sha256', Buffer.from('x'), made);
        return [made.type, signed.length > 0];
      });
    }
});
`,
});
