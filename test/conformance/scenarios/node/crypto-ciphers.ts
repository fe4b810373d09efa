import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto enciphers with AES step by step and as a stream, and with others in one piece, and says what it cannot take or give yet.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import * as all from 'node:crypto';
import crypto from 'node:crypto';
import { Readable } from 'node:stream';
import { worker } from './prelude.js';

const { createCipheriv, createDecipheriv, getCipherInfo } = all;
const key = (size) => Buffer.alloc(size, 1);
const data = (size) => Buffer.from(Array.from({ length: size }, (_, i) => i & 255));
/** Nothing at a place, unlike Buffer.alloc(0). */
const none = () => data(3).subarray(3);
const ivs = { ecb: '', gcm: Buffer.alloc(12, 2) };
const iv = (mode) => ivs[mode] ?? Buffer.alloc(16, 2);
const cipher = (mode, options) => createCipheriv('aes-128-' + mode, key(16), iv(mode), options);
const decipher = (mode, options) => createDecipheriv('aes-128-' + mode, key(16), iv(mode), options);
/** Each of the steps, what it gave or threw; the thing itself is 'it'. */
const each = (it, ...steps) => steps.map((step) => {
  try {
    const value = step(it);
    return value === it ? 'it' : Buffer.isBuffer(value) ? value.toString('hex') + '.' : value;
  } catch (error) {
    return error.constructor.name + '(' + error.name + '): ' + error.message + (error.code ? ' ' + error.code : '');
  }
});
const update = (value, ...more) => (it) => it.update(value, ...more);
const final = (...more) => (it) => it.final(...more);
const padding = (...more) => (it) => it.setAutoPadding(...more);
const aad = (...more) => (it) => it.setAAD(...more);
const getTag = (it) => it.getAuthTag();
const setTag = (...more) => (it) => it.setAuthTag(...more);
const pieces = (bytes, sizes) => { let at = 0; return sizes.map((size) => bytes.subarray(at, (at += size))) };
const modes = ['cbc', 'ecb', 'ctr', 'ofb', 'gcm'];

/** A message, hidden, and its tag. */
function hidden(mode, message, extra) {
  const it = cipher(mode);
  if (extra) it.setAAD(extra);
  const bytes = Buffer.concat([it.update(message), it.final()]);
  return { bytes, tag: it.getAuthTag() };
}

