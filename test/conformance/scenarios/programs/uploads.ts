import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A form with files is parsed, its files are kept and served, a page is rewritten with what is stored, and the answer is cached.',
  rows: ['1.html-rewriter', 'web.cache', '3.fetch', '4.request-response-headers', '7.serialiser', '5.wait-until'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';

export class Obj extends DurableObject {
  async fetch(request) {
    const url = new URL(request.url);
    if (request.method === 'POST') {
      const type = request.headers.get('content-type') ?? '';
      const form = await request.formData();
      const stored = [];
      for (const [name, value] of form) {
        if (value instanceof File) {
          await this.ctx.storage.put('file:' + value.name, { type: value.type, bytes: await value.arrayBuffer() });
          stored.push([name, value.name, value.type, value.size]);
        } else {
          await this.ctx.storage.put('field:' + name, [...((await this.ctx.storage.get('field:' + name)) ?? []), value]);
          stored.push([name, value]);
        }
      }
      return Response.json({ type: type.split(';')[0], stored, tags: form.getAll('tag'), has: form.has('none') });
    }
    if (url.pathname.startsWith('/file/')) {
      const file = await this.ctx.storage.get('file:' + decodeURIComponent(url.pathname.slice(6)));
      if (!file) return new Response('no such file', { status: 404 });
      return new Response(new Blob([file.bytes], { type: file.type }), { headers: { 'content-disposition': 'inline' } });
    }
    const form = new FormData();
    form.append('title', 'a "title"\\r\\nof two lines');
    for (const [key, { type, bytes }] of await this.ctx.storage.list({ prefix: 'file:' })) form.append('files', new File([bytes], key.slice(5), { type }));
    return new Response(form);
  }
}

const PAGE = '<!doctype html><html><head><title>t</title></head><body data-user="x"><h1>Files</h1><ul id="files"><li class="template">none</li></ul><!-- note --><script>var a = "</" + "li>"</script><p>Total: <span class=total>?</span></p></body></html>';

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const store = env.OBJ.getByName('s');
    const route = new URLPattern({ pathname: '/:kind{/*}?' }).exec(request.url);
    switch (route?.pathname.groups.kind) {
      case 'form': return store.fetch(request);
      case 'multi': {
        const form = new FormData();
        form.append('tag', 'one'); form.append('tag', 'zwei ü'); form.set('n', 42); form.append('gone', 'x'); form.delete('gone');
        form.append('doc', new Blob(['hello ', new Uint8Array([119, 111]), 'rld'], { type: 'Text/Plain' }), 'greet"ing.txt');
        form.append('doc', new File(['{}'], 'data.json', { type: 'application/json', lastModified: 5 }));
        form.append('blob', new Blob([new Uint8Array([0, 255, 13, 10])]));
        const response = await store.fetch('http://s/', { method: 'POST', body: form });
        return response;
      }
      case 'file': return store.fetch('http://s' + url.pathname);
      case 'all': {
        const response = await store.fetch('http://s/all');
        const form = await response.formData();
        const seen = [];
        for (const [name, value] of form.entries()) seen.push([name, typeof value === 'string' ? value : [value.name, value.type, await value.text()]]);
        return Response.json([response.headers.get('content-type').replace(/=.*/, '='), seen]);
      }
      case 'page': {
        const cached = await caches.default.match(request);
        if (cached) return new Response(cached.body, { headers: { ...Object.fromEntries(cached.headers), 'x-cache': 'hit' } });
        const files = (await (await store.fetch('http://s/all')).formData()).getAll('files');
        const texts = [];
        const page = new HTMLRewriter()
          .on('body', { element(e) { e.setAttribute('data-user', 'ann & bob'); e.append('<footer>' + texts.length + '</footer>', { html: true }) } })
          .on('ul#files', { async element(e) { for (const file of files) { const size = await Promise.resolve(file.size); e.prepend('<li>' + file.name + ' (' + size + ')</li>', { html: size > 3 }) } e.onEndTag((end) => end.before('<!-- end -->', { html: true })) } })
          .on('li.template', { element(e) { e.remove() } })
          .on('.total', { element(e) { e.setInnerContent(String(files.length)); e.tagName = 'b'; e.removeAttribute('class') } })
          .on('h1', { text(t) { texts.push(t.text); if (t.lastInTextNode) t.after('!') } })
          .onDocument({ comments(c) { c.text = c.text.toUpperCase() }, doctype(d) { texts.push(d.name) }, end(end) { end.append('<!-- ' + texts.join('|') + ' -->', { html: true }) } })
          .transform(new Response(PAGE, { headers: { 'content-type': 'text/html', 'cache-control': 'max-age=60' } }));
        const [forCache, forClient] = page.body.tee();
        ctx.waitUntil(caches.default.put(request, new Response(forCache, page)));
        return new Response(forClient, { headers: { ...Object.fromEntries(page.headers), 'x-cache': 'miss' } });
      }
      case 'purge': return Response.json([await caches.default.delete(new URL('/page/one', url)), await caches.default.delete(new URL('/page/one', url))]);
      case 'blob': {
        const blob = new Blob(['abc', new Uint16Array([25185]).buffer, new Blob(['z'])], { type: 'x/Y' });
        const file = new File([blob], 'f', { lastModified: 7 });
        const copy = structuredClone({ date: new Date(0), map: new Map([[1, new Set(['a'])]]), error: new RangeError('r', { cause: 1 }), regexp: /a/gi, big: 2n ** 70n, bytes: new Uint8Array([1, 2]).subarray(1) });
        return new Response([blob.size, blob.type, await blob.slice(1, -1).text(), await file.slice(0, 2, 't/u').text(), file.slice(0, 2, 't/u').type, file.lastModified, inspect(new Uint8Array(await blob.arrayBuffer())), [...(await new Response(blob).bytes())].length, new Response(blob).headers.get('content-type'), inspect(copy)].join('\\n'));
      }
      case 'search': return Response.json([...url.searchParams].concat([[String(new URLSearchParams([['a b', 'c&d'], ['ü', '+']])), route.pathname.groups[0] ?? null]]));
    }
    return new Response('no route for ' + url.pathname, { status: 404 });
  },
};
`,
  async steps(client) {
    const showHeaders = ['content-type', 'content-disposition', 'x-cache', 'cache-control'];
    await client.fetch('/form', {
      method: 'POST',
      body: 'tag=a&tag=b+c&x=%C3%BC&empty=',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    await client.fetch('/form', {
      method: 'POST',
      body: '--B\r\nContent-Disposition: form-data; name="tag"\r\n\r\nvon hand\r\n--B\r\ncontent-disposition: form-data; name="up"; filename="a b.txt"\r\ncontent-type: text/markdown\r\n\r\n# hi\r\n\r\n--B--\r\n',
      headers: { 'content-type': 'multipart/form-data; boundary=B' },
    });
    await client.fetch('/multi');
    await client.fetch('/file/data.json', { showHeaders });
    await client.fetch('/file/a%20b.txt', { showHeaders });
    await client.fetch('/file/none', { showHeaders });
    await client.fetch('/all');
    await client.fetch('/page/one', { showHeaders });
    await client.wait(100);
    await client.fetch('/page/one', { showHeaders });
    await client.fetch('/purge');
    await client.fetch('/page/one', { showHeaders });
    await client.fetch('/blob');
    await client.fetch('/search/x/y?q=a+b&q=%26&r');
    await client.fetch('/');
  },
});
