/**
 * Records the bytes that workerd stores for values: `node tools/record-values.mjs`.
 *
 * A Durable Object puts each value of the lists below; the bytes are then read from its SQLite file and written to
 * test/unit/fixtures/workerd-values.json. The unit tests evaluate the same expressions. `stack(error)` gives an error a
 * stack that does not depend on where it was made.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Miniflare } from 'miniflare';
import initSqlJs from 'sql.js';

const FIXTURE = fileURLToPath(new URL('../test/unit/fixtures/workerd-values.json', import.meta.url));
const STACK = `const stack = (error) => { error.stack = 'S'; return error; };`;

const primitives = `null; true; false; 0; -0; 1; -1; 63; 64; 1000; 2**30; 2**30-1; -(2**30); -(2**30)-1; 2**31-1; -(2**31); 2**31; 2**32-1; 2**32
2**53; 1.5; -1.5; NaN; Infinity; -Infinity; 5e-324; Number.MAX_VALUE; 0n; 1n; -1n; 2n**63n; 2n**64n; -(2n**64n)+1n; -(2n**200n)
''; 'a'; 'abc'; 'é'; 'ÿ'; 'Ā'; '日本'; 'a日'; 'x'.repeat(127); 'x'.repeat(128); 'é'.repeat(200); '日'.repeat(70); 'a\\u0000b'; '\\ud800'; '😀'
Object(1); Object(-0); Object('s'); Object('日'); Object(true); Object(false); Object(1n); Object(-5n); [Object('x')]`;

const objects = `({}); ({a:1}); ({a:undefined}); ({a:{b:{c:[]}}}); ({b:1,a:2,1:3,0:4}); ({'01':1,'1.5':2,'-1':3})
({x:2**31,1:2,a:3,0:1,4294967294:1,4294967295:2,1073741824:1,2147483648:2}); ({'日':1}); ({a:'日本'}); ({a:{'日':'本'},b:'ÿ'})
({['__proto__']:1}); JSON.parse('{"__proto__":{"a":1}}'); ({get a(){return 1}}); ({[Symbol('s')]:1,b:2})
Object.defineProperty({a:1},'hidden',{value:2}); Object.create({inherited:1}); Object.assign(Object.create(null),{a:1}); Object.create(new WeakMap())
new (class P{x=1;#y=2;m(){}}); new (class Z{get [Symbol.toStringTag](){return 'X'}}); ({[Symbol.toStringTag]:'Date'}); Math; JSON
(()=>{const o={};o.o=o;return o})(); (()=>{const o={};return [o,o,{o}]})(); (()=>{const o=Array.from({length:20},(_, i)=>({i}));return [o,o[3],o[19]]})()
(()=>{const o={a:1,get b(){delete this.c;return 2},c:3};return o})()`;

const arrays = `[]; [1]; [1,2,3]; [1,1.5]; [1,'a',1.5]; [2**30]; [2**31,1]; [NaN]; [-0]; [-0,1]; [null]; [true,false]; [[]]; [[1],[2]]; ['a','b']
[,]; [1,,3]; [1.5,,2]; ['a',,'b']; Array(5); (()=>{const a=[];a[1000]=1;return a})(); (()=>{const a=[];a[5000000]=1;return a})()
[undefined]; [1,undefined]; [1.5,undefined]; [undefined,'a']; ['a',undefined]; [undefined,null]; [undefined,{}]; [1,[2,[3,undefined]]]
Object.assign([1,2],{foo:1}); Object.assign([1,,2],{foo:1}); Object.assign([1.5,2],{foo:1,'-1':2})
Object.freeze([1,2]); Object.freeze([1.5,2.5]); Object.freeze(['a']); Object.seal([1]); Object.preventExtensions([1,2]); new (class A extends Array{x=1})(1,2)
(()=>{const a=[];a[0]=a;return a})()`;

const builtins = `new Date(0); new Date(1.7e12); new Date(NaN); new Date(-1); Object.assign(new Date(0),{x:1}); new (class D extends Date{})(5)
/(?:)/; new RegExp(''); /a/; /a/dgimsuy; /a/v; /日/u; new RegExp('\\\\n'); new RegExp('/'); Object.assign(/a/g,{lastIndex:3})
new Map(); new Map([[1,{a:1}],['x',new Map()]]); new (class M extends Map{})([[1,2]]); Object.assign(new Map(),{x:1}); (()=>{const m=new Map();m.set(m,m);return m})()
new Set(); new Set([1,'a',NaN]); new Set([new Set()]); (()=>{const s=new Set();s.add(s);return s})()`;

const binary = `new ArrayBuffer(0); new ArrayBuffer(3); new ArrayBuffer(4,{maxByteLength:8}); new Uint8Array(0); new Uint8Array([1,2,3]); new Uint8Array([1,2,3,4]).subarray(1,3)
new Int8Array([-1]); new Uint8ClampedArray([300]); new Int16Array([-2]); new Uint16Array([513]); new Int32Array([-3]); new Uint32Array([4]); new Float32Array([1]); new Float64Array([1.5])
new BigInt64Array([-1n]); new BigUint64Array([1n]); new Float16Array([1,2]); new DataView(new ArrayBuffer(4),1,2); new DataView(new ArrayBuffer(4)); new Uint8Array(200).fill(7)
new Uint8Array(new ArrayBuffer(4,{maxByteLength:8})); new Uint8Array(new ArrayBuffer(4,{maxByteLength:8}),1,2); new Uint8Array(new ArrayBuffer(4,{maxByteLength:8}),1,3); new Uint16Array(new ArrayBuffer(4,{maxByteLength:40}),2)
new Uint8Array(new ArrayBuffer(4,{maxByteLength:4})); new Uint8Array(new ArrayBuffer(4,{maxByteLength:4}),0,4); new DataView(new ArrayBuffer(4,{maxByteLength:8})); new DataView(new ArrayBuffer(4,{maxByteLength:8}),1,2); new DataView(new ArrayBuffer(4,{maxByteLength:8}),1,3)
(()=>{const b=new ArrayBuffer(8);return [new Uint8Array(b,0,4),new Uint16Array(b,4,2),b]})(); (()=>{const b=new ArrayBuffer(8);return [b,new Uint8Array(b)]})(); (()=>{const v=new Uint8Array(2);return [v,v,v.buffer]})()
Object.assign(new Uint8Array(1),{x:1}); new (class U extends Uint8Array{})([9])`;

const errors = `stack(new Error('x')); stack(new Error()); stack(new Error('日本')); stack(new TypeError('t')); stack(new RangeError('r')); stack(new ReferenceError('r')); stack(new SyntaxError('s')); stack(new URIError('u')); stack(new EvalError('e'))
stack(new TypeError('t',{cause:'c'})); stack(new Error('m',{cause:undefined})); stack(new Error('m',{cause:stack(new RangeError('i'))})); stack(new AggregateError([stack(new Error('a')),1],'agg',{cause:1})); stack(new AggregateError([]))
stack(new SuppressedError(1,2,'m')); stack(new WebAssembly.CompileError('c')); stack(Object.assign(new Error('x'),{code:7,name:'Foo'})); stack(Object.assign(new Error('m'),{name:'WasmCompileError'}))
stack(new (class E2 extends Error{})('z')); stack(new (class Q extends TypeError{name='Q'})('m')); stack(Object.assign(new Error('m'),{name:'TypeError'})); stack(Object.assign(new TypeError('m'),{name:'RangeError'})); stack(Object.assign(new Error('m'),{name:5}))
stack(Object.assign(new Error('m'),{name:'AggregateError'})); stack(Object.assign(new Error('m'),{name:'toString'})); stack(Object.assign(new Error('x'),{z:1,[Symbol('a')]:2,3:4,a:{b:[1]}})); stack(Object.defineProperty(new Error('m'),'hid',{value:1})); stack(Object.defineProperty(new Error('m'),'acc',{get(){return 5},enumerable:true}))
Object.assign(new Error('m'),{stack:5}); Object.assign(new Error('m'),{stack:undefined}); (()=>{const e=new Error('m');delete e.stack;return e})(); stack((()=>{const e=new Error('m');delete e.message;return e})()); stack(Object.setPrototypeOf(new Error('m'),null)); stack(Object.setPrototypeOf(new Error('m'),TypeError.prototype))
(()=>{const e=stack(new Error('m'));const o={};return [e,o,o,e]})(); (()=>{const e=stack(new Error('m'));e.cause=e;return e})(); (()=>{const e=stack(new Error('m'));e.a=[e];return e})(); stack(Object.assign(new Error('m'),{message:5})); stack(Object.assign(new Error('m'),{[Symbol.toStringTag]:'Q'}))
stack(new DOMException('m','DataCloneError')); stack(new DOMException('é','日')); stack(new DOMException('m')); [stack(new DOMException('m','AbortError')),{},1]`;

/** For a delegate to match; the codec itself refuses them. */
const hosts = `new Headers(); new Headers({a:'b','Content-Type':'text/plain','X-Y':'é'}); (()=>{const h=new Headers();h.append('set-cookie','a=1');h.append('Set-Cookie','b=2');h.append('x','1');h.append('x','2');return h})()
(()=>{const h=new Headers();for(const n of 'Accept-Charset,Accept-Encoding,Accept-Language,Accept-Ranges,Accept,Access-Control-Allow-Origin,Age,Allow,Authorization,Cache-Control,Content-Disposition,Content-Encoding,Content-Language,Content-Length,Content-Location,Content-Range,Content-Type,Cookie,Date,ETag,Expect,Expires,From,Host,If-Match,If-Modified-Since,If-None-Match,If-Range,If-Unmodified-Since,Last-Modified,Link,Location,Max-Forwards,Proxy-Authenticate,Proxy-Authorization,Range,Referer,Refresh,Retry-After,Server,Set-Cookie,Strict-Transport-Security,Transfer-Encoding,User-Agent,Vary,Via,WWW-Authenticate'.split(',')) h.append(n,'v');return h})()
new Response(null); new Response(null,{status:201,statusText:'Hey',headers:{a:'b'}}); new Request('http://a/'); new Request('http://a/b',{method:'POST',redirect:'manual',headers:{x:'y'}})
new Blob([]); new Blob(['abc'],{type:'text/plain'}); (()=>{const b=new Blob(['a']);return [b,b,{}]})(); (()=>{const h=new Headers();return [h,h,{}]})()`;

