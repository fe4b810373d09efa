import { compression, compressionConfig } from '../../programs/compression.ts';
import { defaultCompatibilityDate, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Who compresses or decompresses waits for no reader, and bytes that are no whole compressed stream are refused.',
  rows: ['1.global-scope'],
  config: compressionConfig(defaultCompatibilityDate),
  program: compression,
});
