import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The small modules of Node do what theirs do: paths, URLs, queries, text decoders, assertions, the machine.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import assert from 'node:assert';
import strict from 'node:assert/strict';
import path from 'node:path';
import os from 'node:os';
import url from 'node:url';
import querystring from 'node:querystring';
import { StringDecoder } from 'node:string_decoder';
import { worker } from './prelude.js';

const fails = (f) => { try { f(); return 'passes' } catch (error) { return [error.name, error.code, error.operator, error.constructor.name] } };

export default worker(async ({ say }) => {
  await say('path', () => [path.join('/a', '..', 'b', './c'), path.resolve('/x', 'y', '../z'), path.basename('/a/b.txt', '.txt'), path.extname('a.b.c'), path.dirname('/a/b/c'), path.normalize('/a//b/../c/'), path.relative('/a/b/c', '/a/d'), path.isAbsolute('a'), path.sep, path.delimiter, path.posix === path]);
  await say('path of no text', () => path.join(1));
  await say('parse and format', () => [path.parse('/home/u/file.txt'), path.format({ dir: '/d', name: 'n', ext: '.e' })]);
  await say('url.parse', () => { const u = url.parse('http://user:pw@host.com:80/p/a?q=1&r=a%20b#h', true); return [u.host, u.auth, u.pathname, u.query.q, u.query.r, u.hash, u.path] });
  await say('url.resolve, format', () => [url.resolve('http://a/b/c', '../d'), url.format({ protocol: 'http', host: 'x.y', pathname: '/p', query: { a: 1 } }), url.fileURLToPath('file:///a/b%20c'), url.pathToFileURL('/a b').href, url.URL === URL]);
  await say('querystring', () => [querystring.parse('a=1&b=2&a=3&c=%20+x'), querystring.stringify({ a: [1, 2], b: 'x y', c: '' }), querystring.escape('a b&'), querystring.unescape('a%20b')]);
  await say('string_decoder', () => { const d = new StringDecoder('utf8'); return [d.write(Buffer.from([0xe2, 0x82])), d.write(Buffer.from([0xac])), d.end(Buffer.from([0xe2]))] });
  await say('string_decoder in base64', () => { const d = new StringDecoder('base64'); return d.write(Buffer.from('abcd')) + '|' + d.end() });
  await say('assert', () => [fails(() => assert(1)), fails(() => assert(0)), fails(() => assert.equal(1, '1')), fails(() => assert.strictEqual(1, '1')), fails(() => strict.equal(1, '1')), fails(() => assert.deepStrictEqual({ a: [1] }, { a: [1] })), fails(() => assert.deepStrictEqual({ a: 1 }, { a: 2 })), fails(() => assert.deepEqual({ a: 1 }, { a: '1' })), fails(() => assert.throws(() => {})), fails(() => assert.throws(() => { throw new TypeError('x') }, TypeError)), fails(() => assert.match('a', /b/)), fails(() => assert.ifError(null))]);
  await say('assert with a message', () => { try { assert.ok(false, 'said so') } catch (error) { return [error.message, error.generatedMessage] } });
  await say('assert with an error', () => assert.ok(false, new RangeError('mine')));
  await say('assert.rejects', async () => { await assert.rejects(Promise.reject(new Error('x')), /x/); return 'passes' });
  await say('os', () => [os.type(), os.platform(), os.arch(), os.EOL, os.hostname(), os.tmpdir(), os.homedir(), os.cpus(), os.endianness(), os.release(), os.availableParallelism()]);
});
`,
});
