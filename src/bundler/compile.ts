/**
 * One source file to one JavaScript module and its syntax tree.
 *
 * Promise: what comes out parses, does what TypeScript's own compiler would have made of it, and keeps every line where
 * the user wrote it. sucrase does this in a few milliseconds for nearly all code; what it drops without a word
 * (`namespace`) or does not know (decorators, `accessor`, `import A = B.C`) is found before anything is lost and goes
 * through TypeScript, which is loaded only then, and for a file that sucrase refuses: TypeScript has the last word.
 *
 * Knows nothing of other files.
 */
import { type Options, Parser, type Program, type Token } from 'acorn';
import { transform } from 'sucrase';
import { SimulatorError } from '../base/errors.ts';
import { prepare } from './dialect.ts';
import { bundleFailed, locate } from './faults.ts';
import type { Library } from './library.ts';
import { realign } from './realign.ts';
import { type CompilerSettings, withPragmas } from './tsconfig.ts';

export type TypeScript = typeof import('typescript');

export interface CompileTools {
  loadTypeScript?: () => Promise<TypeScript>;
  /** the modules of Node */
  loadNodeModules?: () => Promise<Library>;
  loadHtmlRewriter?: () => Promise<Library>;
}

export interface CompiledSource {
  code: string;
  program: Program;
  isTypeScript: boolean;
}

/** Why a file goes through TypeScript: the end of "this file uses …". */
type Reason = string;

/** @throws SimulatorError `bundle_failed` with the place of the first syntax error, or when TypeScript is needed and missing */
export async function compile(
  path: string,
  source: string,
  settings: CompilerSettings,
  tools: CompileTools,
): Promise<CompiledSource> {
  const isTypeScript = /\.(?:ts|mts|tsx)$/.test(path);
  const ofFile = path.endsWith('x') ? withPragmas(settings, source) : settings;
  if (settings.lowersAsync) {
    return { ...(await compileSlowly(path, source, ofFile, tools, 'AsyncLocalStorage')), isTypeScript };
  }
  if (!isTypeScript && !path.endsWith('.jsx')) {
    try {
      return { code: source, program: parseModule(source), isTypeScript };
    } catch (error) {
      const reason = unknownSyntax(source, positionOf(error));
      if (reason === undefined) throw syntaxFault(path, source, source, error);
      return { ...(await compileSlowly(path, source, settings, tools, reason)), isTypeScript };
    }
  }
  const outcome = compileFast(path, source, ofFile, isTypeScript);
  if ('code' in outcome) return { ...outcome, isTypeScript };
  if ('reason' in outcome) {
    return { ...(await compileSlowly(path, source, ofFile, tools, outcome.reason)), isTypeScript };
  }
  if (!isTypeScript || !tools.loadTypeScript) throw outcome.fault;
  // The fast parser does not know all of the language: what TypeScript takes is right after all.
  try {
    return { ...(await compileSlowly(path, source, ofFile, tools, 'syntax of its own')), isTypeScript };
  } catch (error) {
    if (error instanceof SimulatorError) throw outcome.fault;
    throw error;
  }
}

type FastOutcome = Omit<CompiledSource, 'isTypeScript'> | { reason: Reason } | { fault: SimulatorError };

/** @throws SimulatorError `bundle_failed` for what TypeScript would take and we do not */
function compileFast(path: string, source: string, settings: CompilerSettings, isTypeScript: boolean): FastOutcome {
  if (isTypeScript && settings.assignsClassFields && /\bclass\b/.test(source))
    return { reason: 'class fields that are assigned (see tsconfig.json)' };
  const isJsx = path.endsWith('x');
  let code: string;
  try {
    const prepared = isTypeScript ? prepare(path, source, isJsx) : { source };
    if ('reason' in prepared) return prepared;
    code = transform(prepared.source, {
      transforms: [...(isTypeScript ? ['typescript' as const] : []), ...(isJsx ? ['jsx' as const] : [])],
      disableESTransforms: true,
      keepUnusedImports: settings.keepsUnusedImports,
      production: true,
      jsxRuntime: settings.jsx,
      jsxPragma: settings.jsxFactory,
      jsxFragmentPragma: settings.jsxFragment,
      jsxImportSource: settings.jsxImportSource,
    }).code;
  } catch (error) {
    if (error instanceof SimulatorError) throw error;
    const reason = unknownSyntax(source, positionOf(error));
    return reason === undefined ? { fault: syntaxFault(path, source, source, error) } : { reason };
  }
  try {
    return { code, program: parseModule(code, { isTypeScript }) };
  } catch (error) {
    const reason = unknownSyntax(code, positionOf(error));
    return reason === undefined ? { fault: syntaxFault(path, source, code, error) } : { reason };
  }
}

/**
 * How TypeScript's helper awaits what is no promise: by a job of the engine's, which carries no context. A library whose
 * queries are thenables would begin each of them outside of its transaction.
 */
