import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Addresses, decoders, base64, forms, random values and compression are refused in the words of the platform.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { worker } from './prelude.js';
export default worker(async ({ say }) => {
  await say('an address', () => new URL('bad'));
  await say('a base', () => new URL('/x', 'bad'));
  await say('nothing', () => new URL(''));
  await say('undefined', () => new URL(undefined));
  await say('a good one', () => [new URL('/x', 'http://h').href, URL.canParse('bad'), new URL('http://h') instanceof URL, new URL('http://h').constructor === URL]);
  await say('of a subclass', () => { class Mine extends URL { get short() { return this.host } } const it = new Mine('http://h'); return [it.short, it instanceof URL, it instanceof Mine] });
  await say('a text that cannot be had', () => new URL({ toString() { throw new RangeError('mine') } }));
  await say('an encoding', () => new TextDecoder('nope'));
  await say('bytes that are no text', () => new TextDecoder('utf-8', { fatal: true }).decode(new Uint8Array([0xff])));
  await say('bytes that are, by default', () => new TextDecoder().decode(new Uint8Array([0xff, 65])));
  await say('text to be decoded', () => new TextDecoder().decode('x'));
  for (const text of ['*', 'a']) await say('atob of ' + text, () => atob(text));
  await say('atob of nothing', () => atob());
  await say('btoa', () => btoa('\u0100'));
  await say('both', () => [atob('YQ=='), btoa('a')]);
  await say('many random values', () => crypto.getRandomValues(new Uint8Array(65537)));
  await say('random values of no integers', () => crypto.getRandomValues(new Float32Array(2)));
  await say('MD5', async () => new Uint8Array(await crypto.subtle.digest('MD5', new TextEncoder().encode('x'))));
  await say('another digest', async () => new Uint8Array(await crypto.subtle.digest({ name: 'sha-1' }, new TextEncoder().encode('x'))).length);
  await say('a format', () => new CompressionStream('br'));
  await say('no format', () => new DecompressionStream());
  await say('a form without a boundary', () => new Response('x', { headers: { 'content-type': 'multipart/form-data' } }).formData());
  await say('a form that is none', () => new Response('x', { headers: { 'content-type': 'multipart/form-data; boundary=b' } }).formData());
  await say('cloning nothing', () => structuredClone());
  await say('an exception', () => { const e = new DOMException('m', 'AbortError'); return [typeof e.stack, e.code, e instanceof DOMException, e instanceof Error, e.constructor === DOMException] });
});
`,
});
