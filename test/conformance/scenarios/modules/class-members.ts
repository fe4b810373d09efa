import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The classes of the scope have no members that younger browsers, or only browsers, have.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { worker } from './prelude.js';
const names = (of) => Reflect.ownKeys(of).map(String).sort();
const without = (list, ...kept) => list.filter((name) => !kept.includes(name) && !name.startsWith('Symbol(') && name !== 'caller' && name !== 'arguments');
export default worker(async ({ say }) => {
  for (const name of ['CustomEvent', 'Date', 'EventTarget', 'File', 'Blob', 'FormData', 'Iterator', 'MessagePort', 'SubtleCrypto', 'URL', 'URLSearchParams', 'URLPattern', 'TextDecoder', 'TextEncoder', 'AbortSignal', 'AbortController', 'Request', 'Response', 'Headers', 'WebSocket', 'Crypto', 'ErrorEvent']) {
    await say(name, () => [without(names(globalThis[name])), without(names(globalThis[name].prototype))]);
  }
  await say('Event', () => without(names(Event.prototype), 'isTrusted'));
  await say('what browsers have', () => ['initMessageEvent', 'userActivation'].map((name) => name in MessageEvent.prototype));
});
`,
});
