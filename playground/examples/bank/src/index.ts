import type { Env } from './bank.ts';

export { Bank } from './bank.ts';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname, searchParams } = new URL(request.url);
    const asked = (name: string) => searchParams.get(name) ?? '';
    const name = asked('bank') || 'village';
    const bank = env.BANKS.getByName(name);
    try {
      switch (`${request.method} ${pathname}`) {
        case 'GET /':
          return Response.json(await bank.statements());
        case 'POST /transfer': {
          const cents = Math.round(Number(asked('euros')) * 100);
          const transfer = await bank.transfer(asked('from'), asked('to'), cents);
          return Response.json({ transfer });
        }
        case 'POST /remember':
          return Response.json({ bookmark: await bank.remember() });
        case 'POST /return': {
          const undo = await bank.planReturn();
          await bank.restart().catch(() => {}); // no answer is the answer
          // A stub of an instance that ended stays broken: get another.
          const now = await env.BANKS.getByName(name).statements();
          return Response.json({ undo, now });
        }
        default:
          return new Response('Try / with GET; /transfer, /remember or /return with POST.\n', { status: 404 });
      }
    } catch (error) {
      return Response.json({ error: String(error) }, { status: 409 });
    }
  },
};
