import { DurableObject } from 'cloudflare:workers';

// At a place something is removed and something else put there.
interface Edit {
  at: number;
  removed: number;
  inserted: string;
}

interface Row extends Edit {
  [column: string]: SqlStorageValue;
  version: number;
  author: string;
}

const LONGEST = 100_000;
const KEPT_EDITS = 1000;

export class SharedText extends DurableObject {
  constructor(ctx: DurableObjectState, env: unknown) {
    super(ctx, env);
    ctx.storage.sql.exec(
      `CREATE TABLE IF NOT EXISTS edits(
         version INTEGER PRIMARY KEY, at INTEGER, removed INTEGER, inserted TEXT, author TEXT)`,
    );
  }

  async fetch(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    server.serializeAttachment(url.searchParams.get('author') ?? 'somebody');
    for (const news of this.#since(Number(url.searchParams.get('since') ?? -1))) server.send(JSON.stringify(news));
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const { version, at, removed, inserted } = JSON.parse(data as string) as Edit & { version: number };
    const now = this.read();
    // Made before an edit that came first: its author has been told of that
    // one, and sends this one again as it must be now.
    if (version !== now.version) return;
    const text = now.text.slice(0, at) + inserted + now.text.slice(at + removed);
    if (text.length > LONGEST) {
      socket.close(1009, 'The text is full.');
      return;
    }

    const row: Row = { version: version + 1, at, removed, inserted, author: socket.deserializeAttachment() };
    // All of a turn is one transaction: text, version and edit belong together.
    this.ctx.storage.kv.put('text', text);
    this.ctx.storage.kv.put('version', row.version);
    this.ctx.storage.sql.exec(
      'INSERT INTO edits VALUES (?, ?, ?, ?, ?)',
      row.version,
      at,
      removed,
      inserted,
      row.author,
    );
    this.ctx.storage.sql.exec('DELETE FROM edits WHERE version <= ?', row.version - KEPT_EDITS);

    const news = JSON.stringify(row);
    for (const other of this.ctx.getWebSockets()) if (other.readyState === 1) other.send(news);
  }

  webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  read(): { version: number; text: string } {
    return { version: this.ctx.storage.kv.get('version') ?? 0, text: this.ctx.storage.kv.get('text') ?? '' };
  }

  // The edits after a version, or the whole text when they are not kept.
  #since(version: number): (Row | { version: number; text: string })[] {
    const now = this.read();
    const rows = this.ctx.storage.sql.exec<Row>('SELECT * FROM edits WHERE version > ?', version).toArray();
    return version >= 0 && version + rows.length === now.version ? rows : [now];
  }
}