async function steps(say, mode) {
  const sizes = [1, 14, 1, 16, 5, 0, 40, 30];
  await say(mode + ' by steps', () => each(cipher(mode), ...pieces(data(77), sizes).map((one) => update(one)), final(), getTag));
  const { bytes, tag } = hidden(mode, data(70));
  await say(mode + ' back by steps', () => each(decipher(mode), (it) => mode === 'gcm' && it.setAuthTag(tag), ...pieces(bytes, sizes).map((one) => update(one)), final(), final(), update(data(1)), padding(true)));
  await say(mode + ' without padding', () => [each(cipher(mode), padding(false), update(data(17)), final(), update(data(15)), final()), each(cipher(mode), padding(false), update(data(16)), final())]);
  await say(mode + ' with padding as given', () => ['x', 0, 1, null, undefined].map((one) => each(cipher(mode), padding(one), update(data(3)), final())));
  await say(mode + ' back without padding', () => [each(decipher(mode), padding(false), update(data(17)), final()), each(decipher(mode), padding(false), update(data(16)), final())]);
  await say(mode + ' back of nothing', () => each(decipher(mode), final(), final()));
  await say(mode + ' back of too little', () => each(decipher(mode), update(data(15)), final(), final()));
  await say(mode + ' back of what is wrong', () => each(decipher(mode), update(data(16)), final(), final(), update(data(16)), final()));
  await say(mode + ' twice', () => each(cipher(mode), final(), final(), final('hex'), update('a'), update('a', 'utf8'), update(none()), padding(false), aad(data(3))));
  await say(mode + ' and a tag', () => each(cipher(mode), getTag, update(data(1)), getTag, final(), getTag, getTag));
  await say(mode + ' and additional data', () => each(cipher(mode), aad(data(3)), aad(data(30)), aad('text'), aad('6162', { encoding: 'hex' }), aad(5), aad(new ArrayBuffer(2)), final(), getTag, aad(5), aad(data(3))));
  await say(mode + ' and what additional data cannot be', () => each(cipher(mode), aad(data(1), null), aad(data(1), 5), aad(data(1), { plaintextLength: 'a' }), aad(data(1), { plaintextLength: -1 }), aad(data(1), { plaintextLength: 1.5 }), aad(data(1), { encoding: 5 }), aad('a', { encoding: 'nope' }), aad('a', { encoding: 'buffer' }), final(), getTag));
  await say(mode + ' back and a tag', () => each(decipher(mode), setTag(key(16)), setTag(key(16)), setTag(key(3)), setTag(key(16).toString('hex'), 'hex'), setTag(5), setTag(), update(data(1)), setTag(key(16)), aad(data(3)), final(), setTag(key(16)), getTag));
  await say(mode + ' and nothing', () => [each(cipher(mode), update(Buffer.alloc(0)), update(data(2)), update(none()), update('', 'utf8'), final(), getTag), each(cipher(mode), update(none()), update(data(2)), update(none()), final(), getTag)]);
  const lengths = (make, sizes) => sizes.map((size) => each(null, () => make(size) && size).join());
  for (const make of [createCipheriv, createDecipheriv]) {
    await say(mode + ' key lengths', () => lengths((size) => make('aes-128-' + mode, key(size), iv(mode)), [0, 1, 15, 16, 17, 24, 32]));
    await say(mode + ' iv lengths', () => lengths((size) => make('aes-128-' + mode, key(16), key(size)), [0, 1, 7, 8, 11, 12, 13, 15, 16, 17, 100]));
  }
  for (const given of [null, undefined, 5, {}, true, 'abcdefghijklmnop', new ArrayBuffer(16), new DataView(new ArrayBuffer(16)), new Uint32Array(4)]) {
    await say(mode + ' iv ' + Object.prototype.toString.call(given), () => each(null, () => createCipheriv('aes-128-' + mode, key(16), given).update(data(16))));
    await say(mode + ' key ' + Object.prototype.toString.call(given), () => each(null, () => createCipheriv('aes-128-' + mode, given, iv(mode)).update(data(16))));
  }
  const events = async (it, ...writes) => {
    const seen = [];
    for (const name of ['data', 'end', 'error', 'close', 'finish']) it.on(name, (value) => seen.push([name, Buffer.isBuffer(value) ? value.toString('hex') : value?.message]));
    const given = each(it, ...writes.map((write) => (it) => it.write(...write) && 'more'), (it) => it.end() && 'ended');
    if (given.some((one) => String(one).includes('Error'))) it.destroy();
    await new Promise((done) => it.on('close', done));
    return [given, seen];
  };
  await say(mode + ' as a stream', () => events(cipher(mode), [data(17)], [data(3)], ['abc'], ['ff', 'hex'], ['\\u00e9', 'latin1']));
  await say(mode + ' back as a stream', () => events(mode === 'gcm' ? decipher(mode).setAuthTag(tag) : decipher(mode), ...pieces(bytes, [20, 20, 40]).map((one) => [one])));
  await say(mode + ' back as a stream of what is wrong', () => events(decipher(mode), [data(32)]));
  await say(mode + ' read', () => each(cipher(mode), (it) => it.write(data(17)), (it) => it.read(), (it) => it.end() && 0, (it) => it.read(), (it) => it.read()));
  await say(mode + ' ended by hand before', () => events((() => { const it = cipher(mode); it.final(); return it })()));
  await say(mode + ' piped', async () => { let text = ''; for await (const chunk of Readable.from([data(5), data(16), '\\u00e9']).pipe(cipher(mode)).setEncoding('hex')) text += chunk; return text });
}

