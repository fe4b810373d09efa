/**
 * The timeline pane, the clock's controls and what is said of an object, over a fake simulator and made traces.
 */
import { beforeEach, describe, expect, test } from 'vitest';
import { page } from 'vitest/browser';
import type { App } from '../../playground/app.ts';
import type { Example } from '../../playground/examples.ts';
import { mountPlayground } from '../../playground/view.ts';
import { must } from '../../src/base/assert.ts';
import { fakeCloud } from '../support/fake-simulator.ts';
import { MadeTrace } from '../support/made-trace.ts';
import '../../playground/styles/base.css';
import '../../playground/styles/frame.css';
import '../../playground/styles/timeline.css';

const EXAMPLE: Example = {
  name: 'one',
  title: 'one',
  description: '',
  open: 'index.ts',
  presets: [{ path: '/increment?name=home' }],
  files: { 'index.ts': 'export class Counter {\n  increment() {}\n}\nexport default {};\n' },
};

let root: HTMLElement;
let cloud: ReturnType<typeof fakeCloud>;
let app: App;

beforeEach(async () => {
  await page.viewport(1280, 900);
  document.body.replaceChildren();
  root = document.body.appendChild(document.createElement('div'));
  root.id = 'playground';
  root.style.cssText = 'width: 1280px; height: 900px';
  cloud = fakeCloud();
  const keep = { read: () => undefined, write: () => {}, onChange: () => () => {} };
  app = mountPlayground(root, { examples: [EXAMPLE], open: cloud.open, keep });
  await expect.poll(() => text('.deployment')).toBe('Deployment 1 runs.');
});

const find = (selector: string) => must(root.querySelector<HTMLElement>(selector), selector);
const text = (selector: string) => root.querySelector(selector)?.textContent?.replaceAll(/\s+/g, ' ').trim() ?? '';
const grid = () => find('.twin-list');
const press = (key: string) => grid().dispatchEvent(new KeyboardEvent('keydown', { key, cancelable: true }));
/** The selected row, as a screen reader finds it. */
const current = () => {
  const id = grid().getAttribute('aria-activedescendant');
  const row = id === null ? null : document.getElementById(id);
  return row && [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent?.trim());
};

function calls(count: number): MadeTrace {
  const trace = new MadeTrace();
  const client = trace.actor('client', 'client');
  const objects = Array.from({ length: 20 }, (_, at) => trace.actor('object', `Counter:${at}`));
  for (let at = 0; at < count; at++) {
    trace.nowMs += 3;
    trace.call(client, must(objects[at % 20], 'an object'), `call${at}`, at === 1 ? 3 : 0);
  }
  return trace;
}

async function shown(trace: MadeTrace): Promise<void> {
  cloud.trace(trace.events);
  await expect.poll(() => grid().ariaRowCount).toBe(String(trace.events.length + 1));
}

describe('the timeline', () => {
  test('says that there is nothing, and shows what comes as rows with time, actor, what and cause', async () => {
    expect(text('.timeline-empty')).toContain('Nothing has happened yet.');
    await shown(calls(2));
    expect(find('.timeline-canvas').ariaHidden).toBe('true');
    const rows = [...root.querySelectorAll('.twin-rows [role=row]')].map((row) =>
      [...row.querySelectorAll('[role=gridcell]')].map((cell) => cell.textContent?.trim()),
    );
    expect(rows[1]).toEqual(['0 ms', 'Counter:0', 'call0 begins', 'client asks Counter:0: call0']);
    expect(rows.length).toBe(8);
    await expect.poll(() => text('.timeline-said')).toBe('2 requests, the second waited 3 ms.');
    expect(find('.timeline-said').role).toBe('status');
  });

  test('is walked by keys, and one selection is in the list, the details and the drawing', async () => {
    await shown(calls(2));
    press('Home');
    await expect.poll(() => current()?.[2]).toBe('asks Counter:0: call0');
    for (const [key, what] of [
      ['ArrowDown', 'call0 begins'],
      [']', 'answers call0'],
      [']', 'answer to call0 arrives'],
      ['ArrowRight', 'asks Counter:1: call1'],
      ['ArrowLeft', 'answer to call0 arrives'],
      ['[', 'answers call0'],
      ['ArrowUp', 'answer to call0 arrives'],
      ['End', 'answer to call1 arrives'],
    ] as const) {
      press(key);
      await expect.poll(() => current()?.[2], { message: key }).toBe(what);
    }
    press('Enter');
    await expect.poll(() => text('.event-title h3')).toBe('client answer to call1 arrives');
    expect(document.activeElement?.className).toBe('event-details');
    find('.event-details .link').click();
    await expect.poll(() => current()?.[2]).toBe('answers call1');
    expect(text('.event-title h3')).toBe('Counter:1 answers call1');
    find('.event-details').dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }));
    expect(find('.event-details').hidden).toBe(true);
    expect(document.activeElement).toBe(grid());
  });

  test('a mark that is clicked is selected, and what led to it is lifted out of the rest', async () => {
    await shown(calls(1));
    const place = find('.timeline-canvas');
    const box = place.getBoundingClientRect();
    // The first mark: beside the names, in the middle of the first lane.
    const at = { clientX: box.left + 128 + 16, clientY: box.top + 24 + 20 };
    await expect.poll(() => drawnAt(at.clientX - box.left, at.clientY - box.top - 4)).toBe(true);
    place.dispatchEvent(new MouseEvent('click', at));
    await expect.poll(() => current()?.[2]).toBe('asks Counter:0: call0');
    expect(find('.event-details').hidden).toBe(false);
  });

  test('20,000 events: few rows are in the page, and each step and each frame takes little', async () => {
    const trace = calls(5_000);
    const startMs = performance.now();
    await shown(trace);
    const shownMs = performance.now() - startMs;
    expect(root.querySelectorAll('.twin-rows [role=row]').length).toBeLessThan(60);
    press('Home');
    const steps: number[] = [];
    for (let step = 0; step < 40; step++) {
      const beforeMs = performance.now();
      press(step % 2 ? ']' : 'ArrowRight');
      await new Promise(requestAnimationFrame);
      await new Promise(requestAnimationFrame);
      steps.push(performance.now() - beforeMs);
    }
    const median = must(steps.sort((one, other) => one - other)[20], 'the median');
    console.info(
      `20,000 events: shown in ${shownMs.toFixed(0)} ms; a step with its two frames ${median.toFixed(1)} ms`,
    );
    expect(shownMs).toBeLessThan(3_000);
    expect(median).toBeLessThan(150);
    expect(current()).not.toBe(null);
  });

  test('clear forgets what was shown', async () => {
    await shown(calls(1));
    find('[aria-label="Clear the timeline"]').click();
    await expect.poll(() => text('.timeline-empty')).toContain('Nothing has happened yet.');
  });

  test('lies inside a narrow page', async () => {
    await shown(calls(3));
    await page.viewport(320, 700);
    [...root.querySelectorAll<HTMLElement>('.tabs button')].at(-1)?.click();
    root.style.width = '320px';
    await expect.poll(() => document.documentElement.scrollWidth).toBe(320);
    await expect.poll(() => find('.twin-gutter').offsetWidth).toBeGreaterThan(0);
    expect(grid().offsetHeight).toBeGreaterThan(300);
  });
});