const refused = `()=>1; async()=>{}; function f(){}; class X{}; (function(){}).bind(); Promise.resolve; [()=>1]; Symbol('q'); Symbol(); Symbol.iterator; [Symbol('x')]; Object(Symbol('x')); new WeakMap(); new WeakSet(); new WeakRef({}); [Promise.resolve(1)]; new FinalizationRegistry(()=>{})
(function*(){})(); (async function*(){})(); [1].values(); new Map().entries(); new Set().values(); 'a'[Symbol.iterator](); 'a'.matchAll(/a/g); (function(){return arguments})(1,2); new Intl.NumberFormat()
new (class Foo extends WeakMap{}); Object.assign(new WeakMap(),{toString:()=>'hey'}); Object.assign(new WeakMap(),{constructor:5}); Object.assign(new WeakMap(),{constructor:function(){}})
(()=>{const b=new ArrayBuffer(4);structuredClone(b,{transfer:[b]});return b})(); (()=>{const b=new ArrayBuffer(4);const v=new Uint8Array(b);structuredClone(b,{transfer:[b]});return v})()
(()=>{const b=new ArrayBuffer(8,{maxByteLength:8});const v=new Uint8Array(b,4,4);b.resize(2);return v})(); (()=>{const b=new ArrayBuffer(8,{maxByteLength:8});const v=new DataView(b,4);b.resize(2);return v})()
(()=>{let a=[];for(let i=0;i<9000;i++)a=[a];return a})(); ({get q(){throw new Error('boo')}}); Object.assign(new Error('m'),{f:()=>1})`;

