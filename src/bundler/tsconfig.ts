/**
 * What a project's `tsconfig.json` and config say about how its files are compiled.
 *
 * Promise: without a tsconfig the settings are those of wrangler's bundler. Only options that change what runs are read;
 * `extends` is not followed.
 * @see https://esbuild.github.io/content-types/#tsconfig-json
 */
import { type ParseError, parse } from 'jsonc-parser';
import type { NormalConfig } from './config.ts';
import { isRecord } from './config-text.ts';
import { bundleFailed, locate } from './faults.ts';

export interface CompilerSettings {
  jsx: 'classic' | 'automatic';
  jsxFactory: string;
  jsxFragment: string;
  jsxImportSource: string;
  /** an import that only types use is kept, unless it says `type` */
  keepsUnusedImports: boolean;
  experimentalDecorators: boolean;
  /** fields are assigned and not defined: TypeScript's way before ES2022 */
  assignsClassFields: boolean;
  /** `async` functions become generators over promises, whose steps the runtime can see */
  lowersAsync: boolean;
}

/** @throws SimulatorError `bundle_failed` when the text is not JSON (comments and trailing commas are allowed) */
export function compilerSettings(tsconfig: string | undefined, config: NormalConfig): CompilerSettings {
  const options = tsconfig === undefined ? {} : compilerOptions(tsconfig);
  const text = (key: string) => (typeof options[key] === 'string' ? options[key] : undefined);
  const target = text('target')?.toLowerCase();
  const isOldTarget = target !== undefined && /^es(?:3|5|6|20(?:1\d|2[01]))$/.test(target);
  return {
    jsx: text('jsx')?.startsWith('react-jsx') ? 'automatic' : 'classic',
    jsxFactory: config.jsxFactory ?? text('jsxFactory') ?? 'React.createElement',
    jsxFragment: config.jsxFragment ?? text('jsxFragmentFactory') ?? 'React.Fragment',
    jsxImportSource: text('jsxImportSource') ?? 'react',
    keepsUnusedImports: options['verbatimModuleSyntax'] === true,
    experimentalDecorators: options['experimentalDecorators'] === true,
    assignsClassFields:
      typeof options['useDefineForClassFields'] === 'boolean' ? !options['useDefineForClassFields'] : isOldTarget,
    lowersAsync: false,
  };
}

/** A line that is a comment, or goes on with one. */
const COMMENT_LINE = /^[ \t]*(?:\/\/|\/\*|\*)[^\n]*@jsx[^\n]*$/gm;
const PRAGMA = /@jsx(Frag|ImportSource|Runtime)?[ \t]+([^\s*]+)/g;

/** The settings as a file's own comments change them: `@jsx h`, `@jsxFrag`, `@jsxRuntime`, `@jsxImportSource`. */
export function withPragmas(settings: CompilerSettings, source: string): CompilerSettings {
  const said: Partial<CompilerSettings> = {};
  for (const [line] of source.matchAll(COMMENT_LINE)) {
    for (const [, what, value] of line.matchAll(PRAGMA)) {
      if (value === undefined) continue;
      if (what === undefined) said.jsxFactory = value;
      else if (what === 'Frag') said.jsxFragment = value;
      else if (what === 'ImportSource') said.jsxImportSource = value;
      else if (value === 'automatic' || value === 'classic') said.jsx = value;
    }
  }
  return { ...settings, ...said };
}

function compilerOptions(text: string): Record<string, unknown> {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first) throw bundleFailed('tsconfig.json is not valid JSON.', locate('tsconfig.json', text, first.offset));
  const options = isRecord(value) ? value['compilerOptions'] : undefined;
  return isRecord(options) ? options : {};
}
