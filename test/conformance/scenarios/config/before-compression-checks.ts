import { compression, compressionConfig } from '../../programs/compression.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Before 2023-08-01 a compressed stream may end early, and may have more behind it.',
  rows: ['1.global-scope'],
  config: compressionConfig('2023-07-31'),
  program: compression,
});
