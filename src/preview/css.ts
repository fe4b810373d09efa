/**
 * The addresses in a style sheet.
 *
 * Promise: finds every `url(…)` and every `@import`, and nothing in comments and strings; the rest of the text is kept.
 * Follows the tokens of CSS Syntax 3 as far as addresses need it.
 */
import { applyEdits, type Edit } from '../syntax/edits.ts';

export interface CssAddress {
  /** as written, escapes undone */
  readonly address: string;
  readonly kind: 'url' | 'import';
  readonly start: number;
  readonly end: number;
}

/** In the order in which they stand. */
export function cssAddresses(css: string): CssAddress[] {
  const found: CssAddress[] = [];
  let isImport = false;
  let at = 0;
  while (at < css.length) {
    const rest = css.slice(at, at + 8).toLowerCase();
    const start = at;
    if (rest.startsWith('/*')) {
      const end = css.indexOf('*/', at + 2);
      at = end < 0 ? css.length : end + 2;
    } else if (css[at] === '"' || css[at] === "'") {
      const string = readString(css, at);
      at = string.end;
      if (isImport) found.push({ address: string.text, kind: 'import', start, end: at });
      isImport = false;
    } else if (rest.startsWith('url(') && !isNameBefore(css, at)) {
      const url = readUrl(css, at + 4);
      at = url.end;
      found.push({ address: url.text, kind: isImport ? 'import' : 'url', start, end: at });
      isImport = false;
    } else if (rest.startsWith('@import')) {
      isImport = true;
      at += 7;
    } else {
      if (css[at] === ';' || css[at] === '{') isImport = false;
      at += css[at] === '\\' ? 2 : 1;
    }
  }
  return found;
}

/** Puts other addresses in their places; undefined leaves one as it is. */
export function replaceAddresses(css: string, replace: (address: CssAddress) => string | undefined): string {
  const edits: Edit[] = [];
  for (const address of cssAddresses(css)) {
    const to = replace(address);
    if (to !== undefined) edits.push({ start: address.start, end: address.end, text: `url("${escapeCss(to)}")` });
  }
  return applyEdits(css, edits).code;
}

function isNameBefore(css: string, at: number): boolean {
  return /[\w-]/.test(css[at - 1] ?? ' ');
}

/** @param at  of the quote */
function readString(css: string, at: number): { text: string; end: number } {
  const quote = css[at];
  let text = '';
  let end = at + 1;
  while (end < css.length && css[end] !== quote) {
    if (css[end] === '\n') return { text, end }; // a string that was not closed ends with its line
    if (css[end] === '\\') {
      const escaped = readEscape(css, end);
      text += escaped.text;
      end = escaped.end;
    } else {
      text += css[end];
      end += 1;
    }
  }
  return { text, end: Math.min(end + 1, css.length) };
}

/** @param at  behind the parenthesis */
function readUrl(css: string, at: number): { text: string; end: number } {
  let end = at;
  while (/\s/.test(css[end] ?? '')) end += 1;
  if (css[end] === '"' || css[end] === "'") {
    const string = readString(css, end);
    const close = css.indexOf(')', string.end);
    return { text: string.text, end: close < 0 ? css.length : close + 1 };
  }
  let text = '';
  while (end < css.length && css[end] !== ')') {
    if (css[end] === '\\') {
      const escaped = readEscape(css, end);
      text += escaped.text;
      end = escaped.end;
    } else {
      text += css[end];
      end += 1;
    }
  }
  return { text: text.trim(), end: Math.min(end + 1, css.length) };
}

/** @param at  of the backslash */
function readEscape(css: string, at: number): { text: string; end: number } {
  const hex = /^[\da-f]{1,6}/i.exec(css.slice(at + 1, at + 7))?.[0];
  if (hex === undefined) return { text: css[at + 1] === '\n' ? '' : (css[at + 1] ?? ''), end: at + 2 };
  const end = at + 1 + hex.length;
  const code = Number.parseInt(hex, 16);
  const text = code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  return { text, end: /\s/.test(css[end] ?? '') ? end + 1 : end };
}

function escapeCss(text: string): string {
  return text.replace(/["\\\n]/g, (one) => `\\${one.codePointAt(0)?.toString(16)} `);
}
