/**
 * No WebSocket is left: the last thing that every test of sockets says, of the page, of its host and of each isolate.
 *
 * Promise: what the test left open is broken off first, as a network that fails would; whoever still has an entry for one then has
 * forgotten to take it away.
 */
import { type Simulator, SimulatorError, type ThreadSockets } from '../../src/index.ts';

/** How long everything together may take to hear that it is over, real ms. */
const PATIENCE_MS = 15_000;
const LOOK_AGAIN_MS = 20;

/**
 * @param of  `everybody`: nobody has any. `two`: those that have, or had, an end on either side; what a program made and
 *   accepted by both ends, or never gave to anybody, is its own affair
 * A simulator that is closed has nobody left to ask.
 *
 * @throws Error that says who has what left
 */
export async function assertNoSockets(sim: Simulator<object>, of: 'everybody' | 'two' = 'everybody'): Promise<void> {
  if (isClosed(sim) || (await leftOver(sim, of)) === '') return;
  await sim.faults.clear();
  await sim.faults.cut();
  const lateMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = await leftOver(sim, of);
    if (found === '') return;
    if (performance.now() > lateMs) throw new Error(`WebSockets are left over:\n${found}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

function isClosed(sim: Simulator<object>): boolean {
  try {
    return !sim.inspect;
  } catch (error) {
    if (error instanceof SimulatorError && error.code === 'closed') return true;
    throw error;
  }
}

async function leftOver(sim: Simulator<object>, of: 'everybody' | 'two'): Promise<string> {
  const threads = await sim.inspect.sockets();
  return (of === 'two' ? threads.map(withoutOwn) : threads).map(linesOf).filter(Boolean).join('\n');
}

function withoutOwn(counts: ThreadSockets, _: number, all: readonly ThreadSockets[]): ThreadSockets {
  if (counts.thread === 'page') return counts;
  if (counts.thread === 'host') return { ...counts, unclaimed: 0 };
  // What nobody has taken up is listed by its object, and unclaimed at the host.
  const unclaimed = all.find(({ thread }) => thread === 'host')?.unclaimed ?? 0;
  return { ...counts, open: 0, unclaimed: 0, kept: Math.max(0, counts.kept - unclaimed) };
}

function linesOf({ thread, ...counts }: ThreadSockets): string {
  const found = Object.entries(counts).filter(([, count]) => count !== 0);
  return found.length === 0 ? '' : `${thread}: ${found.map(([name, count]) => `${name} ${count}`).join(', ')}`;
}
