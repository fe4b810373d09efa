/** What a page does while its memory is measured from outside. */
import type { DurableObjectStub, Simulator } from '../../src/index.ts';

interface Stub {
  add(a: number, b: number): Promise<number>;
  prepare(): Promise<void>;
  fill(blobs: number, sizeBytes: number): Promise<number>;
}
type Bench = Simulator<{ BENCH: { getByName(name: string): object } }>;

export type MemoryStep = 'warmUp' | 'fill' | 'evictLarge' | 'openLarge' | 'burst' | 'visit';

const MIB = 2 ** 20;
/** Of a row of the table that is filled: eight of them are 512 KiB. */
const BLOB_BYTES = MIB / 16;
const WARM_UP_MIB = 16;

export async function memoryStep(sim: Bench, step: MemoryStep, count: number): Promise<void> {
  const large = sim.env.BENCH.getByName('large') as DurableObjectStub & Stub;
  switch (step) {
    case 'warmUp': {
      // Code that is compiled, a pool that is full, an allocator that has grown: not of the database that follows.
      await sim.clock.pause(); // nobody goes for being idle while memory is read
      const first = sim.env.BENCH.getByName('first') as DurableObjectStub & Stub;
      await first.prepare();
      await first.fill((WARM_UP_MIB * MIB) / BLOB_BYTES, BLOB_BYTES);
      await sim.objects.evict(first);
      return large.prepare();
    }
    case 'fill':
      await large.prepare();
      for (let size = 0; size < count * MIB; ) size = await large.fill(8, BLOB_BYTES);
      return;
    case 'evictLarge':
      return sim.objects.evict(large);
    case 'openLarge':
      await large.add(1, 2);
      return;
    case 'burst':
      await large.fill((count * MIB) / BLOB_BYTES, BLOB_BYTES);
      return;
    case 'visit':
      await sim.clock.pause(); // as above: those that are kept awake are what is measured
      for (let i = 0; i < count; i++) await (sim.env.BENCH.getByName(`visited ${i}`) as Stub).add(1, 2);
      return;
    default:
      step satisfies never;
  }
}

/** How many objects are awake. */
export async function countAwake(sim: Bench): Promise<number> {
  return (await sim.inspect.objects()).filter(({ state }) => state === 'live').length;
}