async function gcm(say) {
  const { bytes, tag } = hidden('gcm', data(6));
  await say('additional data in pieces', () => [hidden('gcm', data(6), data(40)).tag.equals((() => { const it = cipher('gcm'); for (const one of pieces(data(40), [3, 30, 7])) it.setAAD(one); it.update(data(6)); it.final(); return it.getAuthTag() })())]);
  await say('additional data too late', () => [each(cipher('gcm'), update(data(2)), aad(data(3)), update(data(3)), final(), getTag), each(cipher('gcm'), update(data(2)), aad(Buffer.alloc(0)), final()), each(decipher('gcm'), setTag(tag), update(bytes.subarray(0, 3)), aad(data(3)), update(bytes.subarray(3)), final())]);
  await say('no additional data', () => [each(cipher('gcm'), aad(Buffer.alloc(0)), update(data(2)), final()), each(cipher('gcm'), aad(''), update(data(2)), final()), each(cipher('gcm'), aad(none()), update(data(2)), final()), each(decipher('gcm'), aad(Buffer.alloc(0)), setTag(tag), update(bytes), final())]);
  await say('nothing back', () => [each(decipher('gcm'), setTag(tag), update(Buffer.alloc(0)), update(bytes), final()), each(decipher('gcm'), setTag(tag), update(bytes), update(Buffer.alloc(0)), update(bytes), final(), aad(data(2))), each(decipher('gcm'), setTag(tag), update(none()), update(bytes), final())]);
  await say('no tag', () => each(decipher('gcm'), aad(data(1)), update(data(3)), final(), setTag(key(16)), update(data(3)), final(), update(data(3)), padding(true)));
  await say('a tag that is wrong', () => each(decipher('gcm'), setTag(key(16)), update(bytes), final(), aad(data(1)), update(bytes), final()));
  for (const size of [0, 1, 3, 4, 5, 7, 8, 11, 12, 13, 14, 15, 16]) await say('a tag of ' + size, () => each(decipher('gcm'), setTag(tag.subarray(0, size)), update(bytes), final()));
  await say('a tag of 17', () => each(decipher('gcm'), setTag(key(17)), update(bytes), final()));
  for (const name of ['authTagLength', 'authLengthTag'])
    for (const size of [0, 3, 4, 8, 12, 16, 17, -1, 1.5, 2 ** 32, '12', null, undefined]) {
      await say(name + ' ' + size, () => each({}, () => { const it = cipher('gcm', { [name]: size }); it.update(data(6)); it.final(); return it.getAuthTag() }));
      await say(name + ' ' + size + ' back', () => each({}, () => decipher('gcm', { [name]: size }).setAuthTag(tag) && 'taken', () => decipher('gcm', { [name]: size }).setAuthTag(tag.subarray(0, 12)) && 'taken'));
      await say(name + ' ' + size + ' of cbc', () => each({}, () => cipher('cbc', { [name]: size }).final()));
    }
  for (const size of [1, 8, 11, 13, 16, 64, 100]) await say('an iv of ' + size, () => each(createCipheriv('aes-192-gcm', key(24), data(size)), update(data(20)), final(), getTag));
  await say('counters that wrap', () => ['ctr', 'gcm'].map((mode) => createCipheriv('aes-256-' + mode, key(32), Buffer.alloc(16, 255)).update(data(40), null, 'hex')));
}

async function encodings(say) {
  const text = hidden('cbc', Buffer.from('h\\u00e9llo')).bytes;
  for (const encoding of ['utf8', 'hex', 'base64', 'base64url', 'latin1', 'binary', 'ascii', 'utf16le', 'ucs2', 'buffer', 'nope', 'UTF8', 'HEX', '', 5, null, {}])
    await say('encoding ' + encoding, () => [each(cipher('ctr'), update('abcd', encoding), update('abcd', encoding, 'hex'), update('abcd', 'utf8', encoding), update(data(4), encoding), update(data(4), undefined, encoding), final(encoding)), each(decipher('cbc'), update(text), final(encoding))]);
  for (const encoding of ['hex', 'base64', 'latin1', 'utf16le']) await say('pieces in ' + encoding, () => each(cipher('ctr'), ...[1, 2, 3, 5].map((size) => update(data(size), null, encoding)), final(encoding)));
  const { bytes } = hidden('ctr', Buffer.from('a\\u20ac\\u{1d11e}b'));
  await say('letters in pieces', () => each(decipher('ctr'), ...Array.from(bytes, (_, i) => update(bytes.subarray(i, i + 1), null, 'utf8')), final('utf8')));
  await say('letters cut in two', () => each(decipher('ctr'), ...pieces(bytes, [3, 2, 4, 1]).map((one) => update(one, null, 'utf8')), final('utf8')));
  const broken = hidden('ctr', Buffer.from('e2824180e08041eda080f09f98f4908080c0afff61', 'hex')).bytes;
  await say('what is no letter', () => [each(decipher('ctr'), update(broken, null, 'utf8')), Array.from(broken.slice(1), (_, i) => decipher('ctr').update(broken.subarray(0, i), null, 'utf8').length)]);
  const long = hidden('cbc', Buffer.from('123456789012345\\u20ac5678901234567\\u00e9'));
  await say('a letter over two blocks', () => [each(decipher('cbc'), update(long.bytes, null, 'utf8'), final('utf8')), each(decipher('cbc'), update(long.bytes, null, 'utf8'), final('hex'))]);
  await say('encodings mixed', () => each(cipher('ctr'), update(data(3), null, 'hex'), update(data(3), null, 'base64'), update(data(3)), final('utf8')));
  for (const value of [5, null, undefined, 'abc', {}, [1], true, new ArrayBuffer(3), new Uint16Array(2), new DataView(new ArrayBuffer(2))])
    await say('data ' + Object.prototype.toString.call(value), () => each(cipher('ctr'), update(value), update(value, 'utf8'), (it) => it._transform(value, 'utf8', () => {})));
}

