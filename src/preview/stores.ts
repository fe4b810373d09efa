/**
 * `localStorage` and `sessionStorage`, in memory: the preview keeps them from page to page, the browser nothing.
 *
 * Promise: they are used as the browser's are, by methods and by names.
 *
 * DIFFERS: they are gone with the preview, and no `storage` event is told: there is no other page.
 */
import type { Area, Pairs } from '../protocol/preview.ts';
import type { Channel } from './channel.ts';
import { define } from './patch.ts';

const SIZE_MAX = 5 * 1024 * 1024; // characters of an area, as browsers allow an origin

export function installStores(channel: Channel, stores: Readonly<Record<Area, Pairs>>): void {
  for (const area of ['local', 'session'] as const) {
    const keep = (entries: Pairs): void => channel.post({ t: 'store', area, entries });
    const store = makeStore(new Map(stores[area]), keep);
    define(window, `${area}Storage`, () => store);
  }
}

function makeStore(entries: Map<string, string>, keep: (entries: Pairs) => void): object {
  const methods: Record<string, unknown> = {
    getItem: (key: unknown) => entries.get(String(key)) ?? null,
    setItem(key: unknown, value: unknown): void {
      const changed = new Map(entries).set(String(key), String(value));
      let size = 0;
      for (const [name, text] of changed) size += name.length + text.length;
      if (size > SIZE_MAX) {
        throw new DOMException(`Setting the value of '${String(key)}' exceeded the quota.`, 'QuotaExceededError');
      }
      entries.set(String(key), String(value));
      keep([...entries]);
    },
    removeItem(key: unknown): void {
      if (entries.delete(String(key))) keep([...entries]);
    },
    clear(): void {
      entries.clear();
      keep([]);
    },
    key: (at: unknown) => [...entries.keys()][Number(at)] ?? null,
  };
  const set = methods['setItem'] as (key: string, value: unknown) => void;
  const remove = methods['removeItem'] as (key: string) => void;
  return new Proxy(Object.create(Storage.prototype) as object, {
    get(target, key) {
      if (typeof key === 'symbol') return Reflect.get(target, key);
      if (key === 'length') return entries.size;
      return methods[key] ?? entries.get(key) ?? (key in Object.prototype ? Reflect.get(target, key) : undefined);
    },
    set(_target, key, value) {
      if (typeof key === 'string' && !(key in methods)) set(key, value);
      return true;
    },
    has: (target, key) => entries.has(String(key)) || key in methods || Reflect.has(target, key),
    deleteProperty(_target, key) {
      remove(String(key));
      return true;
    },
    ownKeys: () => [...entries.keys()],
    getOwnPropertyDescriptor(_target, key) {
      const value = entries.get(String(key));
      return value === undefined ? undefined : { value, writable: true, enumerable: true, configurable: true };
    },
  });
}