/** Whether something is painted at a point of the drawing. */
function drawnAt(x: number, y: number): boolean {
  const canvas = must(root.querySelector<HTMLCanvasElement>('.timeline-canvas canvas'), 'the canvas');
  const pen = must(canvas.getContext('2d'), 'its context');
  return must(pen.getImageData(x * devicePixelRatio, y * devicePixelRatio, 1, 1).data[3], 'opacity') > 0;
}

describe('an event that is opened', () => {
  test('says where it came from, or why there is nowhere to go, and the code is shown beside it', async () => {
    const trace = new MadeTrace();
    const client = trace.actor('client', 'client');
    const counter = trace.actor('object', 'Counter:home');
    trace.call(client, counter, 'increment');
    trace.call(client, counter, 'away');
    counter.note({ kind: 'life', step: 'sleep', reason: '' });
    await shown(trace);
    await expect.poll(() => root.querySelector('.cm-content')).not.toBe(null);
    const opened = async (row: number, words: string) => {
      app.current.session.timeline.select(row);
      press('Enter');
      await expect.poll(() => text('[data-origin]')).toBe(words);
    };
    await opened(1, 'Counter.increment(), index.ts, line 2');
    await expect.poll(() => find('.cm-content').ownerDocument.querySelector('.cm-selectionBackground')).not.toBe(null);
    expect(document.activeElement?.className).toBe('event-details');
    await opened(4, 'Nowhere to go. Counter.away() is not in the files as they stand in the editor.');
    await opened(8, 'Nowhere to go. No code sends an object to sleep: it was idle, or somebody evicted it.');
    app.current.session.timeline.select(1);
    find('[data-origin=code]').click();
    await expect.poll(() => document.activeElement?.className).toContain('cm-content');
  });
});

describe('the clock', () => {
  const time = () => text('.clock time');
  const said = () => text('#playground > [role=status]');

  test('is paused, stepped and sped up, and shows the time it has', async () => {
    const { clock } = cloud;
    clock.nowMs = Date.now() - 5 * 86_400_000;
    find('[aria-label="Pause the clock"]').click();
    await expect.poll(() => find('[aria-label="Pause the clock"]').ariaPressed).toBe('true');
    expect(clock.isPaused).toBe(true);
    const before = time();
    clock.due.push(clock.nowMs + 86_400_000);
    find('[aria-label="Step to the next event"]').click();
    await expect.poll(time).not.toBe(before);
    expect(said()).toContain(time());
    await expect.poll(() => find('[aria-label="Step to the next event"]').ariaDisabled).toBe('false');
    find('[aria-label="Step to the next event"]').click();
    await expect.poll(said).toBe('Nothing is due.');
    const speed = find('.clock select') as HTMLSelectElement;
    speed.value = '100';
    speed.dispatchEvent(new Event('change'));
    await expect.poll(() => clock.rate).toBe(100);
  });

  test('that cannot be moved says why', async () => {
    cloud.clock.due.push(new Error('An event did not come to an end.'));
    find('[aria-label="Step to the next event"]').click();
    await expect.poll(() => text('.bar [role=alert]')).toBe('An event did not come to an end.');
  });
});

test('an object says what keeps it awake, when it will be evicted, and its alarm', async () => {
  await app.send();
  await expect.poll(() => text('.object-state')).toBe('Kept awake: a timer is armed. No alarm.');
  const object = cloud.object('playground-one', 'home');
  object.awake = { why: undefined, untilMs: cloud.clock.nowMs + 8_000 };
  object.alarmMs = cloud.clock.nowMs;
  await expect
    .poll(() => text('.object-state'), { timeout: 5_000 })
    .toMatch(/^Idle, will be evicted in 8 s\. Alarm at \d\d:\d\d:\d\d\.\d{3}\.$/);
  find('[aria-label="Hibernate Counter home"]').click();
  await expect.poll(() => text('.object-state')).toMatch(/^Alarm at/);
});
