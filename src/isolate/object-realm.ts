/** What an object needs of its realm; the isolate's Runtime has it all. Knows nothing of how that is made. */
import type { Runtime } from './runtime.ts';

export type ObjectRealm = Pick<
  Runtime,
  'after' | 'codecs' | 'compatibility' | 'env' | 'log' | 'networkWaits' | 'values'
> & {
  readonly bindings: Pick<Runtime['bindings'], 'ctxExports'>;
  readonly sockets: Pick<Runtime['sockets'], 'beside' | 'classes' | 'count' | 'hibernatable'>;
  readonly random: Runtime['random'];
  readonly virtualClock: Pick<Runtime['virtualClock'], 'now'>;
  readonly channels: Pick<Runtime['channels'], 'isQuiet' | 'isNeeded' | 'isHolding'>;
  readonly connector: Pick<Runtime['connector'], 'close' | 'isHolding'>;
  readonly stillness: Pick<Runtime['stillness'], 'touch'>;
  readonly timers: Pick<Runtime['timers'], 'activeCount' | 'isHeldBack'>;
};
