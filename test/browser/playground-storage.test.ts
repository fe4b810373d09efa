/**
 * The storage pane over a fake simulator: what it shows, changes and refuses, and where the focus goes meanwhile.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import type { App } from '../../playground/app.ts';
import type { Example } from '../../playground/examples.ts';
import type { Keep } from '../../playground/keep.ts';
import { mountPlayground } from '../../playground/view.ts';
import { must } from '../../src/base/assert.ts';
import { fakeCloud } from '../support/fake-simulator.ts';
import { type FakeStorage, Unreadable } from '../support/fake-storage.ts';

const EXAMPLE: Example = {
  name: 'one',
  title: 'One',
  description: '',
  open: 'index.ts',
  presets: [{ path: '/increment?name=home' }],
  files: { 'index.ts': 'export default {};\n' },
};

let root: HTMLElement;
let kept: Map<string, unknown>;
let cloud: ReturnType<typeof fakeCloud>;
let app: App;

const keep: Keep = {
  read: (key) => kept.get(key),
  write: (key, value) => void kept.set(key, value),
  onChange: () => () => {},
};

/** The page with an object `home` that sleeps, chosen. */
beforeEach(async () => {
  document.body.replaceChildren();
  root = document.body.appendChild(document.createElement('div'));
  kept = new Map();
  cloud = fakeCloud();
  app = mountPlayground(root, { examples: [EXAMPLE], open: cloud.open, keep });
  await expect.poll(() => text('.deployment')).toBe('Deployment 1 runs.');
  cloud.storage('playground-one', 'home');
  cloud.changed();
  await expect.poll(() => text('.storage-head')).toContain('home');
});

const home = (): FakeStorage => cloud.storage('playground-one', 'home');
const find = <Found extends HTMLElement>(selector: string) => must(root.querySelector<Found>(selector), selector);
const text = (selector: string) => root.querySelector(selector)?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? '';
const texts = (selector: string) => [...root.querySelectorAll(selector)].map((one) => one.textContent?.trim());
const click = (selector: string) => find(selector).click();
const focused = () => document.activeElement;
const state = () => text('.object .state');

function press(target: Element, key: string, modifiers: KeyboardEventInit = {}): void {
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...modifiers }));
}

function type(selector: string, value: string): void {
  const field = find<HTMLInputElement>(selector);
  field.value = value;
  field.dispatchEvent(new Event('input', { bubbles: true }));
}

/** Another tab wrote; this page hears of it. */
function elsewhere(change: (storage: FakeStorage) => void): void {
  change(home());
  cloud.changed();
}

async function withKeys(entries: Record<string, unknown>): Promise<void> {
  elsewhere((storage) => storage.putAll(Object.entries(entries)));
  await expect.poll(() => root.querySelectorAll('.entry').length).toBe(Object.keys(entries).length);
}

