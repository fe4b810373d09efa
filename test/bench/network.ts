/** Links against the bare carriers under them, in turn, in one page with two workers. */
import type { Job, Measured } from './network-peer.worker.ts';

export type NetworkRow = { readonly what: string } & Measured;

/** @param rounds how often each is measured; the median round is reported */
export async function measureNetwork(rounds: number): Promise<NetworkRow[]> {
  const spawn = () => new Worker(new URL('./network-peer.worker.ts', import.meta.url), { type: 'module' });
  const [asker, echoer] = [spawn(), spawn()];
  const tell = (worker: Worker, job: Job) =>
    new Promise<unknown>((resolve, reject) => {
      worker.addEventListener('message', ({ data }) => resolve(data), { once: true });
      worker.addEventListener('error', (event) => reject(new Error(event.message)), { once: true });
      worker.postMessage(job, job.port ? [job.port] : []);
    });
  let unique = 0;
  const measure = async (kind: Job['kind'], carrier: 'port' | 'channel'): Promise<Measured> => {
    const name = `bench-${performance.timeOrigin}-${unique++}`;
    const ports = carrier === 'port' ? new MessageChannel() : undefined;
    await tell(echoer, { role: 'echo', kind, name, ...(ports ? { port: ports.port1 } : {}) });
    return (await tell(asker, { role: 'ask', kind, name, ...(ports ? { port: ports.port2 } : {}) })) as Measured;
  };
  const work: [Job['kind'], 'port' | 'channel'][] = [
    ['raw', 'port'],
    ['link', 'port'],
    ['raw', 'channel'],
    ['link', 'channel'],
    ['open', 'channel'],
    ['raw-stream', 'port'],
    ['stream', 'port'],
    ['raw-stream', 'channel'],
    ['stream', 'channel'],
  ];
  const all = work.map(([kind, carrier]) => ({
    what: `${kind} over ${carrier}`,
    kind,
    carrier,
    runs: [] as Measured[],
  }));
  for (let round = 0; round < rounds; round++) {
    for (const row of all) row.runs.push(await measure(row.kind, row.carrier));
  }
  asker.terminate();
  echoer.terminate();
  return all.map(({ what, runs }) => {
    const row: Record<string, unknown> = { what };
    for (const key of ['roundTripMs', 'perSecond', 'openMs', 'megabytesPerSecond'] as const) {
      const values = runs.flatMap((run) => run[key] ?? []).sort((a, b) => a - b);
      const middle = values[values.length >> 1];
      if (middle !== undefined) row[key] = middle;
    }
    return row as unknown as NetworkRow;
  });
}