const ADOPTING = 'new P(function (resolve) { resolve(value); })';
const ADOPTING_IN_CONTEXT =
  'new P(function (resolve, reject) { const then = value && value.then; ' +
  "if (typeof then !== 'function') resolve(value); " +
  'else queueMicrotask(() => { try { then.call(value, resolve, reject); } catch (e) { reject(e); } }); })';

async function compileSlowly(
  path: string,
  source: string,
  settings: CompilerSettings,
  tools: CompileTools,
  reason: Reason,
): Promise<Omit<CompiledSource, 'isTypeScript'>> {
  if (!tools.loadTypeScript) {
    throw bundleFailed(`${path} uses ${reason}, which needs the TypeScript compiler, and none was given.`);
  }
  const ts = await tools.loadTypeScript();
  const output = ts.transpileModule(source, {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: {
      // the last target without decorators, `accessor` and `using`: all three are lowered
      target: settings.lowersAsync ? ts.ScriptTarget.ES2016 : ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      sourceMap: true,
      removeComments: true,
      verbatimModuleSyntax: settings.keepsUnusedImports,
      experimentalDecorators: settings.experimentalDecorators,
      useDefineForClassFields: !settings.assignsClassFields,
      jsx: settings.jsx === 'automatic' ? ts.JsxEmit.ReactJSX : ts.JsxEmit.React,
      jsxFactory: settings.jsxFactory,
      ...(settings.jsx === 'classic' ? { jsxFragmentFactory: settings.jsxFragment } : {}),
      ...(settings.jsx === 'automatic' ? { jsxImportSource: settings.jsxImportSource } : {}),
    },
  });
  const fault = output.diagnostics?.find((one) => one.category === ts.DiagnosticCategory.Error && one.file);
  if (fault) {
    const message = ts.flattenDiagnosticMessageText(fault.messageText, ' ').replace(/\.$/, '');
    throw bundleFailed(`${message}.`, locate(path, source, fault.start ?? 0));
  }
  const tokens: Token[] = [];
  const generated = output.outputText
    .replace(/\/\/# sourceMappingURL=\S+\s*$/, '')
    // The one helper that leaves out its semicolon, which is needed where lines are joined.
    .replace(/^(var __await = .*\})$/m, '$1;')
    .replace(ADOPTING, ADOPTING_IN_CONTEXT);
  parseModule(generated, { isTypeScript: true, tokens });
  const { mappings } = JSON.parse(output.sourceMapText as string) as { mappings: string };
  const code = realign(generated, tokens, mappings);
  return { code, program: parseModule(code, { isTypeScript: true }) };
}

/** Parses a module; TypeScript's may export names that are types only, which is checked with the other files in view. */
export function parseModule(
  code: string,
  { isTypeScript = false, tokens }: { isTypeScript?: boolean; tokens?: Token[] } = {},
): Program {
  const options: Options = {
    ecmaVersion: 'latest',
    sourceType: 'module',
    allowHashBang: true,
    preserveParens: true,
    ...(tokens ? { onToken: tokens } : {}),
  };
  return (isTypeScript ? TypeScriptOutput : Parser).parse(code, options);
}

const TypeScriptOutput = Parser.extend(
  (Base) =>
    class extends Base {
      /** acorn's check that an exported name is declared */
      checkLocalExport(): void {}
    },
);

/** Names the syntax that our fast parsers do not know and TypeScript does, if it stands at `position`. */
function unknownSyntax(code: string, position: number | undefined): Reason | undefined {
  if (position === undefined) return undefined;
  if (code[position] === '@') return 'decorators';
  if (/\baccessor\s+$/.test(code.slice(0, position))) return '"accessor" fields';
  return undefined;
}

/** Offset of the fault that acorn or sucrase found. @throws what is no syntax error */
function positionOf(error: unknown): number | undefined {
  if (!(error instanceof SyntaxError) && !(error instanceof Error && 'pos' in error)) throw error;
  const { pos } = error as { pos?: unknown };
  return typeof pos === 'number' ? pos : undefined;
}

/** Tells a syntax error found in `code` in terms of `source`, whose lines are the same. */
function syntaxFault(path: string, source: string, code: string, error: unknown): SimulatorError {
  const position = positionOf(error) ?? 0;
  const message = (error as Error).message.replace(/ \(\d+:\d+\)$/, '').replace(/\.$/, '');
  const found = locate(path, code, position);
  if (code === source) return bundleFailed(`${message}.`, found, error);
  // types were taken out of the line, so look for the same word, nearest to where it is now
  const word = /^(?:[\w$#]+|.)?/.exec(code.slice(position))?.[0] ?? '';
  const line = source.split(/\r\n|[\n\r\u2028\u2029]/)[found.line - 1] ?? '';
  let column = found.column;
  let distance = Number.POSITIVE_INFINITY;
  for (let at = word ? line.indexOf(word) : -1; at >= 0; at = line.indexOf(word, at + 1)) {
    if (Math.abs(at + 1 - found.column) >= distance) continue;
    distance = Math.abs(at + 1 - found.column);
    column = at + 1;
  }
  return bundleFailed(`${message}.`, { ...found, column }, error);
}
