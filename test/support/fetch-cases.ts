/**
 * Expressions about the fetch classes, evaluated by workerd and by ours, whose outcomes must be the same.
 *
 * Promise: an expression is plain JavaScript that may await; what it gives is told as JSON, or as the error's class and
 * text. The order of the cases is the order of the recorded outcomes.
 */
export const FETCH_CASES: readonly string[] = lines(String.raw`
new Response(null, { status: 0 })
new Response(null, { status: 101 })
new Response(null, { status: 199 })
new Response(null, { status: 600 })
new Response(null, { status: 'abc' })
new Response(null, { status: null })
new Response(null, { status: 204.7 }).status
new Response(null, { status: '201' }).status
new Response(null, { status: 599 }).ok
[200, 204, 299, 404, 425, 418, 499, 599].map((status) => new Response(null, { status }).statusText)
new Response('x', { status: 204 })
new Response('x', { status: 304 })
new Response('', { status: 205 }).status
new Response('', { statusText: 'a\nb' })
new Response('', { statusText: 'ü€' }).statusText
new Response(null, { status: 404, statusText: '' }).statusText
new Response(null, { webSocket: {}, status: 101 })
new Response(null, { webSocket: null, status: 101 })
String(new Response().webSocket)
new Response('a', 5)
new Response('a', null).status
new Response('x', { cf: 5 })
new Response('x', { cf: { a: 1 } }).cf
new Response('x', { encodeBody: 'q' })
new Response('x', { status: 204, headers: 5 })
new Response('x', { statusText: '\n', status: 5 })
new Response('a', { headers: 5 })
new Response('a', { headers: 'abc' })
new Response(null, { headers: null })
new Response('a', { headers: { 'a b': 'c' } })
new Response('a', { headers: { a: 'c\nd' } })
new Response(null, { headers: [['a', 'b', 'c']] })
[...new Response(null, { headers: [['a', 'b'], ['Set-Cookie', 'x=1'], ['set-cookie', 'y=2']] }).headers]
(() => { const h = new Headers([['Set-Cookie', 'x=1'], ['set-cookie', 'y=2']]); return [h.getSetCookie(), h.getAll('Set-Cookie'), h.get('set-cookie')]; })()
new Headers().getAll('a')
new Headers(null)
[...new Headers({ a: 1, b: null, c: undefined, d: 'é' })]
[...new Headers(new Map([['a', 'b']]))]
[...new Headers({ a: ' x ' })]
[...new Headers({ [Symbol('x')]: 1, a: 2 })]
(() => { const h = new Headers({ a: '1' }); const r = new Response('x', { headers: h }); h.set('a', '9'); return [[...r.headers], r.headers === h]; })()
new Response('x').headers.get('content-type')
new Response('x', { headers: { 'content-type': 'a/b' } }).headers.get('content-type')
[new Response('').body === null, new Response(null).body === null, new Response(undefined).body === null]
[await new Response(new ArrayBuffer(2)).text(), [...new Response(new ArrayBuffer(2)).headers]]
await new Response(new Uint8Array([65, 66, 67]).subarray(1)).text()
await (() => { const u = new Uint8Array([65]); const r = new Response(u); u[0] = 66; return r.text(); })()
[...new Response(new Blob(['x'], { type: 'a/b' })).headers]
[...new Response(new Blob(['x'])).headers]
await new Response(new Blob(['xyz'])).text()
[[...new Response(new URLSearchParams('a=b')).headers], await new Response(new URLSearchParams('a=b')).text()]
(() => { const f = new FormData(); f.append('a', 'b'); return new Response(f).headers.get('content-type').replace(/=.*/, ''); })()
await (async () => { const f = new FormData(); f.append('a', 'b'); f.append('f', new File(['hi'], 'n.txt', { type: 't/p' })); const g = await new Response(f).formData(); return [g.get('a'), g.get('f').name, g.get('f').type, await g.get('f').text()]; })()
[await new Response(5).text(), await new Response({ a: 1 }).text(), await new Response(true).text(), await new Response(new String('q')).text()]
new Response(Symbol('x'))
await new Response([1]).text()
[...new Response([1]).headers]
await new Response([new Uint8Array([65]), new Uint8Array([66])]).text()
await new Response((function* () { yield new Uint8Array([67]); })()).text()
await new Response((async function* () { yield 'abc'; })()).text()
await new Response(new ReadableStream({ start(c) { c.enqueue('abc'); c.close(); } })).text()
await new Response(new ReadableStream({ start(c) { c.enqueue({}); c.close(); } })).text()
await new Response(new ReadableStream({ start(c) { c.enqueue(new Uint8Array([65])); c.close(); } })).text()
await new Response(new ReadableStream({ start(c) { c.error(new Error('boo')); } })).text()
await (async () => { const r = new Response('x', { status: 201, statusText: 'hm', headers: { a: 'b' }, cf: { x: 1 } }); const q = new Response(r.body, r); return [q.status, q.statusText, [...q.headers], q.cf, await q.text()]; })()
(() => { const a = new Response('q', { status: 404, headers: { x: 'y' } }); const r = new Response('z', a); return [r.status, r.statusText, [...r.headers]]; })()
await (async () => { const r = Response.json({ a: 1 }); return [r.status, [...r.headers], await r.text()]; })()
await (async () => { const r = Response.json({ a: 1 }, { status: 201, headers: { 'content-type': 'x/y' } }); return [r.status, [...r.headers]]; })()
Response.json()
await Response.json(undefined).text()
Response.json(1n)
Response.json(1, { status: 204 })
(() => { const r = Response.error(); return [r.type, r.status, r.ok, r.statusText, r.url, r.redirected, r.body]; })()
(() => { const r = Response.error(); r.headers.set('a', 'b'); return [...r.headers]; })()
(() => { const r = Response.redirect('http://x/y z'); return [r.status, [...r.headers], r.statusText, r.body]; })()
Response.redirect('/rel')
Response.redirect('http://x', 200)
Response.redirect('http://x/#f', 307).headers.get('location')
Response.redirect('http://x').headers.set('a', 'b')
Response.redirect('http://x').clone().headers.set('a', 'b')
new Response(null, Response.redirect('http://x')).headers.set('a', 'b')
(() => { const r = new Response('x'); return [r.type, r.url, r.redirected, r.ok, r.bodyUsed, String(r.cf)]; })()
(() => { 'use strict'; const r = new Response('x'); r.status = 5; })() === undefined
await (async () => { const r = new Response('x'); await r.text(); return r.text(); })()
await (async () => { const r = new Response('x'); await r.text(); return r.json(); })()
await (async () => { const r = new Response('x'); await r.text(); return r.clone(); })()
(() => { const r = new Response('x'); r.body.getReader(); return r.clone(); })()
await (async () => { const r = new Response('x'); r.body.getReader(); return r.text(); })()
await (async () => { const r = new Response('x'); await r.text(); return new Response(r.body); })()
await (async () => { const s = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); } }); await new Response(s).text(); return new Response(s); })()
(() => { const s = new ReadableStream(); s.getReader(); return new Response(s).status; })()
await (async () => { const s = new ReadableStream({ start(c) { c.enqueue(new Uint8Array(1)); c.close(); } }); const a = new Response(s); const b = new Response(s); await a.text(); return b.text(); })()
await (async () => { const r = new Response('x'); const u = [r.bodyUsed]; const p = r.text(); u.push(r.bodyUsed); await p; u.push(r.bodyUsed); return u; })()
await (async () => { const r = new Response('x'); const k = r.body.getReader(); const u = [r.bodyUsed]; await k.read(); u.push(r.bodyUsed); return u; })()
await (async () => { const r = new Response(null); await r.text(); return [r.bodyUsed, await r.text()]; })()
await (async () => { const r = new Response(''); await r.text(); return r.text(); })()
await (async () => { const r = new Response('x'); await r.body.cancel(); return r.text(); })()
await (async () => { const r = new Response('x'); const [a, b] = r.body.tee(); return [r.bodyUsed, r.body.locked, await new Response(a).text(), await new Response(b).text()]; })()
await (async () => { const r = new Response('xyz'); const k = r.body.getReader(); k.releaseLock(); return [r.bodyUsed, await r.text()]; })()
await (async () => { const k = new Response('xyz').body.getReader({ mode: 'byob' }); return [...(await k.read(new Uint8Array(2))).value]; })()
(() => { const s = new ReadableStream(); const r = new Response('x'); return [new Response(s).body === s, r.body === r.body]; })()
[(await new Response(null).arrayBuffer()).byteLength, (await new Response(null).blob()).size, (await new Response(null).bytes()).length]
await new Response(null).json()
await new Response('{').json().catch((error) => error.name)
await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 65])).text()
await new Response(new Uint8Array([0xef, 0xbb, 0xbf, 49])).json()
[...(await new Response('a=b&c=d', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }).formData())]
await new Response('a=b').formData()
await new Response(new Uint8Array(1)).formData()
await (async () => { const r = new Response('xyz', { headers: { 'set-cookie': 'a=b' }, status: 201 }); const c = r.clone(); return [await r.text(), await c.text(), c.status, [...c.headers], c.headers === r.headers, c instanceof Response]; })()
(() => { const r = new Response('x'); const b = r.body; r.clone(); return [b === r.body, b.locked]; })()
(() => { const r = new Response('x'); const keys = []; for (const key in r) keys.push(key); return keys; })()
(() => { class R extends Response { get z() { return 1; } } const r = new R('x'); return [r.z, r instanceof Response, String(r), Response.length, Response.name]; })()
new Request()
new Request(undefined)
new Request('/rel')
new Request('')
new Request('http://x', 5)
new Request('http://x', { headers: 5 })
new Request('/rel', { method: 'foo' })
new Request('http://x', { method: 'foo', headers: 5 })
new Request('http://x', { redirect: 'q', method: 'foo' })
[new URL('http://X.com:80/a b#f'), 'http://u:p@x/', 'ftp://x/', 'foo:bar', 'http://x'].map((url) => new Request(url).url)
['get', 'post', 'patch', 'PURGE', 'QUERY', 'PROPFIND', 'MSEARCH', 'TRACE'].map((method) => new Request('http://x', { method }).method)
new Request('http://x', { method: 'foo' })
new Request('http://x', { method: 'CONNECT' })
new Request('http://x', { method: 'M-SEARCH' })
new Request('http://x', { method: 'a b' })
new Request('http://x', { method: null })
new Request('http://x', { body: 'x' })
new Request('http://x', { body: '' })
new Request('http://x', { method: 'HEAD', body: 'x' })
new Request('http://x', { body: null }).body
await new Request('http://x', { method: 'DELETE', body: 'x' }).text()
await (async () => { const r = new Request('http://x', { method: 'POST', body: new Response('abc').body }); return [[...r.headers], r.duplex, await r.text()]; })()
[...new Request('http://x', { headers: { Upgrade: 'websocket', Cookie: 'a=b', Host: 'h', Connection: 'x', 'Content-Length': '5', Origin: 'o', Referer: 'r', Date: 'd', 'Sec-Foo': '1', 'Proxy-X': '2', 'Accept-Encoding': 'gzip', 'Transfer-Encoding': 'chunked' } }).headers]
['follow', 'manual'].map((redirect) => new Request('http://x', { redirect }).redirect)
new Request('http://x', { redirect: 'error' })
new Request('http://x', { cache: 'reload' })
new Request('http://x', { cache: 'no-store' }).cache
new Request('http://x', { integrity: 'x' })
new Request('http://x', { signal: {} })
new Request('http://x', { cf: 5 })
(() => { const r = new Request('http://x', { cf: { a: 1 } }); return [r.cf, r.cf === r.cf, String(new Request('http://x').cf)]; })()
(() => { const r = new Request('http://x'); return [String(r.signal), r.signal === r.signal, r.signal.aborted]; })()
(() => { const c = new AbortController(); const r = new Request('http://x', { signal: c.signal }); c.abort(); return [r.signal === c.signal, new Request(r).signal === r.signal, r.clone().signal === r.signal]; })()
await (async () => { const a = new Request('http://x', { method: 'POST', body: 'abc', headers: { a: 'b' }, cf: { q: 1 }, redirect: 'manual' }); const b = new Request(a); return [b.method, [...b.headers], b.redirect, b.cf, a.bodyUsed, await b.text(), a.bodyUsed]; })()
await (async () => { const a = new Request('http://x', { method: 'POST', body: 'abc' }); new Request(a); return a.text(); })()
await (async () => { const a = new Request('http://x', { method: 'POST', body: 'abc' }); await a.text(); return new Request(a); })()
await (async () => { const a = new Request('http://x', { method: 'POST', body: 'abc' }); await a.text(); return new Request(a, { body: 'q' }).text(); })()
await (async () => { const b = new Request(new Request('http://x', { method: 'POST', body: 'abc', headers: { a: 'b' } }), { headers: { c: 'd' } }); return [[...b.headers], await b.text()]; })()
new Request(new Request('http://x', { method: 'POST', body: 'abc' }), { method: 'GET' })
await (async () => { const a = new Request('http://x', { method: 'POST', body: 'abc', headers: { a: 'b' } }); const b = new Request('http://y', a); return [b.method, b.url, [...b.headers], await b.text(), a.bodyUsed]; })()
await (async () => { const a = new Request('http://x', { method: 'POST', body: 'abc', headers: { cookie: 'b' }, cf: { q: 1 } }); const b = a.clone(); return [await a.text(), await b.text(), [...b.headers], b.cf, b instanceof Request]; })()
(() => { const r = new Request('http://x'); const seen = {}; for (const key in r) seen[key] = typeof r[key] === 'function' ? 'function' : String(r[key]); return seen; })()
[Object.getPrototypeOf(Response).name, Object.getPrototypeOf(Request) === Object.getPrototypeOf(Response), String(new Headers())]
Response.prototype.text.call(new Request('http://x', { method: 'POST', body: 'q' })).then((text) => text)
`);

/** Cases that differ on purpose: the expression, and why. */
export const FETCH_DIFFERENCES: Readonly<Record<string, string>> = {
  "await (async () => { const r = new Response('x'); const [a, b] = r.body.tee(); return [r.bodyUsed, r.body.locked, await new Response(a).text(), await new Response(b).text()]; })()":
    'a browser does not count a stream as read when it was only split',
  '[Object.getPrototypeOf(Response).name, Object.getPrototypeOf(Request) === Object.getPrototypeOf(Response), String(new Headers())]':
    'a class that extends another has it as its prototype; native ones need not',
};

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}

/** JavaScript of an expression that tells every case's outcome; its free names are the fetch classes. */
export function fetchCasesCode(): string {
  return `(async () => {
    const told = [];
    for (const run of [${FETCH_CASES.map((code) => `async () => (${code})`).join(',\n')}]) {
      try {
        const value = await run();
        told.push(JSON.stringify(value) ?? String(value));
      } catch (error) {
        told.push(error.name + ': ' + error.message);
      }
    }
    return told;
  })()`;
}
