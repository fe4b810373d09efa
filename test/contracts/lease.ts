/** What leases promise, with Web Locks or without. */
import { describe, expect, test } from 'vitest';
import { must } from '../../src/base/assert.ts';
import type { Leases } from '../../src/network/lease.ts';

export function leaseContract(title: string, open: () => Promise<Leases>): void {
  let unique = 0;
  const fresh = (): string => `lease-test:${title}:${performance.timeOrigin}:${unique++}`;

  describe(`leases by ${title}`, () => {
    test('have one holder at a time, the next in the order asked', async () => {
      const leases = await open();
      const name = fresh();
      const order: number[] = [];
      const first = await leases.acquire(name);
      const later = [1, 2, 3].map(async (number) => {
        const lease = await leases.acquire(name);
        order.push(number);
        expect(first.isHeld).toBe(false);
        lease.release();
      });
      expect(await leases.tryAcquire(name)).toBe(undefined);
      expect([first.isHeld, first.name]).toEqual([true, name]);
      first.release();
      await Promise.all(later);
      expect(order).toEqual([1, 2, 3]);
    });

    test('can be tried: held, then free, then held again', async () => {
      const leases = await open();
      const name = fresh();
      const lease = must(await leases.tryAcquire(name), 'a free lease');
      expect(await leases.tryAcquire(name)).toBe(undefined);
      lease.release();
      lease.release();
      const again = must(await leases.tryAcquire(name), 'the released lease');
      again.release();
    });

    test('can be shared; one that does not share waits for all, and later sharers wait for it', async () => {
      const leases = await open();
      const name = fresh();
      const order: string[] = [];
      const [one, two] = [await leases.acquire(name, { shared: true }), await leases.acquire(name, { shared: true })];
      const alone = leases.acquire(name).then((lease) => {
        order.push('alone');
        lease.release();
      });
      const third = leases.acquire(name, { shared: true }).then((lease) => {
        order.push('third');
        lease.release();
      });
      one.release();
      expect(await leases.tryAcquire(name)).toBe(undefined);
      expect(order).toEqual([]);
      two.release();
      await Promise.all([alone, third]);
      expect(order).toEqual(['alone', 'third']);
    });

    test('can be stolen: the robbed one knows, those who wait keep their places behind the thief', async () => {
      const leases = await open();
      const name = fresh();
      const robbed = await leases.acquire(name);
      const waiting = leases.acquire(name);
      const thief = await leases.acquire(name, { steal: true });
      await robbed.lost;
      expect([robbed.isHeld, thief.isHeld]).toEqual([false, true]);
      robbed.release();
      expect(thief.isHeld).toBe(true);
      thief.release();
      const next = await waiting;
      expect(next.isHeld).toBe(true);
      next.release();
    });

    test('can be stolen when nobody holds them', async () => {
      const leases = await open();
      const name = fresh();
      const thief = await leases.acquire(name, { steal: true });
      expect(await leases.tryAcquire(name)).toBe(undefined);
      thief.release();
    });

    test('stop waiting when the signal says so, and the next in line moves up', async () => {
      const leases = await open();
      const name = fresh();
      const first = await leases.acquire(name);
      const giveUp = new AbortController();
      const second = leases.acquire(name, { signal: giveUp.signal });
      const third = leases.acquire(name);
      giveUp.abort(new Error('changed my mind'));
      await expect(second).rejects.toThrow('changed my mind');
      await expect(leases.acquire(name, { signal: giveUp.signal })).rejects.toThrow('changed my mind');
      first.release();
      (await third).release();
    });

    test('do not mind a signal that comes when they are held', async () => {
      const leases = await open();
      const stop = new AbortController();
      const lease = await leases.acquire(fresh(), { signal: stop.signal });
      stop.abort();
      expect(await leases.tryAcquire(lease.name)).toBe(undefined);
      expect(lease.isHeld).toBe(true);
      lease.release();
    });

    test('tell when a name falls free, to all who ask, and at once when it is', async () => {
      const leases = await open();
      const name = fresh();
      await leases.whenFree(name);
      const lease = await leases.acquire(name);
      let told = 0;
      const watching = [1, 2, 3].map(() =>
        leases.whenFree(name).then(() => {
          told++;
        }),
      );
      const stop = new AbortController();
      const stopped = leases.whenFree(name, { signal: stop.signal });
      stop.abort(new Error('never mind'));
      await expect(stopped).rejects.toThrow('never mind');
      expect(told).toBe(0);
      lease.release();
      await Promise.all(watching);
      expect(told).toBe(3);
      expect(await leases.held(name)).toEqual([]);
    });

    test('tell those who share the news also while one of them does not let go', async () => {
      const leases = await open();
      const name = fresh();
      const lease = await leases.acquire(name);
      const kept = leases.acquire(name, { shared: true });
      const told = leases.whenFree(name, { shared: true });
      lease.release();
      const keeper = await kept;
      await told;
      keeper.release();
    });

    test('list what is held under a prefix', async () => {
      const leases = await open();
      const prefix = fresh();
      const held = await Promise.all([
        leases.acquire(`${prefix}:b`),
        leases.acquire(`${prefix}:a`, { shared: true }),
        leases.acquire(`${prefix}:a`, { shared: true }),
      ]);
      expect(await leases.held(prefix)).toEqual([`${prefix}:a`, `${prefix}:b`]);
      expect(await leases.held(`${prefix}:b`)).toEqual([`${prefix}:b`]);
      for (const lease of held) lease.release();
      await leases.whenFree(`${prefix}:a`);
      await leases.whenFree(`${prefix}:b`);
      const after = await leases.acquire(`${prefix}:c`);
      expect(await leases.held(`${prefix}:c`)).toEqual([`${prefix}:c`]);
      after.release();
    });
  });
}