describe('keys', () => {
  test('none are explained, and lead to the tables if there are any', async () => {
    await expect.poll(() => text('#storage-keys')).toContain('home has stored no keys');
    elsewhere((storage) => storage.setTable('people', { columns: ['name'], rows: [['Ada']] }));
    await expect.poll(() => text('#storage-keys .link')).toBe('Look at its 1 table');
    click('#storage-keys .link');
    expect(find('#storage-tab-tables').ariaSelected).toBe('true');
    await expect.poll(() => text('.table-name')).toBe('people 1 row');
  });

  test('beyond a thousand are fetched when asked for, and found by how they begin', async () => {
    const many = Array.from({ length: 1_200 }, (_, at): [string, unknown] => [`k${String(at).padStart(4, '0')}`, at]);
    elsewhere((storage) => storage.putAll(many));
    await expect.poll(() => root.querySelectorAll('.entry').length).toBe(1_000);
    expect(text('.storage-more')).toBe('More keys after the first 1,000 keys');
    click('.storage-more button');
    await expect.poll(() => root.querySelectorAll('.entry').length).toBe(1_200);
    expect(root.querySelector('.storage-more')).toBe(null);
    type('#storage-keys .filter', 'k119');
    await expect.poll(() => texts('.entry-key')).toEqual(many.slice(1_190).map(([key]) => key));
    type('#storage-keys .filter', 'x');
    await expect.poll(() => text('#storage-keys .empty')).toBe('No key begins with that.');
  });

  test('one that cannot be read is shown as that, beside the others, and cannot be edited', async () => {
    await withKeys({ a: 1, b: new Unreadable(new Uint8Array([255, 1]), 'Version 14 is not known.') });
    expect(texts('.entry-value')).toEqual(['1', "Version 14 is not known. x'ff01'"]);
    expect(text('[data-key=b] .entry-size')).toBe('unreadable 2 B');
    click('[data-key=b] [data-edit]');
    expect(text('.notice-line')).toBe('"b" is only shown. It cannot be read.');
    expect(root.querySelector('.entry-form')).toBe(null);
  });

  test('a value is edited as JSON; the focus goes in and comes back', async () => {
    await withKeys({ list: [1, 2], map: new Map() });
    click('[data-key=list] [data-edit]');
    expect(focused()).toBe(find('.entry-form textarea'));
    expect(find<HTMLTextAreaElement>('.entry-form textarea').value).toBe('[1,2]');
    type('.entry-form textarea', '[1,');
    press(find('.entry-form textarea'), 'Enter', { ctrlKey: true });
    expect(text('.entry-form [role=alert]')).toMatch(/^✕ That is not JSON: .+ Nothing was changed\.$/);
    expect(text('.deployment')).toBe('Deployment 1 runs.'); // Ctrl-Enter belongs to the form

    type('.entry-form textarea', '[1, 2, 3]');
    press(find('.entry-form textarea'), 'Enter', { ctrlKey: true });
    await expect.poll(() => text('[data-key=list] summary')).toBe('[1, 2, 3]');
    expect(home().keys.get('list')).toEqual([1, 2, 3]);
    expect(text('.notice-line')).toBe('"list" was changed.');
    expect(focused()).toBe(find('[data-key=list] [data-edit]'));
    expect(state()).toBe('sleeping');

    click('[data-key=list] [data-edit]');
    press(find('.entry-form textarea'), 'Escape');
    expect(focused()).toBe(find('[data-key=list] [data-edit]'));
    click('[data-key=map] [data-edit]');
    expect(text('.notice-line')).toBe('"map" is only shown. JSON has no Map.');
  });

  test('a form stays while its key changes and goes', async () => {
    await withKeys({ a: 1, b: 2 });
    click('[data-key=a] [data-edit]');
    type('.entry-form textarea', '"mine"');
    const field = find<HTMLTextAreaElement>('.entry-form textarea');
    elsewhere((storage) => storage.put('a', 5));
    await expect.poll(() => text('.entry-form p')).toBe('It has changed meanwhile: 5');
    expect(focused()).toBe(field);
    elsewhere((storage) => void storage.delete('a'));
    await expect.poll(() => text('.entry-form p')).toBe('It was deleted meanwhile. Saving makes it anew.');
    expect(find<HTMLTextAreaElement>('.entry-form textarea').value).toBe('"mine"');
    find<HTMLFormElement>('.entry-form').requestSubmit();
    await expect.poll(() => home().keys.get('a')).toBe('mine');
  });

  test('one is added, not over another; the platform may refuse it', async () => {
    await withKeys({ a: 1 });
    click('[data-add]');
    expect(focused()).toBe(find('.entry-form input'));
    type('.entry-form input', 'a');
    type('.entry-form textarea', '2');
    find<HTMLFormElement>('.entry-form').requestSubmit();
    await expect
      .poll(() => text('.entry-form [role=alert]'))
      .toBe('✕ There is a key "a" already. Nothing was changed.');
    type('.entry-form input', 'k'.repeat(3000));
    find<HTMLFormElement>('.entry-form').requestSubmit();
    await expect.poll(() => text('.entry-form [role=alert]')).toContain('Keys cannot be larger than 2048 bytes.');
    type('.entry-form input', 'b');
    find<HTMLFormElement>('.entry-form').requestSubmit();
    await expect.poll(() => home().keys.get('b')).toBe(2);
    expect(home().keys.get('a')).toBe(1);
    await expect.poll(() => root.querySelector('.entry-form')).toBe(null);
  });

  test('one is deleted and brought back, whatever its type', async () => {
    const value = new Map([['deep', new Date(5)]]);
    await withKeys({ a: value, b: 2 });
    find('[data-key=a] [data-delete]').focus();
    click('[data-key=a] [data-delete]');
    await expect.poll(() => texts('.entry-key')).toEqual(['b']);
    await expect.poll(() => focused()).toBe(find('[data-undo]'));
    click('[data-undo]');
    await expect.poll(() => texts('.entry-key')).toEqual(['a', 'b']);
    expect(home().keys.get('a')).toEqual(value);
    expect(text('.notice-line')).toBe('"a" is back.');
    expect(root.contains(focused())).toBe(true);
    expect(focused()).not.toBe(document.body);
  });

  test('under a live object: that it may remember the old value is said once', async () => {
    await app.send(EXAMPLE.presets[0]);
    await expect.poll(state).toBe('live');
    await expect.poll(() => text('.entry-key')).toBe('value');
    click('[data-key=value] [data-edit]');
    type('.entry-form textarea', '5');
    find<HTMLFormElement>('.entry-form').requestSubmit();
    await expect.poll(() => text('.notice-line')).toContain('what it remembers may be the old value');
    click('[data-key=value] [data-delete]');
    await expect.poll(() => text('.notice-line')).toBe('"value" was deleted. Undo');
  });
});

