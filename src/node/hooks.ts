/** What the isolate lends to the modules of Node. */
import lent from 'durabox:node';
import type { NodeHooks } from '../protocol/node-hooks.ts';

export const hooks = lent as NodeHooks;
