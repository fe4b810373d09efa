/**
 * The page over a fake simulator: what it says and keeps in cases that the real one gives only rarely.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../playground/app.ts';
import type { Example } from '../../playground/examples.ts';
import type { Keep } from '../../playground/keep.ts';
import { mountPlayground } from '../../playground/view.ts';
import { must } from '../../src/base/assert.ts';
import { SimulatorError } from '../../src/base/errors.ts';
import { fakeCloud } from '../support/fake-simulator.ts';

const EXAMPLES: Example[] = ['one', 'two'].map((name) => ({
  name,
  title: name,
  description: '',
  open: 'index.ts',
  presets: [{ path: '/increment?name=home' }],
  files: { 'index.ts': 'export default {};\n' },
}));

let root: HTMLElement;
let kept: Map<string, unknown>;
let keep: Keep;

beforeEach(() => {
  document.body.replaceChildren();
  root = document.body.appendChild(document.createElement('div'));
  kept = new Map();
  keep = {
    read: (key) => kept.get(key),
    write: (key, value) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
    },
    onChange: () => () => {},
  };
});

const text = (selector: string) => root.querySelector(selector)?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? '';
const click = (selector: string) => must(root.querySelector<HTMLElement>(selector), selector).click();

async function running(cloud = fakeCloud()): Promise<App> {
  const app = mountPlayground(root, { examples: EXAMPLES, open: cloud.open, keep });
  await expect.poll(() => text('.deployment')).toBe('Deployment 1 runs.');
  return app;
}

describe('what runs', () => {
  test('code that never deployed says that nothing runs, and where it is at fault', async () => {
    kept.set('files:one', { 'index.ts': 'a\nFAULT' });
    mountPlayground(root, { examples: EXAMPLES, open: fakeCloud().open, keep });
    await expect.poll(() => text('.deployment')).toBe('Not deployed, and nothing ran before.');
    expect(text('.fault')).toBe('Unexpected token. index.ts, line 2, column 3 Nothing ran before.');
  });

  test('what ran on the last visit is joined when the code in the editor does not deploy', async () => {
    const cloud = fakeCloud();
    await running(cloud);
    kept.set('files:one', { 'index.ts': 'a\nFAULT' });
    root.remove();
    root = document.body.appendChild(document.createElement('div'));
    mountPlayground(root, { examples: EXAMPLES, open: cloud.open, keep });
    await expect.poll(() => text('.deployment')).toBe('Not deployed. What was deployed before keeps running.');
    click('.chip');
    await expect.poll(() => text('.body')).toBe('{ "name": "home", "value": 1 }');
  });

  test('edits that were not run are named, running them again is a new deployment', async () => {
    const app = await running();
    app.current.workspace.write('index.ts', 'export default { a: 1 };');
    expect(text('.deployment')).toBe('Deployment 1 runs, without your last edits.');
    expect(kept.get('files:one')).toEqual({ 'index.ts': 'export default { a: 1 };' });
    click('.filled');
    await expect.poll(() => text('.deployment')).toBe('Deployment 2 runs.');
    app.current.workspace.reset();
    expect(kept.has('files:one')).toBe(false);
  });

  test('another example has another account', async () => {
    const app = await running();
    click('.chip');
    await expect.poll(() => text('.object-text')).toBe('Counter home');
    app.choose('two');
    await expect.poll(() => text('.deployment')).toBe('Deployment 1 runs.');
    expect(text('.object-text')).toBe('');
    expect(text('[data-pane=objects] .empty')).toContain('They exist when first called.');
  });

  test("what was still being looked at when another example was chosen is nobody's error", async () => {
    const cloud = fakeCloud();
    const looks: ((error: Error) => void)[] = [];
    const open: typeof cloud.open = async (options) => {
      const account = await cloud.open(options);
      const state = () => new Promise<never>((_, reject) => looks.push(reject));
      return { ...account, inspect: { ...account.inspect, state } };
    };
    const app = mountPlayground(root, { examples: EXAMPLES, open, keep });
    await expect.poll(() => text('.deployment')).toBe('Deployment 1 runs.');
    click('.chip');
    await expect.poll(() => looks.length).toBeGreaterThan(0);
    const unhandled: unknown[] = [];
    const hear = (event: PromiseRejectionEvent) => {
      event.preventDefault();
      unhandled.push(event.reason);
    };
    addEventListener('unhandledrejection', hear);
    app.choose('two');
    for (const fail of looks) fail(new SimulatorError('closed', 'The control connection was released.'));
    // A browser tells of such a rejection in a task of its own.
    await new Promise((resolve) => setTimeout(resolve));
    await expect.poll(() => text('.deployment')).toBe('Deployment 1 runs.');
    removeEventListener('unhandledrejection', hear);
    expect(unhandled).toEqual([]);
  });
});

describe('memory', () => {
  test('is said once, with the reason, and can be put away', async () => {
    await running(fakeCloud({ storageReason: 'A private window.' }));
    expect(text('.notice')).toBe('Objects live in memory here and are gone with this tab. A private window.');
    click('.notice button');
    expect(text('.notice')).toBe('');
    expect(text('.kept')).toBe('Kept until this tab closes');
  });
});

describe('what the browser has lost', () => {
  test('is said with its words, whatever example is chosen next, until it is put away', async () => {
    const cloud = fakeCloud();
    const app = await running(cloud);
    expect(root.querySelector('[data-loss]')).toBe(null);
    cloud.lost('checksum mismatch');
    app.choose('two');
    await expect.poll(() => text('.deployment')).toBe('Deployment 1 runs.');
    expect(text('[data-loss]')).toBe(
      '✕ The browser lost what was stored here, in every example. Objects begin anew. It says: checksum mismatch',
    );
    expect(root.querySelector('[data-loss]')?.role).toBe('alert');
    click('[data-loss] button');
    expect(root.querySelector('[data-loss]')).toBe(null);
  });
});

describe('the log', () => {
  test('keeps the last 500 lines and shows them in order', async () => {
    const cloud = fakeCloud();
    const app = await running(cloud);
    for (let at = 0; at < 700; at++) cloud.log(`line ${at}`);
    await expect.poll(() => root.querySelectorAll('.line').length).toBe(500);
    expect(text('.line .text')).toBe('line 200');
    app.current.session.clearLog();
    expect(text('[data-pane=log] .empty')).toContain('Nothing logged yet.');
  });

  test('is filtered by words and by level', async () => {
    const cloud = fakeCloud();
    await running(cloud);
    cloud.log('a plain word');
    cloud.log('a loud word', 'error');
    await expect.poll(() => root.querySelectorAll('.line').length).toBe(2);
    const filter = must(root.querySelector<HTMLInputElement>('.filter'), 'the filter');
    filter.value = 'LOUD';
    filter.dispatchEvent(new Event('input'));
    expect(root.querySelectorAll('.line').length).toBe(1);
    expect(text('.line .level')).toBe('error');
  });

  test('does not move while the pointer is inside', async () => {
    const cloud = fakeCloud();
    await running(cloud);
    const list = must(root.querySelector<HTMLElement>('.log-lines'), 'the log');
    Object.assign(list.style, { height: '60px', overflow: 'auto' });
    list.dispatchEvent(new PointerEvent('pointerenter'));
    for (let at = 0; at < 50; at++) cloud.log(`line ${at}`);
    await expect.poll(() => root.querySelectorAll('.line').length).toBe(50);
    expect(list.scrollTop).toBe(0);
    list.dispatchEvent(new PointerEvent('pointerleave'));
    cloud.log('one more');
    await expect.poll(() => list.scrollTop).toBeGreaterThan(0);
  });
});

describe('requests', () => {
  test('the last twenty are kept, and one can be brought back', async () => {
    const app = await running();
    for (let at = 0; at < 25; at++) {
      app.current.requests.edit({ path: `/?name=n${at}` });
      await app.send();
    }
    expect(root.querySelectorAll('.sent').length).toBe(20);
    click('li:last-child > .sent');
    expect(must(root.querySelector<HTMLInputElement>('.path'), 'the path').value).toBe('/?name=n5');
    expect(text('.body')).toBe('{ "name": "n5", "value": 0 }');
  });

  test('a refusal by fetch itself is shown as such', async () => {
    const cloud = fakeCloud();
    const app = await running(cloud);
    app.current.requests.edit({ path: '/throws?name=home' });
    await app.send();
    expect(text('.status-line')).toContain('✕ Failed');
    expect(text('.body')).toBe('Network connection lost.');
  });
});

describe('the page', () => {
  test('remembers the theme and the size of a column', async () => {
    await running();
    click('[aria-label=Dark]');
    const dark = document.documentElement.dataset['theme'];
    expect(kept.get('theme')).toBe(dark);
    const line = must(root.querySelector<HTMLElement>('[role=separator]'), 'a splitter');
    line.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight' }));
    expect(kept.get('size:left')).toBe(24);
    expect(line.ariaValueNow).toBe('24');
    line.dispatchEvent(new MouseEvent('dblclick'));
    expect(kept.has('size:left')).toBe(false);
  });
});
