/** Prints the tables that settle the layout of storage; run on demand (see vitest.config.ts beside). Asserts only that it measured. */
import { afterAll, expect, test } from 'vitest';
import { deleteDatabases, type Layout, type Spread, spread, Writer } from './vault-layout.ts';

const LAYOUTS: readonly Layout[] = ['database per object', 'one store for all'];
const PREFIX = `bench-${Date.now()}`;
const rows: string[] = [];
const ms = (value: number) => value.toFixed(2);
const line = (spread: Spread) =>
  `p50 ${ms(spread.p50)} p99 ${ms(spread.p99)} max ${ms(spread.max)} (n ${spread.count})`;
const say = (text: string) => {
  rows.push(text);
  console.log(text);
};

afterAll(async () => {
  const samples = await deleteDatabases('bench-', 60_000);
  say(`delete database: ${line(spread(samples))}`);
});

test('commits of one page by 1, 8 and 64 writers', async () => {
  for (const writers of [1, 8, 64]) {
    for (const layout of LAYOUTS) {
      const prefix = `${PREFIX}-w${writers}-${layout === LAYOUTS[0] ? 'many' : 'one'}`;
      const all = Array.from({ length: writers }, () => new Writer());
      for (const [i, writer] of all.entries()) await writer.do('open', { layout, prefix, object: `o${i}` });
      const job = (forMs: number) =>
        Promise.all(
          all.map((writer, i) => writer.do<number[]>('commit', { layout, object: `o${i}`, forMs, pauseMs: 0 })),
        );
      const samples = (await job(4000)).flat();
      for (const writer of all) writer.terminate();
      say(`${writers} writers, ${layout}: ${(samples.length / 4).toFixed(0)}/s, ${line(spread(samples))}`);
      expect(samples.length).toBeGreaterThan(writers);
    }
  }
});

test('a commit while another object of 128 MiB is read in slices', async () => {
  const total = 128 * 2 ** 20;
  for (const layout of LAYOUTS) {
    for (const extentBytes of [32 * 1024, 256 * 1024]) {
      const prefix = `${PREFIX}-r${extentBytes}-${layout === LAYOUTS[0] ? 'many' : 'one'}`;
      const [reader, writer] = [new Writer(), new Writer()];
      await reader.do('open', { layout, prefix, object: 'big' });
      await writer.do('open', { layout, prefix, object: 'small' });
      const count = total / extentBytes;
      await reader.do('fill', { layout, object: 'big', extentBytes, count });
      const idle = await writer.do<number[]>('commit', { layout, object: 'small', forMs: 1500, pauseMs: 1 });
      say(`${layout}, ${extentBytes / 1024} KiB extents, nobody reads: commit ${line(spread(idle))}`);
      for (const [sliceBytes, inFlight] of [
        [128 * 1024, 1],
        [256 * 1024, 1],
        [256 * 1024, 2],
        [512 * 1024, 1],
        [1024 * 1024, 1],
        [4096 * 1024, 1],
        [total, 1],
      ] as const) {
        const slice = sliceBytes / extentBytes;
        if (slice < 1) continue;
        const committing = writer.do<number[]>('commit', { layout, object: 'small', forMs: 20_000, pauseMs: 1 });
        const read = await reader.do<{ ms: number; bytes: number }>('read', {
          layout,
          object: 'big',
          count,
          slice,
          inFlight,
        });
        writer.stop();
        const samples = await committing;
        expect(read.bytes).toBe(total);
        say(
          `${layout}, ${extentBytes / 1024} KiB extents, slices of ${sliceBytes / 1024} KiB × ${inFlight}: ` +
            `read ${read.ms.toFixed(0)} ms, commit ${line(spread(samples))}`,
        );
      }
      reader.terminate();
      writer.terminate();
      await deleteDatabases(prefix, 60_000);
    }
  }
});

test('a commit while another object commits 20 MiB, and while another thread pauses inside a transaction', async () => {
  for (const layout of LAYOUTS) {
    const prefix = `${PREFIX}-x-${layout === LAYOUTS[0] ? 'many' : 'one'}`;
    const [other, writer] = [new Writer(), new Writer()];
    await other.do('open', { layout, prefix, object: 'big' });
    await writer.do('open', { layout, prefix, object: 'small' });
    for (const [job, what] of [
      ['large', '20 MiB commits'],
      ['hold', 'transactions held 100 ms'],
    ] as const) {
      const committing = writer.do<number[]>('commit', { layout, object: 'small', forMs: 20_000, pauseMs: 1 });
      await other.do(job, { layout, object: 'big', count: 5, holdMs: 100 });
      writer.stop();
      const samples = await committing;
      say(`${layout}, beside ${what} of another object: commit ${line(spread(samples))}`);
      expect(samples.length).toBeGreaterThan(0);
    }
    other.terminate();
    writer.terminate();
  }
});

test('10,000 objects never seen before: first open, listing', async () => {
  for (const layout of LAYOUTS) {
    const prefix = `${PREFIX}-n-${layout === LAYOUTS[0] ? 'many' : 'one'}`;
    const writer = new Writer();
    if (layout === 'one store for all') await writer.do('open', { layout, prefix, object: '' });
    const samples = await writer.do<number[]>('firstOpen', { layout, prefix, from: 0, count: 10_000, forMs: 80_000 });
    const tenth = Math.max(1, Math.floor(samples.length / 10));
    say(`${layout}: first open of ${samples.length}: ${line(spread(samples))}`);
    say(
      `${layout}: the first tenth ${line(spread(samples.slice(0, tenth)))}; the last ${line(spread(samples.slice(-tenth)))}`,
    );
    const again = await writer.do<number[]>('firstOpen', { layout, prefix, from: 0, count: 500, forMs: 20_000 });
    say(`${layout}: opening again ${line(spread(again))}`);
    const list = await writer.do<{ ms: number; count: number }>('list', { layout, prefix });
    say(`${layout}: listing ${list.count} in ${list.ms.toFixed(1)} ms`);
    await writer.do('close');
    writer.terminate();
    expect(samples.length).toBeGreaterThan(0);
  }
  console.log(rows.join('\n'));
});
