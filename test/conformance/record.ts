/**
 * Renews the transcripts by playing every scenario on workerd.
 *
 * Promise: what is written is what workerd did in this run, and the caller learns what changed. Nothing is written
 * when a scenario fails.
 */
import { allScenarios, deleteTranscript, readTranscript, strayTranscripts, writeTranscript } from './catalogue.ts';
import { openWorkerd } from './drivers/workerd.ts';

export interface RecordOptions {
  /** only scenarios whose id contains this text */
  only?: string;
  /** compare only: write nothing */
  check: boolean;
}

export interface Recording {
  scenarioCount: number;
  /** ids of scenarios whose transcript differs from the one before */
  changed: string[];
  /** files that belonged to no scenario */
  removed: string[];
}

/** Plays and records. @throws Error when workerd does not start or a scenario does not finish */
export async function record({ only, check }: RecordOptions): Promise<Recording> {
  const all = allScenarios();
  const scenarios = all.filter((scenario) => scenario.id.includes(only ?? ''));
  const driver = await openWorkerd(scenarios);
  const played: { scenario: (typeof scenarios)[number]; lines: string[] }[] = [];
  try {
    for (const scenario of scenarios) played.push({ scenario, lines: await driver.run(scenario) });
  } finally {
    await driver.close();
  }
  const changed: string[] = [];
  for (const { scenario, lines } of played) {
    const same = check ? readTranscript(scenario)?.join('\n') === lines.join('\n') : !writeTranscript(scenario, lines);
    if (!same) changed.push(scenario.id);
  }
  const removed = strayTranscripts(all);
  if (!check) for (const file of removed) deleteTranscript(file);
  return { scenarioCount: scenarios.length, changed, removed };
}
