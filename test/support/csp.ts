/**
 * The policies that the README documents, and what an embedder's page does under one.
 *
 * Promise: each policy is read from the README, so what is documented is what is tested.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './built.ts';

/** The `csp` blocks of the README in their order, each as one line. */
export function documentedPolicies(): string[] {
  const readme = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
  return [...readme.matchAll(/```csp\n(.*?)```/gs)].map(([, text = '']) => text.trim().replaceAll(/\s+/g, ' '));
}

/** Every policy that lacks one source of `policy`, and what it lacks. A directive without sources says `'none'`. */
export function weakened(policy: string): { without: string; policy: string }[] {
  const directives = policy.split(';').map((one) => one.trim().split(' '));
  return directives.flatMap(([name = '', ...sources], at) =>
    sources
      .filter((source) => source !== "'none'")
      .map((without) => {
        const rest = sources.filter((source) => source !== without);
        const changed = directives.with(at, [name, ...(rest.length > 0 ? rest : ["'none'"])]);
        return { without: `${name} ${without}`, policy: changed.map((one) => one.join(' ')).join('; ') };
      }),
  );
}
