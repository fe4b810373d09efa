import page from './page.html';
import type { ChatRoom } from './room.ts';

export { ChatRoom } from './room.ts';

interface Env {
  ROOMS: DurableObjectNamespace<ChatRoom>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/') {
      return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
    }

    const [, name, what] = url.pathname.match(/^\/rooms\/([\w-]+)\/(socket|messages)$/) ?? [];
    if (!name) return new Response('There is no such page.\n', { status: 404 });

    const room = env.ROOMS.getByName(name);
    // A socket is asked for by a request and handed on as it is: from then
    // on the browser talks to the object, and the Worker is out of the way.
    if (what === 'socket') return room.fetch(request);
    return Response.json(await room.newest(50));
  },
};
