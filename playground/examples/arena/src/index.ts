import type { Arena } from './arena.ts';
import page from './page.html';

export { Arena } from './arena.ts';

interface Env {
  ARENAS: DurableObjectNamespace<Arena>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const arena = env.ARENAS.getByName('main');
    switch (new URL(request.url).pathname) {
      case '/':
        return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
      case '/socket':
        return arena.fetch(request);
      case '/best':
        return Response.json(await arena.best());
      default:
        return new Response('There is no such page.\n', { status: 404 });
    }
  },
};
