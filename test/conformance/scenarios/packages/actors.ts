import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An Actor of @cloudflare/actors migrates its tables, answers calls and requests, and keeps many timers on one alarm.',
  rows: ['9.exec', '11.set-alarm', '4.by-value'],
  advanceMs: 1_000,
  packages: ['@cloudflare/actors', 'cron-schedule', 'nanoid'],
  config: {
    durable_objects: { bindings: [{ name: 'Room', class_name: 'Room' }] },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Room'] }],
  },
  program: `
import { Actor } from '@cloudflare/actors';

export class Room extends Actor {
  log = [];
  constructor(ctx, env) {
    super(ctx, env);
    this.storage.migrations = [
      { idMonotonicInc: 1, description: 'the table', sql: 'CREATE TABLE IF NOT EXISTS lines (number INTEGER, text TEXT)' },
      { idMonotonicInc: 2, description: 'a column', sql: 'ALTER TABLE lines ADD COLUMN weight REAL' },
    ];
  }
  async onInit() { this.log.push('init') }
  async onAlarm() { this.log.push('alarm') }
  async note(text) {
    this.log.push('note ' + text);
    await this.ctx.storage.put('noted', text);
  }
  async onRequest(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/lines') {
      await this.storage.runMigrations();
      const { count } = [...this.sql\`SELECT count(*) AS count FROM lines\`][0];
      this.sql\`INSERT INTO lines (number, text, weight) VALUES (\${count + 1}, \${'a line'}, \${1.5})\`;
      return Response.json([...this.sql\`SELECT * FROM lines\`]);
    }
    if (pathname === '/later') {
      await this.alarms.schedule(1, 'note', ['one']);
      await this.alarms.schedule(2, 'note', ['two']);
      const planned = await this.alarms.getSchedules();
      return Response.json(planned.map(({ callback, payload, type }) => ({ callback, payload, type })));
    }
    return Response.json({ name: this.name, log: this.log, noted: (await this.ctx.storage.get('noted')) ?? null });
  }
  async add(one, other) { return one + other }
}

export default {
  async fetch(request, env) {
    const stub = env.Room.getByName('one');
    await stub.setName('one');
    if (new URL(request.url).pathname === '/sum') return Response.json(await stub.add(1, 2));
    return stub.fetch(request);
  },
};
`,
  async steps(client) {
    for (const path of ['/', '/sum', '/lines', '/lines', '/later']) await client.fetch(path);
    await client.wait(3500);
    await client.fetch('/');
  },
});
