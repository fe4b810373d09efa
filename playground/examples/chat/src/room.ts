import { DurableObject } from 'cloudflare:workers';

interface Member {
  name: string;
}

interface Message {
  number: number;
  name: string;
  text: string;
  at: number;
}

const LONGEST_MESSAGE = 500;

export class ChatRoom extends DurableObject {
  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    // Runs at every start, also after a sleep. The sockets are there
    // already: ctx.getWebSockets() lists them.
    ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS messages(
         number INTEGER PRIMARY KEY, name TEXT NOT NULL, text TEXT NOT NULL, at INTEGER NOT NULL)`,
    );
    // Answered without waking the object up.
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  async fetch(request: Request): Promise<Response> {
    if (request.headers.get('upgrade') !== 'websocket') {
      return new Response('This is for WebSockets.\n', { status: 426 });
    }
    const name = new URL(request.url).searchParams.get('name')?.trim().slice(0, 20) || 'nobody';

    const { 0: client, 1: server } = new WebSocketPair();
    // Not server.accept(): that one would keep the object in memory.
    this.ctx.acceptWebSocket(server);
    // Kept beside the socket while the object sleeps. Fields of this class
    // are not.
    server.serializeAttachment({ name } satisfies Member);

    server.send(JSON.stringify({ kind: 'history', messages: this.newest(50) }));
    this.#tellAll({ kind: 'members', names: this.#names() });
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const { name } = socket.deserializeAttachment() as Member;
    const text = typeof data === 'string' ? data.trim() : '';
    if (text === '' || text.length > LONGEST_MESSAGE) {
      socket.send(JSON.stringify({ kind: 'refused', why: `Between 1 and ${LONGEST_MESSAGE} characters, please.` }));
      return;
    }
    const message = this.ctx.storage.sql
      .exec<Message>('INSERT INTO messages(name, text, at) VALUES (?, ?, ?) RETURNING *', name, text, Date.now())
      .one();
    // Leaves only after the row is safe on disk: nobody reads what could
    // still be lost.
    this.#tellAll({ kind: 'message', message });
  }

  webSocketClose(socket: WebSocket): void {
    socket.close(); // returns the goodbye: without it the browser waits for one
    this.#tellAll({ kind: 'members', names: this.#names(socket) });
  }

  // Also called by the Worker, as a method over RPC.
  newest(count: number): Message[] {
    return this.ctx.storage.sql
      .exec<Message>('SELECT * FROM messages ORDER BY number DESC LIMIT ?', count)
      .toArray()
      .reverse();
  }

  #names(except?: WebSocket): string[] {
    const open = this.ctx.getWebSockets().filter((socket) => socket !== except && socket.readyState === 1);
    return open.map((socket) => (socket.deserializeAttachment() as Member).name).sort();
  }

  #tellAll(news: object): void {
    const text = JSON.stringify(news);
    for (const socket of this.ctx.getWebSockets()) {
      // One that is closing is still listed.
      if (socket.readyState === 1) socket.send(text);
    }
  }
}
