import page from './page.html';
import type { SharedText } from './text.ts';

export { SharedText } from './text.ts';

interface Env {
  TEXTS: DurableObjectNamespace<SharedText>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const text = env.TEXTS.getByName('notes');
    switch (new URL(request.url).pathname) {
      case '/':
        return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
      case '/socket':
        return text.fetch(request);
      case '/text':
        return new Response((await text.read()).text);
      default:
        return new Response('There is no such page.\n', { status: 404 });
    }
  },
};
