import { DurableObject } from 'cloudflare:workers';

type Mark = 'X' | 'O';

interface State {
  cells: (Mark | null)[];
  next: Mark;
  winner: Mark | 'nobody' | null;
}

const LINES = [
  [0, 1, 2],
  [3, 4, 5],
  [6, 7, 8],
  [0, 3, 6],
  [1, 4, 7],
  [2, 5, 8],
  [0, 4, 8],
  [2, 4, 6],
];

const NEW: State = { cells: Array(9).fill(null), next: 'X', winner: null };

export class Game extends DurableObject {
  async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    // A tag is kept with the socket, and sockets can be asked for by tag.
    const role = (['X', 'O'] as const).find((mark) => !this.#isTaken(mark)) ?? 'spectator';
    this.ctx.acceptWebSocket(server, [role]);
    server.send(JSON.stringify({ you: role, ...this.state() }));
    this.#tellAll();
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const [role] = this.ctx.getTags(socket);
    const problem = role === 'spectator' ? 'You are only watching.' : this.#play(role as Mark, data);
    if (problem) socket.send(JSON.stringify({ refused: problem }));
    else this.#tellAll();
  }

  webSocketClose(socket: WebSocket): void {
    socket.close();
    this.#tellAll();
  }

  state(): State & { players: number; spectators: number } {
    const state = this.ctx.storage.kv.get<State>('state') ?? NEW;
    const players = Number(this.#isTaken('X')) + Number(this.#isTaken('O'));
    return { ...state, players, spectators: this.ctx.getWebSockets('spectator').filter(isOpen).length };
  }

  #play(mark: Mark, data: string | ArrayBuffer): string | undefined {
    if (data !== 'again') return this.#move(mark, Number(data));
    this.ctx.storage.kv.put('state', NEW);
    return undefined;
  }

  // Synchronous from reading to writing: there is no moment at which
  // another move could come in between.
  #move(mark: Mark, cell: number): string | undefined {
    const { cells, next, winner } = this.ctx.storage.kv.get<State>('state') ?? NEW;
    if (winner) return 'The game is over.';
    if (next !== mark) return 'It is not your turn.';
    if (cells[cell] !== null) return 'That cell is not free.';
    const after = cells.with(cell, mark);
    const isWon = LINES.some((line) => line.every((one) => after[one] === mark));
    this.ctx.storage.kv.put<State>('state', {
      cells: after,
      next: mark === 'X' ? 'O' : 'X',
      winner: isWon ? mark : after.includes(null) ? null : 'nobody',
    });
    return undefined;
  }

  #isTaken(mark: Mark): boolean {
    return this.ctx.getWebSockets(mark).some(isOpen);
  }

  #tellAll(): void {
    const text = JSON.stringify(this.state());
    for (const socket of this.ctx.getWebSockets().filter(isOpen)) socket.send(text);
  }
}

function isOpen(socket: WebSocket): boolean {
  return socket.readyState === 1;
}
