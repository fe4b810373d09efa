/** What becomes of instances of older code: who is replaced at once, who when it rests, who when its delay is over. */
import { expect, test } from 'vitest';
import { type Deferred, deferred, TaskSet } from '../../src/base/async.ts';
import { ManualClock, type VirtualMs } from '../../src/base/clock.ts';
import { CodeUpdate, RESET_PATIENCE_MS, type Replaceable, UPDATE_DELAY_MS } from '../../src/host/code-update.ts';
import type { CurrentDeployment } from '../../src/host/deployments.ts';
import type { CodeUpdateStrategy } from '../../src/protocol/deployment.ts';
import type { WireError } from '../../src/protocol/link.ts';
import { type Epoch, type UniqueKey, uniqueKey } from '../../src/protocol/names.ts';
import { ErrorCodec } from '../../src/rpc/errors.ts';
import { ExternalRegistry } from '../../src/rpc/externals.ts';
import { seenError } from '../support/seen-error.ts';

const NAMESPACE = uniqueKey('s', 'Obj');
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
const codec = new ErrorCodec({ registry: new ExternalRegistry([]), enhancedErrors: true });

/** An instance under an older deployment; the test says what it is doing. */
class Instance implements Replaceable {
  isEnded = false;
  isBusy: boolean;
  /** it computes on and hears of nothing */
  isDeaf = false;
  readonly told: string[] = [];
  /** how often it was asked to end in good order */
  drainCount = 0;
  readonly assigned: Replaceable['assigned'];
  readonly #terminated: Deferred<void> = deferred();

  constructor({ deployment = 1, namespace = NAMESPACE, isBusy = false } = {}) {
    this.isBusy = isBusy;
    this.assigned = { deployment, role: { kind: 'object', namespace } } as Replaceable['assigned'];
  }

  readonly isolate: Replaceable['isolate'] = {
    reset: (error: WireError) => {
      if (!this.isDeaf) this.end(error);
    },
    terminated: this.#terminated.promise,
  };

  async live(): Promise<Epoch | undefined> {
    return this.isEnded ? undefined : (1 as Epoch);
  }

  async drain(): Promise<string | undefined> {
    this.drainCount++;
    if (this.isBusy && !this.isEnded) return 'an event is under way';
    if (!this.isEnded) this.end(undefined);
    return undefined;
  }

  end(error: WireError | undefined): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.told.push(error ? JSON.stringify(seenError(codec.decode(error))) : 'ended in good order');
    this.#terminated.resolve();
  }
}

const RESET = JSON.stringify({
  message: 'Durable Object reset because its code was updated.',
  durableObjectReset: true,
});

function machine(codeUpdate?: CodeUpdateStrategy, namespace: UniqueKey = NAMESPACE) {
  const virtual = new ManualClock<VirtualMs>();
  const real = new ManualClock();
  const errors: unknown[] = [];
  const tasks = new TaskSet((error) => errors.push(error));
  const updates = new CodeUpdate({
    virtual,
    clock: real,
    tasks,
    newest: () => 2,
    onError: (error) => errors.push(error),
  });
  const script = { name: 's', ...(codeUpdate ? { codeUpdate } : {}) };
  const classes = new Map([['Obj', { namespace, storage: 'sqlite' }]]);
  const current = { number: 2, scripts: [script], ledger: { scripts: new Map([['s', { classes }]]) } };
  return {
    virtual,
    real,
    tasks,
    errors,
    replace: (...all: Instance[]) => updates.replace(all, current as unknown as CurrentDeployment),
  };
}

test('immediate: idle or busy, it is reset, and whoever deploys hears of it when it is gone', async () => {
  const { replace, virtual } = machine({ mode: 'immediate' });
  const [idle, busy] = [new Instance(), new Instance({ isBusy: true })];
  await replace(idle, busy);
  expect([idle.told, busy.told]).toEqual([[RESET], [RESET]]);
  expect(virtual.pending).toBe(0);
});

