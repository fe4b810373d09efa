/**
 * From page to page in the preview: links, forms, history, stores, and what scripts put into a page later.
 */
import { describe, expect, test } from 'vitest';
import { previewBench, report } from '../support/preview-bench.ts';

const { show, reported, problems, preview, files } = previewBench();
const page = (script: string, body = ''): string => `<!doctype html><body>${body}<script>${report}
  const run = async () => { ${script} };
  run().then((value) => value !== undefined && report(value), (error) => report(String(error.stack)));</script>`;

/** A page that reports where it is and goes nowhere. */
const END = page(`return [location.href, document.referrer];`);

describe('a page is left', () => {
  test.each([
    ['a link', `<a id="x" href="end?a=1#f">go</a>`, `document.querySelector('#x').click();`],
    [
      'a link whose listener stops the event',
      `<a id="x" href="/end?a=1#f">go</a>`,
      `const x = document.querySelector('#x'); x.onclick = (event) => event.stopPropagation(); x.click();`,
    ],
    ['a link that is nowhere', '', `const x = document.createElement('a'); x.href = '/end?a=1#f'; x.click();`],
    ['location', '', `location = '/end?a=1#f';`],
    ['location.assign', '', `window.location.assign('/end?a=1#f');`],
    ['window.open', '', `window.open('/end?a=1#f');`],
    ['a form', `<form action="/end#f"><input name="a" value="1"></form>`, `document.forms[0].submit(); return;`],
  ])('by %s', async (kind, body, script) => {
    files['/end'] = { body: END };
    await show(page(`addEventListener('load', () => setTimeout(() => { ${script} }, 20));`, body));
    const url = kind === 'a form' ? 'http://localhost:8787/end?a=1#f' : 'http://localhost:8787/end?a=1#f';
    expect(await reported()).toEqual([[url, 'http://localhost:8787/page']]);
    expect(preview().url).toBe(url);
    expect(preview().canGoBack).toBe(true);
    await preview().back();
    expect(preview().url).toBe('http://localhost:8787/page');
  });

  test('but not when its listeners do not want it', async () => {
    await show(
      page(
        `const seen = [];
        document.querySelector('#a').addEventListener('click', (event) => event.preventDefault());
        document.addEventListener('click', (event) => seen.push(event.defaultPrevented));
        for (const link of document.links) link.click();
        document.forms[0].requestSubmit();
        await fetch('/elsewhere'); // asked for behind whatever those clicks asked for
        return [seen, location.pathname];`,
        `<a id="a" href="/end">a</a><a href="/end" onclick="return false">b</a>
         <form action="/end" onsubmit="event.preventDefault()"></form><form method="dialog"></form>`,
      ),
    );
    expect(await reported()).toEqual([[[true, true], '/page']]);
  });

  test('by forms of each kind, with the button that sent them', async () => {
    const form = (n: number, enctype: string): string =>
      `<form method="post" action="/take?n=${n}" enctype="${enctype}"><input name="a b" value="1&amp;ü"><input type="file" name="f">
        <button name="by" value="me">x</button></form>`;
    await show(
      page(
        `document.forms[Number(new URLSearchParams(location.search).get('n'))].querySelector('button').click();`,
        form(0, '') + form(1, 'multipart/form-data') + form(2, 'text/plain'),
      ),
      {
        url: '/page?n=0',
        worker: `if (url.pathname === '/take') {
        const n = Number(url.searchParams.get('n'));
        const text = await request.text();
        reports.push([request.method, request.headers.get('content-type').split(';')[0], request.headers.get('origin'), text.replace(/----\\w+/g, 'BOUNDARY')]);
        return n < 2 ? Response.redirect(url.origin + '/page?n=' + (n + 1), 303) : new Response('done');
      }`.replaceAll('\\\\', '\\'),
      },
    );
    const [first, second, third] = (await reported(3)) as string[][];
    expect(first).toEqual([
      'POST',
      'application/x-www-form-urlencoded',
      'http://localhost:8787',
      'a+b=1%26%C3%BC&f=&by=me',
    ]);
    expect(second?.slice(0, 2)).toEqual(['POST', 'multipart/form-data']);
    expect(second?.[3]).toContain('name="a b"\r\n\r\n1&ü\r\n');
    expect(second?.[3]).toContain('name="by"\r\n\r\nme\r\n');
    expect(third).toEqual(['POST', 'text/plain', 'http://localhost:8787', 'a b=1&ü\r\nf=\r\nby=me\r\n']);
  });
});

