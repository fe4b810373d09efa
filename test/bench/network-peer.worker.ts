/** One of two workers that measure a link against the bare carrier under it. Told what to do by network.ts. */
import { deferred } from '../../src/base/async.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemRandom } from '../../src/base/random.ts';
import { unseal } from '../../src/base/sealed.ts';
import { type Link, type LinkSetting, portLink } from '../../src/network/link.ts';
import { dial, Rendezvous } from '../../src/network/rendezvous.ts';
import { channelWire, portWire, type Wire } from '../../src/network/wire.ts';
import { asAccount, type EndpointId, type Epoch, type LinkId, type MachineId } from '../../src/protocol/names.ts';

export interface Job {
  readonly role: 'ask' | 'echo';
  readonly kind: 'raw' | 'link' | 'open' | 'stream' | 'raw-stream';
  readonly name: string;
  readonly port?: MessagePort;
}

export interface Measured {
  readonly roundTripMs?: number;
  readonly perSecond?: number;
  readonly openMs?: number;
  readonly megabytesPerSecond?: number;
}

const ROUND_TRIPS = 60;
/** Round trips of one sample: a worker's clock ticks every 0.1 ms. */
const SAMPLE = 10;
const IN_FLIGHT = 64;
const CALLS = 12_800;
const OPENS = 40;
const STREAM_BYTES = 48 * 2 ** 20;
const CHUNK_BYTES = 64 * 1024;

const epoch = 1 as Epoch;
const setting: LinkSetting = {
  account: asAccount('bench'),
  clock: systemClock(),
  decodeError: () => new Error('aborted'),
  onFault: (fault) => console.error(fault),
};

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Sequential round trips, then calls with 64 in flight; `post` answers through `answered`. */
async function measureCalls(post: (body: unknown) => void, onAnswer: (heard: () => void) => void): Promise<Measured> {
  let heard = () => {};
  onAnswer(() => heard());
  const body = { m: 'call', id: 1, target: 0, path: ['add'], args: new Uint8Array(24) };
  const once = async () => {
    const answer = deferred();
    heard = answer.resolve;
    post(body);
    await answer.promise;
  };
  for (let i = 0; i < 50; i++) await once();
  const times: number[] = [];
  for (let i = 0; i < ROUND_TRIPS; i++) {
    const at = performance.now();
    for (let j = 0; j < SAMPLE; j++) await once();
    times.push((performance.now() - at) / SAMPLE);
  }
  const done = deferred();
  let sent = 0;
  let answers = 0;
  heard = () => {
    answers++;
    if (answers === CALLS) done.resolve();
    else if (sent < CALLS) {
      sent++;
      post(body);
    }
  };
  const at = performance.now();
  for (; sent < IN_FLIGHT; sent++) post(body);
  await done.promise;
  return { roundTripMs: median(times), perSecond: (CALLS / (performance.now() - at)) * 1000 };
}

const rawWire = (job: Job): Wire<unknown> => (job.port ? portWire(job.port) : channelWire(job.name));

async function ask(job: Job): Promise<Measured> {
  if (job.kind === 'raw' || job.kind === 'raw-stream') {
    const wire = rawWire(job);
    let onMessage = () => {};
    wire.start({ onMessage: () => onMessage(), onLost() {} });
    const listen = (heard: () => void) => {
      onMessage = heard;
    };
    const measured =
      job.kind === 'raw' ? await measureCalls((body) => wire.post(body), listen) : await pushRaw(wire, listen);
    wire.close();
    return measured;
  }
  if (job.kind === 'open') {
    const times: number[] = [];
    for (let i = 0; i < OPENS; i++) {
      const at = performance.now();
      const link = await open(job);
      times.push(performance.now() - at);
      link.goaway();
    }
    return { openMs: median(times) };
  }
  const link = await open(job);
  let onMessage = () => {};
  link.start({ onMessage: () => onMessage(), onEnd() {} });
  const listen = (heard: () => void) => {
    onMessage = heard;
  };
  const measured =
    job.kind === 'link' ? await measureCalls((body) => void link.send(body), listen) : await push(link, listen);
  link.goaway();
  return measured;
}

async function open(job: Job): Promise<Link> {
  if (job.port) return portLink({ ...setting, port: job.port, id: job.name as LinkId, epoch, end: 0 });
  const [from, to] = ['asker' as EndpointId, job.name as EndpointId];
  return unseal(
    await dial({
      ...setting,
      machine: 'bench' as MachineId,
      from,
      to,
      epoch,
      random: systemRandom(),
      timeoutMs: 10_000,
    }),
  );
}

async function push(link: Link, listen: (heard: () => void) => void): Promise<Measured> {
  const done = deferred();
  listen(done.resolve);
  const sink = link.createStream();
  const at = performance.now();
  link.send({ stream: sink.id });
  for (let sent = 0; sent < STREAM_BYTES; sent += CHUNK_BYTES) await sink.write(new Uint8Array(CHUNK_BYTES));
  sink.close();
  await done.promise;
  return { megabytesPerSecond: STREAM_BYTES / 2 ** 20 / ((performance.now() - at) / 1000) };
}

/** The same bytes with four chunks on their way, the same window. */
async function pushRaw(wire: Wire<unknown>, listen: (heard: () => void) => void): Promise<Measured> {
  const done = deferred();
  let [sent, heard] = [0, 0];
  const put = () => {
    sent += CHUNK_BYTES;
    const chunk = new Uint8Array(CHUNK_BYTES);
    wire.post(chunk, [chunk.buffer]);
  };
  listen(() => {
    heard += CHUNK_BYTES;
    if (heard >= STREAM_BYTES) done.resolve();
    else if (sent < STREAM_BYTES) put();
  });
  const at = performance.now();
  for (let i = 0; i < 4; i++) put();
  await done.promise;
  return { megabytesPerSecond: STREAM_BYTES / 2 ** 20 / ((performance.now() - at) / 1000) };
}

let house: Rendezvous | undefined;
let bare: Wire<unknown> | undefined;

function echo(job: Job): void {
  house?.close();
  bare?.close();
  [house, bare] = [undefined, undefined];
  if (job.kind === 'raw' || job.kind === 'raw-stream') {
    const wire = rawWire(job);
    bare = wire;
    wire.start({ onMessage: (body) => wire.post(job.kind === 'raw' ? body : 0), onLost() {} });
    return;
  }
  const serve = (link: Link) =>
    link.start({
      onMessage(body) {
        if (job.kind === 'stream') void drain(link, (body as { stream: number }).stream);
        else link.send(body);
      },
      onEnd() {},
    });
  if (job.port) serve(portLink({ ...setting, port: job.port, id: job.name as LinkId, epoch, end: 1 }));
  else house = new Rendezvous({ ...setting, endpoint: job.name as EndpointId, accept: () => true, onLink: serve });
}

async function drain(link: Link, id: number): Promise<void> {
  const source = link.acceptStream(id);
  while (await source.read());
  link.send('drained');
}

self.addEventListener('message', async ({ data }: MessageEvent<Job>) => {
  if (data.role === 'ask') {
    self.postMessage(await ask(data));
    return;
  }
  echo(data);
  self.postMessage('ready');
});