test('immediate: one that computes on is ended by the host, with the same error', async () => {
  const { replace, real } = machine({ mode: 'immediate' });
  const instance = new Instance({ isBusy: true });
  instance.isDeaf = true;
  let isDone = false;
  const replaced = replace(instance).then(() => {
    isDone = true;
  });
  await settle();
  await real.advance(RESET_PATIENCE_MS - 1, settle);
  expect([instance.told, isDone]).toEqual([[], false]);
  await real.advance(1, settle);
  await replaced;
  expect(instance.told).toEqual([RESET]);
});

test('deferred is what happens by default: one at rest goes at once, and nobody notices', async () => {
  const { replace, virtual } = machine();
  const instance = new Instance();
  await replace(instance);
  await settle();
  expect(instance.told).toEqual(['ended in good order']);
  expect(virtual.pending).toBe(0);
});

test('deferred: whoever deploys hears of it when those that nothing holds are gone, and waits no longer for one that computes', async () => {
  const { replace, real } = machine();
  const [instance, deaf] = [new Instance(), new Instance()];
  const asked = deferred();
  instance.drain = async () => {
    await asked.promise;
    return Instance.prototype.drain.call(instance);
  };
  deaf.drain = () => new Promise(() => {});
  const events: string[] = [];
  const replaced = [replace(instance), replace(deaf)].map((one, i) => one.then(() => events.push(`deployed ${i}`)));
  await settle();
  await real.advance(RESET_PATIENCE_MS - 1, settle);
  expect([events, instance.told]).toEqual([[], []]);
  asked.resolve();
  await replaced[0];
  expect([events, instance.told]).toEqual([['deployed 0'], ['ended in good order']]);
  await real.advance(1, settle);
  expect(events).toEqual(['deployed 0', 'deployed 1']);
});

test('deferred: one that is busy goes when it has come to rest, within its delay', async () => {
  const { replace, virtual, real, tasks } = machine({ mode: 'deferred', maxDelayMs: 10_000 });
  const instance = new Instance({ isBusy: true });
  await replace(instance);
  await settle();
  expect(instance.drainCount).toBe(1); // and again after a pause only
  await virtual.advance(9_999, settle);
  await real.advance(60_000, settle);
  expect(instance.told).toEqual([]);
  await tasks.idle(); // a host that was not at rest meanwhile would keep the clock from moving
  instance.isBusy = false;
  await real.advance(100, settle);
  expect(instance.told).toEqual(['ended in good order']);
  expect(virtual.pending).toBe(0);
});

test.each([
  ['its own', { mode: 'deferred', maxDelayMs: 10_000 } as const, 10_000],
  ["the platform's", { mode: 'deferred' } as const, UPDATE_DELAY_MS],
  ["the platform's, where nothing is said", undefined, UPDATE_DELAY_MS],
])('deferred: one that stays busy is reset when the delay is over: %s', async (_whose, strategy, delayMs) => {
  const { replace, virtual, real, errors } = machine(strategy);
  const instance = new Instance({ isBusy: true });
  await replace(instance);
  await virtual.advance(delayMs - 1, settle);
  expect(instance.told).toEqual([]);
  await virtual.advance(1, settle);
  expect(instance.told).toEqual([RESET]);
  await real.advance(200, settle);
  expect([real.pending, virtual.pending, errors]).toEqual([0, 0, []]);
});

test('deferred without a delay, and a class that is gone, are reset at once', async () => {
  const hasty = new Instance({ isBusy: true });
  await machine({ mode: 'deferred', maxDelayMs: 0 }).replace(hasty);
  const orphan = new Instance({ isBusy: true });
  await machine({ mode: 'deferred' }, uniqueKey('s', 'Other')).replace(orphan);
  expect([hasty.told, orphan.told]).toEqual([[RESET], [RESET]]);
});

test('one of the newest code, or one that has ended meanwhile, is left alone', async () => {
  const newest = new Instance({ deployment: 2 });
  const ended = new Instance();
  ended.end(undefined);
  await machine({ mode: 'immediate' }).replace(newest, ended);
  expect([newest.told, ended.told]).toEqual([[], ['ended in good order']]);
});
