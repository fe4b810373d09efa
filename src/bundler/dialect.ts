/**
 * Finds, and where it can mends, the TypeScript that sucrase gets wrong without saying so.
 *
 * Promise: works on sucrase's own tokens, so a word in a string, a comment, a type or a property name is never mistaken.
 * A file in which none of the words occurs is not scanned at all.
 */
import { getFormattedTokens } from 'sucrase';
import { applyEdits, type Edit } from '../syntax/edits.ts';
import { bundleFailed, locate } from './faults.ts';

interface Word {
  /** sucrase's name of the token's kind: `name`, `{`, `import`, … */
  label: string;
  text: string;
  start: number;
  line: number;
}

const SUSPECT = /\b(?:namespace|module)\b|\bimport\s+(?:type\s+)?[\w$]+\s*=|\bexport\s*=/;
const MODIFIERS = new Set(['public', 'private', 'protected', 'readonly', 'override']);
const OPENING = new Set(['(', '[', '{', '${']);
const CLOSING = new Set([')', ']', '}']);

/**
 * Reads a TypeScript file for what sucrase would get wrong.
 *
 * `reason` says what TypeScript itself must compile: the end of "this file uses …". `namespace` bodies are what sucrase
 * drops (sucrase issue 465); an `import A = B.C` it keeps even when it names a type. Otherwise `source` is what to
 * give to sucrase: the file, with the fields of parameter properties declared, which sucrase only assigns. They come
 * before the other fields (esbuild and TypeScript do so), and `Object.keys` shows it.
 *
 * @throws SimulatorError `bundle_failed` for TypeScript's own CommonJS syntax
 * @throws whatever sucrase's parser throws
 */
export function prepare(path: string, source: string, isJsx: boolean): { reason: string } | { source: string } {
  if (!SUSPECT.test(source) && !mayHaveParameterProperties(source)) return { source };
  const words = readWords(source, isJsx);
  const reason = needsTypeScript(path, source, words);
  return reason === undefined ? { source: applyEdits(source, parameterFields(words)).code } : { reason };
}

/** Looks only where a constructor's parameters stand, as the token table costs five times what the compiling does. */
function mayHaveParameterProperties(source: string): boolean {
  for (const { index } of source.matchAll(/\bconstructor\s*\(/g)) {
    const open = source.indexOf('(', index);
    let depth = 0;
    let end = open;
    do {
      if (source[end] === '(') depth++;
      if (source[end] === ')') depth--;
      end++;
    } while (depth > 0 && end < source.length);
    const list = source.slice(open, end);
    // a quote or a comment may hide a parenthesis
    if (/["'`/]/.test(list) || /\b(?:public|private|protected|readonly|override)\b/.test(list)) return true;
  }
  return false;
}

function needsTypeScript(path: string, source: string, words: readonly Word[]): string | undefined {
  for (let index = 0; index < words.length; index++) {
    const [word, next, third, fourth] = words.slice(index, index + 4) as [Word, Word?, Word?, Word?];
    if (word.text === 'declare' && isDeclaredBlock(word, next)) {
      index = endOfBlock(words, index);
    } else if (isNamespace(word, next, third)) {
      return `"${word.text} ${next?.text}"`;
    } else if (word.label === 'import' && next?.label === 'name' && third?.label === '=') {
      if (fourth?.text === 'require') throw commonJs(path, source, word, `import ${next.text} = require()`);
      return `"import ${next.text} = …"`;
    } else if (word.label === 'export' && next?.label === '=') {
      throw commonJs(path, source, word, 'export =');
    }
  }
  return undefined;
}

/** Declares, right behind the brace of its class, each field that a constructor's parameter makes. */
function parameterFields(words: readonly Word[]): Edit[] {
  const edits: Edit[] = [];
  const braces: Word[] = [];
  for (const [index, word] of words.entries()) {
    if (word.label === '}') braces.pop();
    if (word.label === '{' || word.label === '${') braces.push(word);
    if (word.label !== 'name' || word.text !== 'constructor' || words[index + 1]?.label !== '(') continue;
    const names = parameterProperties(words, index + 1);
    const body = braces.at(-1);
    if (names.length > 0 && body) {
      const at = body.start + 1;
      edits.push({ start: at, end: at, text: names.map((name) => ` ${name};`).join('') });
    }
  }
  return edits;
}

/** Names of the parameters with a modifier, in the list that opens at `open`. */
function parameterProperties(words: readonly Word[], open: number): string[] {
  const names: string[] = [];
  let depth = 0;
  for (let at = open; at < words.length; at++) {
    const { label } = words[at] as Word;
    const next = words[at + 1];
    if (OPENING.has(label)) depth++;
    if (CLOSING.has(label) && --depth === 0) break;
    // a parameter that is called `readonly` has the kind `name`
    if (depth === 1 && MODIFIERS.has(label) && next?.label === 'name') names.push(next.text);
  }
  return names;
}

function commonJs(path: string, source: string, word: Word, what: string) {
  return bundleFailed(
    `"${what}" is CommonJS, which is not supported; use import and export.`,
    locate(path, source, word.start),
  );
}

function isNamespace(word: Word, name: Word | undefined, after: Word | undefined): boolean {
  if (word.label !== 'name' || (word.text !== 'namespace' && word.text !== 'module')) return false;
  if (name?.label !== 'name' || name.line !== word.line) return false;
  return after?.label === '{' || after?.label === '.';
}

function isDeclaredBlock(declare: Word, next: Word | undefined): boolean {
  return next?.line === declare.line && ['namespace', 'module', 'global'].includes(next.text);
}

/** Index of the brace that closes the first block after `index`; a `declare module 'x';` has none and ends at its line. */
function endOfBlock(words: readonly Word[], index: number): number {
  const start = words[index] as Word;
  let depth = 0;
  for (let at = index; at < words.length; at++) {
    const word = words[at] as Word;
    if (word.label === '{') depth++;
    else if (word.label === '}' && --depth === 0) return at;
    else if (depth === 0 && word.line !== start.line) return at - 1;
  }
  return words.length - 1;
}

/** sucrase hands out its tokens only as a printed table: place, kind, text and flags. */
function readWords(source: string, isJsx: boolean): Word[] {
  const transforms = isJsx ? (['typescript', 'jsx'] as const) : (['typescript'] as const);
  const table = getFormattedTokens(source, { transforms: [...transforms] });
  const starts = [0];
  for (let at = source.indexOf('\n'); at >= 0; at = source.indexOf('\n', at + 1)) starts.push(at + 1);
  const words: Word[] = [];
  for (const row of table.split('\n')) {
    const match = /^(\d+):(\d+)-(\d+):(\d+)\s+(\S+)/.exec(row);
    if (!match) continue;
    const [line, column, endLine, endColumn] = match.slice(1, 5).map(Number) as [number, number, number, number];
    const start = (starts[line - 1] ?? 0) + column - 1;
    const end = (starts[endLine - 1] ?? 0) + endColumn - 1;
    words.push({ label: match[5] as string, text: source.slice(start, end), start, line });
  }
  return words;
}