const split = (list) => list.split('\n').flatMap((line) => line.split('; '));

const fixture = {
  workerd: '',
  stored: await record('2026-07-30', split([primitives, objects, arrays, builtins, binary, errors].join('\n'))),
  /** Before enhanced_error_serialization: V8's own errors. */
  storedBefore20260421: await record('2026-04-20', split(errors)),
  hosts: await record('2026-07-30', split(hosts)),
  refused: await record('2026-07-30', split(refused)),
};
fixture.workerd = JSON.parse(
  readFileSync(new URL('../node_modules/workerd/package.json', import.meta.url), 'utf8'),
).version;
const lines = Object.entries(fixture).map(([name, list]) =>
  Array.isArray(list)
    ? `  ${JSON.stringify(name)}: [\n${list.map((entry) => `    ${JSON.stringify(entry)}`).join(',\n')}\n  ]`
    : `  ${JSON.stringify(name)}: ${JSON.stringify(list)}`,
);
writeFileSync(FIXTURE, `{\n${lines.join(',\n')}\n}\n`);

/** One entry per expression: {source, hex, read} when it was stored, {source, error} when it was refused. */
async function record(compatibilityDate, sources) {
  const directory = mkdtempSync(join(tmpdir(), 'record-values-'));
  const script = `
    import { DurableObject } from 'cloudflare:workers';
    ${STACK}
    const makers = [${sources.map((source) => `() => (${source})`).join(',\n')}];
    const shape = (v) => !(v instanceof Error) ? 'ok' : v.constructor.name + ' ' + Object.getOwnPropertyNames(v)
      .map((k) => k + (Object.getOwnPropertyDescriptor(v, k).enumerable ? '' : '-')).join(' ');
    export class Obj extends DurableObject {
      async fetch() {
        const results = [];
        for (let i = 0; i < makers.length; i++) {
          try {
            const value = makers[i]();
            await this.ctx.storage.put(String(i), value);
          } catch (e) { results.push({ error: Object.prototype.toString.call(e).slice(8, -1) + ' ' + e.name + ': ' + e.message }); continue; }
          try { results.push({ read: shape(await this.ctx.storage.get(String(i))) }); }
          catch (e) { results.push({ read: 'unreadable' }); }
        }
        return Response.json(results);
      }
    }
    export default { fetch: (request, env) => env.OBJ.getByName('a').fetch(request) };`;
  const miniflare = new Miniflare({
    modules: true,
    script,
    durableObjects: { OBJ: { className: 'Obj', useSQLite: true } },
    durableObjectsPersist: directory,
    compatibilityDate,
    // workerd prints each value that it cannot read back.
    handleRuntimeStdio: (stdout, stderr) => {
      stdout.resume();
      stderr.resume();
    },
  });
  try {
    const results = await (await miniflare.dispatchFetch('http://localhost/')).json();
    await miniflare.dispose();
    const file = readdirSync(directory, { recursive: true }).find((name) => /[0-9a-f]{64}\.sqlite$/.test(name));
    const rows = await readKv(join(directory, file));
    return results.map((result, i) => ({
      source: sources[i],
      ...(result.error ? {} : { hex: rows.get(String(i)) }),
      ...result,
    }));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function readKv(path) {
  const SQL = await initSqlJs();
  const bytes = withWal(path);
  bytes[18] = bytes[19] = 1; // from WAL to rollback journal: there is no -wal file inside sql.js
  const database = new SQL.Database(bytes);
  const [result] = database.exec("SELECT name FROM sqlite_master WHERE name = '_cf_KV'");
  const rows = result ? database.exec('SELECT key, value FROM _cf_KV')[0].values : [];
  database.close();
  return new Map(rows.map(([key, value]) => [key, Buffer.from(value).toString('hex')]));
}

/** The database with the committed frames of its write-ahead log applied (https://sqlite.org/fileformat2.html#walformat). */
function withWal(path) {
  const base = readFileSync(path);
  const wal = existsSync(`${path}-wal`) ? readFileSync(`${path}-wal`) : Buffer.alloc(0);
  if (wal.length < 32) return base;
  const pageSize = wal.readUInt32BE(8);
  const salt = wal.subarray(16, 24);
  let pages = base.length / pageSize;
  let pending = [];
  const committed = [];
  for (let at = 32; at + 24 + pageSize <= wal.length; at += 24 + pageSize) {
    if (!wal.subarray(at + 8, at + 16).equals(salt)) break;
    pending.push([wal.readUInt32BE(at), wal.subarray(at + 24, at + 24 + pageSize)]);
    const sizeAfterCommit = wal.readUInt32BE(at + 4);
    if (sizeAfterCommit === 0) continue;
    pages = sizeAfterCommit;
    committed.push(...pending);
    pending = [];
  }
  const merged = Buffer.alloc(pages * pageSize);
  base.copy(merged);
  for (const [number, page] of committed) page.copy(merged, (number - 1) * pageSize);
  return merged;
}
