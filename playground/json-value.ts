/**
 * Stored values as JSON text that a person can change.
 *
 * Promise: a value without a `jsonProblem` is equal to what its text is read back as.
 */

/** What JSON would lose of a value, as a sentence; undefined when it loses nothing. */
export function jsonProblem(value: unknown, seen: Set<object> = new Set()): string | undefined {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? undefined
        : none(Object.is(value, -0) ? '-0' : `${value}`);
    case 'object':
      break;
    default:
      return none(typeof value);
  }
  if (value === null) return undefined;
  if (seen.has(value)) return 'It refers to one object twice, which JSON cannot say.';
  seen.add(value);
  const kind = Object.prototype.toString.call(value).slice(8, -1);
  if (kind !== 'Array' && kind !== 'Object') return none(value.constructor.name);
  const parts = Object.values(value);
  if (kind === 'Array' && parts.length !== (value as unknown[]).length) return none('holes in arrays');
  for (const part of parts) {
    const problem = jsonProblem(part, seen);
    if (problem) return problem;
  }
  return undefined;
}

/** On one line when it is short. */
export function jsonText(value: unknown): string {
  const line = JSON.stringify(value);
  return line.length <= LINE_MAX ? line : JSON.stringify(value, null, 2);
}

export function parseJson(text: string): { readonly value: unknown } | { readonly problem: string } {
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return {
      problem: text.trim() === '' ? 'Write a value: a text stands in "quotes".' : `That is not JSON: ${error.message}.`,
    };
  }
}

const LINE_MAX = 40;

function none(what: string): string {
  return `JSON has no ${what}.`;
}
