import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto makes primes of a size, safe ones and those that leave a remainder, and tells primes from other numbers.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import { checkPrime, checkPrimeSync, generatePrime, generatePrimeSync } from 'node:crypto';
import { worker } from './prelude.js';

const call = (f) => new Promise((resolve, reject) => f((error, value) => (error ? reject(error) : resolve(value))));
const shown = (value) => typeof value === 'bigint' ? value + 'n' : value instanceof Uint8Array ? 'bytes' : Array.isArray(value) ? 'array' : typeof value === 'object' && value ? '{' + Object.entries(value).map(([k, v]) => k + ': ' + shown(v)) + '}' : String(value);
const among = (count, make) => [...new Set(Array.from({ length: count }, () => Number(make())))].sort((a, b) => a - b);

export default worker(async ({ say }) => {
  for (const size of [1, 3, 8, 9, 17, 64, 256, 0, -1, 1.5, '5', undefined, 2 ** 31, 2 ** 40, 8193])
    await say('of ' + size + ' bits', () => { const it = generatePrimeSync(size); return [it.constructor.name, it.byteLength, checkPrimeSync(it)] });
  await say('a number', () => { const it = generatePrimeSync(64, { bigint: true }); return [typeof it, it.toString(2).length, it.toString(2).slice(0, 2)] });
  for (const size of [2, 3, 4, 5, 6]) await say('all of ' + size + ' bits', () => among(300, () => generatePrimeSync(size, { bigint: true })));
  for (const size of [1, 2, 3, 6, 8]) await say('all safe of ' + size + ' bits', () => among(20, () => generatePrimeSync(size, { bigint: true, safe: true })));
  await say('a safe one', () => { const it = generatePrimeSync(96, { bigint: true, safe: true }); return [it.toString(2).length, checkPrimeSync(it), checkPrimeSync(it >> 1n)] });
  for (const options of [{ add: 12n }, { add: 12n, rem: 11n }, { add: 24n, rem: 23n }, { add: 60n, rem: 59n }, { add: 12n, rem: 11n, safe: true }, { add: 12n, rem: 5n }, { add: 12n, rem: 12n }, { add: 24n, rem: 11n }, { rem: 5n }, { add: 0n }, { add: 2n ** 33n }, { add: -1n }, { rem: -1n }, { add: 5 }, { rem: 'a' }, { add: null }, { safe: 1 }, { safe: null }, { bigint: 'a' }, { add: Buffer.from([12]), rem: Buffer.from([11]) }, null, 5, [], 'a'])
    await say('with ' + shown(options), () => { const it = generatePrimeSync(48, options?.add ? { bigint: true, ...options } : options); return [typeof it, checkPrimeSync(it), typeof options.add === 'bigint' ? it % options.add : undefined] });
  await say('a remainder of a larger number', () => generatePrimeSync(3, { add: 12n, rem: 11n }));
  await say('told later', async () => [(await call((done) => generatePrime(32, done))).byteLength, typeof (await call((done) => generatePrime(32, { bigint: true }, done)))]);
  await say('told nobody', () => generatePrime(32));
  await say('told nobody, with options', () => generatePrime(32, {}));
  await say('refused later', () => call((done) => generatePrime(32, { add: 12n }, done)));
  await say('refused at once', () => generatePrime(32, { safe: 5 }, () => {}));

  for (const candidate of [0n, 1n, 2n, 3n, 4n, 9n, 13n, 1999n, 2001n, 2003n, 4012009n, 561n, 3215031751n, 3825123056546413051n, 318665857834031151167461n, 2n ** 61n - 1n, 2n ** 67n - 1n, 2n ** 127n - 1n, 2n ** 521n - 1n, 2n ** 523n - 1n, -3n, 5, 'a', null, undefined, {}])
    await say('is ' + shown(candidate), () => checkPrimeSync(candidate));
  await say('is what bytes say', () => [checkPrimeSync(Buffer.from([0, 0, 7])), checkPrimeSync(new ArrayBuffer(0)), checkPrimeSync(new Uint8Array([11]).buffer), checkPrimeSync(new Uint16Array([11])), checkPrimeSync(new DataView(new Uint8Array([13]).buffer))]);
  for (const options of [{ checks: 5 }, { checks: 64 }, { checks: 65 }, { checks: -1 }, { checks: 1.5 }, { checks: 'a' }, { checks: null }, { checks: 2 ** 31 }, null, 5, undefined, {}]) await say('asked with ' + shown(options), () => checkPrimeSync(13n, options));
  await say('is something very large', () => checkPrimeSync(1n << 8192n));
  await say('is something large', () => checkPrimeSync(1n << 8191n));
  await say('answered later', async () => [await call((done) => checkPrime(13n, done)), await call((done) => checkPrime(15n, { checks: 3 }, done))]);
  await say('answered to nobody', () => checkPrime(13n));
  await say('answered to nobody, with options', () => checkPrime(13n, {}));
  await say('refused with options', () => checkPrime(13n, 5, () => {}));
  await say('the order', async () => { const seen = []; const asked = call((done) => checkPrime(13n, done)).then(() => seen.push('told')); seen.push('asked'); await asked; return seen });
});
`,
});
