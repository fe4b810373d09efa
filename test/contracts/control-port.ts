/** What a control connection promises, over the MessagePorts of any platform. */
import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { isSimulatorError, SimulatorError } from '../../src/base/errors.ts';
import { byReference, connectControl, exposeControl, withTransfer } from '../../src/network/control-port.ts';

class Teapot extends Error {
  override readonly name = 'Teapot';
  readonly spout = { length: 3 };
  readonly pour = () => 'not cloneable';
}

function makeApi() {
  return {
    add: (a: number, b: number) => a + b,
    async later<T>(value: T): Promise<T> {
      return value;
    },
    never: () => new Promise<string>(() => {}),
    failAs(kind: 'simulator' | 'type' | 'teapot' | 'text' | 'dom' | 'async'): never | Promise<never> {
      const location = { file: 'a.ts', line: 2, column: 3 };
      if (kind === 'simulator')
        throw new SimulatorError('bundle_failed', 'Bad file.', { cause: new RangeError('why'), location });
      if (kind === 'type') throw new TypeError('wrong');
      if (kind === 'teapot') throw new Teapot('short and stout');
      if (kind === 'text') throw 'only a text';
      if (kind === 'dom') throw new DOMException('aborted', 'AbortError');
      return Promise.reject(new SimulatorError('fenced', 'Later.'));
    },
    async call(back: (n: number) => number | Promise<number>) {
      return (await back(20)) + 1;
    },
    keep: undefined as ((n: number) => unknown) | undefined,
    take(back: (n: number) => unknown) {
      this.keep = back;
    },
    size: (bytes: Uint8Array) => bytes.length,
  };
}

const caught = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error: unknown) => error,
  );

export function controlContract(platform: string): void {
  const open = (died?: Promise<void>) => {
    const { port1, port2 } = new MessageChannel();
    const api = makeApi();
    const options = died ? { died } : {};
    const stop = exposeControl(api, port1, options);
    return { ...connectControl<ReturnType<typeof makeApi>>(port2, options), api, stop, port1 };
  };

  describe(`a control connection on the ports of ${platform}`, () => {
    test('calls, with results and callbacks', async () => {
      const { remote, release } = open();
      expect(await remote.add(1, 2)).toBe(3);
      expect(await remote.later({ deep: [1, new Map([['k', 2]])] })).toEqual({ deep: [1, new Map([['k', 2]])] });
      expect(await remote.call(byReference((n: number) => n * 2))).toBe(41);
      const bytes = new Uint8Array(100);
      expect(await remote.size(withTransfer(bytes, [bytes.buffer]))).toBe(100);
      expect(bytes.length).toBe(0);
      release();
    });

    test('keeps class, code, location and cause of a SimulatorError', async () => {
      const { remote, release } = open();
      const error = await caught(remote.failAs('simulator'));
      expect(isSimulatorError(error, 'bundle_failed')).toBe(true);
      expect(error).toMatchObject({ message: 'Bad file.', location: { file: 'a.ts', line: 2, column: 3 } });
      expect((error as Error).cause).toBeInstanceOf(RangeError);
      expect(isSimulatorError(await caught(remote.failAs('async')), 'fenced')).toBe(true);
      release();
    });

    test('keeps name, message, stack and own properties of other errors', async () => {
      const { remote, release } = open();
      const type = await caught(remote.failAs('type'));
      expect(type).toBeInstanceOf(TypeError);
      expect((type as Error).stack).toContain('failAs');
      const teapot = await caught(remote.failAs('teapot'));
      expect(teapot).toMatchObject({ name: 'Teapot', message: 'short and stout', spout: { length: 3 } });
      expect(teapot).not.toHaveProperty('pour');
      expect(await caught(remote.failAs('text'))).toBe('only a text');
      const dom = await caught(remote.failAs('dom'));
      expect(dom).toBeInstanceOf(DOMException);
      expect(dom).toMatchObject({ name: 'AbortError', message: 'aborted', code: DOMException.ABORT_ERR });
      release();
    });

    test('rejects what waits and what comes later when the peer dies', async () => {
      const death = deferred();
      const { remote } = open(death.promise);
      expect(await remote.add(1, 1)).toBe(2);
      const waiting = caught(remote.never());
      death.resolve();
      expect(isSimulatorError(await waiting, 'peer_gone')).toBe(true);
      expect(isSimulatorError(await caught(remote.add(1, 1)), 'peer_gone')).toBe(true);
    });

    test('rejects calls of a callback whose owner died', async () => {
      const death = deferred();
      const { port1, port2 } = new MessageChannel();
      const api = makeApi();
      exposeControl(api, port1, { died: death.promise });
      const { remote } = connectControl<typeof api>(port2);
      await remote.take(byReference(() => new Promise(() => {})));
      const waiting = caught(api.keep?.(1) as Promise<unknown>);
      death.resolve();
      expect(isSimulatorError(await waiting, 'peer_gone')).toBe(true);
      expect(isSimulatorError(await caught(api.keep?.(2) as Promise<unknown>), 'peer_gone')).toBe(true);
    });

    test('rejects what waits and what comes later when it is released', async () => {
      const { remote, release } = open();
      const waiting = caught(remote.never());
      release();
      release();
      expect(isSimulatorError(await waiting, 'closed')).toBe(true);
      expect(isSimulatorError(await caught(remote.add(1, 1)), 'closed')).toBe(true);
    });

    test('rejects what waits when the other end stops serving', async () => {
      const { remote, stop } = open();
      const waiting = caught(remote.never());
      expect(await remote.add(2, 2)).toBe(4);
      stop();
      expect(isSimulatorError(await waiting, 'closed')).toBe(true);
    });
  });
}