async function inOnePiece(say) {
  for (const [name, size] of [['chacha20-poly1305', 32], ['aes-128-gcm-siv', 16], ['aes-256-gcm-siv', 32]]) {
    const make = (options) => createCipheriv(name, key(size), data(12), options);
    const unmake = (options) => createDecipheriv(name, key(size), data(12), options);
    const sealed = each(make(), aad(data(3)), update(data(50)), final(), getTag, getTag);
    const [bytes, tag] = [sealed[1], sealed[3]].map((one) => Buffer.from(one, 'hex'));
    await say(name, () => sealed);
    await say(name + ' back', () => each(unmake(), aad(data(3)), update(bytes), setTag(tag), setTag(tag), update(bytes), update(bytes), final(), final(), update(bytes), aad(data(1)), setTag(tag), padding(true)));
    await say(name + ' back of what is wrong', () => each(unmake(), setTag(key(16)), update(bytes), update(bytes), setTag(tag), final(), update(bytes), getTag));
    await say(name + ' of nothing', () => [each(make(), final(), getTag, update(data(1)), final(), padding(true)), each(make(), update(Buffer.alloc(0)), update(data(1)), final(), getTag), each(unmake(), final())]);
    await say(name + ' and additional data', () => each(make(), aad(data(9)), aad(data(3)), update(data(50)), aad(data(9)), padding(false), getTag, final(), getTag));
    for (const authLengthTag of [1, 12, 15, 16, 17]) await say(name + ' and a tag of ' + authLengthTag, () => each({}, () => each(make({ authLengthTag }), aad(data(3)), update(data(50)), final(), getTag).join(), () => each(unmake({ authLengthTag }), aad(data(3)), setTag(key(5)), setTag(tag.subarray(0, authLengthTag)), (it) => it.update(bytes), final()).join()));
    await say(name + ' lengths', () => each({}, () => createCipheriv(name, key(3), data(3)), () => createCipheriv(name, key(3), data(12)), () => createCipheriv(name, key(3), '')));
    await say(name + ' as a stream', () => each(make(), (it) => it.write(data(17)), (it) => it.read(), (it) => it.write(data(3)), (it) => it.end() && 0));
  }
}

