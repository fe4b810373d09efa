/** The WebSockets of a page that is driven from node: by name, with all that each was told. */
import type { Simulator } from '../../src/index.ts';

interface Line {
  readonly socket: WebSocket;
  readonly told: string[];
}

/** @param find  the page's account of a name */
export function pageSockets(find: (account: string) => Simulator) {
  const lines = new Map<string, Line>();
  const line = (name: string): Line => {
    const found = lines.get(name);
    if (!found) throw new Error(`The page has no socket "${name}".`);
    return found;
  };
  return {
    /** Connects, and resolves with the first that it is told: `open`, or `error`. */
    connect(account: string, name: string, path: string): Promise<string> {
      const { WebSocket } = find(account);
      const socket = new WebSocket(path);
      const told: string[] = [];
      lines.set(name, { socket, told });
      return new Promise((resolve) => {
        const put = (text: string) => {
          told.push(text);
          resolve(text);
        };
        socket.onopen = () => put('open');
        socket.onmessage = ({ data }) => put(String(data));
        socket.onerror = () => put('error');
        socket.onclose = ({ code, reason, wasClean }) => put(`close ${code} ${reason} ${wasClean}`);
      });
    },
    sendOn: (name: string, ...texts: string[]): void => {
      for (const text of texts) line(name).socket.send(text);
    },
    toldOn: (name: string): string[] => line(name).told,
    bufferedOn: (name: string): number => line(name).socket.bufferedAmount,
  };
}