describe('tables', () => {
  beforeEach(() => click('#storage-tab-tables'));

  test('show rows of the one that is open, each kind of cell as what it is', async () => {
    const row = [null, 'NULL', 9_007_199_254_740_993n, -0.5, new Uint8Array([1, 2, 255])];
    elsewhere((storage) => storage.setTable('kinds', { columns: ['a', 'b', 'c', 'd', 'e'], rows: [row] }));
    await expect.poll(() => text('.table-name')).toBe('kinds 1 row');
    click('.table-name');
    await expect.poll(() => texts('.grid td')).toEqual(['NULL', 'NULL', '9007199254740993', '-0.5', "x'0102ff' 3 B"]);
    const kinds = [...root.querySelectorAll<HTMLElement>('.grid td')].map((one) => one.dataset['is']);
    expect(kinds).toEqual(['null', 'text', 'number', 'number', 'bytes']);
    expect(find('.table-name').ariaExpanded).toBe('true');
    click('.table-name');
    expect(root.querySelector('.grid')).toBe(null);
  });

  test('give a hundred rows, then more', async () => {
    const rows = Array.from({ length: 250 }, (_, at) => [at]);
    elsewhere((storage) => storage.setTable('many', { columns: ['n'], rows }));
    await expect.poll(() => text('.table-name')).toBe('many 250 rows');
    click('.table-name');
    await expect.poll(() => root.querySelectorAll('.grid td').length).toBe(100);
    click('.storage-more button');
    await expect.poll(() => root.querySelectorAll('.grid td').length).toBe(200);
    click('.storage-more button');
    await expect.poll(() => root.querySelectorAll('.grid td').length).toBe(250);
    expect(root.querySelector('.storage-more')).toBe(null);
  });

  test("keep the platform's own back until they are asked for", async () => {
    elsewhere((storage) => storage.setTable('_cf_KV', { columns: ['key', 'value'], rows: [] }));
    await expect.poll(() => text('.check.storage-tools')).toBe("The platform's own tables");
    expect(root.querySelector('.table-name')).toBe(null);
    click('.check.storage-tools input');
    await expect.poll(() => text('.table-name')).toBe('_cf_KV 0 rows');
  });

  test('are chosen by arrows from tab to tab', () => {
    const tab = (name: string) => find(`#storage-tab-${name}`);
    tab('tables').focus();
    press(tab('tables'), 'ArrowRight');
    expect(focused()).toBe(tab('sql'));
    expect(find('#storage-sql').hidden).toBe(false);
    press(tab('sql'), 'ArrowRight');
    expect(focused()).toBe(tab('keys'));
    press(tab('keys'), 'End');
    expect(focused()).toBe(tab('sql'));
    expect([tab('keys').tabIndex, tab('sql').tabIndex]).toEqual([-1, 0]);
  });
});

