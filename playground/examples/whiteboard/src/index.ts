import type { Board } from './board.ts';
import page from './page.html';

export { Board } from './board.ts';

interface Env {
  BOARDS: DurableObjectNamespace<Board>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const board = env.BOARDS.getByName('main');
    switch (new URL(request.url).pathname) {
      case '/':
        return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
      case '/socket':
        return board.fetch(request);
      case '/lines':
        return Response.json({ lines: await board.count() });
      default:
        return new Response('There is no such page.\n', { status: 404 });
    }
  },
};
