/** What every wire promises, whichever carries it. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Wire } from '../../src/network/wire.ts';
import { Inbox } from '../support/inbox.ts';

/** What an opener may have posted to learn that its carrier is ready; the suite does not see it. */
export const PROBE = 'probe';

export interface WirePair {
  readonly a: Wire<unknown>;
  readonly b: Wire<unknown>;
}

/** @param open makes two joined wires, neither started; both are registered with their carrier */
export function wireContract(name: string, open: () => Promise<WirePair>): void {
  describe(`a wire over ${name}`, () => {
    let pair: WirePair | undefined;
    afterEach(() => {
      pair?.a.close();
      pair?.b.close();
      pair = undefined;
    });
    const listen = (wire: Wire<unknown>): Inbox<unknown> => {
      const inbox = new Inbox<unknown>();
      wire.start({ onMessage: (message) => message !== PROBE && inbox.put(message), onLost: () => inbox.put('lost') });
      return inbox;
    };

    test('carries messages in the order posted, both ways', async () => {
      pair = await open();
      const [atA, atB] = [listen(pair.a), listen(pair.b)];
      for (let i = 0; i < 200; i++) {
        pair.a.post({ from: 'a', i });
        pair.b.post({ from: 'b', i });
      }
      expect(await atB.reach(200)).toEqual(Array.from({ length: 200 }, (_, i) => ({ from: 'a', i })));
      expect(await atA.reach(200)).toEqual(Array.from({ length: 200 }, (_, i) => ({ from: 'b', i })));
    });

    test('keeps what comes before it is started', async () => {
      pair = await open();
      pair.a.post('early');
      const echo = listen(pair.a);
      const inbox = listen(pair.b);
      pair.a.post('late');
      expect(await inbox.reach(2)).toEqual(['early', 'late']);
      pair.b.post('answer');
      expect(await echo.reach(1)).toEqual(['answer']);
    });

    test('gives copies: what the poster changes afterwards is its own affair', async () => {
      pair = await open();
      const inbox = listen(pair.b);
      const message = { bytes: Uint8Array.of(1, 2, 3), map: new Map([['k', 1]]) };
      pair.a.post(message);
      message.map.set('k', 2);
      message.bytes[0] = 9;
      expect(await inbox.reach(1)).toEqual([{ bytes: Uint8Array.of(1, 2, 3), map: new Map([['k', 1]]) }]);
    });

    test('refuses what cannot be cloned, and goes on', async () => {
      pair = await open();
      const inbox = listen(pair.b);
      const { a } = pair;
      expect(() => a.post({ f: () => 1 })).toThrowError(expect.objectContaining({ name: 'DataCloneError' }));
      a.post('next');
      expect(await inbox.reach(1)).toEqual(['next']);
    });

    test('delivers what was posted before it was closed', async () => {
      pair = await open();
      const inbox = listen(pair.b);
      for (let i = 0; i < 100; i++) pair.a.post(i);
      pair.a.close();
      expect((await inbox.reach(100)).slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => i));
    });
  });
}
