/// <reference types="vite/client" />
/**
 * Every scenario in the tree, and where its transcript lies.
 *
 * Promise: a file under `scenarios/` is a scenario or an error; none is skipped. The order is that of the ids.
 */
import { existsSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Scenario, ScenarioSource } from './scenario.ts';
import { workerName } from './scenario.ts';

const files = import.meta.glob<{ subject?: ScenarioSource }>('./scenarios/*/*.ts', { eager: true });
const transcripts = fileURLToPath(new URL('./transcripts/', import.meta.url));

/** All scenarios, ordered by id. @throws Error for a file that exports no `subject` */
export function allScenarios(): Scenario[] {
  return Object.entries(files)
    .map(([path, module]) => {
      if (!module.subject) throw new Error(`${path} exports no scenario: export one as \`subject\`.`);
      return { ...module.subject, id: path.slice('./scenarios/'.length, -'.ts'.length) };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

/** The recorded transcript without its header, or undefined when it was never recorded. */
export function readTranscript(scenario: Scenario): string[] | undefined {
  const path = transcriptPath(scenario);
  if (!existsSync(path)) return undefined;
  const [header, ...lines] = readFileSync(path, 'utf8').replace(/\n$/, '').split('\n');
  if (header !== headerOf(scenario)) return undefined; // a new sentence wants a new recording
  return lines;
}

/** Writes a transcript. @returns whether the file changed */
export function writeTranscript(scenario: Scenario, lines: readonly string[]): boolean {
  const path = transcriptPath(scenario);
  const text = `${[headerOf(scenario), ...lines].join('\n')}\n`;
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return false;
  writeFileSync(path, text);
  return true;
}

/** File names of transcripts that belong to no scenario. */
export function strayTranscripts(scenarios: readonly Scenario[]): string[] {
  const known = new Set(scenarios.map((scenario) => `${workerName(scenario.id)}.txt`));
  return readdirSync(transcripts).filter((file) => !known.has(file));
}

export function deleteTranscript(file: string): void {
  unlinkSync(transcripts + file);
}

function transcriptPath(scenario: Scenario): string {
  return `${transcripts}${workerName(scenario.id)}.txt`;
}

function headerOf(scenario: Scenario): string {
  return `# ${scenario.name}`;
}
