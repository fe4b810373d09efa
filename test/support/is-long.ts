/** Whether the full sizes are wanted (`npm run test:long`), for tests that run in a browser: there is no environment to ask. */
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    isLong: boolean;
  }
}

export const isLong: boolean = inject('isLong');
