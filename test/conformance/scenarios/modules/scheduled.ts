import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'scheduled gets a controller, env and ctx; its outcome waits for waitUntil and says what failed.',
  rows: ['1.default-export', '1.import-wait-until'],
  config: { vars: { WHO: 'me' }, durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { waitUntil } from 'cloudflare:workers';
import { inspect, show, sleep, tag } from './prelude.js';

const lines = [];
const main = {
  async fetch() { return new Response(lines.splice(0).join('\\n')) },
  async scheduled(controller, env, ctx) {
    const say = (what, value) => lines.push(what + ': ' + inspect(value));
    const { cron } = controller;
    if (cron === 'shape') {
      say('arguments', [arguments.length, this === main, env.WHO, tag(ctx), Object.keys(ctx), ctx.props]);
      const all = []; for (const key in controller) all.push(key);
      say('controller', [tag(controller), controller.constructor.name, Object.keys(controller), all, typeof controller.scheduledTime, typeof controller.type]);
      say('time', controller.scheduledTime);
      say('noRetry gives', controller.noRetry.call(controller) === undefined);
      return 'a value';
    }
    if (cron === '') say('default', [controller.cron, Math.abs(controller.scheduledTime - Date.now()) < 5000]);
    if (cron === 'throws') throw new Error('thrown');
    if (cron === 'no retry') controller.noRetry();
    if (cron === 'no retry, throws') { controller.noRetry(); throw new Error('thrown') }
    if (cron === 'waits') {
      ctx.waitUntil(sleep(20).then(() => lines.push('waited')));
      waitUntil(sleep(30).then(() => { lines.push('waited by import'); ctx.waitUntil(sleep(10).then(() => lines.push('waited for more'))) }));
    }
    if (cron === 'waits in vain') ctx.waitUntil(sleep(10).then(() => { throw new Error('late') }));
    if (cron === 'no retry later') ctx.waitUntil(sleep(10).then(() => controller.noRetry()));
    if (cron === 'without this') { const { noRetry } = controller; lines.push(await show(() => noRetry())) }
    if (cron === 'sets') lines.push(await show(() => { controller.cron = 'other'; return controller.cron }));
  },
};
export default main;
`,
  steps: async (client) => {
    for (const [cron, atMs] of [
      ['shape', 1000],
      ['throws'],
      ['no retry'],
      ['no retry, throws'],
      ['waits'],
      ['waits in vain'],
      ['no retry later'],
      ['without this'],
      ['sets'],
    ] as [string, number?][]) {
      await client.scheduled({ cron, ...(atMs === undefined ? {} : { atMs }) });
      await client.fetch('/');
    }
    await client.scheduled();
    await client.fetch('/');
  },
});
