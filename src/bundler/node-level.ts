/** How much of Node.js the date and the flags of a project give it. Knows nothing of its code. */
import { type NodeLevel, nodeLevelOf } from '../protocol/compatibility.ts';
import type { NormalConfig } from './config.ts';

export function nodeLevel(config: NormalConfig): NodeLevel {
  return nodeLevelOf({ date: config.compatibilityDate, flags: config.compatibilityFlags });
}
