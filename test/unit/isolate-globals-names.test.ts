import { Miniflare } from 'miniflare';
import { expect, test } from 'vitest';
import {
  EVENT_TARGET_NAMES,
  LANGUAGE_NAMES,
  OWN_NAMES,
  PROTOTYPE_NAMES,
  WEBASSEMBLY_NAMES,
  WORKER_SCOPE_NAMES,
} from '../../src/isolate/globals-names.ts';
import recorded from '../support/globals.workerd.json' with { type: 'json' };

const SCRIPT = `export default { fetch() {
  const chain = [];
  for (let at = globalThis; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    chain.push([Object.prototype.toString.call(at), at.constructor.name, Reflect.ownKeys(at).map(String)]);
  }
  return Response.json({ chain, wasm: Object.getOwnPropertyNames(WebAssembly) });
} };`;

test('the lists of names are what workerd shows along the chain of its global scope', async () => {
  const runtime = new Miniflare({ modules: true, script: SCRIPT, compatibilityDate: '2026-07-30', cf: false });
  try {
    const told = (await (await runtime.dispatchFetch('http://x/')).json()) as {
      chain: [string, string, string[]][];
      wasm: string[];
    };
    if (process.env['RECORD']) {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(new URL('../support/globals.workerd.json', import.meta.url), `${JSON.stringify(told.chain)}\n`);
    }
    expect(recorded).toEqual(told.chain);
    const ordinary = told.chain.map(([, , names]) =>
      names.filter((name) => name !== 'constructor' && !/^Symbol\(/.test(name)),
    );
    const [own, scope, worker, events] = ordinary.map((names) => [...names].sort());
    expect([...LANGUAGE_NAMES, ...OWN_NAMES].sort()).toEqual(own);
    expect([...PROTOTYPE_NAMES].sort()).toEqual(scope);
    expect([...WORKER_SCOPE_NAMES]).toEqual(worker);
    expect([...EVENT_TARGET_NAMES]).toEqual(events);
    expect([...WEBASSEMBLY_NAMES].sort()).toEqual(told.wasm.sort());
  } finally {
    await runtime.dispose();
  }
});
