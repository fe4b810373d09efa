import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The imported env is readable at module scope, in the Worker and in objects.',
  rows: ['1.import-env'],
  config: { vars: { GREETING: 'hello', COUNT: 3 } },
  program: `
import { DurableObject, env as imported } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

const atTop = inspect([imported.GREETING, imported.COUNT, typeof imported.OBJ, Object.keys(imported).sort()]);
const idAtTop = imported.OBJ.idFromName('a').toString();
let callAtTop;
try { callAtTop = imported.OBJ.getByName('a').greet().then(() => 'answered', (e) => inspect(e)) } catch (e) { callAtTop = 'threw ' + inspect(e) }

export class Obj extends DurableObject {
  greeting = imported.GREETING;
  greet() { return [this.greeting, imported.GREETING, atTop, typeof imported.OBJ.getByName] }
}

export default worker(async ({ say, env }) => {
  await say('at module scope', () => atTop);
  await say('an id made at module scope', () => idAtTop === env.OBJ.idFromName('a').toString());
  await say('a call made at module scope', () => callAtTop);
  await say('in a request', () => [imported.GREETING, imported.GREETING === env.GREETING, imported.NOTHING]);
  await say('a stub by it', () => imported.OBJ.getByName('a').greet());
  await say('keys', () => Object.keys(imported).sort());
});
`,
});
