import { DurableObject } from 'cloudflare:workers';

const IDLE_MS = 30 * 60_000;

interface Visit {
  name: string;
  visits: number;
  expiresAt: number;
}

export class Session extends DurableObject {
  async begin(name: string): Promise<void> {
    await this.ctx.storage.put({ name, visits: 0 });
    await this.ctx.storage.setAlarm(Date.now() + IDLE_MS);
  }

  // Undefined when the session has ended, or never was: the same object, but
  // nothing is stored in it.
  async visit(): Promise<Visit | undefined> {
    const stored = await this.ctx.storage.get<string | number>(['name', 'visits']);
    if (!stored.has('name')) return undefined;
    const visits = (stored.get('visits') as number) + 1;
    const expiresAt = Date.now() + IDLE_MS;
    await this.ctx.storage.put('visits', visits);
    // Replaces the alarm that was set before: the end moves on.
    await this.ctx.storage.setAlarm(expiresAt);
    return { name: stored.get('name') as string, visits, expiresAt };
  }

  async end(): Promise<void> {
    await this.ctx.storage.deleteAlarm();
    // Without a row and without an alarm the object is gone.
    await this.ctx.storage.deleteAll();
  }

  async alarm(): Promise<void> {
    await this.end();
  }
}
