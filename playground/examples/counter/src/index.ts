import { DurableObject } from 'cloudflare:workers';

interface Env {
  COUNTERS: DurableObjectNamespace<Counter>;
}

// A Durable Object: a class of which there is one instance for each
// name, in the whole world.
export class Counter extends DurableObject<Env> {
  // Public methods can be called from the Worker and other objects.
  async get(): Promise<number> {
    return (await this.ctx.storage.get<number>('value')) ?? 0;
  }

  async increment(): Promise<number> {
    return this.#add(1);
  }

  async decrement(): Promise<number> {
    return this.#add(-1);
  }

  // Read, add, write. No other call runs in between: while the object
  // waits for its storage, its door (the "input gate") is closed.
  async #add(amount: number): Promise<number> {
    const value = (await this.get()) + amount;
    await this.ctx.storage.put('value', value);
    return value; // leaves only after the write is safe on disk
  }
}

// The Worker: every request arrives here first. It keeps nothing, the
// objects do.
export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const name = url.searchParams.get('name');
    if (!name) {
      return new Response('Which counter? Add ?name=home.\n', { status: 400 });
    }

    // The same name always leads to the same object, and calling it is
    // what creates it.
    const counter = env.COUNTERS.getByName(name);

    switch (url.pathname) {
      case '/':
        return Response.json({ name, value: await counter.get() });
      case '/increment':
        return Response.json({ name, value: await counter.increment() });
      case '/decrement':
        return Response.json({ name, value: await counter.decrement() });
      default:
        return new Response('Try /, /increment or /decrement.\n', { status: 404 });
    }
  },
};