describe('sql', () => {
  const field = () => find<HTMLTextAreaElement>('.sql textarea');
  const run = (sql: string) => {
    type('.sql textarea', sql);
    press(field(), 'Enter', { ctrlKey: true });
  };

  beforeEach(async () => {
    elsewhere((storage) => storage.setTable('people', { columns: ['name'], rows: [['Ada'], ['Ben']] }));
    click('#storage-tab-sql');
    await expect.poll(() => text('#storage-sql .empty')).toContain('There is people.');
  });

  test('reads; what would write is refused until writing is armed, visibly', async () => {
    run('SELECT * FROM people');
    await expect.poll(() => texts('#storage-sql td')).toEqual(['Ada', 'Ben']);
    expect(text('.sql-row .number')).toMatch(/^2 rows · \d/);
    expect(text('p.unseen[role=status]')).toMatch(/^2 rows/);

    run('DELETE FROM people');
    await expect.poll(() => text('.sql-note .problem')).toBe('✕ The inspector only reads.');
    expect(text('.sql button')).toBe('Run');
    click('#storage-sql .sql-note .link');
    expect(text('.sql button')).toBe('Run, may write');
    expect(find<HTMLInputElement>('.sql input').checked).toBe(true);
    click('.sql button');
    await expect.poll(() => text('.sql-row .number')).toMatch(/^0 rows · 2 written/);
    expect(home().query('SELECT * FROM people').rows).toEqual([]);
    expect(state()).toBe('sleeping');

    run('SELECT * FROM nobody');
    await expect.poll(() => text('.sql-note .problem')).toBe('✕ no such table: nobody: SQLITE_ERROR');
    expect(text('#storage-sql')).not.toContain('run with');
  });

  test('armed for one object is not armed for the next', async () => {
    click('.sql input');
    cloud.storage('playground-one', 'other');
    cloud.changed();
    await expect.poll(() => root.querySelectorAll('.object').length).toBe(2);
    click('.object:not([data-current=true]) .object-name');
    await expect.poll(() => text('.storage-head')).toContain('other');
    expect(find<HTMLInputElement>('.sql input').checked).toBe(false);
    expect(text('.sql button')).toBe('Run');
  });

  test('remembers what was run, and where it was left', async () => {
    run('SELECT * FROM people');
    await expect.poll(() => text('.sql-row .number')).toMatch(/^2 rows/);
    run('SELECT * FROM nobody');
    await expect.poll(() => text('.sql-note')).toContain('no such table');
    press(field(), 'ArrowUp', { altKey: true });
    expect(field().value).toBe('SELECT * FROM people');
    press(field(), 'ArrowUp', { altKey: true });
    expect(field().value).toBe('SELECT * FROM people');
    press(field(), 'ArrowDown', { altKey: true });
    expect(field().value).toBe('SELECT * FROM nobody');
    press(field(), 'ArrowDown', { altKey: true });
    expect(field().value).toBe('');
    expect(kept.get('sql:one')).toEqual(['SELECT * FROM nobody', 'SELECT * FROM people']);
  });
});

