import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Views of shared memory bind as bytes.',
  rows: ['9.binding-types'],
  program: sqlObject(`
    const bound = (v) => rows('select typeof(?1) as t, hex(?1) as h', v)[0];
    const { buffer } = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
    new Uint8Array(buffer)[1] = 7;
    say('a view', () => bound(new Uint8Array(buffer, 0, 2)));
    say('a DataView', () => bound(new DataView(buffer, 1, 1)));
    say('memory that is not shared', () => bound(new Uint8Array(new WebAssembly.Memory({ initial: 1 }).buffer, 0, 2)));
`),
});
