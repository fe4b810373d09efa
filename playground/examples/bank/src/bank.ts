import { DurableObject } from 'cloudflare:workers';
import { migrate } from './schema.ts';

export interface Env {
  BANKS: DurableObjectNamespace<Bank>;
}

export type Statement = { owner: string; euros: number; transfers: number };

export class Bank extends DurableObject<Env> {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    // No call comes in before this has ended, so all find the newest
    // tables. If it throws, the object starts anew with the next call.
    ctx.blockConcurrencyWhile(async () => migrate(ctx.storage));
  }

  statements(): Statement[] {
    const all = 'SELECT * FROM statements ORDER BY owner';
    return this.ctx.storage.sql.exec<Statement>(all).toArray();
  }

  // SQL here is synchronous: the database lives in the object's own
  // thread. So nothing comes between two statements, and the closure is
  // one transaction: if it throws, all that it did is undone.
  transfer(payer: string, payee: string, cents: number): number {
    const { sql } = this.ctx.storage;
    return this.ctx.storage.transactionSync(() => {
      const pay = 'UPDATE accounts SET balance = balance + ? WHERE owner = ?';
      const paid = sql.exec(pay, cents, payee);
      if (paid.rowsWritten === 0) {
        throw new Error(`Nobody here is called ${payee}.`);
      }
      // Too little on the account? The CHECK throws, halfway through:
      // the payee has the money by now, and loses it again.
      sql.exec(pay, -cents, payer);
      const note = `INSERT INTO transfers (payer, payee, amount)
                    VALUES (?, ?, ?) RETURNING id`;
      return sql.exec<{ id: number }>(note, payer, payee, cents).one().id;
    });
  }

  // A bookmark names a moment of this object's history. It is kept under
  // a key, beside the tables.
  async remember(): Promise<string> {
    const bookmark = await this.ctx.storage.getCurrentBookmark();
    await this.ctx.storage.put('bookmark', bookmark);
    return bookmark;
  }

  // Asks that the next start finds everything as it was then: tables and
  // keys, so the bookmark itself is gone, too. The answer is the way back.
  async planReturn(): Promise<string> {
    const bookmark = await this.ctx.storage.get<string>('bookmark');
    if (!bookmark) throw new Error('No moment was remembered.');
    return this.ctx.storage.onNextSessionRestoreBookmark(bookmark);
  }

  // Ends this instance; the next call starts another. Whoever called
  // gets the reason as an error, because there will be no answer.
  restart(): void {
    this.ctx.abort('Restarted to return to an earlier moment.');
  }
}
