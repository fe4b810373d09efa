import { closeCodes } from '../../programs/close-codes.ts';
import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2026-04-07 a client outside hears of its close only when the program answers.',
  rows: ['12.close', '12.auto-close-reply', '12.web-socket-close'],
  config: { compatibility_date: '2026-04-06' },
  modules: socketModule,
  program: closeCodes,
  async steps(client) {
    for (const path of ['/hib', '/std']) {
      for (const code of [1000, 4999, undefined]) {
        const a = await client.socket(path);
        await a.close(code, code === undefined ? undefined : 'from outside');
        if (path === '/hib') await a.hears();
        await client.wait(50);
        await client.fetch('/told');
        const b = await client.socket(path);
        await b.send(JSON.stringify([code ?? null, 'from inside']));
        await b.hears();
        await client.wait(50);
        await client.fetch('/told');
      }
    }
  },
});
