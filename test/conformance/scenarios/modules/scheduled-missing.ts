import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A Worker without a scheduled handler fails the event for good.',
  rows: ['1.default-export'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
export default { fetch: () => new Response('fine') };
`,
  steps: async (client) => {
    await client.scheduled({ cron: '* * * * *' });
    await client.fetch('/');
  },
});
