import { DurableObject } from 'cloudflare:workers';
import rules from './rules.json';

export interface Entry {
  name: string;
  message: string;
}

export interface SignedEntry extends Entry {
  number: number;
  at: Date;
}

export class Guestbook extends DurableObject {
  // Memory lasts as long as the instance. Evict the object: this starts
  // at 0 again, and the entries are still there.
  #signedSinceWake = 0;

  async sign(entry: Entry): Promise<SignedEntry & { sinceWake: number }> {
    const number = ((await this.ctx.storage.get<number>('count')) ?? 0) + 1;
    const signed: SignedEntry = { ...entry, number, at: new Date() };

    // Both keys are written in one step: either both are kept or neither.
    await this.ctx.storage.put({ count: number, [keyOf(number)]: signed });

    this.#signedSinceWake += 1;
    console.log(`${entry.name} signed as number ${number}`);
    return { ...signed, sinceWake: this.#signedSinceWake };
  }

  async newest(): Promise<SignedEntry[]> {
    const found = await this.ctx.storage.list<SignedEntry>({
      prefix: 'entry:',
      reverse: true,
      limit: rules.shown,
    });
    return [...found.values()];
  }

  async clear(): Promise<number> {
    const keys = [...(await this.ctx.storage.list({ prefix: 'entry:' })).keys()];
    // One call takes 128 keys at most.
    for (let at = 0; at < keys.length; at += 128) {
      await this.ctx.storage.delete(keys.slice(at, at + 128));
    }
    return keys.length;
  }
}

// Keys sort as text, so numbers are padded: entry:000009 comes before
// entry:000010.
function keyOf(number: number): string {
  return `entry:${String(number).padStart(6, '0')}`;
}
