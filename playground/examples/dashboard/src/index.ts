import type { Meter } from './meter.ts';
import page from './page.html';

export { Meter } from './meter.ts';

interface Env {
  METERS: DurableObjectNamespace<Meter>;
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const meter = env.METERS.getByName('visits');
    switch (new URL(request.url).pathname) {
      case '/':
        return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });
      case '/visit':
        return Response.json({ pending: await meter.visit() });
      case '/samples':
        return Response.json(await meter.samples());
      case '/socket':
        return meter.fetch(request);
      default:
        return new Response('There is no such page.\n', { status: 404 });
    }
  },
};
