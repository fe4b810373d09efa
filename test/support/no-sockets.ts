/**
 * No WebSocket is left: the last thing that every test of sockets says, of the page, of its host and of each isolate.
 *
 * Promise: sockets that the test closed are gone from every table without further ado. Those that it left open are broken off, as
 * a network that fails would, and then they are. Whoever still has an entry has forgotten to take it away.
 */
import { type Simulator, SimulatorError, type ThreadSockets } from '../../src/index.ts';

/** How long everything together may take to hear that it is over, real ms. */
const PATIENCE_MS = 15_000;
const LOOK_AGAIN_MS = 20;

/**
 * Of a simulator that is closed nobody is left to ask.
 *
 * @throws Error that says who has what left
 */
export async function assertNoSockets(sim: Simulator<object>): Promise<void> {
  if (isClosed(sim)) return;
  if ((await openOnPage(sim)) > 0) await breakOff(sim);
  await until(sim, (threads) => threads);
}

/**
 * The same where programs may make sockets for themselves: what one made and accepted by both ends, never gave to anybody, or has
 * open to another program, is its own affair as long as nothing breaks.
 */
export async function assertNoSharedSockets(sim: Simulator<object>): Promise<void> {
  if ((await openOnPage(sim)) > 0) await breakOff(sim);
  await until(sim, (threads) => threads.filter(({ thread }) => thread === 'page'));
  await breakOff(sim);
  await until(sim, (threads) => threads.map((one) => withoutOwn(one, threads)));
}

async function openOnPage(sim: Simulator<object>): Promise<number> {
  return (await sim.inspect.sockets()).find(({ thread }) => thread === 'page')?.open ?? 0;
}

async function breakOff(sim: Simulator<object>): Promise<void> {
  await sim.faults.clear();
  await sim.faults.cut();
}

/** @param choose  what has to be zero */
async function until(
  sim: Simulator<object>,
  choose: (threads: readonly ThreadSockets[]) => readonly ThreadSockets[],
): Promise<void> {
  const lateMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = choose(await sim.inspect.sockets())
      .map(linesOf)
      .filter(Boolean)
      .join('\n');
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

function withoutOwn(counts: ThreadSockets, all: readonly ThreadSockets[]): ThreadSockets {
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
