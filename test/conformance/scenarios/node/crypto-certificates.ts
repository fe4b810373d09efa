import { fixedCertificates } from '../../programs/fixed-certificates.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto reads certificates, says whom they are for and who signed them, and reads signed challenges.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  modules: { 'certificates.js': fixedCertificates },
  program: `
import crypto, { Certificate, createPrivateKey, createPublicKey, X509Certificate } from 'node:crypto';
import { worker } from './prelude.js';
import all from './certificates.js';

const made = Object.fromEntries(['root', 'leaf', 'plain'].map((name) => [name, () => new X509Certificate(all[name])]));
const der = (text) => Buffer.from(text.replace(/-----[A-Z ]+-----|\\s/g, ''), 'base64');

export default worker(async ({ say }) => {
  for (const [name, make] of Object.entries(made)) {
    for (const field of ['subject', 'subjectAltName', 'issuer', 'infoAccess', 'validFrom', 'validTo', 'fingerprint', 'fingerprint256', 'fingerprint512', 'keyUsage', 'serialNumber', 'ca', 'issuerCertificate'])
      await say(name + ' ' + field, () => JSON.stringify(make()[field]) ?? 'undefined');
    await say(name + ' text', () => [make().toString() === all[name], JSON.stringify(make()) === JSON.stringify(all[name]), make().raw.equals(der(all[name])), Buffer.isBuffer(make().raw)]);
    await say(name + ' key', () => { const it = make().publicKey; return [it.constructor.name, it.asymmetricKeyType, it.export({ type: 'spki', format: 'der' }).length] });
    await say(name + ' twice', () => { const it = make(); return [it.raw === it.raw, it.publicKey === it.publicKey, it.toLegacyObject() === it.toLegacyObject()] });
    await say(name + ' as an object', () => { const { raw, pubkey, modulus, ...rest } = make().toLegacyObject(); return JSON.stringify([Buffer.isBuffer(raw) && raw.length, pubkey?.constructor.name, pubkey?.length, modulus?.slice(0, 16), rest]) });
    for (const [other, makeOther] of Object.entries(made)) {
      await say(name + ' is issued by ' + other, () => make().checkIssued(makeOther()));
      await say(name + ' is signed by ' + other, () => make().verify(makeOther().publicKey));
    }
    await say(name + ' and a private key', () => [make().checkPrivateKey(createPrivateKey(all.leafKey)), make().checkPrivateKey(createPrivateKey(all.plainKey))]);
  }
  const hosts = [['example.com'], ['EXAMPLE.com'], ['www.example.com'], ['a.b.example.com'], ['.example.com'], ['fooa.example.net'], ['foo.example.net'], ['bar.example.net'], ['example.org'], [''], ['co'], ['a.co'], ['Acme Root'], ['plain.example'], ['127.0.0.1'], ['example.com.'],
    ['www.example.com', { wildcards: false }], ['fooa.example.net', { partialWildcards: false }], ['a.b.example.com', { multiLabelWildcards: true }], ['.example.com', { singleLabelSubdomains: true }], ['example.com', { subject: 'never' }], ['plain.example', { subject: 'always' }], ['plain.example', { subject: 'never' }], ['plain.example', { subject: 'default' }], ['example.com', { subject: 'other' }], ['example.com', { wildcards: 5 }], ['example.com', 5], ['example.com', null], [5]];
  for (const args of hosts) await say('host ' + JSON.stringify(args), () => ['leaf', 'plain', 'root'].map((name) => made[name]().checkHost(...args)));
  for (const args of [['admin@example.com'], ['someone@example.com'], ['someone@EXAMPLE.com'], ['Someone@example.com'], ['else@example.com'], [''], ['admin@example.com', { subject: 'always' }], ['admin@example.com', { subject: 'never' }], [5]]) await say('email ' + JSON.stringify(args), () => ['leaf', 'plain'].map((name) => made[name]().checkEmail(...args)));
  for (const args of [['127.0.0.1'], ['127.0.0.2'], ['2001:db8::1'], ['2001:DB8:0:0:0:0:0:1'], ['::1'], ['a'], [''], [5]]) await say('ip ' + JSON.stringify(args), () => ['leaf', 'plain'].map((name) => made[name]().checkIP(...args)));
  for (const [name, value] of Object.entries({ number: 5, nothing: undefined, 'a buffer': new ArrayBuffer(4), 'no certificate': 'a', 'empty bytes': Buffer.alloc(0), 'bytes after it': Buffer.concat([der(all.plain), Buffer.from([1, 2, 3])]), 'half of it': der(all.plain).subarray(0, 100), DER: der(all.leaf), 'PEM as bytes': Buffer.from(all.leaf), 'two in PEM': all.leaf + all.root, 'a key': all.leafKey, 'text around it': 'hello\\n' + all.leaf, 'no newline': all.leaf.trim() }))
    await say('made of ' + name, () => new X509Certificate(value).serialNumber);
  await say('made by a call', () => X509Certificate(all.leaf));
  await say('issued by no certificate', () => made.leaf().checkIssued({}));
  await say('a private key that is none', () => made.leaf().checkPrivateKey(createPublicKey(all.leafKey)));
  await say('signed with a private key', () => made.leaf().verify(createPrivateKey(all.leafKey)));
  await say('the class', () => [X509Certificate.name, X509Certificate.length, Object.getOwnPropertyNames(X509Certificate.prototype).sort().join()]);

  await say('a challenge', () => [Certificate.verifySpkac(all.spkac), Certificate.exportChallenge(all.spkac).toString(), Certificate.exportPublicKey(all.spkac).toString() === createPublicKey(all.leafKey).export({ type: 'spki', format: 'pem' }), Certificate.verifySpkac(Buffer.from(all.spkac))]);
  await say('a challenge by an object', () => [new Certificate().verifySpkac(all.spkac), Certificate() instanceof Certificate, Object.keys(Certificate), Object.keys(Certificate.prototype)]);
  for (const [name, value] of Object.entries({ 'with newlines': all.spkac.match(/.{1,64}/g).join('\\n') + '\\n', changed: all.spkac.slice(0, -20) + 'AAAA' + all.spkac.slice(-16), text: 'hello', nothing: '', bytes: Buffer.from(all.spkac, 'base64') }))
    await say('a challenge ' + name, () => [Certificate.verifySpkac(value), Certificate.exportChallenge(value).toString(), Certificate.exportPublicKey(value).toString().length]);
  for (const value of [5, undefined, null, {}]) await say('a challenge of ' + value, () => Certificate.verifySpkac(value));
  await say('a challenge in hex', () => Certificate.verifySpkac(Buffer.from(all.spkac).toString('hex'), 'hex'));
});
`,
});