test('history: states, steps back without loading, fragments, and the address that others resolve by', async () => {
  await show(
    page(`const next = (name) => new Promise((done) => addEventListener(name, done, { once: true }));
      history.replaceState({ n: 0 }, '', '?zero');
      history.pushState({ n: 1 }, '', '/deep/one');
      const link = Object.assign(document.createElement('a'), { href: 'two' }).href;
      const pushed = [location.pathname, history.length, history.state.n, link];
      const popped = next('popstate');
      history.back();
      const { state } = await popped;
      const back = [state.n, location.search, history.state.n];
      const hashed = next('hashchange');
      location.hash = 'here';
      const { oldURL, newURL } = await hashed;
      return [pushed, back, oldURL, newURL, location.href];`),
  );
  const origin = 'http://localhost:8787';
  expect(await reported()).toEqual([
    [
      ['/deep/one', 2, 1, `${origin}/deep/two`],
      [0, '?zero', 0],
      `${origin}/page?zero`,
      `${origin}/page?zero#here`,
      `${origin}/page?zero#here`,
    ],
  ]);
  expect(preview().url).toBe(`${origin}/page?zero#here`);
});

test('stores are kept from page to page, and each session has its own', async () => {
  files['/end'] = {
    body: page(
      `return [localStorage.a, localStorage.getItem('b'), localStorage.length, Object.keys(localStorage), sessionStorage.s, 'c' in localStorage];`,
    ),
  };
  await show(
    page(
      `localStorage.a = 1; localStorage.setItem('b', 'two'); localStorage.c = 3; delete localStorage.c; sessionStorage.setItem('s', 'x'); location.href = '/end';`,
    ),
  );
  expect(await reported()).toEqual([['1', 'two', 2, ['a', 'b'], 'x', false]]);
});

test('what scripts put into the page later loads as what was there at first', async () => {
  const type = 'text/javascript';
  files['/dot.svg'] = { type: 'image/svg+xml', body: '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="6"/>' };
  files['/s.js'] = { type, body: 'globalThis.ran = (globalThis.ran ?? "") + "s" + location.pathname;' };
  files['/m.js'] = { type, body: 'globalThis.ran += "m"; export default 1;' };
  files['/late.css'] = { type: 'text/css', body: 'b { color: rgb(9, 8, 7) }' };
  await show(
    page(`const loaded = (element, put) => new Promise((done, fail) => {
        element.onload = () => done(element); element.onerror = () => fail(new Error(element.outerHTML)); put(element);
      });
      const image = await loaded(new Image(), (one) => { one.src = '/dot.svg' });
      const script = await loaded(document.createElement('script'), (one) => { one.src = 's.js'; document.head.append(one) });
      const sheet = await loaded(document.createElement('link'), (one) => { one.rel = 'stylesheet'; one.href = '/late.css'; document.head.append(one) });
      const module = await loaded(Object.assign(document.createElement('script'), { type: 'module' }), (one) => { one.setAttribute('src', '/m.js'); document.body.append(one) });
      const inline = document.createElement('script');
      inline.textContent = 'globalThis.ran += location.host';
      document.body.append(inline);
      const box = document.createElement('div');
      document.body.append(box);
      box.innerHTML = '<table><tr><td onclick="globalThis.clicked = location.pathname"><img src="dot.svg"><b style="background: url(/dot.svg)">x</b></td></tr></table>';
      const inner = box.querySelector('img');
      if (!inner.complete || !inner.naturalWidth) await new Promise((done) => { inner.onload = done });
      box.querySelector('td').click();
      const bold = getComputedStyle(box.querySelector('b'));
      return [image.naturalWidth, image.src, script.getAttribute('src'), script.src, sheet.href, module.src, ran, inner.naturalWidth, inner.getAttribute('src'),
        clicked, bold.color, bold.backgroundImage.slice(0, 9)];`),
  );
  const origin = 'http://localhost:8787';
  expect(await reported()).toEqual([
    [
      5,
      `${origin}/dot.svg`,
      's.js',
      `${origin}/s.js`,
      `${origin}/late.css`,
      `${origin}/m.js`,
      's/pagemlocalhost:8787',
      5,
      'dot.svg',
      '/page',
      'rgb(9, 8, 7)',
      'url("blob',
    ],
  ]);
  expect(problems).toEqual([]);
});
