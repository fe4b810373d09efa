/**
 * The examples, used from two tabs: what they answer is what they answer on workerd, line for line.
 *
 * Times, ids and chance are left out of the comparison.
 */
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { builtFolders } from '../support/built.ts';
import { pageTabs, type Tab, type Tabs, workerdTabs } from '../support/example-tabs.ts';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';
import { type StaticServer, startStaticServer } from '../support/static-server.ts';

/** What is done in two tabs, and what is to be compared. */
type Play = (one: Tab, other: Tab, say: (what: string, seen: unknown) => void) => Promise<void>;

const PLAYS: Record<string, Play> = {
  async chat(one, other, say) {
    say('no socket', await one.get('/rooms/lobby/socket'));
    const ann = await one.connect('/rooms/lobby/socket?name=Ann');
    await ann.until('["Ann"]');
    const ben = await other.connect('/rooms/lobby/socket?name=Ben');
    await ann.until('["Ann","Ben"]');
    await ann.send('hello');
    await ben.until('hello');
    await ben.send('  ');
    await ben.until('refused');
    await ben.send('ping');
    await ben.until('pong');
    await ben.send('and you?');
    await ann.until('and you?');
    say('from the other tab', await other.get('/rooms/lobby/messages'));
    await ben.close();
    await ben.until('closed');
    await ann.send('bye');
    await ann.until('bye');
    say('Ann', await ann.heard());
    say('Ben', await ben.heard());
    const late = await other.connect('/rooms/lobby/socket?name=');
    await late.until('nobody');
    say('late', await late.heard());
  },

  async whiteboard(one, other, say) {
    const mine = await one.connect('/socket');
    await mine.until('you');
    await mine.send([1, 5, 6, 70, 80]);
    const theirs = await other.connect('/socket');
    await theirs.until('line');
    await mine.send([0, 1, 2]);
    await theirs.until('moved');
    await theirs.send([0, 300, 400]);
    await mine.until('moved');
    await theirs.send([1, 1, 1, 2, 2]);
    await mine.until('[1,1,2,2]');
    say('lines', await one.get('/lines'));
    await theirs.close();
    await theirs.until('closed');
    await mine.until('left');
    await mine.send('clear');
    await mine.until('cleared');
    say('lines after', await other.get('/lines'));
    say('mine', await mine.heard());
    say('theirs', await theirs.heard());
  },

  async tictactoe(one, other, say) {
    const cross = await one.connect('/games/first/socket');
    await cross.until('"you":"X"');
    const nought = await other.connect('/games/first/socket');
    await nought.until('"you":"O"');
    const third = await other.connect('/games/first/socket');
    await third.until('spectator');
    await third.send('0');
    await third.until('refused');
    await nought.send('0');
    await nought.until('refused');
    const moves = [
      ['X', 0, 3],
      ['O', 3, 3],
      ['X', 1, 3],
      ['O', 4, 3],
      ['X', 2, 3],
    ] as const;
    const marks = Array<string | null>(9).fill(null);
    for (const [mark, cell] of moves) {
      marks[cell] = mark;
      await (mark === 'X' ? cross : nought).send(String(cell));
      await third.until(JSON.stringify(marks));
    }
    await nought.send('5');
    await nought.until('over');
    say('state', await one.get('/games/first'));
    await cross.close();
    await cross.until('closed');
    await third.until('"players":1');
    for (const [name, line] of Object.entries({ cross, nought, third })) say(name, await line.heard());
  },

  async dashboard(one, other, say) {
    const page = await one.connect('/socket');
    for (const tab of [one, other, one]) await tab.get('/visit', { method: 'POST' });
    await page.until('"visits":3');
    say('samples', (await other.get('/samples')).text.includes('"visits":3'));
    await page.close();
    await page.until('closed');
  },

  async sessions(one, other, say) {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    say('nobody', await one.get('/me'));
    const signedIn = await one.get('/sign-in', { method: 'POST', headers: form, body: 'name=Ann' });
    say('signed in', signedIn);
    const cookie = signedIn.cookie.split(';')[0] as string;
    for (const tab of [one, other]) say('me', await tab.get('/me', { headers: { cookie } }));
    say('made up', await one.get('/me', { headers: { cookie: `session=${'a'.repeat(64)}` } }));
    say('signed out', await other.get('/sign-out', { method: 'POST', headers: { cookie } }));
    say('after', await one.get('/me', { headers: { cookie } }));
  },

  async document(one, other, say) {
    const edit = (version: number, at: number, removed: number, inserted: string) =>
      JSON.stringify({ version, at, removed, inserted });
    const ann = await one.connect('/socket?author=ann&since=-1');
    await ann.until('text');
    await ann.send(edit(0, 0, 0, 'hello'));
    await ann.until('"version":1');
    const ben = await other.connect('/socket?author=ben&since=-1');
    await ben.until('hello');
    await ben.send(edit(1, 5, 0, ' world'));
    await ann.until('world');
    await ann.send(edit(1, 0, 1, 'J'));
    await ann.send(edit(2, 0, 1, 'H'));
    await ben.until('"H"');
    say('text', await other.get('/text'));
    await ben.close();
    await ben.until('closed');
    const back = await other.connect('/socket?author=ben&since=1');
    await back.until('"H"');
    for (const [name, line] of Object.entries({ ann, ben, back })) say(name, await line.heard());
  },

  async arena(one, other, say) {
    const mine = await one.connect('/socket');
    await mine.until('"tick":4');
    const theirs = await other.connect('/socket');
    await theirs.send('right');
    await mine.until('"direction":"right"');
    await theirs.close();
    await theirs.until('closed');
    await mine.close();
    await mine.until('closed');
    const again = await one.connect('/socket');
    say('new players', JSON.parse(await again.until('tick')).players.length);
    say('best', await other.get('/best'));
    await again.close();
  },
};

const PAGE = `<!doctype html><script type="module">import * as library from '/lib/index.js'; window.durabox = library;</script>`;

let server: StaticServer;
let browser: Browser;

beforeAll(async () => {
  server = await startStaticServer({ pages: { '/': PAGE }, folders: { '/lib/': builtFolders().library } });
  const executablePath = findBrowser();
  browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) });
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

/** Without times, ids and references, which differ each time. */
const plain = (seen: unknown): string =>
  JSON.stringify(seen)
    .replace(/\b1[0-9]{12}\b/g, 'TIME')
    .replace(/[0-9a-f]{64}/g, 'ID');

async function play(name: string, tabs: Tabs): Promise<string[]> {
  const transcript: string[] = [];
  try {
    await (PLAYS[name] as Play)(tabs.one, tabs.other, (what, seen) => transcript.push(`${what}: ${plain(seen)}`));
  } finally {
    await tabs.close();
  }
  return transcript;
}

test.each(Object.keys(PLAYS))('%s', async (name) => {
  const theirs = await play(name, await workerdTabs(name));
  const context = await browser.newContext();
  try {
    expect(await play(name, await pageTabs(name, context, server.origin))).toEqual(theirs);
  } finally {
    await context.close();
  }
});
