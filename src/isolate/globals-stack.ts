/**
 * Keeps the runtime's own frames out of what a program reads as `error.stack`.
 *
 * Promise: a stack with a frame of the program's shows the program's alone, in the engine's own words; one without stays whole,
 * so that a fault of ours can be found. Nothing is done before somebody reads the stack.
 *
 * DIFFERS: `Error.prepareStackTrace` is this function until a program sets its own; on the platform it is undefined at first.
 */
import { arrayAppend, objectDefineProperty, regExpExec, uncurryThis } from '../base/primordials.ts';

interface CallSite {
  getScriptNameOrSourceURL(): string | null | undefined;
  toString(): string;
}

type Prepare = (error: unknown, sites: readonly CallSite[]) => unknown;
/** As far as this needs it: not every library of types knows that name. */
interface Preparing {
  new (message: string): Error;
  prepareStackTrace?: Prepare | undefined;
}

/** Modules that are loaded with a program and are none of its own. */
const OF_OURS = /\/durabox:/;
const errorToString = uncurryThis(Error.prototype.toString) as (error: unknown) => string;

/** Only where the engine asks for this: elsewhere stacks stay as they are. */
export function hideOwnFrames(scope: { readonly Error: unknown }): void {
  const errors = scope.Error as Preparing;
  const [site] = sitesHere(errors);
  if (!site) return;
  const nameOf = uncurryThis(site.getScriptNameOrSourceURL) as (site: unknown) => string | null | undefined;
  const textOf = uncurryThis(site.toString) as (site: unknown) => string;
  const own = nameOf(site);
  const isProgram = (one: CallSite) => {
    const name = nameOf(one);
    return typeof name === 'string' && name !== own && regExpExec(OF_OURS, name) === null;
  };
  const prepareStackTrace: Prepare = (error, sites) => {
    const shown: CallSite[] = [];
    for (let i = 0; i < sites.length; i++) {
      const one = sites[i] as CallSite;
      if (isProgram(one)) arrayAppend(shown, one);
    }
    const list = shown.length > 0 ? shown : sites;
    let text = headOf(error);
    for (let i = 0; i < list.length; i++) text += `\n    at ${textOf(list[i])}`;
    return text;
  };
  objectDefineProperty(errors, 'prepareStackTrace', {
    ...{ value: prepareStackTrace, writable: true, configurable: true, enumerable: false },
  });
}

function headOf(error: unknown): string {
  try {
    return errorToString(error);
  } catch {
    return '<error>'; // as the engine says when an error's own code throws
  }
}

/** The frames of this very call, as the engine gives them. */
function sitesHere(errors: Preparing): readonly CallSite[] {
  let found: readonly CallSite[] = [];
  errors.prepareStackTrace = (_error, sites) => {
    found = sites;
    return '';
  };
  void new errors('').stack;
  delete errors.prepareStackTrace;
  return found;
}
