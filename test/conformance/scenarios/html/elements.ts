import { scenario } from '../../scenario.ts';

/** What a rewriter lets a program see and change of elements, texts, comments, the doctype and the end. */
export const subject = scenario({
  name: 'HTMLRewriter shows each token to its handlers and writes what they make of it.',
  rows: ['1.html-rewriter'],
  program: `
import { worker, inspect, tag } from './prelude.js';
import { DurableObject } from 'cloudflare:workers';
export class Obj extends DurableObject {}

const page = (html, headers = { 'content-type': 'text/html' }) => new Response(html, { headers });
const through = async (html, build) => await build(new HTMLRewriter()).transform(page(html)).text();

export default worker(async ({ say }) => {
  await say('nothing on', () => through('<p>a</p>', (r) => r));
  await say('chains', () => { const r = new HTMLRewriter(); return [r.on('a', {}) === r, r.onDocument({}) === r, tag(r)]; });
  await say('attributes set', () => through('<a href="x" b>t</a>', (r) => r.on('a', { element(e) {
    e.setAttribute('href', 'y"&<'); e.setAttribute('New', 'v'); e.removeAttribute('b');
  } })));
  await say('attributes seen', async () => {
    const seen = [];
    await through('<a HREF="x&amp;y" b c=1>t</a>', (r) => r.on('a', { element(e) {
      seen.push(tag(e), e.tagName, e.namespaceURI, e.removed, e.getAttribute('href'), e.getAttribute('HREF'),
        e.getAttribute('none'), e.hasAttribute('b'), e.hasAttribute('none'), [...e.attributes], tag(e.attributes),
        typeof e.attributes.next, e.attributes.next());
    } }));
    return seen;
  });
  await say('content', () => through('<p>in</p>', (r) => r.on('p', { element(e) {
    const same = e.before('<1>').before('<2>', { html: true }) === e;
    e.after('<3>').after('<4>', { html: true }).prepend('<5>').prepend('<6>', { html: true })
      .append('<7>').append('<8>', { html: true }).append(String(same));
  } })));
  await say('inner', () => through('<p>in<b>x</b></p>', (r) => r.on('p', { element(e) { e.setInnerContent('<i>'); } })));
  await say('inner html', () => through('<p>in</p>', (r) => r.on('p', { element(e) { e.setInnerContent('<i>', { html: true }); } })));
  await say('replace', () => through('<p>in</p>!', (r) => r.on('p', { element(e) { e.replace('<i>', { html: true }); } })));
  await say('remove', () => through('a<p>in</p>b', (r) => r.on('p', { element(e) { e.remove(); } })));
  await say('remove, keep content', () => through('a<p>in<b>x</b></p>b', (r) => r.on('p', { element(e) { e.removeAndKeepContent(); } })));
  await say('removed afterwards', async () => {
    const seen = [];
    await through('<p>in</p>', (r) => r.on('p', { element(e) { e.remove(); seen.push(e.removed); } }));
    return seen;
  });
  await say('renamed', () => through('<p>in</p>', (r) => r.on('p', { element(e) { e.tagName = 'section'; } })));
  await say('end tags', async () => {
    const seen = [];
    const out = await through('<p>in</p><br>', (r) => r.on('p', { element(e) {
      e.onEndTag((end) => { seen.push(tag(end), end.name); end.before('<b>', { html: true }); end.after('A'); end.name = 'q'; });
    } }).on('br', { element(e) { try { e.onEndTag(() => {}); seen.push('void takes it'); } catch (error) { seen.push(error); } } }));
    return [out, seen];
  });
  await say('end tag removed', () => through('<p>in</p>x', (r) => r.on('p', { element(e) { e.onEndTag((end) => { end.remove(); }); } })));
  await say('several end tag handlers', () => through('<p>in</p>x', (r) => r.on('p', { element(e) {
    e.onEndTag((end) => { end.before('1'); }); e.onEndTag((end) => { end.before('2'); });
  } })));
  await say('texts', async () => {
    const seen = [];
    const out = await through('<p>one <b>two</b> three &amp; four</p>', (r) => r.on('p', { text(t) {
      seen.push([t.text, t.lastInTextNode, t.removed]);
      if (t.text.includes('two')) t.replace('<TWO>');
      if (t.text.includes('one')) t.before('<', { html: true }).after('>');
    } }));
    return [out, seen];
  });
  await say('comments', async () => {
    const seen = [];
    const out = await through('<p><!--a--><!--b--><!--c--></p><!--d-->', (r) => r.on('p', { comments(c) {
      seen.push([tag(c), c.text, c.removed]);
      if (c.text === 'a') c.text = 'A';
      else if (c.text === 'b') c.replace('<x>', { html: true });
      else c.remove();
    } }));
    return [out, seen];
  });
  await say('document', async () => {
    const seen = [];
    const out = await through('<!DOCTYPE html PUBLIC "-//W3C//DTD" "http://w3"><p>t</p><!--c-->', (r) => r.onDocument({
      doctype(d) { seen.push([tag(d), d.name, d.publicId, d.systemId]); },
      comments(c) { seen.push(['comment', c.text]); },
      text(t) { seen.push(['text', t.text, t.lastInTextNode]); },
      end(end) { seen.push(tag(end)); end.append('<end>').append('<b>', { html: true }); },
    }));
    return [out, seen];
  });
  await say('short doctype', async () => {
    const seen = [];
    await through('<!doctype html>', (r) => r.onDocument({ doctype(d) { seen.push([d.name, d.publicId, d.systemId]); } }));
    return seen;
  });
  await say('selectors', async () => {
    const seen = {};
    const list = ['*', 'p', 'p.c', '#i', '[data-x]', '[data-x="1"]', '[data-x=A i]', '[class~="c"]', '[data-x^="1"]', '[data-x$="1"]',
      '[data-x*="2"]', '[lang|="en"]', 'div p', 'div > p', 'p:nth-child(2)', 'p:first-child', 'p:nth-of-type(2)', 'p:first-of-type', 'p:not(.c)', 'p, b'];
    const html = '<div><p class="c d" data-x="121">1</p><p id="i" data-x="a">2</p><b lang="en-GB"><p>3</p></b></div>';
    await through(html, (r) => {
      for (const one of list) r.on(one, { element(e) { (seen[one] ??= []).push(e.tagName); } });
      return r;
    });
    return Object.entries(seen).map(([one, names]) => one + ' ' + names.join(' '));
  });
  await say('order of handlers', async () => {
    const seen = [];
    await through('<p>x<!--c--></p>', (r) => r
      .on('*', { element: () => { seen.push('star'); } }).on('p', { element: () => { seen.push('p'); }, text: () => { seen.push('text'); } })
      .onDocument({ text: () => { seen.push('document text'); }, comments: () => { seen.push('document comment'); } }));
    return seen;
  });
  await say('a class as handler', async () => {
    class Handler { seen = []; element(e) { this.seen.push(e.tagName, this instanceof Handler); } }
    const handler = new Handler();
    await through('<p></p>', (r) => r.on('p', handler));
    return handler.seen;
  });
  await say('escaped names', () => through('<SVG viewBox="0 0"><Path/></SVG><sCRipt>if (a < b) {}</sCRipt>', (r) => r
    .on('svg', { element(e) { e.setAttribute('a', e.namespaceURI + e.tagName); } })
    .on('script', { text(t) { if (t.text) t.replace('1 < 2', { html: true }); } })));
  await say('self closing', async () => {
    const seen = [];
    const out = await through('<br/><svg><g/></svg>', (r) => r.on('br, g', { element(e) { seen.push([e.tagName, e.selfClosing, e.canHaveContent]); e.append('x'); } }));
    return [out, seen];
  });
  await say('enumerable', async () => {
    const seen = [];
    await through('<p>t</p>', (r) => r.on('p', { element(e) { const keys = []; for (const key in e) keys.push(key); seen.push(keys); },
      text(t) { const keys = []; for (const key in t) keys.push(key); seen.push(keys); } }));
    const own = []; for (const key in new HTMLRewriter()) own.push(key);
    return [seen, own];
  });
});
`,
});
