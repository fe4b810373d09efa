/**
 * What becomes of the scripts and style sheets of a page in the preview.
 */
import { describe, expect, test } from 'vitest';
import { cssAddresses, replaceAddresses } from '../../src/preview/css.ts';
import { ImportMaps } from '../../src/preview/import-map.ts';
import { rewriteScript, type ScriptKind } from '../../src/preview/rewrite.ts';

const URL_HERE = 'http://localhost:8787/app/main.js';
const maps = new ImportMaps();
const rewrite = (code: string, kind: ScriptKind = 'classic') =>
  rewriteScript(code, kind, { url: URL_HERE, resolve: (specifier, base) => maps.resolve(specifier, base) });

/** What a script sees when it runs where `location` is the simulated one. */
function run(code: string): unknown {
  const real = { host: 'real' };
  const location = { host: 'simulated', assigned: '' };
  const view = { other: 1 } as Record<string, unknown>;
  const window = { location: real, other: 1 };
  const facade = {
    location,
    of: (value: unknown) => (value === window ? { ...view, location: facade.location } : value),
  };
  const body = rewrite(code, 'handler').code;
  return new Function('$durabox', 'window', 'self', 'location', `return (() => {${body}})()`)(
    facade,
    window,
    window,
    real,
  );
}

describe('a script', () => {
  test.each([
    ['return location.host'],
    ['return window.location.host'],
    ["return self['location'].host"],
    ['return ((w) => w.location.host)(window)'],
    ['const { location } = window; return location.host'],
    ['const { location: { host } } = window; return host'],
    ['let host; ({ location: { host } } = window); return host'],
    ['return ({ location }).location.host'],
    ['return window?.location?.host'],
    ['return [location].map(({ host }) => host)[0]'],
    ['function f(x = location) { return x.host } return f()'],
  ])('sees the simulated location: %s', (code) => expect(run(code)).toBe('simulated'));

  test.each([
    ["const location = { host: 'own' }; return location.host", 'own'],
    ["return ((location) => location.host)({ host: 'own' })", 'own'],
    ["return { location: { host: 'own' } }.location.host", 'own'],
    ["class A { location = 'own'; get() { return this.location } } return new A().get()", 'own'],
    ["class A { static location = class { host = 'own' } } return new A.location().host", 'own'],
    ['const a = undefined; return a?.b.location', undefined],
    ['location: for (;;) break location; return 1', 1],
    ["try { throw { host: 'own' } } catch (location) { return location.host }", 'own'],
  ])('keeps a location of its own: %s', (code, value) => expect(run(code)).toBe(value));

  test('keeps its lines, and is left alone when it does not parse', () => {
    const code = 'const a = 1;\n\nimport(\n  // why\n  "./b.js"\n);\nlocation = "/x";';
    expect(rewrite(code, 'module').code.split('\n')).toHaveLength(code.split('\n').length);
    expect(rewrite('location = ;').code).toBe('location = ;');
    expect(rewrite('location = "/x"').code).toBe('$durabox.location = "/x"');
  });

  test('a handler may return, and a page without location is not changed', () => {
    expect(rewrite('return location.reload()', 'handler').code).toBe('return $durabox.location.reload()');
    const plain = 'document.body.append("a", 1)';
    expect(rewrite(plain).code).toBe(plain);
  });
});

describe('a module', () => {
  test('names absolutely what it imports', () => {
    const { code, imports } = rewrite(
      "import a from './a.js';\nexport * from '/b.js';\nexport { c } from '../c.js';\nimport data from './d.json' with { type: 'json' };\nawait import('./late.js');\nawait import(name);\nimport bare from 'bare';",
      'module',
    );
    expect(imports).toEqual([
      { url: 'http://localhost:8787/app/a.js', type: 'script' },
      { url: 'http://localhost:8787/b.js', type: 'script' },
      { url: 'http://localhost:8787/c.js', type: 'script' },
      { url: 'http://localhost:8787/app/d.json', type: 'json' },
      { url: 'http://localhost:8787/app/late.js', type: 'script' },
    ]);
    expect(code.split('\n')).toEqual([
      'import a from "http://localhost:8787/app/a.js";',
      'export * from "http://localhost:8787/b.js";',
      'export { c } from "http://localhost:8787/c.js";',
      'import data from "http://localhost:8787/app/d.json" with { type: \'json\' };',
      `await $durabox.load("${URL_HERE}", './late.js');`,
      `await $durabox.load("${URL_HERE}", name);`,
      "import bare from 'bare';",
    ]);
  });

  test('knows its own address', () => {
    expect(rewrite('import.meta.url + import.meta.resolve("./x.js")', 'module').code).toBe(
      `"${URL_HERE}" + $durabox.resolver("${URL_HERE}")("./x.js")`,
    );
  });
});

describe('an import map', () => {
  const mapped = new ImportMaps();
  mapped.add(
    JSON.stringify({
      imports: {
        lit: '/vendor/lit.js',
        'lit/': '/vendor/lit/',
        gone: null,
        'http://localhost:8787/old.js': './new.js',
      },
      scopes: { '/admin/': { lit: '/vendor/lit-2.js' } },
    }),
    'http://localhost:8787/',
  );
  test.each([
    ['lit', URL_HERE, 'http://localhost:8787/vendor/lit.js'],
    ['lit/html.js', URL_HERE, 'http://localhost:8787/vendor/lit/html.js'],
    ['lit', 'http://localhost:8787/admin/a.js', 'http://localhost:8787/vendor/lit-2.js'],
    ['/old.js', URL_HERE, 'http://localhost:8787/new.js'],
    ['./own.js', URL_HERE, 'http://localhost:8787/app/own.js'],
    ['https://cdn.example/x.js', URL_HERE, 'https://cdn.example/x.js'],
    ['gone', URL_HERE, undefined],
    ['bare', URL_HERE, undefined],
  ])('%s from %s', (specifier, base, url) => expect(mapped.resolve(specifier, base)).toBe(url));

  test('what is none is refused with a sentence', () => {
    expect(mapped.add('{', URL_HERE)).toContain('no JSON');
    expect(mapped.add('[]', URL_HERE)).toBe('An import map is no object.');
  });
});

describe('a style sheet', () => {
  const css =
    '@import "a.css" screen; @import url(b.css);\n/* url(no.png) */ a { background: url( "c d.png" ), url(e\\66.png); content: "url(no)"; }\n' +
    'b { curl(x): 1; src: url(data:font/x) }';
  test('gives its addresses and nothing that only looks like one', () => {
    expect(cssAddresses(css).map(({ address, kind }) => `${kind} ${address}`)).toEqual([
      'import a.css',
      'import b.css',
      'url c d.png',
      'url ef.png',
      'url data:font/x',
    ]);
  });
  test('takes other addresses, in quotes', () => {
    const replaced = replaceAddresses('a{b:url(x) url(y)}@import "z";', ({ address }) =>
      address === 'y' ? undefined : `blob:${address}"`,
    );
    expect(replaced).toBe('a{b:url("blob:x\\22 ") url(y)}@import url("blob:z\\22 ");');
  });
});
