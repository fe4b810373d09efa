/** Nesting that is too deep, told apart from every other failure on every engine. */
import { stringIndexOf } from '../base/primordials.ts';

const RangeError_ = RangeError;
/** What V8 throws, and workerd with it, for a value that is nested too deep to write. */
export function tooDeepError(): RangeError {
  return new RangeError_('Maximum call stack size exceeded');
}

/** The engine's own overflow: a RangeError in V8 and JavaScriptCore, an InternalError in SpiderMonkey. */
export function isStackOverflow(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'InternalError') return stringIndexOf(error.message, 'too much recursion') === 0;
  return error instanceof RangeError_ && stringIndexOf(error.message, 'Maximum call stack size exceeded') === 0;
}
