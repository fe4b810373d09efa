/**
 * Which kind of module a file is, by wrangler's rules.
 *
 * Promise: a rule of the project comes before the default of its type and takes its place, unless it says
 * `fallthrough = true`. What a bundler reads by itself (scripts and JSON) needs no rule.
 * @see https://developers.cloudflare.com/workers/wrangler/bundling/
 */
import type { ModuleKind } from '../protocol/deployment.ts';
import type { ConfigReader } from './config-reader.ts';

export interface ModuleRule {
  type: RuleType;
  globs: string[];
  fallthrough: boolean;
}

type RuleType = 'ESModule' | 'CommonJS' | 'Text' | 'Data' | 'CompiledWasm';

const RULE_TYPES: readonly RuleType[] = ['ESModule', 'CommonJS', 'Text', 'Data', 'CompiledWasm'];

const KIND_OF: Record<RuleType, ModuleKind | 'commonjs'> = {
  ESModule: 'esm',
  CommonJS: 'commonjs',
  Text: 'text',
  Data: 'data',
  CompiledWasm: 'wasm',
};

const DEFAULT_RULES: readonly ModuleRule[] = [
  { type: 'Text', globs: ['**/*.txt', '**/*.html', '**/*.sql'], fallthrough: false },
  { type: 'Data', globs: ['**/*.bin'], fallthrough: false },
  { type: 'CompiledWasm', globs: ['**/*.wasm'], fallthrough: false },
];

const SCRIPT = /\.(?:js|mjs|jsx|ts|mts|tsx)$/;

export function readRules(reader: ConfigReader): ModuleRule[] {
  return reader.paths(['rules']).map((path) => {
    reader.expectKeys(path, ['type', 'globs', 'fallthrough']);
    const text = reader.string([...path, 'type']);
    const type = RULE_TYPES.find((known) => known === text);
    if (!type) throw reader.fault([...path, 'type'], `is "${text}" and must be one of ${RULE_TYPES.join(', ')}`);
    const globs = reader.strings([...path, 'globs']);
    if (globs.length === 0) throw reader.fault([...path, 'globs'], 'must name at least one pattern');
    return { type, globs, fallthrough: reader.get([...path, 'fallthrough']) === true };
  });
}

/** Gives the kind of each path; undefined when no rule speaks of it. */
export function kindByRules(rules: readonly ModuleRule[]): (path: string) => ModuleKind | 'commonjs' | undefined {
  const complete = new Set<RuleType>();
  const matchers: { kind: ModuleKind | 'commonjs'; patterns: RegExp[] }[] = [];
  for (const rule of [...rules, ...DEFAULT_RULES]) {
    if (complete.has(rule.type)) continue;
    if (!rule.fallthrough) complete.add(rule.type);
    matchers.push({ kind: KIND_OF[rule.type], patterns: rule.globs.map(globToRegExp) });
  }
  return (path) => {
    const matched = matchers.find(({ patterns }) => patterns.some((pattern) => pattern.test(path)));
    if (matched) return matched.kind;
    if (SCRIPT.test(path)) return 'esm';
    if (path.endsWith('.json')) return 'json';
    return path.endsWith('.cjs') || path.endsWith('.cts') ? 'commonjs' : undefined;
  };
}

/** `**` crosses folders, `*` and `?` stay within one, `{a,b}` is either; a leading `./` means nothing. */
function globToRegExp(glob: string): RegExp {
  const source = glob
    .replace(/^\.\/|\?module$/g, '')
    .replace(/\*\*\/|\*\*|\*|\?|\{[^{}]*\}|[\\^$.|+()[\]{}]/g, (part) => {
      if (part === '**/') return '(?:.*/)?';
      if (part === '**') return '.*';
      if (part === '*') return '[^/]*';
      if (part === '?') return '[^/]';
      if (part.length > 1) return `(?:${part.slice(1, -1).split(',').map(escapeAll).join('|')})`;
      return `\\${part}`;
    });
  return new RegExp(`^${source}$`);
}

function escapeAll(text: string): string {
  return text.replace(/[\\^$.|+()[\]{}]/g, '\\$&').replace(/\*/g, '[^/]*');
}
