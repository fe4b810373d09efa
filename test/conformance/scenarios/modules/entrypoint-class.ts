import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A default export that extends WorkerEntrypoint is constructed anew for every request.',
  rows: ['1.default-export', '1.worker-entrypoint', '1.ctx-props'],
  config: { vars: { GREETING: 'hello' } },
  program: `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { inspect, tag } from './prelude.js';

export class Obj extends DurableObject { hi() { return 'hi from ' + this.ctx.id.name } }

export default class Main extends WorkerEntrypoint {
  requests = 0;
  constructor(ctx, env) { super(ctx, env); this.argumentCount = arguments.length }
  async fetch(request) {
    this.requests++;
    return new Response([
      'path: ' + new URL(request.url).pathname,
      'arguments: ' + arguments.length,
      'constructor arguments: ' + this.argumentCount,
      'requests of this instance: ' + this.requests,
      'this: ' + this.constructor.name + ' ' + (this instanceof WorkerEntrypoint),
      'own keys: ' + inspect(Object.keys(this).sort()),
      'env: ' + this.env.GREETING,
      'ctx: ' + tag(this.ctx) + ' ' + inspect(this.ctx.props),
      'an object: ' + (await this.env.OBJ.getByName('a').hi()),
    ].join('\\n'));
  }
}
`,
  steps: async (client) => {
    await client.fetch('/first');
    await client.fetch('/second');
  },
});