export default worker(async ({ say }) => {
  for (const mode of modes) await steps(say, mode);
  await gcm(say);
  await encodings(say);
  await inOnePiece(say);
  const inBlocks = hidden('cbc', data(40)).bytes;
  await say('padding is turned on and off', () => [each(decipher('cbc'), update(inBlocks.subarray(0, 16)), padding(false), update(inBlocks.subarray(16, 32)), padding(true), update(inBlocks.subarray(32)), final()), each(decipher('cbc'), update(inBlocks), padding(false), final()), each(decipher('cbc'), update(inBlocks.subarray(0, 20)), padding(false), update(inBlocks.subarray(20)), final())]);
  await say('a key that changes', () => { const [one, other] = [key(16), key(16)]; const it = createCipheriv('aes-128-cbc', one, other); one.fill(0); other.fill(0); return it.final('hex') });
  await say('what was given stays', () => { const given = data(40); const got = cipher('cbc').update(given); return [got.buffer === given.buffer, given.equals(data(40)), got.byteOffset, got.buffer.byteLength] });
  await say('much', () => ['cbc', 'ctr', 'gcm'].map((mode) => { const message = Buffer.alloc(300000, 7); const { bytes, tag } = hidden(mode, message); const it = decipher(mode); if (mode === 'gcm') it.setAuthTag(tag); return [crypto.hash('sha1', bytes), Buffer.concat([it.update(bytes), it.final()]).equals(message)] }));
  await say('algorithms', () => [null, undefined, 5, {}, '', 'nope', 'aes128', 'aes-128', 'aes-128-cfb', 'id-aes128-GCM', 'AES-128-CBC', 'Aes-128-Gcm'].map((name) => each({}, () => createCipheriv(name, key(16), key(16)).update(data(16)), () => createDecipheriv(name, key(16), key(16)).setAutoPadding(false).constructor.name)));
  await say('options', () => [null, 5, 'a', {}].map((options) => each({}, () => createCipheriv('aes-128-cbc', key(16), key(16), options).final())));
  await say('options for the stream', () => { const it = cipher('cbc', { highWaterMark: 5 }); return [it.readableHighWaterMark, it.writableHighWaterMark] });
  await say('what is looked at first', () => each({}, () => createCipheriv(5, 5, 5), () => createCipheriv('nope', 5, 5), () => createCipheriv('nope', key(3), 5), () => createCipheriv('nope', key(3), key(3)), () => createCipheriv('aes-128-cbc', key(3), key(3)), () => createCipheriv('aes-128-gcm', key(3), key(3), { authLengthTag: 1 }), () => createCipheriv('aes-128-gcm', key(16), Buffer.alloc(0), { authLengthTag: 1 }), () => createCipheriv('aes-128-gcm', key(16), 5, null), () => createCipheriv()));
  await say('keys of pairs', () => { const pair = crypto.generateKeyPairSync('ed25519'); return each({}, () => createCipheriv('aes-128-cbc', pair.publicKey, key(16)), () => createCipheriv('nope', pair.privateKey, 5)) });
  await say('classes', () => [all.Cipheriv, all.Decipheriv].map((one) => [one.name, one.length, Object.getOwnPropertyNames(one.prototype).map((name) => name + ' ' + one.prototype[name].length)]));
  await say('functions', () => [createCipheriv, createDecipheriv, all.getCiphers, getCipherInfo].map((one) => one.name + ' ' + one.length));

  const ciphers = all.getCiphers();
  // Those behind are in another order in each process.
  const tail = ciphers.splice(ciphers.indexOf('rc4') + 1).sort();
  await say('ciphers', () => [ciphers.join(' '), tail.join(' ')]);
  await say('a list of its own', () => all.getCiphers() === all.getCiphers());
  for (const name of new Set([...ciphers, ...tail])) await say('info ' + name, () => getCipherInfo(name));
  for (const args of [['Aes-128-cbc'], ['aes128'], ['id-aes256-GCM'], ['nope'], [''], ['AES-256-GCM-SIV'], [null], [undefined], [{}], [true], [0], [5], [419], [419.7], [895], [950], [-1], [NaN], [2 ** 32 + 419]])
    await say('info ' + JSON.stringify(args), () => getCipherInfo(...args));
  for (const [name, options] of [['aes-128-cbc', null], ['aes-128-cbc', 5], ['aes-128-cbc', []], ['aes-128-cbc', { keyLength: 16 }], ['aes-128-cbc', { keyLength: 15 }], ['aes-128-cbc', { keyLength: '16' }], ['aes-128-cbc', { keyLength: 16.5 }], ['aes-128-cbc', { keyLength: null }], ['aes-128-cbc', { keyLength: 'a' }], ['aes-128-cbc', { keyLength: 2 ** 32 + 16 }], ['aes-128-cbc', { ivLength: 12 }], ['aes-128-cbc', { ivLength: '16' }], ['aes-128-ecb', { ivLength: 0 }], ['aes-128-ecb', { ivLength: 1 }], ['aes-128-gcm', { ivLength: 13 }], ['aes-128-gcm', { ivLength: 0 }], ['aes-128-gcm', { ivLength: -1 }], ['aes-128-gcm', { ivLength: 13, keyLength: 15 }], ['rc4', { keyLength: 5 }], ['rc4', { keyLength: 0 }], ['rc2-cbc', { keyLength: 5 }], ['des-cbc', { keyLength: 5 }], ['chacha20-poly1305', { ivLength: 3, keyLength: 3 }], ['aes-128-gcm-randnonce', { ivLength: 5 }]])
    await say('info ' + name + ' ' + JSON.stringify(options), () => getCipherInfo(name, options));
});
`,
});
