import { scenario } from '../../scenario.ts';

/** What a rewriter refuses, when, and in which words. */
export const subject = scenario({
  name: 'HTMLRewriter refuses selectors, values and tokens in words of its own.',
  rows: ['1.html-rewriter'],
  program: `
import { worker, inspect, showNow, tag } from './prelude.js';
import { DurableObject } from 'cloudflare:workers';
export class Obj extends DurableObject {}

const page = (html) => new Response(html, { headers: { 'content-type': 'text/html' } });
const through = async (html, build) => await build(new HTMLRewriter()).transform(page(html)).text();
const early = (() => { try { return tag(new HTMLRewriter().on('p', {})); } catch (error) { return inspect(error); } })();

export default worker(async ({ say }) => {
  await say('at module scope', () => early);
  for (const selector of ['', ' ', '<', 'a >', 'p::before', 'p:hover', 'p:nth-child(x)', '[a', 'a + b', 'a ~ b', ':not(', 'p:has(a)', 'x|p', 'p..c', '#', ',', 'a,', '> a', 'p:not(a b)', ':is(p)', '::text', '123']) {
    say.now('on ' + selector, () => tag(new HTMLRewriter().on(selector, {})));
    await say('used ' + selector, () => through('<p>t</p>', (r) => r.on(selector, { element() {} })));
  }
  say.now('no arguments', () => new HTMLRewriter().on());
  say.now('no handlers', () => new HTMLRewriter().on('p'));
  say.now('null handlers', () => new HTMLRewriter().on('p', null));
  say.now('a string as handlers', () => tag(new HTMLRewriter().on('p', 'x')));
  say.now('a function as handlers', () => tag(new HTMLRewriter().on('p', () => {})));
  say.now('a number as handler', () => tag(new HTMLRewriter().on('p', { element: 1 })));
  say.now('a null handler', () => tag(new HTMLRewriter().on('p', { element: null })));
  say.now('a number as selector', () => tag(new HTMLRewriter().on(1, {})));
  say.now('no document handlers', () => new HTMLRewriter().onDocument());
  say.now('null document handlers', () => new HTMLRewriter().onDocument(null));
  say.now('with arguments', () => tag(new HTMLRewriter(1, 2)));
  say.now('transform of nothing', () => new HTMLRewriter().transform());
  say.now('transform of a string', () => new HTMLRewriter().transform('<p>'));
  await say('transform without a body', async () => { const r = new HTMLRewriter().transform(new Response(null, { status: 204 })); return [r.status, r.body, await r.text()]; });
  await say('the same without a body', () => { const r = new Response(null); return new HTMLRewriter().transform(r) === r; });
  await say('end without a body', async () => { const seen = []; await new HTMLRewriter().onDocument({ end(e) { seen.push('end'); } }).transform(new Response(null)).text(); return seen; });
  await say('end of an empty body', async () => { const seen = []; const out = await new HTMLRewriter().onDocument({ end(e) { seen.push('end'); e.append('x'); } }).transform(new Response('')).text(); return [out, seen]; });
  await say('transform of a used body', async () => { const r = page('<p>'); await r.text(); return new HTMLRewriter().transform(r); });
  await say('transformed is used', async () => { const r = page('<p>'); new HTMLRewriter().transform(r); return [r.bodyUsed, await r.text()]; });
  await say('headers', async () => {
    const r = new Response('<p>x</p>', { status: 201, statusText: 'Made', headers: { 'content-type': 'text/html', 'content-length': '8', etag: '"e"', 'x-a': 'b', 'content-encoding': 'identity' } });
    const out = new HTMLRewriter().on('p', {}).transform(r);
    return [out === r, out.status, out.statusText, [...out.headers], out.body === r.body, tag(out)];
  });
  await say('twice with one rewriter', async () => {
    const r = new HTMLRewriter().on('p', { element(e) { e.append('!'); } });
    return [await r.transform(page('<p>a</p>')).text(), await r.transform(page('<p>b</p>')).text()];
  });
  await say('at once with one rewriter', async () => {
    const r = new HTMLRewriter().on('p', { async element(e) { await 0; e.append('!'); } });
    return await Promise.all([r.transform(page('<p>a</p>')).text(), r.transform(page('<p>b</p>')).text()]);
  });
  const tokens = {
    element: (r, keep) => r.on('p', { element: keep }),
    text: (r, keep) => r.on('p', { text: keep }),
    comment: (r, keep) => r.on('p', { comments: keep }),
    'end tag': (r, keep) => r.on('p', { element(e) { e.onEndTag(keep); } }),
    doctype: (r, keep) => r.onDocument({ doctype: keep }),
    end: (r, keep) => r.onDocument({ end: keep }),
  };
  const uses = {
    element: { tagName: (t) => t.tagName, set: (t) => { t.tagName = 'x'; }, attributes: (t) => t.attributes, get: (t) => t.getAttribute('a'), before: (t) => t.before('x'), remove: (t) => t.remove(), removed: (t) => t.removed, uri: (t) => t.namespaceURI, onEndTag: (t) => t.onEndTag(() => {}) },
    text: { text: (t) => t.text, last: (t) => t.lastInTextNode, replace: (t) => t.replace('x'), removed: (t) => t.removed },
    comment: { text: (t) => t.text, set: (t) => { t.text = 'x'; }, remove: (t) => t.remove() },
    'end tag': { name: (t) => t.name, before: (t) => t.before('x') },
    doctype: { name: (t) => t.name },
    end: { append: (t) => t.append('x') },
  };
  for (const [name, build] of Object.entries(tokens)) {
    let kept;
    await through('<!doctype html><p>t<!--c--></p>', (r) => build(r, (t) => { kept ??= t; }));
    for (const [use, f] of Object.entries(uses[name])) say.now('kept ' + name + ' ' + use, () => f(kept));
  }
  await say('kept attributes', async () => { let kept; await through('<p a b></p>', (r) => r.on('p', { element(e) { kept = e.attributes; kept.next(); } })); return [...kept]; });
  const bad = {
    'empty tag name': (e) => { e.tagName = ''; }, 'tag name with a space': (e) => { e.tagName = 'a b'; }, 'tag name of a digit': (e) => { e.tagName = '1'; },
    'tag name with >': (e) => { e.tagName = 'a>'; }, 'attribute with a space': (e) => { e.setAttribute('a b', '1'); }, 'empty attribute': (e) => { e.setAttribute('', '1'); },
    'attribute with =': (e) => { e.setAttribute('a=', '1'); }, 'no value': (e) => { e.setAttribute('a'); }, 'no name': (e) => { e.getAttribute(); },
    'a number as value': (e) => { e.setAttribute('a', 5); }, 'no content': (e) => { e.append(); }, 'null content': (e) => { e.append(null); },
    'a number as content': (e) => { e.append(5); }, 'an object as content': (e) => { e.append({}); }, 'options null': (e) => { e.append('<', null); }, 'options true': (e) => { e.append('<', true); },
    'html 1': (e) => { e.append('<', { html: 1 }); }, 'no end tag handler': (e) => { e.onEndTag(); }, 'no function': (e) => { e.onEndTag({}); },
  };
  for (const [name, f] of Object.entries(bad)) await say(name, async () => { let said; const out = await through('<p>t</p>', (r) => r.on('p', { element(e) { said = showNow(() => f(e)); } })); return said + ' | ' + out; });
  await say('comment that ends', async () => { let said; await through('<p><!--a--></p>', (r) => r.on('p', { comments(c) { said = showNow(() => { c.text = 'a-->b'; }); } })); return said; });
});
`,
});
