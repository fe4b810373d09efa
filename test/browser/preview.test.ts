/**
 * Pages of a Worker in a real opaque frame: each kind of request that a page makes, and what a hostile one tries.
 *
 * The page reports by what it asks the Worker for (`/report`), because nobody can look into its frame.
 */
import { describe, expect, test } from 'vitest';
import { previewBench, report } from '../support/preview-bench.ts';

const { files, show, reported, problems, preview } = previewBench();

describe('a page', () => {
  test('believes to be where the Worker serves it', async () => {
    await show(
      `<!doctype html><title>Hello</title><script>${report}
       const { location: there } = window;
       report([location.href, \`wss://\${location.host}/ws\`, document.URL, document.baseURI, window.location.pathname,
         there.search, document.location.hash, self.origin, document.domain, String(location), history.length,
         document.compatMode, parent === window]);</script>`,
      { url: '/page?a=1#top' },
    );
    const page = 'http://localhost:8787/page?a=1';
    expect(await reported()).toEqual([
      [
        `${page}#top`,
        'wss://localhost:8787/ws',
        `${page}#top`,
        page,
        '/page',
        '?a=1',
        '#top',
        'http://localhost:8787',
        'localhost',
        `${page}#top`,
        1,
        'CSS1Compat',
        true,
      ],
    ]);
    await expect.poll(() => preview().title).toBe('Hello');
    expect(problems).toEqual([]);
  });

  test('loads scripts in order, styles, images, and tells an element whose file is missing', async () => {
    files['/one.js'] = { body: 'order.push("one " + location.pathname)', type: 'text/javascript' };
    files['/late.js'] = { body: 'order.push("late")', type: 'text/javascript' };
    files['/style.css'] = { body: '@import "more.css"; p { color: rgb(1, 2, 3) }', type: 'text/css' };
    files['/more.css'] = { body: 'p { background: url(dot.svg); width: 77px }', type: 'text/css' };
    files['/dot.svg'] = {
      body: '<svg xmlns="http://www.w3.org/2000/svg" width="5" height="6"/>',
      type: 'image/svg+xml',
    };
    await show(`<!doctype html><link rel="stylesheet" href="style.css">
      <script>${report} const order = [];</script><script src="/late.js" defer></script>
      <script src="/one.js"></script><script>order.push('two')</script>
      <script src="/missing.js" onerror="order.push('missing')"></script>
      <p>x</p><img src="dot.svg" alt=""><img src="gone.png" alt="" onerror="order.push('gone')">
      <script>
        const { length } = document.images;
        addEventListener('DOMContentLoaded', () => order.push('ready'));
        addEventListener('load', () => {
          const style = getComputedStyle(document.querySelector('p'));
          const [image] = document.images;
          setTimeout(() => report([order, style.color, style.width, style.backgroundImage.slice(0, 9), length,
            image.naturalWidth, image.getAttribute('src'), image.src]), 50);
        });
      </script>`);
    expect(await reported()).toEqual([
      [
        expect.arrayContaining(['one /page', 'two', 'missing', 'late', 'ready', 'gone']),
        'rgb(1, 2, 3)',
        '77px',
        'url("blob',
        2,
        5,
        'dot.svg',
        'http://localhost:8787/dot.svg',
      ],
    ]);
  });

  test('links modules with cycles, maps and dynamic imports', async () => {
    const type = 'text/javascript';
    files['/a.js'] = {
      type,
      body: "import { b } from './b.js'; export const a = () => 'a' + b(); export const url = import.meta.url;",
    };
    files['/b.js'] = {
      type,
      body: "import { a } from './a.js'; export const b = () => 'b' + typeof a; import 'extra';",
    };
    files['/vendor/extra.js'] = { type, body: 'globalThis.extras = (globalThis.extras ?? 0) + 1;' };
    files['/data.json'] = { type: 'application/json', body: '{"n":7}' };
    await show(`<!doctype html><script type="importmap">{"imports":{"extra":"/vendor/extra.js"}}</script>
      <script type="module">${report}
        import { a, url } from '/a.js';
        import data from './data.json' with { type: 'json' };
        const name = './b.js';
        const [late, again] = await Promise.all([import(name), import('./a.js')]);
        const failed = await import('./no.js').catch((error) => error.name);
        report([a(), url, data.n, late.b(), again.a === a, extras, failed, import.meta.resolve('extra')]);
      </script>`);
    expect(await reported()).toEqual([
      [
        'abfunction',
        'http://localhost:8787/a.js',
        7,
        'bfunction',
        true,
        1,
        'TypeError',
        'http://localhost:8787/vendor/extra.js',
      ],
    ]);
  });
});
