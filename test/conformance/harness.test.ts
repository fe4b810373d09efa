import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { allScenarios, readTranscript, strayTranscripts } from './catalogue.ts';
import { firstDifference, judge } from './compare.ts';
import { differences } from './differences.ts';
import { play } from './play.ts';
import { type RowId, rowIds, rows, type Unseen, unseen } from './rows.ts';

const scenarios = allScenarios();
const covered = new Set<RowId>(scenarios.flatMap((scenario) => scenario.rows));

describe('the scenarios', () => {
  test('cover every everyday row that workerd shows', () => {
    expect(rowIds('P0').filter((id) => !covered.has(id) && !unseen(id))).toEqual([]);
  });

  test('cover every common row that workerd shows', () => {
    expect(rowIds('P1').filter((id) => !covered.has(id) && !unseen(id))).toEqual([]);
  });

  test('cover no row that is said to be unseen: its marker would have to go', () => {
    expect([...covered].filter((id) => unseen(id))).toEqual([]);
  });

  test('leave to a test of ours, or to a line of differences, what they do not show', () => {
    const readme = readFileSync('README.md', 'utf8');
    const isThere = (why: Unseen) => ('test' in why ? existsSync(why.test) : readme.includes(`| ${why.differs} |`));
    const all = [...rowIds('P0'), ...rowIds('P1')];
    expect(all.filter((id) => !isThere(unseen(id) ?? { test: 'README.md' }))).toEqual([]);
  });

  test('name only rows that exist', () => {
    expect([...covered].filter((id) => !(id in rows))).toEqual([]);
  });

  test('have sentences of their own and at least one row each', () => {
    expect(new Set(scenarios.map((scenario) => scenario.name)).size).toBe(scenarios.length);
    expect(scenarios.filter((scenario) => scenario.rows.length === 0 || !scenario.name.endsWith('.'))).toEqual([]);
  });
});

describe('the transcripts', () => {
  test('exist for every scenario under its present sentence; `npm run conformance:record` writes them', () => {
    expect(scenarios.filter((scenario) => !readTranscript(scenario)).map((scenario) => scenario.id)).toEqual([]);
  });

  test('belong to a scenario each', () => {
    expect(strayTranscripts(scenarios)).toEqual([]);
  });

  test('are named by differences that belong to a scenario', () => {
    const ids = new Set(scenarios.map((scenario) => scenario.id));
    expect(differences.filter(({ scenario }) => !ids.has(scenario))).toEqual([]);
  });
});

describe('the judge', () => {
  const transcript = ['client: GET / -> 200', '  one: 1', '  two: 2', '  two: 2'];
  const entry = { scenario: 'a/b', theirs: 'one: 1', ours: 'one: I', reason: 'because' };

  test('names the first line that differs, also one that is not there', () => {
    expect(firstDifference('a\nb\nc', 'a\nx\ny')).toBe('line 2: workerd wrote b\n       the simulator x\n');
    expect(firstDifference('a\nb', 'a')).toBe('line 2: workerd wrote b\n       the simulator nothing\n');
    expect(firstDifference('a', 'a\nb')).toBe('line 2: workerd wrote nothing\n       the simulator b\n');
  });

  test('wants equal lines where no difference is known', () => {
    const { expected, actual, faults } = judge(transcript, transcript, []);
    expect(actual).toBe(expected);
    expect(faults).toEqual([]);
  });

  test('puts a known difference into its line', () => {
    const { expected, faults } = judge(transcript, ['client: GET / -> 200', '  one: I'], [entry]);
    expect(expected).toBe('client: GET / -> 200\n  one: I\n  two: 2\n  two: 2');
    expect(faults).toEqual([]);
  });

  test('refuses a difference that has gone', () => {
    expect(judge(transcript, transcript, [entry]).faults).toEqual([
      '"one: 1" no longer differs: take its entry out of differences.ts (because).',
    ]);
  });

  test('refuses a difference whose line is not there, or is there twice', () => {
    const faults = (theirs: string) => judge(transcript, transcript, [{ ...entry, theirs }]).faults;
    expect(faults('three: 3')).toEqual(['The transcript has 0 lines in place of one that read "three: 3" (because).']);
    expect(faults('two: 2')).toEqual(['The transcript has 2 lines in place of one that read "two: 2" (because).']);
  });
});

describe('the player', () => {
  test('records replies in the order of the requests and hides the origin', async () => {
    const answers = new Map<string, (body: string) => void>();
    const lines = play(
      {
        id: 'a/b',
        name: 'A test.',
        rows: ['2.get'],
        program: '',
        steps: async (client) => {
          await client.fetchTogether([{ path: '/first' }, { path: '/second', options: { method: 'PUT' } }]);
        },
      },
      {
        origin: 'http://here',
        fetch: (path) =>
          new Promise((resolve) => answers.set(path, (body) => resolve({ status: 200, headers: {}, body }))),
        wait: async () => {},
        scheduled: async () => ({ outcome: 'ok', noRetry: false }),
        socket: async () => ({ status: 200, headers: {}, socket: undefined }),
      },
    );
    answers.get('/second')?.('came first');
    answers.get('/first')?.('at http://here/\nline two');
    expect(await lines).toEqual([
      'client: GET /first -> 200',
      '  at <origin>/',
      '  line two',
      'client: PUT /second -> 200',
      '  came first',
    ]);
  });
});
