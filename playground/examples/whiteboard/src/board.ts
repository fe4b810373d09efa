import { DurableObject } from 'cloudflare:workers';

const COLOURS = ['#d4351c', '#00703c', '#1d70b8', '#912b88', '#b58840', '#28a197'];

// A message is four numbers of 16 bits: what it is, and where. A pointer
// that moves says so 60 times a second, and JSON would be ten times as long.
const MOVED = 0;
const LINE = 1;

interface Guest {
  number: number;
  colour: string;
}

export class Board extends DurableObject {
  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS lines(number INTEGER PRIMARY KEY, colour TEXT, points BLOB)');
  }

  async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    const number = 1 + Math.max(0, ...this.ctx.getWebSockets().map((socket) => guestOf(socket).number));
    const guest: Guest = { number, colour: COLOURS[number % COLOURS.length] };
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(guest);

    server.send(JSON.stringify({ kind: 'you', ...guest }));
    // A cursor reads row by row: a full board need not fit into memory twice.
    for (const { colour, points } of this.ctx.storage.sql.exec<{ colour: string; points: ArrayBuffer }>(
      'SELECT colour, points FROM lines ORDER BY number',
    )) {
      server.send(JSON.stringify({ kind: 'line', colour, points: [...new Uint16Array(points)] }));
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    if (typeof data === 'string') {
      this.#clear();
      return;
    }
    const [kind, ...points] = new Uint16Array(data);
    const guest = guestOf(socket);
    if (kind === MOVED) {
      // Nothing is stored, so nothing is waited for: it leaves at once.
      this.#tellOthers(socket, { kind: 'moved', ...guest, x: points[0], y: points[1] });
    } else if (kind === LINE) {
      const { buffer } = Uint16Array.from(points);
      this.ctx.storage.sql.exec('INSERT INTO lines(colour, points) VALUES (?, ?)', guest.colour, buffer);
      this.#tellOthers(socket, { kind: 'line', colour: guest.colour, points });
    }
  }

  webSocketClose(socket: WebSocket): void {
    socket.close();
    this.#tellOthers(socket, { kind: 'left', number: guestOf(socket).number });
  }

  count(): number {
    return this.ctx.storage.sql.exec<{ count: number }>('SELECT count(*) AS count FROM lines').one().count;
  }

  #clear(): void {
    this.ctx.storage.sql.exec('DELETE FROM lines');
    for (const socket of this.ctx.getWebSockets()) socket.send(JSON.stringify({ kind: 'cleared' }));
  }

  #tellOthers(from: WebSocket, news: object): void {
    const text = JSON.stringify(news);
    for (const socket of this.ctx.getWebSockets()) {
      if (socket !== from && socket.readyState === 1) socket.send(text);
    }
  }
}

function guestOf(socket: WebSocket): Guest {
  return socket.deserializeAttachment() as Guest;
}
