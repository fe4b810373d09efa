import type { Game } from './game.ts';
import page from './page.html';

export { Game } from './game.ts';

interface Env {
  GAMES: DurableObjectNamespace<Game>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/') {
      return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    }
    const [, name, socket] = url.pathname.match(/^\/games\/([\w-]+)(\/socket)?$/) ?? [];
    if (!name) return new Response('There is no such page.\n', { status: 404 });
    const game = env.GAMES.getByName(name);
    return socket ? game.fetch(request) : Response.json(await game.state());
  },
};
