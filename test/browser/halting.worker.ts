/** A thread that holds a lock for its life and then stops, one way or the other, in the middle of a task. */
import { halt } from '../../src/isolate/halt.ts';

export interface HaltingOrder {
  readonly lock: string;
  readonly how: 'halts' | 'spins';
}

self.onmessage = ({ data: { lock, how } }: MessageEvent<HaltingOrder>) => {
  void navigator.locks.request(lock, () => {
    self.postMessage('stops');
    // In a task of its own, as user code is; nobody must hear of what comes after.
    setTimeout(() => {
      if (how === 'spins') for (;;);
      try {
        halt();
      } finally {
        self.postMessage('goes on');
      }
    });
    return new Promise(() => {});
  });
};
