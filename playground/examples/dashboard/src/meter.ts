import { DurableObject } from 'cloudflare:workers';

interface Sample {
  at: number;
  visits: number;
}

const PERIOD_MS = 1000;
const KEPT = 60;

export class Meter extends DurableObject {
  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS samples(at INTEGER PRIMARY KEY, visits INTEGER NOT NULL)');
  }

  async visit(): Promise<number> {
    const pending = ((await this.ctx.storage.get<number>('pending')) ?? 0) + 1;
    await this.ctx.storage.put('pending', pending);
    await this.#wakeLater();
    return pending;
  }

  async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.send(JSON.stringify(this.samples()));
    await this.#wakeLater();
    return new Response(null, { status: 101, webSocket: client });
  }

  // The alarm wakes the object even if it sleeps. If this throws, it is
  // tried again: so it must do no harm twice.
  async alarm(): Promise<void> {
    const visits = (await this.ctx.storage.get<number>('pending')) ?? 0;
    await this.ctx.storage.delete('pending');
    // One transaction: the row, the deletion and the next alarm are all kept
    // or none is.
    this.ctx.storage.sql.exec('INSERT OR REPLACE INTO samples VALUES (?, ?)', Date.now(), visits);
    this.ctx.storage.sql.exec(
      'DELETE FROM samples WHERE at NOT IN (SELECT at FROM samples ORDER BY at DESC LIMIT ?)',
      KEPT,
    );
    const sockets = this.ctx.getWebSockets();
    const text = JSON.stringify(this.samples());
    for (const socket of sockets) socket.send(text);
    if (sockets.length > 0 || visits > 0) await this.#wakeLater();
  }

  webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  samples(): Sample[] {
    return this.ctx.storage.sql.exec<Sample>('SELECT * FROM samples ORDER BY at').toArray();
  }

  // There is one alarm for each object. One that is set stays as it is.
  async #wakeLater(): Promise<void> {
    if ((await this.ctx.storage.getAlarm()) === null) {
      await this.ctx.storage.setAlarm(Date.now() + PERIOD_MS);
    }
  }
}
