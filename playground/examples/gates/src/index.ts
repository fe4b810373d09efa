import { DurableObject } from 'cloudflare:workers';

interface Env {
  TALLIES: DurableObjectNamespace<Tally>;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 20));

export class Tally extends DurableObject<Env> {
  // 1. Only storage between the read and the write. While the object
  //    waits for its storage the input gate is closed: the other calls
  //    queue outside. Ten calls count to ten.
  async storage(): Promise<number> {
    const value = (await this.ctx.storage.get<number>('storage')) ?? 0;
    await this.ctx.storage.put('storage', value + 1);
    return value + 1;
  }

  // 2. A timer in between; a fetch would do the same. Nothing closes
  //    the gate now: the other calls come in, all read the same number
  //    and all write the same answer. Nine of ten are lost.
  async timer(): Promise<number> {
    const value = (await this.ctx.storage.get<number>('timer')) ?? 0;
    await pause();
    await this.ctx.storage.put('timer', value + 1);
    return value + 1;
  }

  // 3. The same timer inside a critical section: whatever it waits for,
  //    the gate stays closed until the section ends. Ten calls count to
  //    ten, one after the other, and take ten times as long.
  async section(): Promise<number> {
    return this.ctx.blockConcurrencyWhile(async () => {
      const value = (await this.ctx.storage.get<number>('section')) ?? 0;
      await pause();
      await this.ctx.storage.put('section', value + 1);
      return value + 1;
    });
  }
}

const WAYS = ['storage', 'timer', 'section'] as const;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const tally = env.TALLIES.getByName(url.searchParams.get('name') ?? 'a');

    if (url.pathname === '/compare') {
      const answers: Record<string, string> = {};
      for (const way of WAYS) {
        const ten = await Promise.all(Array.from({ length: 10 }, () => tally[way]()));
        answers[way] = ten.join(' ');
      }
      return Response.json(answers);
    }
    const way = WAYS.find((one) => url.pathname === `/${one}`);
    if (!way) return new Response('Try /compare, /storage, /timer or /section.\n', { status: 404 });
    return Response.json({ [way]: await tally[way]() });
  },
};
