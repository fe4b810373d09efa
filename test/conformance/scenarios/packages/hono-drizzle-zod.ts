import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'hono routes for a Worker and its objects, drizzle keeps their rows, and zod refuses what does not belong there.',
  rows: ['1.default-export', '3.fetch', '4.error-propagation'],
  packages: ['hono', 'drizzle-orm', 'zod', 'nanoid'],
  config: objects({ ROOMS: 'Room' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { eq, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/durable-sqlite';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { Hono } from 'hono';
import { upgradeWebSocket } from 'hono/cloudflare-workers';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { streamSSE } from 'hono/streaming';
import { nanoid } from 'nanoid';
import { z } from 'zod/v4';

const users = sqliteTable('users', {
  id: integer('id').primaryKey({ autoIncrement: true }),
  name: text('name').notNull(),
  tags: text('tags', { mode: 'json' }),
  joined: integer('joined', { mode: 'timestamp' }),
});
const User = z.object({ name: z.string().min(1), tags: z.array(z.string()).default([]) });

export class Room extends DurableObject {
  visits = 0;
  app = new Hono().get('/room/:name/visit', (c) => c.json({ room: c.req.param('name'), visits: ++this.visits }));

  constructor(ctx, env) {
    super(ctx, env);
    this.db = drizzle(ctx.storage);
    ctx.blockConcurrencyWhile(async () => {
      this.db.run(sql\`CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, tags TEXT, joined INTEGER)\`);
    });
  }

  fetch(request) { return this.app.fetch(request) }
  async add(user) { return this.db.insert(users).values({ ...User.parse(user), joined: new Date(86_400_000) }).returning() }
  async rename(from, to) { return this.db.update(users).set({ name: to }).where(eq(users.name, from)).returning({ id: users.id }) }
  all() { return this.db.select().from(users).orderBy(users.id).all() }
  async failing() {
    await this.db.transaction((tx) => { tx.insert(users).values({ name: 'lost' }).run(); tx.rollback() });
  }
}

const app = new Hono();
app.use('*', cors({ origin: 'https://a.example' }));
app.get('/', (c) => c.text('an id has ' + nanoid().length + ' characters'));
app.post('/echo', async (c) => c.json({ body: await c.req.json(), type: c.req.header('content-type') }, 201));
app.get('/room/:name/visit', (c) => c.env.ROOMS.getByName(c.req.param('name')).fetch(c.req.raw));
app.get('/users', async (c) => {
  const room = c.env.ROOMS.getByName('users');
  const seen = [await room.add({ name: 'Ann', tags: ['a'] }), await room.add({ name: 'Bob' }), await room.rename('Bob', 'Ben'), await room.all()];
  const refused = await room.add({ name: '' }).catch((error) => [error.name, error.message, error.remote, Object.keys(error)]);
  const undone = await room.failing().catch((error) => [error.name, error.message]);
  return c.json({ seen, refused, undone, left: (await room.all()).length });
});
app.get('/events', (c) => streamSSE(c, async (stream) => { for (const n of [1, 2]) await stream.writeSSE({ data: 'event ' + n, id: String(n) }) }));
app.get('/ws', upgradeWebSocket(() => ({ onMessage: ({ data }, ws) => ws.send('echo ' + data), onClose: () => {} })));
app.get('/refused', () => { throw new HTTPException(401, { message: 'who are you?' }) });
app.get('/broken', () => { throw new Error('not your business') });
app.onError((error, c) => error instanceof HTTPException ? error.getResponse() : c.text('hidden', 500));
app.notFound((c) => c.text('there is no ' + c.req.path, 404));
export default app;
`,
  async steps(client) {
    const showHeaders = ['content-type', 'access-control-allow-origin'];
    await client.fetch('/', { showHeaders });
    await client.fetch('/echo', {
      method: 'POST',
      body: '{"a":[1]}',
      headers: { 'content-type': 'application/json' },
      showHeaders,
    });
    await client.fetch('/echo', {
      method: 'OPTIONS',
      headers: { 'access-control-request-method': 'POST' },
      showHeaders,
    });
    await client.fetch('/room/one/visit');
    await client.fetch('/room/one/visit');
    await client.fetch('/users');
    await client.fetch('/events', { showHeaders });
    for (const path of ['/refused', '/broken', '/nowhere']) await client.fetch(path);
    const socket = await client.socket('/ws');
    await socket.send('hello');
    await socket.hears();
    await socket.close(1000, 'bye');
  },
});
