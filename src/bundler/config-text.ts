/**
 * A wrangler config as text: which of the two formats it is, what value it holds, and where in the text a value stands.
 *
 * Promise: a text that cannot be read gives `config_invalid` with line and column; a text that can is handed on as a
 * plain object. Knows no key of wrangler's.
 */
import { findNodeAtLocation, getNodeValue, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import { parse as parseToml, TomlError } from 'smol-toml';
import type { SourceLocation } from '../base/errors.ts';
import { configInvalid, locate } from './faults.ts';

export type ConfigPath = readonly (string | number)[];

export interface ConfigSource {
  /** what the config is called in faults: its file's path, or `config` */
  label: string;
  value: Record<string, unknown>;
  /** the place of a key's value; undefined where the format or the form does not tell */
  locate(path: ConfigPath): SourceLocation | undefined;
}

/** Takes a config that was given as an object; such a config has no places. */
export function objectSource(value: Record<string, unknown>): ConfigSource {
  return { label: 'config', value, locate: () => undefined };
}

/** Reads jsonc or toml. Without a telling file name, a text that begins with `{` (comments aside) is jsonc. */
export function textSource(label: string, text: string): ConfigSource {
  const isToml = label.endsWith('.toml') || (!/\.jsonc?$/.test(label) && !/^\s*(\{|\/[/*])/.test(text));
  return isToml ? tomlSource(label, text) : jsoncSource(label, text);
}

function jsoncSource(label: string, text: string): ConfigSource {
  const errors: ParseError[] = [];
  const tree = parseTree(text, errors, { allowTrailingComma: true });
  const first = errors[0];
  if (first) throw configInvalid(`${jsoncSentence(first)}.`, locate(label, text, first.offset));
  const value: unknown = tree && getNodeValue(tree);
  if (!isRecord(value)) throw configInvalid('a wrangler config must be an object.', locate(label, text, 0));
  return {
    label,
    value,
    locate(path) {
      const node = tree && findNodeAtLocation(tree, [...path]);
      return node && locate(label, text, node.offset);
    },
  };
}

/** Says the position and reason of the first fault in JSON text, comments and trailing commas being faults. */
export function jsonFault(text: string): { offset: number; sentence: string } | undefined {
  const errors: ParseError[] = [];
  parseTree(text, errors, { disallowComments: true, allowTrailingComma: false });
  const first = errors[0];
  return first && { offset: first.offset, sentence: jsoncSentence(first) };
}

function jsoncSentence(error: ParseError): string {
  // "ValueExpected" reads "value expected"
  return printParseErrorCode(error.error).replace(/(?<=.)[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function tomlSource(label: string, text: string): ConfigSource {
  let value: unknown;
  try {
    value = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // the first line is the reason, the rest a drawing of the place
    const reason = (error.message.split('\n')[0] as string).replace(/^Invalid TOML document: /, '');
    throw configInvalid(`${reason}.`, { file: label, line: error.line, column: error.column }, error);
  }
  return { label, value: value as Record<string, unknown>, locate: (path) => locateToml(label, text, path) };
}

/** smol-toml keeps no places, so this finds the line that sets the last named key, when only one line does. */
function locateToml(label: string, text: string, path: ConfigPath): SourceLocation | undefined {
  const key = path.findLast((part) => typeof part === 'string');
  if (key === undefined) return undefined;
  const found: SourceLocation[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const match = /^(\s*(?:\[\[?\s*)?(?:[\w-]+\.)*["']?)([\w$-]+)["']?\s*(?:=|\])/.exec(line);
    if (match?.[2] === key) found.push({ file: label, line: index + 1, column: (match[1] as string).length + 1 });
  }
  return found.length === 1 ? found[0] : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
