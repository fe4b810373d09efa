import { closeCodes } from '../../programs/close-codes.ts';
import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Each close code goes through to the other side with its reason, from a client outside and from the object.',
  rows: ['12.close', '12.close-events', '12.web-socket-close'],
  modules: socketModule,
  program: closeCodes,
  async steps(client) {
    for (const path of ['/hib', '/std']) {
      for (const code of [1000, 3000, 4999, undefined]) {
        const a = await client.socket(path);
        await a.close(code, code === undefined ? undefined : 'from outside');
        await a.hears();
        await client.wait(50);
        await client.fetch('/told');
      }
      for (const code of [1000, 1001, 1011, 3000, 4999, null]) {
        const b = await client.socket(path);
        await b.send(JSON.stringify([code, 'from inside']));
        await b.hears();
        await client.wait(50);
        await client.fetch('/told');
      }
    }
  },
});
