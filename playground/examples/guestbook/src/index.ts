import type { Guestbook } from './guestbook.ts';
import help from './help.txt';
import { readEntry } from './read-entry.ts';

// Classes of objects are exported from the main module, wherever they
// are written.
export { Guestbook } from './guestbook.ts';

interface Env {
  BOOKS: DurableObjectNamespace<Guestbook>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    if (url.pathname === '/help') return new Response(help);

    const book = env.BOOKS.getByName(url.searchParams.get('book') ?? 'lobby');

    if (url.pathname === '/sign' && request.method === 'POST') {
      const entry = await readEntry(request);
      if ('problem' in entry) return Response.json(entry, { status: 400 });
      return Response.json(await book.sign(entry), { status: 201 });
    }
    if (url.pathname === '/' && request.method === 'GET') {
      return Response.json(await book.newest());
    }
    if (url.pathname === '/' && request.method === 'DELETE') {
      return Response.json({ removed: await book.clear() });
    }
    return new Response(help, { status: 404 });
  },
};
