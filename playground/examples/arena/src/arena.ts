import { DurableObject } from 'cloudflare:workers';

const TICK_MS = 50;
const SIZE = 20;
const STEPS: Record<string, readonly [number, number]> = { up: [0, -1], down: [0, 1], left: [-1, 0], right: [1, 0] };

interface Player {
  number: number;
  x: number;
  y: number;
  points: number;
  direction: string;
}

// Everybody runs about and collects apples. All of it is in memory: if the
// object is reset, a new game begins.
export class Arena extends DurableObject {
  readonly #players = new Map<WebSocket, Player>();
  #apple = { x: SIZE / 2, y: SIZE / 2 };
  #count = 0;
  #ticks = 0;
  #loop: ReturnType<typeof setInterval> | undefined;

  async fetch(): Promise<Response> {
    const { 0: client, 1: server } = new WebSocketPair();
    // accept(), not ctx.acceptWebSocket(): an object that ticks cannot sleep
    // anyway, and here its listeners live in memory.
    server.accept();
    this.#count += 1;
    this.#players.set(server, { number: this.#count, x: this.#count % SIZE, y: 0, points: 0, direction: 'down' });
    server.addEventListener('message', ({ data }) => this.#turn(server, data));
    server.addEventListener('close', () => this.#leave(server));
    // The first player starts the clock, the last one stops it: an idle loop
    // would be paid for all night.
    this.#loop ??= setInterval(() => this.#tick(), TICK_MS);
    return new Response(null, { status: 101, webSocket: client });
  }

  best(): { points: number; player: number } {
    return this.ctx.storage.kv.get('best') ?? { points: 0, player: 0 };
  }

  #turn(socket: WebSocket, data: unknown): void {
    const player = this.#players.get(socket);
    if (player && typeof data === 'string' && data in STEPS) player.direction = data;
  }

  #leave(socket: WebSocket): void {
    this.#players.delete(socket);
    socket.close();
    if (this.#players.size > 0) return;
    clearInterval(this.#loop);
    this.#loop = undefined;
  }

  #tick(): void {
    this.#ticks += 1;
    for (const player of this.#players.values()) this.#move(player);
    const news = JSON.stringify({ tick: this.#ticks, apple: this.#apple, players: [...this.#players.values()] });
    for (const socket of this.#players.keys()) socket.send(news);
  }

  #move(player: Player): void {
    // A step for every fourth tick, so that one can still steer.
    if (this.#ticks % 4 !== 0) return;
    const [dx, dy] = STEPS[player.direction] ?? [0, 0];
    player.x = (player.x + dx + SIZE) % SIZE;
    player.y = (player.y + dy + SIZE) % SIZE;
    if (player.x !== this.#apple.x || player.y !== this.#apple.y) return;
    player.points += 1;
    this.#apple = { x: Math.floor(Math.random() * SIZE), y: Math.floor(Math.random() * SIZE) };
    // The only thing worth keeping. The tick's message waits until it is
    // stored: what players see has happened for good.
    if (player.points > this.best().points) {
      this.ctx.storage.kv.put('best', { points: player.points, player: player.number });
    }
  }
}
