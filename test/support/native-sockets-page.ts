/**
 * The half of `native-sockets.test.ts` that lives in the page: plays a script with the browser's class, or with that of a simulator.
 */
import { Simulator } from '../../src/index.ts';
import { PROGRAM, SOCKET_CONFIG } from './native-sockets-program.ts';
import { SCRIPTS } from './native-sockets-scripts.ts';
import type { Script } from './native-sockets-words.ts';

async function play(name: string, { WebSocket, base }: Omit<Script, 'say'>): Promise<string[]> {
  const lines: (string | Promise<string>)[] = [];
  await SCRIPTS[name]?.({ WebSocket, base, say: (line) => lines.push(line) });
  return Promise.all(lines);
}

let sim: Simulator | undefined;

const page = {
  async open(): Promise<void> {
    const config = { ...SOCKET_CONFIG, main: 'index.js' };
    sim = await Simulator.open({
      name: `native sockets ${performance.timeOrigin}`,
      modules: { 'index.js': PROGRAM },
      config,
      storage: 'memory',
    });
  },

  origin(): string {
    if (!sim) throw new Error('No simulator is open.');
    return sim.origin;
  },

  native: ({ name, base }: { name: string; base: string }) => play(name, { WebSocket, base }),

  async ours(name: string): Promise<string[]> {
    if (!sim) throw new Error('No simulator is open.');
    return play(name, { WebSocket: sim.WebSocket, base: sim.origin.replace('http', 'ws') });
  },

  async left(): Promise<string> {
    const left = await sim?.inspect.sockets();
    return JSON.stringify(left?.filter(({ thread }) => thread === 'page' || thread === 'host'));
  },

  /** What the program sees of the request by which a socket is opened: by the browser's class, by ours, and by `connect`. */
  async headers(base: string): Promise<Record<'native' | 'ours' | 'connected', [string, string][]>> {
    if (!sim) throw new Error('No simulator is open.');
    const said = (socket: WebSocket) =>
      new Promise<[string, string][]>((resolve, reject) => {
        socket.onmessage = ({ data }) => {
          resolve(JSON.parse(data));
          socket.close();
        };
        socket.onerror = reject;
      });
    const path = '/worker?headers&protocol=chat';
    return {
      native: await said(new WebSocket(base + path, ['chat', 'other'])),
      ours: await said(new sim.WebSocket(path, ['chat', 'other'])),
      connected: await said(sim.connect(path, ['chat', 'other'], { headers: { Cookie: 'a=b' } })),
    };
  },

  close: () => sim?.close({ delete: true }),
};

declare global {
  var nativeSockets: typeof page;
}
globalThis.nativeSockets = page;
