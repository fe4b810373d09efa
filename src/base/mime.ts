/**
 * MIME types, taken apart and written down as the standard says.
 *
 * Promise: type, subtype and the names of parameters are in small letters; of two parameters of one name the first counts.
 * @see https://mimesniff.spec.whatwg.org/#parsing-a-mime-type
 */
import { arrayAppend, regExpExec } from './primordials.ts';

export interface MimeType {
  readonly type: string;
  readonly subtype: string;
  /** in the order in which they were written */
  readonly parameters: readonly (readonly [name: string, value: string])[];
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const ESSENCE = /^[\t\n\r ]*([^/]*)\/([^;]*?)[\t\n\r ]*(;|$)/;
/** what stands between two semicolons; a text in quotes ends where they do, or never */
const PARAMETER = /[\t\n\r ]*([^;=]*)(?:=(?:"((?:[^"\\]|\\[\s\S])*)(?:"[^;]*|\\?$)|([^;]*)))?(?:;|$)/y;

/** Undefined for what is none. */
export function parseMime(text: string): MimeType | undefined {
  const essence = regExpExec(ESSENCE, text);
  const type = essence?.[1] ?? '';
  const subtype = essence?.[2] ?? '';
  if (!essence || regExpExec(TOKEN, type) === null || regExpExec(TOKEN, subtype) === null) return undefined;
  const parameters: [string, string][] = [];
  for (PARAMETER.lastIndex = essence[0].length; PARAMETER.lastIndex < text.length; ) {
    const found = regExpExec(PARAMETER, text);
    if (!found) break;
    const name = (found[1] ?? '').toLowerCase();
    const isQuoted = found[2] !== undefined;
    const value = isQuoted
      ? (found[2] as string).replace(/\\([\s\S])/g, '$1')
      : (found[3] ?? '').replace(/[\t\n\r ]+$/, '');
    if ((value === '' && !isQuoted) || regExpExec(TOKEN, name) === null || regExpExec(VALUE, value) === null) continue;
    if (!has(parameters, name)) arrayAppend(parameters, [name, value]);
  }
  return { type: type.toLowerCase(), subtype: subtype.toLowerCase(), parameters };
}

/** A form's parameters stand after a space, as workerd writes them; all others as in the standard. */
export function mimeText({ type, subtype, parameters }: MimeType): string {
  const essence = `${type}/${subtype}`;
  const before = essence === 'multipart/form-data' ? '; ' : ';';
  return parameters.length === 0 ? essence : `${essence}${before}${parametersText(parameters, before)}`;
}

export function parametersText(parameters: MimeType['parameters'], between: string): string {
  let text = '';
  for (let i = 0; i < parameters.length; i++) {
    const { 0: name, 1: value } = parameters[i] as readonly [string, string];
    const written = regExpExec(TOKEN, value) === null ? `"${value.replace(/["\\]/g, '\\$&')}"` : value;
    text += `${i > 0 ? between : ''}${name}=${written}`;
  }
  return text;
}

function has(parameters: readonly (readonly [string, string])[], name: string): boolean {
  for (let i = 0; i < parameters.length; i++) if (parameters[i]?.[0] === name) return true;
  return false;
}