describe('time', () => {
  const slider = () => find<HTMLInputElement>('.moments');
  const goTo = (at: number) => {
    slider().value = String(at);
    slider().dispatchEvent(new Event('input', { bubbles: true }));
  };

  beforeEach(async () => {
    for (const value of [1, 2, 3]) elsewhere((storage) => storage.put('n', value));
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('3');
    expect([slider().max, slider().value, slider().getAttribute('aria-valuetext')]).toEqual(['3', '3', 'Now']);
  });

  test('shows a moment that stays while others are written, and offers nothing to change there', async () => {
    goTo(1);
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('1');
    expect(text('.moment')).toMatch(/^As of \d\d:\d\d:\d\d\.\d\d\d · 2 changes ago Restore Now$/);
    expect(slider().getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d\.\d\d\d · 2 changes ago$/);
    expect(root.querySelector('[data-edit], [data-delete], [data-add]')).toBe(null);
    expect(find<HTMLButtonElement>('[aria-label^=Upload]').disabled).toBe(true);
    expect(text('.sql')).toContain('Go back to now');

    elsewhere((storage) => storage.put('n', 4));
    await expect.poll(() => text('.moment')).toContain('3 changes ago');
    expect(text('[data-key=n] .entry-value')).toBe('1');
    goTo(0);
    await expect.poll(() => text('#storage-keys')).toContain('home has stored no keys');
    expect(text('.moment')).toBe('As of the beginning · 4 changes ago Restore Now');
    click('[data-now]');
    expect(focused()).toBe(slider());
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('4');
    expect(text('.moment')).toBe('Now, from disk. The object was not woken.');
    expect(slider().value).toBe('4');
    expect(state()).toBe('sleeping');
  });

  test('a moment is restored as one change more, and that is taken back', async () => {
    goTo(1);
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('1');
    find('.moment .link').focus();
    click('.moment .link');
    await expect.poll(() => home().keys.get('n')).toBe(1);
    await expect.poll(() => slider().max).toBe('4');
    expect(text('.notice-line')).toBe('It stores again what it stored then. Undo');
    expect(text('.moment')).toBe('Now, from disk. The object was not woken.');
    expect(focused()).toBe(find('[data-pane=storage]'));
    click('[data-undo]');
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('3');
    await expect.poll(() => slider().max).toBe('5');
  });

  test('gives the file of the moment that is shown', async () => {
    goTo(2);
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('2');
    const file = await app.current.session.changes.download();
    expect(file.name).toMatch(/^Counter-home-[\dT.-]+Z\.sqlite$/);
    expect(JSON.parse(await file.text())).toEqual([['n', 2]]);
    expect(find('[aria-label^=Download]').ariaLabel).toBe('Download the .sqlite file of this moment');
  });

  test('a moment that is not kept any more is said, and now is one click away', async () => {
    goTo(1);
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('1');
    elsewhere((storage) => storage.expireAllBut(1));
    await expect.poll(() => text('#storage-keys')).toBe('✕ That moment is not kept any more.');
    click('[data-now]');
    await expect.poll(() => text('[data-key=n] .entry-value')).toBe('3');
    expect(root.querySelector('.moments')).toBe(null);
  });
});

describe('files', () => {
  const file = (name: string, content: string) => new File([content], name);
  const drop = (...files: File[]) => {
    const dataTransfer = new DataTransfer();
    for (const one of files) dataTransfer.items.add(one);
    const event = (name: string) => new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true });
    find('[data-pane=storage]').dispatchEvent(event('dragover'));
    expect(find('[data-pane=storage]').dataset['drop']).toBe('true');
    find('[data-pane=storage]').dispatchEvent(event('drop'));
    expect(find('[data-pane=storage]').dataset['drop']).toBe(undefined);
  };

  test('one that is dropped replaces what is stored when that is agreed to', async () => {
    await withKeys({ a: 1 });
    drop(file('mine.sqlite', '[["b",2]]'));
    await expect
      .poll(() => text('.notice-line span'))
      .toBe('Replace everything that home has stored by mine.sqlite, 9 B?');
    expect(home().keys.get('a')).toBe(1);
    click('.notice-acts .outlined');
    await expect.poll(() => texts('.entry-key')).toEqual(['b']);
    expect(text('.notice-line')).toBe('It stores what was in mine.sqlite now.');
  });

  test('one that is no database is one sentence, and nothing is changed', async () => {
    await withKeys({ a: 1 });
    drop(file('photo.png', 'PNG'));
    await expect.poll(() => text('.notice-acts')).toBe('Replace Cancel');
    click('.notice-acts .outlined');
    await expect
      .poll(() => text('.notice-line [role=alert]'))
      .toBe('✕ photo.png: The file is not an SQLite database, or it is encrypted. Nothing was changed.');
    expect([...home().keys]).toEqual([['a', 1]]);
    drop(file('one.sqlite', '[]'), file('two.sqlite', '[]'));
    await expect.poll(() => text('.notice-line [role=alert]')).toContain('Give one .sqlite file');
  });

  test('can be declined', async () => {
    await withKeys({ a: 1 });
    drop(file('mine.sqlite', '[]'));
    await expect.poll(() => text('.notice-acts')).toBe('Replace Cancel');
    click('.notice-acts .quiet');
    expect(root.querySelector('.notice-line')).toBe(null);
    expect([...home().keys]).toEqual([['a', 1]]);
  });
});
