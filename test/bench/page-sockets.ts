/** What is measured on WebSockets of a page: the standard class, with objects that sleep. */
import type { DurableObjectStub, Simulator } from '../../src/index.ts';

type Bench = Simulator<{ BENCH: { getByName(name: string): object } }>;

const ROUND_TRIPS = 100;

interface Room {
  readonly sockets: readonly WebSocket[];
  readonly stub: DurableObjectStub;
}

const rooms = new Map<string, Promise<Room>>();

/** Sockets of the page to one object, opened once. */
function room(sim: Bench, count: number): Promise<Room> {
  const key = `${sim.name} ${count}`;
  const known = rooms.get(key);
  if (known) return known;
  const opened = (async () => {
    const open = async () => {
      const socket = new sim.WebSocket(`/sockets?room=${count}`);
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onclose = reject;
      });
      return socket;
    };
    const sockets: WebSocket[] = [];
    for (let i = 0; i < count; i++) sockets.push(await open());
    return { sockets, stub: sim.env.BENCH.getByName(`room ${count}`) as DurableObjectStub };
  })();
  rooms.set(key, opened);
  return opened;
}

function ask(socket: WebSocket, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.onmessage = () => resolve();
    socket.onclose = reject;
    socket.send(text);
  });
}

/** Milliseconds of a message to a hibernatable socket and back, of an object that is awake. */
export async function socketEcho(sim: Bench): Promise<number> {
  const [socket] = (await room(sim, 1)).sockets as [WebSocket];
  for (let i = 0; i < 20; i++) await ask(socket, 'warm');
  const start = performance.now();
  for (let i = 0; i < ROUND_TRIPS; i++) await ask(socket, 'x');
  return (performance.now() - start) / ROUND_TRIPS;
}

/** Milliseconds from a message to its answer when the object sleeps under so many sockets. @param rest until isolates are ready again */
export async function wake(sim: Bench, count: number, rest: () => Promise<unknown>): Promise<number> {
  const { sockets, stub } = await room(sim, count);
  await sim.objects.evict(stub);
  await rest();
  const start = performance.now();
  await ask(sockets[count - 1] as WebSocket, 'wake');
  return performance.now() - start;
}
