/** Plays with a schedule in a worker's thread and says in which order things happened. */
import type { listen as Listen, Schedule } from '../../src/base/schedule.ts';

const scope = globalThis as unknown as Worker & EventTarget;
const nativePost = MessagePort.prototype.postMessage;
let posted = 0;
MessagePort.prototype.postMessage = function (this: MessagePort, ...args: unknown[]) {
  posted++;
  return (nativePost as (...all: unknown[]) => void).apply(this, args);
} as typeof nativePost;

// It takes the method when it is loaded.
const loading: Promise<{ schedule: Schedule; listen: typeof Listen }> = import('../../src/base/schedule.ts');

type Play = (
  tools: { schedule: Schedule; listen: typeof Listen },
  log: (what: string) => void,
  over: () => void,
) => void;

const plays: Record<string, Play> = {
  /** Tasks that wait together, each with microtasks of microtasks. */
  together({ schedule }, log, over) {
    for (let i = 0; i < 40; i++) {
      schedule(() => {
        log(`task ${i}`);
        void Promise.resolve()
          .then(() => Promise.resolve())
          .then(() => log(`after ${i}`));
      });
    }
    schedule(over);
    log('asked');
    void Promise.resolve().then(() => log('microtask'));
  },
  /** Each task asks for the next one, half of them in a microtask. */
  chained({ schedule }, log, over) {
    const step = (i: number) => {
      log(`task ${i}`);
      const go = () => schedule(() => (i === 39 ? over() : step(i + 1)));
      if (i % 2 === 0) go();
      else void Promise.resolve().then(go);
      void Promise.resolve().then(() => log(`after ${i}`));
    };
    schedule(() => step(0));
  },
  /** One that fails is an error of the thread; the others run. */
  failing({ schedule }, log, over) {
    scope.addEventListener('error', (event) => {
      event.preventDefault();
      log((event as ErrorEvent).message);
    });
    schedule(() => log('first'));
    schedule(() => {
      throw new Error('second');
    });
    schedule(() => log('third'));
    schedule(over);
  },
  /** A task that was asked for after a pause runs too. */
  paused({ schedule }, log, over) {
    schedule(() => log('before'));
    setTimeout(() => {
      schedule(() => log('after'));
      setTimeout(() => schedule(over), 20);
    }, 20);
  },
  /** What the handler of another event asks for, and what that asks for, needs no message. */
  served({ schedule, listen }, log, over) {
    const { port1, port2 } = new MessageChannel();
    let heard = 0;
    listen(
      port1,
      'message',
      () => {
        const number = ++heard;
        log(`event ${number}`);
        void Promise.resolve().then(() => schedule(() => log(`asked ${number}`)));
        schedule(() => {
          log(`task ${number}`);
          void Promise.resolve().then(() => log(`after ${number}`));
          if (number === 2) schedule(over);
        });
      },
      4,
    );
    port1.start();
    port2.postMessage(1);
    port2.postMessage(2);
    posted = 0;
  },
  /** More tasks than the event serves: the rest is for a message. */
  many({ schedule, listen }, log, over) {
    const { port1, port2 } = new MessageChannel();
    const handler = () => {
      for (let i = 0; i < 5; i++) schedule(() => log(`task ${i}`));
      schedule(over);
    };
    listen(port1, 'message', handler, 2);
    port1.start();
    port2.postMessage(1);
    posted = 0;
  },
};

scope.onmessage = async ({ data }: MessageEvent) => {
  const { schedule, listen } = await loading;
  const log: string[] = [];
  posted = 0;
  plays[data as string]?.(
    { schedule, listen },
    (what) => log.push(what),
    () => scope.postMessage({ log, posted }),
  );
};
