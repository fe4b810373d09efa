import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'scheduled of a class gets the controller alone, and an instance of its own.',
  rows: ['1.worker-entrypoint'],
  config: { vars: { WHO: 'me' }, durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { WorkerEntrypoint } from 'cloudflare:workers';
import { inspect, tag } from './prelude.js';

const lines = [];
export default class extends WorkerEntrypoint {
  count = 0;
  fetch() { return new Response(lines.splice(0).join('\\n')) }
  scheduled(controller) {
    lines.push(inspect([arguments.length, typeof arguments[1], typeof arguments[2], controller.cron, this.env.WHO, tag(this.ctx), ++this.count]));
    this.ctx.waitUntil(Promise.resolve());
    if (controller.cron === 'throws') throw new Error('thrown');
  }
}
`,
  steps: async (client) => {
    await client.scheduled({ cron: '* * * * *' });
    await client.scheduled({ cron: 'throws' });
    await client.fetch('/');
  },
});
