import page from './page.html';
import type { Session } from './session.ts';

export { Session } from './session.ts';

interface Env {
  SESSIONS: DurableObjectNamespace<Session>;
}

const COOKIE = 'session';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const session = sessionOf(request, env);

    switch (`${request.method} ${url.pathname}`) {
      case 'GET /':
        return new Response(page, { headers: { 'content-type': 'text/html; charset=utf-8' } });

      case 'POST /sign-in': {
        const name = String((await request.formData()).get('name') ?? '').slice(0, 40);
        // Not a name but a random id: nobody can guess it.
        const id = env.SESSIONS.newUniqueId();
        await env.SESSIONS.get(id).begin(name);
        return redirect(`${COOKIE}=${id}; Path=/; HttpOnly; SameSite=Lax`);
      }

      case 'GET /me': {
        const visit = await session?.visit();
        if (!visit) return Response.json({ problem: 'You are not signed in.' }, { status: 401 });
        return Response.json(visit);
      }

      case 'POST /sign-out':
        await session?.end();
        return redirect(`${COOKIE}=; Path=/; Max-Age=0`);

      default:
        return new Response('There is no such page.\n', { status: 404 });
    }
  },
};

function sessionOf(request: Request, env: Env): DurableObjectStub<Session> | undefined {
  const id = request.headers.get('cookie')?.match(/(?:^|; )session=([0-9a-f]{64})(?:;|$)/)?.[1];
  if (!id) return undefined;
  try {
    return env.SESSIONS.get(env.SESSIONS.idFromString(id));
  } catch {
    return undefined; // made up: ids carry a signature
  }
}

function redirect(cookie: string): Response {
  return new Response(null, { status: 303, headers: { location: '/', 'set-cookie': cookie } });
}
